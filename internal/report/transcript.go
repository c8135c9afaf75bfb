package report

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"slipway/internal/fault"
)

// Statement is a report with what it speaks of: which content of whose submission was proved, when, and in which network.
type Statement struct {
	Network     string    `json:"network"` // its address
	Name        string    `json:"name"`    // of the integration
	Submission  string    `json:"submission"`
	ContentHash string    `json:"content_hash"` // what the verdict is bound to
	Run         string    `json:"run"`
	Ended       time.Time `json:"ended"`
	Report      Report    `json:"report"`
}

// transcriptType is the payload type of a signed statement.
const transcriptType = "application/vnd.slipway.transcript+json"

// Sign writes the statement as a DSSE envelope with one Ed25519 signature: whoever has the network's public key can tell
// that nobody has changed a word of it.
func Sign(ctx context.Context, w io.Writer, s Statement, key ed25519.PrivateKey) error {
	payload, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write statement of %s: %w", s.Run, err)
	}
	signer, err := dsse.NewEnvelopeSigner(signingKey{key})
	if err != nil {
		return fmt.Errorf("sign transcript of %s: %w", s.Run, err)
	}
	envelope, err := signer.SignPayload(ctx, transcriptType, payload)
	if err != nil {
		return fmt.Errorf("sign transcript of %s: %w", s.Run, err)
	}
	return json.NewEncoder(w).Encode(envelope)
}

// OpenTranscript returns the statement if the key has signed it as it stands; every other answer is a sentence.
func OpenTranscript(ctx context.Context, data []byte, key ed25519.PublicKey) (Statement, error) {
	var envelope dsse.Envelope
	if err := json.Unmarshal(data, &envelope); err != nil || envelope.PayloadType != transcriptType {
		return Statement{}, fault.New(fault.Invalid, "This file is no signed transcript of a lab run.")
	}
	verifier, err := dsse.NewEnvelopeVerifier(verifyingKey{key})
	if err != nil {
		return Statement{}, fmt.Errorf("open transcript: %w", err)
	}
	_, payload, err := verifier.VerifyAndDecode(ctx, &envelope)
	if err != nil {
		return Statement{}, fault.New(fault.Invalid, "The signature does not hold: the transcript was changed, or another network's key has signed it.")
	}
	var s Statement
	if err := json.Unmarshal(payload, &s); err != nil {
		return Statement{}, fault.New(fault.Unavailable, "The signature holds, but this version of Slipway cannot read the statement. Use a newer one.")
	}
	return s, nil
}

type signingKey struct{ ed25519.PrivateKey }

func (k signingKey) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(k.PrivateKey, data), nil
}

func (k signingKey) KeyID() (string, error) { return KeyID(k.Public().(ed25519.PublicKey)) }

type verifyingKey struct{ ed25519.PublicKey }

func (k verifyingKey) Verify(_ context.Context, data, signature []byte) error {
	if !ed25519.Verify(k.PublicKey, data, signature) {
		return fault.New(fault.Invalid, "The signature does not hold.")
	}
	return nil
}

func (k verifyingKey) KeyID() (string, error)   { return KeyID(k.PublicKey) }
func (k verifyingKey) Public() crypto.PublicKey { return k.PublicKey }

// KeyID names a public key as SSH does: "SHA256:" and its fingerprint.
func KeyID(key ed25519.PublicKey) (string, error) {
	id, err := dsse.SHA256KeyID(key)
	if err != nil {
		return "", fmt.Errorf("name key: %w", err)
	}
	return id, nil
}
