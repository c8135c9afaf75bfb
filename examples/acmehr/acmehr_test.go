package acmehr_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"slipway/examples/acmehr"
)

// caller asks the API without a wire.
type caller struct {
	t      *testing.T
	server *acmehr.Server
	token  string
}

func (c *caller) ask(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, acmehr.BasePath+path, strings.NewReader(body))
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, r)
	return w
}

// status is that of the answer, with the code of its error.
func (c *caller) status(method, path, body string) string {
	w := c.ask(method, path, body)
	var said struct{ Error struct{ Code string } }
	_ = json.Unmarshal(w.Body.Bytes(), &said)
	return strings.TrimSpace(fmt.Sprint(w.Code, " ", said.Error.Code))
}

// emails walks at most five pages.
func (c *caller) emails(query string) string {
	var all []string
	after := ""
	for range 5 {
		var page struct {
			Items []struct{ Email, Name string }
			Next  string
		}
		w := c.ask("GET", query+after, "")
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			c.t.Fatalf("GET %s: %s", query+after, w.Body)
		}
		for _, item := range page.Items {
			name, _, _ := strings.Cut(item.Email+item.Name, "@example")
			all = append(all, name)
		}
		if all = append(all, "|"); page.Next == "" {
			break
		}
		after = "&after=" + page.Next
	}
	return strings.Join(all, " ")
}

func (c *caller) show() string {
	var all []string
	for _, u := range c.server.Users() {
		all = append(all, strings.Join([]string{u.Email, u.First, u.Last, u.Title, u.State}, ","))
	}
	return strings.Join(all, " ")
}

// furnished is three people, the first two in a team.
func furnished(t *testing.T, defects ...acmehr.Defect) *caller {
	s := acmehr.New(acmehr.WithDefects(defects...), acmehr.WithClock(func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }))
	for _, name := range []string{"ann", "bob", "ann-lou"} {
		s.AddUser(acmehr.User{Email: name + "@example.com", First: name, Last: "Doe", Title: "Boss"})
	}
	s.AddTeam("Night", 1001, 1002)
	s.AddTeam("Nightly")
	return &caller{t, s, acmehr.Token}
}

func TestEachDefectShows(t *testing.T) {
	const eve = `{"email": "eve@example.com", "first": "Eve", "last": "Lee"}`
	after := func(method, path, body string, show func(*caller) string) func(*caller) string {
		return func(c *caller) string { return c.status(method, path, body) + " " + show(c) }
	}
	all := (*caller).show
	last := func(c *caller) string { shown := strings.Fields(c.show()); return shown[len(shown)-1] }
	list := func(query string) func(*caller) string { return func(c *caller) string { return c.emails(query) } }
	text := func(method, path, body string) func(*caller) string {
		return func(c *caller) string { return strings.TrimSpace(c.ask(method, path, body).Body.String()) }
	}
	stranger := func(look func(*caller) string) func(*caller) string {
		return func(c *caller) string { c.token = ""; return look(c) }
	}
	ofMembers := list("/teams/501/members?")
	rows := map[acmehr.Defect]struct {
		look  func(*caller) string
		sound string // what a sound server shows
	}{
		acmehr.CreateDropsLastName:     {after("POST", "/users", eve, last), "201 eve@example.com,Eve,Lee,,active"},
		acmehr.CreateAcceptsDuplicates: {after("POST", "/users", strings.Replace(eve, "eve@", "ANN@", 1), last), "409 user_exists ann-lou@example.com,ann-lou,Doe,Boss,active"},
		acmehr.CreateAcceptsEmpty:      {after("POST", "/users", `{}`, last), "422 invalid ann-lou@example.com,ann-lou,Doe,Boss,active"},
		acmehr.CreateWithoutID: {func(c *caller) string {
			return fmt.Sprint(strings.Contains(c.ask("POST", "/users", eve).Body.String(), `"id":1004`))
		}, "true"},
		acmehr.DeactivateDoesNothing: {after("POST", "/users/1003/deactivate", "", last), "204 ann-lou@example.com,ann-lou,Doe,Boss,inactive"},
		acmehr.DeactivateDeletes:     {after("POST", "/users/1003/deactivate", "", last), "204 ann-lou@example.com,ann-lou,Doe,Boss,inactive"},
		acmehr.DeactivateTwiceFails: {func(c *caller) string {
			return c.status("POST", "/users/1003/deactivate", "") + c.status("POST", "/users/1003/deactivate", "")
		}, "204204"},
		acmehr.ActivateDoesNothing: {func(c *caller) string {
			return c.status("POST", "/users/1003/deactivate", "") + c.status("POST", "/users/1003/activate", "") + last(c)
		}, "204204ann-lou@example.com,ann-lou,Doe,Boss,active"},
		acmehr.UpdateNotSaved:     {after("PATCH", "/users/1003", `{"first": "Lou"}`, last), "200 ann-lou@example.com,Lou,Doe,Boss,active"},
		acmehr.UpdateClearsOthers: {after("PATCH", "/users/1003", `{"first": "Lou"}`, last), "200 ann-lou@example.com,Lou,Doe,Boss,active"},
		acmehr.EmptyValueIgnored:  {after("PATCH", "/users/1003", `{"title": "", "last": null}`, last), "200 ann-lou@example.com,ann-lou,Doe,,active"},
		acmehr.FindMatchesPrefix:  {list("/teams?name=night"), "Night |"},
		acmehr.FindIgnoresFilter:  {list("/users?email=BOB@example.com"), "bob |"},
		acmehr.UnknownIDAsEmpty: {func(c *caller) string {
			return c.status("GET", "/users/9", "") + " " + c.status("GET", "/teams/x", "")
		}, "404 not_found 404 not_found"},
		acmehr.ListSkipsOne:           {list("/users?limit=2"), "ann bob | ann-lou |"},
		acmehr.ListRepeatsCursor:      {list("/users?limit=1"), "ann | bob | ann-lou |"},
		acmehr.ListIgnoresLimit:       {list("/users?limit=2"), "ann bob | ann-lou |"},
		acmehr.TeamRenameLost:         {after("PATCH", "/teams/502", `{"name": "Day"}`, list("/teams?")), "200 Night Day |"},
		acmehr.TeamDeleteIgnored:      {after("DELETE", "/teams/501", "", list("/teams?")), "204 Nightly |"},
		acmehr.TeamDeleteRemovesUsers: {after("DELETE", "/teams/501", "", list("/users?")), "204 ann bob ann-lou |"},
		acmehr.TeamFindIgnoresFilter:  {list("/teams?name=night"), "Night |"},
		acmehr.MembersAddReplaces:     {after("PUT", "/teams/501/members/1003", "", ofMembers), "204 ann bob ann-lou |"},
		acmehr.MemberRemoveIgnored:    {after("DELETE", "/teams/501/members/1001", "", ofMembers), "204 bob |"},
		acmehr.MembersListEmpty:       {ofMembers, "ann bob |"},
		acmehr.PasswordEchoed:         {text("POST", "/users/1001/password", `{"password": "Correct-Horse-1"}`), ""},
		acmehr.TokenInError: {func(c *caller) string {
			c.token = "mine-0815"
			return fmt.Sprint(strings.Contains(text("GET", "/users", "")(c), "mine-0815"))
		}, "false"},
		acmehr.MeWithoutToken: {stranger(func(c *caller) string { return c.status("GET", "/me", "") }), "401 unauthorized"},
		acmehr.ErrorsAsHTML:   {after("GET", "/users/9", "", all), "404 not_found " + everybody},
		acmehr.ErrorsAs200:    {after("GET", "/users/9", "", all), "404 not_found " + everybody},
		acmehr.SchemaIncomplete: {func(c *caller) string {
			return fmt.Sprint(strings.Count(text("GET", "/schema/users", "")(c), `"key"`))
		}, "9"},
		acmehr.LogoutIgnored: {func(c *caller) string {
			c.server.SignIn(1001)
			return fmt.Sprint(c.status("POST", "/sessions/1001/revoke", ""), c.status("POST", "/sessions/9/revoke", ""), c.server.Sessions(1001))
		}, "204404 not_found0"},
		acmehr.HooksSignedWrongly: {signed, "true"},
		acmehr.Slow: {func(c *caller) string { // whoever has given up gets an answer only where it is there at once
			ctx, giveUp := context.WithCancel(c.t.Context())
			giveUp()
			r := httptest.NewRequest("GET", acmehr.BasePath+"/me", nil).WithContext(ctx)
			r.Header.Set("Authorization", "Bearer "+c.token)
			w := httptest.NewRecorder()
			c.server.ServeHTTP(w, r)
			return fmt.Sprint(w.Body.Len() > 0)
		}, "true"},
	}
	for _, d := range acmehr.Defects() {
		row, has := rows[d]
		if !has {
			t.Errorf("%s has no row", d)
			continue
		}
		if s := d.Sentence(); !strings.HasSuffix(s, ".") || strings.Count(s, ". ") > 0 {
			t.Errorf("%s: %q is not one sentence", d, s)
		}
		if got := row.look(furnished(t)); got != row.sound {
			t.Errorf("%s: a sound server shows %q, want %q", d, got, row.sound)
		}
		if got := row.look(furnished(t, d)); got == row.sound {
			t.Errorf("%s does not show: %q", d, got)
		}
	}
}

const everybody = "ann@example.com,ann,Doe,Boss,active bob@example.com,bob,Doe,Boss,active ann-lou@example.com,ann-lou,Doe,Boss,active"

// signed tells whether an event bears the signature of the secret that its hook was given.
func signed(c *caller) string {
	var sent []*http.Request
	var bodies []string
	s := acmehr.New(acmehr.WithDefects(c.server.On()...), acmehr.WithSender(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		sent, bodies = append(sent, r), append(bodies, string(body))
		return &http.Response{Body: http.NoBody}, nil
	}))
	c.server = s
	s.AddUser(acmehr.User{Email: "ann@example.com", First: "Ann", Last: "Doe"})
	var hook struct{ Secret string }
	_ = json.Unmarshal(c.ask("POST", "/hooks", `{"url": "https://hooks.example.com/1", "events": ["user.deactivated"]}`).Body.Bytes(), &hook)
	c.status("POST", "/users/1001/deactivate", "")
	c.status("POST", "/users/1001/activate", "") // nobody asked for that
	c.status("DELETE", "/hooks/1", "")
	c.status("POST", "/users/1001/deactivate", "")
	if len(sent) != 1 {
		return fmt.Sprint(len(sent), " events")
	}
	return fmt.Sprint(sent[0].Header.Get(acmehr.SignatureHeader) == "sha256="+acmehr.Signature(hook.Secret, []byte(bodies[0])))
}

func TestRefusals(t *testing.T) {
	c := furnished(t)
	for _, tt := range []struct{ name, method, path, body, want string }{
		{"an email without an address", "POST", "/users", `{"email": "x", "first": "X", "last": "Y"}`, "422 invalid"},
		{"an attribute of another kind", "PATCH", "/users/1001", `{"title": 7}`, "422 invalid"},
		{"a department that is not there", "PATCH", "/users/1001", `{"department": "moon"}`, "422 invalid"},
		{"a role that is not there", "PATCH", "/users/1001", `{"roles": [{"id": "king"}]}`, "422 invalid"},
		{"the email of somebody else", "PATCH", "/users/1001", `{"email": "BOB@example.com"}`, "409 user_exists"},
		{"an update without email", "PATCH", "/users/1001", `{"email": ""}`, "422 invalid"},
		{"a short password", "POST", "/users/1001/password", `{"password": "short"}`, "422 invalid"},
		{"a team of the same name", "POST", "/teams", `{"name": "night"}`, "409 team_exists"},
		{"a member whom nobody knows", "PUT", "/teams/501/members/9", "", "404 not_found"},
		{"a limit of nothing", "GET", "/users?limit=0", "", "422 invalid"},
		{"a cursor that nobody gave", "GET", "/users?after=x", "", "422 invalid"},
		{"a time that is none", "GET", "/users?updated_since=yesterday", "", "422 invalid"},
		{"an event that is not there", "POST", "/hooks", `{"url": "https://a.example", "events": ["x"]}`, "422 invalid"},
		{"a hook that is not there", "DELETE", "/hooks/9", "", "404 not_found"},
		{"an address that is not there", "GET", "/nothing", "", "404 not_found"},
		{"a method that does not go", "DELETE", "/users/1001", "", "404 not_found"},
	} {
		if got := c.status(tt.method, tt.path, tt.body); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
