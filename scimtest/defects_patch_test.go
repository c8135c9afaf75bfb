package scimtest

import (
	"fmt"
	"strings"

	"slipway/internal/scim"
)

// patchedAll tells all values of one of Jane's lists after operations, each with its type, and the status of the PATCH.
func patchedAll(ops, list string) func(*wire) string {
	return func(w *wire) string {
		id := w.user("jane", person+`,"phoneNumbers":[{"value":"1","type":"work"},{"value":"2","type":"mobile"}],`+
			`"addresses":[{"type":"work","locality":"Lund","country":"SE"}]`).ID()
		r := w.call("PATCH", "/Users/"+id, patchBody(ops))
		text := fmt.Sprint(r.status)
		for _, one := range listOf(w.get("/Users/"+id).object, list) {
			value := scim.Resource(one)
			text += " " + value.String("value") + value.String("country") + "/" + value.String("type") + "/" + value.String("primary")
		}
		return text
	}
}

// envelope tells the status of a PATCH with this body, and what became of the title.
func envelope(body string) func(*wire) string {
	return func(w *wire) string {
		id := jane(w)
		r := w.call("PATCH", "/Users/"+id, body)
		return fmt.Sprint(r.status, " ", w.get("/Users/"+id).object.String("title"))
	}
}

var patchRows = []row{
	{"patch.attributes-200", func(w *wire) string {
		return fmt.Sprint(w.call("PATCH", "/Users/"+jane(w)+"?attributes=userName", patchBody(`{"op":"add","path":"title","value":"x"}`)).status)
	}, "200", "204"},
	{"patch.replace.pathless-dotted", patched(`{"op":"replace","value":{"name.familyName":"x","title":"y"}}`, "name.familyName"), "200 x", "200 Doe"},
	{"patch.replace.complex-merge", patched(`{"op":"replace","path":"name","value":{"givenName":"x"}}`, "name.familyName"), "200 Doe", "200 "},
	{"patch.replace.multivalue-all", patchedAll(`{"op":"replace","path":"emails","value":[{"value":"x"}]}`, "emails"), "200 x//", "200 jane@example.com/work/true x//"},
	{"patch.replace.valuepath-record", patchedAll(`{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"x"}}`, "emails"), "200 x//", "200 jane@example.com/work/true"},
	{"patch.replace.valuepath-nomatch", patched(`{"op":"replace","path":"emails[type eq \"home\"].value","value":"x"}`, "emails.value"), "400 jane@example.com", "200 jane@example.com"},
	{"patch.replace.absent-as-add", func(w *wire) string {
		return short(w.call("PATCH", "/Users/"+w.user("x", "").ID(), patchBody(`{"op":"replace","path":"title","value":"x"}`)))
	}, "200 ", "400 400noTarget"},
	{"patch.replace.extension", patched(`{"op":"replace","path":"`+scim.SchemaEnterpriseUser+`:department","value":"x"}`, scim.SchemaEnterpriseUser+":department"), "200 x", "200 "},
	{"patch.replace.boolean-native", patched(`{"op":"replace","path":"active","value":false}`, "active"), "200 false", "400 true"},
	{"users.active.string-false", patched(`{"op":"replace","path":"active","value":"False"}`, "active"), "200 false", "200 true"},
	{"patch.path-case", patched(`{"op":"replace","path":"NAME.givenname","value":"x"}`, "name.givenName"), "200 x", "400 Jane"},
	{"patch.multi-op.order", patched(`{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"title","value":"y"}`, "title"), "200 y", "200 x"},
	{"patch.password", patched(`{"op":"replace","path":"password","value":"Secret-2"}`, "title"), "200 Boss", "400 Boss"},

	{"patch.add.single", patched(`{"op":"add","path":"title","value":"x"}`, "title"), "200 x", "200 Boss"},
	{"patch.add.duplicate", func(w *wire) string {
		id := jane(w)
		before := w.get("/Users/" + id).object
		w.call("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"emails","value":[{"value":"jane@example.com","type":"work","primary":true}]}`))
		return fmt.Sprint(w.get("/Users/"+id).object.String("meta.lastModified") == before.String("meta.lastModified"))
	}, "true", "false"},
	{"patch.add.pathless", patched(`{"op":"add","value":{"displayName":"x","title":"y"}}`, "title"), "200 y", "200 Boss"},
	{"patch.add.complex", patched(`{"op":"add","path":"name","value":{"givenName":"x"}}`, "name.familyName"), "200 Doe", "200 "},
	{"patch.add.primary-flip", patchedAll(`{"op":"add","path":"emails","value":[{"value":"x","type":"home","primary":true}]}`, "emails"),
		"200 jane@example.com/work/false x/home/true", "200 jane@example.com/work/true x/home/true"},

	{"patch.remove.multi-all", patchedAll(`{"op":"remove","path":"phoneNumbers"}`, "phoneNumbers"), "200", "200 1/work/ 2/mobile/"},
	{"patch.remove.valuepath", patchedAll(`{"op":"remove","path":"phoneNumbers[type eq \"mobile\"]"}`, "phoneNumbers"), "200 1/work/", "200"},
	{"patch.remove.subattr-filter", patchedAll(`{"op":"remove","path":"addresses[type eq \"work\"].locality"}`, "addresses"), "200 SE/work/", "200"},
	{"patch.remove.last-value", patchedAll(`{"op":"remove","path":"phoneNumbers[type pr]"}`, "phoneNumbers"), "200", "200 //"},
	{"patch.remove.no-path", patched(`{"op":"remove"}`, "title"), "400 Boss", "200 Boss"},
	{"patch.remove.required", patched(`{"op":"remove","path":"userName"}`, "userName"), "400 jane", "200 jane"},
	{"patch.remove.readonly", patched(`{"op":"remove","path":"id"}`, "userName"), "400 jane", "200 jane"},

	{"patch.schemas-required", envelope(`{"Operations":[{"op":"replace","path":"title","value":"x"}]}`), "400 Boss", "200 x"},
	{"patch.operations-required", envelope(`{"schemas":["` + scim.SchemaPatchOp + `"]}`), "400 Boss", "200 Boss"},
	{"patch.op-missing", patched(`{"path":"title","value":"x"}`, "title"), "400 Boss", "200 x"},
	{"patch.add.value-missing", patched(`{"op":"add","path":"title"}`, "title"), "400 Boss", "200 Boss"},
	{"patch.replace.readonly", patched(`{"op":"replace","path":"id","value":"x"}`, "title"), "400 Boss", "200 Boss"},
	{"patch.replace.username-conflict", func(w *wire) string {
		w.user("otto", "")
		return patched(`{"op":"replace","path":"userName","value":"otto"}`, "userName")(w)
	}, "409 jane", "200 otto"},
	{"patch.replace.wrong-type", patched(`{"op":"replace","path":"active","value":"perhaps"}`, "active"), "400 true", "200 true"},
	{"patch.path-syntax", patched(`{"op":"replace","path":"emails[type eq","value":"x"}`, "emails.value"), "400 jane@example.com", "200 jane@example.com"},
	{"patch.path-unknown", patched(`{"op":"replace","path":"slipwayLabUnheardOf","value":"x"}`, "title"), "400 Boss", "200 Boss"},
	{"patch.path-array-index", patched(`{"op":"replace","path":"emails[0].value","value":"x"}`, "emails.value"), "400 jane@example.com", "200 x"},
	{"patch.unsupported", func(w *wire) string {
		return w.get("/ServiceProviderConfig").object.String("patch.supported") + strings.TrimSpace(patched(`{"op":"remove","path":"title"}`, "title")(w))
	}, "true200", "false404 Boss"},
}
