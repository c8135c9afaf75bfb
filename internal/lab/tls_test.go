package lab

import (
	"bufio"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/scimtest"
)

// shownByTLS holds for the checks that do not apply over plain http; TestTLS proves them.
func shownByTLS(id string) bool { return strings.HasPrefix(id, "tls.") }

var authority = sync.OnceValue(scimtest.NewAuthority)

// trusting is a policy for servers on this machine with certificates of our authority.
func trusting() egress.Policy {
	p := egress.AllowPrivate()
	p.Roots = authority().Roots()
	return p
}

// certified is a server's side of TLS, with a certificate until expires.
func certified(expires time.Time) *tls.Config {
	return holding(authority().Certificate(expires))
}

func holding(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
}

//
func TestTLS(t *testing.T) {
	month := time.Now().Add(60 * 24 * time.Hour)
	legacy := certified(month)
	legacy.MinVersion = tls.VersionTLS10
	old := certified(month)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	weak := certified(month)
	weak.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}
	for _, tt := range []struct {
		name   string
		config *tls.Config
		policy egress.Policy
		found  []string
		says   string
	}{
		{"a sound server", certified(month), trusting(), nil, ""},
		{"a certificate of an authority that nobody trusts", certified(month), egress.AllowPrivate(), []string{"conn.reach", "tls.chain"}, "not signed by an authority"},
		{"an expired certificate", certified(time.Now().Add(-24 * time.Hour)), trusting(), []string{"conn.reach", "tls.chain"}, "expired"},
		{"a certificate that expires soon", certified(time.Now().Add(20 * 24 * time.Hour)), trusting(), []string{"tls.expiry"}, "in 19 days"},
		{"a certificate for another host", holding(authority().CertificateElsewhere(month, "scim.example")), trusting(), []string{"conn.reach", "tls.chain"}, "issued for another host name"},
		{"behind five intermediates", holding(authority().CertificateBehind(5, month)), trusting(), nil, ""},
		{"behind ten intermediates", holding(authority().CertificateBehind(10, month)), trusting(), []string{"tls.chain"}, "are 10 others"},
		{"behind more intermediates than anybody follows", holding(authority().CertificateBehind(120, month)), trusting(), []string{"conn.reach", "tls.chain"}, "certificate"},
		{"old versions beside new ones", legacy, trusting(), []string{"tls.no-legacy"}, "TLS 1.1"},
		{"old versions only", old, trusting(), []string{"conn.reach", "tls.min-version"}, "TLS 1.2"},
		{"weak ciphers beside strong ones", weak, trusting(), []string{"tls.ciphers"}, "RC4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base, stop := scimtest.New(scimtest.WithToken(token)).StartTLS(tt.config)
			t.Cleanup(stop)
			rep := verifySecured(t, base, tt.policy)
			endAs(t, rep, tt.found, tt.says)
			if slices.Contains(tt.found, "tls.chain") && (rep.Verdict != report.Failed || rep.Duration > time.Minute) {
				t.Errorf("%s after %s: %s", rep.Verdict, rep.Duration, rep.Reason)
			}
		})
	}
}

func verifySecured(t *testing.T, base string, p egress.Policy) report.Report {
	t.Helper()
	s := subject(base)
	s.Policy = p
	return Run(t.Context(), s, Unwatched{})
}

// endAs compares findings, and what one of them says.
func endAs(t *testing.T, rep report.Report, want []string, says string) {
	t.Helper()
	got := found(rep)
	heard := slices.ContainsFunc(rep.Checks, func(c report.Result) bool { return slices.Contains(want, c.ID) && strings.Contains(c.Message, says) })
	if !slices.Equal(got, want) || len(want) > 0 && !heard {
		t.Errorf("found %v, want %v that say %q\n%s", got, want, says, explain(rep))
	}
	if len(rep.Leftovers) != 0 {
		t.Errorf("leftovers %v", rep.Leftovers)
	}
}

func TestPlainHTTPBesideTLS(t *testing.T) {
	sound := scimtest.New() // it asks for no credentials: what came over plain http would be data
	strict := scimtest.New(scimtest.WithToken(token))
	redirect := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
	})
	for _, tt := range []struct {
		name  string
		plain http.Handler
		found []string
		says  string
	}{
		{"data over plain http", sound, []string{"tls.http-port"}, "answered 200"},
		{"credentials asked for over plain http", strict, []string{"tls.http-port"}, "with 401"},
		{"a redirect", redirect, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			secured := scimtest.New(scimtest.WithToken(token))
			base := startBoth(t, secured, tt.plain)
			endAs(t, verifySecured(t, base, trusting()), tt.found, tt.says)
		})
	}
}

func TestHSTSIsMissed(t *testing.T) {
	secured := scimtest.New(scimtest.WithToken(token))
	base := startBoth(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { secured.ServeHTTP(withoutHSTS{w}, r) }), http.NotFoundHandler())
	endAs(t, verifySecured(t, base, trusting()), []string{"tls.hsts"}, "without Strict-Transport-Security")
}

type withoutHSTS struct{ http.ResponseWriter }

func (w withoutHSTS) WriteHeader(status int) {
	w.Header().Del("Strict-Transport-Security")
	w.ResponseWriter.WriteHeader(status)
}

// startBoth serves TLS and plain http on one port, and returns the base URL over TLS.
func startBoth(t *testing.T, secured, plain http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	toTLS, toPlain := &branch{Listener: listener, conns: make(chan net.Conn)}, &branch{Listener: listener, conns: make(chan net.Conn)}
	silent := slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	for b, server := range map[net.Listener]*http.Server{
		tls.NewListener(toTLS, certified(time.Now().Add(60*24*time.Hour))): {Handler: secured, ErrorLog: silent},
		toPlain: {Handler: plain, ErrorLog: silent},
	} {
		go func() { _ = server.Serve(b) }()
		t.Cleanup(func() { _ = server.Close() })
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(toTLS.conns)
				close(toPlain.conns)
				return
			}
			peeked := bufio.NewReader(conn)
			if first, err := peeked.Peek(1); err == nil && first[0] == 22 { // a handshake's record
				toTLS.conns <- begun{conn, peeked}
			} else {
				toPlain.conns <- begun{conn, peeked}
			}
		}
	}()
	return "https://" + listener.Addr().String() + scimtest.BasePath
}

// branch is a listener that is handed its connections.
type branch struct {
	net.Listener
	conns chan net.Conn
}

func (b *branch) Accept() (net.Conn, error) {
	if conn, ok := <-b.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

// begun is a connection of which something has been read.
type begun struct {
	net.Conn
	peeked *bufio.Reader
}

func (b begun) Read(p []byte) (int, error) { return b.peeked.Read(p) }
