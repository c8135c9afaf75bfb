package lab

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

// target serves h on this machine, in front of a compliant server that h may call.
func target(t *testing.T, h func(w http.ResponseWriter, r *http.Request, sound http.Handler)) (string, *scimtest.Server) {
	t.Helper()
	sound := scimtest.New(scimtest.WithToken(token))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, r, sound) }))
	t.Cleanup(s.Close)
	return s.URL + scimtest.BasePath, sound
}

func check(t *testing.T, r report.Report, id string) report.Result {
	t.Helper()
	for _, c := range r.Checks {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("there is no check %s", id)
	return report.Result{}
}

func TestWrongTokenIsOneFinding(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) { sound.ServeHTTP(w, r) })
	s := subject(base)
	s.Auth = scim.Bearer(secret.NewText("expired"))
	rep := Run(t.Context(), s, Unwatched{})
	if rep.Verdict != report.Failed || !slices.Equal(found(rep), []string{"auth.credentials"}) || rep.Requests != 1 {
		t.Errorf("%s after %d requests, findings %v; want failed after 1, auth.credentials", rep.Verdict, rep.Requests, found(rep))
	}
	if !strings.Contains(rep.Reason, "refused the credentials") {
		t.Errorf("the reason is %q", rep.Reason)
	}
}

// A run whose target cannot be reached is nobody's proven fault.
func TestUnreachableTargetIsNotRun(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for _, tt := range []struct {
		name, base string
		policy     egress.Policy
		says       string
	}{
		{"nobody listens", "http://127.0.0.1:1/scim", egress.AllowPrivate(), "refused the connection"},
		{"silent", "http://" + silent.Addr().String() + "/scim", egress.AllowPrivate(), "in time"},
		{"a private address that is not opened", "http://127.0.0.1:1/scim", egress.Closed(), "private or reserved"},
		{"a private address over https", "https://10.0.0.1/scim", egress.Closed(), "private or reserved"},
		{"no such host", "https://scim.invalid/v2", egress.Closed(), "DNS"},
		{"no address at all", "scim", egress.Closed(), "full address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := subject(tt.base)
			s.Policy, s.Reach = tt.policy, 50*time.Millisecond
			rep := Run(t.Context(), s, Unwatched{})
			if rep.Verdict != report.NotRun || !strings.Contains(rep.Reason, tt.says) || len(rep.Findings()) != 0 {
				t.Errorf("%s, %q, findings %v; want not_run that says %q", rep.Verdict, rep.Reason, found(rep), tt.says)
			}
		})
	}
}

func TestPlainHTTPIsAFindingBeforeAnythingIsSent(t *testing.T) {
	s := subject("http://scim.example.com/v2")
	s.Policy = egress.Closed()
	rep := Run(t.Context(), s, Unwatched{})
	if c := check(t, rep, "conn.base-url.https"); rep.Verdict != report.Failed || c.Outcome != report.Fail || rep.Requests != 0 {
		t.Errorf("%s, %s, %d requests; want a failed run without a request", rep.Verdict, c.Outcome, rep.Requests)
	}
}

// Hostile and broken targets end in clear findings within the deadline.
func TestBrokenTargets(t *testing.T) {
	answer := func(status int, kind, body string) func(http.ResponseWriter, *http.Request, http.Handler) {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		name    string
		h       func(http.ResponseWriter, *http.Request, http.Handler)
		finding string
		says    string
	}{
		{"HTML instead of JSON", answer(200, "text/html", "<!DOCTYPE html><html><body>Welcome</body></html>"), root, "an HTML page"},
		{"HTML with 404", answer(404, "text/html", "<html>nothing here</html>"), root, "base URL"},
		{"plain text", answer(200, "text/plain", "OK"), root, "not JSON"},
		{"an empty body", answer(200, "application/json", ""), root, "empty"},
		{"JSON that is no list", answer(200, "application/json", `{"users":[]}`), root, "no list"},
		{"a null", answer(200, "application/json", `null`), root, "not an object"},
		{"a server error", answer(500, "application/json", `{"detail":"boom"}`), root, "500"},
		{"10 MB", answer(200, "application/scim+json", `{"Resources":"`+strings.Repeat("x", 10<<20)+`"}`), root, "more than 4 MiB"},
		{"a redirect to a sign-in page", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "https://login.example.com/", http.StatusFound)
		}, "conn.no-cross-redirect", "https://login.example.com"},
		{"another protocol", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.2\r\n")
				_ = conn.Close()
			}
		}, "conn.reach", "not in HTTP"},
		{"totals beyond every integer", answer(200, "application/scim+json", `{"schemas":["`+scim.SchemaListResponse+`"],"totalResults":9223372036854775808,"Resources":[]}`), root, "no list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, _ := target(t, tt.h)
			rep := Run(t.Context(), subject(base), Unwatched{})
			if rep.Verdict != report.Failed || !slices.Equal(found(rep), []string{tt.finding}) {
				t.Errorf("%s: findings %v; want failed with %s alone", rep.Verdict, found(rep), tt.finding)
			}
			if c := check(t, rep, tt.finding); !strings.Contains(c.Message, tt.says) {
				t.Errorf("the message is %q; want it to say %q", c.Message, tt.says)
			}
		})
	}
}

func TestTargetThatHangsInTheMiddle(t *testing.T) {
	base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if r.Method == http.MethodPut {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the client has gone
			<-r.Context().Done()
			return
		}
		sound.ServeHTTP(w, r)
	})
	s := subject(base)
	s.Patience = 100 * time.Millisecond
	rep := Run(t.Context(), s, Unwatched{})
	if rep.Verdict != report.Failed || !slices.Equal(found(rep), []string{"conn.latency.max"}) {
		t.Errorf("%s: findings %v; want failed, conn.latency.max alone\n%s", rep.Verdict, found(rep), explain(rep))
	}
	if rep.Duration > 5*time.Second || len(sound.Users()) != 0 {
		t.Errorf("took %s, %d users left", rep.Duration, len(sound.Users()))
	}
}

func TestEndlessPagesEnd(t *testing.T) {
	var n atomic.Int64
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if r.Method != http.MethodGet || r.URL.Path != scimtest.BasePath+"/Users" || r.URL.Query().Has("filter") || r.Header.Get("Authorization") != "Bearer "+token {
			sound.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", scim.MediaType)
		_, _ = io.WriteString(w, `{"schemas":["`+scim.SchemaListResponse+`"],"totalResults":1000000,"startIndex":1,"itemsPerPage":2,"Resources":[`+user(n.Add(1))+`,`+user(n.Add(1))+`]}`)
	})
	rep := Run(t.Context(), subject(base), Unwatched{})
	base, _ = target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) { sound.ServeHTTP(w, r) })
	sound := Run(t.Context(), subject(base), Unwatched{})
	if rep.Verdict != report.Failed || !slices.Contains(found(rep), "page.startindex") || rep.Requests > sound.Requests*3/2 {
		t.Errorf("%s after %d requests, %d on a sound server: findings %v", rep.Verdict, rep.Requests, sound.Requests, found(rep))
	}
}

func user(n int64) string {
	id := itoa(int(n))
	return `{"schemas":["` + scim.SchemaUser + `"],"id":"` + id + `","userName":"u` + id + `@example.com","active":true,` +
		`"name":{"givenName":"U","familyName":"` + id + `"},"emails":[{"value":"u` + id + `@example.com"}]}`
}

func TestSlowDownIsHonoured(t *testing.T) {
	var refused atomic.Int64
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if r.Method == http.MethodPost && refused.Add(1) == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		sound.ServeHTTP(w, r)
	})
	rep := Run(t.Context(), subject(base), Unwatched{})
	if rep.Verdict != report.Passed || len(found(rep)) != 0 {
		t.Errorf("%s: %s, findings %v", rep.Verdict, rep.Reason, found(rep))
	}
	if !slices.ContainsFunc(rep.Warnings, func(w string) bool { return strings.Contains(w, "429") }) {
		t.Errorf("the report does not say that the target slowed the run down: %v", rep.Warnings)
	}
}

func TestBasicAndHeaderCredentials(t *testing.T) {
	for _, tt := range []struct {
		name   string
		option scimtest.Option
		auth   scim.Authorizer
	}{
		{"basic", scimtest.WithBasic("ada", "pässword"), scim.Basic("ada", secret.NewText("pässword"))},
		{"a header of its own", scimtest.WithHeader("X-Api-Key", "key-123456"), scim.Header("X-Api-Key", secret.NewText("key-123456"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, stop := scimtest.New(tt.option).Start()
			defer stop()
			s := subject(base)
			s.Auth = tt.auth
			if rep := Run(t.Context(), s, Unwatched{}); rep.Verdict != report.Passed || len(found(rep)) != 0 {
				t.Errorf("%s: %s, findings %v", rep.Verdict, rep.Reason, found(rep))
			}
		})
	}
}

// Covers R-079: the manifest's word on PATCH decides, whatever ServiceProviderConfig says.
func TestManifestDecidesOnPatch(t *testing.T) {
	for _, declared := range []bool{true, false} {
		server := scimtest.New(scimtest.WithToken(token))
		base, stop := server.Start()
		s := subject(base)
		s.Patch = &declared
		rep := Run(t.Context(), s, Unwatched{})
		stop()
		patches := 0
		for _, e := range server.Journal() {
			if e.Method == http.MethodPatch && e.Status/100 == 2 {
				patches++
			}
		}
		want := map[bool]report.Outcome{true: report.Pass, false: report.NotApplicable}[declared]
		if c := check(t, rep, "users.active.deactivate-patch"); c.Outcome != want || rep.Verdict != report.Passed {
			t.Errorf("declared %v: %s %s, run %s; want %s, passed", declared, c.Outcome, c.Message, rep.Verdict, want)
		}
		if !declared && patches > 1 { // discovery.spc.truthful.patch tries it once
			t.Errorf("%d PATCHes were sent though none are declared", patches)
		}
	}
}

// Covers R-081: where the manifest says that a userName is an e-mail address, every userName sent is one.
func TestUserNamesAreEmailAddressesWhereDeclared(t *testing.T) {
	server := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects("users.create.username-not-email"))
	base, stop := server.Start()
	defer stop()
	s := subject(base)
	s.UserNameIsEmail = true
	if rep := Run(t.Context(), s, Unwatched{}); rep.Verdict != report.Passed || len(found(rep)) != 0 {
		t.Errorf("%s: %s, findings %v", rep.Verdict, rep.Reason, found(rep))
	}
}

// Covers H-65: an address that a target hands out is not followed to another host.
func TestLocationElsewhereIsNotFollowed(t *testing.T) {
	var strayed atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	defer elsewhere.Close()
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		record := &recorder{ResponseWriter: w}
		sound.ServeHTTP(record, r)
		w.Header().Del("Content-Length")
		if w.Header().Get("Location") != "" {
			w.Header().Set("Location", elsewhere.URL+r.URL.Path)
		}
		w.WriteHeader(record.status)
		_, _ = w.Write(record.body.Bytes())
	})
	rep := Run(t.Context(), subject(base), Unwatched{})
	if c := check(t, rep, "users.create.201-location"); c.Outcome != report.Fail || strayed.Load() != 0 {
		t.Errorf("%s %s; %d requests went elsewhere", c.Outcome, c.Message, strayed.Load())
	}
}

func TestGroupsThatAreNotThereDoNotApply(t *testing.T) {
	withoutGroups := func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if strings.Contains(r.URL.Path, "/Groups") || strings.Contains(r.URL.Path, "/ResourceTypes") {
			http.NotFound(w, r)
			return
		}
		sound.ServeHTTP(w, r)
	}
	for _, tt := range []struct {
		name     string
		features []string
		want     report.Verdict
	}{
		{"nobody declared them", nil, report.Passed},
		{"the manifest declares them", []string{"create_users", "update_users", "deactivate_users", "group_push"}, report.Failed},
	} {
		base, _ := target(t, withoutGroups)
		s := subject(base)
		s.Features = tt.features
		rep := Run(t.Context(), s, Unwatched{})
		if rep.Verdict != tt.want {
			t.Errorf("%s: %s (%s); want %s", tt.name, rep.Verdict, rep.Reason, tt.want)
		}
	}
}

// A server that only offers its users, and has none, is told what to do about it.
func TestEmptyServerIsToldToAddPeople(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) { sound.ServeHTTP(w, r) })
	s := subject(base)
	s.Features = []string{"import_users"}
	rep := Run(t.Context(), s, Unwatched{})
	for _, tt := range []struct{ id, says string }{
		{byName, "There is no user to look for."},
		{secondPage, "There are too few users for a second page: 0."},
	} {
		c := check(t, rep, tt.id)
		if c.Verdict != report.NotRun || !strings.Contains(c.Message, tt.says) || !strings.Contains(c.Message, "Put at least three people into the app") {
			t.Errorf("%s on an empty server: %s, %q", tt.id, c.Verdict, c.Message)
		}
	}
}

var errDisk = errors.New("disk full")

type refusing struct{ Unwatched }

func (refusing) Creating(report.Object) error { return errDisk }

// What cannot be noted must not be created.
func TestNothingIsCreatedWithoutANote(t *testing.T) {
	base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) { sound.ServeHTTP(w, r) })
	rep := Run(t.Context(), subject(base), refusing{})
	if rep.Verdict != report.NotRun || !strings.Contains(rep.Reason, "The lab could not go on") {
		t.Errorf("%s: %s; want not_run by our own fault", rep.Verdict, rep.Reason)
	}
	for _, e := range sound.Journal() {
		if e.Method == http.MethodPost && e.Path == scimtest.BasePath+"/Users" {
			t.Errorf("POST %s was sent", e.Path)
		}
	}
}

// canceling ends the run once n objects were created.
type canceling struct {
	Unwatched
	cancel context.CancelFunc
	n      int
}

func (c *canceling) Created(report.Object) error {
	if c.n--; c.n == 0 {
		c.cancel()
	}
	return nil
}

func TestCanceledRunCleansUp(t *testing.T) {
	for _, n := range []int{1, 3, 5} {
		base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) { sound.ServeHTTP(w, r) })
		ctx, cancel := context.WithCancel(t.Context())
		rep := Run(ctx, subject(base), &canceling{cancel: cancel, n: n})
		if rep.Verdict != report.NotRun || !strings.Contains(rep.Reason, "stopped") {
			t.Errorf("after %d objects: %s, %q; want not_run", n, rep.Verdict, rep.Reason)
		}
		if left := len(sound.Users()) + len(sound.Groups()); left != 0 || len(rep.Leftovers) != 0 {
			t.Errorf("after %d objects: %d stay, %v are named", n, left, rep.Leftovers)
		}
		if len(rep.Checks) != len(Checks()) {
			t.Errorf("%d of %d checks are in the report", len(rep.Checks), len(Checks()))
		}
	}
}

// A part of the catalogue speaks for that part, and says so.
func TestAPartOfTheCatalogue(t *testing.T) {
	rep, _ := verifyOnly(t, []string{"users.put.readback", errorsFam})
	ids := map[string]bool{}
	for _, c := range rep.Checks {
		ids[c.ID] = true
	}
	if !ids["users.put.readback"] || !ids["users.put.200"] || !ids["error.404-endpoint"] || ids["groups.list.200"] {
		t.Errorf("it ran %v", ids)
	}
	if !slices.Equal(rep.Only, []string{"users.put.readback", errorsFam}) || !strings.Contains(strings.Join(rep.Warnings, " "), "Only a part of the catalogue") {
		t.Errorf("it does not say that it is a part: %v %v", rep.Only, rep.Warnings)
	}
	if err := Selectable(SCIM20, []string{"users.put.readback", "no.such"}); err == nil || !strings.Contains(err.Error(), "no.such") {
		t.Errorf("a name that is none: %v", err)
	}
}

// Wherever a run is stopped, the checks that look back find less than they are used to, and the run comes to its end.
func TestARunMayBeStoppedAnywhere(t *testing.T) {
	t.Parallel()
	for at := int32(1); at < 400; at += 1 + at/8 {
		ctx, stop := context.WithCancel(t.Context())
		var asked atomic.Int32
		base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
			if asked.Add(1) == at {
				stop()
			}
			sound.ServeHTTP(w, r)
		})
		rep := Run(ctx, subject(base), Unwatched{})
		if len(rep.Checks) != len(Checks()) || len(sound.Users())+len(sound.Groups()) != 0 {
			t.Errorf("stopped at request %d: %d checks are in the report, %d users and %d groups stay", at, len(rep.Checks), len(sound.Users()), len(sound.Groups()))
		}
		stop()
	}
}
