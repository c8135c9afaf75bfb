package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCanonicalIsThisText(t *testing.T) {
	c := Content{}.With("name", "A \"c\\m\u0001\n\té😀<&>\u2028\x7f").With("existing", Yes).With("existingName", "Old").
		With("scim.enabled", Yes).With("scim.features", []string{UpdateUsers, "", CreateUsers}).With("scim.perTenant", Yes).
		With("scim.variables", []map[string]string{{"type": "string", "label": "Sub", "name": "sub"}, {}}).With("scim.auth.mode", "header")
	want := `{"connector":{"enabled":"no"},"existing":"yes","existingName":"Old","name":"A \"c\\m\u0001\n\té😀<&>` + "\u2028\x7f" + `",` +
		`"scim":{"auth":{"headerName":"Authorization","mode":"header"},"enabled":"yes","features":["update_users","create_users"],` +
		`"groupPatchMax":"100","perTenant":"yes","variables":[{"label":"Sub","name":"sub","type":"string"}]}}`
	if diff := cmp.Diff(want, string(Canonical(c))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheHashIsThatOfTheCanonicalText(t *testing.T) {
	// printf '{"connector":{"enabled":"no"},"scim":{"enabled":"no"}}' | sha256sum
	const want = "36566973c63b1633fc17cde96ff6f0b4d947d9b26fdf4303540d079364b0f470"
	if got := Hash(Content{}); got != want {
		t.Errorf("hash of an empty content: %s, text %s", got, Canonical(Content{}))
	}
}

// The hash binds a verdict to what was verified, so it must change with that, and with nothing else.
func TestWhatTheHashCovers(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(Content) Content
		differs bool
	}{
		{"another name", change("name", "Acme 2"), true},
		{"another order of features", change("scim.features", []string{DeactivateUsers, UpdateUsers, CreateUsers}), true},
		{"another logo", change("logo", "cd"), true},
		{"the same name in another normal form", change("name", "Acme\u0301"), true},
		{"evidence beside the content", change("scim.specEvidence", "https://results.example/1"), false},
		{"a password that found its way in", change("testAccount.password", "hunter22"), false},
		{"an answer that is not shown", change("changeSummary", "typed before"), false},
		{"a blank row", func(c Content) Content {
			return c.With("supportContacts", append(c.Rows("supportContacts"), map[string]string{}))
		}, false},
		{"a key that is not declared", change("status", "published"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Hash(tt.change(acme())) != Hash(acme()); got != tt.differs {
				t.Errorf("differs: %v, want %v\n%s", got, tt.differs, Canonical(tt.change(acme())))
			}
		})
	}
}

// typed draws a content as people might type it: some of acme's answers gone, some replaced by nonsense.
func typed(t *rapid.T) Content {
	c := acme()
	for _, f := range fields {
		switch rapid.IntRange(0, 5).Draw(t, f.Key) {
		case 0:
			c = c.With(f.Key, nil)
		case 1:
			c = c.With(f.Key, rapid.String().Draw(t, "text"))
		case 2:
			c = c.With(f.Key, rapid.SampledFrom([]string{Yes, No, "oauth", "header", "2.0", "https://a.example"}).Draw(t, "answer"))
		case 3:
			c = c.With(f.Key, rapid.SliceOfN(rapid.SampledFrom([]string{"", "zero_trust", GroupPush, "x"}), 0, 4).Draw(t, "list"))
		}
	}
	return c
}

func TestCanonicalSurvivesStoring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := typed(t)
		canonical := Canonical(c)
		again, err := Decode(canonical)
		if err != nil {
			t.Fatalf("%v\n%s", err, canonical)
		}
		if string(Canonical(again)) != string(canonical) {
			t.Fatalf("canonical once\n%s\nand twice\n%s", canonical, Canonical(again))
		}
		draft, err := Decode(c.Encode())
		if err != nil || Hash(draft) != Hash(c) {
			t.Fatalf("the hash changed while the draft was stored: %v\n%s\n%s", err, canonical, Canonical(draft))
		}
	})
}
