package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
	"slipway/scimtest"
)

// inUse is a customer with these people provisioned.
func inUse(t *testing.T, s *store.Store, features []string, names ...string) (*customer, []directory.Person) {
	t.Helper()
	return newCustomer(t, s, features...).inUse(names...)
}

func (c *customer) inUse(names ...string) (*customer, []directory.Person) {
	c.t.Helper()
	c.connect(canary)
	var people []directory.Person
	for _, name := range names {
		people = append(people, addPerson(c.t, c.store, c.admin.OrgID, name))
	}
	c.assign(people...)
	c.apply()
	c.drain()
	c.now = c.now.Add(time.Minute)
	return c, people
}

// uninstall returns the installation as it stands afterwards.
func (c *customer) uninstall(how provision.Farewell) provision.Installation {
	c.t.Helper()
	i, err := c.ledger.Uninstall(c.t.Context(), c.admin, c.app.ID, how)
	if err != nil {
		c.t.Fatalf("uninstall: %v", err)
	}
	return i
}

func (c *customer) read() provision.Installation {
	c.t.Helper()
	i, err := c.ledger.Installation(c.t.Context(), c.admin, c.app.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return i
}

// isOn reports whether the account can be used.
func (c *customer) isOn(userName string) bool {
	c.t.Helper()
	account := c.account(userName)
	if account == nil {
		c.t.Fatalf("Acme has no account %s", userName)
	}
	active, _ := account.Active()
	return active
}

// Uninstalling switches off what we made or adopted and nothing else; then credentials are purged and the ledger stays.
//
func TestUninstall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c, people := inUse(t, s, allFeatures, "jane", "joe")
		ctx := t.Context()
		c.seed("adopted@example.com")
		c.seed("stranger@example.com")
		c.assign(addPerson(t, s, c.admin.OrgID, "adopted"), addPerson(t, s, c.admin.OrgID, "stranger"))
		c.apply()
		c.drain()
		for _, held := range c.operations(provision.Held) {
			if held.PersonName == "adopted Doe" {
				if err := c.ledger.Adopt(ctx, c.admin, c.app.ID, held.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		c.apply()
		c.drain()
		if parting, err := c.ledger.Parting(ctx, c.admin, c.app.ID); err != nil || parting != (provision.Parting{Deactivate: 3}) {
			t.Errorf("uninstalling would do %+v, %v; want three accounts deactivated", parting, err)
		}

		waiting := jobs(t, s, "drain_installation")
		i := c.uninstall(provision.DeactivateAccounts)
		if got := jobs(t, s, "drain_installation"); got != waiting+1 {
			t.Errorf("%d drain jobs were ordered, want one", got-waiting)
		}
		if i.Leaving.IsZero() || !i.Gone.IsZero() || i.LeavingBy != c.admin.Name {
			t.Errorf("with accounts to deactivate it stands at %+v", i)
		}
		if apps, err := c.ledger.AppsOf(ctx, c.admin.OrgID, people[0].ID); err != nil || len(apps) != 0 {
			t.Errorf("Jane still has %d apps, %v", len(apps), err)
		}
		for name, try := range map[string]func() error{
			"assign": func() error { return c.ledger.Assign(ctx, c.admin, i.ID, []string{people[0].ID}) },
			"apply":  func() error { return c.ledger.Apply(ctx, c.admin, i.ID, "") },
			"uninstall anew": func() error {
				_, err := c.ledger.Uninstall(ctx, c.admin, i.ID, provision.DeactivateAccounts)
				return err
			},
		} {
			if err := try(); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("%s on its way out: %v, want a conflict", name, err)
			}
		}
		// Who asked in the same moment finds it going.
		if err := c.ledger.Store.Assign(ctx, c.app, []string{people[0].ID}, "Ann", c.now); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("assigned behind its back: %v, want not found", err)
		}
		c.drain()
		for name, want := range map[string]bool{"jane@example.com": false, "joe@example.com": false, "adopted@example.com": false, "stranger@example.com": true} {
			if got := c.isOn(name); got != want {
				t.Errorf("the account of %s is on: %v, want %v", name, got, want)
			}
		}
		c.wantGone(8)
	})
}

// wantGone looks at what must be true of an installation that is gone: its ledger is there, and nothing else.
func (c *customer) wantGone(operations int) {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	i := c.read()
	if i.Gone.IsZero() || len(i.Stored) != 0 {
		t.Errorf("the installation is not gone: %+v", i)
	}
	if values, err := c.ledger.Store.Connection(ctx, i); err != nil || len(values) != 0 {
		t.Errorf("%d stored values are left, %v", len(values), err)
	}
	if got := c.operations(); len(got) != operations {
		t.Errorf("the ledger has %d operations, want %d", len(got), operations)
	}
	if got := c.operations(provision.Planned, provision.Sending, provision.Held); len(got) != 0 {
		t.Errorf("operations that still wait: %+v", got)
	}
	if live, err := c.ledger.Installations(ctx, c.admin); err != nil || len(live) != 0 {
		t.Errorf("the org still lists %d installations, %v", len(live), err)
	}
	if former, err := c.ledger.Former(ctx, c.admin); err != nil || len(former) != 1 || former[0].ID != i.ID {
		t.Errorf("uninstalled are %+v, %v", former, err)
	}
	for name, try := range map[string]func() error{
		"the connection": func() error { _, err := c.ledger.ConnectionForm(ctx, c.admin, i.ID); return err },
		"connect":        func() error { _, err := c.ledger.SaveConnection(ctx, c.admin, i.ID, nil); return err },
		"test":           func() error { _, err := c.ledger.TestConnection(ctx, c.admin, i.ID); return err },
		"preview":        func() error { _, err := c.ledger.Preview(ctx, c.admin, i.ID); return err },
		"pause":          func() error { _, err := c.ledger.Pause(ctx, c.admin, i.ID); return err },
		"retry":          func() error { _, err := c.ledger.RetryFailed(ctx, c.admin, i.ID); return err },
		"uninstall":      func() error { _, err := c.ledger.Uninstall(ctx, c.admin, i.ID, provision.LeaveAccounts); return err },
	} {
		if err := try(); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("%s of one that is gone: %v, want a conflict", name, err)
		}
	}
	if result := c.drain(); len(result.Ended) != 0 {
		t.Errorf("a drain of one that is gone did %+v", result)
	}
	if _, err := c.ledger.Install(ctx, c.admin, "acme", i.Label); err != nil {
		t.Errorf("its name is not free again: %v", err)
	}
}

func TestUninstallThatSendsNothingGoesAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name     string
		features []string
		prepare  func(*customer)
		how      provision.Farewell
		parting  provision.Parting
		ledger   int
	}{
		{"the accounts are left as they are", allFeatures, func(*customer) {}, provision.LeaveAccounts, provision.Parting{Deactivate: 2}, 2},
		{"left as they are, with a change planned that was not sent", allFeatures, func(c *customer) {
			c.assign(addPerson(c.t, c.store, c.admin.OrgID, "late"))
			c.apply()
		}, provision.LeaveAccounts, provision.Parting{Deactivate: 2}, 3},
		{"the integration does not deactivate", []string{manifest.CreateUsers}, func(*customer) {}, provision.DeactivateAccounts, provision.Parting{Stay: 2}, 2},
		{"nobody has the app any more", allFeatures, func(c *customer) {
			for _, a := range must(c.ledger.Assignments(c.t.Context(), c.admin, c.app.ID, directory.Query{}))(c.t) {
				if err := c.ledger.Unassign(c.t.Context(), c.admin, c.app.ID, []string{a.Person.ID}); err != nil {
					c.t.Fatal(err)
				}
				c.plan(a.Person)
			}
			c.drain()
		}, provision.DeactivateAccounts, provision.Parting{}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				c, _ := inUse(t, s, tt.features, "jane", "joe")
				tt.prepare(c)
				if parting := must(c.ledger.Parting(t.Context(), c.admin, c.app.ID))(t); parting != tt.parting {
					t.Errorf("uninstalling would do %+v, want %+v", parting, tt.parting)
				}
				before := len(c.acme.Journal())
				c.uninstall(tt.how)
				if sent := len(c.acme.Journal()) - before; sent != 0 {
					t.Errorf("%d requests were sent", sent)
				}
				c.wantGone(tt.ledger)
			})
		})
	}
}

func TestUninstallOfWhatWasNeverConnected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		c.assign(addPerson(t, s, c.admin.OrgID, "jane"))
		if _, err := c.ledger.Uninstall(t.Context(), c.admin, c.app.ID, ""); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("without an answer about the accounts: %v, want it refused", err)
		}
		c.uninstall(provision.DeactivateAccounts)
		c.wantGone(0)
	})
}

// What cannot be deactivated keeps the installation until an admin has decided: again, or left as it is.
func TestUninstallWaitsForWhatFailed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		decide func(*customer, directory.Person)
		joeOn  bool
		ledger int
	}{
		{"again", func(c *customer, joe directory.Person) {
			if _, err := c.ledger.RetryFailed(c.t.Context(), c.admin, c.app.ID); err != nil {
				c.t.Fatal(err)
			}
			c.plan(joe)
			c.drain()
		}, false, 5},
		{"left as it is", func(c *customer, _ directory.Person) { c.uninstall(provision.LeaveAccounts) }, true, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				c, people := inUse(t, s, allFeatures, "jane", "joe")
				c.acme.On(scimtest.Rule{Method: http.MethodPatch, PathPrefix: "/Users/" + c.account("joe@example.com").ID(), Effect: scimtest.Status(http.StatusBadRequest)})
				c.uninstall(provision.DeactivateAccounts)
				c.drain()
				c.drain() // a job that comes twice does not try again
				failed := c.operations(provision.Failed)
				if i := c.read(); !i.Gone.IsZero() || len(failed) != 1 || c.isOn("jane@example.com") {
					t.Fatalf("with one failure: gone %v, failed %+v, Jane on %v", i.Gone, failed, c.isOn("jane@example.com"))
				}
				c.acme.ClearRules()
				tt.decide(c, people[1])
				if on := c.isOn("joe@example.com"); on != tt.joeOn {
					t.Errorf("Joe's account is on: %v, want %v", on, tt.joeOn)
				}
				c.wantGone(tt.ledger)
			})
		})
	}
}

// A token that is refused pauses it; with a new one, or when it is resumed, it goes on leaving.
func TestUninstallWithRefusedCredentials(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c, _ := inUse(t, s, allFeatures, "jane")
		c.acme.On(scimtest.Rule{Effect: scimtest.Status(http.StatusUnauthorized)})
		c.uninstall(provision.DeactivateAccounts)
		c.drain()
		if i := c.read(); i.Stage != provision.Paused || i.Reason == "" || i.Leaving.IsZero() || !i.Gone.IsZero() {
			t.Fatalf("with a refused token it stands at %+v", i)
		}
		c.acme.ClearRules()
		c.connect(canary)
		c.drain()
		if c.isOn("jane@example.com") {
			t.Error("Jane's account is still on")
		}
		c.wantGone(2)
	})
}

// mortal is a store as a process sees it that dies at its n-th step: a step lies before and after each write.
type mortal struct {
	provision.Store
	mu   sync.Mutex
	left int
}

var errDead = errors.New("the process is dead")

func (m *mortal) step() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left--; m.left <= 0 {
		return errDead
	}
	return nil
}

func (m *mortal) around(write func() error) error {
	if err := m.step(); err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	return m.step()
}

func (m *mortal) Record(ctx context.Context, l provision.Lease, e provision.Entry) error {
	return m.around(func() error { return m.Store.Record(ctx, l, e) })
}

func (m *mortal) Finish(ctx context.Context, l provision.Lease, now time.Time) (done bool, next time.Time, err error) {
	err = m.around(func() error {
		done, next, err = m.Store.Finish(ctx, l, now)
		return err
	})
	return done, next, err
}

func (m *mortal) Leave(ctx context.Context, i provision.Installation, by string, now time.Time, revise func(provision.People) provision.Revision) error {
	return m.around(func() error { return m.Store.Leave(ctx, i, by, now, revise) })
}

// A process that dies at any step of an uninstall is followed by one that ends it: also where an account was just being
// made whose answer nobody has read.
//
func TestUninstallGoesOnAfterACrash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for n := 1; ; n++ {
			c, _ := newCustomerOf(t, s, fmt.Sprintf("customer-%d", n), allFeatures...).inUse("jane", "joe")
			c.assign(addPerson(t, s, c.admin.OrgID, "late"))
			c.apply()
			c.acme.On(scimtest.Rule{Method: http.MethodPost, Effect: scimtest.DropAnswer()})
			c.drain()
			c.acme.ClearRules()
			c.now = c.now.Add(time.Minute)
			whole := c.ledger.Store
			process := &mortal{Store: whole, left: n}
			c.ledger.Store = process
			_, err := c.ledger.Uninstall(t.Context(), c.admin, c.app.ID, provision.DeactivateAccounts)
			if err == nil {
				_, err = c.ledger.Drain(t.Context(), c.app.ID)
			}
			c.ledger.Store = whole
			lived := err == nil
			c.now = c.now.Add(time.Minute)
			if c.read().Leaving.IsZero() { // it died before anything was stored, and the admin asks again
				c.uninstall(provision.DeactivateAccounts)
			}
			for range 3 { // a drain that finds something plans for the next
				c.drain()
				c.now = c.now.Add(time.Minute)
			}
			if i := c.read(); i.Gone.IsZero() {
				t.Fatalf("after dying at step %d it is not gone: %+v, %+v", n, i, c.operations())
			}
			for _, account := range c.acme.Users() {
				if on, _ := account.Active(); on {
					t.Fatalf("after dying at step %d the account %s is on", n, account.UserName())
				}
			}
			if accounts := len(c.acme.Users()); accounts != 3 {
				t.Fatalf("after dying at step %d Acme has %d accounts, want 3", n, accounts)
			}
			if lived {
				t.Logf("%d steps", n-1)
				return
			}
		}
	})
}
