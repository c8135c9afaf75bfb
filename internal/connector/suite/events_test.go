package suite_test

import (
	"strings"
	"testing"
	"time"

	"slipway/internal/connector/suite"
)

const events = `events:
  - name: Changed
    kind: polling
    cursor: { initial: "${ 'first' }" }
    steps: [{ id: got, http: { method: GET, path: /x } }]
    emit: ${ [cursor] }
    nextCursor: ${ 'second' }
  - name: Sent
    kind: webhook
    register: [{ http: { method: POST, path: /hooks } }, { return: { secret: s } }]
    deregister: [{ http: { method: DELETE, path: /hooks } }]
    hmac: { header: X-Signature, algorithm: sha256, encoding: hex, secret: "${ registration.secret }" }
    emit: ${ [body] }
`

// A step may try an event; what is refused can be expected.
func TestStepsTryEvents(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, steps, found string
		want               suite.Status
		says               string
	}{
		{"polling begins where the event says", "{ id: a, event: Changed }, { assert: \"${ steps.a.items == ['first'] && steps.a.cursor == 'second' }\" }", "", suite.Pass, ""},
		{"and where the case says", "{ id: a, event: changed, cursor: here }, { assert: \"${ steps.a.items == ['here'] }\" }", "", suite.Pass, ""},
		{"a cursor that is too large", "{ event: Changed, cursor: " + strings.Repeat("x", 11_000) + " }", "", suite.Fail, "more than 10 KB"},
		{"a hook is made and ended", "{ id: a, event: Sent, register: 'https://x.example.com' }, { event: Sent, deregister: \"${ steps.a }\" }", "", suite.Pass, ""},
		{"a delivery with a signature", "{ id: a, event: Sent, registration: { secret: s }, headers: { x-signature: 8ac67e28e2b2f1ec3d4b4cca1d3b2b0e }, body: { a: 1 }, expectError: { status: 401, messageMatches: not signed } }", "", suite.Pass, ""},
		{"one that nobody expected to be refused", "{ event: Sent, registration: { secret: s }, body: { a: 1 } }", "", suite.Fail, "The delivery is not signed"},
		{"an event that there is not", "{ event: Lost }", `The connector has no event "Lost"`, suite.NotRun, ""},
		{"polling has no body", "{ event: Changed, body: {} }", "Polling takes a cursor", suite.NotRun, ""},
		{"a webhook without a delivery", "{ event: Sent }", "one of register, deregister and body", suite.NotRun, ""},
		{"two things at once", "{ event: Sent, body: {}, assert: \"${ true }\" }", "either calls an action, or tries an event, or asserts", suite.NotRun, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := read(t, greeter+events)
			s, found := suited(t, c, "cases: [{ id: TC001, title: x, steps: ["+tt.steps+"] }]")
			if !strings.Contains(found, tt.found) || tt.found == "" && found != "" {
				t.Errorf("found %q, want %q", found, tt.found)
			}
			r := &suite.Runner{Connector: c, Suite: s, Mode: suite.Live, API: fine{}, Now: time.Now}
			if got := r.Run(t.Context())[0]; got.Status != tt.want || !strings.Contains(got.Message, tt.says) {
				t.Errorf("%s: %q; want %s and %q", got.Status, got.Message, tt.want, tt.says)
			}
		})
	}
}
