package lab

import (
	"fmt"
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// cast are three users with known values, so that a filter or an order has one right answer. They are made in an
// order in which no attribute of theirs sorts: a server that ignores sortBy is seen.
type cast struct {
	cesar, bertil, anna *account

	tried bool // once: a server that refuses one of them refuses it the next time as well
}

// actors makes the cast on first use. There is none where the server refuses one of them, or does not show it.
func (r *run) actors() (cast, bool) {
	if !r.cast.tried {
		r.cast.tried = true
		mark := len(r.evidence)
		for _, who := range []struct {
			seat *(*account)
			sent scim.Resource
		}{{&r.cast.cesar, r.names.cesar()}, {&r.cast.bertil, r.names.bertil()}, {&r.cast.anna, r.names.anna()}} {
			*who.seat = r.engage(who.sent)
		}
		r.evidence = r.evidence[:mark]
	}
	c := r.cast
	return c, c.anna != nil && c.bertil != nil && c.cesar != nil
}

func (r *run) engage(sent scim.Resource) *account {
	a := r.create("Users", sent)
	if !a.is2xx() && sent[scim.SchemaEnterpriseUser] != nil { // not everybody has the extension
		delete(sent, scim.SchemaEnterpriseUser)
		sent["schemas"] = []any{scim.SchemaUser}
		a = r.create("Users", sent)
	}
	who := r.adopt("Users", sent, a)
	if who == nil {
		return nil
	}
	read := r.user(who.id)
	if !read.is2xx() || read.object.ID() != who.id || read.object.UserName() == "" {
		return nil
	}
	who.shown, who.name = read.object, read.object.UserName() // a server may write a userName in another case
	return who
}

func (c cast) all() []*account { return []*account{c.cesar, c.bertil, c.anna} }

// anna has two addresses, of which the second is the primary one and sorts before all others, as the first sorts last.
func (n names) anna() scim.Resource {
	user := n.plainUser("q-anna", "Anna", "Wester")
	user["externalId"], user["title"] = "Q-Anna-"+n.tag, "Alpha "+n.tag
	user["emails"] = []any{
		map[string]any{"value": n.userName("q-zz-anna"), "type": "home"},
		map[string]any{"value": n.userName("q-aa-anna"), "type": "work", "primary": true},
	}
	return user
}

// bertil comes before anna only where capitals come first. He alone is in a department.
func (n names) bertil() scim.Resource {
	user := n.plainUser("q-BERTIL", "Bertil", "Ek")
	user["title"] = "Beta " + n.tag
	user["schemas"] = []any{scim.SchemaUser, scim.SchemaEnterpriseUser}
	user[scim.SchemaEnterpriseUser] = map[string]any{"employeeNumber": "Q-" + n.tag, "department": "Orbits"}
	user["emails"] = []any{map[string]any{"value": n.userName("q-mm-bertil"), "type": "work", "primary": true}}
	return user
}

// cesar has no title, and no primary address.
func (n names) cesar() scim.Resource {
	user := n.plainUser("q-cesar", "Cesar", "Lind")
	delete(user, "title")
	user["emails"] = []any{map[string]any{"value": n.userName("q-cc-cesar"), "type": "work"}}
	return user
}

// question is a filter with its right answer: whom of the run's users it means, and whom it does not.
type question struct {
	filter  string
	in, out []*account
}

// freely is a check that a server passes by declining the filter as well.
func freely(judge func(*run) Finding) func(*run) Finding {
	return func(r *run) Finding {
		f := judge(r)
		if f.declined {
			return passed("The server declines such a filter, as it may.")
		}
		return f
	}
}

// questioned is a check that asks questions about the cast.
func questioned(questions func(*run, cast) []question) func(*run) Finding {
	return func(r *run) Finding {
		c, complete := r.actors()
		if !complete {
			return unproved("The three users whose values the filter is tried on could not be created.")
		}
		return r.poll(questions(r, c))
	}
}

// poll asks all questions. The first wrong answer is the finding; else a filter that was declined.
func (r *run) poll(questions []question) Finding {
	verdict := passes()
	for _, q := range questions {
		a, waited, wrong := r.settle(func() *answer { return r.find(q.filter) }, q.wrong)
		f := settled(a, waited, wrong)
		switch {
		case declines(a):
			f = r.declined(a, q.filter)
		case a.is2xx() && wrong == "":
			f = r.narrowed(q, a, f)
		}
		if f.Outcome == report.Fail || f.Outcome == report.Inconclusive {
			return f
		}
		if verdict.Outcome == report.Pass {
			verdict = f
		}
	}
	return verdict
}

// declines reports an answer that says "I do not know this filter", as a server may (RFC 7644 §3.4.2.2).
func declines(a *answer) bool {
	return a.err == nil && slices.Contains([]int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotImplemented}, a.status)
}

// isNobody is a 404 in the place of an empty list, which clients tolerate (filter.eq.none).
func (q question) isNobody(a *answer) bool {
	return a.err == nil && a.status == http.StatusNotFound && len(q.in) == 0
}

// declined is allowed. Where the service said that it filters, a client did not expect it.
func (r *run) declined(a *answer, filter string) Finding {
	if r.provider.object.Get("filter.supported") != true {
		return Finding{Outcome: report.NotApplicable, declined: true, Message: fmt.Sprintf("The server declines the filter %s with %s, as it may.", filter, a.shown())}
	}
	return Finding{Outcome: report.Deviation, declined: true, Message: fmt.Sprintf("ServiceProviderConfig offers filters, and %s is declined with %s. "+
		"A server need not know every operation; clients count on all of RFC 7644.", filter, a.shown())}
}

// wrong says what is wrong with the answer to q. Who is missing on a page that is not the whole list may come on the next.
func (q question) wrong(a *answer) string {
	if a.err != nil || declines(a) || q.isNobody(a) {
		return "" // an error is settled's to tell
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f.Message + " The filter was " + q.filter + "."
	}
	list, ok := a.list()
	if !ok {
		return a.request() + " answered with an object that is no list. The filter was " + q.filter + "."
	}
	for _, who := range q.out {
		if listed(list.Resources, who) {
			return "The filter " + q.filter + " also returns the user " + quote(who.name) + ", who does not match it."
		}
	}
	for _, who := range q.in {
		if !listed(list.Resources, who) && list.TotalResults <= len(list.Resources) {
			return "The filter " + q.filter + " does not return the user " + quote(who.name) + ", who matches it."
		}
	}
	return ""
}

func listed(resources []scim.Resource, who *account) bool {
	return slices.ContainsFunc(resources, func(u scim.Resource) bool { return u.ID() == who.id })
}

// narrowed asks for each missing user alone, where the list was too long to be shown at once.
func (r *run) narrowed(q question, a *answer, f Finding) Finding {
	for _, who := range q.in {
		if listed(a.resources(), who) {
			continue
		}
		alone := question{filter: is(who) + " and (" + q.filter + ")", in: []*account{who}}
		again := r.find(alone.filter)
		if declines(again) {
			return passed("The first %d matches are right; the list is longer than that.", len(a.resources()))
		}
		if wrong := alone.wrong(again); wrong != "" {
			return fails("%s", wrong)
		}
	}
	return f
}
