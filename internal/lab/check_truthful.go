package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// truthfulChecks try out what the discovery documents say. They come late, when there is something to try it on.
var truthfulChecks = []Check{
	{
		ID: "discovery.spc.truthful.filter", Title: "Filters work if, and only if, they are advertised", Family: discovery, Severity: report.RFC,
		Needs: []string{"filter.eq.username"}, Reference: "RFC 7643 §5",
		Why:   "Clients that read filter.supported: false download everybody instead of looking one person up.",
		Fix:   "Set filter.supported to true if filters work, to false if they do not.",
		judge: (*run).judgeTruthfulFilter,
	},
	{
		ID: "discovery.spc.truthful.sort", Title: "Sorting works if, and only if, it is advertised", Family: discovery, Severity: report.RFC,
		Needs: []string{"users.get.200"}, takes: []string{"users.create.okta-shape"}, Reference: "RFC 7643 §5; RFC 7644 §3.4.2.3",
		Why:   "A client that trusts the order of a list which is not sorted misses people.",
		Fix:   "Set sort.supported to true if sortBy orders the list, to false if it does not.",
		judge: (*run).judgeTruthfulSort,
	},
	{
		ID: "discovery.spc.truthful.etag", Title: "Entity tags work if, and only if, they are advertised", Family: discovery, Severity: report.RFC,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §5; RFC 7644 §3.14",
		Why:   "A client that sends If-Match and trusts it overwrites the changes of others.",
		Fix:   "Set etag.supported to false; or send an ETag header with every resource, answer 304 to a matching If-None-Match, and 412 to an If-Match that does not match.",
		judge: (*run).judgeTruthfulETag,
	},
	{
		ID: "discovery.spc.truthful.bulk", Title: "Bulk works if, and only if, it is advertised", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §5; RFC 7644 §3.7",
		Why:   "A client that relies on bulk for its first synchronisation gets nowhere.",
		Fix:   "Set bulk.supported to true if POST /Bulk works, to false if it does not.",
		judge: (*run).judgeTruthfulBulk,
	},
	{
		ID: "discovery.spc.maxresults", Title: "No list is longer than filter.maxResults", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7643 §5",
		Why:   "Clients that size their pages by it run over.",
		Fix:   "Cap lists at the number that you publish, or publish the real one.",
		judge: (*run).judgeMaxResults,
	},
	{
		ID: "discovery.schemas.truthful.required", Title: "What the schema of users requires is what a create requires", Family: discovery, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, takes: []string{"users.create.minimal"}, Reference: "RFC 7643 §7",
		Why:   "Clients let people be assigned who lack nothing that the schema requires, and the creates then fail.",
		Fix:   "Mark as required what a create is refused without, and nothing else.",
		judge: (*run).judgeTruthfulRequired,
	},
	{
		ID: "discovery.schemas.truthful.known", Title: "The schema of users lists what users have, and no more", Family: discovery, Severity: report.RFC, Feature: "create_users",
		Needs: []string{"users.create.full"}, Reference: "RFC 7643 §7",
		Why:   "What is listed and not stored is mapped by administrators and lost; what is stored and not listed is mapped by nobody.",
		Fix:   "Take attributes that you do not store out of the schema; add those that you show.",
		judge: (*run).judgeTruthfulKnown,
	},
}

// claims is the service's own word on a feature; known is false where it says nothing.
func (r *run) claims(feature string) (supported, known bool) {
	supported, known = r.provider.object.Get(feature + ".supported").(bool)
	return supported, known
}

// truthful compares what ServiceProviderConfig says of a feature with what was seen.
func (r *run) truthful(feature string, works bool, seen string) Finding {
	supported, known := r.claims(feature)
	switch {
	case !known:
		return notApplicable("ServiceProviderConfig does not say.")
	case supported && !works:
		return fails("ServiceProviderConfig says that %s is supported. %s", feature, seen)
	case !supported && works:
		return fails("ServiceProviderConfig says that %s is not supported. %s", feature, seen)
	}
	return passes()
}

// judgeTruthfulFilter stands on a look-up that has worked; that advertised filters do not work is that check's finding.
func (r *run) judgeTruthfulFilter() Finding {
	r.cite(r.provider.answer)
	return r.truthful("filter", true, "A look-up by userName eq works.")
}

// judgeTruthfulSort compares the two orders of the run's own users, by the letter in which their names first differ: about
// that one no collation disagrees.
func (r *run) judgeTruthfulSort() Finding {
	if _, known := r.claims("sort"); !known {
		return notApplicable("ServiceProviderConfig does not say.")
	}
	up, f, ok := r.sortedLetters("ascending")
	if !ok {
		return f
	}
	down, f, ok := r.sortedLetters("descending")
	if !ok {
		return f
	}
	if !differ(up) || !differ(down) {
		return unproved("Fewer than two users of the run are on the first page.")
	}
	shown := excerpt(strings.Join(up, ", ") + " ascending, and " + strings.Join(down, ", ") + " descending")
	slices.Reverse(down)
	return r.truthful("sort", slices.IsSorted(up) && slices.IsSorted(down), "With sortBy=userName the users whose names go on with these letters come as "+shown+".")
}

func differ(letters []string) bool {
	return slices.ContainsFunc(letters, func(l string) bool { return l != letters[0] })
}

// sortedLetters are the letters that follow the run's prefix in its users' names, in the order of a sorted list. It asks
// without a filter where the server has none of this kind.
func (r *run) sortedLetters(order string) (letters []string, f Finding, ok bool) {
	query := []string{"sortBy", "userName", "sortOrder", order, "startIndex", "1", "count", "100"}
	a := r.sortedList(append(slices.Clone(query), "filter", "userName sw "+quote(r.names.prefix)))
	if letters = r.lettersIn(a); !differ(letters) && a.err == nil {
		a = r.sortedList(query)
		letters = r.lettersIn(a)
	}
	supported, _ := r.claims("sort")
	switch {
	case a.err != nil:
		return nil, a.trouble(), false
	case !a.is2xx() && supported:
		return nil, fails("ServiceProviderConfig says that sort is supported. GET /Users with sortBy=userName answered %s.%s", a.shown(), a.detail()), false
	case !a.is2xx():
		return nil, passed("GET /Users with sortBy answered %s, as ServiceProviderConfig says.", a.shown()), false
	}
	return letters, Finding{}, true
}

func (r *run) lettersIn(a *answer) []string {
	var letters []string
	for _, user := range a.resources() {
		if rest, ours := strings.CutPrefix(strings.ToLower(user.UserName()), r.names.prefix); ours && rest != "" {
			letters = append(letters, rest[:1])
		}
	}
	return letters
}

func (r *run) sortedList(query []string) *answer {
	return r.send(ask{method: http.MethodGet, path: "/Users", query: values(query), aside: true})
}

// judgeTruthfulETag knows that many web frameworks add ETag to every body: that alone is not SCIM's versioning. Where
// nothing is claimed, it takes a version in the resource, and a refusal of an outdated one.
func (r *run) judgeTruthfulETag() Finding {
	supported, known := r.claims("etag")
	if !known {
		return notApplicable("ServiceProviderConfig does not say.")
	}
	a := r.user(r.ada.id)
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	tag := a.header.Get("ETag")
	if !supported {
		return r.truthful("etag", tag != "" && a.object.String("meta.version") != "" && r.mindsVersions(), "ETag and meta.version are there, and an outdated If-Match is refused with 412.")
	}
	if tag == "" {
		return r.truthful("etag", false, "GET of a user has no header ETag.")
	}
	again := r.send(ask{method: http.MethodGet, path: scim.Path("Users", r.ada.id), header: func(h http.Header) { h.Set("If-None-Match", tag) }})
	if again.err != nil {
		return again.trouble()
	}
	return r.truthful("etag", again.status == http.StatusNotModified, "GET with the user's ETag in If-None-Match answered "+again.shown()+" instead of 304.")
}

// mindsVersions replaces a user by what it was created from, under a version that it never had.
func (r *run) mindsVersions() bool {
	a := r.send(ask{method: http.MethodPut, path: scim.Path("Users", r.ada.id), body: r.ada.sent, aside: true,
		header: func(h http.Header) { h.Set("If-Match", `W/"slipway-lab-`+r.names.tag+`"`) }})
	return a.err == nil && a.status == http.StatusPreconditionFailed
}

// judgeTruthfulBulk deletes somebody who does not exist: the outer answer tells whether bulk is there.
func (r *run) judgeTruthfulBulk() Finding {
	if _, known := r.claims("bulk"); !known {
		return notApplicable("ServiceProviderConfig does not say.")
	}
	a := r.send(ask{method: http.MethodPost, path: "/Bulk", aside: true, body: map[string]any{
		"schemas":    []string{scim.SchemaBulkRequest},
		"Operations": []any{map[string]any{"method": http.MethodDelete, "path": scim.Path("Users", r.names.unknown)}},
	}})
	if a.err != nil {
		return a.trouble()
	}
	works := a.is2xx() && a.object.Get("Operations") != nil
	return r.truthful("bulk", works, "POST /Bulk with one operation answered "+a.shown()+".")
}

// askBeyond is the largest limit beyond which a page is asked for.
const askBeyond = 200

func (r *run) judgeMaxResults() Finding {
	value := r.provider.object.Get("filter.maxResults")
	limit, _ := value.(float64)
	switch {
	case !isInteger(value):
		return notApplicable("ServiceProviderConfig publishes no filter.maxResults.")
	case limit <= 0 && r.advertised(offersFilter):
		return deviates("filter.maxResults is %s: by the letter no list may have an entry.", shownJSON(value))
	case limit <= 0:
		return notApplicable("Filters are not offered.")
	case limit <= askBeyond:
		r.get("/Users", "startIndex", "1", "count", itoa(int(limit)+1))
	}
	for _, a := range r.answers {
		if list, ok := a.list(); ok && !a.aside && len(list.Resources) > int(limit) {
			r.cite(a)
			return fails("filter.maxResults is %s; %s answered with %d resources.", shownJSON(value), a.request(), len(list.Resources))
		}
	}
	return passes()
}

// requiredOf are the attributes of the first level that the published schema of users marks as required.
func (r *run) requiredOf() []string {
	var names []string
	for _, p := range r.attributes() {
		if p.parent == nil && strings.EqualFold(p.schema, scim.SchemaUser) && p.about.Get("required") == true {
			names = append(names, p.about.String("name"))
		}
	}
	return names
}

// judgeTruthfulRequired creates a user of what is required, and then leaves one thing out at a time. What a schema of
// one's own requires, the lab has no value for.
func (r *run) judgeTruthfulRequired() Finding {
	if r.published("userName") == nil {
		return notApplicable("/Schemas does not list the attributes of %s.", scim.SchemaUser)
	}
	r.cite(r.schemas.answer)
	plain := r.names.plainUser("needed", "Need", "Ed")
	body := scim.Resource{"schemas": plain["schemas"], "userName": plain["userName"]}
	for _, name := range r.requiredOf() {
		value := plain.Get(name)
		if value == nil && !slices.Contains(commonNames, strings.ToLower(name)) {
			return notApplicable("The schema requires %s, for which the lab has no value.", quote(excerpt(name)))
		}
		if value != nil {
			body[name] = value
		}
	}
	a := r.create("Users", body)
	r.undo("Users", a)
	if f, bad := a.want(http.StatusCreated, http.StatusOK); bad {
		f.Message += " The body had all that the schema of users marks as required: " + strings.Join(keysOf(body), ", ") + "."
		return f
	}
	return r.judgeEachRequired(body)
}

func (r *run) judgeEachRequired(body scim.Resource) Finding {
	for _, name := range keysOf(body) {
		if name == "schemas" || name == "userName" { // error.missing-schemas and error.missing-required ask for these
			continue
		}
		without := body.Clone()
		without["userName"] = r.names.userName("needed-" + strings.ToLower(name))
		delete(without, name)
		a := r.create("Users", without)
		r.undo("Users", a)
		if a.is2xx() {
			return fails("The schema of users says that %s is required; a user without it was created.", name)
		}
	}
	return passes()
}

func keysOf(resource scim.Resource) []string {
	var names []string
	for name := range resource {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// beyondPlain are attributes that only the rich user has: whether the others are kept, more urgent checks say.
var beyondPlain = []string{"nickName", "userType", "profileUrl", "preferredLanguage", "locale", "timezone", "phoneNumbers", "addresses", "x509Certificates"}

func (r *run) judgeTruthfulKnown() Finding {
	if r.published("userName") == nil {
		return notApplicable("/Schemas does not list the attributes of %s.", scim.SchemaUser)
	}
	r.cite(r.schemas.answer, r.rich.created)
	for _, name := range beyondPlain {
		about, sent := r.published(name), r.rich.sent.Get(name)
		if about == nil || sent == nil || !isKept(about) || r.rich.shown.Get(name) != nil {
			continue
		}
		return fails("/Schemas lists %s for users; a user was created with it, and GET shows none.", name)
	}
	return r.judgeListed()
}

// isKept holds for an attribute that a client may write and then sees.
func isKept(about scim.Resource) bool {
	mutability, returned := about.String("mutability"), about.String("returned")
	return (mutability == "" || mutability == "readWrite" || mutability == "immutable") && (returned == "" || returned == "default" || returned == "always")
}

// judgeListed looks at attributes of the RFC's schema; others that nobody lists are repr.no-foreign-top's finding.
func (r *run) judgeListed() Finding {
	return r.blameEach(func(one sight) string {
		if one.kind.ID != scim.SchemaUser {
			return ""
		}
		for _, name := range keysOf(one.resource) {
			if _, core := one.kind.Attribute(name); core && r.published(name) == nil {
				return "the user has " + name + ", which /Schemas does not list for users."
			}
		}
		return ""
	})
}
