package store_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/store"
)

// network is a network with two vendors and a team, on a real database.
type network struct {
	*testing.T
	store                      *store.Store
	registry                   *registry.Service
	ann, bob, eve, rita, quinn access.Actor
	oscar                      access.Actor
	clock                      atomic.Pointer[time.Time]
}

func newNetwork(t *testing.T, s *store.Store) *network {
	n := &network{T: t, store: s}
	n.at(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	n.registry = &registry.Service{Store: s.Registry(), Clock: func() time.Time { return *n.clock.Load() }, NewID: access.NewID, Address: "https://network.example.com", Contact: "team@example.com"}
	n.ann, n.bob = n.join("acme", "ann@example.com", access.Vendor), n.join("acme", "bob@example.com", access.Vendor)
	n.eve = n.join("evil", "eve@example.com", access.Vendor)
	n.rita, n.quinn, n.oscar = n.join("network", "rita@example.com", access.Reviewer), n.join("network", "quinn@example.com", access.QA), n.join("network", "oscar@example.com", access.Operator)
	return n
}

// join makes a user with these roles, and the org where it is not there yet.
func (n *network) join(slug, email string, roles ...access.Role) access.Actor {
	n.Helper()
	ctx, people := n.Context(), access.NewService(n.store, store.Now)
	org, err := n.store.OrgBySlug(ctx, slug)
	if err != nil {
		org = must(people.CreateOrg(ctx, slug, strings.ToUpper(slug[:1])+slug[1:], slug == "network"))(n.T)
	}
	user, _, err := people.Invite(ctx, email, "", org, roles...)
	if err != nil {
		n.Fatal(err)
	}
	return must(people.ActorFor(ctx, user.ID))(n.T)
}

func (n *network) at(t time.Time) { n.clock.Store(&t) }

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
