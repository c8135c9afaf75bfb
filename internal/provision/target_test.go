package provision

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"slipway/internal/scim"
	"slipway/internal/target"
)

// vendor is somebody's SCIM server, reduced to users and to how it fails. It answers without a network, so that
// a test can run thousands of requests, and it remembers what an oracle needs.
type vendor struct {
	mu       sync.Mutex
	users    map[string]scim.Resource
	serial   int
	journal  []entry
	slowness int // how often a request lets others go first

	flying atomic.Int32
	most   atomic.Int32

	// fault is asked at each request, before and after it is applied.
	fault func(r request, applied bool) effect

	// inScope says who shall have an account now; switching one of them off is a violation.
	inScope    func(userName string) bool
	violations []string

	dropsExternalID bool
	wantsPassword   bool
	hidesInactive   bool
}

// failer is what a test and a property check have in common.
type failer interface {
	Helper()
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

type request struct {
	method, id string
	query      url.Values
	body       scim.Resource
}

type effect int

const (
	fine effect = iota
	drop        // no answer: reset, time-out, or the asking machine dies
	breakdown
	tooMany
	unauthorized
	emptyBody
)

// entry is one line of the journal.
type entry struct {
	request
	applied  bool
	answered bool
	status   int
}

func newVendor() *vendor { return &vendor{users: map[string]scim.Resource{}} }

var errReset = errors.New("connection reset")

func (v *vendor) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	v.underWay(1)
	defer v.underWay(-1)
	for range v.slowness {
		runtime.Gosched() // whoever could send now, does
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	req := request{method: r.Method, query: r.URL.Query()}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/Users/"); ok {
		req.id = rest
	}
	if r.Body != nil {
		data, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(data, &req.body)
	}
	line := entry{request: req}
	defer func() { v.journal = append(v.journal, line) }()
	if e := v.ask(req, false); e != fine {
		return line.answer(e)
	}
	status, body := v.apply(req)
	line.applied = status < 300
	if e := v.ask(req, true); e != fine {
		return line.answer(e)
	}
	line.answered, line.status = true, status
	return answer(status, body), nil
}

// underWay counts the requests that are with the target, and remembers the most there ever were.
func (v *vendor) underWay(change int32) {
	now := v.flying.Add(change)
	for most := v.most.Load(); now > most && !v.most.CompareAndSwap(most, now); most = v.most.Load() {
	}
}

func (v *vendor) ask(r request, applied bool) effect {
	if v.fault == nil {
		return fine
	}
	return v.fault(r, applied)
}

func (e *entry) answer(what effect) (*http.Response, error) {
	if what == drop {
		return nil, errReset
	}
	e.answered = true
	e.status = map[effect]int{breakdown: 500, tooMany: 429, unauthorized: 401, emptyBody: 201}[what]
	resp := answer(e.status, nil)
	if what == tooMany {
		resp.Header.Set("Retry-After", "1")
	}
	return resp, nil
}

func answer(status int, body any) *http.Response {
	text := []byte{}
	if body != nil {
		text, _ = json.Marshal(body)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(text))}
}

func (v *vendor) apply(r request) (int, any) {
	switch {
	case r.method == http.MethodGet && r.id == "":
		return http.StatusOK, v.list(r.query.Get("filter"))
	case r.method == http.MethodPost:
		return v.create(r.body)
	}
	user, ok := v.users[r.id]
	if !ok {
		return http.StatusNotFound, scim.Refuse(http.StatusNotFound, "", "no such user")
	}
	switch r.method {
	case http.MethodGet:
		return http.StatusOK, user.Clone()
	case http.MethodPut:
		user = r.body
	case http.MethodPatch:
		patched, err := scim.ApplyPatch(user, operations(r.body))
		if err != nil {
			return http.StatusBadRequest, err
		}
		user = patched
	}
	if active, known := user.Active(); known && !active && v.inScope != nil && v.inScope(user.UserName()) {
		v.violations = append(v.violations, fmt.Sprintf("%s switched off %s, who is in scope", r.method, user.UserName()))
	}
	v.users[r.id] = user
	return http.StatusOK, user
}

func operations(body scim.Resource) []scim.PatchOp {
	var ops []scim.PatchOp
	list, _ := body["Operations"].([]any)
	for _, raw := range list {
		o := raw.(map[string]any)
		path, _ := o["path"].(string)
		ops = append(ops, scim.PatchOp{Op: o["op"].(string), Path: path, Value: o["value"]})
	}
	return ops
}

func (v *vendor) list(filter string) scim.ListResponse {
	var page scim.ListResponse
	f, err := scim.ParseFilter(filter)
	for _, user := range v.users {
		active, _ := user.Active()
		if (filter == "" || err == nil && f.Match(user)) && (active || !v.hidesInactive) {
			page.Resources = append(page.Resources, user.Clone())
		}
	}
	page.TotalResults, page.StartIndex, page.ItemsPerPage = len(page.Resources), 1, len(page.Resources)
	return page
}

func (v *vendor) create(user scim.Resource) (int, any) {
	if v.wantsPassword && user.String("password") == "" {
		return http.StatusBadRequest, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "password is required")
	}
	for _, other := range v.users {
		if strings.EqualFold(other.UserName(), user.UserName()) {
			return http.StatusConflict, scim.Refuse(http.StatusConflict, scim.Uniqueness, "user name is taken")
		}
	}
	v.serial++
	user = user.Clone()
	user["id"] = fmt.Sprintf("u%d", v.serial)
	delete(user, "password")
	if v.dropsExternalID {
		delete(user, "externalId")
	}
	v.users[user.ID()] = user
	return http.StatusCreated, user.Clone()
}

// seed puts an account into the target that Slipway did not make.
func (v *vendor) seed(user scim.Resource) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.serial++
	user["id"] = fmt.Sprintf("u%d", v.serial)
	v.users[user.ID()] = user
	return user.ID()
}

func (v *vendor) byName(t failer, userName string) scim.Resource {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	var found scim.Resource
	for _, user := range v.users {
		if strings.EqualFold(user.UserName(), userName) {
			if found != nil {
				t.Fatalf("the target has two accounts called %s", userName)
			}
			found = user.Clone()
		}
	}
	return found
}

func (v *vendor) names() []string {
	var names []string
	for _, user := range v.users {
		names = append(names, user.UserName())
	}
	return names
}

func (v *vendor) isActive(userName string) bool {
	for _, user := range v.users {
		if active, _ := user.Active(); user.UserName() == userName && active {
			return true
		}
	}
	return false
}

// requests counts the journal's lines by method.
func (v *vendor) requests(method string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, line := range v.journal {
		if line.method == method {
			n++
		}
	}
	return n
}

func (v *vendor) target(t failer, dialect target.Dialect) target.Target {
	t.Helper()
	client, err := scim.NewClient("http://target.example.com", v, nil)
	if err != nil {
		t.Fatal(err)
	}
	return target.NewSCIM(client, dialect, clock)
}
