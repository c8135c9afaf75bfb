package provision

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/directory"
	"slipway/internal/target"
)

func want(id, name string) Desired {
	return Desired{PersonID: id, Profile: target.Profile{"userName": id, "name.givenName": name}}
}

func linked(id, name string, active Switch) Link {
	return Link{PersonID: id, RemoteID: "u-" + id, Origin: Created, Active: active, Sent: want(id, name).Profile}
}

// brief writes a draft as "kind person attribute:from>to", and what is withheld in brackets.
func brief(d Draft) []string {
	out := []string{}
	line := func(kind Kind, person string, changes []target.Change) string {
		text := string(kind) + " " + person
		for _, c := range changes {
			text += fmt.Sprintf(" %s:%s>%s", c.Attribute, c.From, c.To)
		}
		return text
	}
	for _, op := range d.Operations {
		out = append(out, line(op.Kind, op.PersonID, op.Changes))
	}
	for _, w := range d.Withheld {
		out = append(out, "["+line(w.Kind, w.PersonID, w.Changes)+"]")
	}
	return out
}

func TestPlan(t *testing.T) {
	without := func(change func(*Features)) Features {
		f := allFeatures
		change(&f)
		return f
	}
	theirs := linked("b", "Bo", On)
	theirs.Origin = "imported"
	adopted := Link{PersonID: "a", RemoteID: "u-a", Origin: Adopted, Active: Unknown}
	gone := linked("a", "Al", On)
	gone.Gone = true
	doubted := linked("a", "Al", On).doubting([]target.Change{{Attribute: "name.givenName"}})
	for _, tt := range []struct {
		name     string
		desired  []Desired
		links    []Link
		features Features
		want     []string
	}{
		{"nobody wanted, nothing known: nothing", nil, nil, allFeatures, []string{}},
		{"somebody new gets an account", []Desired{want("a", "Al")}, nil, allFeatures, []string{"create a userName:>a name.givenName:>Al"}},
		{"what was sent is not sent again", []Desired{want("a", "Al")}, []Link{linked("a", "Al", On)}, allFeatures, []string{}},
		{"only what changed is sent", []Desired{want("a", "Al")}, []Link{linked("a", "Bo", On)}, allFeatures, []string{"update a name.givenName:Bo>Al"}},
		{"a value that went away is removed", []Desired{{PersonID: "a", Profile: target.Profile{"userName": "a"}}}, []Link{linked("a", "Al", On)}, allFeatures, []string{"update a name.givenName:Al>"}},
		{"who is not wanted any more is switched off", nil, []Link{linked("a", "Al", On)}, allFeatures, []string{"deactivate a active:true>false"}},
		{"once", nil, []Link{linked("a", "Al", Off)}, allFeatures, []string{}},
		{"who comes back is switched on, with what changed", []Desired{want("a", "Bo")}, []Link{linked("a", "Al", Off)}, allFeatures, []string{"reactivate a active:false>true name.givenName:Al>Bo"}},
		{"deactivations go first, then by person", []Desired{want("d", "D"), want("b", "B")}, []Link{linked("c", "C", On), linked("a", "A", On)}, allFeatures,
			[]string{"deactivate a active:true>false", "deactivate c active:true>false", "create b userName:>b name.givenName:>B", "create d userName:>d name.givenName:>D"}},
		{"an account that is not ours is left alone", []Desired{want("b", "Xx")}, []Link{theirs}, allFeatures, []string{}},
		{"also when its person is not wanted", nil, []Link{theirs}, allFeatures, []string{}},
		{"an adopted account is told everything", []Desired{want("a", "Al")}, []Link{adopted}, allFeatures, []string{"reactivate a active:>true userName:>a name.givenName:>Al"}},
		{"and switched off when its person leaves", nil, []Link{adopted}, allFeatures, []string{"deactivate a active:>false"}},
		{"an account that is gone is made again", []Desired{want("a", "Al")}, []Link{gone}, allFeatures, []string{"create a userName:>a name.givenName:>Al"}},
		{"and not switched off", nil, []Link{gone}, allFeatures, []string{}},
		{"what may or may not have arrived is sent again", []Desired{want("a", "Al")}, []Link{doubted}, allFeatures, []string{"update a name.givenName:>Al"}},
		{"a switch that may or may not have been thrown is thrown again", []Desired{want("a", "Al")}, []Link{linked("a", "Al", Unknown)}, allFeatures, []string{"reactivate a active:>true"}},
		{"without create, nobody is created", []Desired{want("a", "Al")}, nil, without(func(f *Features) { f.Create = false }), []string{"[create a userName:>a name.givenName:>Al]"}},
		{"without update, nothing is updated", []Desired{want("a", "Al")}, []Link{linked("a", "Bo", On)}, without(func(f *Features) { f.Update = false }), []string{"[update a name.givenName:Bo>Al]"}},
		{"without update, who comes back is switched on as they were", []Desired{want("a", "Al")}, []Link{linked("a", "Bo", Off)}, without(func(f *Features) { f.Update = false }),
			[]string{"reactivate a active:false>true", "[update a name.givenName:Bo>Al]"}},
		{"without deactivate, nobody is switched off", nil, []Link{linked("a", "Al", On)}, without(func(f *Features) { f.Deactivate = false }), []string{"[deactivate a active:true>false]"}},
		{"nor on", []Desired{want("a", "Al")}, []Link{linked("a", "Al", Off)}, without(func(f *Features) { f.Deactivate = false }), []string{"[reactivate a active:false>true]"}},
		{"without deactivate, an adopted account is updated", []Desired{want("a", "Al")}, []Link{adopted}, without(func(f *Features) { f.Deactivate = false }), []string{"update a userName:>a name.givenName:>Al"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Plan("ins_1", tt.desired, tt.links, tt.features)
			if diff := cmp.Diff(tt.want, brief(got)); diff != "" {
				t.Errorf("the plan differs (-want +got):\n%s", diff)
			}
			for _, w := range got.Withheld {
				if w.Reason == "" {
					t.Errorf("%s for %s is withheld without a reason", w.Kind, w.PersonID)
				}
			}
		})
	}
}

func TestReviseKeepsWhatIsUnderWay(t *testing.T) {
	planned := func(kind Kind, state State, change func(*Operation)) []Operation {
		op := Plan("ins_1", []Desired{want("a", "Al")}, nil, allFeatures).Operations[0]
		if kind == Update {
			op = Plan("ins_1", []Desired{want("a", "Al")}, []Link{linked("a", "Bo", On)}, allFeatures).Operations[0]
		}
		op.ID, op.State = "op_1", state
		if change != nil {
			change(&op)
		}
		return []Operation{op}
	}
	looked := func(op *Operation) { op.LookedAt = noon }
	for _, tt := range []struct {
		name      string
		situation Situation
		want      string // add, supersede, abandon, waiting, doubt
	}{
		{"the same create is planned once", Situation{Desired: []Desired{want("a", "Al")}, Open: planned(Create, Planned, nil)}, "0 0 0 0 0"},
		{"a held one is not asked for again", Situation{Desired: []Desired{want("a", "Al")}, Open: planned(Create, Held, nil)}, "0 0 0 0 0"},
		{"another create replaces a held one", Situation{Desired: []Desired{want("a", "Bo")}, Open: planned(Create, Held, nil)}, "1 1 0 0 0"},
		{"nobody wanted any more replaces a planned one", Situation{Open: planned(Create, Planned, nil)}, "0 1 0 0 0"},
		{"a create that has begun, without a POST, is replaced", Situation{Desired: []Desired{want("a", "Bo")}, Open: planned(Create, Sending, nil)}, "1 1 0 0 0"},
		{"one whose POST may be out is abandoned, and waited for", Situation{Desired: []Desired{want("a", "Bo")}, Open: planned(Create, Sending, looked)}, "0 0 1 1 0"},
		{"also when nobody is wanted", Situation{Open: planned(Create, Sending, looked)}, "0 0 1 1 0"},
		{"once", Situation{Open: planned(Create, Sending, func(op *Operation) { op.LookedAt, op.Abandoned = noon, true })}, "0 0 0 1 0"},
		{"it goes on if it is what is wanted", Situation{Desired: []Desired{want("a", "Al")}, Open: planned(Create, Sending, looked)}, "0 0 0 0 0"},
		{"an update that is out goes on if it is what is wanted", Situation{Desired: []Desired{want("a", "Al")}, Links: []Link{linked("a", "Bo", On)}, Open: planned(Update, Sending, nil)}, "0 0 0 0 0"},
		{"or else it is replaced, and doubted", Situation{Desired: []Desired{want("a", "Bo")}, Links: []Link{linked("a", "Bo", On)}, Open: planned(Update, Sending, nil)}, "1 1 0 0 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Revise("ins_1", tt.situation, allFeatures)
			got := fmt.Sprint(len(r.Add), len(r.Supersede), len(r.Abandon), len(r.Waiting), len(r.Doubt))
			if got != tt.want {
				t.Errorf("add, supersede, abandon, waiting, doubt: %s, want %s (%+v)", got, tt.want, r)
			}
		})
	}
}

func TestWant(t *testing.T) {
	p := directory.Person{ID: "per_1", Profile: directory.Profile{
		UserName: "jane", GivenName: "Jane", FamilyName: "Doe", Email: "jane@example.com", PrimaryPhone: "1", StreetAddress: "Main St", Department: "Sales", Manager: "Joe",
	}}
	got := Want(p, false).Profile
	for path, value := range map[string]string{
		"userName": "jane", "displayName": "Jane Doe", "externalId": "per_1", "emails[primary eq true].type": "work", "phoneNumbers[primary eq true].type": "work",
		"addresses[primary eq true].type": "work", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName": "Joe",
	} {
		if got[path] != value {
			t.Errorf("%s is %q, want %q", path, got[path], value)
		}
	}
	if _, ok := got["title"]; ok {
		t.Error("an empty title is part of the account")
	}
	if got := Want(p, true).Profile["userName"]; got != "jane@example.com" {
		t.Errorf("where user names are addresses it is %q", got)
	}
	p.PrimaryPhone = ""
	if got := Want(p, false).Profile["phoneNumbers[primary eq true].type"]; got != "" {
		t.Errorf("without a phone its type is %q", got)
	}
}

// The mapping names what the directory declares, and nothing twice (lcm §3.2: 32 rows, and the external id).
func TestRules(t *testing.T) {
	keys := []string{}
	for _, a := range directory.Attributes() {
		keys = append(keys, a.Key)
	}
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Attribute] || r.Label == "" || LabelOf(r.Attribute) != r.Label {
			t.Errorf("the row %s is there twice, or has no label of its own", r.Attribute)
		}
		seen[r.Attribute] = true
		if !strings.Contains(r.Source, " ") && !slices.Contains(keys, r.Source) {
			t.Errorf("%s comes from %q, which the directory does not declare", r.Attribute, r.Source)
		}
	}
	if len(seen) != 33 {
		t.Errorf("%d rows, want 33", len(seen))
	}
}

// Covers R-19: what a target says about its rest is obeyed, clamped, and never a hot loop.
func TestWait(t *testing.T) {
	busy := func(status int, after time.Duration) *target.Failure {
		return &target.Failure{Kind: target.Busy, Status: status, After: after}
	}
	lost := &target.Failure{Kind: target.Lost}
	for _, tt := range []struct {
		name    string
		failure *target.Failure
		tries   int
		want    time.Duration // 0: not again
	}{
		{"Retry-After is obeyed", busy(429, 30*time.Second), 1, 30 * time.Second},
		{"also at the ninth time", busy(429, 30*time.Second), 9, 30 * time.Second},
		{"the tenth 429 is the last", busy(429, 30*time.Second), 10, 0},
		{"a year is an hour", busy(429, 365*24*time.Hour), 1, time.Hour},
		{"without it five minutes", busy(429, 0), 1, 5 * time.Minute},
		{"then doubled", busy(429, 0), 3, 20 * time.Minute},
		{"up to an hour", busy(429, 0), 9, time.Hour},
		{"a 503 comes back like a lost answer", busy(503, 0), 1, 10 * time.Second},
		{"a lost answer after ten seconds", lost, 1, 10 * time.Second},
		{"then less and less often", lost, 5, 30 * time.Minute},
		{"the sixth is the last", lost, 6, 0},
	} {
		got, more := wait(tt.failure, tt.tries, 0)
		if !more {
			got = 0
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if later, _ := wait(tt.failure, tt.tries, 1); more && (later < got || later > got+got/5) {
			t.Errorf("%s: with jitter %s, want at most a fifth more than %s", tt.name, later, got)
		}
	}
}
