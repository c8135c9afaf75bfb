package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
	"slipway/internal/web"
)

const password = "four plain words here"

// site is a network's pages on a real server and a real database.
type site struct {
	*httptest.Server
	access *access.Service
}

func newSite(t *testing.T) site {
	t.Helper()
	s := storetest.Open(t, storetest.SQLite(t))
	people := access.NewService(s, store.Now)
	pages := web.New(web.Config{Access: people, Places: s, Sessions: s.Sessions(), Healthy: s.Ping, Clock: store.Now, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	return site{server, people}
}

// browser keeps cookies as browsers do on loopback: a Secure cookie is accepted over plain http.
type browser struct {
	t       *testing.T
	base    string
	cookies map[string]string
}

func (s site) browser(t *testing.T) *browser {
	return &browser{t: t, base: s.URL, cookies: map[string]string{}}
}

// answer is what a browser shows after a request; redirects are not followed.
type answer struct {
	Status   int
	Body     string
	Location string
}

func (b *browser) do(method, path string, form url.Values, header ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, string(body), res.Header.Get("Location")}
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.do("GET", path, nil) }
func (b *browser) post(path string, form url.Values, header ...string) answer {
	b.t.Helper()
	return b.do("POST", path, form, header...)
}

// join makes a user and signs the browser in by the one-time link.
func (b *browser) join(s site, org access.Org, email string, roles ...access.Role) {
	b.t.Helper()
	_, token, err := s.access.Invite(b.t.Context(), email, strings.Split(email, "@")[0], org, roles...)
	if err != nil {
		b.t.Fatal(err)
	}
	if got := b.post("/join/"+token, url.Values{"password": {password}}); got.Status != http.StatusSeeOther {
		b.t.Fatalf("join: %d %s", got.Status, got.Body)
	}
}

func (s site) org(t *testing.T, slug string, network bool) access.Org {
	t.Helper()
	org, err := s.access.CreateOrg(t.Context(), slug, slug, network)
	if err != nil {
		t.Fatal(err)
	}
	return org
}

func TestOneTimeLinkPage(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	_, token, err := s.access.Invite(t.Context(), "ann@example.com", "Ann", s.org(t, "acme", false), access.Vendor)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.get("/join/" + token); got.Status != 200 || !strings.Contains(got.Body, "Welcome, Ann") {
		t.Errorf("the link's page: %d", got.Status)
	}
	if got := b.post("/join/"+token, url.Values{"password": {"short"}}); got.Status != 422 || !strings.Contains(got.Body, "at least 12 characters") {
		t.Errorf("a short password: %d %s", got.Status, got.Body)
	}
	if got := b.post("/join/"+token, url.Values{"password": {password}}); got.Status != 303 || got.Location != "/submissions" {
		t.Errorf("a good password: %d to %q", got.Status, got.Location)
	}
	if got := b.get("/"); !strings.Contains(got.Body, "Your password is set") {
		t.Error("the next page does not say that the password is set")
	}
	if got := s.browser(t).get("/join/" + token); got.Status != 404 || !strings.Contains(got.Body, "used already") {
		t.Errorf("the used link: %d", got.Status)
	}
}

func TestSignInReturnsToWhereItWasAsked(t *testing.T) {
	s := newSite(t)
	s.browser(t).join(s, s.org(t, "acme", false), "ann@example.com", access.Vendor)
	for _, tt := range []struct{ name, next, want string }{
		{"none was asked for: a vendor's own first page", "", "/submissions"},
		{"one of our pages", "/submissions/sub_1?tab=scim", "/submissions/sub_1?tab=scim"},
		{"another site is refused", "https://evil.example/", "/submissions"},
		{"a scheme-less other site is refused", "//evil.example/", "/submissions"},
		{"a backslash is refused", `/\evil.example`, "/submissions"},
	} {
		got := s.browser(t).post("/sign-in", url.Values{"email": {"ann@example.com"}, "password": {password}, "next": {tt.next}})
		if got.Status != 303 || got.Location != tt.want {
			t.Errorf("%s: %d to %q, want %q", tt.name, got.Status, got.Location, tt.want)
		}
	}
	got := s.browser(t).post("/sign-in", url.Values{"email": {"ann@example.com"}, "password": {"wrong"}})
	if got.Status != 401 || !strings.Contains(got.Body, "do not match") || !strings.Contains(got.Body, "ann@example.com") {
		t.Errorf("a wrong password keeps the address and says so: %d", got.Status)
	}
}

// An expired sign-in in the middle of a form: what was typed goes through the sign-in page and is saved after it.
func TestInterruptedFormIsKept(t *testing.T) {
	s := newSite(t)
	s.browser(t).join(s, s.org(t, "acme", false), "ann@example.com", access.Vendor)
	b := s.browser(t)
	got := b.post("/sign-out", url.Values{"name": {`Ünï "quoted" <b>`}})
	if got.Status != 401 || !strings.Contains(got.Body, `name="kept.name"`) || !strings.Contains(got.Body, "what you typed is kept") {
		t.Fatalf("the sign-in page does not carry the form: %d %s", got.Status, got.Body)
	}
	if strings.Contains(got.Body, "<b>") {
		t.Error("what was typed stands unescaped in the page")
	}
	got = b.post("/sign-in", url.Values{"email": {"ann@example.com"}, "password": {password}, "kept_action": {"/sign-out"}, "kept.name": {"x"}})
	if got.Status != 303 || got.Location != "/" || len(b.cookies) != 0 {
		t.Errorf("after signing in the kept form (here: sign out) is done: %d, cookies %v", got.Status, b.cookies)
	}
}

// Covers H-55: a form from another site is refused before anything reads it.
func TestCrossSiteFormIsRefused(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	b.join(s, s.org(t, "acme", false), "ann@example.com", access.Vendor)
	if got := b.post("/sign-out", url.Values{}, "Sec-Fetch-Site", "cross-site"); got.Status != 403 {
		t.Errorf("cross-site: %d, want 403", got.Status)
	}
	if got := b.post("/sign-out", url.Values{}, "Origin", "https://evil.example"); got.Status != 403 {
		t.Errorf("foreign origin: %d, want 403", got.Status)
	}
	if len(b.cookies) == 0 {
		t.Error("the refused form signed the person out")
	}
}

func TestUnknownAddress(t *testing.T) {
	b := newSite(t).browser(t)
	for _, path := range []string{"/nope", "/join/a%00b", "/submissions/sub_%00"} {
		if got := b.get(path); got.Status != 404 || !strings.Contains(got.Body, "no page at this address") {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
}
