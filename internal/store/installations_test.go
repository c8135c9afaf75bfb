package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
	"slipway/scimtest"
)

const canary = "canary-token-7f3a"

// shop is a catalog with one integration, whose address the customer types.
type shop struct{ content manifest.Content }

func newShop(features ...string) shop {
	c := manifest.Content{}
	for key, value := range map[string]any{
		"name": "Acme", "scim.enabled": manifest.Yes, "scim.version": "2.0", "scim.features": features,
		"scim.perTenant":       manifest.Yes,
		"scim.variables":       []map[string]string{{"label": "Address", "name": "address", "type": manifest.VariableURL}},
		"scim.baseUrlTemplate": "${app.address}", "scim.patch": manifest.Yes, "scim.auth.mode": string(manifest.AuthBearer),
		"scim.usernameIsEmail": manifest.No,
	} {
		c = c.With(key, value)
	}
	return shop{c}
}

func (s shop) Offered(ctx context.Context, slug string) (provision.Version, error) {
	if slug != "acme" {
		return provision.Version{}, fault.New(fault.NotFound, "There is no such integration in the catalog.")
	}
	return s.Version(ctx, "sub_1")
}

func (s shop) Version(context.Context, string) (provision.Version, error) {
	return provision.Version{IntegrationID: "int_1", SubmissionID: "sub_1", Content: s.content}, nil
}

// customer is an org with an installation of Acme, and Acme's server.
type customer struct {
	t       *testing.T
	store   *store.Store
	ledger  *provision.Service
	admin   access.Actor
	acme    *scimtest.Server
	address string
	app     provision.Installation
	now     time.Time
}

var allFeatures = []string{manifest.CreateUsers, manifest.UpdateUsers, manifest.DeactivateUsers}

func newCustomer(t *testing.T, s *store.Store, features ...string) *customer {
	t.Helper()
	return newCustomerOf(t, s, "acme", features...)
}

func newCustomerOf(t *testing.T, s *store.Store, slug string, features ...string) *customer {
	t.Helper()
	org, err := access.NewService(s, store.Now).CreateOrg(t.Context(), slug, slug, false)
	if err != nil {
		t.Fatal(err)
	}
	c := &customer{t: t, store: s, now: store.Now(), acme: scimtest.New(scimtest.WithToken(canary))}
	address, stop := c.acme.Start()
	t.Cleanup(stop)
	c.address = address
	c.admin = access.Actor{PersonID: "usr_1", Name: "Ann", OrgID: org.ID, Roles: []access.Role{access.CustomerAdmin}}
	c.ledger = &provision.Service{
		Store: s.Provisioning(), Versions: newShop(features...), Env: manifest.Env{AllowHTTP: true, AllowPrivate: true},
		Dialer: provision.Dialer{Policy: egress.AllowPrivate(), Timeout: 5 * time.Second, Now: c.clock},
		Clock:  c.clock, Spread: func() float64 { return 0 }, Process: "test", Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if c.app, err = c.ledger.Install(t.Context(), c.admin, "acme", ""); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *customer) clock() time.Time { return c.now }

func (c *customer) connect(token string) {
	c.t.Helper()
	app, err := c.ledger.SaveConnection(c.t.Context(), c.admin, c.app.ID, map[string]string{
		manifest.VariablePrefix + "address": c.address, manifest.ConnectionToken: token,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if c.app, err = c.ledger.TestConnection(c.t.Context(), c.admin, app.ID); err != nil {
		c.t.Fatal(err)
	}
}

func (c *customer) assign(people ...directory.Person) {
	c.t.Helper()
	var ids []string
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	if err := c.ledger.Assign(c.t.Context(), c.admin, c.app.ID, ids); err != nil {
		c.t.Fatal(err)
	}
}

// apply looks at the plan and applies it.
func (c *customer) apply() provision.Preview {
	c.t.Helper()
	preview, err := c.ledger.Preview(c.t.Context(), c.admin, c.app.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.ledger.Apply(c.t.Context(), c.admin, c.app.ID, preview.Digest); err != nil {
		c.t.Fatal(err)
	}
	return preview
}

func (c *customer) drain() provision.Drained {
	c.t.Helper()
	result, err := c.ledger.Drain(c.t.Context(), c.app.ID)
	if err != nil {
		c.t.Fatalf("drain: %v", err)
	}
	return result
}

// plan does what the planning job does for these people.
func (c *customer) plan(people ...directory.Person) (waiting bool) {
	c.t.Helper()
	job := provision.PlanPeople{InstallationID: c.app.ID}
	for _, p := range people {
		job.PersonIDs = append(job.PersonIDs, p.ID)
	}
	waiting, err := c.ledger.PlanPeople(c.t.Context(), job)
	if err != nil {
		c.t.Fatal(err)
	}
	return waiting
}

func (c *customer) account(userName string) scim.Resource {
	for _, user := range c.acme.Users() {
		if strings.EqualFold(user.UserName(), userName) {
			return user
		}
	}
	return nil
}

func (c *customer) operations(states ...provision.State) []provision.Ticket {
	c.t.Helper()
	list, err := c.ledger.Operations(c.t.Context(), c.admin, c.app.ID, provision.OperationQuery{States: states})
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

// jobs counts the jobs of a kind that wait.
func jobs(t *testing.T, s *store.Store, kind string) int {
	t.Helper()
	n, err := store.CountJobs(t.Context(), s, kind)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInstallAssignApplyChangeUnassign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		jane, joe := addPerson(t, s, c.admin.OrgID, "jane"), addPerson(t, s, c.admin.OrgID, "joe")
		c.connect(canary)
		if !c.app.Tested() {
			t.Fatalf("the test connection says %q", c.app.TestError)
		}
		c.assign(jane, joe)
		if got := jobs(t, s, "plan_people"); got != 0 {
			t.Errorf("%d planning jobs before the first plan was applied, want none", got)
		}
		preview := c.apply()
		if preview.Total() != 2 || preview.Counts[provision.Create] != 2 || preview.Operations[0].PersonName == "" {
			t.Errorf("the plan is %+v, want two accounts created, with names", preview)
		}
		if got := jobs(t, s, "drain_installation"); got != 1 {
			t.Errorf("%d drain jobs after applying, want 1", got)
		}
		if result := c.drain(); result.Ended[provision.Done] != 2 || !result.Next.IsZero() {
			t.Errorf("the drain ended %+v, want two operations done", result)
		}
		if got := c.account(jane.UserName); got.ExternalID() != jane.ID {
			t.Errorf("Acme has %v for Jane", got)
		}
		if again, err := c.ledger.Preview(ctx, c.admin, c.app.ID); err != nil || again.Total() != 0 {
			t.Errorf("with nothing changed the plan has %d operations, %v", again.Total(), err)
		}

		c.now = c.now.Add(time.Minute)
		jane.Title = "Lead"
		jane, err := directory.New(s).Save(ctx, jane, store.Now())
		if err != nil {
			t.Fatal(err)
		}
		if got := jobs(t, s, "plan_people"); got != 1 {
			t.Errorf("%d planning jobs after Jane changed, want 1", got)
		}
		c.plan(jane)
		c.drain()
		if got := c.account(jane.UserName).String("title"); got != "Lead" {
			t.Errorf("Jane's title at Acme is %q, want Lead", got)
		}

		if err := c.ledger.Unassign(ctx, c.admin, c.app.ID, []string{joe.ID}); err != nil {
			t.Fatal(err)
		}
		c.plan(joe)
		c.drain()
		if active, _ := c.account(joe.UserName).Active(); active {
			t.Error("Joe's account is on after he was unassigned")
		}
		list, err := c.ledger.Assignments(ctx, c.admin, c.app.ID, directory.Query{})
		if err != nil || len(list) != 1 || list[0].Link == nil || list[0].Last == nil || list[0].Last.Kind != provision.Update {
			t.Errorf("assignments %+v, %v; want Jane with her account and her update", list, err)
		}
		if apps, err := c.ledger.AppsOf(ctx, c.admin.OrgID, jane.ID); err != nil || len(apps) != 1 {
			t.Errorf("Jane's apps: %d, %v; want one", len(apps), err)
		}
		counts, err := c.ledger.CountOperations(ctx, c.admin, c.app.ID)
		if err != nil || counts[provision.Done] != 4 {
			t.Errorf("operations by state %v, %v; want four done", counts, err)
		}
	})
}

// Covers H-19, H-20, H-21, H-22, H-23: the token goes to Acme and nowhere else.
func TestCredentialsAreWriteOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		jane := addPerson(t, s, c.admin.OrgID, "jane")
		c.assign(jane)
		c.apply()
		c.drain()

		form, err := c.ledger.ConnectionForm(ctx, c.admin, c.app.ID)
		if err != nil || !form.Stored[manifest.ConnectionToken] || form.Values[manifest.VariablePrefix+"address"] != c.address {
			t.Errorf("the form is %+v, %v; want the address, and that a token is stored", form, err)
		}
		done := c.operations()
		record, err := c.ledger.Operation(ctx, c.admin, c.app.ID, done[0].ID)
		if err != nil || len(record.Exchanges) != 2 || record.Exchanges[1].Status != http.StatusCreated {
			t.Fatalf("the operation has %d exchanges, %v; want the lookup and the POST", len(record.Exchanges), err)
		}
		shown, err := json.Marshal([]any{form.Values, record, c.app})
		if err != nil || strings.Contains(string(shown), canary) {
			t.Errorf("the token shows in what pages get: %s, %v", shown, err)
		}

		app, err := c.ledger.SaveConnection(ctx, c.admin, c.app.ID, map[string]string{manifest.VariablePrefix + "address": c.address, manifest.ConnectionToken: ""})
		if err != nil {
			t.Fatal(err)
		}
		if app, err = c.ledger.TestConnection(ctx, c.admin, app.ID); err != nil || !app.Tested() {
			t.Errorf("after a save with a blank token: %q, %v; want the old token kept", app.TestError, err)
		}
		_, err = c.ledger.SaveConnection(ctx, c.admin, c.app.ID, map[string]string{manifest.VariablePrefix + "address": "http://127.0.0.1:1/scim"})
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a new address with a blank token: %v, want the token asked for again", err)
		}
	})
}

func TestASecretMovedToAnotherInstallationDoesNotOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		c.connect(canary)
		other, err := c.ledger.Install(t.Context(), c.admin, "acme", "Second")
		if err != nil {
			t.Fatal(err)
		}
		if err := store.SwapConnection(t.Context(), s, c.app.ID, other.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := c.ledger.Store.Connection(t.Context(), other); err == nil {
			t.Error("a connection that was copied to another installation opens")
		}
	})
}

// Covers H-25, H-26: another org sees and changes nothing.
func TestInstallationsOfAnotherOrg(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		jane := addPerson(t, s, c.admin.OrgID, "jane")
		c.assign(jane)
		c.apply()
		c.drain()
		op := c.operations()[0]
		rival, err := access.NewService(s, store.Now).CreateOrg(ctx, "rival", "Rival", false)
		if err != nil {
			t.Fatal(err)
		}
		eve := access.Actor{PersonID: "usr_2", Name: "Eve", OrgID: rival.ID, Roles: []access.Role{access.CustomerAdmin}}
		mine, err := c.ledger.Install(ctx, eve, "acme", "")
		if err != nil {
			t.Fatal(err)
		}
		id := c.app.ID
		for name, try := range map[string]func() error{
			"read":                                func() error { _, err := c.ledger.Installation(ctx, eve, id); return err },
			"form":                                func() error { _, err := c.ledger.ConnectionForm(ctx, eve, id); return err },
			"connect":                             func() error { _, err := c.ledger.SaveConnection(ctx, eve, id, nil); return err },
			"test":                                func() error { _, err := c.ledger.TestConnection(ctx, eve, id); return err },
			"assign":                              func() error { return c.ledger.Assign(ctx, eve, id, []string{jane.ID}) },
			"unassign":                            func() error { return c.ledger.Unassign(ctx, eve, id, []string{jane.ID}) },
			"assignments":                         func() error { _, err := c.ledger.Assignments(ctx, eve, id, directory.Query{}); return err },
			"preview":                             func() error { _, err := c.ledger.Preview(ctx, eve, id); return err },
			"apply":                               func() error { return c.ledger.Apply(ctx, eve, id, "") },
			"operations":                          func() error { _, err := c.ledger.Operations(ctx, eve, id, provision.OperationQuery{}); return err },
			"operation":                           func() error { _, err := c.ledger.Operation(ctx, eve, id, op.ID); return err },
			"adopt":                               func() error { return c.ledger.Adopt(ctx, eve, id, op.ID) },
			"skip":                                func() error { return c.ledger.Skip(ctx, eve, id, op.ID) },
			"retry":                               func() error { _, err := c.ledger.RetryFailed(ctx, eve, id); return err },
			"pause":                               func() error { _, err := c.ledger.Pause(ctx, eve, id); return err },
			"resume":                              func() error { _, err := c.ledger.Resume(ctx, eve, id); return err },
			"uninstall":                           func() error { _, err := c.ledger.Uninstall(ctx, eve, id, provision.LeaveAccounts); return err },
			"what uninstalling does":              func() error { _, err := c.ledger.Parting(ctx, eve, id); return err },
			"own installation, foreign person":    func() error { return c.ledger.Assign(ctx, eve, mine.ID, []string{jane.ID}) },
			"own installation, foreign operation": func() error { _, err := c.ledger.Operation(ctx, eve, mine.ID, op.ID); return err },
		} {
			if err := try(); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("%s: %v, want not found", name, err)
			}
		}
		if list, err := c.ledger.Installations(ctx, eve); err != nil || len(list) != 1 {
			t.Errorf("the rival lists %d installations, %v; want the own one", len(list), err)
		}
		if list, err := c.ledger.Former(ctx, eve); err != nil || len(list) != 0 {
			t.Errorf("the rival lists %d installations that are gone, %v", len(list), err)
		}
		nobody := access.Actor{PersonID: "usr_3", OrgID: c.admin.OrgID, Roles: []access.Role{access.EndUser}}
		if _, err := c.ledger.Installation(ctx, nobody, id); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("an end user of the own org: %v, want forbidden", err)
		}
	})
}

func TestWhatMustHappenBeforeAPlanIsApplied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		jane, joe := addPerson(t, s, c.admin.OrgID, "jane"), addPerson(t, s, c.admin.OrgID, "joe")
		c.assign(jane)
		preview, err := c.ledger.Preview(ctx, c.admin, c.app.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.ledger.Apply(ctx, c.admin, c.app.ID, preview.Digest); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("applied without a tested connection: %v, want conflict", err)
		}
		c.connect("wrong")
		if c.app.Tested() || !strings.Contains(c.app.TestError, "refused the credentials") {
			t.Errorf("a wrong token tests as %q", c.app.TestError)
		}
		c.connect(canary)
		c.assign(joe)
		if err := c.ledger.Apply(ctx, c.admin, c.app.ID, preview.Digest); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("applied a plan that is not the one looked at: %v, want conflict", err)
		}
		if got := c.operations(); len(got) != 0 {
			t.Errorf("a refused plan left %d operations", len(got))
		}
		if _, err := c.ledger.Install(ctx, c.admin, "acme", " ACME"); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a second app with the same name: %v, want conflict", err)
		}
		if _, err := c.ledger.Install(ctx, c.admin, "gone", ""); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("an integration that is not listed: %v, want not found", err)
		}
	})
}

func TestAHeldOperationWaitsForADecision(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		c.seed("jane@example.com")
		jane := addPerson(t, s, c.admin.OrgID, "jane")
		c.assign(jane)
		c.apply()
		c.drain()
		heldOps := c.operations(provision.Held)
		if len(heldOps) != 1 || heldOps[0].RemoteID == "" {
			t.Fatalf("held operations %+v, want one that names the account", heldOps)
		}
		if preview := c.apply(); preview.Waiting != 1 || len(c.operations()) != 1 {
			t.Errorf("planning again waits for %d decisions and has %d operations; want the same one still held", preview.Waiting, len(c.operations()))
		}
		if err := c.ledger.Adopt(ctx, c.admin, c.app.ID, heldOps[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := c.ledger.Adopt(ctx, c.admin, c.app.ID, heldOps[0].ID); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("adopted twice: %v, want conflict", err)
		}
		c.plan(jane)
		c.drain()
		account := c.account("jane@example.com")
		if account.ID() != heldOps[0].RemoteID || account.ExternalID() != jane.ID || account.String("name.familyName") != "Doe" {
			t.Errorf("the adopted account is %v, want it Jane's and complete", account)
		}
	})
}

func (c *customer) seed(userName string) {
	c.t.Helper()
	client, err := scim.NewClient(c.address, http.DefaultClient, scim.Bearer(secretText(canary)))
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := client.Create(c.t.Context(), "Users", scim.Resource{"schemas": []string{scim.SchemaUser}, "userName": userName, "active": true}); err != nil {
		c.t.Fatal(err)
	}
}

func TestAPausedInstallationGoesOnWithNewCredentials(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		jane := addPerson(t, s, c.admin.OrgID, "jane")
		c.assign(jane)
		c.apply()
		refuse := c.acme.On(scimtest.Rule{Effect: scimtest.Status(http.StatusUnauthorized)})
		if result := c.drain(); !result.Paused || refuse.Fired() != 1 {
			t.Errorf("the drain ended %+v after %d requests, want a pause after one", result, refuse.Fired())
		}
		app, err := c.ledger.Installation(ctx, c.admin, c.app.ID)
		if err != nil || app.Stage != provision.Paused || app.Reason == "" {
			t.Errorf("the installation is %s (%q), %v; want paused with a reason", app.Stage, app.Reason, err)
		}
		if result := c.drain(); !result.Paused || refuse.Fired() != 1 {
			t.Error("a drain of a paused installation sent a request")
		}
		c.acme.ClearRules()
		c.connect(canary)
		if got := jobs(t, s, "drain_installation"); got != 2 {
			t.Errorf("%d drain jobs, want a second one after new credentials", got)
		}
		if result := c.drain(); result.Ended[provision.Done] != 1 {
			t.Errorf("with new credentials the drain ended %+v", result)
		}
	})
}

func TestATargetThatWantsRestGetsOneJobForLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		c.connect(canary)
		for n := range 5 {
			c.assign(addPerson(t, s, c.admin.OrgID, fmt.Sprint("p", n)))
		}
		c.apply()
		c.acme.On(scimtest.Rule{Method: http.MethodPost, Effect: scimtest.Status(http.StatusTooManyRequests, "Retry-After", "60")})
		result := c.drain()
		if want := c.now.Add(time.Minute); result.Next.Before(want) {
			t.Errorf("work goes on at %s, want not before %s", result.Next, want)
		}
		before := jobs(t, s, "drain_installation")
		late := addPerson(t, s, c.admin.OrgID, "late")
		c.assign(late)
		c.plan(late)
		if got := jobs(t, s, "drain_installation"); got != before || got != 2 {
			t.Errorf("%d drain jobs, want the one that was taken up and one for later", got)
		}
		c.acme.ClearRules()
		c.now = result.Next
		if result := c.drain(); result.Ended[provision.Done] != 6 {
			t.Errorf("after the rest %+v, want six done", result)
		}
	})
}

// Covers: of two processes one works, and one that was only paused writes no more.
func TestTheLeaseFences(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		c.assign(addPerson(t, s, c.admin.OrgID, "jane"))
		c.apply()
		ledger := s.Provisioning()
		first, err := ledger.Lease(ctx, c.app.ID, "one", c.now, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.ledger.Drain(ctx, c.app.ID); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a second process drains: %v, want conflict", err)
		}
		tasks, err := ledger.Tasks(ctx, c.app.ID, provision.Selection{State: provision.Planned, Now: c.now, Limit: 10})
		if err != nil || len(tasks) != 1 {
			t.Fatalf("%d tasks, %v; want one", len(tasks), err)
		}
		c.now = c.now.Add(2 * time.Minute)
		if _, err := ledger.Lease(ctx, c.app.ID, "two", c.now, time.Minute); err != nil {
			t.Fatalf("a lease that ran out is not given on: %v", err)
		}
		op := tasks[0].Operation
		op.State = provision.Done
		for name, write := range map[string]func() error{
			"record":   func() error { return ledger.Record(ctx, first, provision.Entry{Operation: op}) },
			"renew":    func() error { return ledger.Renew(ctx, first, c.now, time.Minute) },
			"release":  func() error { return ledger.Release(ctx, first) },
			"finish":   func() error { _, _, err := ledger.Finish(ctx, first, c.now); return err },
			"throttle": func() error { return ledger.Throttle(ctx, first, c.now, "x") },
			"pause":    func() error { return ledger.Pause(ctx, first, "x") },
		} {
			if err := write(); !errors.Is(err, provision.ErrLeaseLost) {
				t.Errorf("%s with an old lease: %v, want lease lost", name, err)
			}
		}
		if got := c.operations(provision.Planned); len(got) != 1 {
			t.Error("an old lease changed the operation")
		}
	})
}

func TestWhoIsAssignedAgainIsNotSwitchedOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		jane := addPerson(t, s, c.admin.OrgID, "jane")
		c.assign(jane)
		c.apply()
		c.drain()
		if err := c.ledger.Unassign(ctx, c.admin, c.app.ID, []string{jane.ID}); err != nil {
			t.Fatal(err)
		}
		c.plan(jane)
		c.assign(jane) // before the deactivation was sent, and before anybody has planned again
		writes := c.acme.On(scimtest.Rule{Method: http.MethodPatch})
		c.drain()
		if writes.Fired() != 0 {
			t.Error("somebody who is assigned again was switched off")
		}
	})
}

func TestFailedOperationsAreRetriedOnDemand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		jane := addPerson(t, s, c.admin.OrgID, "jane")
		c.assign(jane)
		c.apply()
		c.acme.On(scimtest.Rule{Method: http.MethodPost, Effect: scimtest.Status(http.StatusBadRequest)})
		c.drain()
		failed := c.operations(provision.Failed)
		if len(failed) != 1 || failed[0].Note == "" || len(failed[0].Attempts) != 1 {
			t.Fatalf("failed operations %+v, want one with its reason", failed)
		}
		c.acme.ClearRules()
		if n, err := c.ledger.RetryFailed(ctx, c.admin, c.app.ID); err != nil || n != 1 {
			t.Errorf("retry: %d people, %v; want one", n, err)
		}
		c.plan(jane)
		c.drain()
		counts, err := c.ledger.CountOperations(ctx, c.admin, c.app.ID)
		if err != nil || counts[provision.Failed] != 0 || counts[provision.Done] != 1 {
			t.Errorf("after the retry %v, %v; want one done and none failed", counts, err)
		}
	})
}

func secretText(s string) secret.Text { return secret.NewText(s) }

// Covers H-68: a one-time password is sent, and is nowhere afterwards.
func TestAOneTimePasswordIsKeptNowhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, append(allFeatures, manifest.SyncPassword)...)
		c.connect(canary)
		jane := addPerson(t, s, c.admin.OrgID, "jane")
		c.assign(jane)
		c.apply()
		c.drain()
		password, ok := c.acme.Password(jane.UserName)
		if !ok || len(password) < 20 {
			t.Fatalf("Acme got the password %q, want a long random one", password)
		}
		record, err := c.ledger.Operation(t.Context(), c.admin, c.app.ID, c.operations()[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := json.Marshal(record)
		if err != nil || strings.Contains(string(shown), password) || !strings.Contains(string(shown), secret.Redacted) {
			t.Errorf("the record is %s, %v; want the password redacted", shown, err)
		}
	})
}

// Covers, I1, I2, I4, I5 on the real ledger, with 16 requests under way and a new process each time.
func TestManyPeopleAndATargetThatFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		c.connect(canary)
		everybody := make([]directory.Person, 60)
		for n := range everybody {
			everybody[n] = addPerson(t, s, c.admin.OrgID, fmt.Sprintf("p%02d", n))
		}
		c.assign(everybody...)
		c.apply()
		faults := []*scimtest.Armed{
			c.acme.On(scimtest.Rule{Method: http.MethodPost, Every: 7, Phase: scimtest.After, Effect: scimtest.DropAnswer()}),
			c.acme.On(scimtest.Rule{Method: http.MethodPost, Every: 5, Effect: scimtest.Status(http.StatusInternalServerError)}),
			c.acme.On(scimtest.Rule{Method: http.MethodPost, Every: 9, Phase: scimtest.After, Effect: scimtest.Status(http.StatusBadGateway)}),
			c.acme.On(scimtest.Rule{Method: http.MethodGet, Every: 11, Effect: scimtest.Reset()}),
		}
		for range 40 {
			c.ledger.Store = s.Provisioning()
			result := c.drain()
			if result.Next.IsZero() {
				break
			}
			if result.Next.After(c.now) {
				c.now = result.Next
			}
		}
		for n, fault := range faults {
			if fault.Fired() == 0 {
				t.Errorf("fault %d never fired, so nothing was tested", n)
			}
		}
		if users := c.acme.Users(); len(users) != len(everybody) {
			t.Errorf("Acme has %d accounts for %d people", len(users), len(everybody))
		}
		for _, p := range everybody {
			if account := c.account(p.UserName); account.ExternalID() != p.ID {
				t.Errorf("the account of %s is %v", p.UserName, account)
			}
		}
		counts, err := c.ledger.CountOperations(t.Context(), c.admin, c.app.ID)
		if err != nil || counts[provision.Done] != len(everybody) {
			t.Errorf("operations by state %v, %v; want all done", counts, err)
		}
		c.apply()
		if more := c.operations(provision.Planned); len(more) != 0 {
			t.Errorf("with nothing changed %d operations are planned", len(more))
		}
	})
}

// A revision and a drain at the same time: neither loses what the other did.
func TestPlanningWhileDraining(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ctx := t.Context()
		c.connect(canary)
		everybody := make([]directory.Person, 20)
		for n := range everybody {
			everybody[n] = addPerson(t, s, c.admin.OrgID, fmt.Sprintf("p%02d", n))
		}
		c.assign(everybody...)
		c.apply()
		drained := make(chan error, 1)
		go func() {
			_, err := c.ledger.Drain(ctx, c.app.ID)
			drained <- err
		}()
		var late []directory.Person
		for _, p := range everybody {
			p.Title = "Lead"
			saved, err := directory.New(s).Save(ctx, p, store.Now())
			if err != nil {
				t.Fatal(err)
			}
			waiting, err := c.ledger.PlanPeople(ctx, provision.PlanPeople{InstallationID: c.app.ID, PersonIDs: []string{p.ID}})
			if err != nil {
				t.Fatal(err)
			}
			if waiting {
				late = append(late, saved)
			}
		}
		if err := <-drained; err != nil {
			t.Fatal(err)
		}
		c.plan(late...)
		c.now = c.now.Add(time.Minute)
		c.drain()
		for _, user := range c.acme.Users() {
			if user.String("title") != "Lead" {
				t.Errorf("%s has the title %q, want Lead", user.UserName(), user.String("title"))
			}
		}
		if got := len(c.acme.Users()); got != len(everybody) {
			t.Errorf("Acme has %d accounts for %d people", got, len(everybody))
		}
	})
}
