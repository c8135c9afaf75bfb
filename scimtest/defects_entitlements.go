package scimtest

import (
	"encoding/json"
	"strings"

	"slipway/internal/scim"
)

// onOffers is a list of what users may hold; "" stands for every endpoint.
func onOffers(endpoint string) when {
	return func(x *exchange) bool {
		return x.route.deed == offering && x.route.id == "" && (endpoint == "" || x.route.topic == endpoint)
	}
}

// misoffering changes the items of a list of what users may hold.
func misoffering(endpoint string, change func(item scim.Resource)) func(*Server, *steps) {
	return reshaping(onOffers(endpoint), func(_ *exchange, body scim.Resource) {
		for _, item := range resourcesOf(body) {
			change(item)
		}
	})
}

// declaring changes how a resource type is declared.
func declaring(name string, change func(document scim.Resource)) func(*Server, *steps) {
	return reshaping(onTopic(typesPath), func(_ *exchange, body scim.Resource) {
		for _, document := range resourcesOf(body) {
			if document.String("name") == name {
				change(document)
			}
		}
	})
}

// describing changes how a schema is published; one that becomes nil is not published at all.
func redescribing(urn string, change func(document scim.Resource) scim.Resource) func(*Server, *steps) {
	return reshaping(onTopic(schemasPath), func(_ *exchange, body scim.Resource) {
		kept := []any{}
		for _, document := range resourcesOf(body) {
			if document.ID() == urn {
				document = change(document)
			}
			if document != nil {
				kept = append(kept, map[string]any(document))
			}
		}
		body["Resources"], body["totalResults"], body["itemsPerPage"] = kept, len(kept), len(kept)
	})
}

var entitlementDefects = []Defect{
	{"entitlements.rt.present", "Declares its roles under another version of the URN.",
		declaring("Role", func(document scim.Resource) { document["schema"] = "urn:okta:scim:schemas:core:2.0:Role" })},
	{"entitlements.rt.fields", "Declares its plans without an id.",
		declaring("Plan", func(document scim.Resource) { without(document, "id") })},
	{"entitlements.endpoint.list", "Sends all roles, whatever count says.",
		serving(onOffers("/Roles"), func(x *exchange, sound func() answer) answer {
			x.query.Del("count")
			return sound()
		})},
	{"entitlements.endpoint.walk", "Counts a licence that it never lists.",
		reshaping(onOffers("/Licences"), func(_ *exchange, body scim.Resource) { body["totalResults"] = pageOf(body).TotalResults + 1 })},
	{"entitlements.item.fields", "Leaves the type out of its plans.",
		misoffering("/Plans", func(item scim.Resource) { without(item, "type") })},
	{"entitlements.item.schemas", "Sends the data of an extension without naming it.",
		misoffering("/Licences", func(item scim.Resource) { item["schemas"] = []any{entitlementURN} })},
	{"entitlements.item.unique", "Gives two roles one id.",
		misoffering("/Roles", func(item scim.Resource) {
			if item.ID() == "reader" {
				item["id"] = "editor"
			}
		})},
	{"entitlements.schemas.ext", "Does not publish the schema of an extension that a type declares.",
		redescribing(seatsURN, func(scim.Resource) scim.Resource { return nil })},
	{"entitlements.user.create", "Drops the entitlements of a new user.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error { without(r, "entitlements"); return nil })},
	{"entitlements.user.update", "Adds in a PUT to the entitlements that a user holds.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) {
			had, _ := old["entitlements"].([]any)
			now, _ := kept["entitlements"].([]any)
			if len(had)+len(now) > 0 {
				kept["entitlements"] = append(append([]any{}, now...), had...)
			}
		})},
	{"entitlements.user.import", "Leaves entitlements out of the list of users.",
		reshaping(on(userKind, list), func(_ *exchange, body scim.Resource) {
			for _, user := range resourcesOf(body) {
				without(user, "entitlements")
			}
		})},
	{"entitlements.user.value-exists", "Shows a plan on users that is not offered any more.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if list, _ := r["entitlements"].([]any); len(list) > 0 {
				r["entitlements"] = append(list, map[string]any{"value": "daily", "display": "Daily", "type": "Plan"})
			}
		})},
	{"entitlements.user.unknown-value", "Drops entitlements that it does not offer, and says nothing.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			a := sound()
			body, err := objectOf(x)
			if e, refused := a.body.(*scim.Error); err == nil && refused && strings.HasPrefix(e.Detail, "Nothing with the id") {
				without(body, "entitlements", "roles")
				if x.body, err = json.Marshal(body); err == nil {
					return sound()
				}
			}
			return a
		})},
}

var customDefects = []Defect{
	{"ext.custom.create", "Drops the extension that it publishes from a new user.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error {
			if r[badgeURN] == nil {
				return nil
			}
			return conformBadge(r, nil)
		})},
	{"ext.custom.update", "Takes the extension that it publishes from a create only.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) { keepOld(old, kept, badgeURN) })},
	{"ext.custom.types", "Stores in its own extension whatever comes.", takesAnyBadge},
	{"ext.reserved-names", "Calls an attribute of its own extension groups.",
		redescribing(badgeURN, func(document scim.Resource) scim.Resource {
			about := decoded(readOnly("string", "groups", "The groups of doors."))
			list, _ := document["attributes"].([]any)
			document["attributes"] = append(list, map[string]any(about))
			return document
		})},
}

// takesAnyBadge stores the extension of a new user as it comes.
func takesAnyBadge(_ *Server, st *steps) {
	next := st.accept
	st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
		given, isObject := badgeOf(body).(map[string]any)
		r, err := next(x, body)
		if err == nil || !isObject || !x.route.is(userKind, create) {
			return r, err
		}
		rest := body.Clone()
		delete(rest, badgeURN)
		if r, err = next(x, rest); err == nil {
			r[badgeURN], r["schemas"] = given, append(r["schemas"].([]any), badgeURN)
		}
		return r, err
	}
}
