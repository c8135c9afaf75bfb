package suite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/internal/connector/engine"
	"slipway/internal/egress"
	"slipway/internal/secret"
)

// clock is a case's time: it stands where the case began, and moves only when somebody waits. So what a case makes of the
// time is the same when it is replayed. A live case waits in truth, too.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	wait func(ctx context.Context, d time.Duration) error // nil: nobody waits
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.wait != nil {
		if err := c.wait(ctx, d); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// dice are the same for a case whenever it is run with the same seed.
func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) } //nolint:gosec // no secret hangs on it

// recorder sends requests on and keeps what came back.
type recorder struct {
	api       engine.API
	mu        sync.Mutex
	exchanges []Exchange
}

func (r *recorder) Call(ctx context.Context, q engine.Request) (engine.Response, error) {
	began := time.Now()
	answer, err := r.api.Call(ctx, q)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, Exchange{Request: q, Response: answer, Began: began, Took: time.Since(began)})
	return answer, err
}

// player answers out of a recording. A request that was not recorded is an error that no flow can hide: see missed.
type player struct {
	recorded []Exchange
	mask     func(string) string // as the recording was masked

	mu        sync.Mutex
	used      []bool
	missed    []string // what was asked and not recorded
	exchanges []Exchange
	fault     *fault // what is done to the answers; nil: nothing
	loose     bool   // a request that differs gets the answer of the one most like it
}

func (p *player) Call(_ context.Context, q engine.Request) (engine.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used == nil {
		p.used = make([]bool, len(p.recorded))
	}
	masked := engine.Request{Method: q.Method, URL: p.mask(q.URL), Header: q.Header, Body: []byte(p.mask(string(q.Body)))}
	nearest, why := -1, ""
	for i, e := range p.recorded {
		if p.used[i] {
			continue
		}
		diff := differs(masked, e.Request)
		if diff == "" {
			return p.answer(i, masked)
		}
		if nearest < 0 || strings.HasPrefix(why, "the method") || strings.HasPrefix(why, "the address") && !strings.HasPrefix(diff, "the method") && !strings.HasPrefix(diff, "the address") {
			nearest, why = i, diff
		}
	}
	sentence := fmt.Sprintf("%s %s was not recorded; all that was has been asked for", masked.Method, masked.URL)
	if nearest >= 0 {
		sentence = fmt.Sprintf("%s %s was not recorded: %s", masked.Method, masked.URL, why)
	}
	p.missed = append(p.missed, sentence)
	if p.loose && nearest >= 0 {
		return p.answer(nearest, masked)
	}
	return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: sentence + "."}
}

func (p *player) answer(i int, asked engine.Request) (engine.Response, error) {
	e := p.recorded[i]
	if p.fault != nil {
		if answer, err, hit := p.fault.strike(i, e); hit {
			p.exchanges = append(p.exchanges, Exchange{Request: asked, Response: answer})
			return answer, err // it may be asked again: nothing was used up
		}
	}
	p.used[i] = true
	p.exchanges = append(p.exchanges, Exchange{Request: asked, Response: e.Response, Took: e.Took})
	return e.Response, nil
}

// struck is how often the fault has struck, 0 without one.
func (p *player) struck() int {
	if p.fault == nil {
		return 0
	}
	return p.fault.hits
}

// left names what was recorded and not asked for.
func (p *player) left() []string {
	var all []string
	for i, e := range p.recorded {
		if p.used == nil || !p.used[i] {
			all = append(all, fmt.Sprintf("%s %s was recorded, and not asked for", e.Request.Method, e.Request.URL))
		}
	}
	return all
}

// named is a secret with what stands in its place.
type named struct {
	name   string
	secret secret.Text
}

// masking returns a function that puts {{secret:NAME}} in the place of each secret, in every form in which it may stand.
func masking(secrets []named) func(string) string {
	type one struct {
		redact func(string) string
		name   string
	}
	var all []one
	secrets = slices.Clone(secrets)
	slices.SortStableFunc(secrets, func(a, b named) int { return len(b.secret.Reveal()) - len(a.secret.Reveal()) }) // no tail of one is left behind another that begins it
	for _, s := range secrets {
		all = append(all, one{egress.Redact([]secret.Text{s.secret}), "{{secret:" + s.name + "}}"})
	}
	return func(text string) string {
		for _, o := range all {
			if masked := o.redact(text); masked != text {
				text = strings.ReplaceAll(masked, secret.Redacted, o.name)
			}
		}
		return text
	}
}

func masked(exchanges []Exchange, mask func(string) string) []Exchange {
	out := make([]Exchange, len(exchanges))
	for i, e := range exchanges {
		e.Request.URL, e.Request.Body = mask(e.Request.URL), []byte(mask(string(e.Request.Body)))
		e.Response.Body = []byte(mask(string(e.Response.Body)))
		e.Request.Header = maskedHeader(e.Request.Header, mask)
		e.Response.Header = maskedHeader(e.Response.Header, mask)
		out[i] = e
	}
	return out
}

// maskedHeader leaves out what carries credentials whatever it is.
func maskedHeader(h map[string][]string, mask func(string) string) map[string][]string {
	out := map[string][]string{}
	for name, values := range h {
		switch name {
		case "Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization":
			out[name] = []string{secret.Redacted}
			continue
		}
		for _, v := range values {
			out[name] = append(out[name], mask(v))
		}
	}
	return out
}
