package egress

import (
	"net/http"
	"strconv"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

const (
	maxRetries  = 3
	firstWait   = 200 * time.Millisecond
	longestWait = 10 * time.Second // a target that asks for more gets its 429 handed up: the job waits, not the request
)

// withRetries puts the policies of the provisioning engine around inner: repeat, pause, limit.
func withRetries(inner http.RoundTripper, maxParallel uint) http.RoundTripper {
	around := []failsafe.Policy[*http.Response]{breaker()}
	if maxParallel > 0 {
		around = append(around, bulkhead.NewBuilder[*http.Response](maxParallel).WithMaxWaitTime(20*time.Second).Build())
	}
	with := func(again func(*http.Response, error) bool) http.RoundTripper {
		policies := append([]failsafe.Policy[*http.Response]{retry(again)}, around...)
		return failsafehttp.NewRoundTripper(inner, policies...)
	}
	return byMethod{repeatable: with(lostOrRefused), once: with(refusedOnly)}
}

// byMethod sends what may be repeated one way, and what must not be repeated blindly the other. A POST or PATCH
// whose answer was lost may have been applied: only a 429 says for certain that it was not.
type byMethod struct{ repeatable, once http.RoundTripper }

func (b byMethod) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return b.repeatable.RoundTrip(r)
	}
	return b.once.RoundTrip(r)
}

// No jitter: it would shorten what Retry-After asks for.
func retry(again func(*http.Response, error) bool) retrypolicy.RetryPolicy[*http.Response] {
	return retrypolicy.NewBuilder[*http.Response]().HandleIf(again).WithDelayFunc(wait).
		WithMaxRetries(maxRetries).WithBackoff(firstWait, longestWait).ReturnLastFailure().Build()
}

func breaker() circuitbreaker.CircuitBreaker[*http.Response] {
	return circuitbreaker.NewBuilder[*http.Response]().HandleIf(func(resp *http.Response, err error) bool {
		return err != nil && isLost(err) || resp != nil && resp.StatusCode >= 500
	}).WithFailureRateThreshold(.5, 6, time.Minute).WithDelay(30 * time.Second).Build()
}

func lostOrRefused(resp *http.Response, err error) bool {
	if err != nil {
		return isLost(err)
	}
	return refusedOnly(resp, nil) || resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented
}

func refusedOnly(resp *http.Response, err error) bool {
	if err != nil || resp.StatusCode != http.StatusTooManyRequests {
		return false
	}
	asked, ok := RetryAfter(resp.Header, time.Now())
	return !ok || asked <= longestWait
}

// isLost reports a failure of the way to the target, which may be over in a moment.
func isLost(err error) bool {
	switch KindOf(err) {
	case Refused, TimedOut, Dropped:
		return true
	}
	return false
}

func wait(exec failsafe.ExecutionAttempt[*http.Response]) time.Duration {
	if resp := exec.LastResult(); resp != nil {
		if asked, ok := RetryAfter(resp.Header, time.Now()); ok {
			return asked
		}
	}
	return -1 // the backoff decides
}

// RetryAfter returns how long the header asks to wait from now, never negative, and whether it asks at all.
// Both forms are read: seconds and an HTTP date (RFC 9110 §10.2.3).
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}
