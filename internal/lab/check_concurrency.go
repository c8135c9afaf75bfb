package lab

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var concurrencyChecks = []Check{
	{
		ID: "conc.create-same", Title: "Of five creations of one user at the same time, one succeeds", Family: load, Severity: report.RFC | report.Network, expensive: true, Feature: "create_users",
		Needs: []string{"users.create.unique"}, Reference: "RFC 7643 §4.1.1; RFC 7644 §3.3",
		Why:   "A client that repeats a request whose answer is late makes a second account, and nobody knows which one is signed in to.",
		Fix:   "Put a unique constraint on userName in the database, and turn its violation into 409.",
		judge: (*run).judgeRace,
	},
	{
		ID: "conc.patch-diff", Title: "Changes of different attributes at the same time all survive", Family: load, Severity: report.Recommended, expensive: true, Feature: "update_users",
		Needs: []string{"users.get.200", "patch.replace.path", "patch.replace.subattr"}, needsPatch: true, Reference: "RFC 7644 §3.5.2; experience",
		Why:   "A server that reads, changes and writes the whole record loses whatever another request wrote in between, and answers 200.",
		Fix:   "Write only the columns that change, lock the row, or read and write again where its version has moved.",
		judge: (*run).judgeLostUpdates,
	},
	{
		ID: "conc.read-your-write", Title: "What was written is there at the next reading, twenty times in a row", Family: load, Severity: report.Network | report.Recommended, expensive: true, Feature: "update_users",
		Needs: []string{"users.get.200", put}, Reference: "Network rule",
		Why:   "A client that reads an old state after its change takes the change for lost, and writes again.",
		Fix:   "Read from the primary, or wait for the replica before you answer a write.",
		judge: func(r *run) Finding { return r.immediately(r.judgeReadYourWrite) },
	},
}

const racers = 5

// judgeRace sends the same creation five times at once. How many accounts came of it, a look-up tells.
func (r *run) judgeRace() Finding {
	body := r.names.plainUser("race", "Ra", "Ce")
	asks := make([]ask, racers)
	for i := range asks {
		asks[i] = ask{method: http.MethodPost, path: "/Users", body: body, object: &report.Object{Resource: "Users", Name: body.UserName()}}
	}
	answers := r.together(asks...)
	ids, err := r.idsOf(report.Object{Resource: "Users", Name: body.UserName()})
	if err != nil {
		return unproved("The users could not be counted.")
	}
	for _, id := range ids {
		r.identify("Users", body.UserName(), id)
		defer r.discard("Users", id)
	}
	var said []string
	for _, a := range answers {
		said = append(said, itoa(a.status))
	}
	slices.Sort(said)
	switch made := len(ids); {
	case made > 1:
		return fails("%d equal creations at the same time were answered %v: there were %d users %s.", racers, said, made, quote(body.UserName()))
	case made == 0:
		return fails("%d equal creations at the same time were answered %v: there is no user %s.", racers, said, quote(body.UserName()))
	}
	return raceAnswers(answers, said)
}

// raceAnswers judges what was said where one user came to be.
func raceAnswers(answers []*answer, said []string) Finding {
	var odd int
	for _, a := range answers {
		switch {
		case a.err != nil:
			return a.trouble()
		case a.status >= 500:
			return fails("%d equal creations at the same time made one user, and were answered %v. Who comes too late is to get 409.", racers, said)
		case !a.is2xx() && a.status != http.StatusConflict:
			odd++
		}
	}
	if odd > 0 {
		return deviates("%d equal creations at the same time made one user, and were answered %v instead of one 201 and 409.", racers, said)
	}
	return passed("Answered %v: one user.", said)
}

const patchRounds = 5

// judgeLostUpdates counts only changes that the server says it made: refusing one of two is its right.
func (r *run) judgeLostUpdates() Finding {
	one, f, bad := r.makes("merge")
	if bad {
		return f
	}
	defer r.discard("Users", one.id)
	paths := []string{"title", "displayName", "name.givenName", "name.familyName"}
	for round := range patchRounds {
		value := func(path string) string { return fmt.Sprintf("%s %d", path, round) }
		var asks []ask
		for _, path := range paths {
			asks = append(asks, ask{method: http.MethodPatch, path: scim.Path("Users", one.id),
				body: map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{replaceOp(path, value(path))}}})
		}
		answers := r.together(asks...)
		a, _, wrong := r.settle(func() *answer { return r.user(one.id) }, func(now *answer) string {
			for i, path := range paths {
				if got := textOf(now.object, path); answers[i].is2xx() && got != value(path) && r.keepsText(one, path) {
					return fmt.Sprintf("Four PATCHes of one user at the same time; that of %s was answered %s, and GET shows %s.", path, answers[i].shown(), quote(excerpt(got)))
				}
			}
			return ""
		})
		if a.err != nil {
			return a.trouble()
		}
		if wrong != "" {
			return fails("%s", wrong)
		}
	}
	return passes()
}

// keepsText reports whether the server stores the attribute at all.
func (r *run) keepsText(one *account, path string) bool {
	return textOf(one.created.object, path) != ""
}

const tries = 20

func (r *run) judgeReadYourWrite() Finding {
	one, f, bad := r.makes("fresh")
	if bad {
		return f
	}
	defer r.discard("Users", one.id)
	mark, stale, longest := len(r.evidence), 0, time.Duration(0)
	for i := range tries {
		title := fmt.Sprintf("Writing %d", i)
		if a := r.replace("Users", one.id, titled(one.sent, title)); !a.is2xx() {
			return blockedBy(put)
		}
		a, waited, wrong := r.settle(func() *answer { return r.user(one.id) }, func(a *answer) string {
			if got := a.object.String("title"); a.object != nil && got != "" && got != title {
				return fmt.Sprintf("PUT set the title to %s; GET still shows %s.", quote(title), quote(excerpt(got)))
			}
			return ""
		})
		switch {
		case a.err != nil:
			return a.trouble()
		case wrong != "":
			return fails("%s This was try %d of %d.", wrong, i+1, tries)
		case waited > 0:
			stale, longest = stale+1, max(longest, waited)
		default:
			r.evidence = r.evidence[:mark]
		}
	}
	if stale > 0 {
		return deviates("Of %d changes, %d were not there at the next reading; the longest wait was %s.", tries, stale, longest.Round(10*time.Millisecond))
	}
	return passed("%d changes, each there at the next reading.", tries)
}
