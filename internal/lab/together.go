package lab

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"slipway/internal/egress"
)

// together sends the requests at the same time, each over a line of its own, and returns the answers in the order
// of the asks. Everything but the sending is done here, one after the other: the requests are announced and built before
// the first leaves, and the answers are recorded when the last has come. Where the target answers 429, that request alone
// is sent again as it asks, after the others.
func (r *run) together(asks ...ask) []*answer {
	for _, q := range asks {
		if q.object == nil {
			continue
		}
		if err := r.announce(*q.object); err != nil {
			return unsent(asks, err)
		}
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.patience)
	defer cancel()
	calls := make([]call, len(asks))
	for i, q := range asks {
		if err := r.keepPace(); err != nil {
			return unsent(asks, err)
		}
		if calls[i].request, calls[i].err = r.request(ctx, q); calls[i].err != nil {
			return unsent(asks, calls[i].err)
		}
	}
	r.placeAll(calls)
	return r.hearAll(asks, calls)
}

// line is a way to the target that one request at a time goes. It stays open for the next.
type line struct {
	client *egress.Client
	last   egress.Exchange // what the last request left behind
}

func (r *run) lineAt(i int) *line {
	for len(r.lines) <= i {
		l := &line{}
		l.client = r.open(func(e egress.Exchange) { l.last = e })
		r.lines = append(r.lines, l)
	}
	return r.lines[i]
}

func (r *run) hangUp() {
	for _, l := range r.lines {
		l.client.CloseIdle()
	}
}

// call is one request that is under way beside others. Its answer is read by the goroutine that sends it.
type call struct {
	line     *line
	request  *http.Request
	response *http.Response
	body     []byte
	exchange egress.Exchange
	err      error
}

// placeAll returns when every call has ended.
func (r *run) placeAll(calls []call) {
	var wait sync.WaitGroup
	for i := range calls {
		calls[i].line = r.lineAt(i)
		wait.Go(calls[i].place)
	}
	wait.Wait()
}

func (c *call) place() {
	if c.response, c.err = c.line.client.Do(c.request); c.err == nil {
		c.body, c.err = io.ReadAll(c.response.Body)
	}
	c.exchange = c.line.last
}

// hearAll records what came. A target that leaves all of them without an answer has fallen silent once, not once for each.
func (r *run) hearAll(asks []ask, calls []call) []*answer {
	answers := make([]*answer, len(asks))
	heard := 0
	var slowest time.Duration // of the answers: they came beside each other
	for i, c := range calls {
		r.requests++
		r.targetTime += c.exchange.Duration
		answers[i] = r.persist(asks[i], r.dialect.unmask(newAnswer(c.response, c.body, c.exchange, c.err)))
		r.answers = append(r.answers, answers[i])
		r.wrote(asks[i], answers[i])
		r.record(asks[i], answers[i])
		if answers[i].err == nil {
			heard, slowest = i, max(slowest, c.exchange.Duration)
		}
	}
	r.clock.giveBack(slowest)
	if len(answers) > 0 {
		r.listen(answers[heard])
	}
	return answers
}

// unsent is what together returns where nothing was sent.
func unsent(asks []ask, err error) []*answer {
	answers := make([]*answer, len(asks))
	for i := range answers {
		answers[i] = &answer{err: err}
	}
	return answers
}
