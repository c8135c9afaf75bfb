package scim

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
	"slipway/internal/secret"
)

// serve starts a server with one answer and returns a client of it.
func serve(t *testing.T, auth Authorizer, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL+"/scim/v2/", server.Client(), auth)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestListReadsLeniently(t *testing.T) {
	one := []Resource{{"id": "1"}}
	for _, tt := range []struct {
		name, contentType, body string
		want                    ListResponse
		reason                  error
	}{
		{"as the RFC prints it", "application/scim+json", `{"schemas":["x"],"totalResults":5,"startIndex":2,"itemsPerPage":1,"Resources":[{"id":"1"}]}`, ListResponse{5, 2, 1, one}, nil},
		{"lower-case keys", "application/scim+json", `{"totalresults":5,"startindex":2,"itemsperpage":1,"resources":[{"id":"1"}]}`, ListResponse{5, 2, 1, one}, nil},
		{"JSON under text/html", "text/html", `{"totalResults":1,"Resources":[{"id":"1"}]}`, ListResponse{1, -1, -1, one}, nil},
		{"a byte order mark and blank lines", "application/json", "\ufeff\n {\"totalResults\":1,\"Resources\":[{\"id\":\"1\"}]}\n", ListResponse{1, -1, -1, one}, nil},
		{"counters as texts", "application/json", `{"totalResults":"5","startIndex":" 2 ","itemsPerPage":"1","Resources":[{"id":"1"}]}`, ListResponse{5, 2, 1, one}, nil},
		{"nobody, and no Resources", "application/json", `{"totalResults":0}`, ListResponse{0, -1, -1, nil}, nil},
		{"nobody, and Resources null", "application/json", `{"totalResults":0,"Resources":null}`, ListResponse{0, -1, -1, nil}, nil},
		{"no totalResults, as with cursors", "application/json", `{"Resources":[{"id":"1"}]}`, ListResponse{-1, -1, -1, one}, nil},
		{"a counter that is no integer", "application/json", `{"totalResults":1.5,"Resources":[]}`, ListResponse{}, ErrShape},
		{"a counter that is no number", "application/json", `{"totalResults":"many","Resources":[]}`, ListResponse{}, ErrShape},
		{"a bare array", "application/json", `[{"id":"1"}]`, ListResponse{}, ErrShape},
		{"null", "application/json", `null`, ListResponse{}, ErrShape},
		{"some other object", "application/json", `{"status":"error"}`, ListResponse{}, ErrShape},
		{"Resources that are no array", "application/json", `{"totalResults":1,"Resources":{"id":"1"}}`, ListResponse{}, ErrShape},
		{"a resource that is no object", "application/json", `{"totalResults":1,"Resources":["1"]}`, ListResponse{}, ErrShape},
		{"an HTML page", "text/html", `<!DOCTYPE html><title>Sign in</title>`, ListResponse{}, ErrNotJSON},
		{"half an object", "application/json", `{"totalResults":1,`, ListResponse{}, ErrNotJSON},
		{"an empty body", "application/json", ``, ListResponse{}, ErrNoBody},
		{"a body of 10 MB", "application/json", `{"totalResults":0,"x":"` + strings.Repeat("x", 10<<20) + `"}`, ListResponse{}, ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := serve(t, nil, says(200, tt.contentType, tt.body))
			got, err := c.List(t.Context(), "Users", Query{})
			if !errors.Is(err, tt.reason) {
				t.Fatalf("got error %v, want %v", err, tt.reason)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if err != nil && len(err.Error()) > 400 {
				t.Errorf("the error shows too much of the body: %d bytes", len(err.Error()))
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	const full = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"userName is taken"}`
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   Error
		reason error
	}{
		{"a SCIM error", says(409, "application/scim+json", full), Error{Status: 409, ScimType: "uniqueness", Detail: "userName is taken"}, nil},
		{"status as a number", says(404, "text/html", `{"status":404,"detail":"gone"}`), Error{Status: 404, Detail: "gone"}, nil},
		{"no body", says(403, "", ""), Error{Status: 403}, nil},
		{"an HTML page", says(502, "text/html", "<h1>Bad Gateway</h1>"), Error{Status: 502}, ErrNotJSON},
		{"plain text", says(401, "text/plain", "Unauthorized"), Error{Status: 401}, ErrNotJSON},
		{"an array", says(400, "application/json", `["no"]`), Error{Status: 400}, ErrNotJSON},
		{"an error body under 200", says(200, "application/json", strings.Replace(full, "409", "404", 1)), Error{Status: 404, ScimType: "uniqueness", Detail: "userName is taken"}, nil},
		{"a redirect that nobody follows", says(304, "", ""), Error{Status: 304}, nil},
		{"a wait in seconds", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "7")
			says(429, "", "")(w, r)
		}, Error{Status: 429, RetryAfter: 7 * time.Second}, nil},
		{"a wait as a date counts as none", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")
			says(429, "", "")(w, r)
		}, Error{Status: 429}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := serve(t, nil, tt.answer).Get(t.Context(), "Users", "1")
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("got %v, want an *Error", err)
			}
			if diff := cmp.Diff(tt.want, *e); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if tt.reason != nil && !errors.Is(err, tt.reason) {
				t.Errorf("%v does not say %v", err, tt.reason)
			}
			if StatusOf(err) != tt.want.Status {
				t.Errorf("StatusOf says %d, want %d", StatusOf(err), tt.want.Status)
			}
		})
	}
}

func TestWritesWithoutBody(t *testing.T) {
	c := serve(t, nil, says(204, "", ""))
	if got, err := c.Patch(t.Context(), "Users", "1", []PatchOp{{"replace", "title", "x"}}); got != nil || err != nil {
		t.Errorf("PATCH with 204: got %v, %v; want nil, nil", got, err)
	}
	if got, err := c.Replace(t.Context(), "Users", "1", Resource{}); got != nil || err != nil {
		t.Errorf("PUT with 204: got %v, %v; want nil, nil", got, err)
	}
	if err := c.Delete(t.Context(), "Users", "1"); err != nil {
		t.Errorf("DELETE with 204: %v", err)
	}
	if _, err := serve(t, nil, says(201, "", "")).Create(t.Context(), "Users", Resource{}); !errors.Is(err, ErrNoBody) {
		t.Errorf("POST with an empty 201: got %v, want ErrNoBody", err)
	}
	if _, err := serve(t, nil, says(200, "", "null")).Get(t.Context(), "Users", "1"); !errors.Is(err, ErrShape) {
		t.Errorf("GET that answers null: got %v, want ErrShape", err)
	}
}

func TestWhatGoesOverTheWire(t *testing.T) {
	type seen struct{ Method, URI, Accept, ContentType, Agent, Authorization, Body string }
	var got seen
	c := serve(t, Bearer(secret.NewText("tok")), func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.RequestURI, r.Header.Get("Accept"), r.Header.Get("Content-Type"), r.UserAgent(), r.Header.Get("Authorization"), string(body)}
		says(200, MediaType, `{"id":"1","totalResults":0}`)(w, r)
	})
	const accept, contentType, agent = MediaType, MediaType + "; charset=utf-8", UserAgent
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		send func() error
		want seen
	}{
		{"an id is escaped", func() error { _, err := c.Get(ctx, "Users", "a/b c?d"); return err },
			seen{"GET", "/scim/v2/Users/a%2Fb%20c%3Fd", accept, "", agent, "Bearer tok", ""}},
		{"a query has no plus signs for blanks", func() error {
			_, err := c.List(ctx, "Users", Query{Filter: `userName eq "a+b"`, StartIndex: 1, Count: 100, Attributes: []string{"id", "userName"}})
			return err
		}, seen{"GET", "/scim/v2/Users?attributes=id%2CuserName&count=100&filter=userName%20eq%20%22a%2Bb%22&startIndex=1", accept, "", agent, "Bearer tok", ""}},
		{"a create", func() error { _, err := c.Create(ctx, "Users", Resource{"userName": "a"}); return err },
			seen{"POST", "/scim/v2/Users", accept, contentType, agent, "Bearer tok", `{"userName":"a"}`}},
		{"a patch", func() error {
			_, err := c.Patch(ctx, "Users", "1", []PatchOp{{"replace", "", map[string]any{"active": false}}})
			return err
		}, seen{"PATCH", "/scim/v2/Users/1", accept, contentType, agent, "Bearer tok",
			`{"Operations":[{"op":"replace","value":{"active":false}}],"schemas":["` + SchemaPatchOp + `"]}`}},
		{"a delete", func() error { return c.Delete(ctx, "Groups", "1") },
			seen{"DELETE", "/scim/v2/Groups/1", accept, "", agent, "Bearer tok", ""}},
		{"a raw request of the lab", func() error {
			r, err := c.Request(ctx, "POST", "/Users", url.Values{"count": {"0"}}, "{")
			if err != nil {
				return err
			}
			response, err := c.HTTP.Do(r)
			if err != nil {
				return err
			}
			return response.Body.Close()
		}, seen{"POST", "/scim/v2/Users?count=0", accept, contentType, agent, "Bearer tok", "{"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.send(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func TestIDsThatNameNoResource(t *testing.T) {
	c := serve(t, nil, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL) })
	for _, id := range []string{"", ".", ".."} {
		if err := c.Delete(t.Context(), "Users", id); err == nil {
			t.Errorf("DELETE of %q is not refused", id)
		}
		if _, err := c.Get(t.Context(), "Users", id); err == nil {
			t.Errorf("GET of %q is not refused", id)
		}
	}
}

func TestNewClientRefuses(t *testing.T) {
	for _, base := range []string{"", "example.com/scim", "ftp://example.com", "https://", "https://u:p@example.com", "https://example.com?x=1", "https://example.com/#x", "https://exa mple.com"} {
		if _, err := NewClient(base, http.DefaultClient, nil); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q: got %v, want a fault.Invalid", base, err)
		}
	}
}

// Covers H-19 for the client: a target that echoes its credentials does not get them into errors.
func TestErrorsHoldNoSecret(t *testing.T) {
	const token, password = "tok-canary-4711", "pass-canary-4711"
	echo := func(status int, format string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			given := r.Header.Get("Authorization") + r.Header.Get("X-Key")
			quoted, _ := json.Marshal("you sent " + given + " " + password)
			says(status, "", fmt.Sprintf(format, quoted))(w, r)
		}
	}
	for _, auth := range []Authorizer{Bearer(secret.NewText(token)), Basic("jane", secret.NewText(password)), Header("X-Key", secret.NewText(token)), Token("X-Key", "SSWS {token}", secret.NewText(token))} {
		for _, format := range []string{`{"detail":%s}`, `<p>%s`, strings.Repeat(" ", 100) + `<p>` + strings.Repeat("y", 85) + `%s`} {
			for _, status := range []int{200, 401} {
				_, err := serve(t, auth, echo(status, format)).List(t.Context(), "Users", Query{})
				text := fmt.Sprintf("%v %+v %#v", err, err, err)
				e, _ := errors.AsType[*Error](err)
				if e != nil {
					text += e.Detail
				}
				for _, bad := range []string{token, "tok-canary", base64.StdEncoding.EncodeToString([]byte("jane:" + password))} {
					if strings.Contains(text, bad) {
						t.Errorf("%T, %d: %q is in %s", auth, status, bad, text)
					}
				}
			}
		}
		if len(auth.Secrets()) == 0 || strings.Contains(fmt.Sprintf("%+v %#v", auth, auth), "canary") {
			t.Errorf("%T names no secrets, or prints them: %+v", auth, auth)
		}
	}
	if got := Bearer(secret.Text{}).Secrets(); len(got) != 0 {
		t.Errorf("an empty token counts as a secret: it would redact everything")
	}
}
