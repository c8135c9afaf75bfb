package lab

import (
	"net/http"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// credentialChecks put good and bad credentials where they do not belong.
var credentialChecks = []Check{
	{
		ID: "auth.token-in-query", Title: "A token in the address is not accepted", Family: connection, Severity: report.Recommended,
		Needs: []string{"auth.missing-401"}, Reference: "RFC 6750 §2.3, §5.3; RFC 7644 §7.4",
		Why:   "Addresses stand in the logs of every proxy on the way, and the token with them.",
		Fix:   "Read the token from the Authorization header only.",
		judge: (*run).judgeQueryToken,
	},
	{
		ID: "auth.rate-of-failures", Title: "Wrong tokens do not lock out the right one", Family: connection, Severity: report.Recommended, expensive: true,
		Needs: []string{"auth.bad-token-401"}, Reference: "Security practice",
		Why:   "Anybody who knows the address could otherwise stop the provisioning of a customer.",
		Fix:   "Count failures by token or by sender, not by tenant; never refuse a valid token for them.",
		judge: (*run).judgeLockout,
	},
}

// bearerToken is the token of the run, "" where its credentials have another form.
func (r *run) bearerToken() string {
	name, value := r.credentialHeader()
	scheme, token, _ := strings.Cut(value, " ")
	if r.subject.Auth == nil || name != "Authorization" || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

// tellableToken is the length below which a token in an address could not be redacted everywhere.
const tellableToken = 8

func (r *run) judgeQueryToken() Finding {
	token := r.bearerToken()
	if len(token) < tellableToken {
		return notApplicable("The credentials are no bearer token.")
	}
	a := r.send(ask{method: http.MethodGet, path: "/Users", aside: true, header: r.withNoCredentials,
		query: values([]string{"startIndex", "1", "count", "1", "access_token", token})})
	switch {
	case a.err != nil:
		return a.trouble()
	case a.is2xx():
		return fails("GET /Users?access_token=… without an Authorization header answered %s.", a.shown())
	}
	return passes()
}

// wrongTokens are sent in a row.
const wrongTokens = 20

// judgeLockout comes before anything is made: whoever is locked out cannot clean up. It sends past the pace's courtesies,
// for a 429 to a wrong token is an answer as good as 401.
func (r *run) judgeLockout() Finding {
	wrong := r.wrong()
	for i := range wrongTokens {
		a := r.bare(r.withCredentials(wrong + itoa(i)))
		if a.err != nil {
			return a.trouble()
		}
		if a.status == http.StatusTooManyRequests {
			break
		}
	}
	right := r.bare(nil)
	if right.is2xx() {
		return passes()
	}
	f := fails("After %d wrong tokens the right one is answered with %s.", wrongTokens, right.shown())
	if !r.letInAgain() {
		r.stopped = "The server has locked the lab out. " + f.Message
	}
	return f
}

// bare is one request that no later check looks at.
func (r *run) bare(change func(http.Header)) *answer {
	a := r.attempt(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}), header: change})
	r.evidence = append(r.evidence[:min(len(r.evidence), 2)], a)
	return a
}

// letInAgain waits half a minute at most, unless the run is set up to wait less.
func (r *run) letInAgain() bool {
	for range 6 {
		if !r.sleep(r.subject.Settle) {
			return false
		}
		if r.bare(nil).is2xx() {
			return true
		}
	}
	return false
}

// truncated is the header's value with the last character of its secret cut off.
func truncated(value string) string {
	scheme, rest, ok := strings.Cut(value, " ")
	if user, password, isBasic := basicPair(scheme, rest); ok && isBasic && password != "" {
		return scheme + " " + basicValue(user, password[:len(password)-1])
	}
	if len(value) == 0 {
		return ""
	}
	return value[:len(value)-1]
}

// as sends the credentials of somebody else in the place of the run's own.
func (r *run) as(other scim.Authorizer) func(http.Header) {
	return func(h http.Header) {
		r.withNoCredentials(h)
		other.Authorize(&http.Request{Header: h})
	}
}
