package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/scimtest"
)

// moment says where a request is when the process that sent it is killed.
type moment string

const (
	taken    moment = "taken by the target, which does it when the next process is up" // the worst that one can do
	done     moment = "done, and the answer never leaves"
	answered moment = "answered, and the answer has left"
)

// blow is one SIGKILL to come: at the nth request with that method below that path, counted from the process's start.
type blow struct {
	during work
	method string
	path   string // below the base URL
	nth    int
	when   moment
}

// lateBy is how long a target sits on a request that it has taken. The next process is up sooner, and must not
// believe yet that a POST of its predecessor has come to nothing.
const lateBy = 2 * time.Second

// grimTarget is a vendor's system that outlives the processes that use it, and kills one at the moment asked for.
type grimTarget struct {
	*scimtest.Server
	url    string
	struck chan []byte // the body of the request at which a process was killed

	mu    sync.Mutex
	kill  func()    // ends the process that lives, and returns when it is dead
	asked time.Time // when it sent its first request
	blow  *blow
	met   int
	quiet *sync.Cond // on mu: fewer requests are under way
	busy  int        // requests under way, without the late ones
	late  int
}

func newGrimTarget(t *testing.T, latency time.Duration) *grimTarget {
	g := &grimTarget{
		Server: scimtest.New(scimtest.WithToken(demoToken), scimtest.WithLatency(latency)),
		struck: make(chan []byte, 1),
	}
	g.quiet = sync.NewCond(&g.mu)
	server := httptest.NewServer(g)
	t.Cleanup(func() { g.await(&g.late); server.Close() })
	g.url = server.URL
	return g
}

// await waits until that many is none.
func (g *grimTarget) await(requests *int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for *requests > 0 {
		g.quiet.Wait()
	}
}

// expect gets ready for another process. The requests of the one before have ended by then, but for the late ones.
func (g *grimTarget) expect(kill func()) {
	g.await(&g.busy)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kill, g.asked, g.blow, g.met = kill, time.Time{}, nil, 0
}

func (g *grimTarget) arm(b blow) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.blow = &b
}

// firstAsked is when the process sent its first request; zero if it has not.
func (g *grimTarget) firstAsked() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// count adds to the requests that are under way.
func (g *grimTarget) count(requests *int, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*requests += n
	g.quiet.Broadcast()
}

// meet notes a request. It returns the moment at which it is to kill its process, "" if it is not to, and how.
func (g *grimTarget) meet(r *http.Request) (when moment, kill func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.asked.IsZero() {
		g.asked = time.Now()
	}
	b := g.blow
	if b == nil || r.Method != b.method || !strings.HasPrefix(r.URL.Path, scimtest.BasePath+b.path) {
		return "", nil
	}
	if g.met++; g.met < b.nth {
		return "", nil
	}
	g.blow = nil
	return b.when, g.kill
}

// ServeHTTP lets the server answer. What the target has begun it ends, whoever has died meanwhile.
func (g *grimTarget) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	under := &g.busy
	g.count(under, 1)
	defer func() { g.count(under, -1) }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // killed while it was talking
	}
	when, kill := g.meet(r)
	strike := func(at moment) {
		if when == at {
			kill()
			g.struck <- body
		}
	}
	strike(taken)
	if when == taken {
		g.count(under, -1)
		under = &g.late
		g.count(under, 1)
		<-time.After(lateBy)
	}
	answer := httptest.NewRecorder()
	r = r.WithContext(context.WithoutCancel(r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(body))
	g.Server.ServeHTTP(answer, r)
	strike(done)
	send(w, answer)
	strike(answered)
}

// send passes an answer on, down to the wire.
func send(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())       // the dead do not read it
	_ = http.NewResponseController(w).Flush() // nor do they mind
}
