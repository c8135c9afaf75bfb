package provision

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/secret"
)

// Service is what doors and the worker ask. Its verbs for people take the actor and look only at that org.
type Service struct {
	Store    Store
	Versions Versions
	Dialer   Dialer
	Env      manifest.Env // what the operator has opened
	Clock    func() time.Time
	Spread   func() float64 // between 0 and 1: jitter of waits
	Process  string         // this process, as the holder of leases
	Log      *slog.Logger
}

// Install makes an installation of what the catalog offers. Nothing is sent before its first plan is applied.
func (s *Service) Install(ctx context.Context, actor access.Actor, slug, label string) (Installation, error) {
	if err := may(actor); err != nil {
		return Installation{}, err
	}
	version, err := s.Versions.Offered(ctx, slug)
	if err != nil {
		return Installation{}, err
	}
	if _, err := version.settings(); err != nil {
		return Installation{}, err
	}
	if label = strings.TrimSpace(label); label == "" {
		label = version.Name()
	}
	if err := checkLabel(label); err != nil {
		return Installation{}, err
	}
	now := s.Clock()
	i := Installation{
		ID: access.NewID("ins"), OrgID: actor.OrgID, IntegrationID: version.IntegrationID, SubmissionID: version.SubmissionID,
		Label: label, Stage: Testing, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	return i, s.Store.AddInstallation(ctx, i)
}

const maxLabel = 100

func checkLabel(label string) error {
	if utf8.RuneCountInString(label) <= maxLabel && utf8.ValidString(label) && !strings.ContainsFunc(label, unicode.IsControl) {
		return nil
	}
	return fault.New(fault.Invalid, "The name cannot be used.").With(fault.Field{Key: "label", Message: "Use at most 100 visible characters."})
}

// Installation finds one of the actor's org.
func (s *Service) Installation(ctx context.Context, actor access.Actor, id string) (Installation, error) {
	if err := may(actor); err != nil {
		return Installation{}, err
	}
	return s.Store.Installation(ctx, actor.OrgID, id)
}

// Installations lists those of the actor's org.
func (s *Service) Installations(ctx context.Context, actor access.Actor) ([]Installation, error) {
	if err := may(actor); err != nil {
		return nil, err
	}
	return s.Store.Installations(ctx, actor.OrgID)
}

// Former lists those that were uninstalled, the last one first: their ledgers can be read.
func (s *Service) Former(ctx context.Context, actor access.Actor) ([]Installation, error) {
	if err := may(actor); err != nil {
		return nil, err
	}
	return s.Store.Former(ctx, actor.OrgID)
}

// Version returns the version that the installation was made from.
func (s *Service) Version(ctx context.Context, i Installation) (Version, error) {
	return s.Versions.Version(ctx, i.SubmissionID)
}

// AppsOf lists what a person of the org has, for the home page. Only what has been switched on is there.
func (s *Service) AppsOf(ctx context.Context, orgID, personID string) ([]Installation, error) {
	all, err := s.Store.AssignedTo(ctx, orgID, personID)
	return slices.DeleteFunc(all, func(i Installation) bool { return i.Stage == Testing }), err
}

// ConnectionForm is what the page asks for: fields, the values that are no secrets, and which secrets are stored.
type ConnectionForm struct {
	Fields []manifest.Field
	Values map[string]string
	Stored map[string]bool
}

// ConnectionForm returns the form of an installation. It holds no secret (H-19).
func (s *Service) ConnectionForm(ctx context.Context, actor access.Actor, id string) (ConnectionForm, error) {
	i, version, err := s.open(ctx, actor, id)
	if err != nil {
		return ConnectionForm{}, err
	}
	stored, err := s.Store.Connection(ctx, i)
	if err != nil {
		return ConnectionForm{}, err
	}
	form := ConnectionForm{Fields: manifest.ConnectionFields(version.Content), Values: map[string]string{}, Stored: map[string]bool{}}
	for _, f := range form.Fields {
		form.Stored[f.Key] = !stored[f.Key].IsZero()
		if f.Visibility != manifest.VisSecret {
			form.Values[f.Key] = stored[f.Key].Reveal()
		}
	}
	return form, nil
}

// live finds an installation of the actor's org that is not gone.
func (s *Service) live(ctx context.Context, actor access.Actor, id string) (Installation, error) {
	i, err := s.Installation(ctx, actor, id)
	if err == nil && !i.Gone.IsZero() {
		err = errGone
	}
	return i, err
}

// staying finds one that is not about to go, either.
func (s *Service) staying(ctx context.Context, actor access.Actor, id string) (Installation, error) {
	i, err := s.live(ctx, actor, id)
	if err == nil && !i.Leaving.IsZero() {
		err = errLeaving
	}
	return i, err
}

// open finds an installation of the actor's org that is not gone, and its version.
func (s *Service) open(ctx context.Context, actor access.Actor, id string) (Installation, Version, error) {
	i, err := s.live(ctx, actor, id)
	if err != nil {
		return Installation{}, Version{}, err
	}
	version, err := s.Versions.Version(ctx, i.SubmissionID)
	return i, version, err
}

// SaveConnection stores values by key. A secret that comes blank stays as it was (H-20); where the address
// changes, stored secrets do not go along: they must be typed again (H-21). What was wrong before may be right
// now, so a paused installation goes on.
func (s *Service) SaveConnection(ctx context.Context, actor access.Actor, id string, typed map[string]string) (Installation, error) {
	i, version, err := s.open(ctx, actor, id)
	if err != nil {
		return Installation{}, err
	}
	was, err := s.Store.Connection(ctx, i)
	if err != nil {
		return Installation{}, err
	}
	is, err := s.joined(version.Content, was, typed)
	if err != nil {
		return Installation{}, err
	}
	i.Stored, i.TestedAt, i.TestError = slices.Sorted(maps.Keys(is)), time.Time{}, ""
	if i.Stage == Paused {
		i.Stage, i.Reason = Active, ""
	}
	i.UpdatedAt = s.Clock()
	return s.save(ctx, i, is)
}

func (s *Service) save(ctx context.Context, i Installation, connection manifest.Connection) (Installation, error) {
	if err := s.Store.SaveInstallation(ctx, i, connection); err != nil {
		return Installation{}, err
	}
	i.Version++
	return i, nil
}

// joined lays what was typed over what is stored, and refuses what the version's rules refuse.
func (s *Service) joined(content manifest.Content, was manifest.Connection, typed map[string]string) (manifest.Connection, error) {
	is := manifest.Connection{}
	kept := map[string]bool{}
	for _, f := range manifest.ConnectionFields(content) {
		value := strings.TrimSpace(typed[f.Key])
		switch {
		case value != "":
			is[f.Key] = secret.NewText(value)
		case f.Visibility == manifest.VisSecret && !was[f.Key].IsZero():
			is[f.Key], kept[f.Key] = was[f.Key], true
		}
	}
	var broken []fault.Field
	for _, key := range manifest.Reenter(content, content, was, is) {
		if kept[key] {
			broken = append(broken, fault.Field{Key: key, Message: "The address has changed. Enter this again, so that it goes only where you mean it to go."})
		}
	}
	for _, p := range manifest.ValidateConnection(content, is, s.Env) {
		if p.Severity == manifest.SeverityError {
			broken = append(broken, fault.Field{Key: p.Key, Rule: p.Rule, Message: strings.TrimSpace(p.Message + " " + p.Fix)})
		}
	}
	if broken != nil {
		return nil, fault.New(fault.Invalid, "The connection is not complete. Nothing was changed.").With(broken...)
	}
	return is, nil
}

// TestConnection asks the target for two users and remembers the answer. The sentence is "" for success.
func (s *Service) TestConnection(ctx context.Context, actor access.Actor, id string) (Installation, error) {
	i, version, err := s.open(ctx, actor, id)
	if err != nil {
		return Installation{}, err
	}
	i.TestError = ""
	if err := s.probe(ctx, i, version); err != nil {
		i.TestError = testSentence(err)
	}
	i.TestedAt = s.Clock()
	i.UpdatedAt = i.TestedAt
	return s.save(ctx, i, nil)
}

func (s *Service) probe(ctx context.Context, i Installation, version Version) error {
	settings, err := version.settings()
	if err != nil {
		return err
	}
	values, err := s.Store.Connection(ctx, i)
	if err != nil {
		return err
	}
	t, close, err := s.Dialer.open(settings, values, nil)
	if err != nil {
		return err
	}
	defer close()
	return t.Probe(ctx)
}

// Resume lets a paused installation go on with the connection it has.
func (s *Service) Resume(ctx context.Context, actor access.Actor, id string) (Installation, error) {
	i, err := s.live(ctx, actor, id)
	if err != nil {
		return Installation{}, err
	}
	if i.Stage != Paused {
		return Installation{}, fault.New(fault.Conflict, "This installation is not paused.")
	}
	i.Stage, i.Reason, i.UpdatedAt = Active, "", s.Clock()
	return s.save(ctx, i, nil)
}

// Pause stops an active installation until somebody resumes it.
func (s *Service) Pause(ctx context.Context, actor access.Actor, id string) (Installation, error) {
	i, err := s.live(ctx, actor, id)
	if err != nil {
		return Installation{}, err
	}
	if i.Stage != Active {
		return Installation{}, fault.New(fault.Conflict, "Only an active installation can be paused.")
	}
	i.Stage, i.Reason, i.UpdatedAt = Paused, "Paused by "+actor.Name+".", s.Clock()
	return s.save(ctx, i, nil)
}

// Assign gives the installation to people of the org; Unassign takes it away.
func (s *Service) Assign(ctx context.Context, actor access.Actor, id string, personIDs []string) error {
	i, err := s.staying(ctx, actor, id)
	if err != nil || len(personIDs) == 0 {
		return err
	}
	return s.Store.Assign(ctx, i, personIDs, actor.Name, s.Clock())
}

// Unassign takes the installation away from people. Their accounts are switched off, never deleted.
func (s *Service) Unassign(ctx context.Context, actor access.Actor, id string, personIDs []string) error {
	i, err := s.staying(ctx, actor, id)
	if err != nil || len(personIDs) == 0 {
		return err
	}
	return s.Store.Unassign(ctx, i, personIDs, s.Clock())
}

// Assignments returns a page of the people who shall have the installation.
func (s *Service) Assignments(ctx context.Context, actor access.Actor, id string, q directory.Query) ([]Assignment, error) {
	i, err := s.Installation(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.Store.Assignments(ctx, i, q)
}

// Operations lists an installation's operations, newest first.
func (s *Service) Operations(ctx context.Context, actor access.Actor, id string, q OperationQuery) ([]Ticket, error) {
	i, err := s.Installation(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.Store.Operations(ctx, i, q)
}

// Operation returns one operation with its exchanges, which are redacted.
func (s *Service) Operation(ctx context.Context, actor access.Actor, id, operationID string) (Record, error) {
	i, err := s.Installation(ctx, actor, id)
	if err != nil {
		return Record{}, err
	}
	return s.Store.Operation(ctx, i, operationID)
}

// CountOperations counts an installation's operations by state.
func (s *Service) CountOperations(ctx context.Context, actor access.Actor, id string) (map[State]int, error) {
	i, err := s.Installation(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.Store.CountOperations(ctx, i)
}
