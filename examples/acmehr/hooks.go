package acmehr

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// SignatureHeader holds "sha256=" and the HMAC-SHA256 of an event's body, in hex, with the secret of its hook.
const SignatureHeader = "X-Acme-Signature"

// hook is who wants to hear of which events.
type hook struct {
	id          int
	url, secret string
	events      []string
}

var eventNames = []string{"user.created", "user.updated", "user.activated", "user.deactivated"}

// The sample of an event is always the same, but for its signature.
var sampled = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

var sampleUser = User{ID: 1, Email: "sample@example.com", First: "Sam", Last: "Ple", State: Inactive, CreatedAt: sampled, UpdatedAt: sampled}

// createHook answers with the secret, this once, and with a sample of what will be sent.
func (s *Server) createHook(x *exchange) answer {
	h := &hook{}
	h.url, _ = x.body["url"].(string)
	wanted, _ := x.body["events"].([]any)
	for _, item := range wanted {
		name, _ := item.(string)
		if !slices.Contains(eventNames, name) {
			return invalid("There is no event " + fmt.Sprint(item) + "; there are " + strings.Join(eventNames, ", ") + ".")
		}
		h.events = append(h.events, name)
	}
	if h.url == "" || len(h.events) == 0 {
		return invalid("url and events must not be empty.")
	}
	h.id = s.next("hook")
	h.secret = fmt.Sprintf("acme-hook-secret-%d", h.id)
	s.hooks = append(s.hooks, h)
	sample, signature := s.signed(h, map[string]any{"id": "evt-sample", "event": h.events[0], "at": sampled, "user": s.shown(&sampleUser)})
	return answer{status: 201, body: map[string]any{
		"id": h.id, "url": h.url, "events": h.events, "secret": h.secret, "sample": map[string]any{"body": string(sample), "signature": signature},
	}}
}

// signed is an event as it is sent to a hook, with its signature.
func (s *Server) signed(h *hook, event map[string]any) (body []byte, signature string) {
	body, _ = json.Marshal(event)
	secret := h.secret
	if s.has(HooksSignedWrongly) {
		secret = "another"
	}
	return body, "sha256=" + Signature(secret, body)
}

func (s *Server) deleteHook(x *exchange) answer {
	before := len(s.hooks)
	s.hooks = slices.DeleteFunc(s.hooks, func(h *hook) bool { return h.id == x.id("id") })
	if len(s.hooks) == before {
		return notFound("hook")
	}
	return answer{status: 204}
}

// tell prepares an event for every hook that wants it; it leaves once the request is answered.
func (s *Server) tell(event string, u *User) {
	for _, h := range s.hooks {
		if !slices.Contains(h.events, event) {
			continue
		}
		body, signature := s.signed(h, map[string]any{"id": fmt.Sprintf("evt-%d", s.next("event")), "event": event, "at": s.stamp(), "user": s.shown(u)})
		r, err := http.NewRequest(http.MethodPost, h.url, bytes.NewReader(body))
		if err != nil {
			continue // an address that nothing can be sent to
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(SignatureHeader, signature)
		s.pending = append(s.pending, r)
	}
}

// Signature is the HMAC-SHA256 of an event's body, in hex.
func Signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
