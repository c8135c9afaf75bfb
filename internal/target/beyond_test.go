package target_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/secret"
	"slipway/internal/target"
	"slipway/scimtest"
)

var dialects = map[string]target.Dialect{"PATCH": target.ByPatch, "PUT": {}}

func kind(err error) target.Kind {
	if err == nil {
		return ""
	}
	return target.FailureOf(err).Kind
}

// three makes accounts and returns their ids.
func three(t *testing.T, acme *target.SCIM) []string {
	t.Helper()
	var ids []string
	for _, name := range []string{"ann", "bob", "cid"} {
		made, err := acme.CreateUser(t.Context(), target.Profile{"userName": name + "@example.com"}, secret.Text{})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID())
	}
	return ids
}

func TestAccountsAreReadOneByOneAndPageByPage(t *testing.T) {
	server := scimtest.New()
	base, stop := server.Start()
	defer stop()
	acme, ctx := open(t, base, target.ByPatch), t.Context()
	ids := three(t, acme)
	if user, err := acme.User(ctx, ids[1]); err != nil || user.UserName() != "bob@example.com" {
		t.Errorf("by id: %v, %v", user, err)
	}
	if _, err := acme.User(ctx, "nobody"); kind(err) != target.Gone {
		t.Errorf("nobody: %v, want gone", err)
	}
	var seen []string
	pages, cursor := 0, ""
	for {
		page, err := acme.Users(ctx, target.Page{Cursor: cursor, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, user := range page.Resources {
			seen = append(seen, user.ID())
		}
		pages++
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if slices.Sort(seen); pages != 2 || !slices.Equal(seen, slices.Sorted(slices.Values(ids))) {
		t.Errorf("%d pages with %v, want 2 with %v", pages, seen, ids)
	}
	if _, err := acme.Users(ctx, target.Page{Cursor: "soon"}); kind(err) != target.Rejected {
		t.Errorf("a cursor of another target: %v, want rejected", err)
	}
	if err := acme.RemoveUser(ctx, ids[0]); err != nil {
		t.Error(err)
	}
	if err := acme.RemoveUser(ctx, ids[0]); kind(err) != target.Gone {
		t.Errorf("removed twice: %v, want gone", err)
	}
}

func TestPasswordsAreSetAndNotRepeated(t *testing.T) {
	for name, dialect := range dialects {
		t.Run(name, func(t *testing.T) {
			server := scimtest.New()
			base, stop := server.Start()
			defer stop()
			acme := open(t, base, dialect)
			ids := three(t, acme)
			if err := acme.SetPassword(t.Context(), ids[0], secret.NewText("Correct-Horse-2")); err != nil {
				t.Fatal(err)
			}
			if got, _ := server.Password("ann@example.com"); got != "Correct-Horse-2" {
				t.Errorf("the password is %q", got)
			}
			if err := acme.SetPassword(t.Context(), "nobody", secret.NewText("Correct-Horse-2")); kind(err) != target.Gone {
				t.Errorf("of nobody: %v, want gone", err)
			}
		})
	}
	base, _ := scripted(t, map[string]string{"PATCH /Users/u1": `400 {"detail":"Correct-Horse-2 is too weak"}`})
	err := open(t, base, target.ByPatch).SetPassword(t.Context(), "u1", secret.NewText("Correct-Horse-2"))
	if kind(err) != target.Rejected || strings.Contains(err.Error(), "Horse") {
		t.Errorf("a refusal that repeats the password: %v", err)
	}
}

func TestGroupsAndMembersOnACompliantServer(t *testing.T) {
	for name, dialect := range dialects {
		t.Run(name, func(t *testing.T) {
			server := scimtest.New()
			base, stop := server.Start()
			defer stop()
			acme, ctx := open(t, base, dialect), t.Context()
			ids := three(t, acme)
			group, err := acme.CreateGroup(ctx, "Night shift", "Awake")
			if err != nil || group.String("displayName") != "Night shift" {
				t.Fatalf("%v, %v", group, err)
			}
			if err := acme.AddMembers(ctx, group.ID(), target.Member{ID: ids[0]}, target.Member{ID: ids[1], Display: "Bob"}); err != nil {
				t.Fatal(err)
			}
			if err := acme.AddMembers(ctx, group.ID(), target.Member{ID: ids[1]}, target.Member{ID: ids[2]}); err != nil {
				t.Fatal(err)
			}
			if err := acme.RemoveMembers(ctx, group.ID(), target.Member{ID: ids[0]}, target.Member{ID: ids[2]}); err != nil {
				t.Fatal(err)
			}
			members, next, err := acme.Members(ctx, group.ID(), target.Page{})
			if err != nil || len(members) != 1 || members[0].ID != ids[1] || next != "" {
				t.Errorf("members: %v, %q, %v", members, next, err)
			}
			for _, cursor := range []string{"x", "-1"} {
				if members, _, err := acme.Members(ctx, group.ID(), target.Page{Cursor: cursor}); kind(err) != target.Rejected {
					t.Errorf("a cursor %s that nobody gave: %d members, %v", cursor, len(members), err)
				}
				if list, err := acme.Users(ctx, target.Page{Cursor: cursor}); kind(err) != target.Rejected {
					t.Errorf("a cursor %s that nobody gave: %d people, %v", cursor, len(list.Resources), err)
				}
			}
			renamed, err := acme.UpdateGroup(ctx, group.ID(), "Early shift", "")
			if err != nil || renamed.String("displayName") != "Early shift" {
				t.Errorf("renamed: %v, %v", renamed, err)
			}
			if found, err := acme.FindGroups(ctx, "Early shift", target.Page{}); err != nil || len(found.Resources) != 1 {
				t.Errorf("found: %v, %v", found, err)
			}
			if found, err := acme.FindGroups(ctx, "Night shift", target.Page{}); err != nil || len(found.Resources) != 0 {
				t.Errorf("found by the old name: %v, %v", found, err)
			}
			if all, err := acme.Groups(ctx, target.Page{Limit: 10}); err != nil || len(all.Resources) != 1 || all.Next != "" {
				t.Errorf("listed: %v, %v", all, err)
			}
			if err := acme.RemoveGroup(ctx, group.ID()); err != nil || len(server.Groups()) != 0 || len(server.Users()) != 3 {
				t.Errorf("removed: %v; %d groups and %d people are there", err, len(server.Groups()), len(server.Users()))
			}
			if _, err := acme.Group(ctx, group.ID()); kind(err) != target.Gone {
				t.Errorf("after its removal: %v, want gone", err)
			}
			if _, err := acme.UpdateGroup(ctx, group.ID(), "Late shift", ""); kind(err) != target.Gone {
				t.Errorf("renamed after its removal: %v, want gone", err)
			}
		})
	}
}

func TestAttributesComeFromTheSchemas(t *testing.T) {
	server := scimtest.New()
	base, stop := server.Start()
	defer stop()
	acme := open(t, base, target.ByPatch)
	properties, err := acme.Properties(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]target.Property{}
	for _, p := range properties {
		byName[p.Name] = p
	}
	const department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
	for _, tt := range []struct {
		name, typ          string
		required, readOnly bool
	}{
		{"userName", "STRING", true, false}, {"name.givenName", "STRING", false, false}, {"active", "BOOLEAN", false, false},
		{"photos.value", "URI", false, false}, {"groups.value", "STRING", false, true}, {department, "STRING", false, false},
	} {
		p, is := byName[tt.name]
		if !is || p.Type != tt.typ || p.Required != tt.required || p.ReadOnly != tt.readOnly {
			t.Errorf("%s: %+v, want %+v", tt.name, p, tt)
		}
	}
	if p := byName[department]; p.ExternalName != "department" || !strings.HasSuffix(p.ExternalNamespace, ":User") {
		t.Errorf("department lies at %q of %q", p.ExternalName, p.ExternalNamespace)
	}
	if _, is := byName["password"]; is {
		t.Error("the password is listed as an attribute")
	}
	values, err := acme.Values(t.Context())
	if err != nil || !slices.Contains(values, target.Value{Property: "emails.type", ID: "work", Display: "work"}) {
		t.Errorf("values: %v, %v", values, err)
	}
}
