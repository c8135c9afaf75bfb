package lab

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// fixtures is what one check leaves for later ones: answers to look at again, and objects to work on.
type fixtures struct {
	probe        *answer // the first GET /Users
	unauthorized []*answer
	provider     document // ServiceProviderConfig
	types        document // ResourceTypes
	schemas      document
	known        []published // what the schemas publish; nil until somebody has asked
	sights       []sight     // what the first so many answers have shown whole
	looked       int         // how many

	ada   *account // a plain user
	bob   *account // as widespread clients create one
	spare *account // a second user, where there is no bob
	crew  *account // a group
	rich  *account // a user with a value for nearly every attribute
	cast  cast     // whom filters and orders are tried on

	ruth   *account        // on whom the checks of PATCH work
	ruths  int             // how many there were before her
	unkept map[string]bool // what the server does not keep of her

	mass *mass // what a thousand users have brought to light

	duplicate *answer // the refusal of a second ada
	put       *answer
	patched   *answer

	patchTried   *answer // though it is not advertised
	patchIsExtra bool    // it is not advertised, and works

	inactive    *account
	byPatch     bool   // PATCH has deactivated
	cursors     []page // the first page by cursor
	cursorWalk  []page
	cursorCount int
	pages       []page
	removal     *answer         // of a member, by a filter
	keeps       map[string]bool // simple attributes that the server stores

	tagged   *account // a user to write to under preconditions
	staleTag string   // an ETag that it had before

	noBulk bool    // POST /Bulk was refused
	bulked *answer // the first bulk request

	limited     []*answer     // every 429
	crowd       []*account    // a hundred users
	lookUpAlone time.Duration // before they were there

	flowFixtures
}

// account is an object of the run's own.
type account struct {
	id      string
	name    string
	sent    scim.Resource
	created *answer
	shown   scim.Resource // how GET first showed it, where somebody needs that
}

// document is a discovery document: read once, judged by several checks.
type document struct {
	answer *answer
	list   scim.ListResponse
	object scim.Resource // of ServiceProviderConfig, also where it came wrapped in a list
}

func (d document) there() bool { return d.object != nil }

// adopt takes the creation's answer, or a look-up where that said nothing, as the account's birth certificate.
func (r *run) adopt(resource string, sent scim.Resource, created *answer) *account {
	a := &account{sent: sent, created: created, name: sent.UserName(), id: r.idOfOurs(created)}
	if resource == "Groups" {
		a.name = sent.String("displayName")
	}
	if !created.is2xx() {
		return nil
	}
	if a.id == "" && created.object.ID() == "" {
		a.id = r.idFromLocation(resource, created)
	}
	if a.id == "" {
		if ids, err := r.idsOf(report.Object{Resource: resource, Name: a.name}); err == nil && len(ids) > 0 {
			a.id = ids[0]
		}
	}
	if a.id == "" {
		return nil
	}
	r.identify(resource, a.name, a.id)
	return a
}

// idFromLocation takes the last segment only, and looks who that is: a Location is never followed to where it points.
func (r *run) idFromLocation(resource string, created *answer) string {
	_, id, ok := strings.Cut(created.header.Get("Location"), "/"+resource+"/")
	if !ok || strings.ContainsAny(id, "/?#%") || !isPlainID(id) || !bearsOurName(r.get(scim.Path(resource, id)).object) {
		return ""
	}
	return id
}

// someone is a user to look for: one of ours, or one that was there before, which is only read.
func (r *run) someone() (id, userName string) {
	if r.ada != nil {
		return r.ada.id, r.ada.name
	}
	for _, user := range r.probe.resources() {
		if user.ID() != "" && user.UserName() != "" {
			return user.ID(), user.UserName()
		}
	}
	return "", ""
}

// somebodysAddress is the e-mail address of a user as the server shows it: of one of ours, or of one that was there.
func (r *run) somebodysAddress() (id, address string) {
	shown := r.probe.resources()
	if r.ada != nil {
		shown = []scim.Resource{r.user(r.ada.id).object}
	}
	for _, user := range shown {
		if addresses := addressesOf(user); user.ID() != "" && len(addresses) > 0 {
			return user.ID(), addresses[0]
		}
	}
	return "", ""
}

// find asks for users with a filter.
func (r *run) find(filter string, more ...string) *answer {
	return r.get("/Users", append([]string{"filter", filter, "startIndex", "1", "count", "100"}, more...)...)
}

// user reads one user.
func (r *run) user(id string) *answer { return r.get(scim.Path("Users", id)) }

// patches reports whether PATCH applies: the manifest's word, else the service's own, else it does. Where the service
// says no, an operation that changes nothing is tried: PATCH that works all the same is judged, but cannot block. A
// service of SCIM 1.1 that says nothing is asked in the same way: unless it refuses PATCH as such, it offers it.
func (r *run) patches() bool {
	if r.subject.Patch != nil {
		return *r.subject.Patch
	}
	supported, known := r.provider.object.Get("patch.supported").(bool)
	silent := !known && r.subject.Version == SCIM11 && r.ada != nil
	if supported || !known && !silent {
		return true
	}
	if r.patchTried == nil && r.ada != nil {
		r.patchTried = r.patchActive(r.ada.id, true)
		r.patchIsExtra = known && r.patchTried.is2xx()
	}
	if silent { // 403 is "not supported" there (draft-scim-api-01 table 7)
		return !isRefusedAsUnsupported(r.patchTried) && r.patchTried.status != http.StatusForbidden
	}
	return r.patchIsExtra
}

// hasGroups reports whether groups apply: declared in the manifest, published as a type, or simply there.
func (r *run) hasGroups() bool {
	if r.subject.Features != nil {
		for _, f := range r.subject.Features {
			if f == "group_push" || f == "import_groups" {
				return true
			}
		}
	}
	for _, t := range slices.Concat(r.types.list.Resources, r.schemas.list.Resources) { // a schema has an endpoint in SCIM 1.1
		if strings.EqualFold(strings.TrimPrefix(t.String("endpoint"), "/"), "Groups") {
			return true
		}
	}
	return false
}

// quote writes s as a filter's string literal (RFC 7644 §3.4.2.2: as in JSON).
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

func itoa(n int) string { return strconv.Itoa(n) }

// replaceOp is one replace operation; path "" is the form without a path.
func replaceOp(path string, value any) map[string]any { return operation("replace", path, value) }

func operation(op, path string, value any) map[string]any {
	o := map[string]any{"op": op}
	if path != "" {
		o["path"] = path
	}
	if value != nil {
		o["value"] = value
	}
	return o
}

// isRefusedAsUnsupported reports an answer that says "not offered here".
func isRefusedAsUnsupported(a *answer) bool {
	return a.err == nil && (a.status == http.StatusNotImplemented || a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotFound)
}
