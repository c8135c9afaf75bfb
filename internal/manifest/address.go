package manifest

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"
)

// webAddress checks the form of an http(s) address: what a browser, our dialer and a reader all take for the
// same host. Whether anything answers there is not asked. Problems bear the given rule.
func webAddress(rule string) func(string, Env) []Problem {
	return func(v string, env Env) []Problem {
		u, problems := parseAddress(rule, v)
		if problems == nil {
			problems = append(schemeRule(rule, u, env), hostRule(rule, u, env)...)
		}
		return problems
	}
}

var withoutScheme = regexp.MustCompile(`^(//)?(([\pL\pN-]+\.)+\pL[\pL\pN-]*|localhost|\d+(\.\d+){3})(:\d+)?([/?#]\S*)?$`)

// parseAddress refuses what is not an absolute http(s) address, or one that hides its host (H-10).
func parseAddress(rule, v string) (*url.URL, []Problem) {
	if withoutScheme.MatchString(v) {
		suggestion := "https://" + strings.TrimPrefix(v, "//")
		p := blocks(rule, "The address does not begin with https://.", "Write "+cut(suggestion)+".")
		p[0].Suggestion = suggestion
		return nil, p
	}
	if strings.ContainsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\\' }) {
		return nil, blocks(rule, "The address contains blanks or backslashes.", "Copy it again from the browser.")
	}
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Opaque != "" || u.Scheme == "":
		return nil, blocks(rule, "This is not an address.", "Write it like https://acme.example/page.")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, blocks(rule, fmt.Sprintf("An address that begins with %s: cannot be used.", cut(u.Scheme)), "Give one that begins with https://.")
	case u.User != nil:
		return nil, blocks(rule, "The address contains a user name or a password.", "Take out everything before the @.")
	case u.Hostname() == "":
		return nil, blocks(rule, "The address names no host.", "Write it like https://acme.example/page.")
	case !validPort(u):
		return nil, blocks(rule, "The port is not a number from 1 to 65535.", "Correct it, or leave it out.")
	}
	return u, nil
}

func validPort(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0 && port[0] != '0'
}

// schemeRule lets http pass only where the operator has opened it.
func schemeRule(rule string, u *url.URL, env Env) []Problem {
	switch {
	case u.Scheme == "https":
		return nil
	case env.AllowHTTP:
		return warns(rule, "The address begins with http://: what is sent there can be read on the way.", "Use https:// outside of a trial.")
	default:
		return blocks(rule, "The address begins with http://.", "Use https://.")
	}
}

// hostForm is a DNS name: labels of letters, digits and hyphens (RFC 1123 §2.1).
var hostForm = regexp.MustCompile(`^(?i)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// hostRule refuses a host that is misspelt, or that only we could reach (L-040, L-084, H-01 to H-04, H-11).
func hostRule(rule string, u *url.URL, env Env) []Problem {
	host := u.Hostname()
	if address, err := netip.ParseAddr(host); err == nil {
		if !publicAddress(address) {
			return privateRule(rule, env)
		}
		return nil
	}
	switch ascii, err := idna.Lookup.ToASCII(host); {
	case strings.HasSuffix(host, "."):
		return blocks(rule, "The host's name ends with a dot.", "Remove the dot.")
	case numericLabel.MatchString(host):
		return blocks(rule, "The host is a number in an unusual spelling.", "Write the name, or four numbers such as 203.0.113.7.")
	case err == nil && ascii != host && !strings.EqualFold(ascii, host):
		return punycode(rule, u, ascii)
	case len(host) > 253 || !hostForm.MatchString(host):
		return blocks(rule, fmt.Sprintf("%q is not the name of a host.", cut(host)), "Check the part after //.")
	case privateName(strings.ToLower(host)):
		return privateRule(rule, env)
	}
	return nil
}

// numericLabel finds the spellings of addresses that resolvers read and netip does not: 127.1, 0x7f.1, 2130706433 (H-02).
var numericLabel = regexp.MustCompile(`(?i)(^|\.)(\d+|0x[0-9a-f]*)$`)

func punycode(rule string, u *url.URL, ascii string) []Problem {
	plain := *u
	plain.Host = strings.Replace(u.Host, u.Hostname(), ascii, 1)
	p := blocks(rule, "The host's name contains letters that look different to different readers.", "Write "+cut(plain.String())+".")
	p[0].Suggestion = plain.String()
	return p
}

// guardian knows the special-purpose ranges. It only looks: nothing is dialled here.
var guardian = ssrf.New(ssrf.WithAnyPort(), ssrf.WithAnyNetwork())

func publicAddress(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	network := "tcp6"
	if a.Is4() {
		network = "tcp4"
	}
	return guardian.Safe(network, netip.AddrPortFrom(a, 443).String(), nil) == nil
}

// privateName reports names that never lead to a public host: those without a dot and the reserved zones.
func privateName(host string) bool {
	for _, zone := range []string{".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain"} {
		if strings.HasSuffix(host, zone) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

func privateRule(rule string, env Env) []Problem {
	if env.AllowPrivate {
		return warns(rule, "The address is private: nobody outside of this machine or network reaches it.", "Use a public address outside of a trial.")
	}
	return blocks(rule, "The address is private: the network cannot reach it.", "Give a public address.")
}

// hostOf returns the host of an address in lower case, "" if there is none.
func hostOf(v string) string {
	u, err := url.Parse(v)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// staticAddress is the part of L-040 that R-058 asks for: no place holder in the address.
func staticAddress(v string, _ Env) []Problem {
	if !strings.ContainsAny(v, "{}<>$") {
		return nil
	}
	return blocks("L-040", "The address contains a place holder.", "Give the sign-in page of the test tenant as it is.")
}

var resourceAtEnd = regexp.MustCompile(`(?i)/(Users|Groups|Schemas|ResourceTypes|ServiceProviderConfig)/?$`)

// staticBase checks a base URL that is the same for all customers (L-084).
func staticBase(v string, env Env) []Problem {
	if strings.Contains(v, "${") {
		return blocks("L-084", "A base URL that is the same for all has no variables.", "Answer Yes to the question above, or take them out.")
	}
	return append(webAddress("L-084")(v, env), baseAddress(v)...)
}

// baseAddress is what L-084 asks of a SCIM base URL beyond being an address (RFC 7644 §1.3).
func baseAddress(v string) []Problem {
	switch {
	case strings.ContainsAny(v, "?#"):
		return blocks("L-084", "A base URL has no ? and no #.", "End it with the path, such as /scim/v2.")
	case resourceAtEnd.MatchString(v):
		return warns("L-084", "This looks like the address of a resource, not the base under which all lie.", "End it before /Users.")
	}
	return nil
}
