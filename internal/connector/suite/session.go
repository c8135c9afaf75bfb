package suite

import (
	"context"
	"maps"
	"time"

	"slipway/internal/connector/engine"
	"slipway/internal/egress"
	"slipway/internal/report"
)

// Session is a stretch of work on the connector that is no case of the suite. It is recorded under a name, and replayed from
// there, as a case is.
type Session struct {
	Machine *engine.Machine // over the connection
	Junk    *engine.Machine // over the same with junk in the place of every secret; nil where it has none
	Seed    uint64          // of all that is made up
	Changes bool            // data may be changed; in a replay, as it was when it was recorded

	of   *session
	told int
}

// Exchanges returns what has gone over the wire since it was last asked, without the connection's secrets.
func (s *Session) Exchanges() []egress.Exchange {
	all := s.of.exchanges()
	fresh := masked(all[s.told:], masking(s.of.secrets()))
	s.told = len(all)
	return shown(fresh)
}

// InSession lets others work on the connector, and takes what they find into the report, under their family. A recording is
// kept where nothing that blocks has failed or did not run, and nothing was left behind. Where there is none to be replayed, or it was not followed, that
// is a check of its own. Overall looks at the session, too.
func (r *Runner) InSession(ctx context.Context, name, family string, seed uint64, changes bool, work func(*Session) ([]report.Result, []report.Object)) {
	began := time.Now()
	s, err := r.begin(name, seed)
	if err != nil {
		r.apart(name, family, Result{Status: NotRun, Message: err.Error()})
		return
	}
	if s.play == nil {
		s.changes = changes
	}
	junk, err := s.junk()
	if err != nil {
		r.apart(name, family, Result{Status: NotRun, Message: err.Error()})
		return
	}
	checks, left := work(&Session{Machine: s.machine, Junk: junk, Seed: s.random, Changes: s.changes, of: s})
	mask := masking(s.secrets())
	for i := range checks {
		checks[i].Message = mask(checks[i].Message)
	}
	r.beside, r.left = append(r.beside, checks...), append(r.left, left...)
	came := statusOf(checks)
	if came == Pass && len(left) > 0 {
		came = Fail // the report names them; no recording shall be the key to an account that is still there
	}
	result := s.finish(ctx, name, Result{Status: came})
	result.Took, result.Cards = time.Since(began), s.cards
	if result.Status != came {
		r.apart(name, family, result)
	}
	result.ID = name
	r.sessions = append(r.sessions, result)
}

// apart adds a check that says what is wrong with a session as a whole.
func (r *Runner) apart(name, family string, result Result) {
	result.ID, result.Title = name, "What was recorded is there, and is what is asked for"
	c := checkOf(result)
	c.Family, c.Exchanges = family, []egress.Exchange{} // they stand with the checks
	c.Fix = "Record the connector again: slipway connector record."
	r.beside = append(r.beside, c)
}

// statusOf is what checks come to together.
func statusOf(checks []report.Result) Status {
	status := Pass
	for _, c := range checks {
		switch {
		case !c.Blocking:
		case c.Verdict == report.Failed:
			return Fail
		case c.Verdict == report.NotRun && c.Outcome != report.NotApplicable:
			status = NotRun
		}
	}
	return status
}

// exchanges are those so far.
func (s *session) exchanges() []Exchange {
	if s.play != nil {
		s.play.mu.Lock()
		defer s.play.mu.Unlock()
		return s.play.exchanges
	}
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.exchanges
}

// junk is a machine over the same connection, in which every secret is replaced; nil where there is none.
func (s *session) junk() (*engine.Machine, error) {
	entered, secrets := junked(s.Runner, s.entered)
	if secrets == 0 {
		return nil, nil
	}
	other := &session{Runner: s.Runner, cards: s.cards, random: s.random, entered: entered, clock: s.clock, start: s.start}
	var api engine.API = s.record
	if s.play != nil {
		api = s.play
	}
	err := other.connect(api)
	return other.machine, err
}

// junked is a connection with junk in the place of every secret, and how many there are.
func junked(r *Runner, entered map[string]string) (map[string]string, int) {
	junk, secrets := maps.Clone(entered), 0
	if junk == nil {
		junk = map[string]string{}
	}
	way, _ := r.Connector.Way(r.Method)
	for _, f := range way.Fields {
		if f.Type == "secret" {
			junk[f.Key] = "junk-instead-of-" + f.Key
			secrets++
		}
	}
	return junk, secrets
}
