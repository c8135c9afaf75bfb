package main

import (
	"context"
	"slices"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/driver"
	"slipway/internal/connector/suite"
	"slipway/internal/lab/battery"
	"slipway/internal/report"
)

// recordedContracts is the name of the contract battery's recording.
const recordedContracts = "contracts"

// contracts runs the contract battery of the lab against a connector that keeps any contract, in a session of its suite's
// runner: so it is recorded and replayed like a case, and the runner reports what it finds.
func contracts(ctx context.Context, r *suite.Runner, changes bool) {
	c := r.Connector
	if !slices.ContainsFunc(contract.IDs(), func(id string) bool { return c.Implementing(id) != nil }) {
		return
	}
	r.InSession(ctx, recordedContracts, battery.Family, r.Seed+3000, changes, func(s *suite.Session) ([]report.Result, []report.Object) {
		subject := battery.Subject{
			Target: driver.New(c, s.Machine), Changes: s.Changes, Seed: s.Seed, Clock: s.Machine.Clock, Wire: s.Exchanges,
		}
		if s.Junk != nil {
			subject.Junk = driver.New(c, s.Junk)
		}
		out := battery.Run(ctx, subject)
		return out.Results, out.Leftovers
	})
}
