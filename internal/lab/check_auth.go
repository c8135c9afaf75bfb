package lab

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const listSchema = scim.SchemaListResponse

var authChecks = []Check{
	{
		ID: "auth.missing-401", Title: "A request without credentials is answered 401", Family: connection, Severity: report.RFC | report.Network, Safety: true,
		Needs: []string{root}, Reference: "RFC 7644 §2, §3.12",
		Why:   "A list that opens without credentials is open to the world.",
		Fix:   "Protect every route below the base URL, and answer 401 before anything else.",
		judge: (*run).judgeMissingCredentials,
	},
	{
		ID: "auth.bad-token-401", Title: "Wrong credentials are answered 401", Family: connection, Severity: report.RFC | report.Network, Safety: true,
		Needs: []string{root}, Reference: "RFC 7644 §3.12",
		Why:   "Clients tell an expired token by its 401; any other answer looks like a broken server and is retried for days.",
		Fix:   "Answer 401 to a token that is unknown, expired or revoked, before you look at the route. 403 is for a valid token that may not do this.",
		judge: (*run).judgeWrongCredentials,
	},
	{
		ID: "auth.malformed-401", Title: "Malformed credentials are answered 401", Family: connection, Severity: report.RFC | report.Network, Safety: true, Since: "2026.11.5",
		Needs: []string{"auth.missing-401", "auth.bad-token-401"}, Reference: "RFC 7644 §3.12; RFC 9110 §11.6.1",
		Why:   "A header that crashes the parser is a door: for an outage, sometimes for a way in.",
		Fix:   "Answer 401 to everything but well-formed, valid credentials: to an empty header, to one without a scheme, to a scheme without a token, to a token that cannot be decoded.",
		judge: (*run).judgeMalformedCredentials,
	},
	{
		ID: "auth.www-authenticate", Title: "A 401 names the scheme in WWW-Authenticate", Family: connection, Severity: report.RFC,
		Needs: []string{"auth.missing-401"}, Reference: "RFC 7644 §2; RFC 9110 §11.6.1",
		Why:   "The header tells a client how to authenticate; HTTP requires it with every 401.",
		Fix:   `Add a header such as WWW-Authenticate: Bearer realm="scim" (or Basic) to every 401. Use HTTP's name of the scheme, not SCIM's word such as oauthbearertoken.`,
		judge: (*run).judgeChallenge,
	},
	{
		ID: "auth.error-body", Title: "A 401 carries a SCIM error", Family: connection, Severity: report.RFC | report.Network,
		Needs: []string{"auth.missing-401"}, Reference: "RFC 7644 §3.12",
		Why:   "Administrators see the words of this error; an HTML page or an empty body tells them nothing.",
		Fix:   `Let the gateway or middleware that checks credentials send a SCIM error: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "401", "detail": "The token has expired."}.`,
		judge: (*run).judgeUnauthorizedBody,
	},
	{
		ID: "auth.no-leak", Title: "A 401 gives nothing away", Family: connection, Severity: report.Recommended, Safety: true,
		Needs: []string{"auth.missing-401"}, Reference: "RFC 7644 §7; security practice",
		Why:   "What a 401 says is read by whoever has no credentials: user data, stack traces and tokens do not belong there.",
		Fix:   `Answer one fixed sentence, such as "The token is not valid."; log the details on your side.`,
		judge: (*run).judgeLeak,
	},
	{
		ID: "auth.all-methods", Title: "Every method and endpoint asks for credentials", Family: connection, Severity: report.RFC, Safety: true, Since: "2026.11.5",
		Needs: []string{"auth.missing-401"}, Reference: "RFC 7644 §2",
		Why:   "A guard on GET alone leaves the writing methods open, and one on /Users alone leaves the groups; a token that nobody looked at opens what it guards.",
		Fix:   "Apply authentication to the whole prefix, before routing and before looking anything up: to each method on /Users and /Groups, with an id and without, to each /.search, to /Bulk and to /Me. Compare the whole token; an empty one is none.",
		judge: (*run).judgeAllMethods,
	},
	{
		ID: "auth.no-side-effect", Title: "A create without credentials creates nothing", Family: connection, Severity: report.RFC, Safety: true,
		Needs: []string{"auth.missing-401"}, Reference: "RFC 7644 §2, §7.6",
		Why:   "A server that answers 401 after it has stored the user lets anybody make accounts.",
		Fix:   "Check the credentials before you parse the body, and before you store anything.",
		judge: (*run).judgeSideEffect,
	},
	{
		ID: "auth.scheme-case", Title: "The scheme's name counts in any case", Family: connection, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 9110 §11.1",
		Why:   "Some clients write bearer in lower case.",
		Fix:   "Compare the scheme's name without regard to case: bearer is Bearer.",
		judge: (*run).judgeSchemeCase,
	},
}

// without sends GET /Users with the credentials changed.
func (r *run) without(change func(http.Header)) *answer {
	a := r.send(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}), header: change})
	if a.status == http.StatusUnauthorized {
		r.unauthorized = append(r.unauthorized, a)
	}
	return a
}

// credentialHeader is the header that the credentials stand in, with its value.
func (r *run) credentialHeader() (name, value string) {
	if r.subject.Auth == nil {
		return "Authorization", "Bearer "
	}
	probe := &http.Request{Header: http.Header{}}
	r.subject.Auth.Authorize(probe)
	for name, values := range probe.Header {
		return name, values[0]
	}
	return "Authorization", "Bearer "
}

func (r *run) withCredentials(value string) func(http.Header) {
	name, _ := r.credentialHeader()
	return func(h http.Header) { h.Set(name, value) }
}

func (r *run) withNoCredentials(h http.Header) {
	name, _ := r.credentialHeader()
	h.Del(name)
}

// wrong keeps the form of the credentials and changes their content: the token, or the password of a user.
func (r *run) wrong() string {
	_, value := r.credentialHeader()
	scheme, rest, ok := strings.Cut(value, " ")
	user, _, isBasic := basicPair(scheme, rest)
	switch {
	case ok && isBasic:
		return scheme + " " + basicValue(user, r.names.token)
	case ok:
		return scheme + " " + r.names.token
	}
	return r.names.token
}

// basicPair reads the credentials of HTTP Basic (RFC 7617 §2).
func basicPair(scheme, rest string) (user, password string, isBasic bool) {
	pair, err := base64.StdEncoding.DecodeString(rest)
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	if err != nil {
		return "nobody", "", true
	}
	user, password, _ = strings.Cut(string(pair), ":")
	return user, password, true
}

func basicValue(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func (r *run) judgeMissingCredentials() Finding {
	return expect(r.without(r.withNoCredentials), http.StatusUnauthorized)
}

func (r *run) judgeWrongCredentials() Finding {
	return expect(r.without(r.withCredentials(r.wrong())), http.StatusUnauthorized)
}

// judgeMalformedCredentials knows that RFC 6750 §3.1 has 400 for a malformed request; the published suites do not. Credentials
// that are let in come before those that are refused in the wrong words.
func (r *run) judgeMalformedCredentials() Finding {
	values := []string{"non-token", "", "Slipway " + r.names.token, "Basic %%%not-base64%%%"}
	if empty, has := r.emptied(); has {
		values = append(values, empty)
	}
	worst := passes()
	for _, value := range values {
		a := r.without(r.withCredentials(value))
		f, bad := a.want(http.StatusUnauthorized)
		if !bad || worst.Outcome != report.Pass && !a.is2xx() {
			continue
		}
		f.Message += " The header's value was " + quote(value) + "."
		if a.is2xx() {
			return f
		}
		if a.err == nil && a.status == http.StatusBadRequest {
			f = f.only(report.Network)
		}
		worst = f
	}
	return worst
}

// schemes are registered with IANA (HTTP Authentication Schemes); keywords are SCIM's own words for them, which
// do not belong into HTTP.
var (
	schemes = []string{"basic", "bearer", "concealed", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "oauth",
		"privatetoken", "scram-sha-1", "scram-sha-256", "vapid"}
	keywords = []string{"oauth2", "oauthbearertoken", "httpbasic", "httpdigest"}
)

func (r *run) judgeChallenge() Finding {
	r.cite(r.unauthorized...)
	for _, a := range r.unauthorized {
		challenge := a.header.Get("WWW-Authenticate")
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		scheme = strings.ToLower(strings.TrimSuffix(scheme, ","))
		switch {
		case scheme == "":
			return fails("%s answered 401 without the header WWW-Authenticate.", a.request())
		case slices.Contains(keywords, scheme):
			return fails("WWW-Authenticate names %q: that is SCIM's keyword, not the HTTP scheme.", excerpt(challenge))
		case !slices.Contains(schemes, scheme):
			return deviates("WWW-Authenticate names %q, a scheme that is not registered.", excerpt(challenge))
		}
	}
	return passes()
}

func (r *run) judgeUnauthorizedBody() Finding {
	for _, a := range r.unauthorized {
		r.evidence = []*answer{a}
		switch {
		case a.object == nil:
			return fails("The body of a 401 is %s.", a.nature())
		case !r.dialect.isError(a.object):
			return fails("The body of a 401 is JSON, but %s.", r.dialect.noError)
		case r.dialect.statusIn(a.object) != "401":
			return fails("The body of a 401 has the status %q; it must be \"401\".", excerpt(r.dialect.statusIn(a.object)))
		case strings.TrimSpace(r.dialect.wordsIn(a.object)) == "":
			return fails("The body of a 401 does not say in words what is wrong: it has no %s.", r.dialect.words).only(report.Network) // optional in the RFC
		}
	}
	return passes()
}

// traces are the footprints of a stack trace in the common languages.
var traces = []string{"Traceback (most recent call last)", "\n\tat ", "\n    at ", `\n    at `, `\n\tat `, "goroutine 1 [", "System.NullReferenceException",
	"java.lang.", "SQLSTATE", "SequelizeDatabaseError", "node_modules/", "/usr/lib/python"}

// traceIn returns the beginning of a stack trace in the body, "" where there is none.
func traceIn(body []byte) string {
	for _, trace := range traces {
		if _, rest, found := strings.Cut(string(body), trace); found {
			line, _, _ := strings.Cut(strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(rest), "\n")
			return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ", `\n`, "", `\t`, "").Replace(trace) + strings.ToValidUTF8(line[:min(len(line), 40)], ""))
		}
	}
	return ""
}

func (r *run) judgeLeak() Finding {
	for _, a := range r.unauthorized {
		r.evidence = []*answer{a}
		body := string(a.body)
		if strings.Contains(body, r.names.token) {
			return fails("A 401 repeats the token that was sent.")
		}
		if trace := traceIn(a.body); trace != "" {
			return fails("The body of a 401 contains what looks like a stack trace (%q).", trace)
		}
		for _, user := range r.probe.resources() {
			for _, private := range []string{user.UserName(), user.ID()} {
				if isTelling(private) && strings.Contains(body, private) {
					return fails("A 401 contains data of a user.")
				}
			}
		}
	}
	r.evidence = r.unauthorized
	return passes()
}

// isTelling holds for texts that stand in a sentence by no accident: an address, or a long identifier.
func isTelling(s string) bool { return strings.Contains(s, "@") && len(s) > 3 || len(s) >= 16 }

// judgeSideEffect does not believe a refusal: the look-up decides whether the user is there.
func (r *run) judgeSideEffect() Finding {
	intruder := r.names.plainUser("intruder", "In", "Truder")
	object := report.Object{Resource: "Users", Name: intruder.UserName()}
	a := r.send(ask{method: http.MethodPost, path: "/Users", body: intruder, header: r.withNoCredentials, object: &object, doubtful: true})
	if a.err != nil {
		return a.trouble()
	}
	if a.is2xx() {
		return fails("POST /Users without credentials answered %s: it creates accounts for anybody.", a.shown())
	}
	if ids := namedIn(r.find("userName eq "+quote(object.Name)), "userName", object.Name); len(ids) > 0 {
		r.identify("Users", object.Name, ids[0])
		return fails("POST /Users without credentials answered %s, and the user was created all the same.", a.shown())
	}
	r.gone("Users", "")
	return expect(a, http.StatusUnauthorized)
}

// judgeSchemeCase writes the same credentials with the scheme's name in lower case.
func (r *run) judgeSchemeCase() Finding {
	_, value := r.credentialHeader()
	scheme, rest, ok := strings.Cut(value, " ")
	if !ok || rest == "" || !slices.Contains(schemes, strings.ToLower(scheme)) {
		return notApplicable("These credentials have no scheme.")
	}
	return expect(r.send(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}),
		header: r.withCredentials(strings.ToLower(scheme) + " " + rest)}), http.StatusOK)
}
