package store

import (
	"context"
	"encoding/json"
	"fmt"

	"slipway/internal/fault"
	"slipway/internal/registry"
)

// errFaster answers a change to something that is not at its version any more.
var errFaster = fault.New(fault.Conflict, "This submission changed meanwhile. Reload to see how it stands.")

// Advance writes every change, or none: what a submission becomes, its history, its mails, and the jobs that follow.
func (r Registry) Advance(ctx context.Context, changes ...registry.Change) error {
	err := r.tx(ctx, func(tx *Tx) error {
		for _, c := range changes {
			if err := tx.apply(ctx, c); err != nil {
				return fmt.Errorf("advance submission %s: %w", c.Submission.ID, err)
			}
		}
		return nil
	})
	if isUnique(err) { // another open version, a slug, or a waiver that was asked for at the same time
		return fault.Wrap(err, fault.Conflict, errFaster.Message)
	}
	return err
}

func (t *Tx) apply(ctx context.Context, c registry.Change) error {
	if c.Submission.State == registry.Deleted {
		return t.deleteSubmission(ctx, c)
	}
	if err := t.saveSubmission(ctx, c); err != nil {
		return err
	}
	for _, write := range []func() error{
		func() error { return t.addEdits(ctx, c) },
		func() error { return t.addEvents(ctx, c.Submission.Version, c.Events) },
		func() error { return t.saveFindings(ctx, c.Findings) },
		func() error { return t.saveWaivers(ctx, c.Waivers) },
		func() error { return t.saveVerdict(ctx, c.Verdict) },
		func() error { return t.saveSecrets(ctx, c.Submission.ID, c.Secrets) },
		func() error { return t.saveListing(ctx, c.Listing) },
		func() error { return t.addMails(ctx, c.Mails) },
		func() error { return t.enqueueAll(ctx, c.Jobs) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// saveSubmission inserts the row, or replaces it if it is still at the version it was read at.
func (t *Tx) saveSubmission(ctx context.Context, c registry.Change) error {
	if c.MaxOpen > 0 {
		if err := t.leaveRoom(ctx, c); err != nil {
			return err
		}
	}
	if err := t.saveLogo(ctx, c.Logo); err != nil {
		return err
	}
	values := submissionValues(c.Submission)
	if c.Before == 0 {
		_, err := t.exec(ctx, `INSERT INTO submissions (`+submissionColumns+`) VALUES `+within(1, len(values)), values...)
		return err
	}
	var logo string
	if err := t.get(ctx, &logo, `SELECT logo FROM submissions WHERE id = $1`, c.Submission.ID); fault.CodeOf(err) == fault.NotFound {
		return errFaster
	} else if err != nil {
		return err
	}
	replace := fmt.Sprintf(`UPDATE submissions SET (%s) = %s WHERE id = $1 AND org_id = $3 AND version = $%d`, submissionColumns, within(1, len(values)), len(values)+1)
	n, err := t.exec(ctx, replace, append(values, c.Before)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return errFaster
	}
	if logo != c.Submission.LogoHash() {
		return t.forgetLogo(ctx, logo)
	}
	return nil
}

// leaveRoom holds the org's row while its open submissions are counted, so that two people who start the last one at the
// same moment do not both succeed.
func (t *Tx) leaveRoom(ctx context.Context, c registry.Change) error {
	var org string
	if err := t.get(ctx, &org, `SELECT id FROM orgs WHERE id = $1`+t.store.dialect.lockRow, c.Submission.OrgID); err != nil {
		return err
	}
	args := []any{org}
	for _, state := range registry.States() {
		if state.Open() {
			args = append(args, string(state))
		}
	}
	var open int
	if err := t.get(ctx, &open, `SELECT count(*) FROM submissions WHERE org_id = $1 AND state IN `+within(2, len(args)-1), args...); err != nil {
		return err
	}
	if open >= c.MaxOpen {
		return errFaster
	}
	return nil
}

func (t *Tx) addEdits(ctx context.Context, c registry.Change) error {
	for _, e := range c.Edits {
		was, err := json.Marshal(e.Was)
		if err != nil {
			return fmt.Errorf("add edit of %s: %w", e.Key, err)
		}
		if _, err := t.exec(ctx, `
			INSERT INTO submission_edits (submission_id, version, field_key, was, editor, edited_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			c.Submission.ID, e.Version, e.Key, string(was), asJSON[registry.Person]{e.By}, e.At); err != nil {
			return fmt.Errorf("add edit of %s: %w", e.Key, err)
		}
	}
	if state := c.Submission.State; state == registry.Published || state == registry.Rejected {
		_, err := t.exec(ctx, `DELETE FROM submission_edits WHERE submission_id = $1`, c.Submission.ID) // nobody types into it any more
		return err
	}
	return nil
}

func (t *Tx) enqueueAll(ctx context.Context, jobs []registry.Job) error {
	for _, j := range jobs {
		if err := t.enqueue(ctx, j.Args, j.At); err != nil {
			return err
		}
	}
	return nil
}

// deleteSubmission removes a draft with everything that belongs to it. What remains is the line that says so.
func (t *Tx) deleteSubmission(ctx context.Context, c registry.Change) error {
	id := c.Submission.ID
	n, err := t.exec(ctx, `DELETE FROM submissions WHERE id = $1 AND org_id = $2 AND version = $3`, id, c.Submission.OrgID, c.Before)
	if err != nil {
		return err
	}
	if n == 0 {
		return errFaster
	}
	for _, statement := range []string{ // what has no foreign key
		`DELETE FROM lab_runs WHERE submission_id = $1`,
		`DELETE FROM submission_events WHERE submission_id = $1`,
		`DELETE FROM mails WHERE submission_id = $1`,
	} {
		if _, err := t.exec(ctx, statement, id); err != nil {
			return err
		}
	}
	if err := t.forgetLogo(ctx, c.Submission.LogoHash()); err != nil {
		return err
	}
	return t.addEvents(ctx, c.Submission.Version, c.Events)
}
