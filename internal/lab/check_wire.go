package lab

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// addressChecks look at the base URL and at HTTP itself.
var addressChecks = []Check{
	{
		ID: "conn.base-url.no-underscore", Title: "The base URL has no underscore", Family: connection, Severity: report.Network,
		Reference: "Network rule",
		Why:       "At least one widespread client refuses addresses with an underscore, and says no more than that they are not valid.",
		Fix:       "Rename the host or the path, with a hyphen in the place of the underscore.",
		judge:     (*run).judgeUnderscore,
	},
	{
		ID: "conn.base-url.version", Title: "A version in the path that does not exist is not answered with data", Family: connection, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.13",
		Why:   "A client that asks for another version takes the answer for that version's.",
		Fix:   `Route each version by its own prefix, such as /v2; answer an unknown one with 404, or with 400 and "scimType": "invalidVers".`,
		judge: (*run).judgeVersion,
	},
	{
		ID: "conn.compression", Title: "An answer is compressed only where the request asks for it", Family: connection, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 9110 §12.5.3",
		Why:   "A client that cannot unpack sees binary data in the place of JSON.",
		Fix:   "Compress only where Accept-Encoding of the request allows it. Accept-Encoding: identity means: not at all.",
		judge: (*run).judgeCompression,
	},
	{
		ID: "conn.head-options", Title: "HEAD and OPTIONS do not end in a server error", Family: connection, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 9110 §9.3.2, §9.3.7, §15.5.6",
		Why:   "Monitoring and browsers ask with these methods; an exception over them is an alarm about nothing.",
		Fix:   "Answer both methods, or refuse them with 405 and an Allow header, such as Allow: GET, POST.",
		judge: (*run).judgeOtherMethods,
	},
}

// wireChecks look back at the connections of the whole run.
var wireChecks = []Check{
	{
		ID: "conn.keepalive", Title: "A connection serves more than one request", Family: connection, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, Reference: "RFC 9112 §9.3",
		Why:   "A new connection and a new TLS handshake for each person make a synchronisation many times slower.",
		Fix:   "Leave connections open between requests; look for a proxy that adds Connection: close.",
		judge: (*run).judgeKeepAlive,
	},
	{
		ID: "conn.latency.p95", Title: "Nearly all reads are answered within a second", Family: connection, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, Reference: "Experience",
		Why:   "A client reads several times for each person: seconds become hours.",
		Fix:   "Index userName and externalId; do not check the token anew with another system on every request.",
		judge: (*run).judgeSlowReads,
	},
}

func (r *run) judgeUnderscore() Finding {
	if base := r.client.Base; strings.Contains(base.Host+base.Path, "_") {
		return fails("The base URL %s has an underscore.", quote(excerpt(r.subject.BaseURL)))
	}
	return passes()
}

var versionSegment = regexp.MustCompile(`^v[0-9]+(\.[0-9]+)?$`)

// judgeVersion asks the same host with the same credentials, under a version that there will not be for long. The version
// stands right before the endpoint (RFC 7644 §3.13); one further up is that of something else.
func (r *run) judgeVersion() Finding {
	segments := strings.Split(strings.Trim(r.client.Base.Path, "/"), "/")
	last := len(segments) - 1
	was := segments[last]
	if !versionSegment.MatchString(strings.ToLower(was)) {
		return notApplicable("The base URL does not end in a version, which is optional.")
	}
	segments[last] = "v99"
	other := *r.client.Base
	other.Path, other.RawPath = "/"+strings.Join(segments, "/"), ""
	a := r.at(&other, ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}), aside: true})
	switch {
	case a.err != nil:
		return a.trouble()
	case a.is2xx():
		return fails("GET %s/Users answered %s, as it does with %s.", other.Path, a.shown(), was)
	case a.status >= 500 && a.status != http.StatusNotImplemented:
		return fails("GET %s/Users answered %s; 404 or 400 was expected.", other.Path, a.shown())
	case strings.HasPrefix(strings.ToLower(was), "v1"):
		return deviates("The path says %s; clients of SCIM 2.0 expect v2, or no version.", was)
	}
	return passes()
}

// at sends q to another base on the same host.
func (r *run) at(base *url.URL, q ask) *answer {
	client := *r.client
	defer func(usual *scim.Client) { r.client = usual }(r.client)
	client.Base = base
	r.client = &client
	return r.send(q)
}

// judgeCompression sends what a client does that cannot unpack. All other requests of a run allow gzip, and their
// answers were read.
func (r *run) judgeCompression() Finding {
	a := r.send(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}), aside: true,
		header: func(h http.Header) { h.Set("Accept-Encoding", "identity") }})
	if f, bad := a.want(http.StatusOK); bad {
		f.Message += " The request was sent with Accept-Encoding: identity."
		return f
	}
	if coding := a.header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return fails("The request had Accept-Encoding: identity, the answer has Content-Encoding: %s.", excerpt(coding))
	}
	return passes()
}

// judgeOtherMethods asks aside: these answers are often a framework's.
func (r *run) judgeOtherMethods() Finding {
	for _, method := range []string{http.MethodHead, http.MethodOptions} {
		a := r.send(ask{method: method, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}), aside: true})
		if a.err != nil {
			return a.trouble()
		}
		if a.status >= 500 && a.status != http.StatusNotImplemented {
			return fails("%s answered %s.", a.request(), a.shown())
		}
	}
	return passes()
}

// enough answers make a statement about most of them.
const enough = 20

func (r *run) judgeKeepAlive() Finding {
	answered := 0
	for _, a := range r.answers {
		if a.err != nil {
			continue
		}
		if a.exchange.Reused {
			return passes()
		}
		answered++
	}
	if answered < 2 {
		return unproved("Only %d answers came.", answered)
	}
	r.cite(r.probe)
	return fails("Each of the %d answers came over a connection of its own: the server closes them.", answered)
}

const slowRead = time.Second

// judgeSlowReads looks at plain reads of users and groups. One slow answer among many is no pattern.
func (r *run) judgeSlowReads() Finding {
	var reads []*answer
	for _, a := range r.answers {
		path := pathOf(a.exchange.URL)
		if a.is2xx() && !a.aside && a.exchange.Method == http.MethodGet && (strings.HasPrefix(path, "/Users") || strings.HasPrefix(path, "/Groups")) {
			reads = append(reads, a)
		}
	}
	if len(reads) < enough {
		return passed("Only %d reads were sent; that is too few for a statement.", len(reads))
	}
	slices.SortFunc(reads, func(a, b *answer) int { return int(a.exchange.Duration - b.exchange.Duration) })
	typical := reads[len(reads)*95/100]
	took := typical.exchange.Duration.Round(time.Millisecond)
	if took >= slowRead {
		r.cite(typical)
		return fails("Of %d reads one in twenty took %s or longer.", len(reads), took)
	}
	return passed("Of %d reads 95 in a hundred took less than %s.", len(reads), max(took, time.Millisecond))
}
