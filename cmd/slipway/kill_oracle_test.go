package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"slipway/internal/lab/runs"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/scim"
	"slipway/scimtest"
)

// aftermath is all that the oracle reads once everything is quiet: the scenario, the target, its journal, the database.
type aftermath struct {
	wanted     map[string]string // title by user name of everybody who shall have a live account
	accounts   []scim.Resource   // at the target
	journal    []scimtest.Entry  // of the target
	operations []provision.Ticket
	leftovers  []string // what bears the lab's name at the lab's target, and what the lab believes to have left
	run        runs.Run
	verdict    registry.Outcome // on the submission's present content
}

// violations says what is wrong, by the invariants of B2 in the words of the issue; none means that all hold.
func (a aftermath) violations() (all []string) {
	for _, look := range []func(aftermath) []string{
		aftermath.accountsAreAsWanted, aftermath.nobodyHasTwo, aftermath.nobodyIsSwitchedOff, aftermath.everyOperationHasEnded,
		aftermath.noPostIsBlind, aftermath.labHasEnded,
	} {
		all = append(all, look(a)...)
	}
	return all
}

// I1: who shall have an account has one that is on and up to date; nobody else has one that is on.
func (a aftermath) accountsAreAsWanted() (wrong []string) {
	found := map[string]bool{}
	for _, account := range a.accounts {
		name := account.UserName()
		title, wanted := a.wanted[name]
		on, _ := account.Active()
		found[name] = true
		switch {
		case on != wanted:
			wrong = append(wrong, fmt.Sprintf("I1: the account of %s is on: %v, want %v", name, on, wanted))
		case wanted && account.String("title") != title:
			wrong = append(wrong, fmt.Sprintf("I1: the title of %s is %q, want %q", name, account.String("title"), title))
		}
	}
	for name := range a.wanted {
		if !found[name] {
			wrong = append(wrong, fmt.Sprintf("I1: %s has no account", name))
		}
	}
	return wrong
}

// I2: the target was never made to make two accounts for one person, and no account belongs to two people.
func (a aftermath) nobodyHasTwo() (wrong []string) {
	made, owner := map[string]int{}, map[string]string{}
	for _, line := range a.journal {
		if name, posted := posted(line); posted && line.Phase == scimtest.Ended && line.Status == http.StatusCreated {
			if made[name]++; made[name] > 1 {
				wrong = append(wrong, fmt.Sprintf("I2: line %d makes a second account for %s", line.Seq, name))
			}
		}
	}
	for _, op := range a.operations {
		if op.RemoteID == "" {
			continue
		}
		if other := owner[op.RemoteID]; other != "" && other != op.PersonID {
			wrong = append(wrong, fmt.Sprintf("I2: the account %s belongs to %s and to %s", op.RemoteID, other, op.PersonID))
		}
		owner[op.RemoteID] = op.PersonID
	}
	return wrong
}

// I3: nobody in scope is switched off or deleted, not even for a moment.
func (a aftermath) nobodyIsSwitchedOff() (wrong []string) {
	names := map[string]string{}
	for _, account := range a.accounts {
		names[account.ID()] = account.UserName()
	}
	for _, line := range a.journal {
		name := names[line.Path[strings.LastIndex(line.Path, "/")+1:]]
		off := strings.Contains(line.Body, `"active"`) && strings.Contains(line.Body, "false")
		if _, wanted := a.wanted[name]; wanted && (line.Method == http.MethodDelete || off) {
			wrong = append(wrong, fmt.Sprintf("I3: line %d, %s, takes the account of %s away: %s", line.Seq, line.Method, name, line.Body))
		}
	}
	return wrong
}

// I4: every operation has come to an end, without a person; and no write came from nowhere.
func (a aftermath) everyOperationHasEnded() (wrong []string) {
	created := map[string]bool{}
	for _, op := range a.operations {
		created[op.UserName] = created[op.UserName] || op.Kind == provision.Create
		if op.State != provision.Done && op.State != provision.Superseded {
			wrong = append(wrong, fmt.Sprintf("I4: the operation %s for %s is %s: %s", op.Kind, op.UserName, op.State, op.Note))
		}
	}
	for _, line := range a.journal {
		if name, posted := posted(line); posted && !created[name] {
			wrong = append(wrong, fmt.Sprintf("I4: line %d is a POST for %s, and no operation is in the ledger", line.Seq, name))
		}
	}
	return wrong
}

// I5: after a POST for somebody comes no other before the target was asked who is there.
func (a aftermath) noPostIsBlind() (wrong []string) {
	out := map[string]bool{}
	for _, line := range a.journal {
		switch name, posted := posted(line); {
		case posted && line.Phase == scimtest.Begun:
			if out[name] {
				wrong = append(wrong, fmt.Sprintf("I5: line %d is another POST for %s without a look-up", line.Seq, name))
			}
			out[name] = true
		case line.Method == http.MethodGet && line.Phase == scimtest.Ended && line.Status == http.StatusOK:
			query, _ := url.QueryUnescape(line.Query)
			for name := range out {
				if strings.Contains(query, `userName eq "`+name+`"`) {
					delete(out, name)
				}
			}
		}
	}
	return wrong
}

// labHasEnded: the run that was killed has been finished, its verdict is the submission's, and nothing is left.
func (a aftermath) labHasEnded() (wrong []string) {
	if a.run.Going() {
		wrong = append(wrong, "the lab's run has not ended")
	}
	if a.verdict != registry.Passed {
		wrong = append(wrong, fmt.Sprintf("the submission's verdict is %q, want %q; the run says %q %s", a.verdict, registry.Passed, a.run.Verdict, a.run.Reason))
	}
	for _, name := range a.leftovers {
		wrong = append(wrong, "the lab has left "+name)
	}
	return wrong
}

// posted returns whose account the line asks for, if it is a POST.
func posted(line scimtest.Entry) (userName string, ok bool) {
	if line.Method != http.MethodPost {
		return "", false
	}
	return userNameIn([]byte(line.Body)), true
}

func userNameIn(body []byte) string {
	var user scim.Resource
	if err := json.Unmarshal(body, &user); err != nil {
		return ""
	}
	return user.UserName()
}

// The oracle is only worth something if it can say no: each row breaks one thing that holds.
func TestKillOracle(t *testing.T) {
	ada := `{"userName":"ada@example.com"}`
	line := func(phase, method, path, query, body string, status int) scimtest.Entry {
		return scimtest.Entry{Phase: phase, Method: method, Path: scimtest.BasePath + path, Query: query, Body: body, Status: status}
	}
	begun, ended := line(scimtest.Begun, "POST", "/Users", "", ada, 0), line(scimtest.Ended, "POST", "/Users", "", ada, http.StatusCreated)
	lookup := line(scimtest.Ended, "GET", "/Users", url.Values{"filter": {`userName eq "ada@example.com"`}}.Encode(), "", http.StatusOK)
	for _, tt := range []struct {
		name string
		do   func(*aftermath)
		want string // begins the violation; "" for none
	}{
		{"nothing is wrong", func(*aftermath) {}, ""},
		{"a POST that came to nothing, a look-up, and a POST", func(a *aftermath) { a.journal = []scimtest.Entry{begun, lookup, begun, ended} }, ""},
		{"a lost account", func(a *aftermath) { a.accounts = nil }, "I1"},
		{"an account that is off", func(a *aftermath) { a.accounts[0]["active"] = false }, "I1"},
		{"an account that is not up to date", func(a *aftermath) { a.accounts[0]["title"] = "Deck hand" }, "I1"},
		{"the account of one who has left is on", func(a *aftermath) { a.wanted = map[string]string{} }, "I1"},
		{"a second account", func(a *aftermath) { a.journal = []scimtest.Entry{begun, ended, lookup, begun, ended} }, "I2"},
		{"one account for two people", func(a *aftermath) {
			a.operations = append(a.operations, provision.Ticket{Operation: provision.Operation{PersonID: "per_ben", RemoteID: "1", State: provision.Done}})
		}, "I2"},
		{"somebody in scope is switched off for a moment", func(a *aftermath) {
			a.journal = append(a.journal, line(scimtest.Begun, "PATCH", "/Users/1", "", `{"Operations":[{"op":"replace","path":"active","value":false}]}`, 0))
		}, "I3"},
		{"somebody in scope is deleted", func(a *aftermath) {
			a.journal = append(a.journal, line(scimtest.Begun, "DELETE", "/Users/1", "", "", 0))
		}, "I3"},
		{"an operation that has not ended", func(a *aftermath) { a.operations[0].State = provision.Sending }, "I4"},
		{"an operation that waits for a person", func(a *aftermath) { a.operations[0].State = provision.Held }, "I4"},
		{"a write that is in no ledger", func(a *aftermath) { a.operations = nil }, "I4"},
		{"a blind second POST", func(a *aftermath) { a.journal = []scimtest.Entry{begun, begun, ended} }, "I5"},
		{"a blind second POST after a look-up for somebody else", func(a *aftermath) {
			other := lookup
			other.Query = url.Values{"filter": {`userName eq "ben@example.com"`}}.Encode()
			a.journal = []scimtest.Entry{begun, other, begun, ended}
		}, "I5"},
		{"a run that goes on for ever", func(a *aftermath) { a.run.State = runs.Running }, "the lab's run"},
		{"a run without a verdict", func(a *aftermath) { a.verdict = "" }, "the submission's verdict"},
		{"an account of the lab", func(a *aftermath) { a.leftovers = []string{"slipway-lab-1"} }, "the lab has left"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := aftermath{
				wanted:   map[string]string{"ada@example.com": "Captain"},
				accounts: []scim.Resource{{"id": "1", "userName": "ada@example.com", "title": "Captain", "active": true}},
				journal:  []scimtest.Entry{begun, ended},
				operations: []provision.Ticket{{UserName: "ada@example.com", Operation: provision.Operation{
					PersonID: "per_ada", RemoteID: "1", Kind: provision.Create, State: provision.Done,
				}}},
				run: runs.Run{State: runs.Ended}, verdict: registry.Passed,
			}
			tt.do(&a)
			got := a.violations()
			if tt.want == "" && len(got) > 0 {
				t.Errorf("the oracle complains without a reason: %v", got)
			}
			if tt.want != "" && !slices.ContainsFunc(got, func(v string) bool { return strings.HasPrefix(v, tt.want) }) {
				t.Errorf("the oracle says %v, want a violation of %s", got, tt.want)
			}
		})
	}
}
