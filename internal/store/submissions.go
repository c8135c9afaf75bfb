package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"slipway/internal/manifest"
	"slipway/internal/registry"
)

// Registry is the store as the registry uses it.
type Registry struct{ *Store }

var _ registry.Store = Registry{}

// Registry returns the registry's store.
func (s *Store) Registry() Registry { return Registry{s} }

// submissionColumns, submissionRow and submissionValues are one list in one order.
const submissionColumns = `id, integration_id, org_id, org_name, number, state, version, content_version,
	content, hash, reviewed_content, reviewed_hash, logo, created_at, created_by, updated_at, entered_at,
	submitted_at, submitted_by, queued_at, eta, published_at, assignee, claimed_at, round, fired, run_id, run_asked_at, attempts`

type submissionRow struct {
	ID              string                  `db:"id"`
	IntegrationID   string                  `db:"integration_id"`
	OrgID           string                  `db:"org_id"`
	OrgName         string                  `db:"org_name"`
	Number          int                     `db:"number"`
	State           registry.State          `db:"state"`
	Version         int64                   `db:"version"`
	ContentVersion  int64                   `db:"content_version"`
	Content         []byte                  `db:"content"`
	Hash            string                  `db:"hash"`
	ReviewedContent []byte                  `db:"reviewed_content"`
	ReviewedHash    string                  `db:"reviewed_hash"`
	Logo            string                  `db:"logo"`
	CreatedAt       time.Time               `db:"created_at"`
	CreatedBy       asJSON[registry.Person] `db:"created_by"`
	UpdatedAt       time.Time               `db:"updated_at"`
	EnteredAt       time.Time               `db:"entered_at"`
	SubmittedAt     *time.Time              `db:"submitted_at"`
	SubmittedBy     asJSON[registry.Person] `db:"submitted_by"`
	QueuedAt        *time.Time              `db:"queued_at"`
	ETA             *time.Time              `db:"eta"`
	PublishedAt     *time.Time              `db:"published_at"`
	Assignee        asJSON[registry.Person] `db:"assignee"`
	ClaimedAt       *time.Time              `db:"claimed_at"`
	Round           int                     `db:"round"`
	Fired           string                  `db:"fired"`
	RunID           string                  `db:"run_id"`
	RunAskedAt      *time.Time              `db:"run_asked_at"`
	Attempts        int                     `db:"attempts"`
}

func submissionValues(s registry.Submission) []any {
	var reviewed any // NULL before the first return
	if s.ReviewedContent != nil {
		reviewed = string(s.ReviewedContent.Encode())
	}
	return []any{
		s.ID, s.IntegrationID, s.OrgID, s.OrgName, s.Number, string(s.State), s.Version, s.ContentVersion,
		string(s.Content.Encode()), s.Hash, reviewed, s.ReviewedHash, s.LogoHash(), s.CreatedAt, asJSON[registry.Person]{s.CreatedBy}, s.UpdatedAt, s.EnteredAt,
		orNull(s.SubmittedAt), asJSON[registry.Person]{s.SubmittedBy}, orNull(s.QueuedAt), orNull(s.ETA), orNull(s.PublishedAt),
		asJSON[registry.Person]{s.Assignee}, orNull(s.ClaimedAt), s.Round, joined(s.Fired), s.RunID, orNull(s.RunAskedAt), s.Attempts,
	}
}

func (r submissionRow) submission() (registry.Submission, error) {
	content, err := manifest.Decode(r.Content)
	if err != nil {
		return registry.Submission{}, fmt.Errorf("read submission %s: %w", r.ID, err)
	}
	s := registry.Submission{
		ID: r.ID, IntegrationID: r.IntegrationID, OrgID: r.OrgID, OrgName: r.OrgName, Number: r.Number, State: r.State,
		Version: r.Version, ContentVersion: r.ContentVersion, Content: content, Hash: r.Hash, ReviewedHash: r.ReviewedHash,
		CreatedAt: r.CreatedAt.UTC(), CreatedBy: r.CreatedBy.V, UpdatedAt: r.UpdatedAt.UTC(), EnteredAt: r.EnteredAt.UTC(),
		SubmittedAt: orZero(r.SubmittedAt), SubmittedBy: r.SubmittedBy.V, QueuedAt: orZero(r.QueuedAt), ETA: orZero(r.ETA),
		PublishedAt: orZero(r.PublishedAt), Assignee: r.Assignee.V, ClaimedAt: orZero(r.ClaimedAt), Round: r.Round,
		Fired: split[registry.Action](r.Fired), RunID: r.RunID, RunAskedAt: orZero(r.RunAskedAt), Attempts: r.Attempts,
	}
	if r.ReviewedContent != nil {
		if s.ReviewedContent, err = manifest.Decode(r.ReviewedContent); err != nil {
			return registry.Submission{}, fmt.Errorf("read submission %s: %w", r.ID, err)
		}
	}
	return s, nil
}

// inScope narrows a query on submissions s to what $1 (the org) and $2 (everything) allow.
const inScope = `(s.org_id = $1 OR $2)`

// one reads one submission of the scope.
func (t *Tx) submission(ctx context.Context, scope registry.Scope, id string) (registry.Submission, error) {
	var row submissionRow
	if err := t.get(ctx, &row, `SELECT `+submissionColumns+` FROM submissions s WHERE `+inScope+` AND s.id = $3`, scope.OrgID, scope.All, id); err != nil {
		return registry.Submission{}, err
	}
	return row.submission()
}

// Submissions lists those of the scope. The queue is sorted by place, everything else by its newest change.
func (r Registry) Submissions(ctx context.Context, scope registry.Scope, q registry.Query) ([]registry.Submission, error) {
	where, args := inScope, []any{scope.OrgID, scope.All}
	if q.IntegrationID != "" {
		args = append(args, q.IntegrationID)
		where += fmt.Sprintf(` AND s.integration_id = $%d`, len(args))
	}
	if len(q.States) > 0 {
		where += ` AND s.state IN ` + within(len(args)+1, len(q.States))
		for _, state := range q.States {
			args = append(args, string(state))
		}
	}
	order := `s.updated_at DESC, s.id DESC`
	if q.Oldest {
		order = `s.queued_at NULLS LAST, s.id`
	}
	var rows []submissionRow
	if err := r.selectAll(ctx, &rows, `SELECT `+submissionColumns+` FROM submissions s WHERE `+where+` ORDER BY `+order, args...); err != nil {
		return nil, fmt.Errorf("list submissions: %w", err)
	}
	return mapRows(rows, submissionRow.submission)
}

// Dossier reads everything about a submission in one snapshot: no decision is made on halves of two moments.
func (r Registry) Dossier(ctx context.Context, scope registry.Scope, id string) (d registry.Dossier, err error) {
	err = r.snapshot(ctx, func(tx *Tx) error {
		if d.Submission, err = tx.submission(ctx, scope, id); err != nil {
			return err
		}
		for _, read := range []func(context.Context, *registry.Dossier) error{tx.readFindings, tx.readVerdicts, tx.readWaivers, tx.readMarks, tx.readListing} {
			if err := read(ctx, &d); err != nil {
				return fmt.Errorf("read dossier of %s: %w", id, err)
			}
		}
		return nil
	})
	return d, err
}

// snapshot runs reads that must fit together.
func (r Registry) snapshot(ctx context.Context, f func(tx *Tx) error) error {
	raw, err := r.r.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	err = f(&Tx{raw: raw, store: r.Store})
	if end := raw.Rollback(); end != nil && !errors.Is(end, sql.ErrTxDone) {
		return errors.Join(err, fmt.Errorf("end reading: %w", end))
	}
	return err
}

type editRow struct {
	Version  int64                   `db:"version"`
	Key      string                  `db:"field_key"`
	Was      []byte                  `db:"was"`
	Editor   asJSON[registry.Person] `db:"editor"`
	EditedAt time.Time               `db:"edited_at"`
}

func (r editRow) edit() (registry.FieldEdit, error) {
	var was any
	if err := json.Unmarshal(r.Was, &was); err != nil {
		return registry.FieldEdit{}, fmt.Errorf("read edit of %s: %w", r.Key, err)
	}
	typed := manifest.Content{}.With(r.Key, was).Get(r.Key) // lists and tables in the form that a content has
	return registry.FieldEdit{Version: r.Version, Key: r.Key, Was: typed, By: r.Editor.V, At: r.EditedAt.UTC()}, nil
}

// Edits returns what fields held before the saves after a version, oldest first.
func (r Registry) Edits(ctx context.Context, scope registry.Scope, id string, after int64) ([]registry.FieldEdit, error) {
	var rows []editRow
	err := r.selectAll(ctx, &rows, `
		SELECT e.version, e.field_key, e.was, e.editor, e.edited_at
		  FROM submission_edits e JOIN submissions s ON s.id = e.submission_id
		 WHERE `+inScope+` AND s.id = $3 AND e.version > $4
		 ORDER BY e.version, e.field_key`, scope.OrgID, scope.All, id, after)
	if err != nil {
		return nil, fmt.Errorf("read edits of %s: %w", id, err)
	}
	return mapRows(rows, editRow.edit)
}

// asJSON is a value that lies in a column as JSON.
type asJSON[T any] struct{ V T }

// Value is the column's text.
func (j asJSON[T]) Value() (driver.Value, error) {
	data, err := json.Marshal(j.V)
	return string(data), err
}

// Scan reads the column.
func (j *asJSON[T]) Scan(column any) error {
	switch data := column.(type) {
	case []byte:
		return json.Unmarshal(data, &j.V)
	case string:
		return json.Unmarshal([]byte(data), &j.V)
	}
	return fmt.Errorf("read JSON from a %T", column)
}

// mapRows turns rows into what the rooms know.
func mapRows[Row, T any](rows []Row, read func(Row) (T, error)) ([]T, error) {
	list := make([]T, 0, len(rows))
	for _, row := range rows {
		one, err := read(row)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// joined and split keep a short list of names in one column.
func joined[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, " ")
}

func split[T ~string](text string) []T {
	var names []T
	for _, field := range strings.Fields(text) {
		names = append(names, T(field))
	}
	return names
}
