package battery_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/examples/acmehr"
	"slipway/internal/connector/contract"
	"slipway/internal/lab/battery"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

func TestBattery(t *testing.T) {
	seen, looked := map[string]bool{}, map[string]bool{}
	for _, c := range battery.Checks() {
		if seen[c.ID] || !strings.HasPrefix(c.ID, "contract.") {
			t.Errorf("%s is there twice, or is called otherwise than the others", c.ID)
		}
		for _, need := range c.Needs {
			if !seen[need] {
				t.Errorf("%s needs %s, which does not run before it", c.ID, need)
			}
		}
		seen[c.ID] = true
		if c.Title == "" || strings.HasSuffix(c.Title, ".") || c.Why == "" || c.Fix == "" || c.Severity == 0 || len(c.Contracts) == 0 {
			t.Errorf("%s lacks a title without a full stop, a reason, a remedy, a severity or contracts", c.ID)
		}
		for _, id := range c.Contracts {
			if _, is := contract.Of(id); !is {
				t.Errorf("%s needs %s, which is no contract", c.ID, id)
			}
			looked[id] = true
		}
	}
	for _, id := range contract.IDs() {
		if !looked[id] {
			t.Errorf("no check looks at %s", id)
		}
	}
}

func TestWithoutConsentItOnlyReads(t *testing.T) {
	p := open(t)
	p.subject.Changes = false
	out := battery.Run(t.Context(), p.subject)
	writes := map[string]bool{}
	for _, c := range battery.Checks() {
		writes[c.ID] = c.Changes
	}
	for _, c := range out.Results {
		if want := map[bool]report.Outcome{true: report.NotApplicable, false: report.Pass}[writes[c.ID]]; c.Outcome != want {
			if c.ID == "contract.page.cursor" || c.ID == "contract.page.walk" {
				continue // two people make one page
			}
			t.Errorf("%s: %s %s, want %s", c.ID, c.Outcome, c.Message, want)
		}
	}
	for _, e := range p.server.Journal() {
		if e.Method != http.MethodGet {
			t.Errorf("it sent %s %s", e.Method, e.Path)
		}
	}
}

func TestNoAnswerProvesNothing(t *testing.T) {
	p := open(t, 200*time.Millisecond)
	p.server.Switch(acmehr.Slow)
	out := battery.Run(t.Context(), p.subject)
	for _, c := range out.Results {
		if c.Verdict != report.NotRun {
			t.Errorf("%s: %s %s", c.ID, c.Outcome, c.Message)
		}
	}
	if n := len(out.Leftovers); n != 0 {
		t.Errorf("%d leftovers, and nothing was made", n)
	}
}

func TestWhatIsNotOfferedDoesNotApply(t *testing.T) {
	p := open(t)
	p.subject.Junk = nil
	p.subject.Target = partial{p.subject.Target.(all), []string{"provisioning.createGroup", "logout.universal"}}
	out := battery.Run(t.Context(), p.subject)
	for _, c := range out.Results {
		without := strings.HasPrefix(c.ID, "contract.members.") || strings.HasPrefix(c.ID, "contract.logout") || c.ID == "contract.connect.wrong" ||
			strings.HasPrefix(c.ID, "contract.group.") && c.ID != "contract.group.unknown"
		if want := map[bool]report.Outcome{true: report.NotApplicable, false: report.Pass}[without]; c.Outcome != want {
			t.Errorf("%s: %s %s, want %s", c.ID, c.Outcome, c.Message, want)
		}
	}
}

// partial is a connector without some actions.
type partial struct {
	all
	without []string
}

func (p partial) Implements(id string) bool { return !slices.Contains(p.without, id) }

func TestWhatStaysIsNamed(t *testing.T) {
	p := open(t)
	p.server.Switch(acmehr.DeactivateDoesNothing, acmehr.TeamDeleteIgnored, acmehr.CreateAcceptsEmpty)
	out := battery.Run(t.Context(), p.subject)
	var people, teams, nameless int
	for _, o := range out.Leftovers {
		switch {
		case o.Name == "":
			nameless++
		case o.Resource == "Users":
			people++
		default:
			teams++
		}
		if o.Why == "" || !strings.HasPrefix(o.Name, battery.Prefix) && o.Name != "" {
			t.Errorf("a leftover without reason, or of others: %+v", o)
		}
	}
	if ours := len(p.server.Users()) - 3; people != ours || teams != len(p.server.Teams())-1 || nameless != 1 {
		t.Errorf("named are %d people, %d teams and %d without a name; there are %d and %d\n%s", people, teams, nameless, ours, len(p.server.Teams())-1, explain(out))
	}
}

func TestOneSeedOneConversation(t *testing.T) {
	spoken := func(seed uint64) []string {
		p := open(t)
		p.subject.Seed = seed
		battery.Run(t.Context(), p.subject)
		var all []string
		for _, e := range p.server.Journal() {
			all = append(all, e.Method+" "+e.Path+"?"+e.Query+" "+e.Body)
		}
		return all
	}
	first, again, other := spoken(7), spoken(7), spoken(8)
	slices.Sort(first) // the connector sends members several at a time
	slices.Sort(again)
	if !slices.Equal(first, again) {
		t.Error("the same seed gives other requests")
	}
	for _, request := range other {
		if strings.Contains(request, battery.Prefix) && slices.Contains(first, request) {
			t.Errorf("two seeds share %s", request)
		}
	}
}

func TestAStoppedRunCleansUp(t *testing.T) {
	p := open(t)
	ctx, stop := context.WithCancel(t.Context())
	asked := 0
	p.subject.Target = &stopping{p.subject.Target.(all), func() {
		if asked++; asked == 2 {
			stop()
		}
	}}
	out := battery.Run(ctx, p.subject)
	skipped := 0
	for _, c := range out.Results {
		if c.Outcome == report.Skipped {
			skipped++
		}
	}
	if skipped < 20 || len(out.Leftovers) != 0 {
		t.Errorf("%d checks were skipped; left are %v", skipped, out.Leftovers)
	}
	for _, u := range p.server.Users() {
		if strings.HasPrefix(u.Email, battery.Prefix) && u.State == acmehr.Active {
			t.Errorf("%s is still active", u.Email)
		}
	}
}

// all is everything that a target can be.
type all interface {
	target.Target
	battery.Accounts
	battery.Passwords
	battery.Groups
	battery.Membership
	battery.Schemas
	battery.Entitlements
	battery.Sessions
}

// stopping calls done after each account that was made.
type stopping struct {
	all
	done func()
}

func (s *stopping) CreateUser(ctx context.Context, p target.Profile, password secret.Text) (scim.Resource, error) {
	made, err := s.all.CreateUser(ctx, p, password)
	s.done()
	return made, err
}

// foreign answers a creation with somebody who was there before.
type foreign struct {
	all
	id string
}

func (f foreign) CreateUser(ctx context.Context, p target.Profile, password secret.Text) (scim.Resource, error) {
	if _, err := f.all.CreateUser(ctx, p, password); err != nil {
		return nil, err
	}
	return scim.Resource{"id": f.id}, nil
}

func TestSomebodyElsesAccountIsNotTouched(t *testing.T) {
	p := open(t)
	p.subject.Target = foreign{p.subject.Target.(all), "1001"}
	out := battery.Run(t.Context(), p.subject)
	if !slices.Contains(found(out), "contract.create") {
		t.Errorf("it was not noticed\n%s", explain(out))
	}
	if after := p.others(); after != p.before {
		t.Errorf("what was there before is changed:\n%s\nbefore:\n%s", after, p.before)
	}
	p.accounted(t, out)
}

// limited cannot list schemas, and that is Slipway's fault.
type limited struct{ all }

func (limited) Properties(context.Context) ([]target.Property, error) {
	f := target.NewFailure(target.Rejected, 0, "The card table/read is not supported.", nil)
	f.Ours = true
	return nil, f
}

func TestALimitOfOursIsNoFailure(t *testing.T) {
	p := open(t)
	p.subject.Target = limited{p.subject.Target.(all)}
	for _, c := range battery.Run(t.Context(), p.subject).Results {
		if c.ID == "contract.schema" && (c.Verdict != report.NotRun || c.Outcome != report.Broken) {
			t.Errorf("%s: %s %s", c.ID, c.Outcome, c.Message)
		}
	}
}

func TestAReportHoldsNoPassword(t *testing.T) {
	p := open(t)
	p.server.Switch(acmehr.PasswordEchoed)
	exchanges := 0
	for _, c := range battery.Run(t.Context(), p.subject).Results {
		for _, e := range c.Exchanges {
			exchanges++
			if strings.Contains(e.RequestBody+e.ResponseBody, "Battery-0") || strings.Contains(e.RequestBody+e.ResponseBody, "!aZ") {
				t.Errorf("%s shows the password: %s %s", c.ID, e.RequestBody, e.ResponseBody)
			}
		}
	}
	if exchanges < 50 {
		t.Errorf("%d exchanges are shown as evidence", exchanges)
	}
}
