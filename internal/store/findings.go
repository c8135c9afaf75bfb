package store

import (
	"context"
	"time"

	"slipway/internal/registry"
)

type findingRow struct {
	ID           string                  `db:"id"`
	SubmissionID string                  `db:"submission_id"`
	Round        int                     `db:"round"`
	Phase        registry.State          `db:"phase"`
	Key          string                  `db:"field_key"`
	CheckID      string                  `db:"check_id"`
	Severity     registry.Severity       `db:"severity"`
	Body         string                  `db:"body"`
	Fix          string                  `db:"fix"`
	Author       asJSON[registry.Person] `db:"author"`
	CreatedAt    time.Time               `db:"created_at"`
	Answer       registry.AnswerKind     `db:"answer"`
	AnswerNote   string                  `db:"answer_note"`
	AnsweredBy   asJSON[registry.Person] `db:"answered_by"`
	AnsweredAt   *time.Time              `db:"answered_at"`
	ResolvedAt   *time.Time              `db:"resolved_at"`
}

func (t *Tx) readFindings(ctx context.Context, d *registry.Dossier) error {
	var rows []findingRow
	err := t.selectAll(ctx, &rows, `
		SELECT id, submission_id, round, phase, field_key, check_id, severity, body, fix, author, created_at, answer, answer_note, answered_by, answered_at, resolved_at
		  FROM findings WHERE submission_id = $1 ORDER BY created_at, id`, d.Submission.ID)
	for _, r := range rows {
		d.Findings = append(d.Findings, registry.Finding{
			ID: r.ID, SubmissionID: r.SubmissionID, Round: r.Round, Phase: r.Phase, Key: r.Key, CheckID: r.CheckID, Severity: r.Severity,
			Text: r.Body, Fix: r.Fix, By: r.Author.V, At: r.CreatedAt.UTC(), Answer: r.Answer, AnswerNote: r.AnswerNote,
			AnsweredBy: r.AnsweredBy.V, AnsweredAt: orZero(r.AnsweredAt), ResolvedAt: orZero(r.ResolvedAt),
		})
	}
	return err
}

// saveFinding inserts a finding. Of one that is known only the answer and its settlement change.
const saveFinding = `
	INSERT INTO findings (id, submission_id, round, phase, field_key, check_id, severity, body, fix, author, created_at,
	                      answer, answer_note, answered_by, answered_at, resolved_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
	ON CONFLICT (id) DO UPDATE
	   SET answer = excluded.answer, answer_note = excluded.answer_note, answered_by = excluded.answered_by,
	       answered_at = excluded.answered_at, resolved_at = excluded.resolved_at
	 WHERE findings.submission_id = excluded.submission_id`

func (t *Tx) saveFindings(ctx context.Context, findings []registry.Finding) error {
	for _, f := range findings {
		if _, err := t.exec(ctx, saveFinding, f.ID, f.SubmissionID, f.Round, string(f.Phase), f.Key, f.CheckID, string(f.Severity), f.Text, f.Fix,
			asJSON[registry.Person]{f.By}, f.At, string(f.Answer), f.AnswerNote, asJSON[registry.Person]{f.AnsweredBy}, orNull(f.AnsweredAt), orNull(f.ResolvedAt)); err != nil {
			return err
		}
	}
	return nil
}

type verdictRow struct {
	RunID        string                         `db:"run_id"`
	SubmissionID string                         `db:"submission_id"`
	Outcome      registry.Outcome               `db:"outcome"`
	Hash         string                         `db:"hash"`
	Profile      string                         `db:"profile"`
	EndedAt      time.Time                      `db:"ended_at"`
	Reason       string                         `db:"reason"`
	Failed       asJSON[[]registry.FailedCheck] `db:"failed"`
	Waived       asJSON[[]string]               `db:"waived"`
	NotRun       asJSON[[]registry.OpenCheck]   `db:"not_run"`
	ReadOnly     bool                           `db:"read_only"`
}

func (t *Tx) readVerdicts(ctx context.Context, d *registry.Dossier) error {
	var rows []verdictRow
	err := t.selectAll(ctx, &rows, `
		SELECT run_id, submission_id, outcome, hash, profile, ended_at, reason, failed, waived, not_run, read_only
		  FROM verdicts WHERE submission_id = $1 ORDER BY ended_at DESC, run_id DESC`, d.Submission.ID)
	for _, r := range rows {
		d.Verdicts = append(d.Verdicts, registry.Verdict{
			RunID: r.RunID, SubmissionID: r.SubmissionID, Outcome: r.Outcome, Hash: r.Hash, Profile: r.Profile,
			At: r.EndedAt.UTC(), Reason: r.Reason, Failed: r.Failed.V, Waived: r.Waived.V, Open: r.NotRun.V, ReadOnly: r.ReadOnly,
		})
	}
	return err
}

func (t *Tx) saveVerdict(ctx context.Context, v *registry.Verdict) error {
	if v == nil {
		return nil
	}
	_, err := t.exec(ctx, `
		INSERT INTO verdicts (run_id, submission_id, outcome, hash, profile, ended_at, reason, failed, waived, not_run, read_only)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (run_id) DO NOTHING`,
		v.RunID, v.SubmissionID, string(v.Outcome), v.Hash, v.Profile, v.At, v.Reason, asJSON[[]registry.FailedCheck]{v.Failed}, asJSON[[]string]{v.Waived}, asJSON[[]registry.OpenCheck]{v.Open}, v.ReadOnly)
	return err
}
