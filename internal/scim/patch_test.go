package scim

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	oracle "github.com/scim2/filter-parser/v2"
	"pgregory.net/rapid"
)

const (
	userURN  = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]`
	groupURN = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]`
	bothURNs = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]`
	work     = `{"value":"w@example.com","type":"work"}`
	workMain = `{"value":"w@example.com","type":"work","primary":true}`
	home     = `{"value":"h@example.com","type":"home"}`
	ext      = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

// user writes a user with the given members beside schemas and userName.
func user(members string) string { return join(`{`+userURN+`,"userName":"jane"`, members) }

func group(members string) string { return join(`{`+groupURN+`,"displayName":"Team"`, members) }

func enterpriseUser(members string) string { return join(`{`+bothURNs+`,"userName":"jane"`, members) }

func join(head, members string) string {
	if members != "" {
		head += "," + members
	}
	return head + "}"
}

func TestApplyPatch(t *testing.T) {
	for _, tt := range []struct {
		name, before, ops, after string
	}{
		// add, RFC 7644 §3.5.2.1
		{"add sets what was absent", user(``), `[{"op":"add","path":"title","value":"Boss"}]`, user(`"title":"Boss"`)},
		{"add replaces a single value", user(`"title":"Old"`), `[{"op":"add","path":"title","value":"Boss"}]`, user(`"title":"Boss"`)},
		{"add appends to a list", user(`"emails":[` + work + `]`), `[{"op":"add","path":"emails","value":[` + home + `]}]`, user(`"emails":[` + work + `,` + home + `]`)},
		{"add takes one object for a list", user(``), `[{"op":"add","path":"emails","value":` + home + `}]`, user(`"emails":[` + home + `]`)},
		{"add of a value that is there changes nothing", user(`"emails":[` + work + `]`), `[{"op":"add","path":"emails","value":[` + work + `]}]`, user(`"emails":[` + work + `]`)},
		{"add of the same mail address in other case is the same value", user(`"emails":[` + work + `]`), `[{"op":"add","path":"emails","value":[{"value":"W@EXAMPLE.com","type":"work"}]}]`, user(`"emails":[{"value":"W@EXAMPLE.com","type":"work"}]`)},
		{"add of another type is another value", user(`"emails":[` + work + `]`), `[{"op":"add","path":"emails","value":[{"value":"w@example.com","type":"home"}]}]`, user(`"emails":[` + work + `,{"value":"w@example.com","type":"home"}]`)},
		{"add without path adds each attribute", user(``), `[{"op":"add","value":{"title":"Boss","emails":[` + home + `]}}]`, user(`"title":"Boss","emails":[` + home + `]`)},
		{"add merges into a complex attribute", user(`"name":{"givenName":"J","familyName":"D"}`), `[{"op":"add","path":"name","value":{"givenName":"Jane"}}]`, user(`"name":{"givenName":"Jane","familyName":"D"}`)},
		{"add creates a complex attribute for its part", user(``), `[{"op":"add","path":"name.givenName","value":"Jane"}]`, user(`"name":{"givenName":"Jane"}`)},
		{"a new primary value unsets the old one", user(`"emails":[` + workMain + `]`), `[{"op":"add","path":"emails","value":[{"value":"h@example.com","primary":true}]}]`, user(`"emails":[{"value":"w@example.com","type":"work","primary":false},{"value":"h@example.com","primary":true}]`)},
		{"add at a filter merges into the value", user(`"emails":[` + work + `,` + home + `]`), `[{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"Home"}}]`, user(`"emails":[` + work + `,{"value":"h@example.com","type":"home","display":"Home"}]`)},
		{"add of a null member assigns nothing", user(`"title":"Boss"`), `[{"op":"add","value":{"title":null}}]`, user(`"title":"Boss"`)},

		// replace, RFC 7644 §3.5.2.3
		{"replace sets a single value", user(`"title":"Old"`), `[{"op":"replace","path":"title","value":"Boss"}]`, user(`"title":"Boss"`)},
		{"replace of an absent attribute adds it", user(``), `[{"op":"replace","path":"title","value":"Boss"}]`, user(`"title":"Boss"`)},
		{"replace without path, as Okta deactivates", user(`"active":true`), `[{"op":"replace","value":{"active":false}}]`, user(`"active":false`)},
		{"replace of a part keeps its siblings", user(`"name":{"givenName":"J","familyName":"D"}`), `[{"op":"replace","path":"name.familyName","value":"Doe"}]`, user(`"name":{"givenName":"J","familyName":"Doe"}`)},
		{"replace of a complex attribute merges", user(`"name":{"givenName":"J","familyName":"D"}`), `[{"op":"replace","path":"name","value":{"givenName":"Jane"}}]`, user(`"name":{"givenName":"Jane","familyName":"D"}`)},
		{"replace without path merges complex attributes too", user(`"name":{"givenName":"J","familyName":"D"}`), `[{"op":"replace","value":{"name":{"givenName":"Jane"}}}]`, user(`"name":{"givenName":"Jane","familyName":"D"}`)},
		{"replace of a list replaces all of it", user(`"emails":[` + work + `]`), `[{"op":"replace","path":"emails","value":[` + home + `]}]`, user(`"emails":[` + home + `]`)},
		{"replace with an empty list unassigns", group(`"members":[{"value":"a"}]`), `[{"op":"replace","path":"members","value":[]}]`, group(``)},
		{"replace with null unassigns", user(`"title":"Boss"`), `[{"op":"replace","path":"title","value":null}]`, user(``)},
		{"replace of a part of the chosen values", user(`"emails":[` + work + `,` + home + `]`), `[{"op":"replace","path":"emails[type eq \"work\"].value","value":"new@example.com"}]`, user(`"emails":[{"value":"new@example.com","type":"work"},` + home + `]`)},
		{"replace of a chosen value as a whole", user(`"emails":[` + workMain + `,` + home + `]`), `[{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"n@example.com"}}]`, user(`"emails":[{"value":"n@example.com"},` + home + `]`)},
		{"replace that makes another value primary", user(`"emails":[` + workMain + `,` + home + `]`), `[{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}]`, user(`"emails":[{"value":"w@example.com","type":"work","primary":false},{"value":"h@example.com","type":"home","primary":true}]`)},

		// remove, RFC 7644 §3.5.2.2
		{"remove unassigns", user(`"title":"Boss"`), `[{"op":"remove","path":"title"}]`, user(``)},
		{"remove of an absent attribute", user(``), `[{"op":"remove","path":"title"}]`, user(``)},
		{"remove of a list", user(`"emails":[` + work + `,` + home + `]`), `[{"op":"remove","path":"emails"}]`, user(``)},
		{"remove of the chosen values", user(`"emails":[` + work + `,` + home + `]`), `[{"op":"remove","path":"emails[type eq \"work\"]"}]`, user(`"emails":[` + home + `]`)},
		{"remove of the last value unassigns", group(`"members":[{"value":"a"}]`), `[{"op":"remove","path":"members[value eq \"a\"]"}]`, group(``)},
		{"remove of a value that is not there", group(`"members":[{"value":"a"}]`), `[{"op":"remove","path":"members[value eq \"b\"]"}]`, group(`"members":[{"value":"a"}]`)},
		{"members are chosen by exact id", group(`"members":[{"value":"a"},{"value":"A"}]`), `[{"op":"remove","path":"members[value eq \"A\"]"}]`, group(`"members":[{"value":"a"}]`)},
		{"remove of a part of the chosen values", user(`"addresses":[{"type":"work","locality":"Oslo","country":"NO"}]`), `[{"op":"remove","path":"addresses[type eq \"work\"].locality"}]`, user(`"addresses":[{"type":"work","country":"NO"}]`)},
		{"remove of a part", user(`"name":{"givenName":"J","familyName":"D"}`), `[{"op":"remove","path":"name.givenName"}]`, user(`"name":{"familyName":"D"}`)},

		// extensions
		{"an extension attribute brings its URN", user(``), `[{"op":"replace","path":"` + ext + `:department","value":"R&D"}]`, enterpriseUser(`"` + ext + `":{"department":"R&D"}`)},
		{"an extension as a key without path", user(``), `[{"op":"replace","value":{"` + ext + `":{"department":"R&D"}}}]`, enterpriseUser(`"` + ext + `":{"department":"R&D"}`)},
		{"an extension as a path merges", enterpriseUser(`"` + ext + `":{"costCenter":"1"}`), `[{"op":"add","path":"` + ext + `","value":{"department":"R&D"}}]`, enterpriseUser(`"` + ext + `":{"costCenter":"1","department":"R&D"}`)},
		{"the last extension attribute takes its URN along", enterpriseUser(`"` + ext + `":{"department":"R&D"}`), `[{"op":"remove","path":"` + ext + `:department"}]`, user(``)},
		{"remove of an extension", enterpriseUser(`"` + ext + `":{"department":"R&D"}`), `[{"op":"remove","path":"` + ext + `"}]`, user(``)},
		{"a part of a complex extension attribute", user(``), `[{"op":"add","path":"` + ext + `:manager.value","value":"boss"}]`, enterpriseUser(`"` + ext + `":{"manager":{"value":"boss"}}`)},
		{"a core URN in front", user(``), `[{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"Boss"}]`, user(`"title":"Boss"`)},
		{"an unknown extension takes any attribute", `{"schemas":["urn:example:app_1:user"],"urn:example:app_1:user":{"a":1}}`, `[{"op":"replace","path":"urn:example:app_1:user:b","value":[2]}]`, `{"schemas":["urn:example:app_1:user"],"urn:example:app_1:user":{"a":1,"b":[2]}}`},

		// what clients really send
		{"Entra writes operations in capitals", user(`"title":"a"`), `[{"op":"Replace","path":"title","value":"b"},{"op":"Remove","path":"title"}]`, user(``)},
		{"Entra removes the listed members", group(`"members":[{"value":"a"},{"value":"b"}]`), `[{"op":"Remove","path":"members","value":[{"value":"a"}]}]`, group(`"members":[{"value":"b"}]`)},
		{"a remove that lists nothing removes nothing", group(`"members":[{"value":"a"}]`), `[{"op":"remove","path":"members","value":[]}]`, group(`"members":[{"value":"a"}]`)},
		{"Entra sends dotted and qualified keys", user(``), `[{"op":"Add","value":{"name.givenName":"Jane","` + ext + `:department":"R&D"}}]`, enterpriseUser(`"name":{"givenName":"Jane"},"` + ext + `":{"department":"R&D"}`)},
		{"Entra sends active as a text", user(`"active":true`), `[{"op":"Replace","path":"active","value":"False"}]`, user(`"active":false`)},
		{"Entra sends a manager as a text", user(``), `[{"op":"Add","path":"` + ext + `:manager","value":"boss"}]`, enterpriseUser(`"` + ext + `":{"manager":{"value":"boss"}}`)},
		{"Okta sends a group's id with its name", group(`"id":"g1"`), `[{"op":"replace","value":{"id":"g1","displayName":"New"}}]`, `{` + groupURN + `,"displayName":"New","id":"g1"}`},
		{"Okta adds a member who is there, with a display name", group(`"members":[{"value":"a","type":"User"}]`), `[{"op":"add","path":"members","value":[{"value":"a","display":"Ann"},{"value":"b"}]}]`, group(`"members":[{"value":"a","type":"User","display":"Ann"},{"value":"b"}]`)},
		{"unknown keys without path are ignored", user(``), `[{"op":"replace","value":{"shoeSize":43,"title":"Boss"}}]`, user(`"title":"Boss"`)},
		{"names in any case", user(`"name":{"givenName":"J"}`), `[{"op":"replace","path":"NAME.givenname","value":"Jane"}]`, user(`"name":{"givenName":"Jane"}`)},
		{"operations take effect in their order", user(``), `[{"op":"add","path":"title","value":"a"},{"op":"replace","path":"title","value":"b"},{"op":"add","path":"emails","value":[` + home + `]},{"op":"remove","path":"emails[type eq \"home\"]"}]`, user(`"title":"b"`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := decode(t, tt.before)
			got, err := ApplyPatch(before, operations(t, tt.ops))
			if err != nil {
				t.Fatalf("%s: %v", tt.ops, err)
			}
			if diff := cmp.Diff(decode(t, tt.after), got); diff != "" {
				t.Errorf("%s: want -, got +\n%s", tt.ops, diff)
			}
			if diff := cmp.Diff(decode(t, tt.before), before); diff != "" {
				t.Errorf("the resource that was handed in has changed:\n%s", diff)
			}
		})
	}
}

func TestApplyPatchRefuses(t *testing.T) {
	full := enterpriseUser(`"id":"1","title":"Boss","emails":[` + work + `],"` + ext + `":{"manager":{"value":"m","displayName":"M"}}`)
	for _, tt := range []struct{ name, before, ops, scimType string }{
		{"no operations", full, `[]`, InvalidSyntax},
		{"an unknown operation", full, `[{"op":"move","path":"title","value":"x"}]`, InvalidSyntax},
		{"no operation's name", full, `[{"path":"title","value":"x"}]`, InvalidSyntax},
		{"a remove without path", full, `[{"op":"remove"}]`, NoTarget},
		{"an add without value", full, `[{"op":"add","path":"title"}]`, InvalidValue},
		{"no path and no object", full, `[{"op":"replace","value":"x"}]`, InvalidValue},
		{"a path that cannot be read", full, `[{"op":"replace","path":"emails[type eq","value":"x"}]`, InvalidPath},
		{"an index in the path", full, `[{"op":"replace","path":"emails[0].value","value":"x"}]`, InvalidPath},
		{"an attribute that does not exist", full, `[{"op":"replace","path":"nope","value":"x"}]`, InvalidPath},
		{"an extension attribute that does not exist", full, `[{"op":"replace","path":"` + ext + `:nope","value":"x"}]`, InvalidPath},
		{"a part that does not exist", full, `[{"op":"replace","path":"name.nope","value":"x"}]`, InvalidPath},
		{"a part of a simple attribute", full, `[{"op":"replace","path":"title.nope","value":"x"}]`, InvalidPath},
		{"a user's attribute at a group", group(``), `[{"op":"replace","path":"title","value":"x"}]`, InvalidPath},
		{"a filter on a single value", full, `[{"op":"replace","path":"name[familyName eq \"x\"].givenName","value":"x"}]`, InvalidPath},
		{"a replace whose filter finds nothing", full, `[{"op":"replace","path":"emails[type eq \"home\"].value","value":"x"}]`, NoTarget},
		{"an add whose filter finds nothing", full, `[{"op":"add","path":"emails[type eq \"home\"].value","value":"x"}]`, NoTarget},
		{"the id", full, `[{"op":"replace","path":"id","value":"2"}]`, Mutability},
		{"a part of meta", full, `[{"op":"replace","path":"meta.created","value":"2026-01-01T00:00:00Z"}]`, Mutability},
		{"a user's groups", full, `[{"op":"add","path":"groups","value":[{"value":"g"}]}]`, Mutability},
		{"a read-only part", full, `[{"op":"replace","path":"` + ext + `:manager.displayName","value":"x"}]`, Mutability},
		{"a required attribute goes", full, `[{"op":"remove","path":"userName"}]`, Mutability},
		{"a group loses its name", group(``), `[{"op":"replace","path":"displayName","value":null}]`, Mutability},
		{"a member becomes another one", group(`"members":[{"value":"a"}]`), `[{"op":"replace","path":"members[value eq \"a\"].value","value":"b"}]`, Mutability},
		{"a member's record becomes another one", group(`"members":[{"value":"a"}]`), `[{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"b"}}]`, Mutability},
		{"a text for a list of objects", full, `[{"op":"replace","path":"emails","value":"x"}]`, InvalidValue},
		{"a text that is no boolean", full, `[{"op":"replace","path":"active","value":"maybe"}]`, InvalidValue},
		{"a number for a text", full, `[{"op":"replace","path":"title","value":7}]`, InvalidValue},
		{"two primary values", full, `[{"op":"replace","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}]`, InvalidValue},
		{"an extension that is no object", full, `[{"op":"replace","path":"` + ext + `","value":"x"}]`, InvalidValue},
		{"the second of two operations", full, `[{"op":"replace","path":"title","value":"x"},{"op":"remove","path":"id"}]`, Mutability},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := decode(t, tt.before)
			got, err := ApplyPatch(before, operations(t, tt.ops))
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Status != 400 || e.ScimType != tt.scimType || e.Detail == "" {
				t.Errorf("%s: got %v, %v; want 400 %s", tt.ops, got, err, tt.scimType)
			}
			if diff := cmp.Diff(decode(t, tt.before), before); diff != "" {
				t.Errorf("a refused patch has changed the resource:\n%s", diff)
			}
		})
	}
}

func operations(t testing.TB, text string) []PatchOp {
	t.Helper()
	var ops []PatchOp
	if err := json.Unmarshal([]byte(text), &ops); err != nil {
		t.Fatalf("the test's own operations are broken: %v", err)
	}
	return ops
}

func TestPatchRequestIsReadBack(t *testing.T) {
	ops := []PatchOp{{"replace", "", map[string]any{"active": false}}, {"replace", "title", nil}, {"remove", "x509Certificates", nil}, {"remove", "members", []any{"a"}}}
	text, err := json.Marshal(PatchRequest(ops))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Operations":[{"op":"replace","value":{"active":false}},{"op":"replace","path":"title","value":null},` +
		`{"op":"remove","path":"x509Certificates"},{"op":"remove","path":"members","value":["a"]}],"schemas":["` + SchemaPatchOp + `"]}`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

// memberIDs draws ids of which some are equal and some differ in case only.
var memberIDs = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "A", "b", "c", "d", "e f", `g"h`}), 0, 6)

func members(ids []string) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = map[string]any{"value": id}
	}
	return list
}

func membership(r Resource) []string {
	ids := []string{}
	for element := range elements(r["members"]) {
		ids = append(ids, element.(map[string]any)["value"].(string))
	}
	slices.Sort(ids)
	return ids
}

// A group's members behave as a set, whatever operations come in.
func TestMembersAreASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		have := map[string]bool{}
		r := Resource{"schemas": []any{SchemaGroup}, "displayName": "Team"}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			ids := memberIDs.Draw(t, "ids")
			var ops []PatchOp
			switch rapid.SampledFrom([]string{"add", "remove", "listed", "replace"}).Draw(t, "deed") {
			case "add":
				ops = []PatchOp{{"add", "members", members(ids)}}
				for _, id := range ids {
					have[id] = true
				}
			case "remove":
				for _, id := range append(ids, "a") {
					ops = append(ops, PatchOp{"remove", fmt.Sprintf("members[value eq %q]", id), nil})
					delete(have, id)
				}
			case "listed":
				ops = []PatchOp{{"remove", "members", members(ids)}}
				for _, id := range ids {
					delete(have, id)
				}
			case "replace":
				slices.Sort(ids)
				ids = slices.Compact(ids)
				ops = []PatchOp{{"replace", "members", members(ids)}}
				clear(have)
				for _, id := range ids {
					have[id] = true
				}
			}
			next, err := ApplyPatch(r, ops)
			if err != nil {
				t.Fatalf("%v: %v", ops, err)
			}
			want := make([]string, 0, len(have))
			for id := range have {
				want = append(want, id)
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, membership(next)); diff != "" {
				t.Fatalf("%v: want -, got +\n%s", ops, diff)
			}
			r = next
		}
	})
}

// Sent twice, an operation has the effect of once: that is what a retry relies on.
func TestPatchTwiceIsPatchOnce(t *testing.T) {
	paths := rapid.SampledFrom([]string{"title", "emails", "name", "name.givenName", `emails[type eq "work"].value`, `emails[type eq "work"]`, ext + ":department", ext, ""})
	values := rapid.SampledFrom([]any{
		"text", true, nil, []any{}, map[string]any{"value": "x", "type": "work", "primary": true}, map[string]any{"givenName": "G"},
		map[string]any{"title": "T", "emails": []any{map[string]any{"value": "y", "primary": true}}}, map[string]any{"department": "D"},
		[]any{map[string]any{"value": "x", "type": "work"}, map[string]any{"value": "y"}},
	})
	start := decode(t, user(`"emails":[`+workMain+`,`+home+`],"name":{"familyName":"D"}`))
	rapid.Check(t, func(t *rapid.T) {
		op := PatchOp{rapid.SampledFrom([]string{"add", "remove", "replace"}).Draw(t, "op"), paths.Draw(t, "path"), values.Draw(t, "value")}
		once, err := ApplyPatch(start, []PatchOp{op})
		if err != nil {
			return
		}
		if primaries(asList(once["emails"])) > 1 {
			t.Fatalf("%v leaves two primary values: %v", op, once["emails"])
		}
		twice, err := ApplyPatch(once, []PatchOp{op})
		if e, ok := errors.AsType[*Error](err); ok && e.ScimType == NoTarget {
			return // the first one changed what its own filter looks for
		}
		if diff := cmp.Diff(once, twice); err != nil || diff != "" {
			t.Fatalf("%v: the second time differs (%v):\n%s", op, err, diff)
		}
	})
}

func FuzzApplyPatch(f *testing.F) {
	for _, seed := range [][3]string{
		{"add", "emails", `[{"value":"x"}]`}, {"replace", `emails[type eq "work"].value`, `"x"`}, {"remove", `members[value eq "a"]`, `null`},
		{"Add", "", `{"name.givenName":"x","urn:a:b":{"c":1}}`}, {"replace", ext + ":manager", `"m"`}, {"remove", "emails.type", `null`},
		{"add", "roles", `["a",null,{}]`}, {"replace", "name", `{"givenName":null}`}, {"add", `emails[not (type pr)]`, `{"type":"x"}`},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	before := decode(f, jane)
	untouched := before.Clone()
	f.Fuzz(func(t *testing.T, op, path, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		after, err := ApplyPatch(before, []PatchOp{{op, path, value}})
		if diff := cmp.Diff(untouched, before); diff != "" {
			t.Fatalf("the resource that was handed in has changed:\n%s", diff)
		}
		if err != nil {
			if e, ok := errors.AsType[*Error](err); !ok || e.Status != 400 || e.ScimType == "" || after != nil {
				t.Fatalf("%s %q %s: refused with %v", op, path, text, err)
			}
		} else if after.UserName() == "" || after.ID() != "AbC" || !after.HasSchema(SchemaUser) {
			t.Fatalf("%s %q %s: lost what cannot go: %v", op, path, text, after)
		}
		if _, wrong := parsePath(path); wrong != nil && path != "" {
			if _, err := oracle.ParsePathNumber([]byte(path)); err == nil && !stricter(wrong) && !strings.Contains(wrong.Error(), "one sub-attribute") {
				t.Fatalf("path %q: the oracle takes it, and we say %v", path, wrong)
			}
		}
	})
}
