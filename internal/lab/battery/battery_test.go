package battery_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/examples/acmehr"
	"slipway/internal/connector"
	"slipway/internal/connector/driver"
	"slipway/internal/connector/engine"
	"slipway/internal/egress"
	"slipway/internal/lab/battery"
	"slipway/internal/report"
	"slipway/internal/require"
)

// clock moves when somebody sleeps.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// place is Acme HR behind its connector, with somebody in it from before.
type place struct {
	server  *acmehr.Server
	subject battery.Subject
	wire    []egress.Exchange
	before  string
}

// open waits for answers as long as it is told, 20 s unless it is.
func open(t *testing.T, patience ...time.Duration) *place {
	t.Helper()
	patience = append(patience, 20*time.Second)
	c, err := connector.Load(os.DirFS("../../../examples/acmehr"))
	if err != nil {
		t.Fatal(err)
	}
	clock := &clock{now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}
	p := &place{server: acmehr.New(acmehr.WithClock(clock.Now))}
	address, stop := p.server.Start()
	t.Cleanup(stop)
	var mu sync.Mutex
	record := func(e egress.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		p.wire = append(p.wire, e)
	}
	machine := func(token string) *engine.Machine {
		wire := engine.Live{Client: egress.New(egress.AllowPrivate(), egress.Options{Timeout: patience[0], Record: record})}
		m, _, err := c.Machine(connector.Setting{Entered: map[string]string{"address": address, "api_token": token}, API: wire, Clock: clock, HTTP: true})
		if err != nil {
			t.Fatal(err)
		}
		m.Limits.Parallel = 1 // as in a recording: who joins first is listed first
		return m
	}
	p.subject = battery.Subject{
		Target: driver.New(c, machine(acmehr.Token)), Junk: driver.New(c, machine("junk-instead-of-api_token")), Changes: true, Seed: 7, Clock: clock,
		Wire: func() []egress.Exchange {
			mu.Lock()
			defer mu.Unlock()
			taken := p.wire
			p.wire = nil
			return taken
		},
	}
	ann := p.server.AddUser(acmehr.User{Email: "ann@acme.example", First: "Ann", Last: "Lee", Title: "Boss", Department: "people"})
	p.server.AddUser(acmehr.User{Email: "bob@acme.example", First: "Bob", Last: "Ray", State: acmehr.Inactive})
	p.server.AddTeam("Managers", ann.ID)
	p.before = p.others()
	return p
}

// others is everything that the battery has not made, in one text.
func (p *place) others() string {
	var b strings.Builder
	for _, u := range p.server.Users() {
		if !strings.HasPrefix(u.Email, battery.Prefix) && u.Email != "" {
			fmt.Fprintln(&b, u)
		}
	}
	for _, t := range p.server.Teams() {
		if !strings.HasPrefix(t.Name, battery.Prefix) {
			fmt.Fprintln(&b, t)
		}
	}
	return b.String()
}

// found are the checks that say that something is wrong.
func found(out battery.Outcome) []string {
	var ids []string
	for _, c := range out.Results {
		if c.Verdict == report.Failed || c.Verdict == report.Warned || c.Outcome == report.Deviation || c.Outcome == report.Broken {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func explain(out battery.Outcome) string {
	var b strings.Builder
	for _, c := range out.Results {
		if c.Outcome != report.Pass {
			fmt.Fprintf(&b, "%-14s %-30s %s\n", c.Outcome, c.ID, c.Message)
		}
	}
	for _, o := range out.Leftovers {
		fmt.Fprintf(&b, "left: %+v\n", o)
	}
	return b.String()
}

func TestASoundConnectorHasNoFinding(t *testing.T) {
	p := open(t)
	out := battery.Run(t.Context(), p.subject)
	for _, c := range out.Results {
		if c.Outcome != report.Pass {
			t.Errorf("%s: %s %s", c.ID, c.Outcome, c.Message)
		}
	}
	if len(out.Leftovers) != 0 {
		t.Errorf("it says that it left %v", out.Leftovers)
	}
	for _, u := range p.server.Users() {
		if strings.HasPrefix(u.Email, battery.Prefix) && u.State == acmehr.Active {
			t.Errorf("%s is still active", u.Email)
		}
	}
	if n := len(p.server.Teams()); n != 1 {
		t.Errorf("%d teams are there, want the one from before", n)
	}
	if after := p.others(); after != p.before {
		t.Errorf("what was there before is changed:\n%s\nbefore:\n%s", after, p.before)
	}
}

// defects says for each defect of Acme HR which checks find it, and nothing else does.
var defects = map[acmehr.Defect][]string{
	acmehr.CreateDropsLastName:     {"contract.create.readback", "contract.create.full", "contract.schema.conforms"},
	acmehr.CreateAcceptsDuplicates: {"contract.create.duplicate"},
	acmehr.CreateAcceptsEmpty:      {"contract.create.empty"},
	acmehr.CreateWithoutID:         {"contract.create"},
	acmehr.DeactivateDoesNothing:   {"contract.deactivate"},
	acmehr.DeactivateDeletes:       {"contract.deactivate"},
	acmehr.DeactivateTwiceFails:    {"contract.deactivate.twice"},
	acmehr.ActivateDoesNothing:     {"contract.activate"},
	acmehr.UpdateNotSaved:          {"contract.update"},
	acmehr.EmptyValueIgnored:       {"contract.update.clear"},
	acmehr.FindMatchesPrefix:       {"contract.find.exact", "contract.group.find"},
	acmehr.FindIgnoresFilter:       {"contract.create.find", "contract.find.unknown", "contract.find.exact"},
	acmehr.UnknownIDAsEmpty:        {"contract.get.unknown", "contract.group.unknown", "contract.logout.unknown"},
	acmehr.ListSkipsOne:            {"contract.page.walk"},
	acmehr.ListRepeatsCursor:       {"contract.page.walk"},
	acmehr.ListIgnoresLimit:        {"contract.page.limit"},
	acmehr.TeamRenameLost:          {"contract.group.rename"},
	acmehr.TeamDeleteIgnored:       {"contract.group.remove"},
	acmehr.TeamDeleteRemovesUsers:  {"contract.group.remove.users"},
	acmehr.TeamFindIgnoresFilter:   {"contract.group.find"},
	acmehr.MembersAddReplaces:      {"contract.members.add.others"},
	acmehr.MemberRemoveIgnored:     {"contract.members.remove"},
	acmehr.MembersListEmpty:        {"contract.members.add"},
	acmehr.PasswordEchoed:          {"contract.password", "contract.password.kept"},
	acmehr.ErrorsAsHTML:            {"contract.get.unknown", "contract.group.unknown"},
	acmehr.ErrorsAs200:             {"contract.get.unknown", "contract.group.unknown", "contract.logout.unknown", "contract.create.duplicate", "contract.create.empty"},
	acmehr.SchemaIncomplete:        {"contract.schema.values", "contract.schema.conforms"},
	acmehr.LogoutIgnored:           {"contract.logout.unknown"},
}

// unseen are the defects that no contract shows, with the reason.
var unseen = map[acmehr.Defect]string{
	acmehr.UpdateClearsOthers: "a connector is given the whole account, so nothing is left unnamed",
	acmehr.TokenInError:       "what a machine says of a refusal is without the connection's secrets",
	acmehr.MeWithoutToken:     "the ping asks /me; G02 finds it",
	acmehr.HooksSignedWrongly: "events are no contract",
	acmehr.Slow:               "no answer proves nothing",
}

func TestEachDefectIsFoundAndNothingElse(t *testing.T) {
	require.Proof(t)
	for _, d := range acmehr.Defects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			want, known := defects[d]
			if _, silent := unseen[d]; !known && !silent {
				t.Fatalf("nobody says which checks find it")
			}
			patience := 20 * time.Second
			if d == acmehr.Slow {
				patience = 200 * time.Millisecond
			}
			p := open(t, patience)
			p.server.Switch(d)
			out := battery.Run(t.Context(), p.subject)
			if got := found(out); !slices.Equal(got, want) {
				t.Errorf("%s\nfound %v\nwant  %v\n%s", d.Sentence(), got, want, explain(out))
			}
			if after := p.others(); after != p.before {
				t.Errorf("what was there before is changed:\n%s\nbefore:\n%s", after, p.before)
			}
			p.accounted(t, out)
		})
	}
}

// accounted holds that what is still active is named.
func (p *place) accounted(t *testing.T, out battery.Outcome) {
	t.Helper()
	named := func(resource, name string) bool {
		return slices.ContainsFunc(out.Leftovers, func(o report.Object) bool { return o.Resource == resource && o.Name == name && o.Why != "" })
	}
	for _, u := range p.server.Users() {
		if ours := strings.HasPrefix(u.Email, battery.Prefix) || u.Email == ""; ours && u.State == acmehr.Active && !named("Users", u.Email) {
			t.Errorf("%q is still active, and no leftover", u.Email)
		}
	}
	for _, team := range p.server.Teams() {
		if strings.HasPrefix(team.Name, battery.Prefix) && len(out.Leftovers) == 0 {
			t.Errorf("the team %q is still there, and no leftover", team.Name)
		}
	}
}
