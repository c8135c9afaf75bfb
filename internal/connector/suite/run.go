package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/connection"
	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
	"slipway/internal/report"
	"slipway/internal/secret"
)

// Mode is what a run asks.
type Mode string

const (
	Live   Mode = "live"   // the vendor's system
	Record Mode = "record" // that, and keeps what it answers
	Replay Mode = "replay" // a recording
)

// Status is what became of a case.
type Status string

const (
	Pass   Status = "pass"
	Fail   Status = "fail"    // the connector, or the API, does not do what the case says
	NotRun Status = "not_run" // nothing is proved: something is missing, or it was stopped
	Aside  Status = "aside"   // it does not apply: the connector has nothing that it is about
)

// Result is what became of one case.
type Result struct {
	ID, Title string
	Source    string // "suite", "flow" or "generated"
	Negative  bool
	Covers    []string // nil of a file of flows that could not be read
	Status    Status
	Message   string
	Src       program.Src
	Exchanges []Exchange // without secrets
	Took      time.Duration
	Cards     map[string]bool // Ops that ran
	witness
}

// Runner runs the cases of one connector over one connection.
type Runner struct {
	Connector *connector.Connector
	Suite     *Suite
	Method    string            // the way to connect
	Entered   map[string]string // what the customer entered; of a replay what is not secret comes from the recording
	API       engine.API        // in live and record mode
	Apps      map[string]*engine.Machine
	HTTP      bool // plain http is allowed, for development
	Hosts     []string
	Mode      Mode
	Cassettes fs.FS                                   // in replay mode: NAME.yaml
	Keep      func(name string, content []byte) error // in record mode
	Now       func() time.Time                        // when a live run begins
	Seed      uint64                                  // of a live run
	Only      []string                                // ids of cases; nil for all
	Observe   func(Result)                            // nil: nobody watches

	flows    []replay        // exported test flows that are to come to their end
	sessions []Result        // of others, each as a whole
	beside   []report.Result // what was found in them
	left     []report.Object // and left by them
}

// Run runs the suite's own cases in their order. Cases do not share anything but the vendor's system.
func (r *Runner) Run(ctx context.Context) []Result {
	var results []Result
	for i, c := range r.Suite.Cases {
		if !r.wants(c.ID) {
			continue
		}
		result := r.one(ctx, c.ID, r.Seed+uint64(i), func(ctx context.Context, s *session) Result { return s.judge(ctx, r.Suite, c) })
		result.ID, result.Title, result.Source, result.Negative, result.Covers, result.Src = c.ID, c.Title, "suite", c.Negative, c.Covers, c.Src
		results = append(results, r.told(result))
	}
	return results
}

func (r *Runner) told(result Result) Result {
	if r.Observe != nil {
		r.Observe(result)
	}
	return result
}

// session is one case under way: a machine of its own, with a clock and dice of its own.
type session struct {
	*Runner
	machine *engine.Machine
	conn    *connection.Connection
	clock   *clock
	random  uint64
	record  *recorder
	play    *player
	start   time.Time
	cards   map[string]bool
	entered map[string]string
	masks   func(string) string // of the secrets that there were
	of      int                 // so many
	saw     witness
	changes bool // of a session of others: data may be changed
}

// How long a case and a whole run may take (connectors §3.5).
const (
	caseTime  = 5 * time.Minute
	suiteTime = 30 * time.Minute
)

var (
	errCaseTime  = errors.New("The case took longer than 5 minutes.")   //nolint:staticcheck // a sentence for people
	errSuiteTime = errors.New("The suite took longer than 30 minutes.") //nolint:staticcheck // as above
)

// Limited is the context of a whole run, which ends when that takes longer than a suite may.
func Limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, suiteTime, errSuiteTime)
}

// ended is what becomes of a case that takes too long, or where whoever started the run has stopped it.
func ended(ctx context.Context) Result {
	if cause := context.Cause(ctx); errors.Is(cause, errCaseTime) || errors.Is(cause, errSuiteTime) {
		return Result{Status: NotRun, Message: cause.Error()}
	}
	return Result{Status: NotRun, Message: "The run was stopped."}
}

// one runs a case in a session, live or out of its recording, and keeps the recording where it shall.
func (r *Runner) one(ctx context.Context, name string, seed uint64, judge func(context.Context, *session) Result) Result {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, caseTime, errCaseTime)
	defer cancel()
	began := time.Now()
	s, err := r.begin(name, seed)
	if err != nil {
		return Result{Status: NotRun, Message: err.Error()}
	}
	result := judge(ctx, s)
	result = s.finish(ctx, name, result)
	result.Took, result.Cards = time.Since(began), s.cards
	return result
}

func (r *Runner) begin(name string, seed uint64) (*session, error) {
	s := &session{Runner: r, cards: map[string]bool{}, random: seed, entered: maps.Clone(r.Entered)}
	if s.entered == nil {
		s.entered = map[string]string{}
	}
	var api engine.API
	if r.Mode == Replay {
		cassette, err := r.cassette(name)
		if err != nil {
			return nil, err
		}
		s.start, s.random, s.changes = cassette.Clock, cassette.Seed, cassette.Changes
		s.stand(cassette)
		s.play = &player{recorded: cassette.Exchanges}
		s.clock = &clock{now: s.start}
		api = s.play
	} else {
		s.start = r.Now().UTC().Truncate(time.Millisecond)
		s.record = &recorder{api: r.API}
		s.clock = &clock{now: s.start, wait: engine.Wall{}.Sleep}
		api = s.record
	}
	return s, s.connect(api)
}

// connect makes the case's machine. In a recording things come one after another, so that a replay meets them in that order.
func (s *session) connect(api engine.API) error {
	m, conn, err := s.Connector.Machine(connector.Setting{
		Method: s.Method, Entered: s.entered, API: api, Clock: s.clock, Hosts: s.Hosts, HTTP: s.HTTP, RunID: fmt.Sprintf("%x", s.random),
	})
	if err != nil {
		return err
	}
	m.Random = dice(s.random)
	m.Limits.Parallel = 1
	m.Apps = s.Apps
	m.Observe = func(step engine.Step) { s.cards[step.Op] = true }
	s.machine, s.conn = m, conn
	if s.play != nil && s.play.mask == nil { // a second machine over the recording has junk for secrets, which is recorded as it is
		s.play.mask = s.mask
	}
	return nil
}

// mask takes the connection's secrets out of a text. They become more while a case runs: tokens are granted.
func (s *session) mask(text string) string {
	if secrets := s.secrets(); s.masks == nil || len(secrets) != s.of {
		s.masks, s.of = masking(secrets), len(secrets)
	}
	return s.masks(text)
}

// secrets are the connection's, each by the name under which a recording has it.
func (s *session) secrets() []named {
	if s.conn == nil {
		return nil
	}
	var all []named
	for i, t := range s.conn.Secrets() {
		name := fmt.Sprintf("conn.%d", i)
		for key, v := range s.conn.Values() {
			if value.Text(v) == t.Reveal() {
				name = "conn." + key
			}
		}
		all = append(all, named{name, t})
	}
	return all
}

// stand enters what a recording knows of its connection, and something that stands for each secret.
func (s *session) stand(c *Cassette) {
	way, _ := s.Connector.Way(s.Method)
	for _, f := range way.Fields {
		switch {
		case f.Type == "secret" && s.entered[f.Key] == "":
			s.entered[f.Key] = "stands-for-" + f.Key
		case f.Type != "secret":
			s.entered[f.Key] = c.Connection[f.Key]
		}
	}
}

func (r *Runner) cassette(name string) (*Cassette, error) {
	file := name + ".yaml"
	if r.Cassettes == nil {
		return nil, errors.New("There are no recordings. Record the suite first: slipway connector record.") //nolint:staticcheck // a sentence for people
	}
	content, err := fs.ReadFile(r.Cassettes, file)
	if err != nil {
		return nil, fmt.Errorf("The case was never recorded: there is no %s among the recordings.", file) //nolint:staticcheck // a sentence for people
	}
	cassette, found := ReadCassette(file, content)
	if cassette == nil || len(found) > 0 {
		return nil, fmt.Errorf("The recording cannot be read: %s", found[0]) //nolint:staticcheck // a sentence for people
	}
	return cassette, nil
}

// finish adds what went over the wire. A replay in which anything was asked that was not recorded has failed, whatever the
// connector made of it.
func (s *session) finish(ctx context.Context, name string, result Result) Result {
	mask := s.mask
	if s.play != nil {
		result.Exchanges = masked(s.play.exchanges, mask) // credentials of the environment are on its requests
		if wrong := append(slices.Clone(s.play.missed), s.play.left()...); len(wrong) > 0 && (result.Status == Pass || result.Status == Aside) {
			result.Status, result.Message = Fail, "The run is not the one that was recorded: "+strings.Join(wrong, "; ")+"."
		} else if len(s.play.missed) > 0 {
			result.Message += " (" + s.play.missed[0] + ")"
		}
	} else {
		result.Exchanges = masked(s.record.exchanges, mask)
	}
	result.witness = s.saw
	if said := mask(result.Message); said != result.Message {
		result.Shown, result.Message = append(result.Shown, "its message"), said
	}
	if s.Mode == Record && (result.Status == Pass || result.Status == Aside) { // that there was nothing to look at, a replay can see too
		if err := s.keep(name, mask); err != nil {
			result.Status, result.Message = NotRun, "The recording could not be written: "+err.Error()+"."
		}
	}
	if ctx.Err() != nil && result.Status != Pass {
		result.Status, result.Message = NotRun, ended(ctx).Message
	}
	return result
}

func (s *session) keep(name string, mask func(string) string) error {
	if slices.ContainsFunc(s.record.exchanges, unanswered) {
		return errors.New("an answer did not come, which no recording can hold")
	}
	c := &Cassette{Case: name, Clock: s.start, Seed: s.random, Changes: s.changes, Connection: map[string]string{}, Exchanges: s.record.exchanges}
	way, _ := s.Connector.Way(s.Method)
	for _, f := range way.Fields {
		if f.Type != "secret" {
			c.Connection[f.Key] = cmp.Or(s.entered[f.Key], f.Default)
		}
	}
	content, err := c.Encode(mask)
	if err != nil {
		return err
	}
	return s.Keep(name+".yaml", content)
}

// scene is what a case's expressions see.
func (s *session) scene(vars any, steps map[string]any) expression.Env {
	return expression.Env{Values: map[string]any{"vars": vars, "steps": steps, "run": map[string]any{"id": s.machine.ID}}, Now: s.clock.Now(), Random: s}
}

// Read draws from the case's dice.
func (s *session) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s.machine.Random.Uint32())
	}
	return len(p), nil
}

// cleaning is how long a cleanup may take when the run was stopped: what a case has made shall not stay behind.
const cleaning = 20 * time.Second

// judge runs a case's steps, and its cleanup whatever became of them.
func (s *session) judge(ctx context.Context, suite *Suite, c Case) Result {
	if c.broken != "" {
		return Result{Status: NotRun, Message: c.broken}
	}
	steps := map[string]any{}
	vars, err := suite.vars.Eval(s.scene(nil, steps))
	if err != nil {
		return Result{Status: Fail, Message: "vars: " + err.Error()}
	}
	result := s.steps(ctx, c.Steps, vars, steps)
	if ctx.Err() != nil {
		left, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
		defer cancel()
		ctx = left
	}
	for _, step := range c.Cleanup { // one that fails must not keep the others from taking away what they can
		cleaned := s.step(ctx, step, vars, steps)
		switch {
		case cleaned.Status == Pass:
		case result.Status == Pass:
			cleaned.Message = "The cleanup did not work: " + cleaned.Message
			result = cleaned
		default:
			result.Message += " The cleanup did not work either: " + cleaned.Message
		}
	}
	return result
}

func (s *session) steps(ctx context.Context, all []Step, vars any, steps map[string]any) Result {
	for _, step := range all {
		if result := s.step(ctx, step, vars, steps); result.Status != Pass {
			return result
		}
		if step.Action != nil {
			s.saw.tried(step.Action.Name, step.Error != nil)
		}
	}
	return Result{Status: Pass}
}

func (s *session) step(ctx context.Context, step Step, vars any, steps map[string]any) Result {
	failed := func(format string, args ...any) Result {
		return Result{Status: Fail, Message: fmt.Sprintf("%s: ", step.Src) + fmt.Sprintf(format, args...)}
	}
	if step.Assert != nil {
		holds, err := step.Assert.Eval(s.scene(vars, steps))
		switch {
		case err != nil:
			return failed("%s cannot be told: %s", step.Source, err)
		case holds != true && step.Message != "":
			return failed("%s", step.Message)
		case holds != true:
			return failed("%s does not hold%s.", step.Source, where(step.Assert, steps))
		}
		return Result{Status: Pass}
	}
	with, err := step.With.Eval(s.scene(vars, steps))
	if err != nil {
		return failed("%s", err)
	}
	outputs, halted, err := s.do(ctx, step, members(with))
	if err != nil {
		return s.unlike(step, err, failed)
	}
	if step.Error != nil {
		return failed("%q was to end with an error, and did not.", step.name())
	}
	if halted != nil {
		return failed("%q halted before its end: %s", step.name(), *halted)
	}
	if step.ID != "" {
		steps[step.ID] = outputs
	}
	return Result{Status: Pass}
}

// where shows the values that an assertion looked at.
func where(f program.Formula, steps map[string]any) string {
	var seen []string
	for _, use := range f.Uses() {
		if path, is := strings.CutPrefix(use, "steps."); is && len(seen) < 4 {
			seen = append(seen, fmt.Sprintf("%s is %s", use, shorten(string(value.Encode(value.Get(steps, path))))))
		}
	}
	if len(seen) == 0 {
		return ""
	}
	return ": " + strings.Join(seen, ", ")
}

// unlike judges an error of an action: as expected, the connector's fault, or nobody's.
func (s *session) unlike(step Step, err error, failed func(string, ...any) Result) Result {
	e, is := errors.AsType[*engine.Error](err)
	if !is {
		return failed("%s", err)
	}
	switch e.Kind {
	case engine.Unsupported, engine.Stopped:
		return Result{Status: NotRun, Message: e.Error()}
	case engine.Unanswered, engine.Limit: // one of time, where the API keeps it waiting
		if s.deaf() {
			return Result{Status: NotRun, Message: e.Error()}
		}
	}
	if step.Error == nil || e.Kind == engine.Limit || e.Kind == engine.Refused { // these are no answer that anybody can expect
		return failed("%q ended with an error: %s", step.name(), e.Error())
	}
	typ := e.Type
	if typ == "" {
		typ = contract.TypeOf(e.Status)
	}
	if diff := step.Error.unlike(e.Status, typ, e.Code, e.Message); diff != "" {
		return failed("%q: %s", step.name(), diff)
	}
	return Result{Status: Pass}
}

// Secrets are what the connection's fields hold that must not be shown, for those who look for leaks.
func (r *Runner) Secrets() []secret.Text {
	var secrets []secret.Text
	way, _ := r.Connector.Way(r.Method)
	for _, f := range way.Fields {
		if f.Type == "secret" && r.Entered[f.Key] != "" {
			secrets = append(secrets, secret.NewText(r.Entered[f.Key]))
		}
	}
	return secrets
}
