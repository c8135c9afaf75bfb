package lab

import (
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/report"
)

// root is the check on which almost every other one stands.
const root = "users.list.200"

var connectionChecks = []Check{
	{
		ID: "conn.base-url.https", Title: "The base URL uses https", Family: connection, Severity: report.RFC | report.Network, Safety: true,
		Reference: "RFC 7644 §7.2",
		Why:       "Over plain http everybody on the way reads the token and everyone's data.",
		Fix:       "Serve SCIM over TLS only, and give an address that starts with https://.",
		judge:     (*run).judgeScheme,
	},
	{
		ID: "conn.reach", Title: "The server answers in HTTP within 10 seconds", Family: connection, Severity: report.Network,
		Needs:     []string{"conn.base-url.https"},
		Reference: "Network rule",
		Why:       "Nothing can be provisioned into a system that cannot be reached.",
		Fix:       "Check the host, the port and the certificate, and let the lab's addresses through the firewall. Every request must end in a complete HTTP answer.",
		judge:     (*run).judgeReach,
	},
	{
		ID: "conn.no-cross-redirect", Title: "API calls are answered directly, without a redirect", Family: connection, Severity: report.Recommended, Safety: true,
		Needs:     []string{"conn.reach"},
		Reference: "RFC 7644 §3.12, table 8",
		Why:       "A client that followed would hand its token to wherever the redirect points, so it does not follow.",
		Fix:       "Enter the final address as the base URL. Answer API calls with 401 rather than with a redirect to a sign-in page.",
		judge:     (*run).judgeRedirect,
	},
	{
		ID: "auth.credentials", Title: "The credentials are accepted", Family: connection, Severity: report.Network,
		Needs:     []string{"conn.no-cross-redirect"},
		Reference: "Network rule; RFC 7644 §2",
		Why:       "With credentials that are refused, no other check can say anything.",
		Fix:       "Check the token: is it complete, not expired, of this tenant, and allowed to manage users? Check the header too: some servers want Authorization: Bearer TOKEN, others the bare token.",
		judge:     (*run).judgeCredentials,
	},
	{
		ID: root, Title: "GET /Users answers 200 with a list", Family: users, Severity: report.RFC | report.Network,
		Needs:     []string{"auth.credentials"},
		Reference: "RFC 7644 §3.4.2",
		Why:       "Every client lists users to test the connection, to find people before it creates them, and to import.",
		Fix:       `Answer one JSON object: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [{…}]}. Check that the base URL ends where /Users begins.`,
		judge:     (*run).judgeList,
	},
}

// judgeScheme also notes what only an opened policy lets through: a report on it proves less than it seems to.
func (r *run) judgeScheme() Finding {
	public := egress.Policy{AllowHTTP: true, AnyPort: true}
	if egress.KindOf(public.Check(r.subject.BaseURL)) == egress.PrivateAddress && len(r.subject.Policy.Private) > 0 {
		r.warn("The target is at a private address, which was opened for this run. Customers' networks could not reach it.")
	}
	if r.client.Base.Scheme == "https" {
		return passes()
	}
	if r.subject.Policy.AllowHTTP {
		return deviates("Plain http. It is accepted because it was opened explicitly for this run; a published integration needs https.")
	}
	if err := r.subject.Policy.Check(r.subject.BaseURL); egress.KindOf(err) == egress.PrivateAddress {
		r.stopped = fault.Show(err).Message
		return unproved("%s", r.stopped)
	}
	return fails("The base URL starts with http://. Nothing was sent, for the token would travel in the open.")
}

// judgeReach sends the first request. No connection at all is nobody's proven fault: the run is not run.
func (r *run) judgeReach() Finding {
	r.patience = r.subject.Reach
	defer func() { r.patience = r.subject.Patience }()
	r.probe = r.send(ask{method: http.MethodGet, path: "/Users", query: url.Values{"startIndex": {"1"}, "count": {"2"}}})
	switch egress.KindOf(r.probe.err) {
	case "", egress.Redirected, egress.TooLarge:
		if r.probe.err != nil && egress.KindOf(r.probe.err) == "" {
			return unproved("%s", fault.Show(r.probe.err).Message)
		}
		return passes()
	case egress.TLSDefect, egress.NotHTTP, egress.Dropped:
		return fails("%s", fault.Show(r.probe.err).Message)
	}
	r.stopped = fault.Show(r.probe.err).Message
	return unproved("%s", r.stopped)
}

func (r *run) judgeRedirect() Finding {
	r.cite(r.probe)
	if egress.KindOf(r.probe.err) == egress.Redirected || r.probe.status/100 == 3 {
		return r.probe.trouble()
	}
	return passes()
}

func (r *run) judgeCredentials() Finding {
	r.cite(r.probe)
	if r.probe.err == nil && (r.probe.status == http.StatusUnauthorized || r.probe.status == http.StatusForbidden) {
		return fails("The server refused the credentials: GET /Users answered %s.%s", r.probe.shown(), r.probe.detail())
	}
	return passes()
}

// judgeList stands, also where the list has flaws, as long as the resources can be read.
func (r *run) judgeList() Finding {
	r.cite(r.probe)
	if f, bad := r.probe.wantObject(http.StatusOK); bad {
		if r.probe.status == http.StatusNotFound {
			f.Message += " Is the base URL right? It must end where /Users begins."
		}
		return f
	}
	if _, ok := r.probe.list(); !ok {
		return fails("GET /Users answered with a JSON object that is no list: neither Resources nor totalResults.")
	}
	if f, other := r.speaksAnother(); other {
		return f
	}
	if r.subject.Version == SCIM20 && !r.probe.object.HasSchema(listSchema) { // of SCIM 1.1 it is v11.list's finding
		return fails("The list's schemas are %q and lack %s.", strings.Join(r.probe.object.Schemas(), ", "), listSchema).andStands()
	}
	return passes()
}
