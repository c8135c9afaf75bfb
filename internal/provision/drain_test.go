package provision

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

var allFeatures = Features{Create: true, Update: true, Deactivate: true}

// world is one installation with its target, its ledger and its clock.
type world struct {
	t       failer
	vendor  *vendor
	ledger  *memory
	now     time.Time
	dialect target.Dialect
	feature Features
	people  map[string]directory.Person // who is assigned, by id
}

func newWorld(t failer) *world {
	return &world{
		t: t, vendor: newVendor(), ledger: newMemory(), now: noon, dialect: target.ByPatch, feature: allFeatures,
		people: map[string]directory.Person{},
	}
}

func person(id, name string) directory.Person {
	return directory.Person{ID: "per_" + id, Active: true, Profile: directory.Profile{
		UserName: name + "@example.com", GivenName: name, FamilyName: "Doe", Email: name + "@example.com",
	}}
}

func (w *world) assign(people ...directory.Person) {
	for _, p := range people {
		w.people[p.ID] = p
	}
}

func (w *world) desired() []Desired {
	var out []Desired
	for _, p := range w.people {
		if p.Active {
			out = append(out, Want(p, false))
		}
	}
	return out
}

func (w *world) plan() Revision { return w.ledger.plan(w.desired(), w.feature) }

// drainer is a fresh process with its own connections.
func (w *world) drainer(ledger Ledger, concurrency int) *Drainer {
	return &Drainer{
		Ledger: ledger, InstallationID: "ins_1", Owner: "test", Features: w.feature, Concurrency: concurrency, Page: 3,
		Connect: func(func(egress.Exchange)) (target.Target, func(), error) {
			return w.vendor.target(w.t, w.dialect), func() {}, nil
		},
		Now: func() time.Time { return w.now }, Spread: func() float64 { return 0 },
		Password: func() secret.Text { return secret.NewText("one-time") },
		Log:      slog.New(slog.DiscardHandler),
	}
}

func (w *world) drain() Drained {
	w.t.Helper()
	result, err := w.drainer(w.ledger, 2).Drain(context.Background())
	if err != nil {
		w.t.Fatalf("drain: %v", err)
	}
	return result
}

// settle plans and drains, and waits as long as the engine wants to wait, until nothing is left to do.
func (w *world) settle() {
	w.t.Helper()
	for range 200 {
		revision := w.plan()
		result := w.drain()
		if result.Next.IsZero() && len(revision.Waiting) == 0 {
			return
		}
		if result.Next.After(w.now) {
			w.now = result.Next
		}
	}
	w.t.Fatal("200 rounds and still not settled")
}

// last returns the person's newest operation.
func (w *world) last(id string) Operation {
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	var found Operation
	for _, op := range w.ledger.operations {
		if op.PersonID == "per_"+id && op.ID > found.ID {
			found = op
		}
	}
	return found
}

func TestTheLifeOfAnAccount(t *testing.T) {
	for name, dialect := range map[string]target.Dialect{"by PATCH": target.ByPatch, "by PUT": {}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dialect = dialect
			jane := person("jane", "jane")
			w.assign(jane)
			w.settle()
			account := w.vendor.byName(t, "jane@example.com")
			if active, _ := account.Active(); !active || account.ExternalID() != "per_jane" || account.String("emails.value") != "jane@example.com" {
				t.Fatalf("after assigning: %v", account)
			}
			if got := len(w.vendor.journal); got != 2 {
				t.Errorf("a new account took %d requests, want a lookup and a POST", got)
			}

			before := len(w.vendor.journal)
			w.settle()
			if got := len(w.vendor.journal) - before; got != 0 {
				t.Errorf("with nothing changed %d requests were sent, want none", got)
			}

			jane.GivenName, jane.Email, jane.Title = "Janet", "janet@example.com", "Lead"
			w.assign(jane)
			w.settle()
			account = w.vendor.byName(t, "jane@example.com")
			if account.String("name.givenName") != "Janet" || account.String("title") != "Lead" || account.String("emails.value") != "janet@example.com" {
				t.Errorf("after a change of name, address and title: %v", account)
			}
			jane.Title = ""
			w.assign(jane)
			w.settle()
			if got := w.vendor.byName(t, "jane@example.com").String("title"); got != "" {
				t.Errorf("a title that was taken away is still %q", got)
			}

			delete(w.people, jane.ID)
			w.settle()
			if active, known := w.vendor.byName(t, "jane@example.com").Active(); active || !known {
				t.Error("the account of a person who is no longer assigned is still active")
			}
			id := account.ID()
			jane.GivenName = "Jane"
			w.assign(jane)
			w.settle()
			account = w.vendor.byName(t, "jane@example.com")
			if active, _ := account.Active(); !active || account.ID() != id || account.String("name.givenName") != "Jane" {
				t.Errorf("after assigning again: %v, want account %s active and named Jane", account, id)
			}
		})
	}
}

// Covers: what is done about a POST depends on whether its answer was lost.
func TestCreateNeverMakesASecondAccount(t *testing.T) {
	lostOnce := func(w *world, applied bool, e effect) {
		done := false
		w.vendor.fault = func(r request, after bool) effect {
			if r.method == http.MethodPost && after == applied && !done {
				done = true
				return e
			}
			return fine
		}
	}
	for _, tt := range []struct {
		name  string
		setup func(*world)
		state State
		posts int
		note  string
	}{
		{"an account that is not ours is held", func(w *world) {
			w.vendor.seed(scim.Resource{"userName": "JANE@example.com", "active": true})
		}, Held, 0, heldExists},
		{"an account that carries our id is linked again", func(w *world) {
			w.vendor.seed(scim.Resource{"userName": "jane@example.com", "externalId": "per_jane", "active": false})
		}, Done, 0, noteFound},
		{"a POST whose answer was lost is found by our id", func(w *world) {
			lostOnce(w, true, drop)
		}, Done, 1, ""},
		{"a POST whose answer was lost is found although the target drops our id", func(w *world) {
			w.vendor.dropsExternalID = true
			lostOnce(w, true, drop)
		}, Done, 1, ""},
		{"a POST that never arrived is sent again", func(w *world) {
			lostOnce(w, false, drop)
		}, Done, 2, ""},
		{"a 500 after the account was stored makes no second one", func(w *world) {
			lostOnce(w, true, breakdown)
		}, Done, 1, ""},
		{"a 201 without a body is looked up at once", func(w *world) {
			lostOnce(w, true, emptyBody)
		}, Done, 1, ""},
		{"a 429 is sent again after the wait", func(w *world) {
			lostOnce(w, false, tooMany)
		}, Done, 2, ""},
		{"a 409 for an account that is not shown fails", func(w *world) {
			w.vendor.hidesInactive = true
			w.vendor.seed(scim.Resource{"userName": "jane@example.com", "active": false})
		}, Failed, 1, "does not show it"},
		{"a target that wants a password gets one", func(w *world) {
			w.vendor.wantsPassword = true
		}, Done, 2, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.setup(w)
			w.assign(person("jane", "jane"))
			w.plan()
			for range 5 {
				if next := w.drain().Next; next.After(w.now) {
					w.now = next
				}
			}
			op := w.last("jane")
			if op.State != tt.state || !strings.Contains(op.Note, tt.note) {
				t.Errorf("the operation is %s (%q, attempts %v), want %s (%q)", op.State, op.Note, op.Attempts, tt.state, tt.note)
			}
			if got := w.vendor.requests(http.MethodPost); got != tt.posts {
				t.Errorf("%d POSTs were sent, want %d", got, tt.posts)
			}
			account := w.vendor.byName(t, "jane@example.com")
			if active, _ := account.Active(); tt.state == Done && (!active || account.String("name.givenName") != "jane") {
				t.Errorf("the account is %v, want it active and complete", account)
			}
		})
	}
}

func TestAnAccountThatIsNotOursIsNeverTouched(t *testing.T) {
	w := newWorld(t)
	w.vendor.seed(scim.Resource{"userName": "jane@example.com", "externalId": "theirs", "active": true})
	w.assign(person("jane", "jane"))
	w.settle()
	delete(w.people, "per_jane")
	w.settle()
	for _, line := range w.vendor.journal {
		if line.method != http.MethodGet {
			t.Errorf("%s %s was sent for an account that Slipway neither made nor adopted", line.method, line.id)
		}
	}
	if op := w.last("jane"); op.State != Superseded {
		t.Errorf("the held operation of an unassigned person is %s, want superseded", op.State)
	}
}

// lazy is a ledger that lets others go first before it stores anything.
type lazy struct{ Ledger }

func (l lazy) Record(ctx context.Context, lease Lease, e Entry) error {
	for range 1000 {
		runtime.Gosched()
	}
	return l.Ledger.Record(ctx, lease, e)
}

func TestAWrongTokenPausesTheInstallation(t *testing.T) {
	w := newWorld(t)
	w.vendor.fault = func(request, bool) effect { return unauthorized }
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		w.assign(person(name, name))
	}
	w.plan()
	d := w.drainer(lazy{w.ledger}, 2)
	d.Page = 100
	result, err := d.Drain(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !result.Paused || w.ledger.paused == "" {
		t.Fatalf("result %+v, reason %q; want a pause with a reason", result, w.ledger.paused)
	}
	if got := w.ledger.count(Planned); got != 8 {
		t.Errorf("%d operations are planned after the pause, want all 8", got)
	}
	if got := len(w.vendor.journal); got > 2 {
		t.Errorf("%d requests were sent with a wrong token, want no more than were under way", got)
	}
	w.vendor.fault, w.ledger.paused = nil, ""
	w.settle()
	if got := w.ledger.count(Done); got != 8 {
		t.Errorf("with the right token %d operations are done, want 8", got)
	}
}

// Covers R-19: one 429 stops the whole queue until the wait is over.
func TestA429StopsTheQueue(t *testing.T) {
	w := newWorld(t)
	w.vendor.fault = func(request, bool) effect { return tooMany }
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		w.assign(person(name, name))
	}
	w.plan()
	result := w.drain()
	if got := len(w.vendor.journal); got > 2 {
		t.Errorf("%d requests were sent after the first 429, want no more than were under way", got)
	}
	if want := noon.Add(time.Second); !result.Next.Equal(want) {
		t.Errorf("work goes on at %s, want %s as Retry-After asks", result.Next, want)
	}
	before := len(w.vendor.journal)
	w.drain()
	if got := len(w.vendor.journal) - before; got != 0 {
		t.Errorf("%d requests were sent before the wait was over, want none", got)
	}
	w.vendor.fault = nil
	w.settle()
	if got := w.ledger.count(Done); got != 6 {
		t.Errorf("%d operations are done in the end, want 6", got)
	}
}

func TestATargetThatIsDownIsNotAskedByEverybody(t *testing.T) {
	w := newWorld(t)
	w.vendor.fault = func(request, bool) effect { return breakdown }
	for _, name := range strings.Split("abcdefghijklmnopqrst", "") {
		w.assign(person(name, name))
	}
	w.plan()
	result := w.drain()
	if got := len(w.vendor.journal); got > breakAfter+2 {
		t.Errorf("%d requests were sent to a target that answers 500 each time, want about %d", got, breakAfter)
	}
	if result.Next.IsZero() || w.ledger.count(Failed) != 0 {
		t.Errorf("next %v, %d failed; want a later try and none failed", result.Next, w.ledger.count(Failed))
	}
}

func TestAnOperationFailsAfterItsLastTry(t *testing.T) {
	w := newWorld(t)
	w.assign(person("jane", "jane"))
	w.settle()
	w.vendor.fault = func(r request, _ bool) effect {
		if r.method == http.MethodPatch {
			return breakdown
		}
		return fine
	}
	jane := person("jane", "jane")
	jane.Title = "Lead"
	w.assign(jane)
	w.plan()
	for range 20 {
		if next := w.drain().Next; next.After(w.now) {
			w.now = next
		}
	}
	op := w.last("jane")
	if op.State != Failed || op.Tries != len(lostWaits)+1 || len(op.Attempts) != op.Tries {
		t.Errorf("the operation is %s after %d tries with %d attempts, want failed after %d", op.State, op.Tries, len(op.Attempts), len(lostWaits)+1)
	}
	// Nobody knows whether the title arrived: going back to no title must be sent, too.
	w.vendor.fault = nil
	w.assign(person("jane", "jane"))
	if got := w.plan(); len(got.Add) != 1 {
		t.Errorf("after lost answers the plan adds %d operations, want the title sent again", len(got.Add))
	}
}

func TestAnAccountThatIsGone(t *testing.T) {
	w := newWorld(t)
	w.assign(person("jane", "jane"), person("joe", "joe"))
	w.settle()
	w.vendor.users = map[string]scim.Resource{}
	jane := person("jane", "jane")
	jane.Title = "Lead"
	w.assign(jane)
	delete(w.people, "per_joe")
	w.plan()
	w.drain()
	if op := w.last("jane"); op.State != Failed || !strings.Contains(op.Note, "no longer there") {
		t.Errorf("an update of an account that is gone is %s (%s), want failed", op.State, op.Note)
	}
	if op := w.last("joe"); op.State != Done || op.Note != noteGone {
		t.Errorf("a deactivation of an account that is gone is %s (%s), want done with a note", op.State, op.Note)
	}
	w.settle()
	if w.vendor.byName(t, "jane@example.com") == nil {
		t.Error("the next plan did not create the account again")
	}
}

func TestNoMoreRequestsAreUnderWayThanAllowed(t *testing.T) {
	w := newWorld(t)
	for _, name := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		w.assign(person(name, name))
	}
	w.plan()
	w.vendor.slowness = 100
	d := w.drainer(w.ledger, 3)
	d.Page = 100
	if _, err := d.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if most := w.vendor.most.Load(); most > 3 || w.ledger.count(Done) != 26 {
		t.Errorf("%d requests were under way at once and %d operations are done, want at most 3 and all 26", most, w.ledger.count(Done))
	}
}

func TestStoppingLeavesNothingHalfKnown(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(context.Background())
	w.vendor.fault = func(r request, applied bool) effect {
		if r.method == http.MethodPost && applied {
			stop() // while the answer is on its way
		}
		return fine
	}
	for _, name := range strings.Split("abcdefgh", "") {
		w.assign(person(name, name))
	}
	w.plan()
	if _, err := w.drainer(w.ledger, 1).Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped drain returned %v, want the context's error", err)
	}
	if got := w.ledger.count(Done); got == 0 || got > perSlot {
		t.Errorf("%d operations are done, want those that were under way", got)
	}
	if got := w.ledger.count(Sending); got != 0 {
		t.Errorf("%d operations are left half done, want none", got)
	}
	if !w.ledger.leased.IsZero() {
		t.Error("the lease was not given back")
	}
}

// cut drains with a target whose n-th request of that method takes effect, or not, and is never answered: what
// is left is what a killed process leaves.
func (w *world) cut(method string, applied bool) {
	w.t.Helper()
	r := &reaper{left: 1 << 30}
	w.vendor.fault = func(req request, after bool) effect {
		if r.dead || req.method == method && after == applied {
			r.dead = true
			return drop
		}
		return fine
	}
	_, _ = w.drainer(mortal{w.ledger, r}, 1).Drain(context.Background())
	w.vendor.fault = nil
	w.now = w.now.Add(defaultLease)
}

func TestWhoIsUnassignedWhileTheirAccountIsBeingMade(t *testing.T) {
	for _, tt := range []struct {
		name    string
		applied bool
		posts   int
	}{
		{"gets no account if the POST never arrived", false, 1},
		{"has it switched off if the POST arrived", true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.assign(person("jane", "jane"))
			w.plan()
			w.cut(http.MethodPost, tt.applied)
			delete(w.people, "per_jane")
			w.settle()
			if got := w.vendor.requests(http.MethodPost); got != tt.posts {
				t.Errorf("%d POSTs were sent, want %d", got, tt.posts)
			}
			account := w.vendor.byName(t, "jane@example.com")
			if active, _ := account.Active(); tt.applied != (account != nil) || active {
				t.Errorf("the account is %v, want it switched off where it was made", account)
			}
		})
	}
}

// An account of an earlier life is switched on, the process dies, and its person leaves: it must be switched off.
func TestWhoIsUnassignedWhileTheirAccountIsTakenBack(t *testing.T) {
	w := newWorld(t)
	w.vendor.seed(scim.Resource{"userName": "jane@example.com", "externalId": "per_jane", "active": false})
	w.assign(person("jane", "jane"))
	w.plan()
	w.cut(http.MethodPatch, true)
	delete(w.people, "per_jane")
	w.settle()
	if active, _ := w.vendor.byName(t, "jane@example.com").Active(); active {
		t.Error("the account is on, and nobody is assigned")
	}
}

func TestAChangeOfMindAfterAProcessDied(t *testing.T) {
	for _, applied := range []bool{false, true} {
		w := newWorld(t)
		w.assign(person("jane", "jane"))
		w.settle()
		jane := person("jane", "jane")
		jane.Title = "Lead"
		w.assign(jane)
		w.plan()
		w.cut(http.MethodPatch, applied)
		w.assign(person("jane", "jane")) // back to no title, before anybody knows what became of it
		w.plan()                         // planning again must not forget the doubt
		w.settle()
		if got := w.vendor.byName(t, "jane@example.com").String("title"); got != "" {
			t.Errorf("with the PATCH applied %t the title is %q, want none", applied, got)
		}
	}
}

func TestARefusalDoesNotAnswerTheRequestBefore(t *testing.T) {
	w := newWorld(t)
	w.assign(person("jane", "jane"))
	w.settle()
	delete(w.people, "per_jane")
	w.plan()
	w.cut(http.MethodPatch, true) // switched off, and nobody knows
	w.vendor.fault = func(request, bool) effect { return tooMany }
	w.drain()
	w.vendor.fault = nil
	w.assign(person("jane", "jane"))
	w.settle()
	if active, _ := w.vendor.byName(t, "jane@example.com").Active(); !active {
		t.Error("a person who is assigned again stays switched off: a 429 was taken for the answer to the lost request")
	}
}

func TestACreateWhoseFateIsUnknownIsNeverGivenUp(t *testing.T) {
	w := newWorld(t)
	w.assign(person("jane", "jane"))
	w.plan()
	w.cut(http.MethodPost, true)
	w.vendor.fault = func(request, bool) effect { return breakdown }
	for range 30 {
		if next := w.drain().Next; next.After(w.now) {
			w.now = next
		}
	}
	if op := w.last("jane"); op.State != Sending || len(op.Attempts) > keptAttempts {
		t.Errorf("after 30 failed look-ups the create is %s with %d attempts, want it still looked for", op.State, len(op.Attempts))
	}
	w.vendor.fault = nil
	delete(w.people, "per_jane")
	w.settle()
	if active, _ := w.vendor.byName(t, "jane@example.com").Active(); active {
		t.Error("the account that nobody had heard of is still on")
	}
}
