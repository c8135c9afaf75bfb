package lab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
)

// run is one run under way. Its methods are called by one goroutine.
type run struct {
	ctx      context.Context // of the run, and in the end of the cleaning up: both are one stretch of work
	subject  Subject
	dialect  dialect
	observer Observer
	client   *scim.Client
	http     *egress.Client
	open     func(record func(egress.Exchange)) *egress.Client
	lines    []*line // for what is sent together
	pace     *rate.Limiter
	clock    *clock // of ctx
	patience time.Duration
	secrets  []secret.Text
	redact   func(string) string
	names    names

	last       egress.Exchange // what the last request left behind
	evidence   []*answer       // of the check under way
	answers    []*answer       // of the whole run, without their bodies' meaning: see hindsight
	sent       sent
	requests   int
	targetTime time.Duration
	warnings   []string
	outcomes   map[string]Finding
	stopped    string // why nothing more is sent; "" while the run goes on
	broken     error  // our own fault
	dead       int    // answers in a row that did not come
	limits     int    // answers in a row that were 429, also after the wait that they asked for
	held       bool   // the check under way wanted to write, in a run that only reads

	lag    lag
	atOnce bool // reads do not wait for what was written: how long that takes is the question

	mostMembers  int           // that one PATCH has added to a group
	deactivation time.Duration // from the request until a GET showed it
	afterDelete  string        // what became of a user whom DELETE did not remove
	perSecond    float64       // look-ups served, under an even load

	objects  []report.Object // made, or perhaps made, by this run or by the one before it
	fixtures                 // what checks hand to later ones
}

// Run applies the catalogue to the subject and returns the report. It first removes s.Leftovers, and at last all
// that it made, also when ctx ends in the middle; such a run is not_run. It always returns a report.
func Run(ctx context.Context, s Subject, o Observer) report.Report {
	s = s.withDefaults()
	rep := report.Report{
		CatalogueVersion: CatalogueVersion, SCIM: string(s.Version), Only: s.Only, ReadOnly: s.ReadOnly, Profile: s.Profile, Target: s.BaseURL, Started: s.Now(), Seed: s.Seed,
		Leftovers: []report.Object{}, Warnings: []string{}, Checks: []report.Result{},
	}
	started := time.Now()
	r, err := newRun(ctx, s, o)
	if err != nil {
		rep.Conclude(fault.Show(err).Message)
		return rep
	}
	defer r.clock.stop()
	r.removeOld(s.Leftovers)
	rep.Checks = r.checks()
	rep.Measured = r.measured()
	r.tellLag()
	reason, canceled := r.reason(), ctx.Err() != nil
	rep.Leftovers = append(rep.Leftovers, r.removeAll(ctx)...)
	r.http.CloseIdle()
	r.hangUp()

	rep.Conclude(reason)
	if canceled { // whoever stopped it does not want to hear half a verdict
		rep.Verdict, rep.Reason = report.NotRun, reason
	}
	rep.Reason = r.redact(rep.Reason)
	if rep.Verdict != report.NotRun && len(s.Only) == 0 && !s.ReadOnly {
		rep.Errands = report.ErrandsOf(s.Features)
	}
	rep.Warnings = append(rep.RestsOn(), r.warnings...)
	if len(s.Only) > 0 {
		rep.Warnings = append(rep.Warnings, "Only a part of the catalogue was asked for: "+strings.Join(s.Only, ", ")+". The verdict speaks for that part.")
	}
	if s.ReadOnly {
		rep.Warnings = append(rep.Warnings, "This run only read. What needs accounts of the lab's own, such as creating, updating and deactivating, was not looked at.")
	}
	if s.Rate < usualRate {
		rep.Warnings = append(rep.Warnings, fmt.Sprintf("This run sent at most %g requests a second, as it was told, and not %d.", s.Rate, usualRate))
	}
	rep.Rest = r.sent.rest(rep.Checks)
	rep.Requests, rep.TargetTime, rep.Duration = r.requests, r.targetTime, time.Since(started)
	return rep
}

func newRun(ctx context.Context, s Subject, o Observer) (*run, error) {
	if _, known := dialects[s.Version]; !known {
		return nil, fault.Newf(fault.Invalid, "There is no SCIM %q; the lab knows 2.0 and 1.1.", s.Version)
	}
	r := &run{
		subject: s, observer: o, patience: s.Patience, names: namesFrom(s.Seed),
		dialect: dialects[s.Version], pace: rate.NewLimiter(rate.Limit(s.Rate), int(max(1, s.Rate))), outcomes: map[string]Finding{},
	}
	r.names.dialect = r.dialect
	if s.Domain != "" {
		r.names.domain = "@" + s.Domain
	}
	r.secrets = []secret.Text{secret.NewText(r.names.password)}
	for _, auth := range []scim.Authorizer{s.Auth, s.Other, s.Reader} {
		if auth != nil {
			r.secrets = append(r.secrets, auth.Secrets()...)
		}
	}
	r.secrets = append(r.secrets, r.cutSecrets()...)
	r.redact = egress.Redact(r.secrets)
	r.open = func(record func(egress.Exchange)) *egress.Client {
		return egress.New(s.Policy, egress.Options{Timeout: s.Patience, Redact: r.secrets, Record: func(e egress.Exchange) {
			r.sent.add(e)
			record(e)
		}})
	}
	r.http = r.open(func(e egress.Exchange) { r.last = e })
	client, err := scim.NewClient(s.BaseURL, r.http, s.Auth)
	if err != nil {
		return nil, err
	}
	client.Media = r.dialect.media
	r.client = client
	r.ctx, r.clock = within(ctx, s.Deadline, s.Longest)
	return r, nil
}

// cutSecrets are the credentials without their last character, which are sent as wrong ones: they give away nearly all.
func (r *run) cutSecrets() []secret.Text {
	_, value := r.credentialHeader()
	cut := truncated(value)
	scheme, rest, _ := strings.Cut(cut, " ")
	_, password, _ := basicPair(scheme, rest)
	var secrets []secret.Text
	for _, text := range []string{cut, rest, password} {
		if len(text) >= tellableToken-1 {
			secrets = append(secrets, secret.NewText(text))
		}
	}
	return secrets
}

// checks runs the catalogue and returns a result for every check of it.
func (r *run) checks() []report.Result {
	all := selected(r.subject.Version, r.subject.Only)
	results := make([]report.Result, 0, len(all))
	r.observer.Planned(len(all))
	for i, c := range all {
		if c.Promise != "" && slices.Contains(r.subject.Features, c.Promise) {
			c.Severity |= report.Network
		}
		r.evidence = nil
		f := r.judge(c)
		r.outcomes[c.ID] = f
		result := r.result(c, f)
		results = append(results, result)
		r.observer.Finished(result, i+1, len(all))
	}
	return results
}

// judge decides whether c can run, and runs it.
func (r *run) judge(c Check) Finding {
	if f, cannot := r.cannot(c); cannot {
		return f
	}
	r.held = false
	f := r.examine(c)
	if r.held { // whatever it says, it says it without the request that matters
		return notApplicable("It would write to the target, and this run only reads.")
	}
	if c.gate != "" && !r.advertised(c.gate) && !r.promised(c.gate) {
		f = soften(c.gate, f)
	}
	switch {
	case r.broken != nil:
		return Finding{Outcome: report.Broken, Message: "The lab could not go on: " + fault.Show(r.broken).Message}
	case r.ctx.Err() != nil && f.Outcome != report.Pass && f.Outcome != report.Deviation && f.Outcome != report.Info:
		return Finding{Outcome: report.Skipped, Message: r.reason()} // half a check proves nothing
	case f.Outcome == report.Fail && f.of(c).Severity&(report.RFC|report.Network) == 0 && !f.of(c).Blocks(r.subject.Profile):
		f.Outcome = report.Warn
	}
	return f
}

// examine lets the check judge. Where it breaks down on an answer that nobody has thought of, that is our fault and this
// check's alone: the others go on, and what was made is removed.
func (r *run) examine(c Check) (f Finding) {
	defer func() {
		if broke := recover(); broke != nil {
			slog.ErrorContext(r.ctx, "a check broke down", "check", c.ID, "why", broke, "stack", string(debug.Stack()))
			f = Finding{Outcome: report.Broken, Message: fmt.Sprintf("This check itself broke down on the server's answers (%v). That says nothing about your server; please report it.", broke)}
		}
	}()
	return c.judge(r)
}

func (r *run) cannot(c Check) (Finding, bool) {
	if c.Feature != "" && !r.declared(c.Feature) {
		return notApplicable("The manifest does not declare %s.", c.Feature), true
	}
	if c.expensive && !r.subject.Expensive {
		return notApplicable("It takes many or large requests, and runs only where it is asked for."), true
	}
	for _, id := range c.Needs {
		need := r.outcomes[id]
		switch {
		case need.Outcome == report.Pass || need.Outcome == report.Deviation || need.stands:
		case need.Outcome == report.NotApplicable:
			return notApplicable("%s", need.Message), true
		default:
			return blockedBy(id), true
		}
	}
	if c.needsPatch && !r.patches() {
		return notApplicable("PATCH is neither declared nor advertised."), true
	}
	if !c.retrospect && (r.stopped != "" || r.ctx.Err() != nil) {
		return Finding{Outcome: report.Skipped, Message: r.reason()}, true
	}
	return Finding{}, false
}

// declared holds for every feature where nobody said which there are.
func (r *run) declared(feature string) bool {
	if r.subject.Features == nil {
		return true
	}
	for _, f := range r.subject.Features {
		if f == feature || f == "profile_sourcing" && feature == "import_users" { // people are sourced by importing them
			return true
		}
	}
	return false
}

// result puts what a reader needs beside the finding.
func (r *run) result(c Check, f Finding) report.Result {
	result := report.Result{
		ID: c.ID, Title: c.Title, Family: c.Family,
		Why: c.Why, Fix: c.Fix, Reference: c.Reference, Exchanges: []egress.Exchange{},
	}
	result.Severity, result.Blocking = f.of(c).Severity, f.of(c).Blocks(r.subject.Profile)
	if c.needsPatch && r.patchIsExtra || r.subject.Proven != "" && newer(c.Since, r.subject.Proven) {
		result.Blocking = false
	}
	if w := r.waiver(c.ID, f.Outcome); w != nil && result.Blocking {
		result.Waiver, result.Blocking = w, false
		if f.Outcome == report.Fail {
			f.Outcome = report.Waived
		}
	}
	result.Outcome, result.Verdict, result.Message = f.Outcome, f.Outcome.Verdict(), r.redact(f.Message)
	for _, a := range r.evidence {
		if a.exchange.Method != "" {
			result.Exchanges = append(result.Exchanges, a.exchange)
		}
	}
	return result
}

func (r *run) waiver(id string, o report.Outcome) *report.Waiver {
	for _, w := range r.subject.Waivers {
		if w.CheckID == id && w.Accepts(o) && w.Expires.After(r.subject.Now()) {
			return &w
		}
	}
	return nil
}

const patienceWithTheDead = 3

// patienceWithLimits lasts longer than a minute where the target does not say how long to wait: many count by the minute.
const patienceWithLimits = 10

// note keeps an answer for those checks that look back, and ends the run when the target has fallen silent.
func (r *run) note(a *answer) {
	r.answers = append(r.answers, a)
	r.listen(a)
}

// listen counts answers that did not come, and those that came too soon: waiting with each request would last for hours
// and prove nothing more.
func (r *run) listen(a *answer) {
	switch {
	case a.err == nil && a.exchange.Status == http.StatusTooManyRequests:
		r.limits++
	case a.err == nil:
		r.limits = 0
	}
	if r.limits >= patienceWithLimits {
		r.stopped = fmt.Sprintf("The target answered %d requests in a row with 429, also after the waits that it asked for, or longer ones than the lab grants. Raise the limit for the credentials of this run, or send Retry-After with the seconds after which a request is served again.", r.limits)
	}
	switch egress.KindOf(a.err) {
	case egress.TimedOut, egress.Refused, egress.NoSuchHost, egress.PrivateAddress:
		r.dead++
	default:
		r.dead = 0
	}
	if r.dead >= patienceWithTheDead || r.dead == 2 && egress.KindOf(a.err) == egress.TimedOut {
		r.stopped = "The target stopped answering. " + fault.Show(a.err).Message
	}
}

// reason says why the run is over before its end, "" where it is not.
func (r *run) reason() string {
	switch {
	case r.broken != nil:
		return "The lab could not go on: " + fault.Show(r.broken).Message
	case r.stopped != "":
		return r.stopped
	case r.ctx.Err() == nil:
		return ""
	case errors.Is(context.Cause(r.ctx), context.Canceled):
		return "The run was stopped before its end."
	case !r.clock.end.Before(r.clock.longest):
		return fmt.Sprintf("The run took longer than %s. Let the server answer faster.", minutes(r.subject.Longest))
	}
	return fmt.Sprintf("The run took longer than its limit of %s, beside what the server took for its answers. It waited for answers that did not come, or for changes to show.", minutes(r.subject.Deadline))
}

func minutes(d time.Duration) string {
	if d < time.Minute {
		return d.String()
	}
	return fmt.Sprintf("%.0f minutes", d.Minutes())
}

func (r *run) warn(format string, args ...any) {
	text := r.redact(fmt.Sprintf(format, args...))
	for _, have := range r.warnings {
		if strings.EqualFold(have, text) {
			return
		}
	}
	r.warnings = append(r.warnings, text)
}
