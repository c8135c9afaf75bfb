package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var securityChecks = []Check{
	{
		ID: "sec.headers", Title: "Answers about people are not cached or sniffed, and name no version of the server", Family: security, Severity: report.Recommended,
		Needs: []string{"users.get.200"}, Reference: "RFC 9111 §5.2.2; security practice",
		Why:   "A cache on the way keeps names and addresses; a version number tells an attacker which hole to try.",
		Fix:   "Send Cache-Control: no-store (or private) and X-Content-Type-Options: nosniff; take versions out of Server and X-Powered-By.",
		judge: (*run).judgeSecurityHeaders,
	},
	{
		ID: "sec.cors", Title: "No foreign page may read with the user's credentials", Family: security, Severity: report.Recommended,
		Needs: []string{"users.get.200"}, Reference: "Fetch standard §3.3; security practice",
		Why:   "A page that somebody has open reads the directory with that person's session.",
		Fix:   "Send no Access-Control-Allow-Origin, or a list of your own origins; never any origin together with Access-Control-Allow-Credentials.",
		judge: (*run).judgeCORS,
	},
	{
		ID: "sec.mass-assignment", Title: "Attributes that give rights are not taken from a body unless the schema has them", Family: security, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.get.200"}, Reference: "Security practice (OWASP API3)",
		Why:   "What is bound to a column by its name makes an administrator of whoever sends the name.",
		Fix:   "Copy from a body only the attributes that your schema declares, by a list of their names.",
		judge: (*run).judgeMassAssignment,
	},
	{
		ID: "sec.method-override", Title: "X-HTTP-Method-Override makes no deletion of a GET", Family: security, Severity: report.Recommended, Safety: true,
		Needs: []string{"users.get.200"}, Reference: "RFC 9110 §9.2.1; security practice",
		Why:   "What is checked as a reading is carried out as something else: guards, logs and proxies are passed by.",
		Fix:   "Switch the override off; where you need it, take it on POST only, and before anything is authorised.",
		judge: (*run).judgeOverride,
	},
	{
		ID: "sec.json-bomb", Title: "A body that is nested 10,000 deep is refused at once", Family: security, Severity: report.Recommended, expensive: true, Feature: "create_users",
		Needs: []string{root}, Reference: "RFC 8259 §9; security practice",
		Why:   "A parser without a limit spends its stack or its minutes on one small request.",
		Fix:   "Limit the depth in the JSON parser, and answer 400.",
		judge: (*run).judgeNesting,
	},
}

// securityHindsight looks at what all the others were answered.
var securityHindsight = []Check{
	{
		ID: "sec.no-pii-in-url", Title: "Addresses of resources contain ids, not names", Family: security, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, Reference: "RFC 7644 §7.5.2",
		Why:   "Addresses end up in logs, proxies and browser histories, and a person's name along with them.",
		Fix:   "Use an id that says nothing, such as a random UUID, as the last part of the address.",
		judge: (*run).judgeAddresses,
	},
	{
		ID: "sec.idor", Title: "Ids cannot be counted up", Family: security, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, Reference: "Security practice (OWASP API1)",
		Why:   "Somebody who has one id can guess them all, and finds a missing check of rights within minutes.",
		Fix:   "Hand out random ids, such as UUIDs.",
		judge: (*run).judgeGuessable,
	},
	{
		ID: "sec.cookie", Title: "No session is opened by a cookie", Family: security, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, Reference: "RFC 7644 §7.4; security practice",
		Why:   "A session outlives the token, and a browser sends its cookie for any page that asks it to.",
		Fix:   "Authorise each request by its Authorization header, and set no cookie.",
		judge: (*run).judgeCookies,
	},
	{
		ID: "sec.error-no-stack", Title: "No error page shows where in the code it failed", Family: security, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, takes: []string{"error.405-501"}, Reference: "Security practice (CWE-209)",
		Why:   "Paths, versions and SQL tell an attacker what to try next.",
		Fix:   "Switch the debug pages of your framework off; log the trace and answer a sentence.",
		judge: (*run).judgeErrorPages,
	},
}

var versionNumber = regexp.MustCompile(`/\d|\d+\.\d+`)

func (r *run) judgeSecurityHeaders() Finding {
	a, f, bad := r.ownUser()
	if bad {
		return f
	}
	var lacks []string
	cache := strings.ToLower(strings.Join(a.header.Values("Cache-Control"), ","))
	if !strings.Contains(cache, "no-store") && !strings.Contains(cache, "private") {
		lacks = append(lacks, "Cache-Control has neither no-store nor private")
	}
	if !strings.EqualFold(strings.TrimSpace(a.header.Get("X-Content-Type-Options")), "nosniff") {
		lacks = append(lacks, "X-Content-Type-Options: nosniff is missing")
	}
	for _, name := range []string{"Server", "X-Powered-By", "X-AspNet-Version"} {
		if value := a.header.Get(name); versionNumber.MatchString(value) {
			lacks = append(lacks, name+" shows a version")
		}
	}
	if len(lacks) > 0 {
		return fails("In the answer to GET of a user, %s.", strings.Join(lacks, "; "))
	}
	return passes()
}

const foreignPage = "https://slipway-lab.example"

func (r *run) judgeCORS() Finding {
	a := r.send(ask{method: http.MethodGet, path: scim.Path("Users", r.ada.id), header: func(h http.Header) { h.Set("Origin", foreignPage) }})
	if a.err != nil {
		return a.trouble()
	}
	allowed := a.header.Get("Access-Control-Allow-Origin")
	if (allowed == "*" || allowed == foreignPage) && strings.EqualFold(a.header.Get("Access-Control-Allow-Credentials"), "true") {
		return fails("A request from the page %s was answered with Access-Control-Allow-Origin: %s and Access-Control-Allow-Credentials: true.", foreignPage, allowed)
	}
	return passes()
}

// judgeMassAssignment asks aside: that a server stores what no schema has is the finding of another check.
func (r *run) judgeMassAssignment() Finding {
	body := r.names.plainUser("usurper", "Mass", "Assignment")
	asked := map[string]any{"isAdmin": true, "admin": true, "tenantId": "lab-" + r.names.tag}
	if len(r.schemas.list.Resources) > 0 { // without schemas nobody can say whether roles are declared
		asked["roles"] = []any{map[string]any{"value": "admin"}}
	}
	for name, value := range asked {
		body[name] = value
	}
	made := r.send(ask{method: http.MethodPost, path: "/Users", body: body, aside: true, object: &report.Object{Resource: "Users", Name: body.UserName()}})
	if made.err != nil {
		return made.trouble()
	}
	if !made.is2xx() {
		if made.status == http.StatusBadRequest {
			return passed("A body with such attributes is refused with 400.")
		}
		return expect(made, http.StatusCreated)
	}
	one := r.adopt("Users", body, made)
	if one == nil {
		return blockedBy(created)
	}
	defer r.discard("Users", one.id)
	read := r.send(ask{method: http.MethodGet, path: scim.Path("Users", one.id), aside: true})
	var taken []string
	for name := range asked {
		if value := read.object.Get(name); value != nil && shownJSON(value) != "[]" && !r.declares(name) {
			taken = append(taken, name)
		}
	}
	slices.Sort(taken)
	if len(taken) > 0 {
		return fails("A user was created with %s, which the schema does not have; GET shows what was sent. Whether it gives rights, only you can tell.", strings.Join(taken, ", "))
	}
	return passes()
}

// judgeOverride asks about a user of its own. With and without credentials, a GET must leave that user alone, and
// without them a POST that claims to be a GET must not list anybody.
func (r *run) judgeOverride() Finding {
	one, f, bad := r.makes("override")
	if bad {
		return f
	}
	path := scim.Path("Users", one.id)
	override := func(method string, bare bool) func(http.Header) {
		return func(h http.Header) {
			if bare {
				r.withNoCredentials(h)
			}
			for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
				h.Set(name, method)
			}
		}
	}
	if r.subject.Auth != nil {
		listing := r.send(ask{method: http.MethodPost, path: "/Users", aside: true, header: override(http.MethodGet, true)})
		if listing.is2xx() {
			return fails("POST /Users without credentials and with X-HTTP-Method-Override: GET answered %s.", listing.shown())
		}
		r.send(ask{method: http.MethodGet, path: path, aside: true, header: override(http.MethodDelete, true)})
	}
	r.send(ask{method: http.MethodGet, path: path, aside: true, header: override(http.MethodDelete, false)})
	now := r.user(one.id)
	if now.err != nil {
		return now.trouble()
	}
	if now.status == http.StatusNotFound || now.is2xx() && isInactive(now.object) {
		r.gone("Users", one.id)
		return fails("GET %s with X-HTTP-Method-Override: DELETE deleted the user.", pathOf(now.exchange.URL))
	}
	r.discard("Users", one.id)
	return passes()
}

const (
	nesting  = 10_000
	promptly = 5 * time.Second
)

// judgeNesting asks aside: what refuses such a body is often the parser of a framework, which knows no SCIM errors.
func (r *run) judgeNesting() Finding {
	name := r.names.userName("deep")
	body := fmt.Sprintf(`{"schemas":[%s],"userName":%s,"nickName":%s%s}`, quote(scim.SchemaUser), quote(name), strings.Repeat("[", nesting), strings.Repeat("]", nesting))
	a := r.send(ask{method: http.MethodPost, path: "/Users", body: body, aside: true, object: &report.Object{Resource: "Users", Name: name}})
	defer r.undo("Users", a)
	switch {
	case a.err != nil:
		return a.trouble()
	case a.exchange.Duration > promptly:
		return fails("A body that is nested %d deep was answered with %s after %s.", nesting, a.shown(), a.exchange.Duration.Round(time.Millisecond))
	case a.status >= 500:
		return fails("A body that is nested %d deep was answered with %s.", nesting, a.shown())
	case a.is2xx():
		return deviates("A body that is nested %d deep was accepted with %s; it did no harm.", nesting, a.shown())
	}
	return passes()
}

// judgeAddresses looks at our own users only: whose names they are is no secret.
func (r *run) judgeAddresses() Finding {
	return r.blameEach(func(one sight) string {
		if !bearsOurName(one.resource) {
			return ""
		}
		for _, address := range []string{one.answer.header.Get("Location"), one.resource.String("meta.location")} {
			plain, err := url.PathUnescape(strings.ToLower(address))
			if err != nil {
				plain = strings.ToLower(address)
			}
			for _, private := range []string{one.resource.UserName(), one.resource.String("emails.value")} {
				if isTelling(private) && strings.Contains(plain, strings.ToLower(private)) {
					return "the address " + quote(excerpt(address)) + " contains the name or e-mail address of the user."
				}
			}
		}
		return ""
	})
}

const fewestIDs = 3 // by which a row is no accident

// judgeGuessable looks at the ids of the users that the run made, in the order of their making.
func (r *run) judgeGuessable() Finding {
	var shown []string
	last, rising := -1, 0
	for _, one := range r.everything() {
		if one.answer.status != http.StatusCreated || one.kind.ID != scim.SchemaUser {
			continue
		}
		id := one.resource.String("id")
		n, ok := numberAtEnd(id)
		if !ok || n <= last || last >= 0 && n-last > 100 {
			return passes()
		}
		last, rising = n, rising+1
		if len(shown) < fewestIDs {
			shown = append(shown, id)
			r.cite(one.answer)
		}
	}
	if rising < fewestIDs {
		return passes()
	}
	return deviates("The ids are numbers in a row: %s. It works; who has one can guess the others.", excerpt(strings.Join(shown, ", ")))
}

var shortNumber = regexp.MustCompile(`^[A-Za-z_-]{0,12}(\d{1,9})$`)

// numberAtEnd is the number of an id that is one, or one behind a word, as in user-7.
func numberAtEnd(id string) (int, bool) {
	found := shortNumber.FindStringSubmatch(id)
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(found[1])
	return n, err == nil
}

var sessionName = regexp.MustCompile(`(?i)sess|sid|auth|token|jwt|login`)

// judgeCookies tells a session from what a load balancer sets for its own sake.
func (r *run) judgeCookies() Finding {
	var harmless string
	f := r.blame(func(a *answer) string {
		for _, line := range a.header.Values("Set-Cookie") {
			name, _, _ := strings.Cut(line, "=")
			if sessionName.MatchString(name) {
				return "the answer sets the cookie " + quote(excerpt(name)) + "."
			}
			harmless = excerpt(name)
		}
		return ""
	})
	if f.Outcome == report.Pass && harmless != "" {
		return deviates("Answers set the cookie %s. No client sends it back, and everything works without it.", quote(harmless))
	}
	return f
}

// judgeErrorPages looks at what error.detail and auth.no-leak do not: pages of frameworks and gateways.
func (r *run) judgeErrorPages() Finding {
	return r.blame(func(a *answer) string {
		if a.err != nil || a.status < 400 || a.status == http.StatusUnauthorized || r.isSCIMError(a) {
			return ""
		}
		if trace := traceIn(a.body); trace != "" {
			return "the " + a.shown() + " contains what looks like a stack trace or SQL (" + quote(trace) + ")."
		}
		return ""
	})
}
