// Package egress is the only room that dials out.
//
// It owns which addresses may be reached, how long and how much an answer may be, and the redacted record of
// every exchange. Its one rule: the address that was checked is the address that is dialled; a name is resolved
// once and every answer must be allowed. What the bytes mean is left to the rooms above.
package egress

import (
	"crypto/x509"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"
)

// Policy says which addresses may be reached. Its zero value is Closed.
type Policy struct {
	Private   []netip.Prefix // networks opened explicitly, on any port; everything special-purpose is closed otherwise
	AllowHTTP bool           // http as well as https
	Ports     []int          // ports on public addresses; nil means 443, 80, 8443, 8080
	AnyPort   bool           // every port, also on public addresses
	Own       []string       // host:port of our own doors and databases: never dialled, not even inside Private
	Roots     *x509.CertPool // authorities that may sign certificates; nil means the system's
}

// Closed reaches public addresses over https on the usual ports.
func Closed() Policy { return Policy{} }

// AllowPrivate also reaches loopback, RFC 1918, shared and unique-local addresses, over http too and on any port.
// Link-local addresses and the metadata services of cloud hosts stay closed.
func AllowPrivate() Policy {
	return Policy{AllowHTTP: true, AnyPort: true, Private: []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7"),
	}}
}

var (
	usualPorts = []int{443, 80, 8443, 8080}

	// Public tables do not list these, or AllowPrivate would open them: they hand out the host's own credentials.
	metadata = []netip.Addr{
		netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("169.254.170.2"), netip.MustParseAddr("100.100.100.200"),
		netip.MustParseAddr("168.63.129.16"), netip.MustParseAddr("fd00:ec2::254"),
	}
	metadataNames = []string{"metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"}
)

// Check judges a URL by its form alone: scheme, user part, host, port, and the address where it is written out.
// It returns nil, or a *fault.Error with the sentence for whoever typed the URL. It sends nothing.
func (p Policy) Check(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return refuse(NotAllowed, err, "This is not a web address. Write it as https://host/path.")
	}
	return p.checkURL(u)
}

func (p Policy) checkURL(u *url.URL) error {
	scheme := strings.ToLower(u.Scheme)
	if scheme != "https" && scheme != "http" || u.Opaque != "" {
		return refuse(NotAllowed, nil, "The address must start with https://.")
	}
	if u.User != nil {
		return refuse(NotAllowed, nil, "The address must not contain a user name or password. Enter the credentials in their own fields.")
	}
	host, err := canonicalHost(u.Hostname())
	if err != nil {
		return err
	}
	port, err := portOf(u, scheme)
	if err != nil {
		return err
	}
	if err := p.checkHost(host, port); err != nil {
		return err
	}
	if scheme == "http" && !p.AllowHTTP {
		return refuse(NotAllowed, nil, "The address must start with https://: plain http would show the credentials to everybody on the way.")
	}
	return nil
}

func portOf(u *url.URL, scheme string) (int, error) {
	text := u.Port()
	if text == "" {
		return map[string]int{"http": 80, "https": 443}[scheme], nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 || text[0] == '0' {
		return 0, refuse(NotAllowed, err, "The port in the address is not a number from 1 to 65535.")
	}
	return port, nil
}

// checkHost judges a canonical host. A name is judged again, by its addresses, when it is dialled.
func (p Policy) checkHost(host string, port int) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return p.checkAddr(addr, port)
	}
	closed := len(p.Private) == 0
	switch {
	case isNumeric(host), slices.Contains(metadataNames, host), slices.Contains(p.Own, net.JoinHostPort(host, strconv.Itoa(port))):
		return refusePrivate()
	case closed && (host == "localhost" || strings.HasSuffix(host, ".localhost")):
		return refusePrivate()
	case closed && !p.portAllowed(port):
		return refusePort(port) // with networks opened, its address decides
	}
	return nil
}

// checkAddr judges the address that will be dialled.
func (p Policy) checkAddr(addr netip.Addr, port int) error {
	addr = addr.Unmap() // ::ffff:127.0.0.1 is dialled as 127.0.0.1
	if addr.Zone() != "" || slices.Contains(metadata, addr) || slices.Contains(p.Own, netip.AddrPortFrom(addr, uint16(port)).String()) {
		return refusePrivate()
	}
	for _, open := range p.Private {
		if open.Contains(addr) {
			return nil
		}
	}
	if err := guard.SafeAddr(addr); err != nil {
		return refusePrivate()
	}
	if !p.portAllowed(port) {
		return refusePort(port)
	}
	return nil
}

// guard knows the IANA special-purpose registries. Ports and networks are judged here, not there.
var guard = ssrf.New(ssrf.WithAnyPort())

func (p Policy) portAllowed(port int) bool {
	if p.Ports == nil {
		return p.AnyPort || slices.Contains(usualPorts, port)
	}
	return p.AnyPort || slices.Contains(p.Ports, port)
}

// canonicalHost is the one spelling that is checked and dialled: lower case, ASCII, without the trailing dot.
func canonicalHost(host string) (string, error) {
	bad := refuse(NotAllowed, nil, "The host name in the address is not valid.")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().String(), nil
	}
	host = strings.ToLower(host)
	if !isASCII(host) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", bad
		}
		host = ascii
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" || len(host) > 253 {
		return "", bad
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", bad
		}
	}
	return host, nil
}

// isNumeric reports a host that some resolvers read as an address: 2130706433, 0x7f.1, 0177.0.0.1, 127.1.
// Where the last label is a number, the whole is an address or nothing (WHATWG URL §3.5); only the dotted
// form of four plain decimals is accepted.
func isNumeric(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(strings.TrimPrefix(last, "0x"), 16, 64)
	return strings.HasPrefix(last, "0x") && (err == nil || last == "0x") || strings.Trim(last, "0123456789") == ""
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}
