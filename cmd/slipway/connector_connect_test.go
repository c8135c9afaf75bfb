package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// consent is a vendor's authorization server: it redeems one code, and repeats what it refuses.
func consent(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("code") != "code-good" || r.FormValue("code_verifier") == "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%s of %s is not good"}`, r.FormValue("code"), r.FormValue("client_secret"))
			return
		}
		_, _ = fmt.Fprint(w, `{"access_token":"access-1","refresh_token":"refresh-1","token_type":"Bearer"}`)
	}))
	t.Cleanup(server.Close)
	return server
}

func byCode(t *testing.T, server string) string {
	t.Helper()
	folder := t.TempDir()
	text := strings.ReplaceAll(`apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: sample, name: Sample, description: A sample. }
connection:
  baseUrl: SERVER
  allowedHosts: [127.0.0.1]
  auth:
    - { id: oauth, label: OAuth, type: oauth2-code, clientAuth: body, authorizeUrl: SERVER/authorize, tokenUrl: SERVER/token, scopes: [users] }
`, "SERVER", server)
	if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// free is an address on this machine that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func TestConnectorConnect(t *testing.T) {
	for _, tt := range []struct {
		name, code string
		status     int
		says       string // on standard output, or as the error
	}{
		{"a person who agrees gives a refresh token", "code-good", 0, "SLIPWAY_CONN_REFRESH_TOKEN=refresh-1"},
		{"a code that is refused is told, without what is secret", "code-bad", exitFailed, "invalid_grant: [redacted] of [redacted] is not good"},
		{"a person who declines is told of", "", exitUsage, "sent no code: access_denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := free(t)
			said, stderr := io.Pipe()
			var out bytes.Buffer
			c := &connectorConnectCmd{Redirect: "http://" + address + "/callback"}
			c.Path, c.stdout, c.stderr, c.AllowPrivate = byCode(t, consent(t).URL), &out, stderr, true
			c.Set = map[string]string{"client_id": "id-1", "client_secret": "very-secret-key"}
			ended := make(chan error, 1)
			go func() {
				err := c.Run(t.Context())
				_ = stderr.Close()
				ended <- err
			}()
			lines := bufio.NewScanner(said)
			var state string
			for state == "" && lines.Scan() {
				if u, err := url.Parse(strings.TrimSpace(lines.Text())); err == nil {
					state = u.Query().Get("state")
				}
			}
			visit := func(query url.Values) int {
				answer, err := http.Get("http://" + address + "/callback?" + query.Encode())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = answer.Body.Close() }()
				return answer.StatusCode
			}
			if got := visit(url.Values{"state": {"another"}, "code": {"code-good"}}); got != http.StatusNotFound {
				t.Errorf("a visit with another state is answered %d", got)
			}
			query := url.Values{"state": {state}, "code": {tt.code}}
			if tt.code == "" {
				query.Set("error", "access_denied")
			}
			if got := visit(query); got != http.StatusOK {
				t.Errorf("the person comes back and gets %d", got)
			}
			rest, err := io.ReadAll(said)
			if err != nil {
				t.Fatal(err)
			}
			var remaining strings.Builder
			for lines.Scan() {
				remaining.WriteString(lines.Text() + "\n")
			}
			all := out.String() + remaining.String() + string(rest)
			err = <-ended
			status, _ := errors.AsType[exitStatus](err)
			if int(status) != tt.status || !strings.Contains(all, tt.says) || strings.Contains(all, "very-secret-key") {
				t.Errorf("exit %d, %q; want %d and %q", int(status), all, tt.status, tt.says)
			}
		})
	}
}

// Nobody comes back: then nothing is known.
func TestConnectorConnectWithoutAnybody(t *testing.T) {
	var out, said bytes.Buffer
	c := &connectorConnectCmd{Redirect: "http://" + free(t) + "/callback"}
	c.Path, c.stdout, c.stderr, c.AllowPrivate = byCode(t, consent(t).URL), &out, &said, true
	c.Set = map[string]string{"client_id": "id-1", "client_secret": "very-secret-key"}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Run(ctx); !errors.Is(err, exitStatus(exitNotRun)) || !strings.Contains(said.String(), "Nobody agreed within") {
		t.Errorf("%v, %q; want exit status 2", err, said.String())
	}
}
