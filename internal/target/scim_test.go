package target_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/egress"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
	"slipway/scimtest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, base string, dialect target.Dialect) *target.SCIM {
	t.Helper()
	wire := egress.New(egress.AllowPrivate(), egress.Options{Timeout: 5 * time.Second})
	client, err := scim.NewClient(base, wire, nil)
	if err != nil {
		t.Fatal(err)
	}
	return target.NewSCIM(client, dialect, func() time.Time { return noon })
}

var jane = target.Profile{
	"userName": "jane@example.com", "name.givenName": "Jane", "name.familyName": "Doe", "externalId": "per_1",
	"emails[primary eq true].value": "jane@example.com", "emails[primary eq true].type": "work",
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Sales",
}

func TestAnAccountOnACompliantServer(t *testing.T) {
	for name, dialect := range map[string]target.Dialect{
		"PATCH": target.ByPatch, "PUT": {}, "PUT for attributes, PATCH for on and off": {PatchActive: true},
	} {
		t.Run(name, func(t *testing.T) {
			server := scimtest.New()
			base, stop := server.Start()
			defer stop()
			ctx, acme := t.Context(), open(t, base, dialect)
			if err := acme.Probe(ctx); err != nil {
				t.Fatalf("probe: %v", err)
			}
			made, err := acme.CreateUser(ctx, jane, secret.Text{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := target.Differences(server.Users()[0], jane); len(diff) != 0 {
				t.Errorf("the new account differs: %v", diff)
			}
			for by, value := range map[target.Attribute]string{target.UserName: "JANE@example.com", target.ExternalID: "per_1"} {
				hits, err := acme.FindUsers(ctx, by, value)
				if err != nil || len(hits) != 1 || hits[0].ID() != made.ID() {
					t.Errorf("by %s %s: %v, %v; want the account", by, value, hits, err)
				}
			}
			changes := []target.Change{
				{Attribute: "name.givenName", To: "Janet"}, {Attribute: "title", To: "Lead"},
				{Attribute: "emails[primary eq true].value", To: "janet@example.com"},
				{Attribute: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", To: "Legal"},
			}
			if err := acme.UpdateUser(ctx, made.ID(), changes, true); err != nil {
				t.Fatal(err)
			}
			user := server.Users()[0]
			if user.String("name.givenName") != "Janet" || user.String("name.familyName") != "Doe" || user.String("title") != "Lead" ||
				user.String("emails.value") != "janet@example.com" || user.String(scim.SchemaEnterpriseUser+":department") != "Legal" {
				t.Errorf("after an update: %v", user)
			}
			gone := []target.Change{{Attribute: "title"}, {Attribute: "emails[primary eq true].value"}, {Attribute: "emails[primary eq true].type"}}
			if err := acme.UpdateUser(ctx, made.ID(), gone, true); err != nil {
				t.Fatal(err)
			}
			if user := server.Users()[0]; user.String("title") != "" || user.Get("emails") != nil {
				t.Errorf("title and address were removed, and are %v and %v", user.Get("title"), user.Get("emails"))
			}
			for _, active := range []bool{false, true} {
				if err := acme.SetActive(ctx, made.ID(), active); err != nil {
					t.Fatal(err)
				}
				if got, known := server.Users()[0].Active(); got != active || !known {
					t.Errorf("switched to %t, and it is %t", active, got)
				}
			}
		})
	}
}

// exchange is one request to a scripted server, and its answer.
type exchange struct {
	method, path, body string
}

// scripted answers each "METHOD /path" with a status and a body, and remembers what it was sent.
func scripted(t *testing.T, answers map[string]string) (base string, sent *[]exchange) {
	t.Helper()
	sent = &[]exchange{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&body)
		*sent = append(*sent, exchange{r.Method, r.URL.Path, string(body)})
		answer, ok := answers[r.Method+" "+r.URL.Path]
		if !ok {
			answer = `404 {"detail":"not found"}`
		}
		var status int
		_, _ = fmt.Sscan(answer, &status)
		_, text, _ := strings.Cut(answer, " ")
		if header, rest, ok := strings.Cut(text, "|"); ok {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
			text = rest
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	return server.URL, sent
}

// Covers lcm §1.6: what we do not know goes back unchanged; a password and an old active flag do not.
func TestAWholeDocumentGoesBackAsItCame(t *testing.T) {
	base, sent := scripted(t, map[string]string{
		"GET /Users/u1": `200 {"id":"u1","userName":"jane","ACTIVE":false,"password":"TkdFNVdIVkxhM2c9","meta":{"version":"1"},` +
			`"groups":[{"value":"g1"}],"urn:acme:User":{"badge":7},"emails":[{"value":"home@example.com","type":"home"},{"value":"old@example.com","type":"work"}]}`,
		"PUT /Users/u1": `200 {}`,
	})
	changes := []target.Change{{Attribute: "emails[primary eq true].value", To: "new@example.com"}}
	if err := open(t, base, target.Dialect{}).UpdateUser(t.Context(), "u1", changes, true); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte((*sent)[1].body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": "u1", "userName": "jane", "ACTIVE": true, "meta": map[string]any{"version": "1"},
		"groups": []any{map[string]any{"value": "g1"}}, "urn:acme:User": map[string]any{"badge": 7.0},
		"emails": []any{
			map[string]any{"value": "home@example.com", "type": "home"}, map[string]any{"value": "new@example.com", "type": "work"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the document went back changed (-want +got):\n%s", diff)
	}
}

func TestAPatchNamesEachAttributeAndSendsListsWhole(t *testing.T) {
	base, sent := scripted(t, map[string]string{
		"GET /Users/u1":   `200 {"id":"u1","emails":[{"value":"home@example.com","type":"home"},{"value":"old@example.com","primary":true}]}`,
		"PATCH /Users/u1": `204 `,
	})
	acme := open(t, base, target.ByPatch)
	err := acme.UpdateUser(t.Context(), "u1", []target.Change{
		{Attribute: "name.givenName", To: "Janet"}, {Attribute: "title"}, {Attribute: "emails[primary eq true].value", To: "new@example.com"},
	}, true)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"Operations":[{"op":"replace","path":"name.givenName","value":"Janet"},{"op":"remove","path":"title"},` +
		`{"op":"replace","path":"emails","value":[{"type":"home","value":"home@example.com"},{"primary":true,"value":"new@example.com"}]}],` +
		`"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`
	if got := (*sent)[1].body; got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
	*sent = nil
	if err := acme.SetActive(t.Context(), "u1", false); err != nil {
		t.Fatal(err)
	}
	if got := (*sent)[0].body; len(*sent) != 1 || !strings.Contains(got, `{"op":"replace","value":{"active":false}}`) {
		t.Errorf("switched off with %v, want one PATCH without a path", *sent)
	}
}

// Covers H-63, H-64, H-67, R-19, R-21.
func TestWhatAnAnswerMeans(t *testing.T) {
	found := func(ctx context.Context, s *target.SCIM) error {
		_, err := s.FindUsers(ctx, target.UserName, "jane")
		return err
	}
	create := func(ctx context.Context, s *target.SCIM) error {
		_, err := s.CreateUser(ctx, target.Profile{"userName": "jane"}, secret.Text{})
		return err
	}
	off := func(ctx context.Context, s *target.SCIM) error { return s.SetActive(ctx, "u1", false) }
	const list, post, get, patch = "GET /Users", "POST /Users", "GET /Users/u1", "PATCH /Users/u1"
	for _, tt := range []struct {
		name    string
		do      func(context.Context, *target.SCIM) error
		answers map[string]string
		kind    target.Kind // "" for success
		says    string
	}{
		{"nobody found is no failure", found, map[string]string{list: `200 {"totalResults":0,"Resources":[]}`}, "", ""},
		{"a 404 with an error body is nobody found", found, map[string]string{list: `404 {"detail":"none"}`}, "", ""},
		{"a web page with status 404 is no answer", found, map[string]string{list: `404 <html>`}, target.Rejected, "404"},
		{"a web page with status 200 is not to be believed", found, map[string]string{list: `200 <html>login</html>`}, target.Suspicious, "not JSON"},
		{"an empty list that says it has people is not to be believed", found, map[string]string{list: `200 {"totalResults":9,"Resources":[]}`}, target.Suspicious, "ignore filters"},
		{"a list of others is not to be believed", found, map[string]string{list: `200 {"totalResults":9,"Resources":[{"id":"u2","userName":"joe"}]}`}, target.Suspicious, "1 of 9"},
		{"a complete list of others is nobody found", found, map[string]string{list: `200 {"totalResults":1,"Resources":[{"id":"u2","userName":"joe"}]}`}, "", ""},
		{"an error in the clothes of a 200 is an error", found, map[string]string{list: `200 {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"bad token"}`}, target.Denied, "bad token"},
		{"401 denies", create, map[string]string{post: `401 {}`}, target.Denied, "401 Unauthorized"},
		{"403 denies", create, map[string]string{post: `403 {"detail":"read only"}`}, target.Denied, "read only"},
		{"409 is taken", create, map[string]string{post: `409 {"scimType":"uniqueness","detail":"userName"}`}, target.Taken, "uniqueness: userName"},
		{"400 is rejected", create, map[string]string{post: `400 {"detail":"two\r\nlines` + strings.Repeat("x", 2000) + `"}`}, target.Rejected, "two lines"},
		{"500 is lost", create, map[string]string{post: `500 {}`}, target.Lost, "500"},
		{"408 is lost", create, map[string]string{post: `408 {}`}, target.Lost, "408"},
		{"a redirect is denied", create, map[string]string{post: `302 Location: https://evil.example/|`}, target.Denied, "redirect"},
		{"a 201 without a body is unread", create, map[string]string{post: `201 `}, target.Unread, "no body"},
		{"a 201 with a web page is unread", create, map[string]string{post: `201 <html>`}, target.Unread, "not JSON"},
		{"a 201 without an id is unread", create, map[string]string{post: `201 {"userName":"jane"}`}, target.Unread, "no id"},
		{"an id that no address can hold is not to be believed", create, map[string]string{post: `201 {"id":"a\u0000b"}`}, target.Suspicious, "id"},
		{"a long id is not to be believed", create, map[string]string{post: `201 {"id":"` + strings.Repeat("x", 513) + `"}`}, target.Suspicious, "id"},
		{"an id that is a number is an id", create, map[string]string{post: `201 {"id":17}`}, "", ""},
		{"404 for an account that is not there is gone", off, map[string]string{patch: `404 {"detail":"no"}`, get: `404 {"detail":"no"}`}, target.Gone, ""},
		{"410 for an account that is not there is gone", off, map[string]string{patch: `404 {}`, get: `410 `}, target.Gone, ""},
		{"404 for a method is not gone", off, map[string]string{patch: `404 {"detail":"no route"}`, get: `200 {"id":"u1"}`}, target.Rejected, "PATCH"},
		{"404 pages all over are not gone", off, map[string]string{patch: `404 <html>`, get: `404 <html>`}, target.Rejected, ""},
		{"another account than asked for is not to be believed", off, map[string]string{patch: `404 {}`, get: `200 {"id":"u2"}`}, target.Suspicious, "another"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, _ := scripted(t, tt.answers)
			err := tt.do(t.Context(), open(t, base, target.ByPatch))
			if tt.kind == "" {
				if err != nil {
					t.Errorf("got %v, want success", err)
				}
				return
			}
			if err == nil {
				t.Fatalf("got success, want %s", tt.kind)
			}
			f := target.FailureOf(err)
			if f.Kind != tt.kind || !strings.Contains(f.Error(), tt.says) || strings.ContainsAny(f.Error(), "\r\n") || len(f.Error()) > 400 {
				t.Errorf("got %s (%s), want %s that says %q in one line", f.Kind, f, tt.kind, tt.says)
			}
		})
	}
}

// Covers R-19: seconds and dates are obeyed, anything else says nothing.
func TestHowLongATargetWantsToBeLeftAlone(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"Retry-After: 30": 30 * time.Second, "Retry-After: Tue, 24 Nov 2026 12:05:00 GMT": 5 * time.Minute,
		"Retry-After: soon": 0, "Retry-After: -1": 0, "X-Other: 1": 0,
	} {
		base, _ := scripted(t, map[string]string{"GET /Users": "429 " + header + "|<html>slow down</html>"})
		f := target.FailureOf(open(t, base, target.ByPatch).Probe(t.Context()))
		if f.Kind != target.Busy || f.After != want || f.Status != http.StatusTooManyRequests {
			t.Errorf("%q: %s for %s, want busy for %s", header, f.Kind, f.After, want)
		}
	}
}

func TestAFilterQuotesItsValue(t *testing.T) {
	server := scimtest.New()
	base, stop := server.Start()
	defer stop()
	acme := open(t, base, target.ByPatch)
	const name = `o"hara\<b>@example.com`
	if _, err := acme.CreateUser(t.Context(), target.Profile{"userName": name}, secret.Text{}); err != nil {
		t.Fatal(err)
	}
	if _, err := acme.CreateUser(t.Context(), target.Profile{"userName": "other"}, secret.Text{}); err != nil {
		t.Fatal(err)
	}
	if hits, err := acme.FindUsers(t.Context(), target.UserName, name); err != nil || len(hits) != 1 {
		t.Errorf("%d accounts called %s, %v; want one", len(hits), name, err)
	}
	if hits, err := acme.FindUsers(t.Context(), target.UserName, `x" or userName pr or userName eq "`); err != nil || len(hits) != 0 {
		t.Errorf("a value that tries to be a filter found %d accounts, %v; want none", len(hits), err)
	}
}

func TestAPasswordGoesAlongAndIsNotReturned(t *testing.T) {
	server := scimtest.New()
	base, stop := server.Start()
	defer stop()
	if _, err := open(t, base, target.ByPatch).CreateUser(t.Context(), jane, secret.NewText("S3cret-once")); err != nil {
		t.Fatal(err)
	}
	if got, _ := server.Password("jane@example.com"); got != "S3cret-once" {
		t.Errorf("the server got the password %q", got)
	}
}

func TestASilentTargetIsLost(t *testing.T) {
	server := scimtest.New()
	base, stop := server.Start()
	defer stop()
	server.On(scimtest.Rule{Method: http.MethodPost, Effect: scimtest.DropAnswer()})
	_, err := open(t, base, target.ByPatch).CreateUser(t.Context(), jane, secret.Text{})
	if f := target.FailureOf(err); f.Kind != target.Lost || f.Status != 0 || f.Detail == "" {
		t.Errorf("an answer that was cut off is %+v, want lost, with a reason", f)
	}
}
