package web

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"

	"slipway/internal/lab/runs"
	"slipway/internal/registry"
	"slipway/internal/report"
)

// signTranscript writes a run's report, with what it speaks of, signed by the network.
func (s *Server) signTranscript(w http.ResponseWriter, r *http.Request, d registry.Dossier, run runs.Run, rep report.Report) error {
	key, err := s.SignWith(r.Context())
	if err != nil {
		return err
	}
	statement := report.Statement{
		Network: s.Address, Name: d.Submission.Name(), Submission: d.Submission.ID, ContentHash: run.Hash, Run: run.ID, Report: rep,
	}
	if run.EndedAt != nil {
		statement.Ended = run.EndedAt.UTC()
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="`+run.ID+`.transcript.json"`)
	return report.Sign(r.Context(), w, statement, key)
}

// showTranscriptKey handles GET /transcript-key.pem: with it, anybody can check a transcript.
func (s *Server) showTranscriptKey(w http.ResponseWriter, r *http.Request) error {
	key, err := s.SignWith(r.Context())
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public().(ed25519.PublicKey))
	if err != nil {
		return fmt.Errorf("write public key: %w", err)
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	return pem.Encode(w, &pem.Block{Type: "PUBLIC KEY", Bytes: der})
}
