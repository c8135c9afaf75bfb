package provision

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync"

	"slipway/internal/egress"
	"slipway/internal/secret"
)

// recorder collects the exchanges of the one operation that its connection is at work on.
type recorder struct {
	mu        sync.Mutex
	exchanges []egress.Exchange
	hidden    []secret.Text
}

// add is what an egress client calls for each exchange.
func (r *recorder) add(e egress.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.hidden {
		e.RequestBody, e.ResponseBody = hide(e.RequestBody, s), hide(e.ResponseBody, s)
	}
	r.exchanges = append(r.exchanges, e)
}

// hide keeps a one-time password out of the exchanges to come. The client's own secrets are egress's business.
func (r *recorder) hide(s secret.Text) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hidden = append(r.hidden, s)
}

// take returns what has been collected since the last take.
func (r *recorder) take() []egress.Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := slices.Clone(r.exchanges)
	r.exchanges = r.exchanges[:0]
	return taken
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges, r.hidden = r.exchanges[:0], nil
}

// hide takes the secret out of a body, as it is and as base64, which some targets echo.
func hide(body string, s secret.Text) string {
	plain := s.Reveal()
	return strings.NewReplacer(plain, secret.Redacted, base64.StdEncoding.EncodeToString([]byte(plain)), secret.Redacted).Replace(body)
}
