package store_test

import (
	"testing"

	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

func profile(name string) directory.Profile {
	return directory.Profile{UserName: name + "@Example.com", GivenName: name, FamilyName: "Doe", Email: name + "@example.com"}
}

// addPerson saves a person in the org's directory.
func addPerson(t testing.TB, s *store.Store, orgID, name string) directory.Person {
	t.Helper()
	p, err := directory.New(s).Save(t.Context(), directory.Person{OrgID: orgID, Active: true, Profile: profile(name)}, store.Now())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDirectory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		_, org := people(t, s)
		d := directory.New(s)
		jane := addPerson(t, s, org.ID, "jane")

		read, err := d.Person(ctx, org.ID, jane.ID)
		if err != nil || read != jane {
			t.Errorf("read %+v, %v; want %+v", read, err, jane)
		}
		if byMail, err := d.PersonByEmail(ctx, org.ID, "JANE@example.com"); err != nil || byMail.ID != jane.ID {
			t.Errorf("by address in other letters: %v, %v", byMail.ID, err)
		}

		stale := jane
		jane.Title = "Lead"
		if jane, err = d.Save(ctx, jane, store.Now()); err != nil || jane.Version != 2 {
			t.Fatalf("save: version %d, %v", jane.Version, err)
		}
		if _, err := d.Save(ctx, stale, store.Now()); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a save of what somebody else has changed: %v, want conflict", err)
		}
		twin := directory.Person{OrgID: org.ID, Active: true, Profile: profile("JANE")}
		if _, err := d.Save(ctx, twin, store.Now()); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a second person with the same user name in other letters: %v, want conflict", err)
		}
		ghost := directory.Person{ID: "per_ghost", OrgID: org.ID, Version: 3, Profile: profile("ghost")}
		if _, err := d.Save(ctx, ghost, store.Now()); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a change of a person who is not there: %v, want conflict", err)
		}
	})
}

// Covers H-25, H-27, H-29: another org's people can neither be read, listed nor taken over.
func TestDirectoryKeepsOrgsApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		service, org := people(t, s)
		other, err := service.CreateOrg(ctx, "other", "Other", false)
		if err != nil {
			t.Fatal(err)
		}
		d := directory.New(s)
		jane := addPerson(t, s, org.ID, "jane")
		if _, err := d.Person(ctx, other.ID, jane.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another org's person: %v, want not found", err)
		}
		if _, err := d.PersonByEmail(ctx, other.ID, jane.Email); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another org's address: %v, want not found", err)
		}
		if list, err := d.People(ctx, other.ID, directory.Query{}); err != nil || len(list) != 0 {
			t.Errorf("another org lists %d people, %v; want none", len(list), err)
		}
		jane.OrgID = other.ID
		if _, err := d.Save(ctx, jane, store.Now()); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a save that moves a person to another org: %v, want conflict", err)
		}
		if same := addPerson(t, s, other.ID, "jane"); same.ID == jane.ID {
			t.Error("two orgs share a person")
		}
	})
}

func TestDirectoryPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		_, org := people(t, s)
		d := directory.New(s)
		for _, name := range []string{"dora", "adam", "carl", "Bea", "al%l"} {
			addPerson(t, s, org.ID, name)
		}
		var seen []string
		for q := (directory.Query{Limit: 2}); ; {
			page, err := d.People(ctx, org.ID, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page {
				seen = append(seen, p.GivenName)
			}
			if len(page) < 2 {
				break
			}
			q.After = page[len(page)-1].UserName
		}
		if len(seen) != 5 || seen[0] != "adam" || seen[4] != "dora" {
			t.Errorf("paged through %v, want five people from adam to dora", seen)
		}
		for _, tt := range []struct {
			prefix string
			want   int
		}{{"a", 2}, {"BE", 1}, {"doe", 5}, {"%", 0}, {"al%", 1}, {"_", 0}, {"' OR 1=1 --", 0}, {"arl", 0}, {"|", 0}} {
			page, err := d.People(ctx, org.ID, directory.Query{Prefix: tt.prefix})
			if err != nil || len(page) != tt.want {
				t.Errorf("people who begin with %q: %d, %v; want %d", tt.prefix, len(page), err, tt.want)
			}
		}
	})
}
