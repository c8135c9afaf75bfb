package lab

import (
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// providerChecks look closer at ServiceProviderConfig. Whether what it says is true, truthfulChecks try out.
var providerChecks = []Check{
	{
		ID: "discovery.spc.auth-schemes", Title: "Each authentication scheme has type, name and description", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §5, §2.4",
		Why:   "Clients offer the administrator the schemes of this list, by these words.",
		Fix:   `Write each entry like {"type": "oauthbearertoken", "name": "Bearer token", "description": "…"}. The type is oauth, oauth2, oauthbearertoken, httpbasic or httpdigest; one entry at most is primary; the link is spelled specUri.`,
		judge: (*run).judgeSchemes,
	},
	{
		ID: "auth.spc-scheme", Title: "authenticationSchemes lists the scheme that works", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §5",
		Why:   "A client that chooses by the list cannot sign in.",
		Fix:   "Add an entry for what you accept: type oauthbearertoken (or oauth2) for Authorization: Bearer, httpbasic for Authorization: Basic.",
		judge: (*run).judgeListedScheme,
	},
	{
		ID: "discovery.spc.pagination", Title: "What ServiceProviderConfig says of paging is well formed", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 9865 §4",
		Why:   "Clients choose between startIndex and cursors by these two booleans.",
		Fix:   `Write, for example, "pagination": {"cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 250, "cursorTimeout": 600}: two booleans, a word, and integers above 0.`,
		judge: (*run).judgePagination,
	},
}

// knownSchemes are the words that RFC 7643 §5 defines. It does not forbid others.
var knownSchemes = []string{"oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"}

// schemeList reads authenticationSchemes; f says why there is nothing to judge.
func (r *run) schemeList() (list []scim.Resource, f Finding, ok bool) {
	if !r.provider.there() {
		return nil, absent(r.provider), false
	}
	r.cite(r.provider.answer)
	value := r.provider.object.Get("authenticationSchemes")
	elements, isArray := value.([]any)
	switch {
	case value == nil:
		return nil, notApplicable("There is no authenticationSchemes, which is discovery.spc.required's finding."), false
	case !isArray:
		return nil, fails("authenticationSchemes is %s, not an array.", shownJSON(value)), false
	}
	for _, element := range elements {
		scheme, isObject := element.(map[string]any)
		if !isObject {
			return nil, fails("authenticationSchemes has the element %s, which is no object.", shownJSON(element)), false
		}
		list = append(list, scheme)
	}
	return list, Finding{}, true
}

func (r *run) judgeSchemes() Finding {
	list, f, ok := r.schemeList()
	if !ok {
		return f
	}
	var primaries int
	var odd string
	for i, scheme := range list {
		for _, name := range []string{"type", "name", "description"} {
			if strings.TrimSpace(scheme.String(name)) == "" {
				return fails("Scheme %d of authenticationSchemes has no %s.", i+1, name)
			}
		}
		if kind := scheme.String("type"); !slices.Contains(knownSchemes, kind) {
			odd = "The type " + quote(excerpt(kind)) + " is none of those that the RFC defines: " + strings.Join(knownSchemes, ", ") + "."
		}
		if scheme.Get("specUrl") != nil {
			odd = "The attribute specUrl of authenticationSchemes is spelled specUri in the RFC; clients do not read it."
		}
		if scheme.Get("primary") == true {
			primaries++
		}
	}
	switch {
	case primaries > 1:
		return fails("%d of the authenticationSchemes are primary; at most one may be.", primaries)
	case odd != "":
		return deviates("%s", odd)
	}
	return passes()
}

// judgeListedScheme does not apply to credentials for which the RFC has no word, such as a key in a header of its own.
func (r *run) judgeListedScheme() Finding {
	list, f, ok := r.schemeList()
	if !ok && f.Outcome == report.Fail {
		return notApplicable("authenticationSchemes cannot be read, which is discovery.spc.auth-schemes' finding.")
	}
	if !ok {
		return f
	}
	var words []string
	name, value := r.credentialHeader()
	scheme, _, _ := strings.Cut(value, " ")
	switch {
	case r.subject.Auth == nil || name != "Authorization":
		return notApplicable("The RFC has no word for these credentials.")
	case strings.EqualFold(scheme, "Bearer"):
		words = []string{"oauthbearertoken", "oauth2"}
	case strings.EqualFold(scheme, "Basic"):
		words = []string{"httpbasic"}
	default:
		return notApplicable("The RFC has no word for these credentials.")
	}
	var listed []string
	foreign := false
	for _, one := range list {
		kind := one.String("type")
		if slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, kind) }) {
			return passes()
		}
		foreign = foreign || !slices.Contains(knownSchemes, strings.ToLower(kind))
		listed = append(listed, quote(excerpt(kind)))
	}
	said := "Authorization: " + scheme + " works; authenticationSchemes lists " + strings.Join(listed, ", ") + ", not " + strings.Join(words, " or ") + "."
	if len(listed) == 0 {
		said = "Authorization: " + scheme + " works; authenticationSchemes is empty."
	}
	if foreign {
		return deviates("%s One of them is a word of your own, which may mean it.", said)
	}
	return fails("%s", said)
}

// judgePagination tries a cursor where nothing is said of them: that they work unsaid is a recommendation's finding.
func (r *run) judgePagination() Finding {
	if !r.provider.there() {
		return absent(r.provider)
	}
	r.cite(r.provider.answer)
	value := r.provider.object.Get("pagination")
	if value == nil {
		a := r.send(ask{method: "GET", path: "/Users", query: values([]string{"cursor", "", "count", "1"}), aside: true})
		if a.is2xx() && a.object.String("nextCursor") != "" {
			return Finding{Outcome: report.Warn, Severity: report.Recommended, Message: "Lists with cursors work, and ServiceProviderConfig has no pagination to say so."}
		}
		return passed("There is no pagination, which is optional, and no cursors.")
	}
	about, isObject := value.(map[string]any)
	if !isObject {
		return fails("pagination is %s, not an object.", shownJSON(value))
	}
	return judgePaging(about)
}

func judgePaging(about scim.Resource) Finding {
	for _, name := range []string{"cursor", "index"} {
		if _, ok := about.Get(name).(bool); !ok {
			return fails("pagination.%s is %s, not a boolean.", name, shownJSON(about.Get(name)))
		}
	}
	for _, name := range []string{"defaultPageSize", "maxPageSize", "cursorTimeout"} {
		number, _ := about.Get(name).(float64)
		if value := about.Get(name); value != nil && (!isInteger(value) || number <= 0) {
			return fails("pagination.%s is %s, not an integer above 0.", name, shownJSON(value))
		}
	}
	if method := about.Get("defaultPaginationMethod"); method != nil && method != "cursor" && method != "index" {
		return fails("pagination.defaultPaginationMethod is %s, neither \"cursor\" nor \"index\".", shownJSON(method))
	}
	return passes()
}
