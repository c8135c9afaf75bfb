package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"slipway/internal/access"
	"slipway/internal/provision"
)

// peoplePage is how many people a plan looks at at a time.
const peoplePage = 500

// View shows what is stored about the people of an installation, in pages of one moment each.
func (p *Provisioning) View(ctx context.Context, i provision.Installation, only []string, see func(provision.People) error) error {
	return eachPage(ctx, p.Store, i, only, see)
}

// reader is what View reads with, and Revise inside its transaction.
type reader interface {
	selectAll(ctx context.Context, dest any, statement string, args ...any) error
}

// Revise plans and writes in one transaction. The installation is locked: neither a drain that records nor another
// plan comes in between.
func (p *Provisioning) Revise(ctx context.Context, i provision.Installation, only []string, now time.Time, stage provision.Stage,
	revise func(provision.People) provision.Revision, settle func() error) error {
	return p.tx(ctx, func(tx *Tx) error {
		if err := tx.lockInstallation(ctx, i); err != nil {
			return err
		}
		wake := false
		err := eachPage(ctx, tx, i, only, func(people provision.People) error {
			revision := revise(people)
			wake = wake || len(revision.Add)+len(revision.Abandon) > 0
			return tx.follow(ctx, i, revision, now)
		})
		if err != nil {
			return err
		}
		if err := settle(); err != nil {
			return err
		}
		if stage != i.Stage {
			if _, err := tx.exec(ctx, `UPDATE installations SET stage = $2, version = version + 1, updated_at = $3 WHERE id = $1`, i.ID, stage, now); err != nil {
				return fmt.Errorf("set stage of %s: %w", i.ID, err)
			}
		}
		if !wake || stage != provision.Active {
			return nil
		}
		return tx.wake(ctx, i.ID, now)
	})
}

// eachPage walks through everybody who is assigned, linked or has an open operation, by person id.
func eachPage(ctx context.Context, r reader, i provision.Installation, only []string, see func(provision.People) error) error {
	if only != nil {
		only = slices.Compact(slices.Sorted(slices.Values(only)))
		for batch := range slices.Chunk(only, peoplePage) {
			if err := seePeople(ctx, r, i, batch, see); err != nil {
				return err
			}
		}
		return nil
	}
	after := ""
	for {
		var ids []string
		err := r.selectAll(ctx, &ids, `
			SELECT person_id FROM assignments WHERE installation_id = $1 AND person_id > $2
			 UNION SELECT person_id FROM links WHERE installation_id = $1 AND person_id > $2
			 UNION SELECT person_id FROM operations WHERE installation_id = $1 AND person_id > $2 AND ended_at IS NULL
			 UNION SELECT person_id FROM operations WHERE installation_id = $1 AND person_id > $2 AND state = 'held'
			 ORDER BY 1 LIMIT $3`, i.ID, after, peoplePage)
		if err != nil {
			return fmt.Errorf("read people of %s: %w", i.ID, err)
		}
		if len(ids) == 0 {
			return nil
		}
		if err := seePeople(ctx, r, i, ids, see); err != nil {
			return err
		}
		if len(ids) < peoplePage {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

type planPersonRow struct {
	personRow
	Assigned bool `db:"assigned"`
}

func seePeople(ctx context.Context, r reader, i provision.Installation, ids []string, see func(provision.People) error) error {
	people := provision.People{Names: map[string]string{}}
	var rows []planPersonRow
	args := append([]any{i.ID, i.OrgID}, anys(ids)...)
	if err := r.selectAll(ctx, &rows, `
		SELECT p.id, p.org_id, p.profile, p.active, p.version, p.updated_at, a.person_id IS NOT NULL AS assigned
		  FROM people p LEFT JOIN assignments a ON a.person_id = p.id AND a.installation_id = $1
		 WHERE p.org_id = $2 AND p.id IN `+within(3, len(ids))+` ORDER BY p.id`, args...); err != nil {
		return fmt.Errorf("read people of %s: %w", i.ID, err)
	}
	for _, row := range rows {
		person, err := row.person()
		if err != nil {
			return err
		}
		people.Names[person.ID] = person.Name()
		if row.Assigned && person.Active {
			people.Wanted = append(people.Wanted, person)
		}
	}
	if err := addLedger(ctx, r, i, ids, &people); err != nil {
		return err
	}
	return see(people)
}

func addLedger(ctx context.Context, r reader, i provision.Installation, ids []string, people *provision.People) error {
	args := append([]any{i.ID}, anys(ids)...)
	var links []linkRow
	if err := r.selectAll(ctx, &links, `SELECT `+linkColumns+` FROM links WHERE installation_id = $1 AND person_id IN `+within(2, len(ids))+
		` ORDER BY person_id`, args...); err != nil {
		return fmt.Errorf("read links of %s: %w", i.ID, err)
	}
	for _, row := range links {
		link, err := row.link()
		if err != nil {
			return err
		}
		people.Links = append(people.Links, link)
	}
	var open []operationRow
	if err := r.selectAll(ctx, &open, `SELECT `+operationColumns+` FROM operations
		 WHERE installation_id = $1 AND (ended_at IS NULL OR state = 'held') AND person_id IN `+within(2, len(ids))+` ORDER BY person_id`, args...); err != nil {
		return fmt.Errorf("read operations of %s: %w", i.ID, err)
	}
	for _, row := range open {
		op, err := row.operation()
		if err != nil {
			return err
		}
		people.Open = append(people.Open, op)
	}
	return nil
}

// follow writes what a revision says.
func (t *Tx) follow(ctx context.Context, i provision.Installation, r provision.Revision, now time.Time) error {
	for _, id := range r.Supersede {
		if _, err := t.exec(ctx, `UPDATE operations SET state = 'superseded', ended_at = $3 WHERE id = $1 AND installation_id = $2`, id, i.ID, now); err != nil {
			return fmt.Errorf("supersede %s: %w", id, err)
		}
	}
	for _, id := range r.Abandon {
		if _, err := t.exec(ctx, `UPDATE operations SET abandoned = true WHERE id = $1 AND installation_id = $2`, id, i.ID); err != nil {
			return fmt.Errorf("abandon %s: %w", id, err)
		}
	}
	for _, link := range r.Doubt {
		if err := t.saveLink(ctx, link); err != nil {
			return err
		}
	}
	ids := operationIDs(len(r.Add))
	for n, op := range r.Add {
		op.ID = ids[n]
		if err := t.addOperation(ctx, i, op, now); err != nil {
			return err
		}
	}
	return nil
}

// operationIDs returns n fresh ids in ascending order. A drain works by id: operations that are recorded together
// then lie together in the file, and a group commit writes few pages.
func operationIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = access.NewID("op")
	}
	slices.Sort(ids)
	return ids
}

// addOperation inserts a planned operation; what failed for the person before is not waiting any more.
func (t *Tx) addOperation(ctx context.Context, i provision.Installation, op provision.Operation, now time.Time) error {
	changes, err := json.Marshal(op.Changes)
	if err != nil {
		return fmt.Errorf("plan for %s: %w", op.PersonID, err)
	}
	if _, err := t.exec(ctx, `
		UPDATE operations SET state = 'superseded' WHERE installation_id = $1 AND person_id = $2 AND state = 'failed'`, i.ID, op.PersonID); err != nil {
		return fmt.Errorf("plan for %s: %w", op.PersonID, err)
	}
	if _, err := t.exec(ctx, `
		INSERT INTO operations (id, installation_id, person_id, kind, state, changes, remote_id, planned_at)
		VALUES ($1, $2, $3, $4, 'planned', $5, $6, $7)`,
		op.ID, i.ID, op.PersonID, op.Kind, string(changes), op.RemoteID, now); err != nil {
		return fmt.Errorf("plan for %s: %w", op.PersonID, err)
	}
	return nil
}

// saveLink inserts or replaces the person's link. It fails on the unique index if another person has the account.
func (t *Tx) saveLink(ctx context.Context, l provision.Link) error {
	sent, err := json.Marshal(l.Sent)
	if err != nil {
		return fmt.Errorf("link %s: %w", l.PersonID, err)
	}
	_, err = t.exec(ctx, saveLink, l.InstallationID, l.PersonID, l.RemoteID, l.Origin, l.Active, l.Gone, string(sent), l.UpdatedAt)
	if err != nil {
		return fmt.Errorf("link %s: %w", l.PersonID, err)
	}
	return nil
}

const saveLink = `
	INSERT INTO links (installation_id, person_id, remote_id, origin, active, gone, sent, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
	ON CONFLICT (installation_id, person_id) DO UPDATE
	   SET remote_id = excluded.remote_id, origin = excluded.origin, active = excluded.active, gone = excluded.gone,
	       sent = excluded.sent, updated_at = excluded.updated_at`
