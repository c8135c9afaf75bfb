package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"slipway/internal/fault"
	"slipway/internal/secret"
)

var transcriptKeyPlace = secret.Place("transcript_keys", "current", "seed_sealed")

// TranscriptKey returns the key with which this network signs transcripts. It is made at its first use; of two nodes
// that make one at once, both get the one that was stored.
func (s *Store) TranscriptKey(ctx context.Context) (ed25519.PrivateKey, error) {
	key, err := s.readTranscriptKey(ctx)
	if fault.CodeOf(err) != fault.NotFound {
		return key, err
	}
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails
	sealed, err := s.keys.Seal(transcriptKeyPlace, secret.NewText(base64.StdEncoding.EncodeToString(seed)))
	if err != nil {
		return nil, err
	}
	if _, err := s.exec(ctx, `
		INSERT INTO transcript_keys (id, seed_sealed, created_at) VALUES ('current', $1, $2) ON CONFLICT (id) DO NOTHING`, sealed, Now()); err != nil {
		return nil, fmt.Errorf("store transcript key: %w", err)
	}
	return s.readTranscriptKey(ctx)
}

func (s *Store) readTranscriptKey(ctx context.Context) (ed25519.PrivateKey, error) {
	var sealed []byte
	if err := s.get(ctx, &sealed, `SELECT seed_sealed FROM transcript_keys WHERE id = 'current'`); err != nil {
		return nil, err
	}
	text, err := s.keys.Open(transcriptKeyPlace, sealed)
	if err != nil {
		return nil, err
	}
	seed, err := base64.StdEncoding.DecodeString(text.Reveal())
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("read transcript key: %d bytes, %w", len(seed), err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
