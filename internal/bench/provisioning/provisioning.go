// Package provisioning measures what the engine carries: people per second into a target, beside a bare client
// that sends the same requests.
//
// Its one rule: both sides meet the same target, with the same number of requests under way, in the same run, so
// that their ratio says something on any machine. Printing the figures is the caller's business.
package provisioning

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/secret"
	"slipway/internal/store"
)

// Figure is one measured value. Ratio is ours to the bare client's, 0 where there is none to compare with; Limit is
// what Ratio must reach, or what Value must not pass where there is no ratio.
type Figure struct {
	Name  string
	Value float64
	Unit  string
	Limit float64
	Ratio float64
}

// inFlight is how many requests are under way at once, on both sides.
const inFlight = 16

// Measure provisions people into a fast target, and a tenth of them into one that answers after 20 ms; then it
// synchronises again with nothing changed. The ledger is a SQLite file in folder.
func Measure(ctx context.Context, folder string, people int) ([]Figure, error) {
	fast, err := compare(ctx, folder, people, 0)
	if err != nil {
		return nil, err
	}
	slow, err := compare(ctx, folder, max(people/10, 4*inFlight), 20*time.Millisecond)
	if err != nil {
		return nil, err
	}
	return []Figure{
		{"provision.create", fast.rate(), "people/s", 0.25, fast.ratio()},
		{"provision.create.plan", fast.planned.Seconds(), "s", 30, 0},
		{"provision.create.20ms", slow.rate(), "people/s", 0.9, slow.ratio()},
		{"provision.unchanged.requests", float64(fast.again), "requests", 0, 0},
	}, nil
}

// comparison is one provisioning beside its bare twin.
type comparison struct {
	people     int
	bare, ours time.Duration
	planned    time.Duration // looking at the plan and storing it
	again      int64         // requests of a second synchronisation with nothing changed
}

func (c comparison) rate() float64  { return float64(c.people) / c.ours.Seconds() }
func (c comparison) ratio() float64 { return c.bare.Seconds() / c.ours.Seconds() }

func compare(ctx context.Context, folder string, people int, latency time.Duration) (comparison, error) {
	c := comparison{people: people}
	target, stop, err := startTarget(latency)
	if err != nil {
		return c, err
	}
	defer stop()
	before, err := twin(ctx, target, people)
	if err != nil {
		return c, err
	}
	if err := ours(ctx, folder, target, &c); err != nil {
		return c, fmt.Errorf("provision: %w", err)
	}
	if got := target.count(); got != people {
		return c, fmt.Errorf("%d of %d accounts were made", got, people)
	}
	target.forget()
	after, err := twin(ctx, target, people)
	c.bare = (before + after) / 2 // whatever else this machine does, it does to both sides
	return c, err
}

// twin lets the bare client do the same, and forgets it again.
func twin(ctx context.Context, target *target, people int) (time.Duration, error) {
	took, err := bare(ctx, target, people)
	if err != nil {
		return 0, fmt.Errorf("bare client: %w", err)
	}
	if got := target.count(); got != people {
		return 0, fmt.Errorf("the bare client made %d of %d accounts", got, people)
	}
	target.forget()
	return took, nil
}

// ours provisions through the product's own path: directory, installation, assignment, plan, ledger, drain.
func ours(ctx context.Context, folder string, target *target, c *comparison) (err error) {
	path, err := os.MkdirTemp(folder, "bench")
	if err != nil {
		return err
	}
	keys, _, err := secret.NewKeyset()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, "sqlite:"+filepath.Join(path, "slipway.db"), keys)
	if err != nil {
		return err
	}
	defer func() {
		if e := s.Close(); err == nil {
			err = e
		}
	}()
	service, admin, app, err := setUp(ctx, s, target, c.people)
	if err != nil {
		return err
	}
	start := time.Now()
	preview, err := service.Preview(ctx, admin, app.ID)
	if err != nil {
		return err
	}
	if err := service.Apply(ctx, admin, app.ID, preview.Digest); err != nil {
		return err
	}
	c.planned = time.Since(start)
	start = time.Now()
	result, err := service.Drain(ctx, app.ID)
	if err != nil {
		return err
	}
	c.ours = time.Since(start)
	if done := result.Ended[provision.Done]; done != c.people {
		return fmt.Errorf("%d of %d operations are done", done, c.people)
	}
	return syncAgain(ctx, service, admin, app, target, c)
}

func syncAgain(ctx context.Context, service *provision.Service, admin access.Actor, app provision.Installation, target *target, c *comparison) error {
	before := target.requests.Load()
	preview, err := service.Preview(ctx, admin, app.ID)
	if err != nil {
		return err
	}
	if err := service.Apply(ctx, admin, app.ID, preview.Digest); err != nil {
		return err
	}
	if _, err := service.Drain(ctx, app.ID); err != nil {
		return err
	}
	c.again = target.requests.Load() - before
	return nil
}

// setUp makes an org with people, all of whom have the target's integration assigned.
func setUp(ctx context.Context, s *store.Store, target *target, people int) (*provision.Service, access.Actor, provision.Installation, error) {
	none := provision.Installation{}
	org, err := access.NewService(s, store.Now).CreateOrg(ctx, "bench", "Bench", false)
	if err != nil {
		return nil, access.Actor{}, none, err
	}
	admin := access.Actor{PersonID: "usr_bench", Name: "Bench", OrgID: org.ID, Roles: []access.Role{access.CustomerAdmin}}
	service := &provision.Service{
		Store: s.Provisioning(), Versions: catalog{target.base}, Env: manifest.Env{AllowHTTP: true, AllowPrivate: true},
		Dialer: provision.Dialer{Policy: egress.AllowPrivate(), Now: store.Now},
		Clock:  store.Now, Spread: func() float64 { return 0 }, Process: "bench", Log: slog.New(slog.DiscardHandler),
	}
	app, err := service.Install(ctx, admin, "bench", "")
	if err != nil {
		return nil, admin, none, err
	}
	app, err = service.SaveConnection(ctx, admin, app.ID, map[string]string{manifest.ConnectionToken: "bench-token"})
	if err != nil {
		return nil, admin, none, err
	}
	app, err = service.TestConnection(ctx, admin, app.ID)
	if err != nil {
		return nil, admin, none, err
	}
	ids := make([]string, 0, people)
	for n := range people {
		person, err := directory.New(s).Save(ctx, directory.Person{OrgID: org.ID, Active: true, Profile: directory.Profile{
			UserName: userName(n), GivenName: "Jane", FamilyName: "Doe", Email: userName(n), Title: "Clerk", Department: "Sales",
		}}, store.Now())
		if err != nil {
			return nil, admin, none, err
		}
		ids = append(ids, person.ID)
	}
	return service, admin, app, service.Assign(ctx, admin, app.ID, ids)
}

func userName(n int) string { return fmt.Sprintf("jane.doe.%06d@example.com", n) }

// catalog offers one integration at the target's address.
type catalog struct{ base string }

func (c catalog) Offered(ctx context.Context, slug string) (provision.Version, error) {
	if slug != "bench" {
		return provision.Version{}, fault.New(fault.NotFound, "There is no such integration.")
	}
	return c.Version(ctx, "sub_bench")
}

func (c catalog) Version(context.Context, string) (provision.Version, error) {
	content := manifest.Content{}
	for key, value := range map[string]any{
		"name": "Bench", "scim.enabled": manifest.Yes, "scim.version": "2.0",
		"scim.features":  []string{manifest.CreateUsers, manifest.UpdateUsers, manifest.DeactivateUsers},
		"scim.perTenant": manifest.No, "scim.baseUrl": c.base, "scim.patch": manifest.Yes,
		"scim.auth.mode": string(manifest.AuthBearer), "scim.usernameIsEmail": manifest.No,
	} {
		content = content.With(key, value)
	}
	return provision.Version{IntegrationID: "int_bench", SubmissionID: "sub_bench", Content: content}, nil
}
