package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Handshake is what two ends of a TLS connection agreed on.
type Handshake struct {
	Version string    `json:"version"`            // "TLS 1.3"
	Suite   string    `json:"suite"`              // "TLS_AES_128_GCM_SHA256"
	ALPN    string    `json:"protocol,omitempty"` // "h2"; "" where none was agreed on
	Expires time.Time `json:"expires"`            // when the certificate does, or one on its way to the authority
	Chain   int       `json:"chain,omitempty"`    // certificates on the shortest way to an authority, both ends included; 0 where nobody judged
}

func handshakeOf(state *tls.ConnectionState) *Handshake {
	if state == nil {
		return nil
	}
	h := &Handshake{Version: tls.VersionName(state.Version), Suite: tls.CipherSuiteName(state.CipherSuite), ALPN: state.NegotiatedProtocol}
	if len(state.PeerCertificates) > 0 {
		h.Expires = state.PeerCertificates[0].NotAfter
	}
	var best time.Time // of several ways to an authority the longest counts: servers send old ones along
	for _, chain := range state.VerifiedChains {
		if h.Chain == 0 || len(chain) < h.Chain {
			h.Chain = len(chain)
		}
		if end := endOf(chain); end.After(best) {
			best = end
		}
	}
	if !best.IsZero() {
		h.Expires = best
	}
	return h
}

// endOf is when the first certificate of the chain expires.
func endOf(chain []*x509.Certificate) time.Time {
	first := slices.MinFunc(chain, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	return first.NotAfter
}

// Offer is what a probe's hello offers. A zero field is the offer of every other connection.
type Offer struct {
	Min, Max uint16   // versions, as in crypto/tls
	Suites   []uint16 // up to TLS 1.2
}

// Probe offers TLS to the target at rawURL and returns what it chose, or a *fault.Error as Do does. It judges no
// certificate, so that one can tell a bad certificate from bad TLS, and therefore sends nothing: the connection is closed
// after the handshake. The client's policy holds as for every request.
func (c *Client) Probe(ctx context.Context, rawURL string, o Offer) (Handshake, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	host, hostPort, err := c.destination(rawURL)
	if err != nil {
		return Handshake{}, err
	}
	conn, err := c.dialer.dial(ctx, "tcp", hostPort)
	if err != nil {
		return Handshake{}, classify(ctx, err, host)
	}
	defer func() { _ = conn.Close() }()
	probe := tls.Client(conn, &tls.Config{
		ServerName: host, InsecureSkipVerify: true, MinVersion: o.Min, MaxVersion: o.Max, CipherSuites: o.Suites,
	})
	if err := probe.HandshakeContext(ctx); err != nil {
		return Handshake{}, classify(ctx, err, host)
	}
	state := probe.ConnectionState()
	return *handshakeOf(&state), nil
}

// destination checks an https address and names what is to be dialled.
func (c *Client) destination(rawURL string) (host, hostPort string, err error) {
	if err := c.policy.Check(rawURL); err != nil {
		return "", "", err
	}
	u, err := url.Parse(rawURL)
	if err != nil || !strings.EqualFold(u.Scheme, "https") {
		return "", "", refuse(NotAllowed, err, "The address must start with https://.")
	}
	if host, err = canonicalHost(u.Hostname()); err != nil {
		return "", "", err
	}
	port, err := portOf(u, "https")
	return host, net.JoinHostPort(host, strconv.Itoa(port)), err
}
