package scimtest

import (
	"crypto/tls"
	"net/http"
	"testing"
	"time"
)

func TestServesTLSToWhoTrustsItsAuthority(t *testing.T) {
	authority := NewAuthority()
	base, stop := New().StartTLS(&tls.Config{Certificates: []tls.Certificate{authority.Certificate(time.Now().Add(time.Hour), "scim.example")}})
	t.Cleanup(stop)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Roots()}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	r, err := client.Get(base + "/Users")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK || r.ProtoMajor != 2 || r.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s over %s with %v; want 200 over HTTP/2, with HSTS", r.Status, r.Proto, r.Header)
	}
	transport.TLSClientConfig, transport.ForceAttemptHTTP2 = &tls.Config{RootCAs: NewAuthority().Roots()}, false
	transport.CloseIdleConnections()
	if r, err := client.Get(base + "/Users"); err == nil {
		_ = r.Body.Close()
		t.Error("a client of another authority was served")
	}
}
