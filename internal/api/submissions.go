package api

import (
	"context"
	"slices"
	"time"

	"slipway/internal/access"
	"slipway/internal/registry"
)

// Submission is one version of an integration under way, published, or past.
type Submission struct {
	ID             string            `json:"id"`
	IntegrationID  string            `json:"integration_id" doc:"The same for all versions of one integration."`
	Org            Org               `json:"org" doc:"The org that owns it."`
	Number         int               `json:"number" doc:"Counts the versions of the integration from 1."`
	Name           string            `json:"name"`
	State          registry.State    `json:"state" example:"draft"`
	Label          string            `json:"label" doc:"The state in words."`
	Turn           registry.Turn     `json:"turn" enum:"vendor,team,slipway,nobody" doc:"Who has the next Move."`
	Waiting        string            `json:"waiting" doc:"What happens next, as a sentence."`
	Actions        []registry.Action `json:"actions" doc:"What you may do now, as far as state and role tell."`
	Version        int64             `json:"version" doc:"Counts every stored change."`
	ContentVersion int64             `json:"content_version" doc:"The version of the last change of content or state."`
	ContentHash    string            `json:"content_hash" doc:"SHA-256 of the canonical content. Verdicts are bound to it."`
	Round          int               `json:"round" doc:"How often the network's team has returned it."`
	RunID          string            `json:"run_id,omitempty" doc:"The lab run that was asked for last."`
	CreatedAt      time.Time         `json:"created_at"`
	UpdatedAt      time.Time         `json:"updated_at"`
	SubmittedAt    time.Time         `json:"submitted_at,omitzero"`
	ExpectedAt     time.Time         `json:"expected_at,omitzero" doc:"By when the network's team means to decide."`
	PublishedAt    time.Time         `json:"published_at,omitzero"`
}

// Org is a tenant.
type Org struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SubmissionDetail is a submission with all that was said about it.
type SubmissionDetail struct {
	Submission
	Findings []Finding `json:"findings" doc:"What the network's team has asked to be changed, oldest first."`
	Waivers  []Waiver  `json:"waivers" doc:"Checks that need not pass, newest first."`
	Verdict  *Verdict  `json:"verdict,omitempty" doc:"The newest verdict of the lab on exactly this content."`
	Stored   []Stored  `json:"stored" doc:"Which secrets and values of the test connection are stored."`
}

// SubmissionList is a list of submissions.
type SubmissionList struct {
	Submissions []Submission `json:"submissions"`
}

// Finding is one thing that the network's team has asked to be changed.
type Finding struct {
	ID         string              `json:"id"`
	Round      int                 `json:"round" doc:"In which return it was given, from 1."`
	Field      string              `json:"field,omitempty" doc:"The field that it is about."`
	Check      string              `json:"check,omitempty" doc:"The check of the lab that it is about."`
	Severity   registry.Severity   `json:"severity" enum:"blocking,advice"`
	Text       string              `json:"text"`
	Fix        string              `json:"fix,omitempty"`
	At         time.Time           `json:"at"`
	Answer     registry.AnswerKind `json:"answer,omitempty" enum:"fixed,disputed,fixed_on_server"`
	Note       string              `json:"note,omitempty" doc:"What the vendor said to it."`
	ResolvedAt time.Time           `json:"resolved_at,omitzero" doc:"Missing while the team waits for it to be settled."`
}

// Verdict is what the lab found about one content.
type Verdict struct {
	RunID   string           `json:"run_id"`
	Outcome registry.Outcome `json:"outcome" enum:"passed,failed,not_run"`
	At      time.Time        `json:"at"`
	Fresh   bool             `json:"fresh" doc:"At most 48 hours old, so that the content can be submitted with it."`
	Reason  string           `json:"reason,omitempty" doc:"Why it was not run."`
	Failed  []FailedCheck    `json:"failed" doc:"The checks that block."`
	Waived  []string         `json:"waived" doc:"The checks that failed and were waived."`
	Open    []OpenCheck      `json:"open" doc:"The checks that would block and about which nothing is proved; a pass has only waived ones."`
}

// FailedCheck is a check of the lab that blocks.
type FailedCheck struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`
}

// OpenCheck is a check of the lab that would block, and that did not run or could not decide.
type OpenCheck struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Message string `json:"message"`
	Waived  bool   `json:"waived,omitempty" doc:"A reviewer has accepted that."`
}

// Stored says that a secret, or a value of the test connection, is stored. Its value cannot be read back.
type Stored struct {
	Key   string    `json:"key" example:"testAccount.password"`
	SetAt time.Time `json:"set_at"`
}

func submissionOf(sub registry.Submission, who access.Actor) Submission {
	return Submission{
		ID: sub.ID, IntegrationID: sub.IntegrationID, Org: Org{sub.OrgID, sub.OrgName}, Number: sub.Number, Name: sub.Name(),
		State: sub.State, Label: sub.State.LabelFor(who), Turn: sub.State.Turn(), Waiting: sub.State.Waiting(),
		Actions: listed(registry.Actions(sub, who)), Version: sub.Version, ContentVersion: sub.ContentVersion, ContentHash: sub.Hash,
		Round: sub.Round, RunID: sub.RunID, CreatedAt: sub.CreatedAt, UpdatedAt: sub.UpdatedAt,
		SubmittedAt: sub.SubmittedAt, ExpectedAt: sub.ETA, PublishedAt: sub.PublishedAt,
	}
}

func submissionsOf(subs []registry.Submission, who access.Actor) []Submission {
	return each(subs, func(sub registry.Submission) Submission { return submissionOf(sub, who) })
}

func detailOf(d registry.Dossier, who access.Actor, now time.Time) SubmissionDetail {
	detail := SubmissionDetail{
		Submission: submissionOf(d.Submission, who), Findings: each(d.Findings, findingOf), Waivers: each(d.Waivers, waiverOf),
		Stored: each(d.Secrets, func(m registry.SecretMark) Stored { return Stored{m.Key, m.SetAt} }),
	}
	if v, ok := d.Verdicts.Of(d.Submission.Hash); ok {
		detail.Verdict = &Verdict{
			RunID: v.RunID, Outcome: v.Outcome, At: v.At, Fresh: v.IsFresh(now), Reason: v.Reason, Waived: listed(v.Waived),
			Failed: each(v.Failed, func(c registry.FailedCheck) FailedCheck { return FailedCheck(c) }),
			Open:   each(v.Open, func(c registry.OpenCheck) OpenCheck { return OpenCheck(c) }),
		}
	}
	return detail
}

// findingOf leaves out who of the team has written it: to a vendor the team is one.
func findingOf(f registry.Finding) Finding {
	return Finding{
		ID: f.ID, Round: f.Round, Field: f.Key, Check: f.CheckID, Severity: f.Severity, Text: f.Text, Fix: f.Fix, At: f.At,
		Answer: f.Answer, Note: f.AnswerNote, ResolvedAt: f.ResolvedAt,
	}
}

// each turns a list into another one; no list is an empty one, for JSON has no use for null there.
func each[From, To any](all []From, one func(From) To) []To {
	list := make([]To, len(all))
	for i, v := range all {
		list[i] = one(v)
	}
	return list
}

func listed[T any](all []T) []T { return each(all, func(v T) T { return v }) }

// answerWith is how every change of a submission is answered.
func answerWith(sub registry.Submission, who access.Actor, err error) (*tagged[Submission], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[Submission]{tag(sub.Version), submissionOf(sub, who)}, nil
}

type listSubmissionsRequest struct {
	State       []string `query:"state" doc:"Only these states."`
	Integration string   `query:"integration" doc:"Only the versions of this integration."`
}

func (s *Server) listSubmissions(ctx context.Context, who access.Actor, in *listSubmissionsRequest) (*plain[SubmissionList], error) {
	q := registry.Query{IntegrationID: in.Integration}
	for _, name := range in.State {
		if !slices.Contains(registry.States(), registry.State(name)) {
			return nil, refuse("query.state", "There is no such state.")
		}
		q.States = append(q.States, registry.State(name))
	}
	subs, err := s.Registry.List(ctx, who, q)
	return &plain[SubmissionList]{SubmissionList{submissionsOf(subs, who)}}, err
}

// created is an answer about something new.
type created[T any] struct {
	ETag     string `header:"ETag" doc:"The version, for If-Match."`
	Location string `header:"Location" doc:"Where it is."`
	Body     T
}

func startedWith(sub registry.Submission, who access.Actor, err error) (*created[Submission], error) {
	if err != nil {
		return nil, err
	}
	return &created[Submission]{tag(sub.Version), prefix + "/submissions/" + sub.ID, submissionOf(sub, who)}, nil
}

func (s *Server) startSubmission(ctx context.Context, who access.Actor, _ *struct{}) (*created[Submission], error) {
	sub, err := s.Registry.StartSubmission(ctx, who)
	return startedWith(sub, who, err)
}

func (s *Server) startUpdate(ctx context.Context, who access.Actor, in *OnSubmission) (*created[Submission], error) {
	d, err := s.Registry.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	sub, err := s.Registry.StartUpdate(ctx, who, d.Submission.IntegrationID)
	return startedWith(sub, who, err)
}

func (s *Server) getSubmission(ctx context.Context, who access.Actor, in *OnSubmission) (*tagged[SubmissionDetail], error) {
	d, err := s.Registry.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &tagged[SubmissionDetail]{tag(d.Submission.Version), detailOf(d, who, s.Clock())}, nil
}
