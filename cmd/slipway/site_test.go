package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/egress"
	"slipway/internal/store/storetest"
	"slipway/scimtest"
)

const testPassword = "four plain words here"

// site is a whole network on a real server and a real database, with a vendor's live system beside it.
type site struct {
	*network
	url    string
	vendor *scimtest.Server
	target string // the vendor's base URL
}

// newSite starts a network with its workers on a fresh SQLite file.
func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOn(t, storetest.SQLite(t), slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

func newSiteOn(t *testing.T, database string, log *slog.Logger) *site {
	t.Helper()
	s := newIdleSiteOn(t, database, log)
	stop, err := s.work(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s
}

// newIdleSite is a network in which nobody works the jobs: what waits for the lab goes on waiting.
func newIdleSite(t *testing.T) *site {
	t.Helper()
	return newIdleSiteOn(t, storetest.SQLite(t), slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

func newIdleSiteOn(t *testing.T, database string, log *slog.Logger) *site {
	t.Helper()
	s := &site{network: assemble(storetest.Open(t, database), settings{
		Address: "http://network.example.com", Contact: "team@example.com", TestAccount: "network-review", Policy: egress.AllowPrivate(), Log: log,
	})}
	server := httptest.NewServer(s.doors())
	t.Cleanup(server.Close)
	s.url = server.URL
	s.vendor = scimtest.New(scimtest.WithToken(demoToken))
	var stopVendor func()
	s.target, stopVendor = s.vendor.Start()
	t.Cleanup(stopVendor)
	return s
}

// client keeps cookies as browsers do on loopback: a Secure cookie is accepted over plain http.
type client struct {
	t       *testing.T
	base    string
	cookies map[string]string
}

// answer is what a browser shows after a request; redirects are not followed.
type answer struct {
	Status   int
	Body     string
	Location string
}

func (s *site) client(t *testing.T) *client {
	return &client{t: t, base: s.url, cookies: map[string]string{}}
}

// as returns a client who is signed in to the org, which is made if it does not exist.
func (s *site) as(t *testing.T, org, email string, roles ...access.Role) *client {
	t.Helper()
	c := s.client(t)
	s.actor(t, org, email, roles...)
	user, err := s.store.UserByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.store.OrgByID(t.Context(), user.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := s.access.Invite(t.Context(), email, "", o)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.post("/join/"+token, url.Values{"password": {testPassword}}); got.Status != http.StatusSeeOther {
		t.Fatalf("join as %s: %d", email, got.Status)
	}
	return c
}

// actor makes the user, and the org where it is missing.
func (s *site) actor(t *testing.T, org, email string, roles ...access.Role) access.Actor {
	t.Helper()
	o, err := s.store.OrgBySlug(t.Context(), org)
	if err != nil {
		if o, err = s.access.CreateOrg(t.Context(), org, "Org "+org, roles[0].OfTeam()); err != nil {
			t.Fatal(err)
		}
	}
	user, _, err := s.access.Invite(t.Context(), email, strings.Split(email, "@")[0], o, roles...)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := s.access.ActorFor(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	return actor
}

func (c *client) do(method, path string, form url.Values, header ...string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	for name, value := range c.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for _, cookie := range res.Cookies() {
		c.cookies[cookie.Name] = cookie.Value
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{res.StatusCode, string(body), res.Header.Get("Location")}
}

func (c *client) get(path string) answer { c.t.Helper(); return c.do("GET", path, nil) }

func (c *client) post(path string, form url.Values, header ...string) answer {
	c.t.Helper()
	return c.do("POST", path, form, header...)
}

// testLog writes the network's warnings into the test's own log.
type testLog struct{ t *testing.T }

func (l testLog) Write(line []byte) (int, error) {
	if l.t.Context().Err() == nil { // a test that has ended takes no more lines
		l.t.Log(strings.TrimSpace(string(line)))
	}
	return len(line), nil
}
