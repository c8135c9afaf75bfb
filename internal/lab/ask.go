package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
)

// ask is one request that a check wants to send.
type ask struct {
	method, path string // path below the base, escaped
	query        url.Values
	body         any               // nil, a string sent as it is, or what marshals to JSON
	header       func(http.Header) // changes the header, after the credentials were put on
	object       *report.Object    // what the request may bring into being
	doubtful     bool              // object may come into being also where the target says that it refused
	aside        bool              // outside the service's own routes: see answer.aside
}

// errHeld is the answer to what a run that only reads did not send.
var errHeld = errors.New("not sent: this run only reads")

// writes also holds for requests that a sound server refuses: an unsound one would carry them out.
func (q ask) writes() bool {
	switch q.method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return !strings.HasSuffix(q.path, "/.search")
}

func (r *run) get(path string, query ...string) *answer {
	return r.send(ask{method: http.MethodGet, path: path, query: values(query)})
}

// values pairs names with values.
func values(pairs []string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func (r *run) create(resource string, body scim.Resource) *answer {
	name := body.UserName()
	if resource == "Groups" {
		name = body.String("displayName")
	}
	return r.send(ask{method: http.MethodPost, path: "/" + resource, body: body, object: &report.Object{Resource: resource, Name: name}})
}

func (r *run) replace(resource, id string, body scim.Resource) *answer {
	return r.send(ask{method: http.MethodPut, path: scim.Path(resource, id), body: body})
}

func (r *run) patch(resource, id string, ops ...map[string]any) *answer {
	body := map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": ops}
	return r.send(ask{method: http.MethodPatch, path: scim.Path(resource, id), body: body})
}

func (r *run) delete(resource, id string) *answer {
	return r.send(ask{method: http.MethodDelete, path: scim.Path(resource, id)})
}

// send does one exchange: announced, paced, recorded, and repeated only where the target asked for that with 429.
func (r *run) send(q ask) *answer {
	if r.subject.ReadOnly && q.writes() {
		r.held = true
		return &answer{err: errHeld}
	}
	if q.object != nil {
		if err := r.announce(*q.object); err != nil {
			return &answer{err: err}
		}
	}
	if !q.writes() && !r.atOnce {
		r.waitFor(q)
	}
	a := r.persist(q, r.attempt(q))
	r.wrote(q, a)
	r.note(a)
	r.record(q, a)
	return a
}

// furnished is a user with what the target wants every user to have, where the check did not say anything of it.
func (r *run) furnished(user scim.Resource) scim.Resource {
	if len(r.subject.Attributes) == 0 {
		return user
	}
	user = maps.Clone(user)
	for name, value := range r.subject.Attributes {
		extension, isExtension := value.(map[string]any)
		if given, is := user.Get(name).(map[string]any); is && isExtension {
			extension = maps.Clone(extension)
			maps.Copy(extension, given)
			value = extension
		} else if user.Get(name) != nil {
			continue
		}
		user[name] = value
		if schemas, _ := user["schemas"].([]any); strings.HasPrefix(name, "urn:") && !slices.Contains(schemas, any(name)) {
			user["schemas"] = append(slices.Clip(schemas), name)
		}
	}
	return user
}

// persist asks again where the target said 429, as long as it is told to.
func (r *run) persist(q ask, a *answer) *answer {
	for waits := 0; a.status == http.StatusTooManyRequests && waits < maxWaits; waits++ {
		r.limited = append(r.limited, a)
		if !r.waitAsAsked(a, waits) {
			break
		}
		a = r.attempt(q)
	}
	a.aside = q.aside
	return a
}

// record keeps the answer as evidence, and settles what became of the object that the request was to make.
func (r *run) record(q ask, a *answer) {
	r.evidence = append(r.evidence, a)
	if q.object != nil {
		r.made(*q.object, a, q.doubtful)
	}
}

func (r *run) attempt(q ask) *answer {
	if err := r.keepPace(); err != nil {
		return &answer{err: err}
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.patience)
	defer cancel()
	request, err := r.request(ctx, q)
	if err != nil {
		return &answer{err: err}
	}
	resp, err := r.http.Do(request)
	r.requests++
	r.targetTime += r.last.Duration
	if err != nil {
		return newAnswer(nil, nil, r.last, err)
	}
	r.clock.giveBack(r.last.Duration)
	body, err := io.ReadAll(resp.Body)
	return r.dialect.unmask(newAnswer(resp, body, r.last, err))
}

// keepPace waits until the next request may be sent.
func (r *run) keepPace() error {
	since := time.Now()
	if r.pace.Wait(r.ctx) != nil {
		return r.ctx.Err()
	}
	r.clock.giveBack(time.Since(since))
	return nil
}

func (r *run) request(ctx context.Context, q ask) (*http.Request, error) {
	user, is := q.body.(scim.Resource)
	if is && (q.method == http.MethodPost && q.path == "/Users" || q.method == http.MethodPut && strings.HasPrefix(q.path, "/Users/")) {
		q.body = r.furnished(user)
	}
	request, err := r.client.Request(ctx, q.method, q.path, q.query, q.body)
	if err != nil {
		return nil, fmt.Errorf("build %s %s: %w", q.method, q.path, err)
	}
	if q.header != nil {
		q.header(request.Header)
	}
	return request, nil
}

const (
	maxWaits    = 3
	longestWait = time.Minute // a target that wants more has to be asked another time
)

// waitAsAsked honours a 429. It reports whether the request may be sent again.
func (r *run) waitAsAsked(a *answer, waits int) bool {
	asked, ok := egress.RetryAfter(a.header, r.subject.Now())
	if !ok {
		asked = time.Second << waits
	}
	if asked > longestWait {
		r.warn("The target asked to wait %s (429). The lab waits at most %s.", asked, longestWait)
		return false
	}
	r.warn("The target asked the lab to slow down (429); it waited as told.")
	r.clock.giveBack(asked)
	return r.sleep(asked)
}

// sleep reports whether the run goes on.
func (r *run) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// settle reads until problem has nothing to say or the time for it is over: a target may take a moment to show
// what it stored. It returns the last answer, how long that took, and what is still wrong.
func (r *run) settle(read func() *answer, problem func(*answer) string) (a *answer, waited time.Duration, wrong string) {
	mark, pause := len(r.evidence), 50*time.Millisecond
	for {
		a = read()
		wrong = problem(a)
		if wrong == "" && waited > 0 {
			r.lags(a)
		}
		if wrong == "" || a.err != nil || waited >= r.subject.Settle {
			return a, waited, wrong
		}
		pause = min(2*pause, r.subject.Settle-waited)
		if !r.sleep(pause) {
			return a, waited, wrong
		}
		waited += pause
		r.evidence = r.evidence[:mark] // the last reading is the evidence
	}
}

// lag is how far reads are behind writes, as far as the run has seen it. A target that answers lists from an index may be
// late there, and nowhere else.
type lag struct {
	one, lists time.Duration
	written    time.Time // the answer to the last write
}

func (l *lag) of(path string) *time.Duration {
	resource, id, _ := strings.Cut(strings.Trim(path, "/"), "/")
	if id == "" || id == ".search" || resource == ".search" {
		return &l.lists
	}
	return &l.one
}

func (r *run) wrote(q ask, a *answer) {
	if q.writes() && a.is2xx() {
		r.lag.written = time.Now()
	}
}

// lags notes that what was written has come to show by now, and did not before.
func (r *run) lags(a *answer) {
	if !r.lag.written.IsZero() {
		behind := r.lag.of(pathOf(a.exchange.URL))
		*behind = max(*behind, time.Since(r.lag.written))
	}
}

// waitFor lets a target that is known to be late show what was written last. Otherwise each check that reads after it wrote
// would take the old state for what the server has made of the new one.
func (r *run) waitFor(q ask) {
	if left := *r.lag.of(q.path) - time.Since(r.lag.written); left > 0 && !r.lag.written.IsZero() {
		r.sleep(left)
	}
}

// immediately judges what a read shows that does not wait.
func (r *run) immediately(judge func() Finding) Finding {
	r.atOnce = true
	defer func() { r.atOnce = false }()
	return judge()
}

// tellLag is for whoever wonders why the run took so long.
func (r *run) tellLag() {
	if late := max(r.lag.one, r.lag.lists); late > 0 {
		r.warn("Reads are up to %s behind writes. After each write the lab waited that long before it read, so that no other check mistakes the old state for the new.", late.Round(time.Millisecond))
	}
}

// settled is the finding of a write that was read back.
func settled(a *answer, waited time.Duration, wrong string) Finding {
	switch {
	case a.err != nil:
		return a.trouble()
	case wrong != "":
		return fails("%s", wrong)
	case waited > 0:
		return deviates("What was written is right, but a GET did not show it at once: that took %s.", waited.Round(time.Millisecond))
	}
	return passes()
}

// cite attaches an answer from an earlier check as evidence of this one.
func (r *run) cite(answers ...*answer) {
	for _, a := range answers {
		if a != nil {
			r.evidence = append(r.evidence, a)
		}
	}
}

// endpoints are the first segments below the base URL (RFC 7644 §3.2).
var endpoints = []string{"Users", "Groups", "ServiceProviderConfig", "ResourceTypes", "Schemas"}

func pathOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	segments := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i, s := range segments { // the part that a reader knows begins at the endpoint
		if slices.Contains(endpoints, s) {
			return "/" + strings.Join(segments[i:], "/")
		}
	}
	return "/" + segments[len(segments)-1]
}
