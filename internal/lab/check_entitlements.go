package lab

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	entitled      = "Entitlements"
	offerPresent  = "entitlements.rt.present"
	offerList     = "entitlements.endpoint.list"
	offerWalk     = "entitlements.endpoint.walk"
	offerFields   = "entitlements.item.fields"
	heldCreate    = "entitlements.user.create"
	schemaOfOffer = "urn:okta:scim:schemas:core:1.0:Entitlement"
	schemaOfRole  = "urn:okta:scim:schemas:core:1.0:Role"
)

// entitlementChecks apply where ResourceTypes declares what users may hold, in the schemas that clients written for Okta's
// API look for. The RFCs know the attributes of a user, and nothing of where their values come from.
var entitlementChecks = []Check{
	{
		ID: offerPresent, Title: "Types of entitlements and roles are declared under the schemas that clients look for", Family: entitled, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule",
		Why:   "An admin can grant what the client has found. A type under another spelling of the URN is passed over without a word.",
		Fix:   "Declare each type in /ResourceTypes with " + schemaOfOffer + " or " + schemaOfRole + " as its schema, to the letter.",
		judge: (*run).judgeOfferTypes,
	},
	{
		ID: "entitlements.rt.fields", Title: "Each type of entitlements or roles has id, name, endpoint and schema", Family: entitled, Severity: report.Network,
		Needs: []string{offerPresent}, Reference: "Network rule; RFC 7643 §6",
		Why:   "The name is what an admin sees, the id what the client keeps.",
		Fix:   `Give each type all four, such as "id": "Plan", "name": "Plan", "endpoint": "/Plans", "schema": "urn:okta:scim:schemas:core:1.0:Entitlement". The RFC leaves id optional; these clients need it.`,
		judge: (*run).judgeOfferFields,
	},
	{
		ID: offerList, Title: "The endpoint of each type lists in pages", Family: entitled, Severity: report.Network,
		Needs: []string{"entitlements.rt.fields"}, Reference: "Network rule; RFC 7644 §3.4.2.4",
		Why:   "Clients read the values page by page; an endpoint that ignores count sends them round in circles.",
		Fix:   "Page this endpoint like /Users: obey startIndex and count, and send totalResults and itemsPerPage.",
		judge: (*run).judgeOfferList,
	},
	{
		ID: offerWalk, Title: "Walking an endpoint yields as many as totalResults says", Family: entitled, Severity: report.Network,
		Needs: []string{offerList}, Reference: "Network rule; RFC 7644 §3.4.2.4",
		Why:   "What the walk misses cannot be granted.",
		Fix:   "Keep one order on all pages, and set totalResults to the number of values that the pages hold.",
		judge: (*run).judgeOfferWalk,
	},
	{
		ID: offerFields, Title: "Each value has id and displayName, an entitlement its type, and descriptions are short", Family: entitled, Severity: report.Network,
		Needs: []string{offerWalk}, Reference: "Network rule",
		Why:   "An admin chooses by name. A value without one, or of a type that is not declared, is left out.",
		Fix:   `Write each value like {"id": "pro", "displayName": "Pro", "type": "Plan"}: type is the name of the resource type. Keep descriptions to 1,000 characters.`,
		judge: (*run).judgeItemFields,
	},
	{
		ID: "entitlements.item.schemas", Title: "Each value names its schemas", Family: entitled, Severity: report.Network,
		Needs: []string{offerWalk}, Reference: "Network rule; RFC 7643 §3",
		Why:   "An extension whose URN is not named is not read.",
		Fix:   "Write the type's schema into schemas; add an extension's URN where the value has data under it, and only there.",
		judge: (*run).judgeItemSchemas,
	},
	{
		ID: "entitlements.item.unique", Title: "Within a type, each value has an id of its own that stays", Family: entitled, Severity: report.Network,
		Needs: []string{offerWalk}, Reference: "Network rule; RFC 7643 §3.1",
		Why:   "Grants are kept by type and id. Two values under one id are one grant.",
		Fix:   "Give each value an id of its own when it is made, and never change it.",
		judge: (*run).judgeItemUnique,
	},
	{
		ID: "entitlements.schemas.ext", Title: "An extension of a type is described in /Schemas", Family: entitled, Severity: report.Network,
		Needs: []string{offerPresent}, Reference: "Network rule; RFC 7643 §6, §7",
		Why:   "Clients read /Schemas for every URN that they do not know; without it the values show nothing of the extension.",
		Fix:   "List in /Schemas the schema of every extension that a type names, with that URN as its id.",
		judge: (*run).judgeOfferExtension,
	},
	{
		ID: heldCreate, Title: "A user is created with entitlements and roles", Family: entitled, Severity: report.Network, Feature: "create_users",
		Needs: []string{offerFields, "users.get.200"}, Reference: "Network rule; RFC 7643 §4.1.2",
		Why:   "A person who is assigned with a licence and a role gets neither where the create drops them.",
		Fix:   `Store from a POST, for example, "entitlements": [{"value": "pro", "type": "Plan"}] and "roles": [{"value": "editor", "type": "Role"}].`,
		judge: (*run).judgeHeldCreate,
	},
	{
		ID: "entitlements.user.update", Title: "Entitlements are granted and taken away", Family: entitled, Severity: report.Network, Feature: "update_users",
		Needs: []string{"entitlements.item.unique", heldCreate, put}, Reference: "Network rule; RFC 7644 §3.5",
		Why:   "A right that is not taken away stays with somebody who must not have it.",
		Fix:   "Store entitlements and roles from a PUT as the whole list: what it leaves out is taken away. Do the same for PATCH, where you offer it.",
		judge: (*run).judgeHeldUpdate,
	},
	{
		ID: "entitlements.user.import", Title: "The list of users shows what they hold", Family: entitled, Severity: report.Network, Feature: "import_users",
		Needs: []string{heldCreate, byName}, Reference: "Network rule",
		Why:   "An import reads lists. What only GET of one user shows is unknown to the directory.",
		Fix:   "Show entitlements and roles in the list of users as on a single user.",
		judge: (*run).judgeHeldImport,
	},
	{
		ID: "entitlements.user.value-exists", Title: "What users hold is offered", Family: entitled, Severity: report.Network | report.Recommended,
		Needs: []string{offerFields}, Reference: "Network rule",
		Why:   "A value that no endpoint lists cannot be matched, and shows as unknown.",
		Fix:   "List every value that somebody holds at the endpoint of its type.",
		judge: (*run).judgeHeldExists,
	},
	{
		ID: "entitlements.user.unknown-value", Title: "An entitlement that is not offered is refused, by name", Family: entitled, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{heldCreate}, Reference: "Experience; RFC 7644 §3.12, table 9",
		Why:   "A value that was retired in the app is still granted in the directory. Dropped silently, everybody believes that it works.",
		Fix:   `Answer 400 with "scimType": "invalidValue", and name the value in detail.`,
		judge: (*run).judgeHeldUnknown,
	},
}

// offer is a type of things that users may hold.
type offer struct {
	declared scim.Resource // in ResourceTypes
	items    []scim.Resource
	pages    []*answer
}

func (o offer) name() string     { return o.declared.String("name") }
func (o offer) schema() string   { return o.declared.String("schema") }
func (o offer) isRole() bool     { return o.schema() == schemaOfRole }
func (o offer) endpoint() string { return "/" + strings.Trim(o.declared.String("endpoint"), "/") }

// extensions are the URNs of the type's extensions.
func (o offer) extensions() []string {
	var urns []string
	for _, one := range objectsOf(o.declared.Get("schemaExtensions")) {
		urns = append(urns, one.String("schema"))
	}
	return urns
}

// judgeOfferTypes also looks for types that are meant and missed: under another version or case of the URN.
func (r *run) judgeOfferTypes() Finding {
	if !r.types.there() {
		return notApplicable("There are no ResourceTypes.")
	}
	var missed []string
	for _, t := range r.types.list.Resources {
		switch schema := t.String("schema"); {
		case schema == schemaOfOffer || schema == schemaOfRole:
			r.offers = append(r.offers, offer{declared: t})
		case strings.HasPrefix(strings.ToLower(schema), "urn:okta:scim:schemas:"):
			missed = append(missed, t.String("name")+" has "+quote(excerpt(schema)))
		}
	}
	r.cite(r.types.answer)
	switch {
	case len(missed) > 0:
		return fails("Of the types in /ResourceTypes, %s as its schema. Clients look for %s and %s.", strings.Join(missed, ", "), schemaOfOffer, schemaOfRole)
	case len(r.offers) == 0:
		return notApplicable("ResourceTypes declares neither entitlements nor roles.")
	}
	return passed("%d types are declared.", len(r.offers))
}

func (r *run) judgeOfferFields() Finding {
	r.cite(r.types.answer)
	for _, o := range r.offers {
		for _, name := range []string{"id", "name", "endpoint", "schema"} {
			if o.declared.String(name) == "" {
				return fails("The type %s has no %s.", quote(excerpt(cmp.Or(o.name(), o.declared.ID()))), name)
			}
		}
	}
	return passes()
}

func (r *run) judgeOfferList() Finding {
	for _, o := range r.offers {
		a := r.get(o.endpoint(), "startIndex", "1", "count", "1")
		if wrong := saysList(a); wrong != "" {
			return a.orFails(wrong)
		}
		list, _ := a.list()
		switch value := a.object.Get("itemsPerPage"); {
		case len(list.Resources) > 1:
			return fails("%s with count=1 returned %d values.", a.request(), len(list.Resources))
		case list.TotalResults > 0 && len(list.Resources) == 0:
			return fails("%s: totalResults is %d, and the page of 1 is empty.", a.request(), list.TotalResults)
		case !isInteger(value) || list.ItemsPerPage != len(list.Resources):
			return fails("%s: itemsPerPage is %s; the number of values on the page is %d.", a.request(), shownJSON(value), len(list.Resources))
		}
	}
	return passes()
}

// orFails is the finding of an answer that came and is wrong, or that did not come.
func (a *answer) orFails(wrong string) Finding {
	if a.err != nil {
		return a.trouble()
	}
	return fails("%s: %s", a.request(), wrong)
}

func (r *run) judgeOfferWalk() Finding {
	whole := true
	for i := range r.offers {
		total, ended, f, bad := r.walkOffer(&r.offers[i])
		if bad {
			return f
		}
		if met := len(r.offers[i].items); ended && met != total {
			r.cite(r.offers[i].pages...)
			return fails("Read page by page, %s holds %d values; totalResults is %d.", r.offers[i].endpoint(), met, total)
		}
		whole = whole && ended
	}
	if !whole {
		return passed("There are more values than the lab reads; the walk ended there.")
	}
	return passes()
}

// walkOffer reads pages that are small where there is little, so that there is something to walk.
func (r *run) walkOffer(o *offer) (total int, ended bool, f Finding, bad bool) {
	count, start := 2, 1
	for n := 0; n < maxPages; n++ {
		a := r.get(o.endpoint(), "startIndex", itoa(start), "count", itoa(count))
		if wrong := saysList(a); wrong != "" {
			return 0, false, a.orFails(wrong), true
		}
		list, _ := a.list()
		o.pages = append(o.pages, a)
		o.items = append(o.items, list.Resources...)
		total, start, count = list.TotalResults, start+len(list.Resources), importSize
		if len(list.Resources) == 0 || start > total {
			return total, true, Finding{}, false
		}
	}
	return total, false, Finding{}, false
}

const longestDescription = 1000

// everyItem fails with the first value that something is wrong with.
func (r *run) everyItem(problem func(offer, scim.Resource) string) Finding {
	for _, o := range r.offers {
		for _, item := range o.items {
			if wrong := problem(o, item); wrong != "" {
				r.cite(o.pages...)
				return fails("At %s, the value with the id %s %s", o.endpoint(), shownJSON(item.Get("id")), wrong)
			}
		}
	}
	return passes()
}

func (r *run) judgeItemFields() Finding {
	return r.everyItem(func(o offer, item scim.Resource) string {
		switch {
		case item.ID() == "":
			return "has no id."
		case item.String("displayName") == "":
			return "has no displayName."
		case !o.isRole() && item.String("type") != o.name():
			return "has the type " + shownJSON(item.Get("type")) + " instead of " + quote(o.name()) + ", the name of its resource type."
		case utf8.RuneCountInString(item.String("description")) > longestDescription:
			return "has a description of " + itoa(utf8.RuneCountInString(item.String("description"))) + " characters; clients take 1,000."
		}
		return ""
	})
}

func (r *run) judgeItemSchemas() Finding {
	return r.everyItem(func(o offer, item scim.Resource) string {
		if !item.HasSchema(o.schema()) {
			return "has the schemas " + shownJSON(item.Get("schemas")) + ", without " + o.schema() + "."
		}
		for _, urn := range o.extensions() {
			if has, named := item.Get(urn) != nil, item.HasSchema(urn); has && !named {
				return "has data of " + urn + ", which its schemas do not name."
			} else if named && !has {
				return "names " + urn + " in schemas, and has no data of it."
			}
		}
		return ""
	})
}

// judgeItemUnique reads the first page again: an id that changes from read to read is none.
func (r *run) judgeItemUnique() Finding {
	for _, o := range r.offers {
		seen := map[string]bool{}
		for _, item := range o.items {
			if seen[item.ID()] {
				r.cite(o.pages...)
				return fails("At %s, two values have the id %s.", o.endpoint(), quote(excerpt(item.ID())))
			}
			seen[item.ID()] = true
		}
		a := r.get(o.endpoint(), "startIndex", "1", "count", "2")
		for _, item := range a.resources() {
			if !seen[item.ID()] && len(o.pages) < maxPages {
				return fails("At %s, %s has the id %s now, which no value had a moment ago.", o.endpoint(), quote(excerpt(item.String("displayName"))), quote(excerpt(item.ID())))
			}
		}
	}
	return passes()
}

func (r *run) judgeOfferExtension() Finding {
	if !r.schemas.there() {
		return notApplicable("There are no Schemas.")
	}
	r.cite(r.types.answer)
	for _, o := range r.offers {
		for _, urn := range o.extensions() {
			if !r.publishes(urn) {
				return fails("The type %s declares the extension %s, which /Schemas does not describe.", quote(excerpt(o.name())), excerpt(urn))
			}
		}
	}
	return passes()
}
