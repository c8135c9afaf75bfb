package lab

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	json2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/report"
	"slipway/internal/scim"
)

// answer is one exchange as the checks see it: unredacted, so it never leaves the run.
type answer struct {
	exchange  egress.Exchange // redacted
	status    int             // 0 where none came; in a refusal in the clothes of a 200, what its body says
	disguised bool            // the HTTP status was 2xx, the body an error
	header    http.Header
	body      []byte
	object    scim.Resource // nil where the body is no JSON object
	err       error         // why there is no usable answer
	marked    bool          // the body began with a byte order mark
	read      *reading      // the body as a list, once somebody has asked for it: many checks look back at every answer
	aside     bool          // provoked outside the service's own routes: its body is nobody's concern
}

// lenient reads what encoding/json does: of members that occur twice the last, and broken UTF-8; checks of their own look for
// both. Every answer of a run is read, and this package takes half as long.
var lenient = json2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

func newAnswer(resp *http.Response, body []byte, e egress.Exchange, err error) *answer {
	a := &answer{exchange: e, status: e.Status, err: err}
	if err != nil {
		return a
	}
	a.marked = bytes.HasPrefix(body, []byte("\ufeff"))
	a.header, a.body = resp.Header, bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if json2.Unmarshal(a.body, &a.object, lenient) != nil {
		a.object = nil
	}
	return a
}

func (a *answer) is2xx() bool { return a.err == nil && a.status/100 == 2 }

// request names the exchange in a message: "POST /Users".
func (a *answer) request() string { return a.exchange.Method + " " + excerpt(pathOf(a.exchange.URL)) }

// want returns a finding where the answer has none of the statuses.
func (a *answer) want(statuses ...int) (Finding, bool) {
	if a.err != nil {
		return a.trouble(), true
	}
	if slices.Contains(statuses, a.status) {
		return Finding{}, false
	}
	var wanted []string
	for _, s := range statuses {
		wanted = append(wanted, strconv.Itoa(s))
	}
	return fails("%s answered %s instead of %s.%s", a.request(), a.shown(), strings.Join(wanted, " or "), a.detail()), true
}

// wantObject is want for answers that must carry one JSON object.
func (a *answer) wantObject(statuses ...int) (Finding, bool) {
	if f, bad := a.want(statuses...); bad {
		return f, true
	}
	if a.object == nil {
		return fails("%s answered %s, but the body is %s.", a.request(), a.shown(), a.nature()), true
	}
	return Finding{}, false
}

// expect passes where the answer has one of the statuses.
func expect(a *answer, statuses ...int) Finding {
	if f, bad := a.want(statuses...); bad {
		return f
	}
	return passes()
}

// trouble turns an answer that did not come, or that cannot be used, into a finding. Where it stays open whose
// fault that is, nothing is proved.
func (a *answer) trouble() Finding {
	sentence := fault.Show(a.err).Message
	switch egress.KindOf(a.err) {
	case egress.TimedOut:
		return unproved("%s: %s See conn.latency.max.", a.request(), sentence)
	case egress.TooLarge, egress.NotHTTP, egress.Dropped, egress.Redirected, egress.TLSDefect:
		return fails("%s: %s", a.request(), sentence)
	}
	return unproved("%s: %s", a.request(), sentence)
}

func (a *answer) shown() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.exchange.Status, http.StatusText(a.exchange.Status)))
}

// detail quotes what the target says about a refusal, from the redacted exchange.
func (a *answer) detail() string {
	var shown scim.Resource
	if json.Unmarshal([]byte(a.exchange.ResponseBody), &shown) != nil {
		return ""
	}
	words := cmp.Or(shown.String("detail"), firstError(shown).String("description"))
	if words == "" {
		return ""
	}
	return fmt.Sprintf(" It says: “%s”", excerpt(words))
}

// nature names a body that is not what it should be.
func (a *answer) nature() string {
	lower := strings.ToLower(string(a.body[:min(len(a.body), 200)]))
	switch {
	case len(a.body) == 0:
		return "empty"
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"), strings.Contains(lower, "<body"):
		return "an HTML page"
	case a.body[0] == '[' && json.Valid(a.body):
		return "a JSON array, not an object"
	case json.Valid(a.body):
		return "JSON, but not an object"
	}
	return "not JSON"
}

// unreadable says what came in the place of one JSON object.
func (a *answer) unreadable() string {
	if a.err != nil || !a.is2xx() {
		return a.request() + " answered " + a.shown() + "."
	}
	return a.request() + " answered " + a.shown() + ", but the body is " + a.nature() + "."
}

// reading is what an answer is as a list.
type reading struct {
	list   scim.ListResponse
	isList bool
}

// list reads the answer as a list, leniently; ok is false where it is none. What it returns is shared: it is only read.
func (a *answer) list() (list scim.ListResponse, ok bool) {
	if a.read == nil {
		a.read = &reading{}
		if a.is2xx() {
			var err error
			a.read.list, err = scim.ListOf(a.object)
			a.read.isList = err == nil
		}
	}
	return a.read.list, a.read.isList
}

// resources are all resources in the answer: its own, or those of its list.
func (a *answer) resources() []scim.Resource {
	if list, ok := a.list(); ok {
		return list.Resources
	}
	if a.is2xx() && a.object != nil {
		return []scim.Resource{a.object}
	}
	return nil
}

const maxQuoted = 160

// excerpt is the start of a target's text in one line.
func excerpt(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == ' ' }), " ")
	if len(s) > maxQuoted {
		s = strings.ToValidUTF8(s[:maxQuoted], "") + "…"
	}
	return s
}

func passes() Finding { return Finding{Outcome: report.Pass, Message: "As it should be."} }

func passed(format string, args ...any) Finding {
	return Finding{Outcome: report.Pass, Message: fmt.Sprintf(format, args...)}
}

func deviates(format string, args ...any) Finding {
	return Finding{Outcome: report.Deviation, Message: fmt.Sprintf(format, args...)}
}

// fails is the one word for "broken"; a check that is only recommended turns it into a warning.
func fails(format string, args ...any) Finding {
	return Finding{Outcome: report.Fail, Message: fmt.Sprintf(format, args...)}
}

func unproved(format string, args ...any) Finding {
	return Finding{Outcome: report.Inconclusive, Message: fmt.Sprintf(format, args...)}
}

func notApplicable(format string, args ...any) Finding {
	return Finding{Outcome: report.NotApplicable, Message: fmt.Sprintf(format, args...)}
}

func blockedBy(id string) Finding {
	return Finding{Outcome: report.Blocked, Message: "Needs " + id + ", which did not pass."}
}

// saying adds to a failure what was sent.
func (f Finding) saying(sent string) Finding {
	if f.Outcome == report.Fail {
		f.Message += " " + sent
	}
	return f
}

// andStands says that the check failed, and that what others need of it is there all the same.
func (f Finding) andStands() Finding {
	f.stands = true
	return f
}

// only narrows the severity: just this part of the check is broken.
func (f Finding) only(s report.Severity) Finding {
	f.Severity = s
	return f
}

// of is the check as far as the finding is about it.
func (f Finding) of(c Check) Check {
	if f.Severity != 0 {
		c.Severity = f.Severity
	}
	return c
}
