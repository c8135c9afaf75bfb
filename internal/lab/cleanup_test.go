package lab

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/scimtest"
)

// seed creates a user on the server, past the lab, and returns its id.
func seed(t *testing.T, base, userName string) string {
	t.Helper()
	client, err := scim.NewClient(base, http.DefaultClient, subject(base).Auth)
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.Create(t.Context(), "Users", named(userName))
	if err != nil {
		t.Fatal(err)
	}
	return created.ID()
}

func named(userName string) scim.Resource {
	user := namesFrom(99).plainUser("x", "X", "Y")
	user["userName"] = userName
	return user
}

func TestLeftoversOfAKilledRunAreRemovedFirst(t *testing.T) {
	old := namesFrom(99).userName("ada")
	for _, tt := range []struct {
		name     string
		defects  []string
		leftover func(id string) report.Object
		userName string
		stays    bool
	}{
		{"by id", nil, func(id string) report.Object { return report.Object{Resource: "Users", Name: old, ID: id} }, old, false},
		{"by userName, where the answer was lost", nil, func(string) report.Object { return report.Object{Resource: "Users", Name: old} }, old, false},
		{"by userName, where the filter is ignored", []string{"filter.eq.really-filters"}, func(string) report.Object { return report.Object{Resource: "Users", Name: old} }, old, false},
		{"not what never bore our prefix", nil, func(id string) report.Object {
			return report.Object{Resource: "Users", Name: "ceo@example.com", ID: id}
		}, "ceo@example.com", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(tt.defects...))
			base, stop := server.Start()
			defer stop()
			bystander := seed(t, base, "bystander@example.com")
			s := subject(base)
			s.Leftovers = []report.Object{tt.leftover(seed(t, base, tt.userName))}
			Run(t.Context(), s, Unwatched{})
			left := map[string]bool{}
			for _, u := range server.Users() {
				left[u.UserName()] = true
			}
			if left[tt.userName] != tt.stays || !left["bystander@example.com"] || bystander == "" {
				t.Errorf("left on the server: %v; want the leftover there: %v, the bystander: true", left, tt.stays)
			}
		})
	}
}

// Whoever was there before the run is only read.
func TestOthersAreNeverTouched(t *testing.T) {
	for _, defects := range [][]string{nil, {"filter.eq.really-filters"}, {"users.create.readonly-ignored"}, {"users.delete.then-404"}} {
		server := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(defects...))
		base, stop := server.Start()
		var ids []string
		for _, name := range []string{"ceo@example.com", "cfo@example.com", "cto@example.com"} {
			ids = append(ids, seed(t, base, name))
		}
		Run(t.Context(), subject(base), Unwatched{})
		for _, e := range server.Journal() {
			for _, id := range ids {
				if e.Method != http.MethodGet && strings.HasSuffix(e.Path, "/"+id) {
					t.Errorf("with %v: %s %s", defects, e.Method, e.Path)
				}
			}
		}
		stop()
	}
}

// Covers H-63: a server that answers every create with the account of somebody else.
func TestSomebodyElsesIDIsNotTakenForOurs(t *testing.T) {
	for name, body := range map[string]func(id string) string{
		"with all attributes": func(id string) string {
			return `{"schemas":["` + scim.SchemaUser + `"],"id":"` + id + `","userName":"ceo@example.com","emails":[{"value":"ceo@example.com"}]}`
		},
		"with nothing but the id":      func(id string) string { return `{"id":"` + id + `"}` },
		"with an id that leads astray": func(string) string { return `{"id":".."}` },
	} {
		ceo := ""
		base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
			if r.Method == http.MethodPost && ceo != "" && r.Header.Get("Authorization") == "Bearer "+token {
				w.Header().Set("Content-Type", scim.MediaType)
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, body(ceo))
				return
			}
			sound.ServeHTTP(w, r)
		})
		ceo = seed(t, base, "ceo@example.com")
		seeded := len(sound.Journal())
		rep := Run(t.Context(), subject(base), Unwatched{})
		for _, e := range sound.Journal()[seeded:] {
			harmless := slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost}, e.Method)
			if !harmless && !strings.HasSuffix(e.Path, namesFrom(7).unknown) {
				t.Errorf("%s: %s %s", name, e.Method, e.Path)
			}
		}
		if c := check(t, rep, created); c.Outcome != report.Fail || len(sound.Users()) != 1 {
			t.Errorf("%s: %s %s; %d users; want a failed create, and the one user still there", name, c.Outcome, c.Message, len(sound.Users()))
		}
	}
}

func TestWhatCannotBeRemovedIsNamedAndDeactivated(t *testing.T) {
	base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "/Users/") && r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		sound.ServeHTTP(w, r)
	})
	rep := Run(t.Context(), subject(base), Unwatched{})
	if len(rep.Leftovers) == 0 || len(rep.Leftovers) != len(sound.Users()) {
		t.Errorf("%d leftovers named, %d users there", len(rep.Leftovers), len(sound.Users()))
	}
	for _, u := range sound.Users() {
		if active, _ := u.Active(); active {
			t.Errorf("%s is still active", u.UserName())
		}
	}
	for _, o := range rep.Leftovers {
		if !strings.Contains(o.Why, "405") || !strings.Contains(o.Why, "deactivated") {
			t.Errorf("%s stays because: %q", o.Name, o.Why)
		}
	}
}

// notes remembers what the observer was told, as a database would.
type notes struct {
	Unwatched
	open map[string]report.Object
}

func (n *notes) Creating(o report.Object) error {
	n.open[o.Resource+" "+o.Name] = o
	return nil
}

func (n *notes) Removed(o report.Object) error {
	delete(n.open, o.Resource+" "+o.Name)
	return nil
}

func TestObserverKnowsWhatIsThere(t *testing.T) {
	base, stop := scimtest.New(scimtest.WithToken(token)).Start()
	defer stop()
	n := &notes{open: map[string]report.Object{}}
	if rep := Run(t.Context(), subject(base), n); rep.Verdict != report.Passed {
		t.Fatal(rep.Reason)
	}
	if len(n.open) != 0 {
		t.Errorf("announced and never removed: %v", n.open)
	}
}
