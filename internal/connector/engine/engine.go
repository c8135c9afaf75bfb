// Package engine runs connectors: the flows of a program, card by card.
//
// It owns the order of cards, what each card does, the limits of a run and what a run may ask of the vendor's API. Its one
// rule: a run ends — with a result, with the flow's own error, or at a limit that is named with flow and card — and what a
// card cannot do is said, never passed over. How a request travels, what time it is and what is random is handed in, so the
// same run can be live, recorded or replayed.
package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/egress"
	"slipway/internal/secret"
)

// Values are what goes into a flow or a card, or comes out of it.
type Values map[program.Key]any

// Named returns values without groups.
func Named(values map[string]any) Values {
	v := make(Values, len(values))
	for name, item := range values {
		v[program.Key{Name: name}] = item
	}
	return v
}

// Machine runs the flows of one program over one connection. It may be used by several goroutines.
type Machine struct {
	Program    *program.Program
	ID         string               // of the run, which flows see as run.id
	Key        string               // of the connector, under which other programs call its actions
	Connection map[string]any       // what the customer entered, by field key
	Secrets    func() []secret.Text // what no error may show: secrets of the connection, and tokens so far; nil for none
	API        API                  // how requests travel
	Authorize  Authorizer           // puts credentials on requests of connector.yaml; nil for none
	BaseURL    string               // that relative paths are joined to
	Rules      Rules                // what may be asked
	Retry      Retry                // of requests of connector.yaml
	Errors     map[int]APIError     // what statuses mean, of connector.yaml
	Apps       map[string]*Machine  // other connectors whose cards the program uses, by key
	Tables     *Tables              // nil: each run starts with empty ones
	Clock      Clock
	Random     *rand.Rand // nil: from the clock
	Limits     Limits
	Observe    func(Step) // nil: nobody watches; called by several goroutines at once where a loop runs items at the same time
}

// Clock is the time of a run. A suite moves its own.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error // ends early with ctx
}

// Wall is the real clock.
type Wall struct{}

func (Wall) Now() time.Time { return time.Now().UTC() }

func (Wall) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// LongestWait is how long one step or card may wait, and MostFlows how many flows may call each other, unless Limits say otherwise.
const (
	LongestWait = 60 * time.Second
	MostFlows   = 40
)

// Limits of one run. Zero means the default.
type Limits struct {
	Time     time.Duration // of the whole run; 60 s
	Steps    int           // cards; 20,000
	Depth    int           // flows in flows; 40
	Items    int           // of one list that is looped over; 100,000
	Pages    int           // of one Paginate; 5,000
	Parallel int           // items of one loop at a time; 10
	Requests int           // 200
	Memory   int64         // bytes of all values of a run; 64 MiB
	Text     int           // bytes of one text; 10 MiB
	Wait     time.Duration // of one Wait card; 60 s
}

func (l Limits) withDefaults() Limits {
	set := func(n *int, to int) {
		if *n == 0 {
			*n = to
		}
	}
	set(&l.Steps, 20_000)
	set(&l.Depth, MostFlows)
	set(&l.Items, 100_000)
	set(&l.Pages, 5_000)
	set(&l.Parallel, 10)
	set(&l.Requests, 200)
	set(&l.Text, 10<<20)
	if l.Memory == 0 {
		l.Memory = 64 << 20
	}
	if l.Time == 0 {
		l.Time = 60 * time.Second
	}
	if l.Wait == 0 {
		l.Wait = LongestWait
	}
	return l
}

// Step is one card that ran, for whoever watches.
type Step struct {
	Src     program.Src
	Flow    string
	ID, Op  string
	Title   string
	Depth   int
	Took    time.Duration
	Err     error
	Outputs Values // to be read only, and not kept beyond the call
}

// Result is how a run ended.
type Result struct {
	Outputs  Values
	Halted   bool   // by Continue If
	Message  string // of Continue If
	Steps    int
	Requests int
}

// Run runs a flow with the inputs. The error is an *Error.
func (m *Machine) Run(ctx context.Context, flow *program.Flow, in Values) (Result, error) {
	limits := m.Limits.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Time, errTooLong)
	defer cancel()
	random := m.chance()
	r := &run{Machine: m, ctx: ctx, limits: limits, dice: &dice{random: random}, used: &used{tables: m.Tables}}
	if r.used.tables == nil {
		r.used.tables = &Tables{}
	}
	outcome, err := r.flow(flow, in, 0)
	if e, is := errors.AsType[*Error](err); is && m.Secrets != nil {
		e.hide(egress.Redact(m.Secrets()))
	}
	if sent := r.used.answer.Load(); sent != nil {
		outcome.values = *sent
	}
	result := Result{Outputs: outcome.values, Halted: outcome.halted, Message: outcome.message, Steps: int(r.used.steps.Load()), Requests: int(r.used.requests.Load())}
	return result, err
}

// drawing guards every machine's Random: a suite copies machines, and copies share it.
var drawing sync.Mutex

// chance is what a run draws from. Runs at the same time draw from one of their own each.
func (m *Machine) chance() *rand.Rand {
	if m.Random == nil {
		return rand.New(rand.NewPCG(uint64(m.now().UnixNano()), 0)) //nolint:gosec // no secret hangs on it
	}
	drawing.Lock()
	defer drawing.Unlock()
	return rand.New(rand.NewPCG(m.Random.Uint64(), m.Random.Uint64())) //nolint:gosec // as above
}

func (m *Machine) now() time.Time {
	if m.Clock == nil {
		return Wall{}.Now()
	}
	return m.Clock.Now()
}

func (m *Machine) sleep(ctx context.Context, d time.Duration) error {
	if m.Clock == nil {
		return Wall{}.Sleep(ctx, d)
	}
	return m.Clock.Sleep(ctx, d)
}

// API is how requests travel: to the vendor's system, or out of a recording.
type API interface {
	// Call sends one request. The answer's body is whole, and no larger than the run allows.
	Call(ctx context.Context, r Request) (Response, error)
}

// Request is one request of a run.
type Request struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

// Response is what came back.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Authorizer puts a connection's credentials on a request.
type Authorizer interface {
	Authorize(ctx context.Context, r *Request) error
	// Renew forgets what the API has refused with 401 on this request, and reports whether another try may do better.
	Renew(refused Request) bool
}

// Retry says when requests of connector.yaml are sent again.
type Retry struct {
	On      []int // statuses
	Max     int
	Honor   bool          // wait as long as Retry-After says
	MaxWait time.Duration // longest single wait
}

// APIError is what a status means: the type of the contract's error, code and summary.
type APIError struct {
	Type, Code, Summary string
}
