package acmehr_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/examples/acmehr"
	"slipway/internal/connector"
	"slipway/internal/connector/connection"
	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/egress"
	"slipway/internal/fault"
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

// place is the connector over a running server.
type place struct {
	t       *testing.T
	server  *acmehr.Server
	c       *connector.Connector
	m       *engine.Machine
	conn    *connection.Connection
	clock   *clock
	address string
}

func open(t *testing.T, method string, entered map[string]string, options ...acmehr.Option) *place {
	t.Helper()
	p := &place{t: t, clock: &clock{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}}
	p.server = acmehr.New(append(options, acmehr.WithClock(p.clock.Now))...)
	address, stop := p.server.Start()
	t.Cleanup(stop)
	p.address = address
	c, err := connector.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Findings {
		t.Error(f)
	}
	p.c = c
	entered = maps.Clone(entered)
	entered["address"] = address
	p.m, p.conn, err = c.Machine(connector.Setting{
		Method: method, Entered: entered, Clock: p.clock, HTTP: true,
		API: engine.Live{Client: egress.New(egress.AllowPrivate(), egress.Options{Timeout: 5 * time.Second})},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func withToken(t *testing.T, options ...acmehr.Option) *place {
	t.Helper()
	return open(t, "token", map[string]string{"api_token": acmehr.Token}, options...)
}

// do runs an action by its name or contract.
func (p *place) do(name string, in map[string]any) (map[string]any, error) {
	p.t.Helper()
	action, err := p.c.Action(name)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := connector.Run(p.t.Context(), p.m, action, in)
	return answer.Outputs, err
}

func (p *place) must(name string, in map[string]any) map[string]any {
	p.t.Helper()
	out, err := p.do(name, in)
	if err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	return out
}

// people puts so many into the server.
func (p *place) people(n int) {
	for i := range n {
		p.server.AddUser(acmehr.User{Email: fmt.Sprintf("p%d@example.com", i), First: "P", Last: fmt.Sprint(i)})
	}
}

type object = map[string]any

func TestTheConnectorImplementsEveryContract(t *testing.T) {
	p := withToken(t)
	for _, kept := range contract.All {
		if p.c.Implementing(kept.ID) == nil {
			t.Errorf("there is no action for %s", kept.Name)
		}
	}
}

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// The answers of one life: each contract gives what it promises, in SCIM's words.
func TestEachContractAnswersAsPromised(t *testing.T) {
	p := withToken(t)
	jane := object{
		"schemas": []any{}, "userName": "jane@example.com", "name": object{"givenName": "Jane", "familyName": "Doe"}, "externalId": "per_1",
		"title": "Boss", "phoneNumbers": []any{object{"value": "+1 555 0100"}}, "roles": []any{object{"value": "editor"}},
		enterprise: object{"department": "sales"}, "password": "Correct-Horse-1",
	}
	p.must("Create User", object{"user": jane})
	p.must("Create Group", object{"group": object{"displayName": "Night shift", "description": "Awake"}})
	for _, tt := range []struct {
		name  string
		in    object
		path  string // in the answer
		wants string
	}{
		{"Get User by ID", object{"userId": "1001"}, "user.userName", "jane@example.com"},
		{"Get User by ID", object{"userId": "1001"}, "user.externalId", "per_1"},
		{"Get User by ID", object{"userId": "1001"}, "user.roles", `[{"display":"Editor","value":"editor"}]`},
		{"Get User by ID", object{"userId": "1001"}, "user.phoneNumbers.0.value", "+1 555 0100"},
		{"Get User by UserName", object{"userName": "JANE@example.com"}, "user.id", "1001"},
		{"List Users", nil, "resources.0.name.familyName", "Doe"},
		{"Update User", object{"user": object{"id": "1001", "userName": "jane@example.com", "title": "", "name": object{"givenName": "Janet"}}}, "user.name", `{"familyName":"Doe","givenName":"Janet"}`},
		{"Get User by ID", object{"userId": "1001"}, "user.title", ""},
		{"Update User Password", object{"userId": "1001", "password": "Correct-Horse-2"}, "user", ""},
		{"Deactivate User", object{"userId": "1001"}, "user", ""},
		{"Deactivate User", object{"userId": "1001"}, "user", ""},
		{"Get User by ID", object{"userId": "1001"}, "user.active", "false"},
		{"Activate User", object{"userId": "1001"}, "user", ""},
		{"Get User by ID", object{"userId": "1001"}, "user.active", "true"},
		{"List User Schema", nil, "schemaProperties.1", `{"externalName":"name.givenName","externalNamespace":"urn:ietf:params:scim:schemas:core:2.0:User","name":"first","propertyType":"STRING","required":true,"scope":"NONE","title":"First name"}`},
		{"List User Schema Property Values", nil, "schemaPropertyValues.1", `{"displayName":"Sales","id":"sales","schemaPropertyName":"department"}`},
		{"Get Group by ID", object{"groupId": "501"}, "group.displayName", "Night shift"},
		{"List Groups", nil, "resources.0.id", "501"},
		{"List Groups by Display Name", object{"displayName": "night shift"}, "resources.0.id", "501"},
		{"List Groups by Display Name", object{"displayName": "night"}, "resources", "[]"},
		{"Add Group Members", object{"groupId": "501", "groupMembers": []any{object{"value": "1001"}}}, "resources", ""},
		{"List Group Members", object{"groupId": "501"}, "resources", `[{"display":"jane@example.com","value":"1001"}]`},
		{"Remove Group Members", object{"groupId": "501", "groupMembers": []any{object{"value": "1001"}}}, "resources", ""},
		{"List Group Members", object{"groupId": "501"}, "resources", "[]"},
		{"Update Group", object{"group": object{"id": "501", "displayName": "Early shift"}}, "group.displayName", "Early shift"},
		{"Remove Group", object{"groupId": "501"}, "group", ""},
		{"List Entitlement Schema", nil, "schemaProperties.0.name", "roles"},
		{"List Entitlement Schema Property Values", nil, "schemaPropertyValues.2.displayName", "Administrator"},
		{"Log Out Everywhere", object{"externalUserId": "1001"}, "logoutStatus", "SUCCESS"},
		{"Log Out Everywhere", object{"externalUserName": "jane@example.com"}, "logoutStatus", "SUCCESS"},
		{"Log Out Everywhere", object{"externalUserId": "9"}, "logoutStatus", "FAILURE"},
		{"Log Out Everywhere", object{"externalUserName": "nobody@example.com"}, "logoutStatus", "FAILURE"},
	} {
		if got := value.Text(value.Get(p.must(tt.name, tt.in), tt.path)); got != tt.wants {
			t.Errorf("%s %v: %s is %s, want %s", tt.name, tt.in, tt.path, got, tt.wants)
		}
	}
	if u := p.server.Users()[0]; u.Department != "sales" || u.Phone != "+1 555 0100" || p.server.Password(1001) != "Correct-Horse-2" {
		t.Errorf("at the end Acme HR has %+v", u)
	}
}

func TestErrorsHaveTheTypeThatTheyAre(t *testing.T) {
	p := withToken(t)
	p.people(1)
	taken := object{"user": object{"userName": "P0@example.com", "name": object{"givenName": "P", "familyName": "0"}}}
	for _, tt := range []struct {
		name, typ, code string
		status          int
		in              object
		message         string
	}{
		{"Get User by ID", "RESOURCE_NOT_FOUND", "", 404, object{"userId": "9"}, "There is no such user."},
		{"Get User by UserName", "RESOURCE_NOT_FOUND", "", 404, object{"userName": "nobody@example.com"}, "Nobody in Acme HR has the email nobody@example.com."},
		{"Deactivate User", "RESOURCE_NOT_FOUND", "", 404, object{"userId": "9"}, "There is no such user."},
		{"Create User", "", "user_exists", 409, taken, "Somebody in Acme HR has the email P0@example.com already."},
		{"Create User", "", "", 422, object{"user": object{"userName": "x@example.com"}}, "email, first and last must not be empty."},
		{"Update User Password", "", "", 422, object{"userId": "1001", "password": "short"}, "password must have at least 8 characters."},
		{"Move User To Team", "RESOURCE_NOT_FOUND", "no_team", 404, object{"user_id": "1001", "teams": []any{"77"}}, "There is no team 77 in Acme HR."},
	} {
		_, err := p.do(tt.name, tt.in)
		e, is := errors.AsType[*engine.Error](err)
		if !is || e.Type != tt.typ || e.Code != tt.code || e.Status != tt.status || !strings.Contains(e.Message, tt.message) {
			t.Errorf("%s: %+v, want %s %s %d %q", tt.name, err, tt.typ, tt.code, tt.status, tt.message)
		}
	}
	wrong := open(t, "token", map[string]string{"api_token": "wrong"})
	_, err := wrong.do("List Users", nil)
	if e, is := errors.AsType[*engine.Error](err); !is || e.Type != contract.Credentials {
		t.Errorf("with a wrong token: %v", err)
	}
	if status, err := wrong.c.Ping(t.Context(), wrong.m); err != nil || status.Working {
		t.Errorf("ping with a wrong token: %+v, %v", status, err)
	}
	if status, err := p.c.Ping(t.Context(), p.m); err != nil || !status.Working || status.Message != "Connected as integration@acmehr.example.com." {
		t.Errorf("ping: %+v, %v", status, err)
	}
}

// Each required input alone is missing; all others hold something.
func TestRequiredInputsAreRefusedWithoutARequest(t *testing.T) {
	p := withToken(t)
	refused := 0
	for _, action := range p.c.Program.OfKind(program.Action) {
		for _, missing := range action.Inputs {
			if !missing.Required {
				continue
			}
			in := object{}
			for _, given := range action.Inputs {
				if given.Key != missing.Key && given.Required {
					in[given.Key.Name] = sample(given)
				}
			}
			_, err := connector.Run(t.Context(), p.m, action, in)
			if e, is := errors.AsType[*engine.Error](err); !is || e.Status != 400 {
				t.Errorf("%s without %s: %v, want 400", action.Name, missing.Key.Name, err)
			}
			refused++
		}
	}
	if _, err := p.do("Log Out Everywhere", nil); err == nil {
		t.Error("nobody was logged out, and that went well")
	}
	if n := len(p.server.Journal()); n != 0 || refused < 20 {
		t.Errorf("%d refusals, and %d requests were sent; want 20 and none", refused, n)
	}
}

func sample(p program.Parameter) any {
	switch {
	case p.List && p.Type == value.Object:
		return []any{object{"value": "1"}}
	case p.List:
		return []any{"1"}
	case p.Type == value.Object:
		return object{"id": "1", "userName": "x@example.com", "displayName": "X"}
	}
	return "1"
}

func TestListsAreReadPageByPage(t *testing.T) {
	p := withToken(t)
	p.people(450)
	seen := map[string]bool{}
	pages, cursor := 0, ""
	for pages < 10 { // a cursor that leads nowhere must not keep the test
		pagination := object{"limit": 100.0}
		if cursor != "" {
			pagination["cursor"] = cursor
		}
		out := p.must("List Users", object{"pagination": pagination})
		for _, u := range out["resources"].([]any) {
			seen[value.Text(value.Get(u, "id"))] = true
		}
		pages++
		if cursor = value.Text(value.Get(out["pagination"], "nextCursor")); cursor == "" {
			break
		}
	}
	if pages != 5 || len(seen) != 450 {
		t.Errorf("%d pages with %d people, want 5 with 450", pages, len(seen))
	}
	p.server.Forget()
	if out := p.must("Count Users", nil); out["count"] != 450.0 || len(p.server.Journal()) != 3 {
		t.Errorf("counted %v with %d requests, want 450 with 3", out["count"], len(p.server.Journal()))
	}
	p.server.Switch(acmehr.ListRepeatsCursor)
	if _, err := p.do("Count Users", nil); err != nil {
		t.Errorf("a cursor that comes again ends the list: %v", err)
	}
	p.server.Switch()
	_ = p.clock.Sleep(t.Context(), time.Hour)
	p.people(2)
	if out := p.must("Count Users", object{"since": p.clock.Now().Format(time.RFC3339)}); out["count"] != 2.0 {
		t.Errorf("two are new, and it counted %v", out["count"])
	}
}

func TestMoveUserToTeam(t *testing.T) {
	p := withToken(t)
	p.people(1)
	for _, name := range []string{"A", "B", "C"} {
		p.server.AddTeam(name)
	}
	move := func(leave string, teams ...any) []int {
		out := p.must("Move User To Team", object{"user_id": "1001", "teams": teams, "leave": leave})
		if out["joined"] != float64(len(teams)) {
			t.Errorf("joined is %v, want %d", out["joined"], len(teams))
		}
		return p.server.Users()[0].Teams
	}
	if got := move("yes", "501", "502"); !slices.Equal(got, []int{501, 502}) {
		t.Errorf("in two: %v", got)
	}
	if got := move("no", "503"); !slices.Equal(got, []int{501, 502, 503}) {
		t.Errorf("in one more: %v", got)
	}
	if got := move("yes", "502"); !slices.Equal(got, []int{502}) {
		t.Errorf("in one only: %v", got)
	}
	if _, err := p.do("Move User To Team", object{"user_id": "1001", "teams": []any{"502"}, "leave": "perhaps"}); err == nil {
		t.Error("an option that there is not was taken")
	}
}

// asked counts requests whose path ends so.
func (p *place) asked(end string) int {
	n := 0
	for _, e := range p.server.Journal() {
		if strings.HasSuffix(e.Path, end) {
			n++
		}
	}
	return n
}

func TestTokensAreGotKeptAndRenewed(t *testing.T) {
	p := open(t, "oauth", map[string]string{"client_id": acmehr.ClientID, "client_secret": acmehr.ClientSecret})
	read := func(what string, tokens int) {
		t.Helper()
		p.must("List Users", nil)
		if n := p.asked("/oauth/token"); n != tokens {
			t.Errorf("%s: %d tokens were asked for, want %d", what, n, tokens)
		}
	}
	read("first", 1)
	read("kept", 1)
	p.server.RevokeTokens()
	read("renewed after 401", 2)
	_ = p.clock.Sleep(t.Context(), acmehr.TokenLife)
	read("renewed at its end", 3)
	secrets := p.conn.Secrets()
	if len(secrets) != 4 || secrets[3].Reveal() != "acme-granted-3" {
		t.Errorf("%d secrets are known, want the client's and three tokens", len(secrets))
	}

	wrong := open(t, "oauth", map[string]string{"client_id": acmehr.ClientID, "client_secret": "wrong"})
	_, err := wrong.do("List Users", nil)
	if e, is := errors.AsType[*engine.Error](err); !is || e.Type != contract.Credentials || e.Status != 401 {
		t.Errorf("with a wrong secret: %v", err)
	}
}

func TestTooManyRequestsAreSentAgainWhenTold(t *testing.T) {
	p := withToken(t)
	began := p.clock.Now()
	p.server.Throttle(2, "20")
	p.must("Create Group", object{"group": object{"displayName": "Night shift"}})
	if waited := p.clock.Now().Sub(began); waited != 40*time.Second || len(p.server.Teams()) != 1 {
		t.Errorf("it waited %s for %d teams, want 40s and one", waited, len(p.server.Teams()))
	}
	p.server.Throttle(10, "20")
	_, err := p.do("List Groups", nil)
	if e, is := errors.AsType[*engine.Error](err); !is || e.Type != contract.TooOften || p.asked("/teams") != 7 {
		t.Errorf("after three more tries: %v, with %d requests", err, p.asked("/teams"))
	}
}

func TestPollingTellsOfEachChange(t *testing.T) {
	p := withToken(t)
	p.people(1)
	e := p.c.Event("User Changed")
	_ = p.clock.Sleep(t.Context(), time.Minute)
	cursor, err := connector.Begin(p.m, e)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	poll := func(want int) {
		t.Helper()
		told, err := connector.Poll(t.Context(), p.m, e, cursor)
		if err != nil {
			t.Fatal(err)
		}
		fresh := 0
		for _, key := range told.Keys {
			if !seen[key] {
				fresh++
			}
			seen[key] = true
		}
		if cursor = told.Cursor; fresh != want {
			t.Errorf("it tells of %d changes, want %d: %v", fresh, want, told.Items)
		}
	}
	poll(0)
	p.people(205)
	poll(205)
	poll(0)
	_ = p.clock.Sleep(t.Context(), time.Minute)
	p.must("Deactivate User", object{"userId": "1003"})
	poll(1)
}

func TestWebhooksAreVerified(t *testing.T) {
	var delivered []*http.Request
	var bodies [][]byte
	p := withToken(t, acmehr.WithSender(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		delivered, bodies = append(delivered, r), append(bodies, body)
		return &http.Response{Body: http.NoBody}, err
	}))
	p.people(2)
	e := p.c.Event("User Deactivated")
	kept, err := connector.Register(t.Context(), p.m, e, "https://slipway.example.com/hooks/1/unguessable")
	if err != nil || kept["secret"] != "acme-hook-secret-1" {
		t.Fatalf("registered: %v, %v", kept, err)
	}
	p.must("Deactivate User", object{"userId": "1002"})
	p.server.Switch(acmehr.HooksSignedWrongly)
	p.must("Deactivate User", object{"userId": "1001"})
	if len(delivered) != 2 {
		t.Fatalf("%d deliveries, want 2", len(delivered))
	}
	receive := func(kept map[string]any, header http.Header, body []byte) (connector.Told, error) {
		return connector.Receive(t.Context(), p.m, e, kept, header, body)
	}
	told, err := receive(kept, delivered[0].Header, bodies[0])
	if err != nil || len(told.Items) != 1 || value.Get(told.Items[0], "email") != "p1@example.com" || !strings.HasPrefix(told.Keys[0], "1002/") {
		t.Errorf("told: %+v, %v", told, err)
	}
	for name, refused := range map[string]func() (connector.Told, error){
		"another's signature": func() (connector.Told, error) { return receive(kept, delivered[1].Header, bodies[1]) },
		"a changed body": func() (connector.Told, error) {
			return receive(kept, delivered[0].Header, bytes.Replace(bodies[0], []byte("p1@"), []byte("p2@"), 1))
		},
		"no signature":           func() (connector.Told, error) { return receive(kept, http.Header{}, bodies[0]) },
		"a secret that was lost": func() (connector.Told, error) { return receive(nil, delivered[0].Header, bodies[0]) },
		"no prefix": func() (connector.Told, error) {
			return receive(kept, http.Header{acmehr.SignatureHeader: {acmehr.Signature("acme-hook-secret-1", bodies[0])}}, bodies[0])
		},
	} {
		if told, err := refused(); fault.CodeOf(err) != fault.Unauthenticated || told.Items != nil {
			t.Errorf("%s: %v, %v", name, told, err)
		}
	}
	if err := connector.Deregister(t.Context(), p.m, e, kept); err != nil {
		t.Error(err)
	}
	p.must("Activate User", object{"userId": "1002"})
	p.must("Deactivate User", object{"userId": "1002"})
	if len(delivered) != 2 {
		t.Error("it still delivers")
	}
}
