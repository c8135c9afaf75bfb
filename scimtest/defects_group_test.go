package scimtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"slipway/internal/scim"
)

// atOnce tells the statuses of requests that are sent at the same time, in the order of their numbers.
func atOnce(calls ...func() reply) string {
	statuses := make([]int, len(calls))
	var wait sync.WaitGroup
	for i, call := range calls {
		wait.Go(func() { statuses[i] = call().status })
	}
	wait.Wait()
	slices.Sort(statuses)
	return fmt.Sprint(statuses)
}

// throng makes a group of n users and returns its id.
func throng(w *wire, n int) string {
	var ids []string
	for i := range n {
		ids = append(ids, w.user(fmt.Sprint("u", i), "").ID())
	}
	return w.group("Throng", ids...).ID()
}

// shownWith tells how many members of a group of 101 are shown.
func shownWith(query string) func(*wire) string {
	return func(w *wire) string {
		return fmt.Sprint(len(membersOf(w.get("/Groups/" + throng(w, cutAt+1) + query).object)))
	}
}

var groupRows = []row{
	{"groups.create.empty-members", posted("/Groups", `{"schemas":["`+scim.SchemaGroup+`"],"displayName":"x","members":[]}`), "201 ", "400 400invalidValue"},
	{"groups.create.no-displayname", posted("/Groups", `{"schemas":["`+scim.SchemaGroup+`"]}`), "400 400invalidValue", "201 "},
	{"groups.create.duplicate-name", func(w *wire) string { w.group("x"); return posted("/Groups", groupBody("x"))(w) }, "201 ", "400 400"},
	{"groups.create.unknown-member", func(w *wire) string {
		return fmt.Sprint(strings.Contains(w.call("POST", "/Groups", groupBody("x", "nobody")).text, "nobody"))
	}, "true", "false"},
	{"groups.name.special", func(w *wire) string { return w.group("Süd").String("displayName") }, "Süd", "S?d"},
	{"groups.put.full", func(w *wire) string {
		ids := three(w)
		g := w.group("Crew", ids[0])
		w.call("PUT", "/Groups/"+g.ID(), groupBody("Staff", ids[1]))
		return fmt.Sprint(len(membersOf(w.get("/Groups/" + g.ID()).object)))
	}, "1", "2"},
	{"groups.patch.rename-path", crew(`{"op":"replace","path":"displayName","value":"Staff"}`), "200 Staff ann bob", "200 Crew ann bob"},
	{"groups.patch.204", func(w *wire) string {
		r := w.call("PATCH", "/Groups/"+w.group("x").ID(), patchBody(`{"op":"replace","path":"displayName","value":"y"}`))
		return fmt.Sprint(r.status, r.object.String("displayName"))
	}, "200y", "200"},
	{"groups.patch.remove-absent", crew(`{"op":"remove","path":"members[value eq \"CID\"]"}`), "200 Crew ann bob", "409 Crew ann bob"},
	{"groups.patch.combined", crew(`{"op":"remove","path":"members[value eq \"ANN\"]"},{"op":"add","path":"members","value":[{"value":"CID"}]}`), "200 Crew bob cid", "200 Crew bob"},
	{"groups.members.ref-type", crew(`{"op":"replace","path":"members[value eq \"ANN\"].value","value":"CID"}`), "400 Crew ann bob", "200 Crew cid bob"},
	{"groups.members.nested", func(w *wire) string {
		return fmt.Sprint(len(membersOf(w.get("/Groups/" + w.group("outer", w.group("inner").ID()).ID()).object)))
	}, "1", "0"},
	{"groups.members.deactivated", func(w *wire) string {
		return fmt.Sprint(len(membersOf(w.get("/Groups/" + w.group("x", w.user("y", `"active":false`).ID()).ID()).object)))
	}, "1", "0"},
	{"groups.members.user-view", func(w *wire) string {
		id := jane(w)
		w.group("Crew", id)
		return w.get("/Users/" + id).object.String("groups.display")
	}, "Crew", ""},
	{"groups.id-reuse", func(w *wire) string {
		id := w.group("x").ID()
		w.call("DELETE", "/Groups/"+id, "")
		return fmt.Sprint(w.group("x").ID() == id)
	}, "false", "true"},
	{"groups.large.read", shownWith("?excludedAttributes=members"), "0", "101"},
	{"groups.large.members-paging", shownWith(""), "101", "100"},
	{"groups.large.add-one", func(w *wire) string {
		g := throng(w, cutAt+2)
		w.call("PATCH", "/Groups/"+g, patchBody(`{"op":"add","path":"members","value":`+memberList(w.user("joiner", "").ID())+`}`))
		return fmt.Sprint(len(membersOf(w.get("/Groups/" + g).object)))
	}, "103", "101"},
	{"groups.patch.add-many", func(w *wire) string {
		list := w.get("/Groups/" + throng(w, cutAt+1)).object
		g := w.group("y").ID()
		w.call("PATCH", "/Groups/"+g, patchBody(`{"op":"add","path":"members","value":`+memberList(strings.Fields(members(list))...)+`}`))
		return fmt.Sprint(len(membersOf(w.get("/Groups/" + g).object)))
	}, "101", "100"},
	{"groups.patch.no-lost-update", func(w *wire) string {
		ids, g := three(w), w.group("x").ID()
		adds := func(id string) func() reply {
			return func() reply {
				return w.call("PATCH", "/Groups/"+g, patchBody(`{"op":"add","path":"members","value":`+memberList(id)+`}`))
			}
		}
		return atOnce(adds(ids[0]), adds(ids[1])) + fmt.Sprint(len(membersOf(w.get("/Groups/"+g).object)))
	}, "[200 200]2", "[200 200]1"},
	{"patch.remove.value-array", crew(`{"op":"remove","path":"members","value":[{"value":"ANN"}]}`), "200 Crew bob", "200 Crew "},

	{"users.create.duplicate-immediate", func(w *wire) string {
		create := func() reply { return w.call("POST", "/Users", userBody("x", "")) }
		return atOnce(create, create) + short(create())
	}, "[201 409]409 409uniqueness", "[201 201]409 409uniqueness"},
	{"idem.create-retry", func(w *wire) string {
		id := jane(w)
		return short(w.call("POST", "/Users", userBody("jane", `"title":"x"`))) + w.get("/Users/"+id).object.String("title")
	}, "409 409uniquenessBoss", "409 409uniquenessx"},
	{"idem.put", func(w *wire) string {
		id := jane(w)
		for range 2 {
			w.call("PUT", "/Users/"+id, userBody("jane", `"phoneNumbers":[{"value":"1"}]`))
		}
		return fmt.Sprint(len(listOf(w.get("/Users/"+id).object, "phoneNumbers")))
	}, "1", "2"},
	{"idem.delete", func(w *wire) string {
		id := w.group("x").ID()
		return fmt.Sprint(w.call("DELETE", "/Groups/"+id, "").status, w.call("DELETE", "/Groups/"+id, "").status)
	}, "204 404", "204 204"},
	{"idem.patch", func(w *wire) string {
		id := jane(w)
		off := func() int {
			return w.call("PATCH", "/Users/"+id, patchBody(`{"op":"replace","value":{"active":false}}`)).status
		}
		return fmt.Sprint(off(), off())
	}, "200 200", "200 400"},
}
