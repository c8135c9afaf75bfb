package runscope

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/egress"
)

// document is what the fake server answers at /doc.
const document = `{"schemas":["urn:example:one","urn:example:two"],"yes":true,"no":false,"zero":0,"one":1,"number":404,
"numberText":"5","text":"hello","blank":"","nothing":null,"list":["a","b",3],"emptyList":[],"emptyObject":{},"object":{"key":"value"}}`

const issuedToken = "issued-token-5521"

// sent is one request as it came over the wire.
type sent struct {
	Method, URI, Body string
	Header            http.Header
	Length            int64
}

// fake is a little HTTP server that keeps what it was asked.
type fake struct {
	URL string

	mu       sync.Mutex
	requests []sent
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.requests = append(f.requests, sent{r.Method, r.RequestURI, string(body), r.Header.Clone(), r.ContentLength})
	f.mu.Unlock()
	switch {
	case strings.HasPrefix(r.URL.Path, "/doc"):
		w.Header().Set("Content-Type", "application/scim+json")
		w.Header()["X-Twice"] = []string{"first", "second"}
		_, _ = io.WriteString(w, document)
	case r.URL.Path == "/echo":
		scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		for name, value := range map[string]string{"New": r.Header.Get("X-New"), "Old": r.Header.Get("X-Old"), "Query": r.URL.RawQuery, "Scheme": scheme} {
			if value == "" {
				value = "none"
			}
			w.Header().Set("Got-"+name, value)
		}
		_, _ = w.Write(body)
	case r.URL.Path == "/html":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title><p>Not the API you were looking for, but long enough to be cut.")
	case r.URL.Path == "/mirror":
		w.Header().Set("Mirror", r.Header.Get("X-Plain"))
		w.Header().Set("Set-Cookie", "session="+issuedToken)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"session_token": issuedToken, "uri": r.RequestURI, "header": r.Header, "body": string(body),
			"plain": r.Header.Get("Authorization") + " " + r.Header.Get("X-Plain"),
		})
	case r.URL.Path == "/token":
		f.token(w, r, string(body))
	case r.URL.Path == "/zipped":
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, document)
		_ = z.Close()
	case r.URL.Path == "/big":
		_, _ = io.WriteString(w, `{"filler":"`+strings.Repeat("0123456789", 10_000)+`"}`)
	}
}

func (f *fake) token(w http.ResponseWriter, r *http.Request, body string) {
	if id, key, _ := r.BasicAuth(); id != "id" || key != "s3cret%2B%26" || !strings.Contains(body, "grant_type=client_credentials") {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":60}`, issuedToken)
}

// taken returns the requests so far, and forgets them.
func (f *fake) taken() []sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.requests
	f.requests = nil
	return out
}

// noon is the time in every run.
var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// loopback is the product's own way out, opened for the fake server.
func loopback(t *testing.T) *egress.Client {
	t.Helper()
	c := egress.New(egress.AllowPrivate(), egress.Options{Timeout: 10 * time.Second})
	t.Cleanup(c.CloseIdle)
	return c
}

// options are those of most tests: no pauses, a clock that stands still.
func options(t *testing.T, f *fake, vars map[string]string) Options {
	t.Helper()
	all := map[string]string{"base": f.URL, "part": "p"}
	for name, value := range vars {
		all[name] = value
	}
	return Options{
		Client: loopback(t), Vars: all, Seed: 1,
		Now:   func() time.Time { return noon },
		Sleep: func(ctx context.Context, d time.Duration) error { return ctx.Err() },
	}
}

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func load(t *testing.T, name string) []Suite {
	t.Helper()
	suites, err := Import(fixture(t, name))
	if err != nil {
		t.Fatalf("import %s: %v", name, err)
	}
	return suites
}

func parse(t *testing.T, text string) Suite {
	t.Helper()
	suites, err := Import([]byte(text))
	if err != nil {
		t.Fatalf("import %s: %v", text, err)
	}
	return suites[0]
}

// verify compares each step with the outcome that its title announces: "failed: an endless loop". All assertions of
// a step must have ended alike.
func verify(t *testing.T, result Result) {
	t.Helper()
	for _, step := range result.Steps {
		announced, _, ok := strings.Cut(step.Title, ":")
		if !ok {
			continue
		}
		if string(step.Outcome) != announced {
			t.Errorf("step %s «%s» ended %s: %s", step.Number, step.Title, step.Outcome, step.Message)
		}
		for i, a := range step.Assertions {
			if len(step.Scripts) == 0 && string(a.Outcome) != announced {
				t.Errorf("step %s «%s», assertion %d (%s %s %s %q): %s, actual %q, %s",
					step.Number, step.Title, i+1, a.Source, a.Property, a.Comparison, a.Target, a.Outcome, a.Actual, a.Message)
			}
		}
	}
}

func stepNumbered(t *testing.T, result Result, number string) StepResult {
	t.Helper()
	for _, step := range result.Steps {
		if step.Number == number {
			return step
		}
	}
	t.Fatalf("no step %s in the result", number)
	return StepResult{}
}
