package runscope

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"slipway/internal/secret"
)

const (
	maxExecuted   = 2000    // steps of one run, over all iterations and subtests
	defaultResult = 8 << 20 // bytes of a result as JSON
	leastStep     = 1 << 10 // what a step may keep of its evidence however long the suite is
)

// Doer sends a request and returns the answer. In the product it is an egress client.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Options of a run.
type Options struct {
	Client        Doer
	Target        string            // base URL of the server that is verified; "" where the caller's Vars name it
	Environment   *Environment      // nil: the one that the suite brings along, if any
	InitialScript string            // runs once before the first step
	Vars          map[string]string // initial variables; they outweigh the environment's
	Subtests      []Suite           // what subtest steps may run, besides the suite itself
	Hosts         []string          // hosts that may be called besides those named in Vars and Environment
	Certificate   bool              // Client shows a client certificate to a server that asks for one
	CleanUp       bool              // at the end, delete the users and groups that the run has created on Target
	PauseScale    float64           // every pause is multiplied by it: 1 is as written, 0 leaves pauses out
	ScriptTimeout time.Duration     // of one script; 20 s unless set
	MaxResult     int               // bytes of the result as JSON; 8 MiB unless set, and never less than 1 KiB a step
	Seed          uint64            // of everything random in the suite
	Redact        []secret.Text     // secrets that are not among Vars

	Now   func() time.Time                           // time.Now unless set
	Sleep func(context.Context, time.Duration) error // waits, or returns ctx's error; a timer unless set
}

// Run runs the suite and tells progress, which may be nil, of each step that ended: done of total steps. It always
// returns a result; what ctx cut short is in it as steps with the outcome Error.
func Run(ctx context.Context, s Suite, o Options, progress func(step StepResult, done, total int)) Result {
	r := newRun(s, o.withDefaults())
	r.progress = progress
	r.recognise()
	r.begin(ctx)
	r.steps(ctx, s.Steps, 0)
	r.cleanUp(ctx)
	return r.end()
}

// recognise warns of what may be an edited copy: its green run is not the published suite's.
func (r *run) recognise() {
	origin, source := Recognise(r.suite, Published)
	switch r.result.Origin = origin; origin {
	case Modified:
		r.note("This is an edited copy of the published suite %q. It does not prove what the original proves.", source.Name)
	case NameOnly:
		r.note("This suite has the name of the published suite %q, but is not the published file. Whether its content is the same is not known here: run the published file to prove what it proves.", source.Name)
	}
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.ScriptTimeout == 0 {
		o.ScriptTimeout = scriptTime
	}
	if o.MaxResult == 0 {
		o.MaxResult = defaultResult
	}
	return o
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// run is a suite under way.
type run struct {
	suite       Suite
	options     Options
	environment *Environment
	progress    func(StepResult, int, int)

	*variables
	rand     *rand.Rand
	builtins *builtins
	redactor *redactor
	gate     *gate
	tokens   map[string]string // OAuth access tokens, by where and for whom they were asked

	parent  string // number of the subtest step that this run belongs to, "" for the suite itself
	depth   int
	result  *Result
	count   *count
	scim    string   // "1.1" where the suite speaks that version
	undone  []undone // writing steps that did not come to their end
	stopped string   // why no further step is run
}

// count is what runs of one suite and its subtests share.
type count struct {
	done, total, executed, size int

	made []made          // users and groups, for the clean-up
	seen map[string]bool // ids that the server has shown
}

func newRun(s Suite, o Options) *run {
	r := &run{
		suite: s, options: o, environment: o.Environment,
		rand:     rand.New(rand.NewPCG(o.Seed, 0)),
		redactor: newRedactor(o.Redact),
		tokens:   map[string]string{},
		result:   &Result{Suite: s.Name, Seed: o.Seed, Started: o.Now().UTC()},
		count:    &count{total: countSteps(s.Steps), seen: map[string]bool{}},
		scim:     s.olderSCIM(),
	}
	for name, value := range o.Vars { // before anything foreign can fill what a run learns
		r.redactor.consider(name, value)
	}
	r.gate = newGate(o)
	if r.environment == nil {
		r.environment = s.Environment() // foreign content: the hosts that it names are not consented to
	}
	r.variables = newVariables(r.redactor)
	r.builtins = &builtins{now: o.Now, rand: r.rand, secret: r.secretNamed, context: r.context()}
	return r
}

func countSteps(steps []Step) int {
	n := len(steps)
	for _, s := range steps {
		n += countSteps(s.Steps)
	}
	return n
}

func (r *run) context() map[string]string {
	out := map[string]string{}
	for _, name := range contextNames {
		out[name] = "slipway"
	}
	out["runscope_test_name"], out["runscope_test_uuid"] = r.suite.Name, r.suite.UUID
	out["runscope_environment"], out["runscope_environment_uuid"] = "", ""
	if e := r.environment; e != nil {
		out["runscope_environment"], out["runscope_environment_uuid"] = e.Name, e.ID
	}
	return out
}

func (r *run) scope() scope { return scope{lookup: r.lookup, builtins: r.builtins} }

// prepare sets the initial variables, and tells what is known before the first step. It sends nothing.
func (r *run) prepare() {
	if e := r.environment; e != nil && r.depth == 0 {
		r.result.Environment = e.Name
	}
	values := r.environment.initial()
	maps.Copy(values, r.options.Vars)
	r.initial(values, r.scope())
	r.generate()
	r.announce()
}

// begin prepares the run and executes the initial scripts, lowest precedence first.
func (r *run) begin(ctx context.Context) {
	r.prepare()
	for _, code := range append(r.environment.scripts(), r.options.InitialScript) {
		if strings.TrimSpace(code) == "" {
			continue
		}
		result := (&script{when: "initial", code: code, run: r}).evaluate(ctx)
		if result.Outcome != Passed {
			r.note("The initial script did not end well. A step that needs what it should have set is not sent. %s", result.Message)
		}
		r.result.Initial = append(r.result.Initial, result)
	}
}

func (r *run) steps(ctx context.Context, steps []Step, iteration int) {
	for _, s := range steps {
		r.step(ctx, s, iteration)
	}
}

// step runs one step, or says why it does not.
func (r *run) step(ctx context.Context, s Step, iteration int) {
	if r.parent != "" {
		s.Number = r.parent + "." + s.Number
	}
	out := StepResult{Number: s.Number, Iteration: iteration, Kind: s.Kind, Title: s.Title(), Started: r.options.Now().UTC()}
	out.Optional = isOptional(out.Title)
	if r.count.executed++; r.count.executed > maxExecuted {
		if r.count.executed > maxExecuted+maxSteps { // all that was planned is listed; iterations may be endless
			return
		}
		r.stopped = fmt.Sprintf("The run has reached its limit of %d steps.", maxExecuted)
	}
	switch {
	case ctx.Err() != nil:
		out.end(Error, "The run was stopped before this step.")
	case r.stopped != "":
		out.end(Blocked, "%s", r.stopped)
	case s.Skipped:
		out.end(Skipped, "The suite skips this step.")
	case len(s.Problems) > 0:
		out.end(Unsupported, "This step cannot be run: %s.", strings.Join(s.Problems, "; "))
		if s.Request != nil {
			out.Subject = r.subject(s.Request)
			r.reckon(s.Request, &out)
		}
	default:
		r.perform(ctx, s, out)
		return
	}
	r.finish(r.reserve(), out)
	r.leaveOut(s.Steps, out.Outcome, "It belongs to step "+s.Number+".")
}

func (r *run) perform(ctx context.Context, s Step, out StepResult) {
	at := r.reserve()
	switch s.Kind {
	case RequestStep:
		r.request(ctx, s.Request, &out)
	case PauseStep:
		r.pause(ctx, s.Pause, &out)
	case ConditionStep:
		r.condition(ctx, s, &out)
	case LoopStep:
		r.loop(ctx, s, &out)
	case SubtestStep:
		r.subtest(ctx, s, &out)
	}
	r.finish(at, out)
}

// isOptional reads the label that published suites put before a step's title. Their publisher asks for the
// required steps only, so an optional one that fails is shown and decides nothing.
func isOptional(title string) bool {
	return len(title) >= 8 && strings.EqualFold(title[:8], "optional")
}

// reserve keeps the place of a step among the results: a loop stands before what it contains.
func (r *run) reserve() int {
	r.result.Steps = append(r.result.Steps, StepResult{})
	return len(r.result.Steps) - 1
}

func (r *run) finish(at int, out StepResult) {
	out.Duration = r.options.Now().Sub(out.Started)
	r.redactor.step(&out)
	if out.Iteration < 2 && r.depth == 0 {
		r.count.done++
	}
	left := max(1, r.count.total-r.count.done)
	out.fit(max(leastStep, (r.options.MaxResult-r.count.size)/(left+1)))
	r.count.size += out.size()
	r.result.Steps[at] = out
	if r.progress != nil {
		r.progress(out, r.count.done, r.count.total)
	}
	if out.Outcome == Failed && r.environment.stops() {
		r.stopped = fmt.Sprintf("The environment stops a run at its first failure, which was step %s.", out.Number)
	}
}

// leaveOut records steps that are not reached, so that none vanishes.
func (r *run) leaveOut(steps []Step, outcome Outcome, why string) {
	for _, s := range steps {
		if r.parent != "" {
			s.Number = r.parent + "." + s.Number
		}
		out := StepResult{Number: s.Number, Kind: s.Kind, Title: s.Title(), Started: r.options.Now().UTC()}
		out.end(outcome, "%s", why)
		if s.Request != nil && outcome == Blocked {
			r.reckon(s.Request, &out)
		}
		r.finish(r.reserve(), out)
		r.leaveOut(s.Steps, outcome, why)
	}
}

func (r *run) end() Result {
	out := r.result
	out.Duration = r.options.Now().Sub(out.Started)
	out.Variables = map[string]string{}
	for name, value := range r.values {
		if isSecretName(name) {
			value = secret.Redacted
		}
		out.Variables[r.redactor.head(name, maxTitle)] = r.redactor.head(value, maxTitle)
	}
	if scale := r.options.PauseScale; scale != 1 && hasPause(r.suite.Steps) {
		out.Warnings = append(out.Warnings, fmt.Sprintf("Pauses were multiplied by %g. A server that needs the whole pause may have failed for that.", max(0, scale)))
	}
	out.judge()
	out.Reason = clip(out.Reason, maxMessage)
	return *out
}

func hasPause(steps []Step) bool {
	for _, s := range steps {
		if s.Kind == PauseStep || hasPause(s.Steps) {
			return true
		}
	}
	return false
}
