package registry

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

var (
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) // a Tuesday

	ann    = access.Actor{PersonID: "usr_ann", Name: "Ann", Email: "ann@example.com", OrgID: "org_acme", OrgName: "Acme", Roles: []access.Role{access.Vendor}}
	bob    = access.Actor{PersonID: "usr_bob", Name: "Bob", Email: "bob@example.com", OrgID: "org_acme", OrgName: "Acme", Roles: []access.Role{access.Vendor}}
	eve    = access.Actor{PersonID: "usr_eve", Name: "Eve", Email: "eve@example.com", OrgID: "org_evil", OrgName: "Evil", Roles: []access.Role{access.Vendor}}
	rita   = access.Actor{PersonID: "usr_rita", Name: "Rita", Email: "rita@example.com", OrgID: "org_net", OrgName: "Network", Roles: []access.Role{access.Reviewer}}
	quinn  = access.Actor{PersonID: "usr_quinn", Name: "Quinn", Email: "quinn@example.com", OrgID: "org_net", OrgName: "Network", Roles: []access.Role{access.QA}}
	oscar  = access.Actor{PersonID: "usr_oscar", Name: "Oscar", Email: "oscar@example.com", OrgID: "org_net", OrgName: "Network", Roles: []access.Role{access.Operator}}
	carl   = access.Actor{PersonID: "usr_carl", Name: "Carl", Email: "carl@example.com", OrgID: "org_acme", OrgName: "Acme", Roles: []access.Role{access.CustomerAdmin}}
	erin   = access.Actor{PersonID: "usr_erin", Name: "Erin", Email: "erin@example.com", OrgID: "org_acme", OrgName: "Acme", Roles: []access.Role{access.EndUser}}
	nobody = access.Actor{}

	everybody = []access.Actor{ann, bob, eve, rita, quinn, oscar, carl, erin, nobody, access.System}
)

// standing is a submission of Ann's org that has stood in its state for longer than any timer waits.
func standing(state State) Submission {
	long := noon.Add(-100 * day)
	return Submission{
		ID: "sub_1", IntegrationID: "int_1", OrgID: ann.OrgID, OrgName: ann.OrgName, Number: 1, State: state, Version: 7, ContentVersion: 7,
		Content: manifest.Content{"name": "Acme"}, Hash: "hash", EnteredAt: long, ETA: long, PublishedAt: long, Attempts: MaxAttempts,
	}
}

// willing are facts under which every guard holds, whichever action is taken.
func willing(do Action) Facts {
	f := Facts{
		Limit: 10, HasPublished: true, Readiness: Readiness{Protocols: 1}, Certified: true, Confirmed: true, CatalogOnly: true,
		Verdicts: Verdicts{{RunID: "run_1", Outcome: Passed, Hash: "hash", At: noon.Add(-time.Hour)}},
		Given:    1, Checked: []string{"identity", "description", "guide", "account", "evidence"},
		Reason: Reason{Code: "policy", Text: "Because."}, Date: noon.Add(day), Second: Person{ID: "usr_second"}, Proposal: Revoke, Rings: do == Stage,
	}
	if do == VerifyFailed {
		f.Verdicts[0].Outcome = Failed
	}
	return f
}

func actions() []Action {
	var all []Action
	for _, row := range lifecycle {
		if !slices.Contains(all, row.do) {
			all = append(all, row.do)
		}
	}
	return all
}

func allStates() []State {
	return append(States(), None, Deleted, Unlisted, Listed, Deprecated, Delisted, Revoked)
}

// subject prepares a submission so that the guard on attempts fits the action.
func subject(state State, do Action) Submission {
	sub := standing(state)
	if do == VerifyBroke {
		sub.Attempts = 1
	}
	return sub
}

// Every state × every action × everybody: what is a row, for whom it is a row, moves; all else is refused with the
// right code and changes nothing.
// Covers, H-50.
func TestEveryMoveIsARowOfTheTable(t *testing.T) {
	moved := 0
	for _, state := range allStates() {
		for _, do := range actions() {
			row, isRow := rowFor(state, do)
			for _, actor := range everybody {
				before := subject(state, do)
				facts := willing(do)
				if state == Delisted {
					facts.Proposal = Relist
				}
				next, event, err := Advance(before, do, actor, facts, noon)
				want := expected(row, isRow, state, actor)
				if got := fault.CodeOf(err); got != want {
					t.Errorf("%s %q by %s: %v, want code %q", state, do, actor.Name, err, want)
				}
				if want != "" {
					if !reflect.DeepEqual(next, before) || !reflect.DeepEqual(event, Event{}) {
						t.Errorf("%s %q by %s was refused and changed something", state, do, actor.Name)
					}
					continue
				}
				moved++
				if next.State != row.to || next.Version != before.Version+1 || event.From != state || event.To != row.to {
					t.Errorf("%s %q: got to %s (version %d), event %+v; want %s", state, do, next.State, next.Version, event, row.to)
				}
			}
		}
	}
	if moved < len(lifecycle) {
		t.Errorf("%d moves were taken for %d rows: some row can be taken by nobody", moved, len(lifecycle))
	}
}

func rowFor(state State, do Action) (move, bool) {
	i := slices.IndexFunc(lifecycle, func(m move) bool { return m.from == state && m.do == do })
	if i < 0 {
		return move{}, false
	}
	return lifecycle[i], true
}

// expected says by the words of manager §4.4 what an actor must be answered. It does not use the code under test.
func expected(row move, isRow bool, state State, actor access.Actor) fault.Code {
	visible := actor.PersonID == "system" || actor.OrgID == "org_net" && actor.Name != "Oscar" || actor.OrgID == "org_acme" && slices.Contains(actor.Roles, access.Vendor)
	roles := map[string][]string{
		"vendor": {"Ann", "Bob"}, "reviewer": {"Rita"}, "QA": {"Quinn"}, "reviewer or QA": {"Rita", "Quinn"},
		"vendor; reviewer on request": {"Ann", "Bob", "Rita"}, "Slipway": {"Slipway"},
	}
	switch {
	case !visible && state != None:
		return fault.NotFound
	case !isRow:
		return fault.Conflict
	case state == None && actor.Name == "Eve": // starts a draft of her own org
		return ""
	case !slices.Contains(roles[row.who.name], actor.Name):
		return fault.Forbidden
	}
	return ""
}

// The rows of the specification's table, so that none is dropped and none is added unseen.
func TestTableHasEveryRowOfTheSpecification(t *testing.T) {
	for _, want := range []string{
		"T-01 none>draft vendor", "T-02 none>draft vendor", "T-03 draft>draft vendor", "T-04 draft>deleted vendor; reviewer on request",
		"T-05 draft>verifying vendor", "T-06 verifying>draft Slipway M-02", "T-06b verifying>verifying Slipway", "T-06b verifying>draft Slipway M-02b M-17",
		"T-07 verifying>to_review Slipway M-01 M-11", "T-08 to_review>vendor_review reviewer M-03", "T-09 vendor_review>to_review vendor M-01b M-11",
		"T-10 to_review>to_qa reviewer M-04", "T-11 to_qa>vendor_fix QA M-05", "T-12 vendor_fix>final_review vendor M-01b M-11",
		"T-13 final_review>vendor_fix QA M-05", "T-14 to_qa>approved QA", "T-14 final_review>approved QA", "T-14 approved>published Slipway M-06 M-12",
		"T-14 published>superseded Slipway", "T-15 verifying>withdrawn vendor M-07", "T-15 to_review>withdrawn vendor M-07", "T-15 vendor_review>withdrawn vendor M-07",
		"T-15 to_qa>withdrawn vendor M-07", "T-15 vendor_fix>withdrawn vendor M-07", "T-15 final_review>withdrawn vendor M-07",
		"T-16 to_review>rejected reviewer M-08", "T-16 vendor_review>rejected reviewer M-08", "T-16 to_qa>rejected reviewer M-08",
		"T-16 vendor_fix>rejected reviewer M-08", "T-16 final_review>rejected reviewer M-08", "T-17 listed>delisted QA M-09 M-13",
		"T-18 listed>deprecated QA M-14", "T-19 published>published Slipway M-10", "T-20 vendor_review>vendor_review Slipway M-15",
		"T-20 vendor_review>withdrawn Slipway M-07", "T-20 vendor_fix>withdrawn Slipway M-07", "T-21 to_review>to_review Slipway M-16",
		"T-22 draft>to_review vendor M-01 M-11", "T-23 withdrawn>draft vendor", "T-24 delisted>listed QA M-06", "T-25 listed>revoked QA M-09 M-13",
		"T-25 deprecated>revoked QA M-09 M-13", "T-26 approved>staged Slipway", "T-26 staged>published Slipway M-06 M-12", "T-26 staged>vendor_fix Slipway M-05",
	} {
		if !slices.ContainsFunc(lifecycle, func(m move) bool { return m.String() == want }) {
			t.Errorf("the table lacks %s", want)
		}
	}
}

func (m move) String() string {
	parts := []string{m.id, string(orNone(m.from)) + ">" + string(m.to), m.who.name}
	for _, mail := range m.mails {
		parts = append(parts, string(mail))
	}
	return strings.Join(parts, " ")
}

func orNone(s State) State {
	if s == None {
		return "none"
	}
	return s
}

func TestTableIsSound(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range lifecycle {
		key := string(row.from) + " " + string(row.do)
		if seen[key] {
			t.Errorf("two rows for %s: which one holds?", key)
		}
		seen[key] = true
		for _, mail := range row.mails {
			if _, ok := letters[mail]; !ok {
				t.Errorf("%s sends %s, which is not declared", key, mail)
			}
		}
		if row.do == Delete && len(row.mails) > 0 {
			t.Error("a deletion must not send mail")
		}
	}
}

//
func TestEveryStateHasLabelsAndATurn(t *testing.T) {
	for _, s := range allStates() {
		if s.Label() == "" || s.TeamLabel() == "" || s.Turn() == "" || s.Waiting() == "" {
			t.Errorf("state %q lacks a label, a turn or a sentence", s)
		}
	}
	teamLabels := map[string]State{}
	for _, s := range States() {
		if other, taken := teamLabels[s.TeamLabel()]; taken {
			t.Errorf("%s and %s have the same label for the team", s, other)
		}
		teamLabels[s.TeamLabel()] = s
	}
}

// Covers R-120: the buttons of a page are the rows of the table.
func TestActionsAreThoseOfTheTable(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state State
		actor access.Actor
		want  []Action
	}{
		{"a vendor's draft", Draft, ann, []Action{Edit, Delete, Verify, AskWaiver, Submit}},
		{"another org's draft", Draft, eve, nil},
		{"a draft, seen by an end user", Draft, erin, nil},
		{"in review, seen by its vendor", ToReview, ann, []Action{AskWaiver, Withdraw}},
		{"in QA, seen by QA", ToQA, quinn, []Action{Claim, Reveal, Verify, ReturnBugs, PassQA}},
		{"published", Published, ann, []Action{Reconnect}},
		{"withdrawn", Withdrawn, bob, []Action{Reopen}},
	} {
		if got := Actions(standing(tt.state), tt.actor); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
