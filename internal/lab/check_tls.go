package lab

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/report"
	"slipway/internal/scim"
)

// reached is the check that sends the first request, on which most of what TLS shows stands.
const reached = "conn.reach"

// secureChecks look at TLS. What egress records of each exchange tells most; the rest is tried out in handshakes after
// which nothing is sent.
var secureChecks = []Check{
	{
		ID: "tls.min-version", Title: "TLS 1.2 or 1.3 is offered", Family: connection, Severity: report.RFC,
		Needs: []string{"conn.base-url.https"}, takes: []string{reached}, Reference: "RFC 7644 §7.2; RFC 9325 §3.1.1",
		Why:   "Clients no longer speak older versions: they cannot connect at all.",
		Fix:   "Enable TLS 1.2 and 1.3 in the server or in the proxy before it.",
		judge: (*run).judgeModernTLS,
	},
	{
		ID: "tls.chain", Title: "The certificate is valid for this host, with its whole chain", Family: connection, Severity: report.RFC | report.Network, Safety: true, Since: "2026.11.5",
		Needs: []string{"conn.base-url.https"}, takes: []string{reached}, Reference: "RFC 7644 §7.2; RFC 9110 §4.3.4",
		Why:   "Browsers find a missing intermediate certificate elsewhere; clients of an API do not, and refuse to connect.",
		Fix:   "Install the certificate together with its intermediates, issued by a public authority for the host in the base URL.",
		judge: (*run).judgeChain,
	},
	{
		ID: "tls.no-legacy", Title: "TLS 1.0 and 1.1 are refused", Family: connection, Severity: report.Recommended,
		Needs: []string{"tls.min-version"}, Reference: "RFC 8996 §4, §5; RFC 9325 §3.1.1",
		Why:   "The old versions have known weaknesses, and audits of customers look for them.",
		Fix:   "Set the lowest version to TLS 1.2.",
		judge: (*run).judgeLegacyTLS,
	},
	{
		ID: "tls.ciphers", Title: "RC4 and 3DES are refused, and keys are forward secret", Family: connection, Severity: report.Recommended,
		Needs: []string{"tls.min-version"}, Reference: "RFC 9325 §4.1, §4.2",
		Why:   "Somebody who records the traffic today can read it later, once the server's key is stolen or the cipher is broken.",
		Fix:   "Offer only cipher suites with ECDHE and AES-GCM or ChaCha20, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.",
		judge: (*run).judgeCiphers,
	},
	{
		ID: "tls.expiry", Title: "The certificate is valid for three weeks at least", Family: connection, Severity: report.Recommended,
		Needs: []string{reached}, Reference: "Experience",
		Why:   "Provisioning stops for every customer in the minute in which a certificate expires.",
		Fix:   "Renew the certificate now, and let a timer renew it from then on.",
		judge: (*run).judgeExpiry,
	},
	{
		ID: "tls.http-port", Title: "Plain http does not answer with data", Family: connection, Severity: report.RFC, Safety: true,
		Needs: []string{reached}, Reference: "RFC 7644 §7.2, §7.4",
		Why:   "A client with a typing error in its address sends its token in the open, and nobody notices because it works.",
		Fix:   "Close port 80 for the API, or answer there with a redirect or a refusal before looking at the request.",
		judge: (*run).judgePlainPort,
	},
	{
		ID: "tls.hsts", Title: "Answers carry Strict-Transport-Security", Family: connection, Severity: report.Recommended,
		Needs: []string{reached}, Reference: "RFC 6797 §7.1",
		Why:   "It keeps browsers that open the address from ever trying plain http.",
		Fix:   "Add the header Strict-Transport-Security: max-age=31536000 to every answer.",
		judge: (*run).judgeHSTS,
	},
}

// overTLS reports whether there is TLS to look at.
func (r *run) overTLS() (Finding, bool) {
	if r.client.Base.Scheme != "https" {
		return notApplicable("The base URL is plain http: there is no TLS to look at."), false
	}
	return Finding{}, true
}

// shakes tries a handshake. An answer that did not come in time proves nothing.
func (r *run) shakes(o egress.Offer) (got egress.Handshake, f Finding, agreed bool) {
	if err := r.pace.Wait(r.ctx); err != nil {
		return got, unproved("The run came to its end."), false
	}
	r.requests++
	got, err := r.http.Probe(r.ctx, r.client.Base.String(), o)
	switch egress.KindOf(err) {
	case "":
		return got, Finding{}, err == nil
	case egress.TLSDefect, egress.Dropped, egress.NotHTTP:
		return got, passes(), false
	}
	return got, unproved("%s", fault.Show(err).Message), false
}

func (r *run) judgeModernTLS() Finding {
	if f, ok := r.overTLS(); !ok {
		return f
	}
	r.cite(r.probe)
	if shown := r.probe.exchange.TLS; shown != nil {
		return passed("%s with %s.", shown.Version, shown.Suite)
	}
	got, f, agreed := r.shakes(egress.Offer{})
	switch {
	case agreed:
		return passed("%s with %s.", got.Version, got.Suite)
	case f.Outcome != report.Pass:
		return f
	}
	return fails("The server agrees to neither TLS 1.2 nor TLS 1.3 with any usual cipher.")
}

// deepChain is how many intermediate certificates the clients follow that follow the fewest: those in Java, as it is set up.
const deepChain = 5

// judgeChain tells a bad certificate from bad TLS by a handshake that judges no certificate.
func (r *run) judgeChain() Finding {
	if f, ok := r.overTLS(); !ok {
		return f
	}
	r.cite(r.probe)
	switch {
	case r.probe.exchange.TLS != nil && r.probe.exchange.TLS.Chain > deepChain+2:
		return fails("Between the certificate and the authority that clients trust are %d others. Widespread clients follow %d at most, and refuse the connection; no RFC sets a limit. Have the certificate issued by an intermediate nearer to the authority.",
			r.probe.exchange.TLS.Chain-2, deepChain).only(report.Network)
	case r.probe.exchange.TLS != nil:
		return passes()
	case egress.KindOf(r.probe.err) != egress.TLSDefect:
		return unproved("%s", fault.Show(r.probe.err).Message)
	}
	if _, _, agreed := r.shakes(egress.Offer{}); !agreed {
		return blockedBy("tls.min-version")
	}
	return fails("%s", fault.Show(r.probe.err).Message)
}

func (r *run) judgeLegacyTLS() Finding {
	if f, ok := r.overTLS(); !ok {
		return f
	}
	got, f, agreed := r.shakes(egress.Offer{Min: tls.VersionTLS10, Max: tls.VersionTLS11, Suites: everySuite()})
	if agreed {
		return fails("A client that offers no newer version is given %s (%s).", got.Version, got.Suite)
	}
	return f
}

// everySuite is what Go can speak, the insecure ones included.
func everySuite() []uint16 {
	var ids []uint16
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		ids = append(ids, suite.ID)
	}
	return ids
}

// weakSuites are those with ciphers that RFC 9325 §4.1 forbids. NULL, EXPORT and anonymous ones no library offers any more.
func weakSuites() []uint16 {
	var ids []uint16
	for _, suite := range tls.InsecureCipherSuites() {
		if strings.Contains(suite.Name, "RC4") || strings.Contains(suite.Name, "3DES") {
			ids = append(ids, suite.ID)
		}
	}
	return ids
}

func (r *run) judgeCiphers() Finding {
	if f, ok := r.overTLS(); !ok {
		return f
	}
	got, f, agreed := r.shakes(egress.Offer{Min: tls.VersionTLS12, Max: tls.VersionTLS12, Suites: weakSuites()})
	if agreed {
		return fails("A client that offers no better cipher is given %s.", got.Suite)
	}
	if shown := r.probe.exchange.TLS; shown != nil && strings.HasPrefix(shown.Suite, "TLS_RSA_") {
		return fails("The server chose %s, whose keys are not forward secret.", shown.Suite)
	}
	return f
}

const soon = 21 * 24 * time.Hour

func (r *run) judgeExpiry() Finding {
	if f, ok := r.overTLS(); !ok {
		return f
	}
	r.cite(r.probe)
	shown := r.probe.exchange.TLS
	if shown == nil || shown.Expires.IsZero() {
		return unproved("The certificate was not seen.")
	}
	day := shown.Expires.UTC().Format(time.DateOnly)
	if left := shown.Expires.Sub(r.subject.Now()); left < soon {
		return fails("The certificate, or one that signed it, expires on %s, in %d days.", day, int(left.Hours()/24))
	}
	return passed("Valid until %s.", day)
}

// judgePlainPort sends no credentials: it must not do what it warns of. The port is 80 where https has its usual one,
// else the same.
func (r *run) judgePlainPort() Finding {
	if f, ok := r.overTLS(); !ok {
		return f
	}
	plain := *r.client.Base
	plain.Scheme = "http"
	if port := plain.Port(); port == "" || port == "443" {
		plain.Host = strings.TrimSuffix(plain.Host, ":443")
	}
	a := r.plainly(&plain)
	switch {
	case egress.KindOf(a.err) == egress.NotAllowed || egress.KindOf(a.err) == egress.PrivateAddress || egress.KindOf(a.err) == egress.Canceled:
		return unproved("%s", fault.Show(a.err).Message)
	case a.err != nil: // closed, silent, or a redirect
		return passed("GET %s: %s", plain.String(), fault.Show(a.err).Message)
	case a.is2xx():
		return fails("GET %s/Users answered %s over plain http.", strings.TrimRight(plain.String(), "/"), a.shown())
	case a.status == http.StatusUnauthorized:
		return deviates("GET %s/Users is answered over plain http, with 401. A token that came that way might be accepted; the lab sent none. Better is to close the port.", strings.TrimRight(plain.String(), "/"))
	}
	return passed("GET %s answered %s.", plain.String(), a.shown())
}

// plainly asks for users without credentials over plain http, which the policy of the run need not allow. It leaves no
// trace in what later checks look back at: that nobody listens there is as it should be.
func (r *run) plainly(base *url.URL) *answer {
	policy := r.subject.Policy
	policy.AllowHTTP = true
	client, usual, patience := r.client, r.http, r.patience
	defer func() { r.client, r.http, r.patience = client, usual, patience }()
	r.http = egress.New(policy, egress.Options{Timeout: r.subject.Reach, Redact: r.secrets, Record: func(e egress.Exchange) { r.last = e }})
	defer r.http.CloseIdle()
	r.client, r.patience = &scim.Client{Base: base, HTTP: r.http}, r.subject.Reach
	a := r.attempt(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"})})
	r.evidence = append(r.evidence, a)
	return a
}

func (r *run) judgeHSTS() Finding {
	if f, ok := r.overTLS(); !ok {
		return f
	}
	r.cite(r.probe)
	if r.probe.header.Get("Strict-Transport-Security") == "" {
		return fails("GET /Users was answered without Strict-Transport-Security.")
	}
	return passes()
}
