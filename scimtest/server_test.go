package scimtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/scim"
	"slipway/internal/secret"
)

func TestJournalTellsBegunAndEnded(t *testing.T) {
	var lines bytes.Buffer
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	w := start(t, WithJournal(&lines), WithSyncJournal(path), WithClock(func() time.Time { return noon }))
	body := userBody("jane", "")
	w.call("POST", "/Users", body)
	w.filter(`userName eq "a b"`)
	w.s.On(Rule{Effect: Reset()})
	w.get("/Users/a%2Fb")

	first := Entry{Seq: 1, Phase: Begun, Time: noon, Method: "POST", Path: "/scim/v2/Users", Body: body}
	firstEnded := first
	firstEnded.Phase, firstEnded.Status, firstEnded.AnsweredAt = Ended, 201, noon
	cut := Entry{Seq: 3, Phase: Ended, Time: noon, Method: "GET", Path: "/scim/v2/Users/a%2Fb", AnsweredAt: noon}
	entries := w.s.Journal()
	if len(entries) != 6 || entries[0] != first || entries[1] != firstEnded || entries[5] != cut {
		t.Errorf("the journal is %+v", entries)
	}
	expect(t, "query", entries[2].Query, "filter=userName+eq+%22a+b%22")

	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "the file has what the writer has", string(file), lines.String())
	scanner := bufio.NewScanner(&lines)
	for i := 0; scanner.Scan(); i++ {
		var entry Entry
		if err := json.Unmarshal(scanner.Bytes(), &entry); err != nil || entry != entries[i] {
			t.Errorf("line %d is %s (%v)", i, scanner.Text(), err)
		}
	}
}

func TestRules(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rule   Rule
		want   string // three POSTs, and how many users are there then
		stored int
		fired  int
	}{
		{"a status before the work", Rule{Method: "POST", Nth: 2, Effect: Status(503, "Retry-After", "7")}, "201 503 201", 2, 1},
		{"a status after the work", Rule{Method: "POST", Nth: 2, Phase: After, Effect: Status(500)}, "201 500 201", 3, 1},
		{"each second one", Rule{Method: "POST", Every: 2, Effect: Status(429)}, "201 429 201", 2, 1},
		{"every one", Rule{PathPrefix: "/Users", Effect: HTML(502)}, "502 502 502", 0, 3},
		{"another method", Rule{Method: "PUT", Effect: Status(500)}, "201 201 201", 3, 0},
		{"another path", Rule{PathPrefix: "/Groups", Effect: Status(500)}, "201 201 201", 3, 0},
		{"a reset before the work", Rule{Method: "POST", Nth: 1, Effect: Reset()}, "none 201 201", 2, 1},
		{"an answer that gets lost", Rule{Method: "POST", Nth: 1, Effect: DropAnswer()}, "none 201 201", 3, 1},
		{"a huge answer", Rule{Method: "POST", Nth: 3, Effect: Huge(10 << 20)}, "201 201 200", 2, 1},
		{"any text", Rule{Method: "POST", Nth: 1, Effect: Text(200, "text/plain", "hello")}, "200 201 201", 2, 1},
		{"a delay", Rule{Method: "POST", Effect: Delay(time.Millisecond)}, "201 201 201", 3, 3},
		{"no effect", Rule{Method: "POST"}, "201 201 201", 3, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t)
			rule := w.s.On(tt.rule)
			var got []string
			for i := range 3 {
				r := w.call("POST", "/Users", userBody(fmt.Sprintf("user%d", i), ""))
				if r.err != nil {
					got = append(got, "none")
				} else {
					got = append(got, fmt.Sprint(r.status))
				}
				if r.status == 503 && r.header.Get("Retry-After") != "7" {
					t.Errorf("the header is missing: %v", r.header)
				}
			}
			expect(t, "answers", strings.Join(got, " "), tt.want)
			expect(t, "stored", len(w.s.Users()), tt.stored)
			expect(t, "fired", rule.Fired(), tt.fired)
			w.s.ClearRules()
			expect(t, "without rules", w.get("/Users").status, 200)
		})
	}
}

// begun is told of every line of the journal.
type begun chan struct{}

func (b begun) Write(line []byte) (int, error) {
	b <- struct{}{}
	return len(line), nil
}

func TestWhatHangsEndsWithTheServer(t *testing.T) {
	lines := make(begun, 10)
	s := New(WithJournal(lines))
	base, stop := s.Start()
	s.On(Rule{Effect: Hang()})
	done := make(chan error, 1)
	go func() {
		response, err := http.Get(base + "/Users")
		if err == nil {
			_ = response.Body.Close()
		}
		done <- err
	}()
	<-lines // the request is there, and hangs
	stop()
	stop()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a request that hangs was answered")
		}
	case <-time.After(5 * time.Second):
		t.Error("a request hangs although the server has stopped")
	}
}

func TestResetForgetsEverybody(t *testing.T) {
	w := start(t, WithDefects("repr.id-string"))
	id := w.user("jane", "").ID()
	w.group("Team", id)
	expect(t, "users", len(w.s.Users()), 1)
	expect(t, "groups of a user", fmt.Sprint(w.s.Users()[0].Get("groups.display")), "Team")
	expect(t, "members", members(w.s.Groups()[0]), id)
	w.s.Reset()
	expect(t, "users after reset", len(w.s.Users()), 0)
	expect(t, "groups after reset", len(w.s.Groups()), 0)
	expect(t, "the defect begins anew", w.user("jane", "").ID(), id)
}

// The server also works as a handler of somebody else's server, and says so in its locations.
func TestAsHandler(t *testing.T) {
	server := httptest.NewTLSServer(New())
	defer server.Close()
	client, err := scim.NewClient(server.URL+BasePath, server.Client(), nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := client.Create(t.Context(), "Users", scim.Resource{"schemas": []string{scim.SchemaUser}, "userName": "jane"})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "location", u.String("meta.location"), server.URL+BasePath+"/Users/"+u.ID())
	outside, err := server.Client().Get(server.URL + "/Users")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outside.Body.Close() }()
	expect(t, "outside its base path", outside.StatusCode, 404)
}

// Our own client gets along with it in every verb.
func TestOurClient(t *testing.T) {
	w := start(t)
	c, err := scim.NewClient(w.base, http.DefaultClient, scim.Bearer(secret.NewText(token)))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	u, err := c.Create(ctx, "Users", scim.Resource{"schemas": []string{scim.SchemaUser}, "userName": "jane", "active": true})
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.List(ctx, "Users", scim.Query{Filter: `userName eq "JANE"`, StartIndex: 1, Count: 100})
	if err != nil || page.TotalResults != 1 || page.Resources[0].ID() != u.ID() {
		t.Errorf("list: %+v, %v", page, err)
	}
	if after, err := c.Patch(ctx, "Users", u.ID(), []scim.PatchOp{{Op: "replace", Value: map[string]any{"active": false}}}); err != nil || after.String("active") != "false" {
		t.Errorf("patch: %v, %v", after, err)
	}
	u["title"] = "Boss"
	if after, err := c.Replace(ctx, "Users", u.ID(), u); err != nil || after.String("title") != "Boss" {
		t.Errorf("replace: %v, %v", after, err)
	}
	if _, err := c.Create(ctx, "Users", u); scim.StatusOf(err) != 409 {
		t.Errorf("a second create: %v", err)
	}
	if err := c.Delete(ctx, "Users", u.ID()); err != nil {
		t.Error(err)
	}
	if _, err := c.Get(ctx, "Users", u.ID()); scim.StatusOf(err) != 404 {
		t.Errorf("get after delete: %v", err)
	}
}

// Two equal POSTs at once make one user; parallel PATCHes of one group lose no member.
func TestParallelRequests(t *testing.T) {
	w := start(t)
	g := w.group("Team").ID()
	const n = 20
	var wg sync.WaitGroup
	statuses := make([]int, n)
	for i := range n {
		wg.Go(func() {
			statuses[i] = w.call("POST", "/Users", userBody("jane", "")).status
			id := w.call("POST", "/Users", userBody(fmt.Sprintf("user%d", i), "")).object.ID()
			w.call("PATCH", "/Groups/"+g, patchBody(`{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`))
			w.get("/Users?sortBy=userName&count=3")
			w.s.Users()
		})
	}
	wg.Wait()
	created := 0
	for _, status := range statuses {
		if status == http.StatusCreated {
			created++
		}
	}
	expect(t, "created", created, 1)
	expect(t, "members", len(membersOf(w.get("/Groups/"+g).object)), n)
}

// serveLocally is one request without a network in between.
func serveLocally(b *testing.B, s *Server, method, path, body string) {
	r := httptest.NewRequest(method, BasePath+path, strings.NewReader(body))
	r.Header.Set("Content-Type", scim.MediaType)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= 300 {
		b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

func crowd(b *testing.B, n int) *Server {
	s := New()
	for i := range n {
		serveLocally(b, s, "POST", "/Users", userBody(fmt.Sprintf("user%d@example.com", i), person))
	}
	return s
}

// A look-up by name takes the same time whether 500 or 50,000 are there.
func BenchmarkLookUp(b *testing.B) {
	for _, n := range []int{500, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := crowd(b, n)
			path := "/Users?filter=" + url.QueryEscape(`userName eq "user77@example.com"`)
			for b.Loop() {
				serveLocally(b, s, "GET", path, "")
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{500, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := crowd(b, n)
			for b.Loop() {
				serveLocally(b, s, "GET", fmt.Sprintf("/Users?startIndex=%d&count=10", n/2), "")
			}
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	s := crowd(b, 5000)
	for i := 0; b.Loop(); i++ {
		serveLocally(b, s, "POST", "/Users", userBody(fmt.Sprintf("new%d@example.com", i), person))
	}
}
