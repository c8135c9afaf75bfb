package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"slipway/internal/directory"
	"slipway/internal/provision"
)

// planBatch is how many people one planning job names.
const planBatch = 500

// Assign gives the installation to people of its org. Nobody is assigned if one of them is another org's.
func (p *Provisioning) Assign(ctx context.Context, i provision.Installation, personIDs []string, by string, now time.Time) error {
	return p.tx(ctx, func(tx *Tx) error {
		for _, person := range personIDs {
			n, err := tx.exec(ctx, `
				INSERT INTO assignments (installation_id, person_id, assigned_by, assigned_at)
				SELECT i.id, p.id, $4, $5
				  FROM installations i JOIN people p ON p.org_id = i.org_id
				 WHERE i.id = $1 AND i.org_id = $2 AND p.id = $3 AND i.leaving_at IS NULL
				ON CONFLICT (installation_id, person_id) DO UPDATE SET assigned_by = assignments.assigned_by`,
				i.ID, i.OrgID, person, by, now)
			if err != nil {
				return fmt.Errorf("assign %s: %w", i.ID, err)
			}
			if n == 0 {
				return errGone
			}
			// A deactivation that has not begun must not be sent to somebody who is in scope again (I3).
			if _, err := tx.exec(ctx, `
				UPDATE operations SET state = 'superseded', ended_at = $3
				 WHERE installation_id = $1 AND person_id = $2 AND state = 'planned' AND kind = 'deactivate'`, i.ID, person, now); err != nil {
				return fmt.Errorf("assign %s: %w", i.ID, err)
			}
		}
		return tx.planPeople(ctx, i, personIDs)
	})
}

// Unassign takes the installation away from people; who did not have it is passed over.
func (p *Provisioning) Unassign(ctx context.Context, i provision.Installation, personIDs []string, _ time.Time) error {
	return p.tx(ctx, func(tx *Tx) error {
		for _, person := range personIDs {
			if _, err := tx.exec(ctx, `
				DELETE FROM assignments
				 WHERE person_id = $3 AND installation_id = (SELECT id FROM installations WHERE id = $1 AND org_id = $2)`,
				i.ID, i.OrgID, person); err != nil {
				return fmt.Errorf("unassign %s: %w", i.ID, err)
			}
		}
		return tx.planPeople(ctx, i, personIDs)
	})
}

// planPeople asks for a new plan. Before the first plan has been applied there is nothing to follow from a change.
func (t *Tx) planPeople(ctx context.Context, i provision.Installation, personIDs []string) error {
	var stage string
	if err := t.get(ctx, &stage, `SELECT stage FROM installations WHERE id = $1 AND org_id = $2`, i.ID, i.OrgID); err != nil {
		return err
	}
	if provision.Stage(stage) == provision.Testing {
		return nil
	}
	for batch := range slices.Chunk(personIDs, planBatch) {
		if err := t.enqueue(ctx, provision.PlanPeople{InstallationID: i.ID, PersonIDs: batch}, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

type assignmentRow struct {
	personRow
	AssignedBy string    `db:"assigned_by"`
	AssignedAt time.Time `db:"assigned_at"`
}

// Assignments pages by user name.
func (p *Provisioning) Assignments(ctx context.Context, i provision.Installation, q directory.Query) ([]provision.Assignment, error) {
	var rows []assignmentRow
	err := p.selectAll(ctx, &rows, `
		SELECT p.id, p.org_id, p.profile, p.active, p.version, p.updated_at, a.assigned_by, a.assigned_at
		  FROM assignments a JOIN people p ON p.id = a.person_id
		 WHERE a.installation_id = $1 AND p.org_id = $6 AND p.user_name_key > $2 AND (p.active OR NOT $3) AND `+matchesPrefix+`
		 ORDER BY p.user_name_key LIMIT $5`,
		i.ID, directory.Key(q.After), q.ActiveOnly, searchWord(q.Prefix), q.Count(), i.OrgID)
	if err != nil {
		return nil, fmt.Errorf("list assignments of %s: %w", i.ID, err)
	}
	list := make([]provision.Assignment, 0, len(rows))
	for _, row := range rows {
		person, err := row.person()
		if err != nil {
			return nil, err
		}
		list = append(list, provision.Assignment{Person: person, AssignedBy: row.AssignedBy, AssignedAt: row.AssignedAt.UTC()})
	}
	return list, p.addStanding(ctx, i, list)
}

// addStanding adds to each assignment the account and the newest operation.
func (p *Provisioning) addStanding(ctx context.Context, i provision.Installation, list []provision.Assignment) error {
	if len(list) == 0 {
		return nil
	}
	at := map[string]*provision.Assignment{}
	ids := make([]string, len(list))
	for n := range list {
		ids[n] = list[n].Person.ID
		at[ids[n]] = &list[n]
	}
	var links []linkRow
	if err := p.selectAll(ctx, &links, `SELECT `+linkColumns+` FROM links WHERE installation_id = $1 AND person_id IN `+within(2, len(ids)),
		append([]any{i.ID}, anys(ids)...)...); err != nil {
		return fmt.Errorf("read links of %s: %w", i.ID, err)
	}
	for _, row := range links {
		link, err := row.link()
		if err != nil {
			return err
		}
		at[link.PersonID].Link = &link
	}
	var operations []operationRow
	if err := p.selectAll(ctx, &operations, `
		SELECT `+operationColumns+` FROM operations o
		 WHERE installation_id = $1 AND person_id IN `+within(2, len(ids))+` AND id = (
		       SELECT id FROM operations n WHERE n.installation_id = o.installation_id AND n.person_id = o.person_id
		        ORDER BY planned_at DESC, id DESC LIMIT 1)`, append([]any{i.ID}, anys(ids)...)...); err != nil {
		return fmt.Errorf("read operations of %s: %w", i.ID, err)
	}
	for _, row := range operations {
		op, err := row.operation()
		if err != nil {
			return err
		}
		at[op.PersonID].Last = &op
	}
	return nil
}
