package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const canary = "canary-7f3a91"

func TestTextNeverShowsItsValue(t *testing.T) {
	text := NewText(canary)
	held := struct{ Token Text }{text}
	hidden := struct{ token Text }{text}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", text, "held", held)
	asJSON, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string]string{
		"%v": fmt.Sprintf("%v", text), "%s": fmt.Sprintf("%s", text), "%q": fmt.Sprintf("%q", text), "%#v": fmt.Sprintf("%#v", held),
		"%+v": fmt.Sprintf("%+v", held), "%x": fmt.Sprintf("%x", text), "json": string(asJSON), "log": log.String(), "hidden": fmt.Sprintf("%v %+v %#v", hidden, hidden, hidden), "pointer": fmt.Sprintf("%+v", &hidden), "error": fmt.Errorf("bad %v", text).Error(),
	} {
		if strings.Contains(shown, canary) || strings.Contains(shown, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s shows the secret: %s", name, shown)
		}
	}
	if text.Reveal() != canary {
		t.Error("Reveal lost the value")
	}
}

// Covers H-23: a sealed value opens only where it was sealed.
func TestSealedValueIsBoundToItsPlace(t *testing.T) {
	keys, _, err := NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := keys.Seal(Place("drafts", "sub_a", "token"), NewText(canary))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte(canary)) {
		t.Error("the sealed bytes contain the value")
	}
	for _, place := range []string{Place("drafts", "sub_b", "token"), Place("drafts", "sub_a", "password"), Place("installations", "sub_a", "token")} {
		if got, err := keys.Open(place, sealed); err == nil {
			t.Errorf("opened at %s as %q", place, got.Reveal())
		}
	}
	if got, err := keys.Open(Place("drafts", "sub_a", "token"), sealed); err != nil || got.Reveal() != canary {
		t.Errorf("at its own place: %v, %v", got, err)
	}
}

func TestKeysetFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "keyset.json")
	first, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	sealed, err := first.Seal("p", NewText(canary))
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("p", sealed); err != nil || got.Reveal() != canary {
		t.Errorf("after a restart: %v, %v", got, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreate(path); err == nil {
		t.Error("a keyset that others can read was accepted")
	}
	if _, err := ParseKeyset([]byte(`{"key":"` + canary + `"}`)); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("a broken keyset: %v", err)
	}
}
