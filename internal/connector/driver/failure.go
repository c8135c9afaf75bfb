package driver

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/target"
)

// wire notes what the requests of one run may have done.
type wire struct {
	api engine.API

	mu       sync.Mutex
	sent     bool // a request that changes something has left
	done     bool // one of them succeeded
	doubtful bool // of one of them nobody knows
}

// Call sends a request and notes its effect.
func (w *wire) Call(ctx context.Context, q engine.Request) (engine.Response, error) {
	answer, err := w.api.Call(ctx, q)
	if q.Method == http.MethodGet || q.Method == http.MethodHead {
		return answer, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e, _ := errors.AsType[*engine.Error](err); {
	case e != nil && e.Kind == engine.Refused: // it never left
		return answer, err
	case err != nil:
		w.doubtful = true
	case answer.Status < 300:
		w.done = true
	case target.KindOf(answer.Status) == target.Lost:
		w.doubtful = true
	}
	w.sent = true
	return answer, err
}

// failure translates the error of a run.
func (d *Driver) failure(err error, w *wire, writes bool) *target.Failure {
	e, is := errors.AsType[*engine.Error](err)
	if !is { // inputs that the action does not take
		return target.NewFailure(target.Rejected, 0, fault.Show(err).Message, err)
	}
	f := target.NewFailure(kindOf(e, w, writes), e.Status, e.Message, err)
	f.Ours = e.Kind == engine.Unsupported
	if f.Kind == target.Busy {
		f.After = d.after(e)
	}
	return f
}

func (d *Driver) after(e *engine.Error) time.Duration {
	now := time.Now()
	if d.machine.Clock != nil {
		now = d.machine.Clock.Now()
	}
	after, _ := e.RetryAfter(now)
	return after
}

// kindOf says what an error means for whoever wants to go on. What was refused after something else was done is no
// refusal any more: the account may be there.
func kindOf(e *engine.Error, w *wire, writes bool) target.Kind {
	if writes {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch kind := meaning(e, target.Unread); {
		case kind == target.Busy:
			return kind
		case w.done:
			return target.Unread
		case w.doubtful:
			return target.Lost
		case kind == target.Unread && !w.sent: // the action could not do with its inputs what it should
			return target.Rejected
		default:
			return kind
		}
	}
	return meaning(e, target.Suspicious)
}

// meaning is that of the error alone; unusable is what an answer means with which the action can do nothing.
func meaning(e *engine.Error, unusable target.Kind) target.Kind {
	switch e.Kind {
	case engine.Refused:
		return target.Denied
	case engine.Unsupported:
		return target.Rejected
	case engine.Unfit:
		return unusable
	case engine.Unanswered:
		switch egress.KindOf(e) {
		case egress.TooLarge:
			return unusable
		case egress.Redirected:
			return target.Denied
		}
		return target.Lost
	case engine.Answered, engine.Raised:
		return refusal(e, unusable)
	}
	return target.Lost // stopped, or at a limit
}

// refusal is what a status means, or the type that the connector gave it.
func refusal(e *engine.Error, unusable target.Kind) target.Kind {
	_, page := e.Body.(string)
	switch missing := e.Type == contract.NotFound || e.Status == http.StatusNotFound || e.Status == http.StatusGone; {
	case missing && page && e.Kind == engine.Answered && e.Body != "":
		return unusable // a web page: a wrong address or a proxy, and no reason to believe that an account is gone
	case missing:
		return target.Gone
	case e.Type == contract.Credentials || e.Type == contract.Expired:
		return target.Denied
	case e.Type == contract.TooOften:
		return target.Busy
	case e.Status == 0: // the action says fail, and no more
		return target.Rejected
	case e.Status < 400:
		return unusable
	}
	return target.KindOf(e.Status)
}

// isGone reports that something was looked for and is not there.
func isGone(err error) bool {
	f, is := errors.AsType[*target.Failure](err)
	return is && f.Kind == target.Gone
}
