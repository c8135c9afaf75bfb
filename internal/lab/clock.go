package lab

import (
	"context"
	"time"
)

// clock ends a stretch of work that takes too long. What the target takes for its answers, what it asks to wait, and what
// keeps to the pace is given back: a server that is slow and answers is not cut off, one that leaves the lab waiting is.
type clock struct {
	end     time.Time // as things stand
	longest time.Time // whatever is given back
	timer   *time.Timer
	cancel  context.CancelCauseFunc
}

// within returns a context that ends after limit, and after longest at the latest however much is given back.
func within(ctx context.Context, limit, longest time.Duration) (context.Context, *clock) {
	ctx, cancel := context.WithCancelCause(ctx)
	now := time.Now()
	c := &clock{end: now.Add(limit), longest: now.Add(max(limit, longest)), cancel: cancel}
	c.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
	return ctx, c
}

func (c *clock) stop() {
	c.timer.Stop()
	c.cancel(context.Canceled)
}

// giveBack moves the end by d.
func (c *clock) giveBack(d time.Duration) {
	if d <= 0 || !c.timer.Stop() {
		return
	}
	c.end = c.end.Add(d)
	if c.end.After(c.longest) {
		c.end = c.longest
	}
	c.timer.Reset(time.Until(c.end))
}
