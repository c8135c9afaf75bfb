package lab

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
)

const maxOffenders = 3

// blame passes where no answer is at fault, else it shows the first few that are.
func (r *run) blame(fault func(*answer) string) Finding {
	var first string
	var shown, all int
	for _, a := range r.answers {
		text := fault(a)
		if text == "" {
			continue
		}
		if all++; all == 1 {
			first = a.request() + ": " + text
		}
		if shown < maxOffenders {
			r.cite(a)
			shown++
		}
	}
	switch all {
	case 0:
		return passes()
	case 1:
		return fails("%s", first)
	}
	return fails("%s %d answers are like that.", first, all)
}

// refusals are the answers that must carry a SCIM error. 401 and 403 have checks of their own.
func isRefusal(a *answer) bool {
	return a.err == nil && !a.aside && a.status >= 400 && a.status != http.StatusUnauthorized && a.status != http.StatusForbidden && a.status != http.StatusTooManyRequests
}

func (r *run) judgeErrorJSON() Finding {
	return r.blame(func(a *answer) string {
		if isRefusal(a) && a.object == nil {
			return "the body of the " + a.shown() + " is " + a.nature() + "."
		}
		return ""
	})
}

func (r *run) judgeErrorSchema() Finding {
	return r.blame(func(a *answer) string {
		if isRefusal(a) && a.object != nil && !a.object.HasSchema(scim.SchemaError) {
			return "schemas of the error is " + shownJSON(a.object.Get("schemas")) + "; it must hold " + scim.SchemaError + "."
		}
		return ""
	})
}

// isSCIMError tells an error with flaws from an object of another kind, which is error.schema's finding alone.
func (r *run) isSCIMError(a *answer) bool {
	if r.subject.Version == SCIM11 {
		return isRefusal(a) && r.dialect.isError(a.object)
	}
	return isRefusal(a) && (a.object.HasSchema(scim.SchemaError) || a.object.Get("detail") != nil || a.object.Get("status") != nil)
}

func (r *run) judgeErrorStatus() Finding {
	return r.blame(func(a *answer) string {
		if !r.isSCIMError(a) {
			return ""
		}
		status, isString := a.object.Get("status").(string)
		if !isString || status != itoa(a.status) {
			return "status in the body is " + shownJSON(a.object.Get("status")) + "; it must be the text " + quote(itoa(a.status)) + ", as the HTTP status is."
		}
		return ""
	})
}

func (r *run) judgeErrorDetail() Finding {
	return r.blame(func(a *answer) string {
		if !r.isSCIMError(a) {
			return ""
		}
		if trace := traceIn(a.body); trace != "" {
			return "the error contains what looks like a stack trace or SQL (" + quote(trace) + ")."
		}
		if strings.TrimSpace(r.dialect.wordsIn(a.object)) == "" {
			return "the error has no " + r.dialect.words + "."
		}
		return ""
	})
}

func (r *run) judgeDisguised() Finding {
	return r.blame(func(a *answer) string {
		if a.disguised {
			return "the HTTP status is " + a.shown() + ", but the body is an error with the status " + itoa(a.status) + "."
		}
		return ""
	})
}

func (r *run) judgeServerErrors() Finding {
	return r.blame(func(a *answer) string {
		if a.err == nil && !a.aside && a.status >= 500 && a.status != http.StatusNotImplemented {
			return "the answer is " + a.shown() + "."
		}
		return ""
	})
}

// judgeMediaType tolerates the other of the two media types for JSON; a body that is no JSON at all is somebody else's finding.
func (r *run) judgeMediaType() Finding {
	var plain []*answer
	f := r.blame(func(a *answer) string {
		if a.err != nil || a.aside || a.object == nil {
			return ""
		}
		switch kind := a.mediaType(); kind {
		case r.dialect.media:
			return ""
		case r.dialect.alias:
			plain = append(plain, a)
			return ""
		default:
			return "the body is JSON, and its Content-Type is " + quote(excerpt(kind)) + "."
		}
	})
	if f.Outcome == report.Pass && len(plain) > 0 {
		r.cite(plain[:min(len(plain), maxOffenders)]...)
		return deviates("%d bodies have the type %s, the first in answer to %s. Clients accept that; %s's type is %s.", len(plain), r.dialect.alias, plain[0].request(), r.dialect.law, r.dialect.media)
	}
	return f
}

func (r *run) judgeLatency() Finding {
	limit := r.subject.Patience
	f := r.blame(func(a *answer) string {
		if egress.KindOf(a.err) == egress.TimedOut || a.exchange.Duration >= limit {
			return "no answer within " + a.exchange.Duration.Round(time.Millisecond).String() + "."
		}
		return ""
	})
	if f.Outcome == report.Pass {
		slowest := slices.MaxFunc(r.answers, func(a, b *answer) int { return int(a.exchange.Duration - b.exchange.Duration) })
		return passed("The slowest answer took %s.", slowest.exchange.Duration.Round(time.Millisecond))
	}
	return f
}
