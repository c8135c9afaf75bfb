package store_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// network is a network with two vendors and a team, on a real database.
type network struct {
	*testing.T
	store                      *store.Store
	registry                   *registry.Service
	ann, bob, eve, rita, quinn access.Actor
	oscar                      access.Actor
	tokens                     int
	clock                      atomic.Pointer[time.Time]
}

func newNetwork(t *testing.T, s *store.Store) *network {
	n := &network{T: t, store: s}
	n.at(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	n.registry = &registry.Service{Store: s.Registry(), Clock: func() time.Time { return *n.clock.Load() }, NewID: access.NewID, Address: "https://network.example.com", Contact: "team@example.com"}
	people := access.NewService(s, store.Now)
	actor := func(slug, email string, roles ...access.Role) access.Actor {
		org, err := s.OrgBySlug(t.Context(), slug)
		if err != nil {
			org = must(people.CreateOrg(t.Context(), slug, strings.ToUpper(slug[:1])+slug[1:], slug == "network"))(t)
		}
		user, _, err := people.Invite(t.Context(), email, "", org, roles...)
		if err != nil {
			t.Fatal(err)
		}
		return must(people.ActorFor(t.Context(), user.ID))(t)
	}
	n.ann, n.bob = actor("acme", "ann@example.com", access.Vendor), actor("acme", "bob@example.com", access.Vendor)
	n.eve = actor("evil", "eve@example.com", access.Vendor)
	n.rita, n.quinn, n.oscar = actor("network", "rita@example.com", access.Reviewer), actor("network", "quinn@example.com", access.QA), actor("network", "oscar@example.com", access.Operator)
	return n
}

func (n *network) at(t time.Time)        { n.clock.Store(&t) }
func (n *network) later(d time.Duration) { n.at(n.clock.Load().Add(d)) }

// must is for calls that a test does not expect to fail: must(call())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (n *network) sub(v registry.Submission, err error) registry.Submission {
	n.Helper()
	if err != nil {
		n.Fatal(err)
	}
	return v
}

func (n *network) code(what string, err error, want fault.Code) {
	n.Helper()
	if fault.CodeOf(err) != want {
		n.Errorf("%s: %v, want %q", what, err, want)
	}
}

func (n *network) dossier(id string) registry.Dossier {
	n.Helper()
	d, err := n.registry.Get(n.Context(), n.rita, id)
	if err != nil {
		n.Fatal(err)
	}
	return d
}

// filled completes a draft.
func (n *network) filled(sub registry.Submission, name string) registry.Submission {
	n.Helper()
	ctx := n.Context()
	content := manifest.Content{}
	for key, value := range map[string]any{
		"existing": "no", "name": name, "website": "https://acme.example", "useCases": []string{manifest.LifecycleManagement, "zero_trust"},
		"description":       "Keeps the accounts of your people: the integration creates, updates and deactivates them automatically.",
		"supportContacts":   []map[string]string{{"type": "email", "value": "help@acme.example"}},
		"escalationContact": "network-escalations@acme.example", "testAccount.url": "https://acme.example/login", "testAccount.username": "tester@acme.example",
		"scim.enabled": "yes", "scim.version": "2.0", "scim.guideUrl": "https://acme.example/guide", "scim.features": []string{manifest.CreateUsers, manifest.ImportUsers},
		"scim.perTenant": "no", "scim.baseUrl": "https://acme.example/scim/v2", "scim.auth.mode": "bearer", "scim.patch": "yes",
		"scim.usernameIsEmail": "yes", "scim.attributesCleaned": "yes",
	} {
		content = content.With(key, value)
	}
	n.sub(n.registry.UploadLogo(ctx, n.ann, sub.ID, picture(n.T, name)))
	must(n.registry.SaveDraft(ctx, n.ann, sub.ID, sub.Version, content))(n.T)
	n.sub(n.registry.SaveSecret(ctx, n.ann, sub.ID, "testAccount.password", secret.NewText("canary-password")))
	saved := must(n.registry.SaveConnection(ctx, n.ann, sub.ID, manifest.Connection{manifest.ConnectionToken: secret.NewText("canary-token")}))(n.T)
	ready := must(n.registry.Readiness(ctx, n.dossier(sub.ID)))(n.T)
	if !ready.Complete() {
		n.Fatalf("not complete: %v", ready.Missing)
	}
	return saved.Submission
}

// picture draws a logo whose colour depends on the name.
func picture(t *testing.T, name string) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for y := range 200 {
		for x := range 200 {
			if (x-100)*(x-100)+(y-100)*(y-100) < 95*95 {
				img.Set(x, y, color.NRGBA{R: 0x20, G: 0x60, B: name[0], A: 0xff})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (n *network) pass(id string) {
	n.Helper()
	err := n.registry.RecordVerdict(n.Context(), registry.Verdict{
		RunID: access.NewID("run"), SubmissionID: id, Outcome: registry.Passed, Hash: n.dossier(id).Submission.Hash, Profile: "network", At: *n.clock.Load(),
	})
	if err != nil {
		n.Fatal(err)
	}
}

// queued brings a new integration into the queue.
func (n *network) queued(name string) registry.Submission {
	n.Helper()
	sub := n.filled(n.sub(n.registry.StartSubmission(n.Context(), n.ann)), name)
	n.pass(sub.ID)
	return n.sub(n.registry.Submit(n.Context(), n.ann, sub.ID, sub.Version, true))
}

func (n *network) published(name string) registry.Submission {
	n.Helper()
	sub := n.queued(name)
	sub = n.sub(n.registry.PassInitial(n.Context(), n.rita, sub.ID, sub.Version, checklist()))
	return n.sub(n.registry.PassQA(n.Context(), n.quinn, sub.ID, sub.Version))
}

func checklist() []string {
	var ids []string
	for _, item := range registry.InitialChecklist {
		ids = append(ids, item.ID)
	}
	return ids
}

// Covers: the whole way of an integration, on both
// databases: draft, verified, submitted, returned, resubmitted, QA, bugs, final review, published, updated, superseded.
func TestFromDraftToSuperseded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		sub := n.queued("Acme Directory")
		n.later(time.Hour)
		sub = n.sub(n.registry.Claim(ctx, n.rita, sub.ID))
		sub = n.sub(n.registry.Return(ctx, n.rita, sub.ID, sub.Version, []registry.NewFinding{{Key: "description", Severity: registry.Blocking, Text: "Too short.", Fix: "Say more."}}, nil))
		n.later(time.Hour)
		finding := n.dossier(sub.ID).Findings[0]
		sub = n.sub(n.registry.Answer(ctx, n.bob, sub.ID, finding.ID, registry.FixedOnServer, "Look again."))
		sub = n.sub(n.registry.Resubmit(ctx, n.bob, sub.ID, sub.Version))
		sub = n.sub(n.registry.PassInitial(ctx, n.rita, sub.ID, sub.Version, checklist()))
		n.later(time.Hour)
		sub = n.sub(n.registry.ReturnBugs(ctx, n.quinn, sub.ID, sub.Version, []registry.NewFinding{{CheckID: "users.get.404", Severity: registry.Blocking, Text: "It answers 500."}}, nil))
		n.later(time.Hour)
		n.pass(sub.ID)
		bug := n.dossier(sub.ID).Findings.Open()[0]
		n.sub(n.registry.Answer(ctx, n.ann, sub.ID, bug.ID, registry.Fixed, ""))
		sub = n.sub(n.registry.Resubmit(ctx, n.ann, sub.ID, sub.Version))
		if _, err := n.registry.CatalogEntry(ctx, "acme-directory"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("in the catalog before publication: %v", err)
		}
		n.later(time.Hour)
		sub = n.sub(n.registry.PassQA(ctx, n.quinn, sub.ID, sub.Version))
		listing := must(n.registry.CatalogEntry(ctx, "acme-directory"))(t)
		if listing.SubmissionID != sub.ID || listing.Vendor != "Acme" || listing.State != registry.Listed {
			t.Fatalf("listing: %+v", listing)
		}
		logo := must(n.registry.ListingLogo(ctx, "acme-directory"))(t)
		if !bytes.HasPrefix(logo.Served, []byte("\x89PNG")) || logo.SHA256 != sub.LogoHash() {
			t.Error("the listing's logo is not what was uploaded")
		}

		update := n.sub(n.registry.StartUpdate(ctx, n.bob, sub.IntegrationID))
		if d := n.dossier(update.ID); update.Number != 2 || !d.Has("testAccount.password") || d.Published.ID != sub.ID {
			t.Fatalf("update: version %d, dossier %+v", update.Number, d)
		}
		saved := must(n.registry.SaveDraft(ctx, n.bob, update.ID, update.Version, manifest.Content{"name": "Acme Plus", "changeSummary": "Another name."}))(t)
		n.pass(update.ID)
		update = n.sub(n.registry.Submit(ctx, n.bob, update.ID, saved.Submission.Version, true))
		if same := must(n.registry.CatalogEntry(ctx, "acme-directory"))(t); cmp.Diff(same, listing) != "" {
			t.Errorf("the update in review changed the catalog:\n%s", cmp.Diff(listing, same))
		}
		update = n.sub(n.registry.PassInitial(ctx, n.rita, update.ID, update.Version, checklist()))
		update = n.sub(n.registry.PassQA(ctx, n.quinn, update.ID, update.Version))
		listing = must(n.registry.CatalogEntry(ctx, "acme-directory"))(t)
		if listing.Number != 2 || listing.Name() != "Acme Plus" || n.dossier(sub.ID).Submission.State != registry.Superseded || update.State != registry.Published {
			t.Errorf("after the update: %+v, old version %s", listing, n.dossier(sub.ID).Submission.State)
		}
		checkHistory(n, sub.ID)
		checkOutbox(n)
		checkTimers(n)
	})
}

func checkHistory(n *network, id string) {
	n.Helper()
	events := must(n.registry.History(n.Context(), n.rita, id))(n.T)
	var rows []string
	for _, e := range events {
		rows = append(rows, e.Row)
	}
	want := []string{"T-01", "T-05", "T-07", "", "T-08", "T-09", "T-10", "T-11", "T-12", "T-14", "T-14", "T-14"}
	if !slices.Equal(rows, want) {
		n.Errorf("history %v, want %v", rows, want)
	}
	if events[4].Worked != 0 || events[4].ActorName == "" || events[4].Hash == "" { // claimed and returned at the same moment
		n.Errorf("return: %+v", events[4])
	}
}

func checkOutbox(n *network) {
	n.Helper()
	mails := must(n.registry.Outbox(n.Context(), n.oscar, 100))(n.T)
	count := map[registry.MailID]int{}
	for _, m := range mails {
		count[m.Kind]++
		if len(m.To) == 0 || m.Subject == "" || m.Body == "" {
			n.Errorf("mail %s is not whole: %+v", m.Kind, m)
		}
	}
	want := map[registry.MailID]int{registry.M01: 2, registry.M01b: 2, registry.M03: 1, registry.M04: 2, registry.M05: 1, registry.M06: 2, registry.M11: 4}
	if diff := cmp.Diff(want, count); diff != "" {
		n.Errorf("mails (-want +got):\n%s", diff)
	}
	if got := mails[0]; got.Kind == registry.M06 && !slices.Equal(got.To, []string{n.bob.Email, n.ann.Email, "network-escalations@acme.example"}) {
		n.Errorf("M-06 went to %v", got.To)
	}
}

// Each turn of the team sets one timer, each turn of the vendor two, each publication two.
func checkTimers(n *network) {
	n.Helper()
	got := must(store.CountJobs(n.Context(), n.store, registry.Timer{}.Kind()))(n.T)
	if want := 6*1 + 2*2 + 2*2; got != want {
		n.Errorf("%d timers, want %d", got, want)
	}
}

// What is written is read back to the last field.
func TestSubmissionSurvivesTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		at := func(minutes int) time.Time {
			return n.clock.Load().Add(time.Duration(minutes)*time.Minute + 123456*time.Microsecond)
		}
		person := func(id string) registry.Person {
			return registry.Person{ID: id, Name: "Ünï \"x\"", Email: id + "@example.com"}
		}
		want := registry.Submission{
			ID: "sub_1", IntegrationID: "int_1", OrgID: n.ann.OrgID, OrgName: "Acme", Number: 3, State: registry.VendorFix, Version: 1, ContentVersion: 1,
			Content: manifest.Content{}.With("name", "Näme ' \\ \u2028").With("useCases", []string{"zero_trust", ""}).
				With("scim.variables", []map[string]string{{"label": "A", "name": "a"}, {}}),
			Hash: "h", ReviewedContent: manifest.Content{}.With("name", "old"), ReviewedHash: "r",
			CreatedAt: at(1), CreatedBy: person("a"), UpdatedAt: at(2), EnteredAt: at(3), SubmittedAt: at(4), SubmittedBy: person("b"), QueuedAt: at(5), ETA: at(6),
			PublishedAt: at(7), Assignee: person("c"), ClaimedAt: at(8), Round: 2, Fired: []registry.Action{registry.RemindVendor, registry.Purge},
			RunID: "run_1", RunAskedAt: at(9), Attempts: 4,
		}
		finding := registry.Finding{ID: "fnd_1", SubmissionID: "sub_1", Round: 1, Phase: registry.ToQA, Key: "name", CheckID: "c", Severity: registry.Advice, Text: "t", Fix: "f",
			By: person("d"), At: at(1), Answer: registry.Disputed, AnswerNote: "no", AnsweredBy: person("e"), AnsweredAt: at(2), ResolvedAt: at(3)}
		waiver := registry.Waiver{ID: "wvr_1", IntegrationID: "int_1", SubmissionID: "sub_1", OrgID: n.ann.OrgID, CheckID: "c", State: registry.Granted, Reason: "r", AskedBy: person("f"),
			AskedAt: at(1), Decision: "d", DecidedBy: person("g"), DecidedAt: at(2), Expires: at(3)}
		verdict := registry.Verdict{RunID: "run_1", SubmissionID: "sub_1", Outcome: registry.Failed, Hash: "h", Profile: "rfc", At: at(1), Reason: "r",
			Failed: []registry.FailedCheck{{ID: "c", Title: "t", Message: "m", Fix: "f"}}, Waived: []string{"w"}}
		event := registry.Event{ID: "evt_1", SubmissionID: "sub_1", IntegrationID: "int_1", OrgID: n.ann.OrgID, Number: 3, Row: "T-11", Action: registry.ReturnBugs, From: registry.ToQA,
			To: registry.VendorFix, At: at(1), ActorID: "a", ActorName: "A", Team: true, Note: "n", Hash: "h", Worked: 90 * time.Minute, Mails: []registry.MailID{registry.M05, registry.M11}}
		err := s.Registry().Advance(t.Context(), registry.Change{Submission: want, Findings: []registry.Finding{finding}, Waivers: []registry.Waiver{waiver},
			Verdict: &verdict, Events: []registry.Event{event}})
		if err != nil {
			t.Fatal(err)
		}
		d := n.dossier("sub_1")
		for what, diff := range map[string]string{
			"submission": cmp.Diff(want, d.Submission), "finding": cmp.Diff(registry.Findings{finding}, d.Findings), "waiver": cmp.Diff(registry.Waivers{waiver}, d.Waivers),
			"verdict": cmp.Diff(registry.Verdicts{verdict}, d.Verdicts), "event": cmp.Diff([]registry.Event{event}, must(n.registry.History(t.Context(), n.rita, "sub_1"))(t)),
		} {
			if diff != "" {
				t.Errorf("%s (-written +read):\n%s", what, diff)
			}
		}
	})
}

// Of many who advance one submission at once, exactly one wins; the others are told, and leave nothing behind.
func TestOneOfManyAdvancesWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		sub := n.queued("Acme")
		var won atomic.Int32
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				next := sub
				next.Version++
				next.Assignee.Name = fmt.Sprint(i)
				err := s.Registry().Advance(context.WithoutCancel(t.Context()), registry.Change{Before: sub.Version, Submission: next,
					Events: []registry.Event{{ID: access.NewID("evt"), SubmissionID: sub.ID, Note: fmt.Sprint(i)}},
					Mails:  []registry.Mail{{ID: access.NewID("mail"), Kind: "M-99", To: []string{"x@example.com"}}}})
				switch fault.CodeOf(err) {
				case "":
					won.Add(1)
				case fault.Conflict:
				default:
					t.Errorf("%v", err)
				}
			})
		}
		wait.Wait()
		d := n.dossier(sub.ID)
		events := must(n.registry.History(t.Context(), n.rita, sub.ID))(t)
		if won.Load() != 1 || d.Submission.Version != sub.Version+1 || events[len(events)-1].Note != d.Submission.Assignee.Name {
			t.Errorf("%d won; version %d after %d; last event %q, assignee %q", won.Load(), d.Submission.Version, sub.Version, events[len(events)-1].Note, d.Submission.Assignee.Name)
		}
		mails := must(s.Registry().Outbox(t.Context(), 100))(t)
		if extra := slices.DeleteFunc(mails, func(m registry.Mail) bool { return m.Kind != "M-99" }); len(extra) != 1 {
			t.Errorf("%d mails of losers", len(extra)-1)
		}
	})
}

// Covers: limits hold when everybody clicks at the same moment.
func TestLimitsHoldAtTheSameMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		published := n.published("Acme")
		var updates sync.Map
		var wait sync.WaitGroup
		for i := range 6 {
			actor := []access.Actor{n.ann, n.bob}[i%2]
			wait.Go(func() {
				sub, err := n.registry.StartUpdate(ctx, actor, published.IntegrationID)
				if err != nil {
					t.Errorf("start update: %v", err)
				}
				updates.Store(sub.ID, true)
			})
		}
		wait.Wait()
		different := 0
		updates.Range(func(any, any) bool { different++; return true })
		if different != 1 {
			t.Errorf("%d updates are under way at once", different)
		}
		var started, refused atomic.Int32
		for range 13 {
			wait.Go(func() {
				switch _, err := n.registry.StartSubmission(ctx, n.ann); fault.CodeOf(err) {
				case "":
					started.Add(1)
				case fault.TooMany, fault.Conflict:
					refused.Add(1)
				default:
					t.Errorf("start: %v", err)
				}
			})
		}
		wait.Wait()
		open, limit, err := n.registry.Room(ctx, n.ann)
		if open > limit || open != int(started.Load())+1 || err != nil {
			t.Errorf("%d of %d are open, %d were started, %v", open, limit, started.Load(), err)
		}
	})
}

// Two people type into different fields of one draft at once: both texts are there, whoever was faster.
func TestTwoPeopleTypeAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		sub := n.sub(n.registry.StartSubmission(t.Context(), n.ann))
		var wait sync.WaitGroup
		fields := []string{"name", "website", "description", "escalationContact"}
		for i, key := range fields {
			actor := []access.Actor{n.ann, n.bob}[i%2]
			wait.Go(func() {
				for _, text := range []string{"first ", "second "} {
					if _, err := n.registry.SaveDraft(t.Context(), actor, sub.ID, sub.Version, manifest.Content{key: text + key}); err != nil && text == "first " {
						t.Errorf("%s: %v", key, err)
					}
				}
			})
		}
		wait.Wait()
		d := n.dossier(sub.ID)
		for _, key := range fields {
			if got := d.Submission.Content.Text(key); got != "first "+key {
				t.Errorf("%s holds %q; the second save was from the same old form and had to clash", key, got)
			}
		}
		_, err := n.registry.SaveDraft(t.Context(), n.bob, sub.ID, sub.Version, manifest.Content{"name": "mine"})
		if shown := fault.Show(err); shown.Code != fault.Conflict || len(shown.Fields) != 1 || !strings.Contains(shown.Fields[0].Message, "first name") {
			t.Errorf("a clash: %v", err)
		}
	})
}

// Covers R-009, H-25, H-27: every read keeps to the org, and the zero Scope reads nothing.
func TestReadsKeepToTheOrg(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		sub := n.filled(n.sub(n.registry.StartSubmission(ctx, n.ann)), "Acme")
		err := n.registry.RecordVerdict(ctx, registry.Verdict{RunID: "run_1", SubmissionID: sub.ID, Outcome: registry.Failed, Hash: sub.Hash, At: *n.clock.Load(), Failed: []registry.FailedCheck{{ID: "c"}}})
		if err != nil {
			t.Fatal(err)
		}
		must(n.registry.AskWaiver(ctx, n.ann, sub.ID, "c", "Please."))(t)
		r := s.Registry()
		for name, scope := range map[string]registry.Scope{"another org": {OrgID: n.eve.OrgID}, "nobody": {}} {
			_, err := r.Dossier(ctx, scope, sub.ID)
			n.code(name+" reads the dossier", err, fault.NotFound)
			_, err = r.History(ctx, scope, sub.ID)
			n.code(name+" reads the history", err, fault.NotFound)
			if got := must(r.Submissions(ctx, scope, registry.Query{IntegrationID: sub.IntegrationID}))(t); len(got) > 0 {
				t.Errorf("%s lists %d", name, len(got))
			}
			if got := must(r.Edits(ctx, scope, sub.ID, 0))(t); len(got) > 0 {
				t.Errorf("%s reads %d edits", name, len(got))
			}
			if got := must(r.Secrets(ctx, scope, sub.ID))(t); len(got) > 0 {
				t.Errorf("%s opens %d secrets", name, len(got))
			}
			if got := must(r.PendingWaivers(ctx, scope))(t); len(got) > 0 {
				t.Errorf("%s reads %d waivers", name, len(got))
			}
		}
		for name, scope := range map[string]registry.Scope{"the owner": {OrgID: n.ann.OrgID}, "the team": {All: true}} {
			if d, err := r.Dossier(ctx, scope, sub.ID); err != nil || len(d.Secrets) != 2 || len(d.Waivers) != 1 {
				t.Errorf("%s: %+v, %v", name, d, err)
			}
			if got := must(r.Edits(ctx, scope, sub.ID, 0))(t); len(got) == 0 {
				t.Errorf("%s reads no edits", name)
			}
		}
		moved := sub
		moved.OrgID = n.eve.OrgID
		moved.Version++
		n.code("a change that takes a submission to another org", r.Advance(ctx, registry.Change{Before: n.dossier(sub.ID).Submission.Version, Submission: moved}), fault.Conflict)
	})
}

// broken is a job that cannot be stored. It stands for a process that is killed before the last write of a change.
type broken struct{ Never func() }

func (broken) Kind() string { return "broken" }

// Covers R-114: publication is whole, or it has not happened.
func TestPublicationIsWholeOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		old := n.dossier(n.published("Acme").ID)
		update := n.sub(n.registry.StartUpdate(ctx, n.ann, old.Submission.IntegrationID))
		before := must(store.Dump(ctx, s))(t)
		superseded, shown, listing := old.Submission, update, *old.Listing
		superseded.State, superseded.Version = registry.Superseded, superseded.Version+1
		shown.State, shown.Version = registry.Published, shown.Version+1
		listing.SubmissionID, listing.Number, listing.Version = shown.ID, 2, listing.Version+1
		publication := func() (registry.Change, registry.Change) {
			return registry.Change{Before: old.Submission.Version, Submission: superseded},
				registry.Change{Before: update.Version, Submission: shown, Listing: &listing,
					Events: []registry.Event{{ID: "evt_x", SubmissionID: shown.ID}}, Mails: []registry.Mail{{ID: "mail_x", Kind: registry.M06}}}
		}
		for name, spoil := range map[string]func(first, second *registry.Change){
			"killed before the last job":           func(_, second *registry.Change) { second.Jobs = []registry.Job{{Args: broken{}}} },
			"the old version changed meanwhile":    func(first, _ *registry.Change) { first.Before-- },
			"the new version changed meanwhile":    func(_, second *registry.Change) { second.Before++ },
			"the listing changed meanwhile":        func(_, second *registry.Change) { second.Listing.Version++ },
			"the old version would stay published": func(first, _ *registry.Change) { first.Submission.State = registry.Published },
		} {
			first, second := publication()
			kept := listing
			spoil(&first, &second)
			if err := s.Registry().Advance(ctx, first, second); err == nil {
				t.Fatalf("%s, and it was published", name)
			}
			listing = kept
			if after := must(store.Dump(ctx, s))(t); after != before {
				t.Errorf("%s, and something was written:\n%s", name, cmp.Diff(strings.Split(before, "\n"), strings.Split(after, "\n")))
			}
		}
		first, second := publication()
		if err := s.Registry().Advance(ctx, first, second); err != nil {
			t.Fatal(err)
		}
		if l := must(n.registry.CatalogEntry(ctx, "acme"))(t); l.Number != 2 {
			t.Errorf("the catalog shows version %d", l.Number)
		}
	})
}

// Covers R-023: two apps of one name that are published at the same moment get slugs of their own.
func TestSlugsAtTheSameMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		var wait sync.WaitGroup
		for range 3 {
			sub := n.queued("Acme")
			sub = n.sub(n.registry.PassInitial(ctx, n.rita, sub.ID, sub.Version, checklist()))
			wait.Go(func() {
				if _, err := n.registry.PassQA(ctx, n.quinn, sub.ID, sub.Version); err != nil {
					t.Errorf("publish: %v", err)
				}
			})
		}
		wait.Wait()
		var slugs []string
		for _, l := range must(n.registry.Catalog(ctx, registry.CatalogQuery{}))(t) {
			slugs = append(slugs, l.Slug)
		}
		if !slices.Equal(slugs, []string{"acme", "acme-2", "acme-3"}) {
			t.Errorf("slugs %v", slugs)
		}
	})
}

// Covers: of a deleted draft one line remains, in every table that there is.
func TestDeletedDraftLeavesOneLine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		kept := n.published("Acme")
		sub := n.filled(n.sub(n.registry.StartSubmission(ctx, n.ann)), "Zombie")
		n.pass(sub.ID)
		sub = n.sub(n.registry.Submit(ctx, n.ann, sub.ID, sub.Version, true))
		sub = n.sub(n.registry.Return(ctx, n.rita, sub.ID, sub.Version, []registry.NewFinding{{Severity: registry.Blocking, Text: "A zombie's finding."}}, nil))
		sub = n.sub(n.registry.Withdraw(ctx, n.ann, sub.ID, sub.Version))
		sub = n.sub(n.registry.Reopen(ctx, n.ann, sub.ID, sub.Version))
		n.sub(n.registry.SaveSecret(ctx, n.ann, sub.ID, "testAccount.password", secret.NewText("x")))
		must(s.BeginRun(ctx, runs.Run{ID: "run_z", SubmissionID: sub.ID, OrgID: sub.OrgID, Profile: "network", Purpose: "vendor", Created: *n.clock.Load()}))(t)
		if err := n.registry.DeleteDraft(ctx, n.ann, sub.ID, n.dossier(sub.ID).Submission.Version, true); err != nil {
			t.Fatal(err)
		}
		var left []string
		for line := range strings.Lines(must(store.Dump(ctx, s))(t)) {
			if (strings.Contains(line, sub.ID) || strings.Contains(line, "Zombie") || strings.Contains(line, sub.LogoHash())) && !strings.HasPrefix(line, "river_job:") {
				left = append(left, line)
			}
		}
		if len(left) != 1 || !strings.HasPrefix(left[0], "submission_events:") || !strings.Contains(left[0], "T-04 delete draft deleted") {
			t.Errorf("of a deleted draft is left:\n%s", strings.Join(left, ""))
		}
		if _, err := n.registry.Logo(ctx, n.ann, kept.ID); err != nil || n.dossier(kept.ID).Submission.State != registry.Published {
			t.Errorf("another submission was touched: %v", err)
		}
	})
}

// Covers R-061, H-23, H-24: secrets lie sealed, each in its own place, and in no other table.
func TestSecretsLieSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		n.published("Acme")
		one, two := n.queued("Beta"), n.queued("Gamma")
		if dump := must(store.Dump(ctx, s))(t); strings.Contains(dump, "canary") {
			t.Error("a secret can be read in the database")
		}
		if got := must(s.Registry().Secrets(ctx, registry.Scope{All: true}, one.ID))(t); len(got) != 2 || got[0].Value.Reveal() != "canary-token" {
			t.Errorf("opened %v", got)
		}
		if err := store.SwapSecrets(ctx, s, one.ID, two.ID); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Registry().Secrets(ctx, registry.Scope{All: true}, two.ID); err == nil {
			t.Errorf("a sealed value that was moved to another submission opened: %v", got)
		}
	})
}

// Covers R-136: the promised date follows from what the team has done.
func TestPaceFollowsTheTeam(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		now := *n.clock.Load()
		for i := range 6 { // a decision within hours, each
			sub := n.queued(fmt.Sprintf("App %d", i))
			n.later(time.Duration(i+1) * time.Hour)
			n.sub(n.registry.PassInitial(ctx, n.rita, sub.ID, sub.Version, checklist()))
			n.at(now)
		}
		waiting := n.queued("Before")
		n.later(time.Minute)
		p := must(s.Registry().Pace(ctx, registry.ToReview, *n.clock.Load(), "sub_none", now.Add(-time.Hour)))(t)
		if p.Ahead != 1 || p.Reviewers != 1 || len(p.Work) != 6 || slices.Max(p.Work) != 6*time.Hour {
			t.Errorf("pace %+v", p)
		}
		if same := must(s.Registry().Pace(ctx, registry.ToReview, *n.clock.Load(), waiting.ID, now.Add(24*time.Hour)))(t); same.Ahead != 0 || same.Reviewers != 0 {
			t.Errorf("without itself, and since tomorrow: %+v", same)
		}
		if waiting.ETA.Format(time.DateOnly) != "2026-11-25" {
			t.Errorf("the team decides within hours, and the promise is %s", waiting.ETA.Format(time.DateOnly))
		}
	})
}
