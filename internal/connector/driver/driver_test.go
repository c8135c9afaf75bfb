package driver_test

import (
	"context"
	"os"
	"strconv"
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
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// A connector can be asked for everything that the contract battery looks at.
var (
	_ battery.Accounts     = (*driver.Driver)(nil)
	_ battery.Passwords    = (*driver.Driver)(nil)
	_ battery.Groups       = (*driver.Driver)(nil)
	_ battery.Membership   = (*driver.Driver)(nil)
	_ battery.Schemas      = (*driver.Driver)(nil)
	_ battery.Entitlements = (*driver.Driver)(nil)
	_ battery.Sessions     = (*driver.Driver)(nil)
	_ battery.Selective    = (*driver.Driver)(nil)
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

// flaky loses the answers of requests that contain the text; with before, the requests too.
type flaky struct {
	engine.API
	lose   string
	before bool
}

func (f *flaky) Call(ctx context.Context, q engine.Request) (engine.Response, error) {
	if f.lose == "" || !strings.Contains(q.Method+" "+q.URL, f.lose) {
		return f.API.Call(ctx, q)
	}
	if !f.before {
		if _, err := f.API.Call(ctx, q); err != nil {
			return engine.Response{}, err
		}
	}
	return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: "The connection was cut."}
}

// place is Acme HR with the driver over its connector.
type place struct {
	*driver.Driver
	server *acmehr.Server
	wire   *flaky
	clock  *clock
}

// open drives Acme HR's connector, or another whose definition edit makes of it.
func open(t *testing.T, token string, edit ...string) *place {
	t.Helper()
	clock := &clock{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	server := acmehr.New(acmehr.WithClock(clock.Now))
	url, stop := server.Start()
	t.Cleanup(stop)
	wire := &flaky{API: engine.Live{Client: egress.New(egress.AllowPrivate(), egress.Options{Timeout: 5 * time.Second})}}
	c := load(t, edit...)
	m, _, err := c.Machine(connector.Setting{
		Entered: map[string]string{"address": url, "api_token": token}, API: wire, Clock: clock, HTTP: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &place{driver.New(c, m), server, wire, clock}
}

// load reads the example with texts replaced: old, new, old, new.
func load(t *testing.T, edit ...string) *connector.Connector {
	t.Helper()
	text, err := os.ReadFile("../../../examples/acmehr/connector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	edited := string(text)
	for i := 0; i < len(edit); i += 2 {
		if !strings.Contains(edited, edit[i]) {
			t.Fatalf("connector.yaml does not hold %q", edit[i])
		}
		edited = strings.ReplaceAll(edited, edit[i], edit[i+1])
	}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/connector.yaml", []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := connector.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const department = scim.SchemaEnterpriseUser + ":department"

var jane = target.Profile{
	"userName": "jane@example.com", "name.givenName": "Jane", "name.familyName": "Doe", "externalId": "per_1", "title": "Boss",
	"emails[primary eq true].value": "jane@example.com", "emails[primary eq true].type": "work",
	"phoneNumbers[primary eq true].value": "+1 555 0100", "phoneNumbers[primary eq true].type": "work", department: "sales",
}

func TestAnAccountThroughAConnector(t *testing.T) {
	acme, ctx := open(t, acmehr.Token), t.Context()
	if err := acme.Probe(ctx); err != nil {
		t.Fatalf("probe: %v", err)
	}
	if hits, err := acme.FindUsers(ctx, target.UserName, "jane@example.com"); len(hits) != 0 || err != nil {
		t.Fatalf("before anybody is there: %v, %v", hits, err)
	}
	made, err := acme.CreateUser(ctx, jane, secret.NewText("Correct-Horse-1"))
	if err != nil {
		t.Fatal(err)
	}
	id, _ := strconv.Atoi(made.ID())
	if diff := target.Differences(made, jane); len(diff) != 0 {
		t.Errorf("the new account differs: %v", diff)
	}
	if got := acme.server.Password(id); got != "Correct-Horse-1" {
		t.Errorf("the password is %q", got)
	}
	hits, err := acme.FindUsers(ctx, target.UserName, "JANE@example.com")
	if err != nil || len(hits) != 1 || hits[0].ID() != made.ID() || hits[0].ExternalID() != "per_1" {
		t.Fatalf("by user name: %v, %v", hits, err)
	}
	changes := []target.Change{{Attribute: "name.givenName", To: "Janet"}, {Attribute: "title", To: "Lead"}, {Attribute: department, To: "legal"}}
	if err := acme.UpdateUser(ctx, made.ID(), changes, true); err != nil {
		t.Fatal(err)
	}
	if u := acme.server.Users()[0]; u.First != "Janet" || u.Last != "Doe" || u.Title != "Lead" || u.Department != "legal" || u.Phone == "" {
		t.Errorf("after an update: %+v", u)
	}
	gone := []target.Change{{Attribute: "title"}, {Attribute: department}, {Attribute: "phoneNumbers[primary eq true].value"}, {Attribute: "phoneNumbers[primary eq true].type"}}
	if err := acme.UpdateUser(ctx, made.ID(), gone, true); err != nil {
		t.Fatal(err)
	}
	if u := acme.server.Users()[0]; u.Title != "" || u.Department != "" || u.Phone != "" || u.ExternalRef != "per_1" {
		t.Errorf("three attributes were removed: %+v", u)
	}
	for _, active := range []bool{false, false, true, true} {
		if err := acme.SetActive(ctx, made.ID(), active); err != nil {
			t.Fatal(err)
		}
		if got := acme.server.Users()[0].State == acmehr.Active; got != active {
			t.Errorf("switched to %t, and it is %t", active, got)
		}
	}
}

func kind(err error) target.Kind {
	if err == nil {
		return ""
	}
	return target.FailureOf(err).Kind
}

func TestFailuresSayWhetherAnythingHappened(t *testing.T) {
	create := func(ctx context.Context, p *place) error {
		_, err := p.CreateUser(ctx, jane, secret.Text{})
		return err
	}
	find := func(ctx context.Context, p *place) error {
		_, err := p.FindUsers(ctx, target.UserName, "jane@example.com")
		return err
	}
	read := func(ctx context.Context, p *place) error { _, err := p.User(ctx, "1001"); return err }
	off := func(ctx context.Context, p *place) error { return p.SetActive(ctx, "1001", false) }
	someone := func(p *place) {
		p.server.AddUser(acmehr.User{Email: "jane@example.com", First: "Jane", Last: "Doe"})
	}
	with := func(all ...acmehr.Defect) func(*place) { return func(p *place) { p.server.Switch(all...) } }
	lost := func(what string) func(*place) { return func(p *place) { p.wire.lose = what } }
	never := func(what string) func(*place) { return func(p *place) { p.wire.lose, p.wire.before = what, true } }
	for _, tt := range []struct {
		name   string
		given  []func(*place)
		do     func(context.Context, *place) error
		want   target.Kind
		people int // who is there afterwards
	}{
		{"a second account of the same name is refused", []func(*place){someone}, create, target.Taken, 1},
		{"a lost answer to a create may have made the account", []func(*place){lost("POST ")}, create, target.Lost, 1},
		{"a lost create may have made it too, for all we know", []func(*place){never("POST ")}, create, target.Lost, 0},
		{"a create without id in the answer was probably done", []func(*place){with(acmehr.CreateWithoutID)}, create, target.Unread, 1},
		{"a refusal that calls itself success is no refusal", []func(*place){someone, with(acmehr.ErrorsAs200)}, create, target.Unread, 1},
		{"a refusal as a web page is one by its status", []func(*place){someone, with(acmehr.ErrorsAsHTML)}, create, target.Taken, 1},
		{"a filter that finds everybody is not believed", []func(*place){func(p *place) {
			p.server.AddUser(acmehr.User{Email: "ann@example.com", First: "Ann", Last: "Lee"})
		}, with(acmehr.FindIgnoresFilter)}, find, target.Suspicious, 1},
		{"a filter that finds beginnings is not believed", []func(*place){func(p *place) {
			p.server.AddUser(acmehr.User{Email: "jane@example.com.au", First: "Jane", Last: "Roe"})
		}, with(acmehr.FindMatchesPrefix)}, find, target.Suspicious, 1},
		{"an account that is not there is gone", nil, read, target.Gone, 0},
		{"an empty object is no account", []func(*place){with(acmehr.UnknownIDAsEmpty)}, read, target.Suspicious, 0},
		{"a web page with 404 is no reason to believe that somebody is gone", []func(*place){with(acmehr.ErrorsAsHTML)}, read, target.Suspicious, 0},
		{"a lost answer to a read is lost", []func(*place){someone, lost("GET ")}, read, target.Lost, 1},
		{"switching off whom nobody knows is confirmed by reading", nil, off, target.Gone, 0},
		{"a lost switch may have been done", []func(*place){someone, lost("/deactivate")}, off, target.Lost, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acme := open(t, acmehr.Token)
			for _, given := range tt.given {
				given(acme)
			}
			if err := tt.do(t.Context(), acme); kind(err) != tt.want {
				t.Errorf("got %q (%v), want %q", kind(err), err, tt.want)
			}
			if n := len(acme.server.Users()); n != tt.people {
				t.Errorf("%d people are there, want %d", n, tt.people)
			}
		})
	}
}

func TestAWrongTokenIsDenied(t *testing.T) {
	acme := open(t, "wrong")
	_, err := acme.CreateUser(t.Context(), jane, secret.Text{})
	if kind(err) != target.Denied || target.FailureOf(err).Status != 401 {
		t.Errorf("got %v", err)
	}
	if err := acme.Probe(t.Context()); kind(err) != target.Denied {
		t.Errorf("probe: %v", err)
	}
}

func TestABusyTargetSaysHowLong(t *testing.T) {
	acme := open(t, acmehr.Token)
	began := acme.clock.Now()
	acme.server.Throttle(100, "7")
	_, err := acme.CreateUser(t.Context(), jane, secret.Text{})
	if f := target.FailureOf(err); f.Kind != target.Busy || f.After != 7*time.Second || f.Status != 429 {
		t.Errorf("got %+v", f)
	}
	if waited := acme.clock.Now().Sub(began); waited != 21*time.Second {
		t.Errorf("three more tries waited %s, want 21s", waited)
	}
}

// What was refused after the account was made is no refusal: who repeated it would make a second account.
func TestAnActionThatFailsHalfwayMayHaveMadeTheAccount(t *testing.T) {
	const returned = `      - return: { user: { $map: user, $value: "${ steps.created.body }" } }`
	acme := open(t, acmehr.Token, returned, `      - http: { method: PUT, path: "/teams/1/members/${ steps.created.body.id }" }`+"\n"+returned)
	_, err := acme.CreateUser(t.Context(), jane, secret.Text{})
	if kind(err) != target.Unread || target.FailureOf(err).Status != 404 {
		t.Errorf("got %v (%s), want unread", err, kind(err))
	}
	if len(acme.server.Users()) != 1 {
		t.Error("the account should be there")
	}
}

func TestNoContractFindsByExternalID(t *testing.T) {
	acme := open(t, acmehr.Token)
	hits, err := acme.FindUsers(t.Context(), target.ExternalID, "per_1")
	if hits != nil || kind(err) != target.Rejected {
		t.Errorf("got %v, %v; want a rejection", hits, err)
	}
	if n := len(acme.server.Journal()); n != 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}

func TestWithoutAnActionForItUpdateUserSwitches(t *testing.T) {
	acme := open(t, acmehr.Token, "    implements: provisioning.deactivateUser\n", "    inputs: [{ key: user_id, label: User ID, type: text }]\n",
		"/users/${ input.userId }/deactivate", "/users/${ input.user_id }/deactivate")
	acme.server.AddUser(acmehr.User{Email: "jane@example.com", First: "Jane", Last: "Doe"})
	if err := acme.SetActive(t.Context(), "1001", false); err != nil {
		t.Fatal(err)
	}
	last := acme.server.Journal()[len(acme.server.Journal())-1]
	if last.Method != "PATCH" {
		t.Errorf("the last request is %s %s, want the one of Update User", last.Method, last.Path)
	}
}

func TestPasswordsStayWhereTheyBelong(t *testing.T) {
	acme, ctx := open(t, acmehr.Token), t.Context()
	acme.server.AddUser(acmehr.User{Email: "jane@example.com", First: "Jane", Last: "Doe"})
	if err := acme.SetPassword(ctx, "1001", secret.NewText("Correct-Horse-2")); err != nil || acme.server.Password(1001) != "Correct-Horse-2" {
		t.Errorf("set: %v; it is %q", err, acme.server.Password(1001))
	}
	if err := acme.SetPassword(ctx, "1001", secret.NewText("short")); kind(err) != target.Rejected || strings.Contains(err.Error(), "short") {
		t.Errorf("a short one: %v", err)
	}
	if err := acme.SetPassword(ctx, "9", secret.NewText("Correct-Horse-2")); kind(err) != target.Gone {
		t.Errorf("of nobody: %v", err)
	}
	acme.server.Switch(acmehr.PasswordEchoed)
	made, err := acme.CreateUser(ctx, target.Profile{"userName": "ann@example.com", "name.givenName": "Ann", "name.familyName": "Lee"}, secret.NewText("Correct-Horse-3"))
	if err != nil || made["password"] != nil {
		t.Errorf("created with a password: %v, %v", made, err)
	}
}

func TestGroupsAndMembers(t *testing.T) {
	acme, ctx := open(t, acmehr.Token), t.Context()
	for _, name := range []string{"ann", "bob", "cid"} {
		acme.server.AddUser(acmehr.User{Email: name + "@example.com", First: name, Last: "Doe"})
	}
	group, err := acme.CreateGroup(ctx, "Night shift", "Who is awake")
	if err != nil || group.String("displayName") != "Night shift" {
		t.Fatalf("%v, %v", group, err)
	}
	if _, err := acme.CreateGroup(ctx, "night SHIFT", ""); kind(err) != target.Taken {
		t.Errorf("a second group of the name: %v", err)
	}
	renamed, err := acme.UpdateGroup(ctx, group.ID(), "Early shift", "")
	if err != nil || renamed.String("displayName") != "Early shift" || renamed.String("description") != "" {
		t.Errorf("renamed: %v, %v", renamed, err)
	}
	if l, err := acme.FindGroups(ctx, "Early shift", target.Page{}); err != nil || len(l.Resources) != 1 || l.Resources[0].ID() != group.ID() {
		t.Errorf("found: %v, %v", l, err)
	}
	if err := acme.AddMembers(ctx, group.ID(), target.Member{ID: "1001"}, target.Member{ID: "1002"}, target.Member{ID: "1003"}); err != nil {
		t.Fatal(err)
	}
	if err := acme.RemoveMembers(ctx, group.ID(), target.Member{ID: "1002"}); err != nil {
		t.Fatal(err)
	}
	first, next, err := acme.Members(ctx, group.ID(), target.Page{Limit: 1})
	if err != nil || len(first) != 1 || next == "" {
		t.Fatalf("first page: %v, %q, %v", first, next, err)
	}
	second, next, err := acme.Members(ctx, group.ID(), target.Page{Limit: 1, Cursor: next})
	if err != nil || len(second) != 1 || next != "" || second[0].ID == first[0].ID {
		t.Errorf("second page: %v, %q, %v", second, next, err)
	}
	if err := acme.RemoveGroup(ctx, group.ID()); err != nil || len(acme.server.Users()) != 3 {
		t.Errorf("removed: %v, and %d people", err, len(acme.server.Users()))
	}
	if _, err := acme.Group(ctx, group.ID()); kind(err) != target.Gone {
		t.Errorf("after its removal: %v", err)
	}
}

func TestSchemasAndSessions(t *testing.T) {
	acme, ctx := open(t, acmehr.Token), t.Context()
	acme.server.AddUser(acmehr.User{Email: "jane@example.com", First: "Jane", Last: "Doe"})
	properties, err := acme.Properties(ctx)
	if err != nil || len(properties) != 9 || properties[0].ExternalName != "userName" || !properties[0].Required || properties[4].ExternalNamespace != scim.SchemaEnterpriseUser {
		t.Errorf("schema: %+v, %v", properties, err)
	}
	values, err := acme.Values(ctx)
	if err != nil || len(values) != 4 || values[1] != (target.Value{Property: "department", ID: "sales", Display: "Sales"}) {
		t.Errorf("values: %+v, %v", values, err)
	}
	roles, err := acme.EntitlementValues(ctx)
	if err != nil || len(roles) != 3 || roles[2] != (target.Value{Property: "roles", ID: "admin", Display: "Administrator"}) {
		t.Errorf("roles: %+v, %v", roles, err)
	}
	for _, tt := range []struct {
		id, name string
		done     bool
	}{{"1001", "", true}, {"", "jane@example.com", true}, {"9", "", false}, {"", "nobody@example.com", false}} {
		acme.server.SignIn(1001)
		done, err := acme.LogOut(ctx, tt.id, tt.name)
		if err != nil || done != tt.done || done != (acme.server.Sessions(1001) == 0) {
			t.Errorf("log out %q %q: %t, %v, with %d sessions left", tt.id, tt.name, done, err, acme.server.Sessions(1001))
		}
	}
}

func TestSchemasAreReadToTheirEnd(t *testing.T) {
	acme := open(t, acmehr.Token, "http: { method: GET, path: /schema/users }", `http: { method: GET, path: /schema/users, query: { limit: 2, after: "${ input.pagination?.cursor }" } }`,
		`schemaProperties: { $map: property, $each: "${ steps.schema.body.items }" }`,
		`schemaProperties: { $map: property, $each: "${ steps.schema.body.items }" }, pagination: { nextCursor: "${ steps.schema.body.next }" }`)
	properties, err := acme.Properties(t.Context())
	if err != nil || len(properties) != 9 {
		t.Errorf("%d attributes, %v; want 9", len(properties), err)
	}
	acme.server.Switch(acmehr.ListRepeatsCursor)
	if _, err := acme.Properties(t.Context()); kind(err) != target.Suspicious {
		t.Errorf("a list without an end: %v, want suspicious", err)
	}
}
