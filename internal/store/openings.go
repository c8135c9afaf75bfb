package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/access"
)

var _ access.Openings = (*Store)(nil)

// Orgs returns every org by name, with what is open for it beyond now.
func (s *Store) Orgs(ctx context.Context, now time.Time) ([]access.OrgLine, error) {
	var orgs []struct {
		access.Org
		People int `db:"people"`
	}
	if err := s.selectAll(ctx, &orgs, `
		SELECT `+orgColumns+`, (SELECT count(*) FROM users u WHERE u.org_id = o.id) AS people
		FROM orgs o ORDER BY name, id`); err != nil {
		return nil, fmt.Errorf("list orgs: %w", err)
	}
	var open []access.Opening
	if err := s.selectAll(ctx, &open, `SELECT org_id, feature, until, opened_by, opened_at FROM openings WHERE until > $1 ORDER BY feature`, now); err != nil {
		return nil, fmt.Errorf("list openings: %w", err)
	}
	lines := make([]access.OrgLine, len(orgs))
	for i, o := range orgs {
		lines[i] = access.OrgLine{Org: o.Org, People: o.People}
		for _, opening := range open {
			if opening.OrgID == o.ID {
				lines[i].Openings = append(lines[i].Openings, opening)
			}
		}
	}
	return lines, nil
}

// SaveOpening replaces the org's opening of the feature; an org that is gone is fault.NotFound.
func (s *Store) SaveOpening(ctx context.Context, o access.Opening) error {
	if _, err := s.OrgByID(ctx, o.OrgID); err != nil {
		return err
	}
	if _, err := s.exec(ctx, `
		INSERT INTO openings (org_id, feature, until, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (org_id, feature) DO UPDATE SET until = excluded.until, opened_by = excluded.opened_by, opened_at = excluded.opened_at`,
		o.OrgID, o.Feature, o.Until, o.OpenedBy, o.OpenedAt); err != nil {
		return fmt.Errorf("open %s for %s: %w", o.Feature, o.OrgID, err)
	}
	return nil
}

// Opened returns the features that are open for the org now.
func (s *Store) Opened(ctx context.Context, orgID string, now time.Time) (features []string, err error) {
	if err := s.selectAll(ctx, &features, `SELECT feature FROM openings WHERE org_id = $1 AND until > $2 ORDER BY feature`, orgID, now); err != nil {
		return nil, fmt.Errorf("read what is open for %s: %w", orgID, err)
	}
	return features, nil
}
