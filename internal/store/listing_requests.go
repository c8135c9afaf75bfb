package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/fault"
	"slipway/internal/registry"
)

const requestColumns = `id, integration_id, org_id, action, asked_by, asked_at, reason, ends_on, successor, state, answer, closed_by, closed_at`

type requestRow struct {
	ID            string                  `db:"id"`
	IntegrationID string                  `db:"integration_id"`
	OrgID         string                  `db:"org_id"`
	Action        registry.Action         `db:"action"`
	AskedBy       asJSON[registry.Person] `db:"asked_by"`
	AskedAt       time.Time               `db:"asked_at"`
	Reason        asJSON[registry.Reason] `db:"reason"`
	EndsOn        *time.Time              `db:"ends_on"`
	Successor     string                  `db:"successor"`
	State         registry.RequestState   `db:"state"`
	Answer        string                  `db:"answer"`
	ClosedBy      asJSON[registry.Person] `db:"closed_by"`
	ClosedAt      *time.Time              `db:"closed_at"`
}

func (r requestRow) request() (registry.ListingRequest, error) {
	return registry.ListingRequest{
		ID: r.ID, IntegrationID: r.IntegrationID, OrgID: r.OrgID, Do: r.Action, By: r.AskedBy.V, At: r.AskedAt.UTC(), Reason: r.Reason.V,
		Retirement: registry.Retirement{Date: orZero(r.EndsOn), Successor: r.Successor}, State: r.State, Answer: r.Answer,
		ClosedBy: r.ClosedBy.V, ClosedAt: orZero(r.ClosedAt),
	}, nil
}

// ListingFile reads a listing with all that was asked and done about it.
func (r Registry) ListingFile(ctx context.Context, scope registry.Scope, slug string) (file registry.ListingFile, err error) {
	err = r.snapshot(ctx, func(tx *Tx) error {
		var row listingRow
		if err := tx.get(ctx, &row, `SELECT `+listingColumns+` FROM listings s WHERE `+inScope+` AND s.slug = $3`, scope.OrgID, scope.All, slug); err != nil {
			return err
		}
		if file.Listing, err = row.listing(); err != nil {
			return err
		}
		id := file.Listing.IntegrationID
		var requests []requestRow
		if err := tx.selectAll(ctx, &requests, `SELECT `+requestColumns+` FROM listing_requests WHERE integration_id = $1 ORDER BY asked_at DESC, id`, id); err != nil {
			return fmt.Errorf("read requests about %s: %w", slug, err)
		}
		if file.Requests, err = mapRows(requests, requestRow.request); err != nil {
			return err
		}
		var events []eventRow
		if err := tx.selectAll(ctx, &events, `
			SELECT `+eventColumns+` FROM submission_events WHERE integration_id = $1 AND submission_id = '' ORDER BY at, version`, id); err != nil {
			return fmt.Errorf("read history of %s: %w", slug, err)
		}
		if file.Events, err = mapRows(events, eventRow.event); err != nil {
			return err
		}
		return tx.get(ctx, &file.Installs, `SELECT count(*) FROM installations WHERE integration_id = $1 AND gone_at IS NULL`, id)
	})
	return file, err
}

// ListingOf reads an integration's listing. It is public, so no org narrows it.
func (r Registry) ListingOf(ctx context.Context, integrationID string) (registry.Listing, error) {
	var row listingRow
	if err := r.get(ctx, &row, `SELECT `+listingColumns+` FROM listings WHERE integration_id = $1`, integrationID); err != nil {
		return registry.Listing{}, err
	}
	return row.listing()
}

// WaitingRequests reads what waits for somebody's word, the longest waiting first.
func (r Registry) WaitingRequests(ctx context.Context) ([]registry.ListingRequest, error) {
	var rows []requestRow
	if err := r.selectAll(ctx, &rows, `SELECT `+requestColumns+` FROM listing_requests WHERE state = 'waiting' ORDER BY asked_at, id`); err != nil {
		return nil, fmt.Errorf("read waiting requests: %w", err)
	}
	return mapRows(rows, requestRow.request)
}

// Installs counts the installations of each integration. They are another room's table; only numbers leave here.
func (r Registry) Installs(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		IntegrationID string `db:"integration_id"`
		N             int    `db:"n"`
	}
	if err := r.selectAll(ctx, &rows, `SELECT integration_id, count(*) AS n FROM installations WHERE gone_at IS NULL GROUP BY integration_id`); err != nil {
		return nil, fmt.Errorf("count installations: %w", err)
	}
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.IntegrationID] = row.N
	}
	return counts, nil
}

// AdvanceListing writes what becomes of a listing, or nothing.
func (r Registry) AdvanceListing(ctx context.Context, c registry.ListingChange) error {
	err := r.tx(ctx, func(tx *Tx) error {
		if err := tx.saveListing(ctx, &c.Listing); err != nil {
			return err
		}
		if err := tx.addEvents(ctx, c.Listing.Version, []registry.Event{c.Event}); err != nil {
			return err
		}
		for _, request := range c.Requests {
			if err := tx.saveRequest(ctx, request); err != nil {
				return err
			}
		}
		return tx.addMails(ctx, c.Mails)
	})
	if isUnique(err) { // asked for at the same time
		return fault.Wrap(err, fault.Conflict, errListingMoved.Message)
	}
	if fault.CodeOf(err) == fault.Conflict {
		return errListingMoved
	}
	return err
}

var errListingMoved = fault.New(fault.Conflict, "This listing changed meanwhile. Reload to see how it stands.")

// saveRequest inserts what was asked, and afterwards changes only how it ended.
func (t *Tx) saveRequest(ctx context.Context, r registry.ListingRequest) error {
	_, err := t.exec(ctx, `
		INSERT INTO listing_requests (`+requestColumns+`) VALUES `+within(1, 13)+`
		ON CONFLICT (id) DO UPDATE
		   SET state = excluded.state, answer = excluded.answer, closed_by = excluded.closed_by, closed_at = excluded.closed_at
		 WHERE listing_requests.integration_id = excluded.integration_id AND listing_requests.state = 'waiting'`,
		r.ID, r.IntegrationID, r.OrgID, string(r.Do), asJSON[registry.Person]{r.By}, r.At, asJSON[registry.Reason]{r.Reason}, orNull(r.Retirement.Date),
		r.Retirement.Successor, string(r.State), r.Answer, asJSON[registry.Person]{r.ClosedBy}, orNull(r.ClosedAt))
	if err != nil {
		return fmt.Errorf("save request %s: %w", r.Do, err)
	}
	return nil
}
