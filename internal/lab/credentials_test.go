package lab

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

// A guard that compares the beginning of the token only passes every check but this one.
func TestATruncatedTokenIsFound(t *testing.T) {
	cut := token[:len(token)-1]
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if r.Header.Get("Authorization") == "Bearer "+cut {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		sound.ServeHTTP(w, r)
	})
	rep := Run(t.Context(), subject(base), Unwatched{})
	endAs(t, rep, []string{"auth.all-methods"}, "without their last character")
	text, err := json.Marshal(rep)
	if err != nil || strings.Contains(string(text), cut) {
		t.Errorf("the report holds nearly all of the token (%v)", err)
	}
}

// Credentials of every kind are sent without their last character, and never shown: nor is what comes back of them.
func TestCutCredentialsAreNotShown(t *testing.T) {
	const key = "canary-key-70e2c9a41b"
	for name, tt := range map[string]struct {
		option scimtest.Option
		auth   scim.Authorizer
	}{
		"a key":    {scimtest.WithHeader("X-Api-Key", key), scim.Header("X-Api-Key", secret.NewText(key))},
		"a scheme": {scimtest.WithHeader("Authorization", "SSWS "+key), scim.Token("Authorization", "SSWS {token}", secret.NewText(key))},
		"basic":    {scimtest.WithBasic("ann", key), scim.Basic("ann", secret.NewText(key))},
	} {
		sound := scimtest.New(tt.option)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Seen", strings.Join(r.Header.Values("Authorization"), "")+r.Header.Get("X-Api-Key"))
			sound.ServeHTTP(w, r)
		}))
		s := subject(server.URL + scimtest.BasePath)
		s.Auth, s.Only = tt.auth, []string{connection}
		rep := Run(t.Context(), s, Unwatched{})
		server.Close()
		cut := base64.StdEncoding.EncodeToString([]byte("ann:" + key[:len(key)-1]))
		if text, err := json.Marshal(rep); err != nil || strings.Contains(string(text), key[:len(key)-1]) || strings.Contains(string(text), cut) {
			t.Errorf("%s: the report holds nearly all of it (%v)", name, err)
		}
		if c := check(t, rep, "auth.all-methods"); c.Outcome != report.Pass {
			t.Errorf("%s: %s %s", name, c.Outcome, c.Message)
		}
	}
}

func TestTruncatedCredentials(t *testing.T) {
	pair := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	for value, want := range map[string]string{
		"Bearer abc": "Bearer ab", pair("ann", "secret"): pair("ann", "secre"), "key": "ke", "": "", "Bearer ": "Bearer",
	} {
		if got := truncated(value); got != want {
			t.Errorf("of %q is left %q, want %q", value, got, want)
		}
	}
}

// The defect of scimtest opens single users. Here are other doors between tenants.
func TestTenantsAreKeptApart(t *testing.T) {
	asFirst := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	isOther := func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+otherToken }
	for _, tt := range []struct {
		name    string
		between func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
		found   []string
		says    string
	}{
		{"nothing is open", func(http.ResponseWriter, *http.Request) bool { return false }, nil, ""},
		{"everything is open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "lists the first tenant's user"},
		{"filters are open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && r.URL.Query().Has("filter") {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "a filter finds"},
		{"lists of groups are open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && strings.HasSuffix(r.URL.Path, "/Groups") {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "the first tenant's group"},
		{"removal is open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && r.Method == http.MethodDelete {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "DELETE"},
		{"PUT is open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && r.Method == http.MethodPut {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "PUT"},
		{"reading of groups is open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && strings.Contains(r.URL.Path, "/Groups/") && r.Method == http.MethodGet {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "GET /Groups/{id} shows the first tenant's group"},
		{"changing of groups is open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && strings.Contains(r.URL.Path, "/Groups/") && r.Method == http.MethodPatch {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "PATCH /Groups/{id}"},
		{"replacing of groups is open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && strings.Contains(r.URL.Path, "/Groups/") && r.Method == http.MethodPut {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "PUT /Groups/{id}"},
		{"bulk is open", func(_ http.ResponseWriter, r *http.Request) bool {
			if isOther(r) && strings.HasSuffix(r.URL.Path, "/Bulk") {
				asFirst(r)
			}
			return false
		}, []string{"auth.tenant-isolation"}, "POST /Bulk"},
		{"the other tenant has another address", func(w http.ResponseWriter, r *http.Request) bool {
			if isOther(r) {
				w.WriteHeader(http.StatusForbidden)
			}
			return isOther(r)
		}, []string{"auth.tenant-isolation"}, "refused at this address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sound := scimtest.New(scimtest.WithToken(token), scimtest.WithTenant(otherToken))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !tt.between(w, r) {
					sound.ServeHTTP(w, r)
				}
			}))
			t.Cleanup(server.Close)
			s := subject(server.URL + scimtest.BasePath)
			s.Other = scim.Bearer(secret.NewText(otherToken))
			rep := Run(t.Context(), s, Unwatched{})
			endAs(t, rep, tt.found, tt.says)
			if len(sound.Users())+len(sound.Groups()) != 0 {
				t.Error("something stays")
			}
		})
	}
}

func TestWithoutSecondCredentialsNothingIsClaimed(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) { sound.ServeHTTP(w, r) })
	rep := Run(t.Context(), subject(base), Unwatched{})
	for id, says := range map[string]string{"auth.tenant-isolation": "--other-bearer", "auth.forbidden-403": "--read-only-bearer"} {
		if c := check(t, rep, id); c.Outcome != report.NotApplicable || !strings.Contains(c.Message, says) {
			t.Errorf("%s: %s %s; want that it does not apply, and %s", id, c.Outcome, c.Message, says)
		}
	}
}

// A reader who can write all the same leaves nothing behind.
func TestAReaderWhoWritesIsFound(t *testing.T) {
	base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if r.Header.Get("Authorization") == "Bearer "+readerToken {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		sound.ServeHTTP(w, r)
	})
	s := subject(base)
	s.Reader = scim.Bearer(secret.NewText(readerToken))
	endAs(t, Run(t.Context(), s, Unwatched{}), []string{"auth.forbidden-403"}, "the user was created")
	if len(sound.Users()) != 0 {
		t.Errorf("%d users stay", len(sound.Users()))
	}
}

func TestAnUnderscoreIsFound(t *testing.T) {
	sound := scimtest.New(scimtest.WithToken(token))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = strings.Replace(r.URL.Path, "/our_scim", scimtest.BasePath, 1)
		sound.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s := subject(server.URL + "/our_scim")
	s.Only = []string{"conn.base-url.no-underscore", "conn.base-url.version"}
	rep := Run(t.Context(), s, Unwatched{})
	if got := found(rep); !slices.Contains(got, "conn.base-url.no-underscore") || rep.Verdict != report.Failed {
		t.Errorf("%s, found %v", rep.Verdict, got)
	}
	if c := check(t, rep, "conn.base-url.version"); c.Outcome != report.NotApplicable {
		t.Errorf("without a version in the path: %s %s", c.Outcome, c.Message)
	}
}

func TestSlowReadsAreCounted(t *testing.T) {
	reads := func(fast, slow int) *run {
		r := &run{}
		for i := range fast + slow {
			took := 20 * time.Millisecond
			if i < slow {
				took = 2 * time.Second
			}
			r.answers = append(r.answers, &answer{status: http.StatusOK, exchange: egress.Exchange{Method: http.MethodGet, URL: "https://example.com/Users", Duration: took}})
		}
		return r
	}
	for _, tt := range []struct {
		name       string
		fast, slow int
		want       report.Outcome
	}{
		{"all fast", 100, 0, report.Pass},
		{"a few slow ones are chance", 100, 4, report.Pass},
		{"one in ten is slow", 90, 10, report.Fail},
		{"too few to say", 2, 10, report.Pass},
	} {
		if f := reads(tt.fast, tt.slow).judgeSlowReads(); f.Outcome != tt.want {
			t.Errorf("%s: %s %s; want %s", tt.name, f.Outcome, f.Message, tt.want)
		}
	}
}
