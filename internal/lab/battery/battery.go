// Package battery proves that a target keeps the action contracts: people, groups, members, schemas, entitlements and logout,
// whatever the target speaks.
//
// It owns its checks and the run that applies them to any target.Target, a SCIM server or a connector whose actions implement
// the contracts (connectors §3.8). Its one rule: it believes no answer to a write; each is read back. It touches nothing that
// it did not make, writes only where it was told that it may, and names what it could not remove or deactivate. What goes over
// the wire is not its business: the lab's catalogue looks at SCIM's own rules, and suites at a connector's own cases.
package battery

import (
	"context"
	"slices"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/target"
)

// Family is what the checks are called together in a report.
const Family = "Contracts"

// Check is one rule that a contract implies.
type Check struct {
	ID        string
	Title     string          // the rule, as a statement that holds where the check passes
	Contracts []string        // ids of the contracts that it needs: where one is not kept, it does not apply
	Needs     []string        // ids of checks without which it proves nothing
	Changes   bool            // it writes to the target
	Severity  report.Severity // Network blocks, Recommended warns
	Plan      []string        // cases of the usual manual test plan that it takes over; none where the plan asks nothing of the kind
	Why       string          // what goes wrong in practice
	Fix       string          // what to do

	judge func(*run) finding
}

// Blocks reports whether a run fails when the check does.
func (c Check) Blocks() bool { return c.Severity&report.Network != 0 }

// Checks returns the battery in running order. What costs somebody the account works on accounts that nobody needs any more.
func Checks() []Check {
	return slices.Concat(connectChecks, createChecks, findChecks, listChecks, updateChecks, activeChecks, passwordChecks, schemaChecks,
		groupChecks, memberChecks, pageChecks, leaveChecks, removalChecks, entitlementChecks, logoutChecks, lastChecks)
}

// Clock waits for writes to show.
type Clock interface {
	Sleep(ctx context.Context, d time.Duration) error // ends early with ctx
}

// Subject is what a run is about.
type Subject struct {
	Target  target.Target
	Junk    target.Target            // the same with wrong credentials; nil: how they are refused is not checked
	Changes bool                     // whoever owns the target agrees that the run makes, changes and removes things of its own
	Seed    uint64                   // names and values of all that a run makes follow from it; two runs at once need two seeds
	Clock   Clock                    // nil: the real one
	Wire    func() []egress.Exchange // what has gone over the wire since it was last asked, as evidence; nil: nobody tells
}

// Outcome is what a run has found.
type Outcome struct {
	Results   []report.Result // one for each check, in the battery's order
	Leftovers []report.Object // what the run made and could neither remove nor deactivate
}

// Prefix begins the name of every object that a run makes.
const Prefix = "slipway-battery-"

// Run applies the battery. It ends with ctx, and cleans up even then.
func Run(ctx context.Context, s Subject) Outcome {
	if s.Clock == nil {
		s.Clock = wall{}
	}
	r := &run{ctx: ctx, Subject: s, names: namesFrom(s.Seed), outcomes: map[string]report.Outcome{}}
	r.redact = egress.Redact(r.names.secrets())
	var out Outcome
	for _, c := range Checks() {
		f := r.settle(c)
		r.outcomes[c.ID] = f.outcome
		out.Results = append(out.Results, r.result(c, f))
	}
	out.Leftovers = r.cleanUp()
	return out
}

// wall is the real clock.
type wall struct{}

func (wall) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
