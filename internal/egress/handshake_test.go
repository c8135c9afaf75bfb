package egress

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/fault"
)

// secured is an httptest server over TLS, and a policy that trusts its certificate.
func secured(t *testing.T, config *tls.Config, h http.HandlerFunc) (*httptest.Server, Policy) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS, s.Config.ErrorLog, s.EnableHTTP2 = config, silent, true
	s.StartTLS()
	t.Cleanup(s.Close)
	p := AllowPrivate()
	p.Roots = x509.NewCertPool()
	p.Roots.AddCert(s.Certificate())
	return s, p
}

func TestHandshakeIsRecorded(t *testing.T) {
	s, trusting := secured(t, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	var record []Exchange
	c := New(trusting, Options{Record: func(e Exchange) { record = append(record, e) }})
	for range 2 {
		if _, err := send(t, c, http.MethodGet, s.URL, ""); err != nil {
			t.Fatal(err)
		}
	}
	got := record[0].TLS
	if got == nil || got.Version != "TLS 1.3" || got.ALPN != "h2" || got.Suite == "" || !got.Expires.Equal(s.Certificate().NotAfter) {
		t.Errorf("recorded %+v; want TLS 1.3 over h2 until %s", got, s.Certificate().NotAfter)
	}
	if record[0].Reused || !record[1].Reused {
		t.Errorf("reused %v and %v; want only the second over a connection that was there", record[0].Reused, record[1].Reused)
	}
	if _, err := send(t, New(AllowPrivate(), Options{}), http.MethodGet, s.URL, ""); KindOf(err) != TLSDefect {
		t.Errorf("with the system's authorities: %v; want a TLS defect", err)
	}
}

func TestProbe(t *testing.T) {
	var asked atomic.Int32
	h := func(http.ResponseWriter, *http.Request) { asked.Add(1) }
	modern, _ := secured(t, &tls.Config{MinVersion: tls.VersionTLS12}, h)
	legacy, _ := secured(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, h)
	weak, _ := secured(t, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA}}, h)
	plain := vendor(t, h)
	old := Offer{Min: tls.VersionTLS10, Max: tls.VersionTLS11}
	des := Offer{Min: tls.VersionTLS12, Max: tls.VersionTLS12, Suites: []uint16{tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA}}
	for _, tt := range []struct {
		name, url string
		policy    Policy
		offer     Offer
		want      string // the version agreed on
		kind      Kind
	}{
		{"a modern target, whoever signed its certificate", modern.URL, AllowPrivate(), Offer{}, "TLS 1.3", ""},
		{"a modern target refuses old versions", modern.URL, AllowPrivate(), old, "", TLSDefect},
		{"an old target takes them", legacy.URL, AllowPrivate(), old, "TLS 1.1", ""},
		{"an old target is refused by default", legacy.URL, AllowPrivate(), Offer{}, "", TLSDefect},
		{"a modern target refuses weak ciphers", modern.URL, AllowPrivate(), des, "", TLSDefect},
		{"a weak target takes them", weak.URL, AllowPrivate(), des, "TLS 1.2", ""},
		{"no TLS at all", "https" + plain.URL[4:], AllowPrivate(), Offer{}, "", TLSDefect},
		{"a private address that is not opened", modern.URL, Closed(), Offer{}, "", PrivateAddress},
		{"a private address under a port of the public", "https://10.0.0.1/", Closed(), old, "", PrivateAddress},
		{"our own door", modern.URL, Policy{Private: AllowPrivate().Private, Own: []string{modern.Listener.Addr().String()}}, Offer{}, "", PrivateAddress},
		{"an address of another scheme", plain.URL, AllowPrivate(), Offer{}, "", NotAllowed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := New(tt.policy, Options{Timeout: 10 * time.Second}).Probe(t.Context(), tt.url, tt.offer)
			if got.Version != tt.want || KindOf(err) != tt.kind || err != nil && fault.Show(err).Message == "" {
				t.Errorf("%q, %v; want %q, kind %q", got.Version, err, tt.want, tt.kind)
			}
		})
	}
	if asked.Load() != 0 {
		t.Errorf("%d requests were sent by probes", asked.Load())
	}
}
