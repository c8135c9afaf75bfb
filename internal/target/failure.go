package target

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/scim"
)

// Kind says what a failure means for whoever wants to go on.
type Kind string

const (
	Denied     Kind = "denied"     // 401, 403, or an address that must not be asked: nothing was changed, nor will it be
	Busy       Kind = "busy"       // 429, 503: not now; what was asked may have to be looked for
	Gone       Kind = "gone"       // the account does not exist, confirmed by reading it
	Taken      Kind = "taken"      // 409: uniqueness; nothing was changed
	Rejected   Kind = "rejected"   // any other 4xx: the same request will not do better; nothing was changed
	Suspicious Kind = "suspicious" // an answer to a read that must not be acted on
	Unread     Kind = "unread"     // success of a write, with a body that cannot be used: it was probably done
	Lost       Kind = "lost"       // no answer, or a breakdown (5xx): it may or may not have been done
)

// Failure is why a target did not do as asked.
type Failure struct {
	Kind   Kind
	Status int           // HTTP status, 0 without an answer
	After  time.Duration // with Busy: how long the target asks to wait, 0 when it does not say
	Detail string        // what the target says, one safe line of at most 300 characters
	Ours   bool          // it is not the target that could not do it: Slipway cannot ask for it
	cause  error
}

// NewFailure returns the failure of a target that does not speak SCIM. detail becomes one safe line; cause may be nil.
func NewFailure(kind Kind, status int, detail string, cause error) *Failure {
	return &Failure{Kind: kind, Status: status, Detail: line(detail), cause: cause}
}

// Error is one line, fit for people: what a target answered, or why there is no answer.
func (f *Failure) Error() string {
	head := ""
	if f.Status != 0 {
		head = strings.TrimSpace(fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status)))
	}
	return strings.TrimPrefix(strings.TrimSuffix(head+": "+f.Detail, ": "), ": ")
}

func (f *Failure) Unwrap() error { return f.cause }

// FailureOf returns the failure in err's chain. An error that is none counts as a lost answer: of the two
// mistakes, looking again is the harmless one.
func FailureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{Kind: Lost, Detail: line(fault.Show(err).Message), cause: err}
}

// readFailure translates the error of a request that changes nothing.
func readFailure(err error) error { return translate(err, Suspicious) }

// writeFailure translates the error of a request that may have changed something.
func writeFailure(err error) error { return translate(err, Unread) }

// translate says what err means; unusable is what a success with an unusable body means.
func translate(err error, unusable Kind) error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*scim.Error](err); ok {
		detail := e.Detail
		if e.ScimType != "" && e.ScimType != "null" {
			detail = e.ScimType + ": " + detail
		}
		return &Failure{Kind: KindOf(e.Status), Status: e.Status, Detail: strings.TrimSuffix(line(detail), ":"), cause: err}
	}
	if e, ok := errors.AsType[*scim.AnswerError](err); ok {
		return &Failure{Kind: unusable, Status: e.Status, Detail: line(e.Reason.Error()), cause: err}
	}
	kind := Lost
	switch egress.KindOf(err) {
	case egress.TooLarge:
		kind = unusable
	case egress.PrivateAddress, egress.NotAllowed, egress.Redirected:
		kind = Denied
	}
	return &Failure{Kind: kind, Detail: line(fault.Show(err).Message), cause: err}
}

// KindOf is what a refusal with the status means, where nothing else is known.
func KindOf(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Denied
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return Busy
	case http.StatusConflict:
		return Taken
	case http.StatusRequestTimeout: // the target gave up on us: it may have read enough
		return Lost
	}
	if status >= 400 && status < 500 {
		return Rejected
	}
	return Lost
}

const longestLine = 300

// line makes a target's text fit for a log line and a page: no control characters, no second line (H-64).
func line(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	clean = strings.Join(strings.Fields(clean), " ")
	if runes := []rune(clean); len(runes) > longestLine {
		return string(runes[:longestLine]) + "…"
	}
	return clean
}

// polite reads how long a target wants to be left alone, in seconds or as a date (RFC 9110 §10.2.3).
type polite struct {
	scim.Doer
	now func() time.Time
}

// Do turns 429 and 503 into a Failure, whatever their body is.
func (p polite) Do(r *http.Request) (*http.Response, error) {
	answer, err := p.Doer.Do(r)
	if err != nil || KindOf(answer.StatusCode) != Busy {
		return answer, err
	}
	_ = answer.Body.Close()
	after, _ := egress.RetryAfter(answer.Header, p.now())
	return nil, &Failure{Kind: Busy, Status: answer.StatusCode, After: after}
}
