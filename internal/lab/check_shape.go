package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// shapeChecks look back at every resource that the run has seen.
var shapeChecks = []Check{
	{
		ID: "repr.schemas", Title: "schemas names the resource's type, and no URN twice", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, Reference: "RFC 7643 §3",
		Why:   "Clients tell by schemas what they have before them.",
		Fix:   `Write schemas as an array: the URN of the resource's type once, and that of each extension in use, such as ["urn:ietf:params:scim:schemas:core:2.0:User"].`,
		judge: (*run).judgeURNs,
	},
	{
		ID: "repr.schemas-extension", Title: "schemas names each extension that has data", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, takes: []string{full}, Reference: "RFC 7643 §3, §3.3",
		Why:   "Data of an extension that schemas does not name is not read by strict clients.",
		Fix:   "Name the URN of an extension in schemas when the resource has data under it, and drop it with the data.",
		judge: (*run).judgeSchemasExtension,
	},
	{
		ID: "repr.id", Title: "A resource shows the id by which it is addressed", Family: shapes, Severity: report.RFC | report.Network, retrospect: true,
		Needs: []string{root}, takes: []string{put, patchWorks, groupCreated}, Reference: "RFC 7643 §3.1",
		Why:   "A client keeps the id of the last answer. If it is another, the next request goes astray.",
		Fix:   "Give every resource one id, unique in the whole service, and show this id in every answer.",
		judge: (*run).judgeIDs,
	},
	{
		ID: "repr.id-urlsafe", Title: "An id stands in a path without being escaped", Family: shapes, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, takes: []string{created}, Reference: "RFC 3986 §2.3",
		Why:   "A slash, a space or a plus sign in an id is escaped by one client and not by the next.",
		Fix:   "Make ids of letters, digits, hyphens and dots; a UUID is best.",
		judge: (*run).judgeSafeIDs,
	},
	{
		ID: "repr.meta-times", Title: "created stays, and lastModified moves with a change", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{"repr.meta"}, takes: []string{put, patchWorks}, Reference: "RFC 7643 §3.1",
		Why:   "Clients that read only what has changed go by lastModified.",
		Fix:   "Set both to the same instant when you create; after that change lastModified with every change, and created never.",
		judge: (*run).judgeTimes,
	},
	{
		ID: "repr.datetime", Title: "Dates are written with day and time", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, takes: []string{created, groupCreated}, Reference: "RFC 7643 §2.3.5",
		Why:   "A blank in the place of the T is no date to most parsers.",
		Fix:   "Write ISO 8601 with a zone, such as 2026-05-01T12:00:00Z.",
		judge: (*run).judgeDates,
	},
	{
		ID: "repr.integers", Title: "Integers have neither fraction nor exponent", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, takes: []string{"discovery.spc.present"}, Reference: "RFC 7643 §2.3.4",
		Why:   "A parser that wants an integer stops at 100.0.",
		Fix:   "Serialise counters as integers, not as floating point numbers.",
		judge: (*run).judgeIntegers,
	},
	{
		ID: "repr.primary-once", Title: "At most one value of an attribute is primary", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, takes: []string{full}, Reference: "RFC 7643 §2.4",
		Why:   "With two primary addresses, each client writes to another one.",
		Fix:   `When a value gets "primary": true, set primary to false in the other values of the attribute.`,
		judge: (*run).judgePrimaries,
	},
	{
		ID: "repr.no-foreign-top", Title: "A resource has only attributes that a schema declares", Family: shapes, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, takes: []string{created, "discovery.schemas.present"}, Reference: "RFC 7643 §3, §3.3",
		Why:   "An attribute of your own on the top level collides with the next version of the core schema.",
		Fix:   "Move your own data into an extension under a URN of yours, and publish it in /Schemas.",
		judge: (*run).judgeForeign,
	},
	{
		ID: "repr.json-valid", Title: "Bodies are valid JSON, and no key is there twice", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, takes: []string{groupCreated}, Reference: "RFC 7159 §4; RFC 7644 §3.8",
		Why:   "Of two values under one key, each parser takes another.",
		Fix:   "Write JSON with a library, not by joining texts.",
		judge: (*run).judgeJSON,
	},
	{
		ID: "media.utf8", Title: "Bodies are UTF-8, without another charset and without a byte order mark", Family: shapes, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, Reference: "RFC 7644 §3.8",
		Why:   "Names with accents arrive broken; a byte order mark stops strict parsers.",
		Fix:   "Encode bodies in UTF-8, leave the byte order mark out, and name no other charset in Content-Type.",
		judge: (*run).judgeUTF8,
	},
	{
		ID: "error.scimtype", Title: "scimType is a word of the RFC", Family: errorsFam, Severity: report.Recommended, retrospect: true,
		Needs: []string{root}, Reference: "RFC 7644 §3.12, table 9",
		Why:   "Clients act on the words of the table; a word of your own says nothing to them.",
		Fix:   "Use the words of RFC 7644: invalidFilter, tooMany, uniqueness, mutability, invalidSyntax, invalidPath, noTarget, invalidValue, invalidVers, sensitive. Where none fits, leave scimType out.",
		judge: (*run).judgeScimTypes,
	},
}

// agreeChecks ask once more, for what only a second answer can show.
var agreeChecks = []Check{
	{
		ID: "repr.meta-location", Title: "meta.location is the address at which the resource is read", Family: shapes, Severity: report.RFC,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §3.1",
		Why:   "Behind a proxy, addresses built from the inner host name lead nowhere.",
		Fix:   "Build meta.location from the public base URL, such as https://scim.example.com/Users/2819c223; send the same in Content-Location, if at all.",
		judge: (*run).judgeMetaLocation,
	},
	{
		ID: "repr.ref-resolvable", Title: "$ref is the address of what it refers to", Family: shapes, Severity: report.RFC,
		Needs: []string{"groups.create.members"}, Reference: "RFC 7643 §2.3.7, §4.2",
		Why:   "A client that follows the reference finds nobody.",
		Fix:   `Build $ref from the public base URL, the endpoint and the id: "$ref": "https://scim.example.com/Users/2819c223".`,
		judge: (*run).judgeRefs,
	},
}

// sight is one resource in an answer.
type sight struct {
	answer   *answer
	resource scim.Resource
	kind     scim.Schema // the RFC's word on its attributes
	urn      string      // its schema, as this run's version has it
	foreign  string      // the schema of the other kind
}

// everything is every user and group that was shown whole: a projection may leave out what is looked for.
func (r *run) everything() []sight {
	for _, a := range r.answers[r.looked:] {
		path := pathOf(a.exchange.URL)
		kind, urn, foreign := scim.SchemaUser, r.dialect.user, r.dialect.group
		if strings.HasPrefix(path, "/Groups") {
			kind, urn, foreign = scim.SchemaGroup, r.dialect.group, r.dialect.user
		}
		if a.aside || !a.is2xx() || strings.Contains(strings.ToLower(a.exchange.URL), "attributes=") || !strings.HasPrefix(path, "/Users") && !strings.HasPrefix(path, "/Groups") {
			continue
		}
		about, _ := scim.SchemaOf(kind)
		for _, resource := range a.resources() {
			if resource.Get("id") != nil {
				r.sights = append(r.sights, sight{a, resource, about, urn, foreign})
			}
		}
	}
	r.looked = len(r.answers)
	return r.sights
}

// blameEach fails with the first resource in which wrong finds something.
func (r *run) blameEach(wrong func(sight) string) Finding {
	for _, one := range r.everything() {
		if text := wrong(one); text != "" {
			r.cite(one.answer)
			return fails("%s: %s", one.answer.request(), text)
		}
	}
	return passes()
}

func (r *run) judgeURNs() Finding {
	return r.blameEach(func(one sight) string {
		list, _ := one.resource.Get("schemas").([]any)
		seen := map[string]bool{}
		for _, element := range list {
			urn, _ := element.(string)
			if key := strings.ToLower(urn); seen[key] || key == "" {
				return "schemas is " + shownJSON(list) + ", with one URN twice."
			} else {
				seen[key] = true
			}
		}
		if r.subject.Version == SCIM11 && one.resource.Get("schemas") == nil {
			return "" // the core schema goes without saying (draft-scim-core-schema-01 §5.1)
		}
		if !seen[strings.ToLower(one.urn)] || one.foreign != one.urn && seen[strings.ToLower(one.foreign)] {
			return "schemas is " + shownJSON(one.resource.Get("schemas")) + " at a " + one.kind.Name + "."
		}
		return ""
	})
}

func (r *run) judgeSchemasExtension() Finding {
	var idle *sight
	f := r.blameEach(func(one sight) string {
		for key, value := range one.resource {
			if strings.HasPrefix(strings.ToLower(key), "urn:") && value != nil && !one.resource.HasSchema(key) {
				return "there is data under " + key + ", which schemas does not name."
			}
		}
		for _, urn := range one.resource.Schemas() {
			if !strings.EqualFold(urn, one.urn) && one.resource.Get(urn) == nil && idle == nil {
				idle = &one
			}
		}
		return ""
	})
	if f.Outcome == report.Pass && idle != nil {
		r.cite(idle.answer)
		return deviates("%s: schemas is %s, though not every one of these has data.", idle.answer.request(), shownJSON(idle.resource.Get("schemas")))
	}
	return f
}

func (r *run) judgeIDs() Finding {
	kinds := map[string]string{}
	return r.blameEach(func(one sight) string {
		id := one.resource.String("id")
		if id == "" || id == "bulkId" {
			return "id is " + shownJSON(one.resource.Get("id")) + "."
		}
		if other := kinds[id]; other != "" && other != one.kind.Name {
			return "the id " + quote(id) + " belongs to a User and to a Group."
		}
		kinds[id] = one.kind.Name
		_, asked, single := strings.Cut(pathOf(one.answer.exchange.URL), "s/")
		if single && one.answer.status != http.StatusCreated && !strings.Contains(asked, "%") && !strings.Contains(asked, "/") && !strings.EqualFold(id, asked) {
			return "the answer shows the id " + quote(excerpt(id)) + ", which is not the one in the path."
		}
		return ""
	})
}

var unreserved = regexp.MustCompile(`^[A-Za-z0-9._~:@-]+$`)

func (r *run) judgeSafeIDs() Finding {
	return r.blameEach(func(one sight) string {
		if id := one.resource.String("id"); !unreserved.MatchString(id) {
			return "the id is " + quote(excerpt(id)) + ", which has to be escaped in a URL."
		}
		return ""
	})
}

func dateOf(text string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// judgeTimes follows one user through the run. Times in whole seconds prove nothing where the run was faster.
func (r *run) judgeTimes() Finding {
	if r.ada == nil {
		return blockedBy(created)
	}
	var first, last *sight
	for _, one := range r.everything() {
		again := one.answer.exchange.Method == http.MethodPost && one.answer != r.ada.created // may tell of another day
		if again || one.resource.ID() != r.ada.id || one.resource.String("meta.created") == "" {
			continue
		}
		if first == nil {
			first = &one
		}
		last = &one
		if was, is := first.resource.String("meta.created"), one.resource.String("meta.created"); was != is && !sameInstant(was, is) {
			r.cite(first.answer, one.answer)
			return fails("meta.created was %s and is now %s.", quote(was), quote(is))
		}
	}
	if first == nil {
		return unproved("No answer shows meta.created of %s.", quote(r.ada.name))
	}
	r.cite(first.answer, last.answer)
	born, _ := dateOf(first.resource.String("meta.created"))
	fresh, _ := dateOf(first.resource.String("meta.lastModified"))
	now, _ := dateOf(last.resource.String("meta.lastModified"))
	switch gap := fresh.Sub(born).Abs(); {
	case first.answer == r.ada.created && gap >= time.Second:
		return fails("A user who was never changed has created %s and lastModified %s.", shownJSON(first.resource.Get("meta.created")), shownJSON(first.resource.Get("meta.lastModified")))
	case !now.After(fresh) && r.changed() && (fresh.Nanosecond() != 0 || r.subject.Now().Sub(fresh) > 3*time.Second && last.answer.exchange.Started.Sub(first.answer.exchange.Started) > 2*time.Second):
		return fails("The user was changed, and lastModified still is %s.", shownJSON(last.resource.Get("meta.lastModified")))
	case first.answer == r.ada.created && gap > 0:
		return deviates("A new user has created and lastModified %s apart; they must be the same until the first change.", gap)
	}
	return passes()
}

// changed reports whether a change of ada was confirmed in the run.
func (r *run) changed() bool { return r.put.went() || r.patched.went() }

func (a *answer) went() bool { return a != nil && a.is2xx() }

func sameInstant(x, y string) bool {
	a, okA := dateOf(x)
	b, okB := dateOf(y)
	return okA && okB && a.Sub(b).Abs() < time.Second
}

func (r *run) judgeDates() Finding {
	return r.blameEach(func(one sight) string {
		for _, name := range []string{"meta.created", "meta.lastModified"} {
			if value := one.resource.Get(name); value != nil {
				if _, ok := dateOf(one.resource.String(name)); !ok {
					return name + " is " + shownJSON(value) + ", not a date with time such as 2026-05-01T12:00:00Z."
				}
			}
		}
		return ""
	})
}

// counters are the members that RFC 7644 makes integers, with their quotes.
var counters = []string{`"totalResults"`, `"startIndex"`, `"itemsPerPage"`, `"maxResults"`, `"maxOperations"`, `"maxPayloadSize"`}

var fraction = regexp.MustCompile(`^"\w+"\s*:\s*-?\d+[.eE][0-9eE+-]*`)

// fractionIn returns the first counter that is written as no integer, nil where there is none.
func fractionIn(body []byte) []byte {
	for _, name := range counters {
		for rest := body; ; rest = rest[len(name):] {
			at := bytes.Index(rest, []byte(name))
			if at < 0 {
				break
			}
			rest = rest[at:]
			if text := fraction.Find(rest); text != nil {
				return text
			}
		}
	}
	return nil
}

func (r *run) judgeIntegers() Finding {
	return r.blame(func(a *answer) string {
		if !a.is2xx() {
			return ""
		}
		if text := fractionIn(a.body); text != nil {
			return "the body has " + string(text) + ", which is no integer."
		}
		return ""
	})
}

func (r *run) judgePrimaries() Finding {
	return r.blameEach(func(one sight) string {
		for name, value := range one.resource {
			list, _ := value.([]any)
			n := 0
			for _, element := range list {
				if object, ok := element.(map[string]any); ok && scim.Resource(object).Get("primary") == true {
					n++
				}
			}
			if n > 1 {
				return itoa(n) + " values of " + name + " are primary."
			}
		}
		return ""
	})
}

func (r *run) judgeForeign() Finding {
	return r.blameEach(func(one sight) string {
		for name := range one.resource {
			if _, known := one.kind.Attribute(name); known || strings.Contains(name, ":") || slices.Contains(commonNames, strings.ToLower(name)) || strings.EqualFold(name, unheardOf) || r.declares(name) {
				continue
			}
			return "the " + one.kind.Name + " has the attribute " + quote(excerpt(name)) + ", which no schema declares."
		}
		return ""
	})
}

var commonNames = []string{"schemas", "id", "externalid", "meta"}

// declares reports whether one of the published schemas has an attribute of that name.
func (r *run) declares(name string) bool {
	for _, schema := range r.schemas.list.Resources {
		list, _ := schema.Get("attributes").([]any)
		for _, element := range list {
			if about, ok := element.(map[string]any); ok && strings.EqualFold(scim.Resource(about).String("name"), name) {
				return true
			}
		}
	}
	return false
}

func (r *run) judgeJSON() Finding {
	return r.blame(func(a *answer) string {
		kind := a.mediaTypeIfAny()
		if a.err != nil || a.aside || len(a.body) == 0 || kind != scim.MediaType && kind != "application/json" {
			return ""
		}
		if jsontext.Value(a.body).IsValid() { // without duplicate names, too; nearly always, and much faster than to name one
			return ""
		}
		if !json.Valid(a.body) {
			return "the body is no valid JSON."
		}
		if key := doubled(a.body); key != "" {
			return "the key " + quote(excerpt(key)) + " is there twice in one object."
		}
		return ""
	})
}

func (a *answer) mediaTypeIfAny() string {
	if a.header == nil {
		return ""
	}
	return a.mediaType()
}

// doubled returns a key that one object of the JSON text has twice, "" where there is none.
func doubled(text []byte) string {
	type frame struct {
		keys map[string]bool // nil for an array
		key  bool            // the next token is a key
	}
	var stack []frame
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return ""
		}
		top := len(stack) - 1
		if name, ok := token.(string); ok && top >= 0 && stack[top].key {
			if stack[top].keys[name] {
				return name
			}
			stack[top].keys[name], stack[top].key = true, false
			continue
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, frame{map[string]bool{}, true})
			continue
		case json.Delim('['):
			stack = append(stack, frame{})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:top]
		}
		if top = len(stack) - 1; top >= 0 {
			stack[top].key = stack[top].keys != nil // a value is over, a key follows
		}
	}
}

func (r *run) judgeUTF8() Finding {
	return r.blame(func(a *answer) string {
		if a.err != nil || a.aside || a.object == nil {
			return ""
		}
		_, parameters, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
		switch charset := parameters["charset"]; {
		case charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8"):
			return "the Content-Type is " + quote(excerpt(a.header.Get("Content-Type"))) + ", which names another charset than UTF-8."
		case a.marked:
			return "the body begins with a byte order mark."
		case !utf8.Valid(a.body):
			return "the body is not UTF-8."
		}
		return ""
	})
}

var scimTypes = []string{
	"invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget", "invalidValue", "invalidVers", "sensitive",
	"invalidCursor", "expiredCursor", "invalidCount", // RFC 9865 §2.1
}

func (r *run) judgeScimTypes() Finding {
	return r.blame(func(a *answer) string {
		if kind := a.object.String("scimType"); isRefusal(a) && kind != "" && !slices.Contains(scimTypes, kind) {
			return "scimType is " + quote(excerpt(kind)) + ", a word that the RFC does not have."
		}
		return ""
	})
}

func (r *run) judgeMetaLocation() Finding {
	a, f, bad := r.ownUser()
	if bad {
		return f
	}
	location := a.object.String("meta.location")
	switch {
	case location != "":
	case r.subject.Version == SCIM11:
		return notApplicable("The user has no meta.location, which is optional.")
	default:
		return blockedBy("repr.meta")
	}
	if content := a.header.Get("Content-Location"); content != "" && content != location {
		return fails("meta.location is %s, the header Content-Location %s.", quote(excerpt(location)), quote(excerpt(content)))
	}
	return r.leads(location, r.ada.id, "meta.location")
}

// leads reads an address that the server gave, and wants the resource with the id there. An address elsewhere is
// never followed.
func (r *run) leads(address, id, name string) Finding {
	path, ours := r.below(address)
	if !ours {
		return fails("%s is %s, which is not below the base URL.", name, quote(excerpt(address)))
	}
	if a := r.get(path); !a.is2xx() || a.object.ID() != id {
		return fails("GET of the address in %s (%s) answered %s, not the resource.", name, quote(excerpt(address)), a.shown())
	}
	return passes()
}

func (r *run) judgeRefs() Finding {
	for _, one := range slices.Backward(r.everything()) {
		list, _ := one.resource.Get("members").([]any)
		for _, element := range list {
			member, _ := element.(map[string]any)
			address, id := scim.Resource(member).String("$ref"), scim.Resource(member).String("value")
			if address == "" || !slices.ContainsFunc(r.objects, func(o report.Object) bool { return o.ID == id }) {
				continue // nor can an address be blamed whose user has gone meanwhile
			}
			r.cite(one.answer)
			return r.leads(address, id, "$ref")
		}
	}
	return notApplicable("No member has a $ref, which is optional.")
}
