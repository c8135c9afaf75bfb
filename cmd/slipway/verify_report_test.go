package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/access"
)

// A transcript from a run's page is checked by one command; a word that was changed, another network's key, and a file
// that is none are refused.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	vendor := s.actor(t, "harbor", "vera@example.com", access.Vendor)
	id, err := s.seedDraft(t.Context(), vendor, whole("Ship"), strings.TrimSuffix(s.target, "/scim/v2"))
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.registry.Verify(t.Context(), vendor, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.awaitVerdict(t.Context(), vendor, id); err != nil {
		t.Fatal(err)
	}
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	signed := vera.get("/submissions/" + id + "/runs/" + run + "/transcript.json")
	if signed.Status != http.StatusOK || strings.Contains(signed.Body, demoToken) {
		t.Fatalf("the transcript: %d", signed.Status)
	}
	if got := s.as(t, "rival", "rita@example.com", access.Vendor).get("/submissions/" + id + "/runs/" + run + "/transcript.json"); got.Status != http.StatusNotFound {
		t.Errorf("another org's transcript: %d", got.Status)
	}
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own := write("own.pem", s.client(t).get("/transcript-key.pem").Body)
	foreign := write("foreign.pem", newIdleSite(t).client(t).get("/transcript-key.pem").Body)
	whole := write("whole.json", signed.Body)
	for _, tt := range []struct {
		name, file, key, want string
		private               bool
		status                int
	}{
		{"as it was signed", whole, own, "The signature holds", false, 0},
		{"with the key from the network itself", whole, s.url, "The signature holds", true, 0},
		{"with one word changed", write("changed.json", tamper(t, signed.Body)), own, "The signature does not hold", false, exitForged},
		{"with another network's key", whole, foreign, "The signature does not hold", false, exitForged},
		{"without signatures", write("bare.json", `{"payloadType":"application/vnd.slipway.transcript+json","payload":"e30=","signatures":[]}`), own, "The signature does not hold", false, exitForged},
		{"a file that is none", write("none.json", `{"verdict":"passed"}`), own, "no signed transcript", false, exitForged},
		{"a file that is not there", filepath.Join(folder, "missing.json"), own, "missing.json cannot be read", false, exitUsage},
		{"a key that is not there", whole, filepath.Join(folder, "missing.pem"), "missing.pem cannot be read", false, exitUsage},
		{"a key that is none", whole, whole, "no Ed25519 public key", false, exitUsage},
		{"a network at a private address", whole, s.url, "--allow-private", false, exitUnchecked},
		{"a network that is not there", whole, "http://127.0.0.1:1", "refused the connection", true, exitUnchecked},
		{"a server that is no network", whole, s.target, "has no key for transcripts", true, exitUnchecked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := (&verifyReportCmd{File: tt.file, Key: tt.key, AllowPrivate: tt.private, stdout: &out, stderr: &out}).Run(t.Context())
			status, _ := errors.AsType[exitStatus](err)
			if !strings.Contains(out.String(), tt.want) || int(status) != tt.status || (err == nil) != (tt.status == 0) {
				t.Errorf("it says %q, %v; want %q, %d", out.String(), err, tt.want, tt.status)
			}
			if err == nil && (!strings.Contains(out.String(), "Ship") || !strings.Contains(out.String(), "PASSED") || !strings.Contains(out.String(), run)) {
				t.Errorf("it does not say what was proved: %s", out.String())
			}
		})
	}
}

// tamper turns the verdict around and leaves the signature.
func tamper(t *testing.T, signed string) string {
	t.Helper()
	var envelope map[string]any
	if err := json.Unmarshal([]byte(signed), &envelope); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(envelope["payload"].(string))
	if err != nil || !bytes.Contains(payload, []byte(`"verdict":"passed"`)) {
		t.Fatalf("the payload is not readable: %v", err)
	}
	changed := bytes.Replace(payload, []byte(`"verdict":"passed"`), []byte(`"verdict":"failed"`), 1)
	envelope["payload"] = base64.StdEncoding.EncodeToString(changed)
	out, err := json.Marshal(envelope)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A report is shared by a link that nobody can guess: it has no requests and answers in it, and ends when it is ended.
func TestAReportIsSharedByLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sc := s.stage(t)
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	run := "/submissions/" + sc.listed + "/runs/" + sc.run
	if got := s.as(t, "rival", "rita@example.com", access.Vendor).post(run+"/share", nil); got.Status != http.StatusNotFound {
		t.Errorf("another org shares it: %d", got.Status)
	}
	vera.post(run+"/share", nil)
	link := regexp.MustCompile(`/shared/[A-Z0-9]+`).FindString(vera.get(run).Body)
	if link == "" || strings.Contains(vera.get(run).Body, link) {
		t.Fatalf("the link %q is not shown once", link)
	}
	visitor := s.client(t)
	page := visitor.get(link)
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "users.create.201") {
		t.Fatalf("the shared page: %d", page.Status)
	}
	for _, secret := range []string{demoToken, "curl", s.target + "/Users", "Authorization:"} {
		if strings.Contains(page.Body, secret) {
			t.Errorf("the shared page shows %q", secret)
		}
	}
	if got := visitor.get(link[:len(link)-1] + "x"); got.Status != http.StatusNotFound {
		t.Errorf("a link that was guessed: %d", got.Status)
	}
	vera.post(run+"/unshare", nil)
	if got := visitor.get(link); got.Status != http.StatusNotFound {
		t.Errorf("a link that was ended: %d", got.Status)
	}
}
