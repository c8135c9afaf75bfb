package api

import (
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"slipway/internal/fault"
)

const (
	perSecond = 25 // requests of one token, or of one address without a token
	burst     = 50 // as many at once
	sweepEach = time.Minute
)

// limits holds askers to their rate, each process on its own.
type limits struct {
	mu    sync.Mutex
	of    map[string]*rate.Limiter
	swept time.Time
}

func newLimits() *limits { return &limits{of: map[string]*rate.Limiter{}} }

// tooFast says how long to wait.
type tooFast struct{ wait time.Duration }

var errTooFast = fault.New(fault.TooMany, "Too many requests. Wait as long as Retry-After says, then go on more slowly.")

func (t *tooFast) Error() string { return errTooFast.Error() }
func (t *tooFast) Unwrap() error { return errTooFast }

// seconds is the wait as Retry-After writes it (RFC 9110 §10.2.3): whole seconds, and at least one.
func (t *tooFast) seconds() string { return strconv.Itoa(int(math.Ceil(t.wait.Seconds()))) }

// take counts one request of the asker; nil where it may go on.
func (l *limits) take(key string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	limiter, ok := l.of[key]
	if !ok {
		limiter = rate.NewLimiter(perSecond, burst)
		l.of[key] = limiter
	}
	turn := limiter.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	turn.CancelAt(now)
	return &tooFast{wait}
}

// sweep forgets askers whose burst is whole again: a fresh limiter answers the same.
func (l *limits) sweep(now time.Time) {
	if now.Sub(l.swept) < sweepEach {
		return
	}
	l.swept = now
	for key, limiter := range l.of {
		if limiter.TokensAt(now) >= burst {
			delete(l.of, key)
		}
	}
}
