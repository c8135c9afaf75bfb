package lab

import (
	"maps"
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	importedFull = "okta.import.full"
	testGroups   = "okta.testcreds.groups"
	importSize   = 100 // entries of a page that clients ask for
)

// importChecks are what a client sends to learn who is there.
var importChecks = []Check{
	{
		ID: importedFull, Title: "An import in pages of a hundred meets everybody once", Family: flows, Severity: report.Network, Feature: "import_users",
		Needs: []string{okta.asks, created, "users.list.types", "page.walk-complete"}, takes: []string{assigned}, Reference: "Network rule",
		Why:   "Clients written for Okta's API go on by a hundred until they have totalResults. Whoever is on none of these pages is taken for gone.",
		Fix:   "Fill each page up to count=100 while there are more users; keep order and totalResults the same from page to page.",
		judge: (*run).judgeImport,
	},
	{
		ID: "okta.import.delta-new", Title: "The next import meets who is new", Family: flows, Severity: report.Network, Feature: "import_users",
		Needs: []string{importedFull}, Reference: "Network rule",
		Why:   "An admin makes an account in the app and starts an import. A list from a cache shows nobody new, and drops nobody who left.",
		Fix:   "Read lists from the database, or clear their cache with every write.",
		judge: (*run).judgeImportNew,
	},
	{
		ID: "okta.import.deactivated", Title: "The next import meets the deactivated as inactive", Family: flows, Severity: report.Network, Feature: "import_users",
		Needs: []string{"okta.import.delta-new", "users.list.includes-inactive"}, Reference: "Network rule",
		Why:   "Where the app is the source of profiles, this is how the directory learns that somebody has left.",
		Fix:   `Show "active": false in lists as on the account itself.`,
		judge: (*run).judgeImportInactive,
	},
	{
		ID: testGroups, Title: "The test of the connection reads a hundred groups", Family: flows, Severity: report.Network,
		Needs: []string{groupList, okta.asks}, Reference: "Network rule",
		Why:   "Clients written for Okta's API send this right after the users. Where it fails, groups can neither be pushed nor imported.",
		Fix:   "Answer GET /Groups?startIndex=1&count=100 with a list; where a hundred are too many, send fewer instead of an error.",
		judge: (*run).judgeTestGroups,
	},
	{
		ID: "okta.import.groups", Title: "An import of groups meets a new group with its members", Family: flows, Severity: report.Network, Feature: "import_groups",
		Needs: []string{testGroups, "groups.create.members"}, Reference: "Network rule; RFC 7643 §4.2",
		Why:   "Clients read memberships from the list of groups. Where members are missing there, every group looks empty.",
		Fix:   "Show members in the list of groups, as on a single group.",
		judge: (*run).judgeImportGroups,
	},
}

// walk reads a resource page by page as an import does, and returns what it met. It goes on by what came, so that a
// short page loses nobody; short says that there was one. ended is false where there are more entries than it reads.
func (f *flow) walk(resource string) (met map[string]scim.Resource, ended bool, short string) {
	met = map[string]scim.Resource{}
	start, total := 1, 0
	for n := 0; n < maxPages && f.broken == nil; n++ {
		a := f.get("page "+itoa(n+1)+" of the import", "/"+resource, []string{"startIndex", itoa(start), "count", itoa(importSize)}, func(a *answer) string {
			if wrong := saysList(a); wrong != "" {
				return wrong
			}
			if value := a.object.Get("totalResults"); !isInteger(value) {
				return "totalResults is " + shownJSON(value) + ", not an integer."
			}
			return ""
		})
		page, _ := a.list()
		total = page.TotalResults
		for _, one := range page.Resources {
			met[one.ID()] = one
		}
		start += len(page.Resources)
		if len(page.Resources) == 0 || start > total {
			return met, true, short
		}
		if got := len(page.Resources); got < importSize && short == "" {
			short = "Of " + itoa(total) + " entries, a page of " + itoa(importSize) + " holds " + itoa(got) + ". The RFC allows that; clients that go on by " + itoa(importSize) + " miss the others."
		}
	}
	return met, false, short
}

// meets wants the object with the id in what a walk met.
func (f *flow) meets(met map[string]scim.Resource, ended bool, id string, problem func(scim.Resource) string) Finding {
	one, there := met[id]
	switch {
	case f.broken != nil:
	case !there && !ended:
		return unproved("The first %d entries do not hold it; the import ended there.", len(met))
	case !there:
		f.end("looking through what was imported", report.Fail, "On none of the pages is the id "+quote(id)+".")
	default:
		if wrong := problem(one); wrong != "" {
			f.end("looking through what was imported", report.Fail, "In the list "+wrong)
		}
	}
	return f.finding()
}

func (r *run) judgeImport() Finding {
	f := r.flow(okta, "When an admin imports the users, some of them are missing.")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	met, ended, short := f.walk("Users")
	f.unusual = short
	r.imported = map[string]bool{}
	for id := range maps.Keys(met) {
		r.imported[id] = true
	}
	return f.meets(met, ended, who.id, like(who.sent, "userName"))
}

// judgeImportNew makes somebody behind the client's back, as an admin of the app does.
func (r *run) judgeImportNew() Finding {
	f := r.flow(okta, "When an account is made in the app and an admin imports again, nobody new is found.")
	guest, g := r.guest("newcomer")
	if guest == nil {
		return g
	}
	r.newcomer = guest
	met, ended, _ := f.walk("Users")
	if r.imported[guest.id] {
		return blockedBy(importedFull)
	}
	return f.meets(met, ended, guest.id, like(guest.sent, "userName"))
}

func (r *run) judgeImportInactive() Finding {
	f := r.flow(okta, "When an account is deactivated in the app and an admin imports again, the directory keeps the person active.")
	mark := len(r.evidence)
	if !r.setActive(r.newcomer.id, false, false) {
		return blockedBy("users.active.deactivate-put")
	}
	r.evidence = r.evidence[:mark]
	met, ended, _ := f.walk("Users")
	if _, there := met[r.newcomer.id]; !there && ended && f.broken == nil {
		return deviates("Inactive users are not in the list. An import takes that for a removal, which comes to the same.")
	}
	return f.meets(met, ended, r.newcomer.id, isActive(false))
}

func (r *run) judgeTestGroups() Finding {
	f := r.flow(okta, "When an admin saves the credentials, groups are reported as broken.")
	f.get("the test of the connection", "/Groups", []string{"startIndex", "1", "count", itoa(importSize)}, saysList)
	return f.finding()
}

func (r *run) judgeImportGroups() Finding {
	f := r.flow(okta, "When an admin imports the groups, they arrive without their members, or not at all.")
	first, second := r.two()
	if second == nil {
		return blockedBy(created)
	}
	sent := r.names.group("imported", member(first.id, first.name), member(second.id, second.name))
	group := r.adopt("Groups", sent, r.create("Groups", sent))
	if group == nil {
		return blockedBy(groupCreated)
	}
	defer r.discard("Groups", group.id)
	met, ended, _ := f.walk("Groups")
	if one, there := met[group.id]; there && f.broken == nil && one.Get("members") == nil {
		return deviates("The list of groups has no members. Large groups are read faster that way; clients that import memberships from the list see empty groups.")
	}
	return f.meets(met, ended, group.id, func(got scim.Resource) string {
		if wrong := like(sent, "displayName")(got); wrong != "" {
			return wrong
		}
		ids := memberIDs(got)
		if slices.Contains(ids, first.id) && slices.Contains(ids, second.id) {
			return ""
		}
		return "the members are " + shownJSON(got.Get("members")) + "."
	})
}

func memberIDs(group scim.Resource) []string {
	var ids []string
	list, _ := group.Get("members").([]any)
	for _, element := range list {
		one, _ := element.(map[string]any)
		ids = append(ids, scim.Resource(one).String("value"))
	}
	return ids
}

// backoffChecks look back: only a server that is asked too much shows how it says so.
var backoffChecks = []Check{
	{
		ID: "okta.429.backoff", retrospect: true, Title: "A 429 says for how many seconds to wait", Family: flows, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule; RFC 6585 §4, RFC 9110 §10.2.3",
		Why:   "Clients written for Okta's API wait as many seconds as Retry-After says. Where it says nothing or names a date, they wait for minutes, and an import takes hours.",
		Fix:   "Send with every 429 a whole number of seconds, such as Retry-After: 5.",
		judge: (*run).judgeBackoff,
	},
}

func (r *run) judgeBackoff() Finding {
	for _, a := range r.limited {
		switch value := a.header.Get("Retry-After"); {
		case value == "":
			r.cite(a)
			return fails("%s was answered %s without Retry-After.", a.request(), a.shown())
		case !isDigits(value):
			r.cite(a)
			return fails("%s was answered %s with Retry-After %s, which is no number of seconds. HTTP allows a date; these clients do not read it.", a.request(), a.shown(), quote(excerpt(value)))
		}
	}
	if len(r.limited) == 0 {
		return passed("Nothing in the run was answered 429.")
	}
	return passed("Each of %d answers with %d said how long to wait.", len(r.limited), http.StatusTooManyRequests)
}

func isDigits(s string) bool {
	return s != "" && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}
