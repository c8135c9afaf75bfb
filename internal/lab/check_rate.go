package lab

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
)

const sustained = "rate.sustained"

var rateChecks = []Check{
	{
		ID: sustained, Title: "Twenty-five look-ups a second are answered, or refused with 429", Family: load, Severity: report.Recommended, expensive: true,
		Needs: []string{"filter.eq.username"}, Reference: "Experience; RFC 6585 §4",
		Why:   "When many people are assigned at once, a client sends that many; a server that breaks down keeps all of them waiting.",
		Fix:   "Carry the load, or answer 429 with Retry-After before you are overloaded; never 5xx.",
		judge: (*run).judgeSustained,
	},
	{
		ID: "rate.429-shape", Title: "A 429 is a SCIM error", Family: load, Severity: report.Network | report.Recommended, expensive: true,
		Needs: []string{root}, takes: []string{sustained}, Reference: "Network rule; RFC 7644 §3.12",
		Why:   "A client that parses errors takes a page of the gateway for a broken server, and gives the operation up.",
		Fix:   `Answer {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "429", "detail": "…"}; set that up in the gateway, if it is what limits.`,
		judge: (*run).judgeLimitShape,
	},
	{
		ID: "rate.retry-after-int", Title: "A 429 says in whole seconds how long to wait", Family: load, Severity: report.Network, expensive: true,
		Needs: []string{root}, takes: []string{sustained}, Reference: "Network rule; RFC 9110 §10.2.3",
		Why:   "Widespread clients read Retry-After as a number; without one, or with a date, they wait five minutes.",
		Fix:   "Send Retry-After as a whole number of seconds, such as Retry-After: 5, until the next request will be served.",
		judge: (*run).judgeRetryAfter,
	},
	{
		ID: "rate.recover", Title: "After the wait that a 429 asked for, requests are served again", Family: load, Severity: report.Network, expensive: true,
		Needs: []string{root}, takes: []string{sustained}, Reference: "Network rule; RFC 6585 §4",
		Why:   "A client that waited as told and is refused again doubles its wait, and falls behind for hours.",
		Fix:   "Serve requests again once the seconds in Retry-After are over; do not let refused requests extend the wait.",
		judge: (*run).judgeRecovery,
	},
}

const (
	pace     = 25 // requests per second
	underWay = 50 // at once at most: a target that answers no more is not buried
)

// lookUp is the request that clients send most: it is what the load is made of.
func (r *run) lookUp() ask {
	return ask{method: http.MethodGet, path: "/Users", query: values([]string{"filter", "userName eq " + quote(r.ada.name), "startIndex", "1", "count", "1"})}
}

// sustain sends look-ups at an even pace, without waiting for answers, and returns what came. It asks for none of them
// again, and keeps them from the checks that look back: under load an answer says something about the load.
func (r *run) sustain() (answers []*answer, took time.Duration) {
	perSecond := min(pace, r.subject.Rate)
	calls := make([]call, 0, max(1, int(perSecond*r.subject.Sustain.Seconds())))
	limiter, free := rate.NewLimiter(rate.Limit(perSecond), 1), make(chan *line, underWay)
	for i := range underWay {
		free <- r.lineAt(i)
	}
	started := time.Now()
	var wait sync.WaitGroup
	for len(calls) < cap(calls) {
		if limiter.Wait(r.ctx) != nil {
			break
		}
		ctx, cancel := context.WithTimeout(r.ctx, r.patience)
		request, err := r.request(ctx, r.lookUp())
		if err != nil {
			cancel()
			break
		}
		calls = append(calls, call{request: request, line: <-free})
		one := &calls[len(calls)-1]
		wait.Go(func() {
			one.place()
			cancel()
			free <- one.line
		})
	}
	wait.Wait()
	for _, c := range calls {
		r.requests++
		r.targetTime += c.exchange.Duration
		answers = append(answers, r.dialect.unmask(newAnswer(c.response, c.body, c.exchange, c.err)))
	}
	return answers, time.Since(started)
}

// tally is what a load was answered.
type tally struct {
	served, limited, broken, silent int

	worst *answer // one that was not served
}

func (r *run) judgeSustained() Finding {
	answers, took := r.sustain()
	var t tally
	for _, a := range answers {
		switch {
		case a.err != nil:
			t.silent++
		case a.status == http.StatusTooManyRequests:
			t.limited++
			r.limited = append(r.limited, a)
			continue
		case a.is2xx():
			t.served++
			continue
		default:
			t.broken++
		}
		if t.worst == nil {
			t.worst = a
		}
	}
	if len(answers) > 0 {
		r.cite(answers[0])
		r.perSecond = float64(t.served) / took.Seconds()
	}
	all := fmt.Sprintf("Of %d look-ups in %s, %d were served (%.1f a second)", len(answers), took.Round(100*time.Millisecond), t.served, float64(t.served)/took.Seconds())
	switch {
	case t.silent > 0:
		r.cite(t.worst)
		return fails("%s, and %d were not answered at all: %s", all, t.silent, t.worst.trouble().Message)
	case t.broken > 0:
		r.cite(t.worst)
		return fails("%s; %d failed, the first with %s. Where it is too much, the answer is 429.", all, t.broken, t.worst.shown())
	case t.limited > 0:
		r.cite(r.limited[len(r.limited)-1])
		return passed("%s; %d were refused with 429, as they may be.", all, t.limited)
	}
	return passed("%s.", all)
}

// eachLimit passes where no 429 was seen, or nothing is wrong with those that were.
func (r *run) eachLimit(wrong func(*answer) string) Finding {
	for _, a := range r.limited {
		if text := wrong(a); text != "" {
			r.cite(a)
			return fails("%s was answered with 429: %s", a.request(), text)
		}
	}
	if len(r.limited) == 0 {
		return passed("The target refused nothing with 429.")
	}
	return passed("%d answers are like that.", len(r.limited))
}

func (r *run) judgeLimitShape() Finding {
	return r.eachLimit(func(a *answer) string {
		status, isText := a.object.Get("status").(string)
		switch {
		case a.object == nil:
			return "the body is " + a.nature() + "."
		case !a.object.HasSchema(scim.SchemaError):
			return "schemas of the body is " + shownJSON(a.object.Get("schemas")) + "; it must hold " + scim.SchemaError + "."
		case !isText || status != "429":
			return "the status in the body is " + shownJSON(a.object.Get("status")) + "."
		}
		return ""
	})
}

var wholeSeconds = regexp.MustCompile(`^\d{1,9}$`)

func (r *run) judgeRetryAfter() Finding {
	return r.eachLimit(func(a *answer) string {
		after := a.header.Get("Retry-After")
		switch {
		case after == "":
			return "Retry-After is missing."
		case !wholeSeconds.MatchString(after):
			return "Retry-After is " + quote(excerpt(after)) + ", not a number of seconds."
		}
		return ""
	})
}

// judgeRecovery waits as the last 429 asked, and looks once.
func (r *run) judgeRecovery() Finding {
	if len(r.limited) == 0 {
		return passed("The target refused nothing with 429.")
	}
	last := r.limited[len(r.limited)-1]
	asked, told := egress.RetryAfter(last.header, r.subject.Now())
	if asked > longestWait {
		return unproved("The target asks to wait %s. The lab waits at most %s.", asked, longestWait)
	}
	if !told {
		asked = longestWait / 6
	}
	if !r.sleep(asked) {
		return unproved("The run ended before the wait did.")
	}
	a := r.attempt(r.lookUp())
	r.note(a)
	r.cite(last, a)
	switch {
	case a.err != nil:
		return a.trouble()
	case a.status != http.StatusTooManyRequests:
		return passes()
	case !told:
		return unproved("%s after a 429 without Retry-After the target answers 429 again.", asked)
	}
	return fails("A 429 asked to wait %s. After that the same request was answered with 429 again.", asked)
}
