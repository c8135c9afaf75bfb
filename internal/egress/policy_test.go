package egress

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"code.dny.dev/ssrf"
)

// attempt sends a GET to rawURL and returns its refusal. The limit is short: a packet to a forbidden place would hang.
func attempt(t *testing.T, p Policy, o Options, rawURL string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return p.Check(rawURL) // what net/url does not parse cannot be sent
	}
	_, err = New(p, o).Do(r)
	return err
}

// open is a policy that is closed to addresses but not to http and odd ports, so that only the address can refuse.
var open = Policy{AllowHTTP: true, AnyPort: true}

func TestForbiddenAddresses(t *testing.T) {
	for id, hosts := range map[string][]string{
		"H-01": {"127.0.0.1", "localhost", "LOCALHOST.", "api.localhost", "127.1", "0", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]"},
		"H-02": {"2130706433", "0x7f.1", "0X7F000001", "0177.0.0.1", "127.000.000.001", "127.0.1", "1.0x"},
		"H-03": {"169.254.169.254", "metadata.google.internal", "METADATA.google.internal.", "100.100.100.200", "[fd00:ec2::254]", "168.63.129.16", "[::ffff:169.254.169.254]"},
		"H-11": {"１２７.０.０.１", "127。0。0。1", "ⓛocalhost", "loc\u200balhost", "[fe80::1%25eth0]"},
	} {
		for _, host := range hosts {
			t.Run(id+" "+host, func(t *testing.T) {
				for _, port := range []string{"", ":8080"} {
					if err := open.Check("http://" + host + port + "/scim"); KindOf(err) != PrivateAddress {
						t.Errorf("Check of %s%s: %v; want a private address", host, port, err)
					}
					if err := attempt(t, open, Options{}, "http://"+host+port+"/scim"); KindOf(err) != PrivateAddress {
						t.Errorf("Do to %s%s: %v; want a private address", host, port, err)
					}
				}
			})
		}
	}
}

// Covers H-04: the first, a middle and the last address of each row of the IANA registries.
func TestSpecialRegistries(t *testing.T) {
	rows := append([]netip.Prefix(nil), ssrf.IPv4DeniedPrefixes...)
	rows = append(rows, ssrf.IPv6DeniedPrefixes...)
	for _, row := range []string{ // what the library covers by "outside 2000::/3", and values that must never be lost from its tables
		"::/128", "::1/128", "::ffff:10.0.0.0/104", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/32", "2001:db8::/32", "2002:7f00:1::/48",
		"2002:a00::/24", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "ff00::/8", "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
		"172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "240.0.0.0/4", "255.255.255.255/32",
	} {
		rows = append(rows, netip.MustParsePrefix(row))
	}
	for _, row := range rows {
		for _, addr := range firstMiddleLast(row) {
			if err := open.checkAddr(addr, 443); KindOf(err) != PrivateAddress {
				t.Errorf("%s of %s: %v; want a private address", addr, row, err)
			}
		}
	}
	for _, public := range []string{"8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"} {
		if err := open.checkAddr(netip.MustParseAddr(public), 443); err != nil {
			t.Errorf("%s is public: %v", public, err)
		}
	}
}

func firstMiddleLast(p netip.Prefix) []netip.Addr {
	first, size := p.Masked().Addr().AsSlice(), p.Addr().BitLen()
	middle, last := append([]byte(nil), first...), append([]byte(nil), first...)
	for bit := p.Bits(); bit < size; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
		if bit == p.Bits() {
			middle[bit/8] |= 0x80 >> (bit % 8)
		}
	}
	var out []netip.Addr
	for _, b := range [][]byte{first, middle, last} {
		addr, _ := netip.AddrFromSlice(b)
		out = append(out, addr)
	}
	return out
}

// Covers H-05, H-06, H-14.
func TestNamesWithForbiddenAddresses(t *testing.T) {
	dns := startDNS(t, map[string][][]string{
		"10-0-0-1.nip.example.":  {{"10.0.0.1"}},
		"public-first.example.":  {{"93.184.215.14", "127.0.0.1"}},
		"private-first.example.": {{"127.0.0.1", "93.184.215.14"}},
		"v6-private.example.":    {{"93.184.215.14", "::1"}},
		"ten-last.example.":      {{"93.184.215.14", "10.0.0.1"}}, // the resolver sorts loopback to the front, but not this one
		"ten-first.example.":     {{"10.0.0.1", "93.184.215.14"}},
		"metadata.example.":      {{"169.254.169.254"}},
		"hairpin.example.":       {{"93.184.215.14"}},
		"network.example.":       {{"93.184.215.14"}},
	})
	p := open
	p.Own = []string{"network.example:443", "93.184.215.99:443"}
	for _, tt := range []struct{ name, url string }{
		{"H-05 a name for a private address", "http://10-0-0-1.nip.example"},
		{"H-05 a name for the metadata service", "http://metadata.example"},
		{"H-06 public, then private", "http://public-first.example"},
		{"H-06 private, then public", "http://private-first.example"},
		{"H-06 public over IPv4, private over IPv6", "http://v6-private.example"},
		{"H-06 public, then RFC 1918", "http://ten-last.example"},
		{"H-06 RFC 1918, then public", "http://ten-first.example"},
		{"H-14 our own name", "https://network.example"},
		{"H-14 our own name in capitals, with a dot", "https://NETWORK.example."},
		{"H-14 another name for our own address", "https://hairpin.example"},
		{"H-14 our own address", "https://93.184.215.99"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := attempt(t, p, Options{Resolver: dns.resolver()}, tt.url); KindOf(err) != PrivateAddress {
				t.Errorf("%v; want a private address", err)
			}
		})
	}
}

// Covers H-07: the second answer of a rebinding name is never asked for, let alone dialled.
func TestRebindingDialsWhatWasChecked(t *testing.T) {
	trap, hits := listener(t, "127.0.0.1:0")
	_, port, _ := net.SplitHostPort(trap)
	dns := startDNS(t, map[string][][]string{"rebind.example.": {{"127.0.0.2"}, {"127.0.0.1"}}})
	p := Policy{AllowHTTP: true, Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}
	if err := attempt(t, p, Options{Resolver: dns.resolver()}, "http://rebind.example:"+port); KindOf(err) != Refused {
		t.Errorf("%v; want a refused connection at 127.0.0.2, the address that was checked", err)
	}
	if dns.lookups("rebind.example.") != 1 || hits() != 0 {
		t.Errorf("%d look-ups, %d connections to the second address; want 1 and 0", dns.lookups("rebind.example."), hits())
	}
	if err := attempt(t, p, Options{Resolver: dns.resolver()}, "http://rebind.example:"+port); KindOf(err) != PrivateAddress || hits() != 0 {
		t.Errorf("once it points to 127.0.0.1: %v, %d connections; want a private address", err, hits())
	}
}

// listener counts the connections it gets.
func listener(t *testing.T, address string) (string, func() int) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	accepted := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
			accepted <- struct{}{}
		}
	}()
	return l.Addr().String(), func() int { return len(accepted) }
}

func TestURLForms(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tt := range []struct {
		name, url string
		kind      Kind // "" where it is allowed
	}{
		{"H-10 a user name that looks like the host", "https://good.example@evil.example/", NotAllowed},
		{"H-10 a password too", "https://good:pw@evil.example/", NotAllowed},
		{"H-10 an at sign behind the fragment belongs to no host", "https://evil.example#@good.example", ""},
		{"H-10 a backslash", `https://good\@evil.example`, NotAllowed},
		{"H-10 an escaped slash", "https://good%2f@evil.example", NotAllowed},
		{"H-10 an escaped NUL", "https://evil%00.good.example", NotAllowed},
		{"H-10 a tab", "https://ev\til.example", NotAllowed},
		{"H-10 a newline", "https://evil.example\n.good.example", NotAllowed},
		{"H-10 a blank", "https://evil .example", NotAllowed},
		{"H-11 mixed case and a trailing dot", "https://Good.Example./", ""},
		{"H-11 punycode", "https://xn--bcher-kva.example", ""},
		{"H-11 umlaut", "https://bücher.example", ""},
		{"H-11 254 characters", "https://" + strings.Repeat(long+".", 3) + strings.Repeat("a", 62), NotAllowed},
		{"H-11 253 characters", "https://" + strings.Repeat(long+".", 3) + strings.Repeat("a", 61), ""},
		{"H-11 a label of 64", "https://" + long + "a.example", NotAllowed},
		{"H-11 an empty label", "https://a..example", NotAllowed},
		{"H-11 no host", "https:///path", NotAllowed},
		{"H-12 SSH", "https://vendor.example:22", NotAllowed},
		{"H-12 mail", "https://vendor.example:25", NotAllowed},
		{"H-12 PostgreSQL", "https://vendor.example:5432", NotAllowed},
		{"H-12 Redis", "https://vendor.example:6379", NotAllowed},
		{"H-12 Elasticsearch", "https://vendor.example:9200", NotAllowed},
		{"H-12 on a literal address", "https://93.184.215.14:22", NotAllowed},
		{"H-12 above the range", "https://vendor.example:65536", NotAllowed},
		{"H-12 negative", "https://vendor.example:-1", NotAllowed},
		{"H-12 leading zero", "https://vendor.example:0443", NotAllowed},
		{"H-12 an allowed one", "https://vendor.example:8443", ""},
		{"H-13 file", "file:///etc/passwd", NotAllowed},
		{"H-13 ftp", "ftp://vendor.example/", NotAllowed},
		{"H-13 gopher", "gopher://vendor.example/", NotAllowed},
		{"H-13 dict", "dict://vendor.example:2628/", NotAllowed},
		{"H-13 ldap", "ldap://vendor.example/", NotAllowed},
		{"H-13 data", "data:text/plain,hello", NotAllowed},
		{"H-13 javascript", "javascript:alert(1)", NotAllowed},
		{"H-13 unix", "unix:///var/run/docker.sock", NotAllowed},
		{"H-13 mixed case", "FiLe:///etc/passwd", NotAllowed},
		{"H-13 https in mixed case is https", "HTTPS://vendor.example", ""},
		{"H-13 https without slashes", "https:vendor.example", NotAllowed},
		{"no scheme", "vendor.example/scim", NotAllowed},
		{"http where it is not opened", "http://vendor.example", NotAllowed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := Closed().Check(tt.url); KindOf(err) != tt.kind {
				t.Errorf("Check(%q) = %v; want kind %q", tt.url, err, tt.kind)
			}
			if tt.kind == "" {
				return
			}
			if err := attempt(t, Closed(), Options{}, tt.url); KindOf(err) != tt.kind {
				t.Errorf("Do(%q) = %v; want kind %q, as Check says", tt.url, err, tt.kind)
			}
		})
	}
}

func TestOpenedNetworks(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    Policy
		url  string
		kind Kind
	}{
		{"AllowPrivate opens loopback, http, any port", AllowPrivate(), "http://127.0.0.1:4567/scim", ""},
		{"AllowPrivate opens 10/8", AllowPrivate(), "https://10.1.2.3:9000", ""},
		{"AllowPrivate opens unique-local IPv6", AllowPrivate(), "https://[fd12::1]", ""},
		{"AllowPrivate leaves link-local closed", AllowPrivate(), "http://169.254.10.10", PrivateAddress},
		{"AllowPrivate leaves metadata services closed", AllowPrivate(), "http://169.254.169.254/latest", PrivateAddress},
		{"AllowPrivate leaves the IPv6 metadata address closed", AllowPrivate(), "http://[fd00:ec2::254]/latest", PrivateAddress},
		{"AllowPrivate leaves 0.0.0.0 closed", AllowPrivate(), "http://0.0.0.0:8080", PrivateAddress},
		{"one opened network has any port", Policy{Private: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, "https://10.0.0.1:5432", ""},
		{"one opened network opens no other", Policy{Private: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, "https://192.168.0.1", PrivateAddress},
		{"one opened network opens no ports elsewhere", Policy{Private: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, "https://93.184.215.14:5432", NotAllowed},
		{"our own door stays shut inside an opened network", Policy{AllowHTTP: true, Private: AllowPrivate().Private, Own: []string{"127.0.0.1:8080"}}, "http://127.0.0.1:8080", PrivateAddress},
		{"ports named by the operator", Policy{Ports: []int{9443}}, "https://vendor.example:9443", ""},
		{"ports named by the operator replace the usual ones", Policy{Ports: []int{9443}}, "https://vendor.example", NotAllowed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.p.Check(tt.url); KindOf(err) != tt.kind {
				t.Errorf("Check(%q) = %v; want kind %q", tt.url, err, tt.kind)
			}
		})
	}
}

// Covers H-15 as far as this room reaches: whatever feature a URL comes from, Check and Do judge it alike.
// Covers H-16: one sentence for an open and a closed port behind the wall, and not one packet.
func TestNoOracle(t *testing.T) {
	address, hits := listener(t, "127.0.0.1:0")
	closed, _ := url.Parse("http://127.0.0.1:1/")
	atOpen, atClosed := attempt(t, open, Options{}, "http://"+address), attempt(t, open, Options{}, closed.String())
	if atOpen == nil || atClosed == nil || atOpen.Error() != atClosed.Error() {
		t.Errorf("open port: %v\nclosed port: %v\nwant the same text", atOpen, atClosed)
	}
	dns := startDNS(t, map[string][][]string{"inside.example.": {{"127.0.0.1"}}})
	_, port, _ := net.SplitHostPort(address)
	if err := attempt(t, open, Options{Resolver: dns.resolver()}, "http://inside.example:"+port); err == nil || err.Error() != atClosed.Error() {
		t.Errorf("by name: %v; want %v", err, atClosed)
	}
	if hits() != 0 {
		t.Errorf("%d connections reached the forbidden port", hits())
	}
}
