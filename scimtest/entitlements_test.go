package scimtest

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/scim"
)

// entitlementIDs are the checks of what users may hold, and of the service's own extension.
const entitlementIDs = `
entitlements.rt.present entitlements.rt.fields entitlements.endpoint.list entitlements.endpoint.walk entitlements.item.fields entitlements.item.schemas
entitlements.item.unique entitlements.schemas.ext entitlements.user.create entitlements.user.update entitlements.user.import entitlements.user.unknown-value
entitlements.user.value-exists ext.custom.create ext.custom.update ext.custom.types ext.reserved-names`

const (
	licensed = `"entitlements":[{"value":"pro","type":"Licence"}],"roles":[{"value":"editor"}]`
	badged   = `"` + badgeURN + `":{"number":"B-7","floor":3,"visitor":false,"printer":"mine"}`
)

func (w *wire) entitlements(id string) int {
	list, _ := w.get("/Users/" + id).object["entitlements"].([]any)
	return len(list)
}

func badgeText(user scim.Resource) string {
	container, _ := user[badgeURN].(map[string]any)
	return fmt.Sprintf("%v %v %v %v %v", container["number"], container["floor"], container["visitor"], container["printer"], user.HasSchema(badgeURN))
}

func TestEntitlementsAreOffered(t *testing.T) {
	plain := start(t)
	expect(t, "nothing unless asked for", plain.get("/Roles").status, 404)
	expect(t, "two types", plain.get("/ResourceTypes").total(), 2)

	w := start(t, WithEntitlements())
	expect(t, "types", w.get("/ResourceTypes").total(), 5)
	expect(t, "roles", w.get("/Roles").total(), 3)
	page := w.get("/Licences?startIndex=2&count=2")
	expect(t, "a page", fmt.Sprint(len(page.resources()), page.total(), page.resources()[0].ID()), "2 4pro")
	expect(t, "one", fmt.Sprint(w.get("/Licences/pro").object.Schemas()), "["+entitlementURN+" "+seatsURN+"]")
	expect(t, "none", w.get("/Licences/none").status, 404)
	expect(t, "by filter", w.get("/Roles?filter=displayName%20eq%20%22Reader%22").total(), 1)
	expect(t, "a broken filter", w.get("/Roles?filter=displayName").scimType(), "invalidFilter")
	expect(t, "read only", w.call("POST", "/Roles", "{}").status, 405)

	user := w.user("ann", licensed)
	expect(t, "completed", user.String("entitlements.display")+user.String("roles.display"), "ProEditor")
	expectError(t, "an unknown licence", w.call("POST", "/Users", userBody("bob", strings.Replace(licensed, "pro", "none", 1))), 400, "invalidValue")
	expectError(t, "a licence that is a plan", w.call("POST", "/Users", userBody("bob", strings.Replace(licensed, "pro", "monthly", 1))), 400, "invalidValue")
	path := "/Users/" + user.ID()
	expectError(t, "added by PATCH", w.call("PATCH", path, patchBody(`{"op":"add","path":"roles","value":[{"value":"none"}]}`)), 400, "invalidValue")
	expect(t, "taken away by PATCH", w.call("PATCH", path, patchBody(`{"op":"remove","path":"roles[value eq \"editor\"]"}`)).object["roles"], nil)
}

func TestBadgesAreKept(t *testing.T) {
	w := start(t, WithEntitlements())
	user := w.user("ann", badged)
	expect(t, "created", badgeText(user), "B-7 3 false <nil> true")
	path := "/Users/" + user.ID()
	expectError(t, "a wrong type", w.call("POST", "/Users", userBody("bob", strings.Replace(badged, "3", `"three"`, 1))), 400, "invalidValue")
	expectError(t, "a wrong type by PATCH", w.call("PATCH", path, patchBody(`{"op":"replace","path":"`+badgeURN+`:floor","value":"three"}`)), 400, "invalidValue")
	expectError(t, "read-only by PATCH", w.call("PATCH", path, patchBody(`{"op":"replace","path":"`+badgeURN+`:printer","value":"mine"}`)), 400, "mutability")
	expect(t, "by PATCH", badgeText(w.call("PATCH", path, patchBody(`{"op":"replace","path":"`+badgeURN+`:floor","value":4}`)).object), "B-7 4 false <nil> true")
	expect(t, "cleared by PUT", badgeText(w.call("PUT", path, userBody("ann", "")).object), "<nil> <nil> <nil> <nil> false")
}

var entitledRows = []row{
	{"entitlements.rt.present", func(w *wire) string {
		return w.get("/ResourceTypes/Role").object.String("schema") + w.typeNamed("Role").String("schema")
	},
		roleURN + roleURN, roleURN + strings.Replace(roleURN, "1.0", "2.0", 1)},
	{"entitlements.rt.fields", func(w *wire) string { return w.typeNamed("Plan").ID() + w.typeNamed("Role").ID() }, "PlanRole", "Role"},
	{"entitlements.endpoint.list", func(w *wire) string { return fmt.Sprint(len(w.get("/Roles?count=1").resources())) }, "1", "3"},
	{"entitlements.endpoint.walk", func(w *wire) string { r := w.get("/Licences"); return fmt.Sprint(r.total(), len(r.resources())) }, "4 4", "5 4"},
	{"entitlements.item.fields", func(w *wire) string { return w.get("/Plans").resources()[0].String("type") }, "Plan", ""},
	{"entitlements.item.schemas", func(w *wire) string { return fmt.Sprint(w.get("/Licences").resources()[1].HasSchema(seatsURN)) }, "true", "false"},
	{"entitlements.item.unique", func(w *wire) string { return w.get("/Roles").resources()[2].ID() }, "reader", "editor"},
	{"entitlements.schemas.ext", func(w *wire) string { return fmt.Sprint(w.get("/Schemas").total()) }, "10", "9"},
	{"entitlements.user.create", func(w *wire) string { return fmt.Sprint(w.entitlements(w.user("ann", licensed).ID())) }, "1", "0"},
	{"entitlements.user.update", func(w *wire) string {
		id := w.user("ann", licensed).ID()
		w.call("PUT", "/Users/"+id, userBody("ann", strings.Replace(licensed, "pro", "trial", 1)))
		return fmt.Sprint(w.entitlements(id))
	}, "1", "2"},
	{"entitlements.user.import", func(w *wire) string {
		id := w.user("ann", licensed).ID()
		return fmt.Sprint(w.entitlements(id), w.get("/Users").resources()[0]["entitlements"] != nil)
	}, "1 true", "1 false"},
	{"entitlements.user.value-exists", func(w *wire) string { return fmt.Sprint(w.entitlements(w.user("ann", licensed).ID())) }, "1", "2"},
	{"entitlements.user.unknown-value", posted("/Users", userBody("ann", strings.Replace(licensed, "pro", "none", 1))), "400 400invalidValue", "201 "},
	{"ext.custom.create", func(w *wire) string { return badgeText(w.user("ann", badged)) }, "B-7 3 false <nil> true", "<nil> <nil> <nil> <nil> false"},
	{"ext.custom.update", func(w *wire) string {
		id := w.user("ann", badged).ID()
		w.call("PUT", "/Users/"+id, userBody("ann", strings.Replace(badged, "3", "4", 1)))
		return badgeText(w.get("/Users/" + id).object)
	}, "B-7 4 false <nil> true", "B-7 3 false <nil> true"},
	{"ext.custom.types", posted("/Users", userBody("ann", strings.Replace(badged, "3", `"three"`, 1))), "400 400invalidValue", "201 "},
	{"ext.reserved-names", func(w *wire) string {
		return fmt.Sprint(strings.Count(w.get("/Schemas").text, `"The groups of doors."`))
	}, "0", "1"},
}

func (w *wire) typeNamed(name string) scim.Resource {
	for _, document := range w.get("/ResourceTypes").resources() {
		if document.String("name") == name {
			return document
		}
	}
	return nil
}

func TestEntitlementDefectsAreVisibleOnTheWire(t *testing.T) {
	for _, r := range entitledRows {
		t.Run(r.name, func(t *testing.T) {
			if got := r.look(start(t, WithEntitlements())); got != r.sound {
				t.Errorf("a sound server: got %q, want %q", got, r.sound)
			}
			if got := r.look(start(t, WithEntitlements(), WithDefects(r.name))); got != r.broken {
				t.Errorf("with the defect: got %q, want %q", got, r.broken)
			}
		})
	}
}
