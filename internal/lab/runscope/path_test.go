package runscope

import (
	"encoding/json"
	"strings"
	"testing"
)

// Covers C07.
func TestPath(t *testing.T) {
	const text = `[{"a": 1, "list": [{"id": "x"}, {"id": "y"}], "x.y": {"z": "dotted"}, "name": {"givenName": "Ada"},
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Maths", "manager": {"value": "7"}},
		"a.b": "joined", "length": "a member", "": "blank"}, 2]`
	r := &reply{body: []byte(text)}
	for _, tt := range []struct{ name, path, want string }{
		{"the whole document's length", "length", "2"},
		{"a root index", "[0].a", "1"},
		{"an index from the end", "[0].list[-1].id", "y"},
		{"the last element of the root", "[-1]", "2"},
		{"a quoted name", "[0]['x.y'].z", "dotted"},
		{"a name in double quotes", `[0]["x.y"]["z"]`, "dotted"},
		{"a name with dots, unquoted", "[0].x.y.z", "dotted"},
		{"a URN with a dot", "[0].urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department", "Maths"},
		{"a member below a URN", "[0].urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value", "7"},
		{"the plain reading misses, the joined one hits", "[0].a.b", "joined"},
		{"a list's length", "[0].list.length", "2"},
		{"a member called length wins", "[0].length", "a member"},
		{"blanks around it", "  [0].name.givenName ", "Ada"},
		{"a missing member", "[0].name.familyName", ""},
		{"names are case-sensitive", "[0].Name.givenName", ""},
		{"an index beyond the end", "[0].list[2].id", ""},
		{"an index before the beginning", "[0].list[-3].id", ""},
		{"an index into an object", "[0][0]", ""},
		{"a name in a list", "[0].list.id", ""},
		{"a name in a number", "[1].a", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := r.find(sourceJSON, tt.path)
			got := ""
			if len(f.values) > 0 {
				got = cast(f.values[0])
			}
			if got != tt.want || f.unsupported {
				t.Errorf("%s is %q (%s), want %q", tt.path, got, f.problem, tt.want)
			}
		})
	}
}

func TestPathsThatCannotBeRead(t *testing.T) {
	for _, text := range []string{"a..b", ".a", "a.", "a[", "a[x]", "a['b'", "a[0].", "list[?(@.a)]", "a[*]", "[0]."} {
		if p, err := parsePath(text); err == nil {
			t.Errorf("%q was read as %+v", text, p)
		}
		if f := (&reply{body: []byte(`{}`)}).find(sourceJSON, text); !f.unsupported {
			t.Errorf("%q must be unsupported, not the response's fault", text)
		}
	}
}

// A document whose names are built to make the search branch is given up, not searched to its end.
func TestPathInHostileDocument(t *testing.T) {
	inner := any("end")
	for range 60 {
		inner = map[string]any{"a": inner, "a.a": inner}
	}
	p, err := parsePath(strings.Repeat("a.", 119) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.find(inner); ok {
		t.Error("found what is not there")
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"Resources[0].id", "a['x.y'][-1]", "a..b", "[", "a[0]b", "urn:x:2.0:User.y"} {
		f.Add(seed)
	}
	var doc any
	if err := json.Unmarshal([]byte(`{"a":[{"b":{"c":[1,2]}}],"a.b":3,"Resources":[{"id":"1"}]}`), &doc); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePath(text)
		if err == nil {
			p.find(doc)
		}
	})
}
