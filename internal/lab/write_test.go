package lab

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/internal/scim"
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
