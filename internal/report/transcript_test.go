package report

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
)

// What was signed is what is read; with another key, or as another kind of file, nothing is.
func TestSignedAndOpened(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Statement{Network: "https://network.example", Run: "run_1", ContentHash: "abc", Report: sample()}
	var signed bytes.Buffer
	if err := Sign(t.Context(), &signed, want, private); err != nil {
		t.Fatal(err)
	}
	got, err := OpenTranscript(t.Context(), signed.Bytes(), public)
	if err != nil || written(t, "json", got.Report) != written(t, "json", want.Report) || got.ContentHash != want.ContentHash {
		t.Errorf("opened: %v, %s", err, cmp.Diff(want, got))
	}
	if _, err := OpenTranscript(t.Context(), signed.Bytes(), foreign); err == nil || !strings.Contains(fault.Show(err).Message, "signature does not hold") {
		t.Errorf("with another network's key: %v", err)
	}
	if _, err := OpenTranscript(t.Context(), []byte(`{"verdict":"passed"}`), public); err == nil || !strings.Contains(fault.Show(err).Message, "no signed transcript") {
		t.Errorf("a file that is none: %v", err)
	}
}
