package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/manifest"
	"slipway/internal/registry"
)

const listingColumns = `integration_id, org_id, vendor, slug, state, version, submission_id, number, hash, public, listed_at, published_at, proven_at,
	ends_on, successor, ending, watch`

type listingRow struct {
	IntegrationID string                  `db:"integration_id"`
	OrgID         string                  `db:"org_id"`
	Vendor        string                  `db:"vendor"`
	Slug          string                  `db:"slug"`
	State         registry.State          `db:"state"`
	Version       int64                   `db:"version"`
	SubmissionID  string                  `db:"submission_id"`
	Number        int                     `db:"number"`
	Hash          string                  `db:"hash"`
	Public        []byte                  `db:"public"`
	ListedAt      time.Time               `db:"listed_at"`
	PublishedAt   time.Time               `db:"published_at"`
	ProvenAt      time.Time               `db:"proven_at"`
	EndsOn        *time.Time              `db:"ends_on"`
	Successor     string                  `db:"successor"`
	Ending        asJSON[registry.Reason] `db:"ending"`
	Watch         asJSON[registry.Watch]  `db:"watch"`
}

func (r listingRow) listing() (registry.Listing, error) {
	public, err := manifest.Decode(r.Public)
	if err != nil {
		return registry.Listing{}, fmt.Errorf("read listing %s: %w", r.Slug, err)
	}
	return registry.Listing{
		IntegrationID: r.IntegrationID, OrgID: r.OrgID, Vendor: r.Vendor, Slug: r.Slug, State: r.State, Version: r.Version,
		SubmissionID: r.SubmissionID, Number: r.Number, Hash: r.Hash, Public: public,
		ListedAt: r.ListedAt.UTC(), PublishedAt: r.PublishedAt.UTC(), ProvenAt: r.ProvenAt.UTC(), Watch: r.Watch.V,
		Ending: registry.Ending{Retirement: registry.Retirement{Date: orZero(r.EndsOn), Successor: r.Successor}, Reason: r.Ending.V},
	}, nil
}

// Listings reads the catalog: all in these states, by name, or the one with this slug. It is public, so no org narrows it.
func (r Registry) Listings(ctx context.Context, slug string, states ...registry.State) ([]registry.Listing, error) {
	args := []any{slug}
	for _, state := range states {
		args = append(args, string(state))
	}
	var rows []listingRow
	if err := r.selectAll(ctx, &rows, `
		SELECT `+listingColumns+` FROM listings
		 WHERE ($1 = '' OR slug = $1) AND state IN `+within(2, len(states))+`
		 ORDER BY name, slug`, args...); err != nil {
		return nil, fmt.Errorf("read listings: %w", err)
	}
	return mapRows(rows, listingRow.listing)
}

// ListingNames reads the names of all listings, whatever their state: a removed one still owns its name and slug.
func (r Registry) ListingNames(ctx context.Context) ([]registry.ListingName, error) {
	var rows []struct {
		OrgID string `db:"org_id"`
		Name  string `db:"name"`
		Slug  string `db:"slug"`
	}
	if err := r.selectAll(ctx, &rows, `SELECT org_id, name, slug FROM listings ORDER BY name, slug`); err != nil {
		return nil, fmt.Errorf("read names of listings: %w", err)
	}
	names := make([]registry.ListingName, len(rows))
	for i, row := range rows {
		names[i] = registry.ListingName{OrgID: row.OrgID, Name: row.Name, Slug: row.Slug}
	}
	return names, nil
}

// readListing adds the integration's listing, and the version that it shows.
func (t *Tx) readListing(ctx context.Context, d *registry.Dossier) error {
	var rows []listingRow
	sub := d.Submission
	if err := t.selectAll(ctx, &rows, `SELECT `+listingColumns+` FROM listings WHERE integration_id = $1 AND org_id = $2`, sub.IntegrationID, sub.OrgID); err != nil || len(rows) == 0 {
		return err
	}
	listing, err := rows[0].listing()
	if err != nil {
		return err
	}
	published, err := t.submission(ctx, registry.Scope{OrgID: sub.OrgID}, listing.SubmissionID)
	d.Listing, d.Published = &listing, &published
	return err
}

// saveListing inserts a listing at version 1, and replaces one at the version before. No row changes when somebody was
// faster. Owner and slug never change.
const saveListing = `
	INSERT INTO listings (integration_id, org_id, vendor, slug, state, version, submission_id, number, hash, public, listed_at, published_at, proven_at, name,
	                      ends_on, successor, ending, watch)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
	ON CONFLICT (integration_id) DO UPDATE
	   SET vendor = excluded.vendor, state = excluded.state, version = excluded.version, submission_id = excluded.submission_id,
	       number = excluded.number, hash = excluded.hash, public = excluded.public, published_at = excluded.published_at,
	       proven_at = excluded.proven_at, name = excluded.name, ends_on = excluded.ends_on, successor = excluded.successor, ending = excluded.ending, watch = excluded.watch
	 WHERE listings.version = excluded.version - 1 AND listings.org_id = excluded.org_id`

func (t *Tx) saveListing(ctx context.Context, l *registry.Listing) error {
	if l == nil {
		return nil
	}
	n, err := t.exec(ctx, saveListing, l.IntegrationID, l.OrgID, l.Vendor, l.Slug, string(l.State), l.Version, l.SubmissionID, l.Number, l.Hash,
		string(l.Public.Encode()), l.ListedAt, l.PublishedAt, l.ProvenAt, l.Name(),
		orNull(l.Ending.Date), l.Ending.Successor, asJSON[registry.Reason]{l.Ending.Reason}, asJSON[registry.Watch]{l.Watch})
	if err == nil && n == 0 {
		return errFaster
	}
	return err
}

type logoRow struct {
	Hash   string `db:"hash"`
	Type   string `db:"type"`
	Width  int    `db:"width"`
	Height int    `db:"height"`
	Image  []byte `db:"image"`
}

// Logo reads an image by its hash. Whoever knows the hash has read the submission or the listing it stands in.
func (r Registry) Logo(ctx context.Context, hash string) (manifest.Logo, error) {
	var row logoRow
	if err := r.get(ctx, &row, `SELECT hash, type, width, height, image FROM logos WHERE hash = $1`, hash); err != nil {
		return manifest.Logo{}, err
	}
	return manifest.Logo{Type: row.Type, Width: row.Width, Height: row.Height, SHA256: row.Hash, Served: row.Image}, nil
}

func (t *Tx) saveLogo(ctx context.Context, l *manifest.Logo) error {
	if l == nil {
		return nil
	}
	_, err := t.exec(ctx, `INSERT INTO logos (hash, type, width, height, image) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING`,
		l.SHA256, l.Type, l.Width, l.Height, l.Served)
	return err
}

// forgetLogo removes an image that no version shows any more.
func (t *Tx) forgetLogo(ctx context.Context, hash string) error {
	_, err := t.exec(ctx, `DELETE FROM logos WHERE hash = $1 AND NOT EXISTS (SELECT 1 FROM submissions WHERE logo = $1)`, hash)
	return err
}
