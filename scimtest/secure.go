package scimtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"time"
)

// Authority signs certificates for servers on the loopback interface. It is as good as its own Roots, and no better:
// its key is made anew each time and never leaves the process.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority returns an authority that is valid for a year around now.
func NewAuthority() *Authority {
	a := &Authority{key: newKey()}
	now := time.Now()
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "scimtest authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(0, -6, 0), NotAfter: now.AddDate(0, 6, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert, _ = sign(about, about, a.key.Public(), a.key)
	return a
}

// Roots is what a client must trust to reach servers with certificates of this authority.
func (a *Authority) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Certificate is one for 127.0.0.1 and for the host names, valid for three months until expires.
func (a *Authority) Certificate(expires time.Time, hosts ...string) tls.Certificate {
	return a.certificate(expires, []net.IP{net.IPv4(127, 0, 0, 1)}, hosts)
}

// CertificateElsewhere is one for the host names alone: who calls 127.0.0.1 gets somebody else's.
func (a *Authority) CertificateElsewhere(expires time.Time, hosts ...string) tls.Certificate {
	return a.certificate(expires, nil, hosts)
}

// CertificateBehind is one for 127.0.0.1 that hangs on so many intermediate certificates, all of which come along.
func (a *Authority) CertificateBehind(intermediates int, expires time.Time) tls.Certificate {
	issuer, between := a, [][]byte{}
	for i := range intermediates {
		next := &Authority{key: newKey()}
		about := &x509.Certificate{
			SerialNumber: big.NewInt(int64(10 + i)), Subject: pkix.Name{CommonName: fmt.Sprintf("scimtest intermediate %d", i+1)}, IsCA: true, BasicConstraintsValid: true,
			NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter, KeyUsage: x509.KeyUsageCertSign,
		}
		var der []byte
		next.cert, der = sign(about, issuer.cert, next.key.Public(), issuer.key)
		issuer, between = next, append([][]byte{der}, between...)
	}
	c := issuer.Certificate(expires)
	c.Certificate = append(c.Certificate, between...)
	return c
}

func (a *Authority) certificate(expires time.Time, addresses []net.IP, hosts []string) tls.Certificate {
	key := newKey()
	about := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "scimtest"}, DNSNames: hosts, IPAddresses: addresses,
		NotBefore: expires.AddDate(0, -3, 0), NotAfter: expires, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	_, der := sign(about, a.cert, key.Public(), a.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("scimtest: make a key: %v", err)) // the curve is one of the standard's
	}
	return key
}

func sign(about, by *x509.Certificate, public any, key *ecdsa.PrivateKey) (*x509.Certificate, []byte) {
	der, err := x509.CreateCertificate(rand.Reader, about, by, public, key)
	if err != nil {
		panic(fmt.Sprintf("scimtest: sign a certificate: %v", err)) // we wrote both
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(fmt.Sprintf("scimtest: read our own certificate: %v", err))
	}
	return cert, der
}

// StartTLS is Start over TLS, over HTTP/2 where the client can.
func (s *Server) StartTLS(config *tls.Config) (baseURL string, stop func()) {
	listener := loopback()
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, TLSConfig: config.Clone(),
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // of handshakes that fail on purpose
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return "https://" + listener.Addr().String() + BasePath, func() {
		s.close()
		_ = server.Close()
	}
}
