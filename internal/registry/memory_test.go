package registry

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/secret"
)

// memory keeps submissions in maps, for the tests of the verbs. That the same holds in SQL, on both engines, is
// proven in store.
type memory struct {
	mu       sync.Mutex
	subs     map[string]Submission
	edits    map[string][]FieldEdit
	events   []Event
	findings map[string]Findings
	waivers  Waivers
	verdicts map[string]Verdicts
	secrets  map[string]map[string]Secret
	logos    map[string]manifest.Logo
	listings map[string]Listing // by integration
	requests []ListingRequest   // oldest first
	mails    []Mail
	jobs     []Job
	fail     int    // how many writes still answer that somebody else was faster
	meddle   func() // what somebody else does right after the next list was read
}

// clock is the tests' time: it stands until a test moves it.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

var people = []access.Actor{ann, bob, {PersonID: "usr_zoe", Name: "Zoe", Email: "zoe@example.com", OrgID: "org_acme", OrgName: "Acme", Roles: []access.Role{access.Vendor}}}

func inMemory() (*Service, *memory) {
	m := &memory{
		subs: map[string]Submission{}, edits: map[string][]FieldEdit{}, findings: map[string]Findings{}, verdicts: map[string]Verdicts{},
		secrets: map[string]map[string]Secret{}, logos: map[string]manifest.Logo{}, listings: map[string]Listing{},
	}
	n := 0
	return &Service{
		Store: m, Clock: (&clock{noon}).Now, Address: "https://network.example.com", Contact: "team@example.com",
		NewID: func(prefix string) string { n++; return fmt.Sprintf("%s_%d", prefix, n) },
	}, m
}

// at moves the service's clock.
func at(s *Service, t time.Time) { s.Clock = (&clock{t}).Now }

func start(t *testing.T, s *Service) Submission {
	t.Helper()
	sub, err := s.StartSubmission(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func (m *memory) visible(scope Scope, orgID string) bool {
	return scope.All || scope.OrgID == orgID && orgID != ""
}

func (m *memory) Dossier(_ context.Context, scope Scope, id string) (Dossier, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sub, ok := m.subs[id]
	if !ok || !m.visible(scope, sub.OrgID) {
		return Dossier{}, errNotFound()
	}
	d := Dossier{Submission: sub, Findings: slices.Clone(m.findings[id]), Verdicts: slices.Clone(m.verdicts[id])}
	for _, w := range slices.Backward(m.waivers) {
		if w.IntegrationID == sub.IntegrationID {
			d.Waivers = append(d.Waivers, w)
		}
	}
	for _, s := range m.secrets[id] {
		d.Secrets = append(d.Secrets, SecretMark{s.Key, s.SetAt, s.SetBy})
	}
	if l, ok := m.listings[sub.IntegrationID]; ok {
		published := m.subs[l.SubmissionID]
		d.Listing, d.Published = &l, &published
	}
	return d, nil
}

func (m *memory) Submissions(_ context.Context, scope Scope, q Query) ([]Submission, error) {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		defer meddle()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Submission
	for _, s := range m.subs {
		if m.visible(scope, s.OrgID) && (q.IntegrationID == "" || q.IntegrationID == s.IntegrationID) && (q.States == nil || slices.Contains(q.States, s.State)) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b Submission) int {
		if q.Oldest {
			return a.QueuedAt.Compare(b.QueuedAt)
		}
		return b.UpdatedAt.Compare(a.UpdatedAt)
	})
	return found, nil
}

func (m *memory) Edits(_ context.Context, _ Scope, id string, after int64) ([]FieldEdit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.edits[id]), func(e FieldEdit) bool { return e.Version <= after }), nil
}

func (m *memory) Secrets(_ context.Context, _ Scope, id string) ([]Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Secret
	for _, s := range m.secrets[id] {
		all = append(all, s)
	}
	return all, nil
}

func (m *memory) History(_ context.Context, scope Scope, id string) ([]Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if sub, ok := m.subs[id]; !ok || !m.visible(scope, sub.OrgID) {
		return nil, errNotFound()
	}
	return slices.DeleteFunc(slices.Clone(m.events), func(e Event) bool { return e.SubmissionID != id }), nil
}

func (m *memory) Pace(_ context.Context, state State, before time.Time, exceptID string, _ time.Time) (Pace, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := Pace{Reviewers: 1}
	for _, s := range m.subs {
		if s.State == state && s.ID != exceptID && s.QueuedAt.Before(before) {
			p.Ahead++
		}
	}
	return p, nil
}

func (m *memory) Logo(_ context.Context, hash string) (manifest.Logo, error) {
	l, ok := m.logos[hash]
	if !ok {
		return l, errNotFound()
	}
	return l, nil
}

func (m *memory) Opened(context.Context, string, time.Time) ([]string, error) { return nil, nil }

func (m *memory) PendingWaivers(context.Context, Scope) ([]Waiver, error) {
	return m.waivers.Pending(), nil
}

func (m *memory) Listings(_ context.Context, slug string, states ...State) ([]Listing, error) {
	var found []Listing
	for _, l := range m.listings {
		if (slug == "" || l.Slug == slug) && slices.Contains(states, l.State) {
			found = append(found, l)
		}
	}
	return found, nil
}

func (m *memory) ListingFile(_ context.Context, scope Scope, slug string) (ListingFile, error) {
	for _, l := range m.listings {
		if l.Slug != slug || !m.visible(scope, l.OrgID) {
			continue
		}
		f := ListingFile{Listing: l, Installs: 2}
		for _, r := range slices.Backward(m.requests) {
			if r.IntegrationID == l.IntegrationID {
				f.Requests = append(f.Requests, r)
			}
		}
		f.Events = slices.DeleteFunc(slices.Clone(m.events), func(e Event) bool { return e.IntegrationID != l.IntegrationID || e.SubmissionID != "" })
		return f, nil
	}
	return ListingFile{}, errNotFound()
}

func (m *memory) ListingOf(_ context.Context, integrationID string) (Listing, error) {
	l, ok := m.listings[integrationID]
	if !ok {
		return l, errNotFound()
	}
	return l, nil
}

func (m *memory) WaitingRequests(context.Context) ([]ListingRequest, error) {
	return slices.DeleteFunc(slices.Clone(m.requests), func(r ListingRequest) bool { return r.State != Waiting }), nil
}

func (m *memory) Installs(context.Context) (map[string]int, error) {
	counts := map[string]int{}
	for id := range m.listings {
		counts[id] = 2
	}
	return counts, nil
}

func (m *memory) AdvanceListing(_ context.Context, c ListingChange) error {
	if m.listings[c.Listing.IntegrationID].Version != c.Listing.Version-1 {
		return fault.New(fault.Conflict, "Somebody else was faster.")
	}
	m.listings[c.Listing.IntegrationID] = c.Listing
	m.events = append(m.events, c.Event)
	for _, r := range c.Requests {
		m.requests = upsert(m.requests, r, func(o ListingRequest) bool { return o.ID == r.ID })
	}
	m.mails = append(m.mails, c.Mails...)
	return nil
}

func (m *memory) ListingNames(context.Context) ([]ListingName, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []ListingName
	for _, l := range m.listings {
		names = append(names, ListingName{l.OrgID, l.Name(), l.Slug})
	}
	return names, nil
}

func (m *memory) Outbox(context.Context, int) ([]Mail, error) { return m.mails, nil }

func (m *memory) Addresses(_ context.Context, audience Audience, _ string) ([]string, error) {
	return map[Audience][]string{
		OrgAdmins: {ann.Email, bob.Email}, TeamMembers: {rita.Email, quinn.Email}, CustomerAdmins: {"one@example.com", "two@example.com"},
	}[audience], nil
}

func (m *memory) Advance(_ context.Context, changes ...Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail > 0 {
		m.fail--
		return fault.New(fault.Conflict, "Somebody else was faster.")
	}
	for _, c := range changes {
		if stored, ok := m.subs[c.Submission.ID]; ok != (c.Before > 0) || ok && stored.Version != c.Before {
			return fault.New(fault.Conflict, "Somebody else was faster.")
		}
	}
	for _, c := range changes {
		m.apply(c)
	}
	return nil
}

func (m *memory) apply(c Change) {
	id := c.Submission.ID
	m.events = append(m.events, c.Events...)
	m.mails = append(m.mails, c.Mails...)
	m.jobs = append(m.jobs, c.Jobs...)
	if c.Submission.State == Deleted {
		delete(m.subs, id)
		return
	}
	m.subs[id] = c.Submission
	m.edits[id] = append(m.edits[id], c.Edits...)
	for _, f := range c.Findings {
		m.findings[id] = upsert(m.findings[id], f, func(o Finding) bool { return o.ID == f.ID })
	}
	for _, w := range c.Waivers {
		m.waivers = upsert(m.waivers, w, func(o Waiver) bool { return o.ID == w.ID })
	}
	if c.Verdict != nil {
		m.verdicts[id] = append(Verdicts{*c.Verdict}, m.verdicts[id]...)
	}
	for _, s := range c.Secrets {
		if m.secrets[id] == nil {
			m.secrets[id] = map[string]Secret{}
		}
		m.secrets[id][s.Key] = s
		if s.Value.IsZero() {
			delete(m.secrets[id], s.Key)
		}
	}
	if c.Logo != nil {
		m.logos[c.Logo.SHA256] = *c.Logo
	}
	if c.Listing != nil {
		m.listings[c.Listing.IntegrationID] = *c.Listing
	}
}

func upsert[T any](all []T, one T, is func(T) bool) []T {
	if i := slices.IndexFunc(all, is); i >= 0 {
		all[i] = one
		return all
	}
	return append(all, one)
}

// filled completes a draft so that it stands at 100 %, with its secrets and its test connection.
func filled(t *testing.T, s *Service, sub Submission) Submission {
	t.Helper()
	ctx := t.Context()
	sub, err := s.UploadLogo(ctx, ann, sub.ID, logo(t))
	if err != nil {
		t.Fatal(err)
	}
	saved, err := s.SaveDraft(ctx, ann, sub.ID, sub.Version, fullContent())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SaveSecret(ctx, ann, sub.ID, "testAccount.password", secret.NewText("canary-password")); err != nil {
		t.Fatal(err)
	}
	saved, err = s.SaveConnection(ctx, ann, sub.ID, manifest.Connection{manifest.ConnectionToken: secret.NewText("canary-token")})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Get(ctx, ann, sub.ID)
	if err != nil {
		t.Fatal(err)
	}
	if ready, err := s.Readiness(ctx, d); err != nil || !ready.Complete() {
		t.Fatalf("the fixture is not complete: %v %v", ready.Missing, err)
	}
	return saved.Submission
}

func fullContent() manifest.Content {
	return manifest.Content{}.
		With("existing", "no").With("name", "Acme Directory").With("website", "https://acme.example").
		With("useCases", []string{"lifecycle_management"}).
		With("description", "Acme Directory keeps the accounts of your people. The integration creates, updates and deactivates them automatically.").
		With("supportContacts", []map[string]string{{"type": "email", "value": "help@acme.example"}}).
		With("escalationContact", "network-escalations@acme.example").
		With("testAccount.url", "https://acme.example/login").With("testAccount.username", "tester@acme.example").
		With("scim.enabled", "yes").With("scim.version", "2.0").With("scim.guideUrl", "https://acme.example/guide").
		With("scim.features", []string{"create_users", "update_users", "deactivate_users", "import_users"}).
		With("scim.perTenant", "no").With("scim.baseUrl", "https://acme.example/scim/v2").
		With("scim.auth.mode", "bearer").With("scim.patch", "yes").With("scim.usernameIsEmail", "yes").With("scim.attributesCleaned", "yes")
}

// pass records a green lab run of the submission as it stands.
func pass(t *testing.T, s *Service, id string) {
	t.Helper()
	d, err := s.Get(t.Context(), access.System, id)
	if err != nil {
		t.Fatal(err)
	}
	record(t, s, Verdict{RunID: s.NewID("run"), SubmissionID: id, Outcome: Passed, Hash: d.Submission.Hash, Profile: "network", At: s.Clock()})
}

func record(t *testing.T, s *Service, v Verdict) {
	t.Helper()
	if err := s.RecordVerdict(t.Context(), v); err != nil {
		t.Fatal(err)
	}
}
