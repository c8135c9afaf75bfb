package scimtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/scim"
)

const token = "let-me-in"

// wire speaks plain HTTP to a server under test, so that what is tested is what goes over the wire.
type wire struct {
	t    *testing.T
	s    *Server
	base string
}

func start(t *testing.T, opts ...Option) *wire {
	t.Helper()
	s := New(append([]Option{WithToken(token)}, opts...)...)
	base, stop := s.Start()
	t.Cleanup(stop)
	return &wire{t, s, base}
}

// reply is what came back. err is set where no answer came.
type reply struct {
	status int
	header http.Header
	text   string
	object scim.Resource // nil where the body is no JSON object
	err    error
}

func (r reply) resources() []scim.Resource {
	list, _ := r.object["Resources"].([]any)
	var out []scim.Resource
	for _, element := range list {
		out = append(out, element.(map[string]any))
	}
	return out
}

func (r reply) total() int { n, _ := strconv.Atoi(r.object.String("totalResults")); return n }

// scimType is the error's, "" where there is none.
func (r reply) scimType() string { return r.object.String("scimType") }

// call sends body as it is, with headers given as name, value, …; an empty value takes a header away.
func (w *wire) call(method, path, body string, headers ...string) reply {
	w.t.Helper()
	request, err := http.NewRequest(method, w.base+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		request.Header.Set("Content-Type", scim.MediaType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if request.Header.Del(headers[i]); headers[i+1] != "" {
			request.Header.Set(headers[i], headers[i+1])
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	r := reply{status: response.StatusCode, header: response.Header, text: string(text), err: err}
	if json.Unmarshal(text, &r.object) != nil {
		r.object = nil
	}
	return r
}

func (w *wire) get(path string) reply { w.t.Helper(); return w.call("GET", path, "") }

func (w *wire) filter(text string) reply {
	w.t.Helper()
	return w.get("/Users?filter=" + url.QueryEscape(text))
}

// user creates one and returns it as the answer shows it.
func (w *wire) user(name, members string) scim.Resource {
	w.t.Helper()
	return w.made("/Users", userBody(name, members))
}

func (w *wire) group(name string, memberIDs ...string) scim.Resource {
	w.t.Helper()
	return w.made("/Groups", groupBody(name, memberIDs...))
}

func (w *wire) made(path, body string) scim.Resource {
	w.t.Helper()
	r := w.call("POST", path, body)
	if r.status/100 != 2 {
		w.t.Fatalf("POST %s %s: %d %s", path, body, r.status, r.text)
	}
	return r.object
}

func userBody(name, members string) string {
	body := `{"schemas":["` + scim.SchemaUser + `"],"userName":"` + name + `"`
	if members != "" {
		body += "," + members
	}
	return body + "}"
}

func groupBody(name string, memberIDs ...string) string {
	body := `{"schemas":["` + scim.SchemaGroup + `"],"displayName":"` + name + `"`
	if len(memberIDs) > 0 {
		body += `,"members":` + memberList(memberIDs...)
	}
	return body + "}"
}

func memberList(ids ...string) string {
	return `[{"value":"` + strings.Join(ids, `"},{"value":"`) + `"}]`
}

func patchBody(ops string) string {
	return `{"schemas":["` + scim.SchemaPatchOp + `"],"Operations":[` + ops + `]}`
}

func members(group scim.Resource) string {
	var ids []string
	for _, member := range membersOf(group) {
		ids = append(ids, idOf(member))
	}
	return strings.Join(ids, " ")
}

func userNames(list []scim.Resource) string {
	var all []string
	for _, r := range list {
		all = append(all, r.UserName())
	}
	return strings.Join(all, " ")
}
