package lab

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

var writers = map[string]func(io.Writer, report.Report) error{"text": report.WriteText, "json": report.WriteJSON, "junit": report.WriteJUnit, "html": report.WriteHTML, "sarif": report.WriteSARIF}

func written(t *testing.T, format string, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := writers[format](&b, r); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

// Covers H-22: a target that throws our credentials back, in errors, headers, names and ids.
func TestSecretsAppearInNoFormat(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		record := &recorder{ResponseWriter: w}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		sound.ServeHTTP(record, r)
		text := record.body.String()
		if strings.Contains(text, scim.SchemaError) { // the error repeats all it was sent
			echo, _ := json.Marshal(r.Header.Get("Authorization") + " " + string(body))
			text = strings.Replace(text, `"detail":"`, `"detail":`+strings.TrimSuffix(string(echo), `"`)+" ", 1)
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(record.status)
		_, _ = io.WriteString(w, strings.ReplaceAll(text, `"Lovelace"`, `"`+token+`"`))
	})
	rep := Run(t.Context(), subject(base), Unwatched{})
	if c := check(t, rep, "users.create.echo"); c.Outcome != report.Fail {
		t.Fatalf("the target was meant to return the token as a name: %s %s", c.Outcome, c.Message)
	}
	password := namesFrom(subject(base).Seed).password
	leaks := []string{token, "canary", password, base64.StdEncoding.EncodeToString([]byte(token)), base64.RawStdEncoding.EncodeToString([]byte(password))}
	for format := range writers {
		text := written(t, format, rep)
		for _, leak := range leaks {
			if at := strings.Index(text, leak); at >= 0 {
				t.Errorf("%s shows a secret: …%s…", format, text[max(0, at-80):min(len(text), at+80)])
			}
		}
	}
}

type recorder struct {
	http.ResponseWriter
	body   bytes.Buffer
	status int
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func TestHTMLOfARealRun(t *testing.T) {
	base, stop := scimtest.New(scimtest.WithToken(token)).Start()
	defer stop()
	rep := Run(t.Context(), subject(base), Unwatched{})
	if page := written(t, "html", rep); strings.Contains(page, "What to look at") || !strings.Contains(page, "filter.injection") {
		t.Error("a passed run shows findings, or not all checks")
	}
}

// A page that is shared by its link names nobody who was there before the run, however much the server mixes up.
func TestStrangersReadNothingOfTheTarget(t *testing.T) {
	t.Parallel()
	defects := []string{"filter.eq.really-filters", "auth.tenant-isolation", "root.query", "repr.multi-array", "sec.no-pii-in-url"}
	server := scimtest.New(scimtest.WithToken(token), scimtest.WithTenant("canary-tenant"), scimtest.WithDefects(defects...))
	base, stop := server.Start()
	defer stop()
	for _, name := range []string{"anna", "berta", "clara"} {
		seed(t, base, "realperson-"+name+"@example.com")
	}
	s := subject(base)
	s.Other = scim.Bearer(secret.NewText("canary-tenant"))
	rep := Run(t.Context(), s, Unwatched{})
	quoting := 0
	for _, c := range rep.Checks {
		if strings.Contains(c.Message, "realperson") {
			quoting++
		}
	}
	if quoting < 2 {
		t.Fatalf("%d messages quote the server's people; the test needs some", quoting)
	}
	for format := range writers {
		if text := written(t, format, rep.ForStrangers()); strings.Contains(text, "realperson") {
			at := strings.Index(text, "realperson")
			t.Errorf("%s names a person of the server: …%s…", format, text[max(0, at-120):min(len(text), at+80)])
		}
	}
	page := written(t, "html", rep.ForStrangers())
	failed := check(t, rep, "filter.eq.really-filters")
	if !strings.Contains(page, failed.Title) || !strings.Contains(page, html.EscapeString(failed.Fix)) {
		t.Error("the page does not say which rule is broken, and what to do")
	}
}
