package runscope

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"slipway/internal/egress"
)

// Covers C20: a client certificate is shown where the caller has given one; without it nothing is sent.
func TestClientCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	policy := egress.AllowPrivate()
	policy.Roots = x509.NewCertPool()
	policy.Roots.AddCert(server.Certificate())
	const step = `{"name":"x","version":"1.0","steps":[{"step_type":"request","url":"{{base}}/","headers":{},"auth":AUTH,"assertions":[{"source":"response_text","comparison":"equal","value":"slipway-client"}]}]}`
	for _, tt := range []struct {
		name, auth, environment string
		given                   bool
		want                    Outcome
		notes                   int
	}{
		{"a step asks for it", `{"auth_type":"client_certificate","id":"7"}`, "", true, Passed, 0},
		{"an environment asks for it", `{}`, `{"name":"e","client_certificate":"-----BEGIN"}`, true, Passed, 0},
		{"nobody asks and it is given", `{}`, "", true, Passed, 0},
		{"a step asks and nobody has given it", `{"auth_type":"client_certificate"}`, "", false, Blocked, 1},
		{"an environment asks and nobody has given it", `{}`, `{"name":"e","client_certificate":"-----BEGIN"}`, false, Blocked, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Vars: map[string]string{"base": server.URL}, Certificate: tt.given}
			var shown *tls.Certificate
			if tt.given {
				shown = ownCertificate(t)
			}
			client := egress.New(policy, egress.Options{Certificate: shown})
			t.Cleanup(client.CloseIdle)
			o.Client = client
			if tt.environment != "" {
				e, err := ImportEnvironment([]byte(tt.environment))
				if err != nil {
					t.Fatal(err)
				}
				o.Environment = &e
			}
			result := Run(t.Context(), parse(t, strings.Replace(step, "AUTH", tt.auth, 1)), o, nil)
			if s := result.Steps[0]; s.Outcome != tt.want || len(result.Warnings) != tt.notes || tt.want == Blocked && !strings.Contains(s.Message, "--client-cert FILE") {
				t.Errorf("%s: %s, notes %q", s.Outcome, s.Message, result.Warnings)
			}
		})
	}
}

func ownCertificate(t *testing.T) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	template.Subject.CommonName = "slipway-client"
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
