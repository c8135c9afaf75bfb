package api

import (
	"context"
	"time"

	"slipway/internal/access"
	"slipway/internal/egress"
	"slipway/internal/provision"
	"slipway/internal/target"
)

// Plan is what would be sent, computed now.
type Plan struct {
	Digest     string                 `json:"digest" doc:"Names this plan; to apply it, send it back."`
	Total      int                    `json:"total" doc:"How many operations it has."`
	Counts     map[provision.Kind]int `json:"counts"`
	Operations []PlannedOperation     `json:"operations" doc:"The first 500, deactivations first."`
	Withheld   []WithheldOperation    `json:"withheld" doc:"What is needed and not sent, because the integration cannot do it."`
	Waiting    int                    `json:"waiting" doc:"People whose last operation an admin has to decide on."`
}

// PlannedOperation is one change that would be sent.
type PlannedOperation struct {
	PersonID string          `json:"person_id"`
	Person   string          `json:"person"`
	Kind     provision.Kind  `json:"kind" enum:"create,update,deactivate,reactivate"`
	RemoteID string          `json:"remote_id,omitempty" doc:"The account's id in the vendor's system."`
	Changes  []target.Change `json:"changes"`
}

// WithheldOperation is a change that is not sent.
type WithheldOperation struct {
	PersonID string         `json:"person_id"`
	Person   string         `json:"person"`
	Kind     provision.Kind `json:"kind" enum:"create,update,deactivate,reactivate"`
	Reason   string         `json:"reason"`
}

func planOf(p provision.Preview) Plan {
	return Plan{
		Digest: p.Digest, Total: p.Total(), Counts: p.Counts, Waiting: p.Waiting,
		Operations: each(p.Operations, func(t provision.Ticket) PlannedOperation {
			return PlannedOperation{t.PersonID, t.PersonName, t.Kind, t.RemoteID, listed(t.Changes)}
		}),
		Withheld: each(p.Withheld, func(w provision.WithheldTicket) WithheldOperation {
			return WithheldOperation{w.PersonID, w.PersonName, w.Kind, w.Reason}
		}),
	}
}

func (s *Server) getPlan(ctx context.Context, who access.Actor, in *OnInstallation) (*plain[Plan], error) {
	preview, err := s.Provision.Preview(ctx, who, in.ID)
	return &plain[Plan]{planOf(preview)}, err
}

type applyRequest struct {
	OnInstallation
	Body struct {
		Digest string `json:"digest" doc:"Of the plan that you have seen. Another one is not applied."`
	} `nameHint:"ApplyRequest"`
}

func (s *Server) applyPlan(ctx context.Context, who access.Actor, in *applyRequest) (*struct{}, error) {
	return nil, s.Provision.Apply(ctx, who, in.ID, in.Body.Digest)
}

// LedgerOperation is one change of one account, as the ledger keeps it.
type LedgerOperation struct {
	PlannedOperation
	ID        string              `json:"id"`
	State     provision.State     `json:"state" enum:"planned,sending,done,failed,held,superseded"`
	Note      string              `json:"note,omitempty" doc:"Why it failed or is held."`
	Tries     int                 `json:"tries" doc:"Failed tries since it was planned or retried."`
	Attempts  []provision.Attempt `json:"attempts" doc:"The last tries that did not succeed, oldest first."`
	PlannedAt time.Time           `json:"planned_at"`
	EndedAt   time.Time           `json:"ended_at,omitzero"`
}

// LedgerRecord is an operation with all that was exchanged for it, secrets redacted.
type LedgerRecord struct {
	LedgerOperation
	Exchanges []egress.Exchange `json:"exchanges"`
}

// Ledger is a page of operations.
type Ledger struct {
	Operations []LedgerOperation `json:"operations" doc:"Newest first."`
	Next       string            `json:"next,omitempty" doc:"Send it as before for the next page; missing on the last one."`
}

func operationOf(t provision.Ticket) LedgerOperation {
	return LedgerOperation{
		PlannedOperation: PlannedOperation{t.PersonID, t.PersonName, t.Kind, t.RemoteID, listed(t.Changes)},
		ID:               t.ID, State: t.State, Note: t.Note, Tries: t.Tries, Attempts: listed(t.Attempts), PlannedAt: t.PlannedAt, EndedAt: t.EndedAt,
	}
}

type listOperationsRequest struct {
	OnInstallation
	State  []provision.State `query:"state" enum:"planned,sending,done,failed,held,superseded" doc:"Only these states."`
	Before string            `query:"before" doc:"The next of the page before."`
	Limit  int               `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (s *Server) listOperations(ctx context.Context, who access.Actor, in *listOperationsRequest) (*plain[Ledger], error) {
	tickets, err := s.Provision.Operations(ctx, who, in.ID, provision.OperationQuery{States: in.State, Before: in.Before, Limit: in.Limit})
	ledger := Ledger{Operations: each(tickets, operationOf)}
	if len(tickets) == in.Limit {
		ledger.Next = tickets[len(tickets)-1].Cursor()
	}
	return &plain[Ledger]{ledger}, err
}

type onOperation struct {
	OnInstallation
	Operation string `path:"operation" doc:"The operation's id."`
}

func (s *Server) getOperation(ctx context.Context, who access.Actor, in *onOperation) (*plain[LedgerRecord], error) {
	record, err := s.Provision.Operation(ctx, who, in.ID, in.Operation)
	return &plain[LedgerRecord]{LedgerRecord{operationOf(record.Ticket), listed(record.Exchanges)}}, err
}
