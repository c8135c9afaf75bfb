package provision

import (
	"slices"

	"slipway/internal/target"
)

// Situation is what is stored about some people of one installation, read in one transaction.
type Situation struct {
	Desired []Desired
	Links   []Link
	Open    []Operation // planned, sending and held ones
}

// Revision is how the stored operations have to change to follow a plan.
type Revision struct {
	Draft     Draft
	Add       []Operation // to be stored as planned
	Supersede []string    // ids of operations that a newer plan replaces
	Doubt     []Link      // to be stored: what a replaced operation had under way may or may not be applied
	Abandon   []string    // ids of creates whose POST may be out and is not wanted as it is: look, do not POST again
	Waiting   []string    // the people of those creates: plan for them again once it is known what became of it
}

// Revise plans and lays the plan over the operations that are stored. What is wanted and under way, planned or
// held already stays as it is, so that planning twice plans once, and a decision that somebody owes is not asked
// for again. Like Plan it is pure.
func Revise(installationID string, s Situation, features Features) Revision {
	links := slices.Clone(s.Links)
	for i, link := range links {
		for _, op := range s.Open {
			if op.PersonID == link.PersonID && op.State == Sending && op.Kind != Create {
				links[i] = link.doubting(op.Changes)
			}
		}
	}
	r := reviser{Revision: Revision{Draft: Plan(installationID, s.Desired, links, features)}, links: links}
	wanted := map[string]Operation{}
	for _, op := range r.Draft.Operations {
		wanted[op.PersonID] = op
	}
	covered := map[string]bool{} // people for whom nothing has to be added
	for _, op := range s.Open {
		if want, ok := wanted[op.PersonID]; ok && same(op, want) {
			covered[op.PersonID] = true
			continue
		}
		if r.replace(op) {
			covered[op.PersonID] = true
		}
	}
	for _, op := range r.Draft.Operations {
		if !covered[op.PersonID] {
			r.Add = append(r.Add, op)
		}
	}
	return r.Revision
}

type reviser struct {
	Revision
	links []Link
}

// replace takes an operation out of the way, and reports whether that has to wait.
func (r *reviser) replace(op Operation) (waits bool) {
	if op.State == Sending && !op.LookedAt.IsZero() {
		r.Waiting = append(r.Waiting, op.PersonID)
		if !op.Abandoned {
			r.Abandon = append(r.Abandon, op.ID)
		}
		return true
	}
	r.Supersede = append(r.Supersede, op.ID)
	if op.State == Sending && op.Kind != Create {
		for _, link := range r.links {
			if link.PersonID == op.PersonID {
				r.Doubt = append(r.Doubt, link)
			}
		}
	}
	return false
}

// same reports whether two operations lead to the same. What a value was before does not matter.
func same(a, b Operation) bool {
	return !a.Abandoned && a.Kind == b.Kind && (a.RemoteID == b.RemoteID || a.Kind == Create) &&
		slices.EqualFunc(a.Changes, b.Changes, func(x, y target.Change) bool { return x.Attribute == y.Attribute && x.To == y.To })
}

func userName(op Operation) string { return profile(op.Changes)["userName"] }
