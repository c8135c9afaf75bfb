// Package event is how a connector tells what happened in the vendor's system: by being asked, and by being called.
//
// It owns one poll and one delivery. Its one rule: nothing is told twice and nothing is lost: a cursor moves on only with
// what was found before it, and what bears the key of something told already is left out. When a poll runs, and where keys
// and cursors are kept, is its callers' business.
package event

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // some APIs sign with it; the connector says so
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"time"

	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
	"slipway/internal/fault"
)

// Limits of events (connectors §1.5).
const (
	MaxCursor   = 10 << 10            // bytes of JSON
	CursorLife  = 45 * 24 * time.Hour // then it begins again
	MaxDelivery = 1 << 20             // bytes of a webhook's body
	MaxRun      = 5 * time.Minute     // of one poll
)

// Found is what one poll brought.
type Found struct {
	Items  []any
	Keys   []string // of the items, in their order; "" where the event has none
	Cursor any      // for the next poll
}

// Poll runs a polling event once. cursor is what the last poll gave, nil for the first. seen tells which keys were told
// before. Where it fails, the cursor stays where it was.
func Poll(ctx context.Context, m *engine.Machine, e definition.Event, cursor any, seen func(key string) bool) (Found, error) {
	env := expression.Env{Values: map[string]any{"conn": m.Connection, "run": map[string]any{"id": m.ID}}, Now: now(m)}
	if cursor == nil && e.Initial != nil {
		first, err := e.Initial.Eval(env)
		if err != nil {
			return Found{}, wrong(e, "the first cursor", err)
		}
		cursor = first
	}
	limited := *m
	limited.Limits.Time = MaxRun
	out, names, err := limited.RunNames(ctx, e.Steps, engine.Values{{Group: engine.Scope, Name: "cursor"}: cursor})
	if err != nil {
		return Found{}, err
	}
	_ = out
	env.Values = names
	emitted, err := e.Emit.Eval(env)
	if err != nil {
		return Found{}, wrong(e, "emit", err)
	}
	items, is := emitted.([]any)
	if !is && emitted != nil {
		return Found{}, fault.Newf(fault.Unavailable, "%s: emit gives no list.", e.Name)
	}
	next := cursor
	if e.NextCursor != nil {
		if next, err = e.NextCursor.Eval(env); err != nil {
			return Found{}, wrong(e, "nextCursor", err)
		}
		if value.Empty(next) {
			next = cursor
		}
	}
	if size := len(value.Encode(next)); size > MaxCursor {
		return Found{}, fault.Newf(fault.TooLarge, "%s: the cursor has %d bytes, more than %d.", e.Name, size, MaxCursor)
	}
	return fresh(e, env, items, next, seen)
}

// fresh leaves out what was told before, and what one poll brings twice.
func fresh(e definition.Event, env expression.Env, items []any, next any, seen func(string) bool) (Found, error) {
	found := Found{Items: []any{}, Keys: []string{}, Cursor: next}
	now := map[string]bool{}
	for _, item := range items {
		key := ""
		if e.DedupeBy != nil {
			env.Values["item"] = item
			v, err := e.DedupeBy.Eval(env)
			if err != nil {
				return Found{}, wrong(e, "dedupeBy", err)
			}
			key = value.Text(v)
		}
		if key != "" && (now[key] || seen != nil && seen(key)) {
			continue
		}
		now[key] = true
		found.Items, found.Keys = append(found.Items, item), append(found.Keys, key)
	}
	return found, nil
}

func now(m *engine.Machine) time.Time {
	if m.Clock == nil {
		return time.Now().UTC()
	}
	return m.Clock.Now()
}

func wrong(e definition.Event, what string, err error) error {
	return fault.Wrap(err, fault.Unavailable, e.Name+": "+what+" cannot be computed: "+err.Error())
}

var hashes = map[string]func() hash.Hash{"sha1": sha1.New, "": sha256.New, "sha256": sha256.New, "sha512": sha512.New}

// Deliver checks what a webhook was sent and returns what it tells. A body that nobody signed, where the event wants a
// signature, is refused; so is one that is no JSON.
func Deliver(m *engine.Machine, e definition.Event, registration any, header http.Header, body []byte) ([]any, error) {
	if len(body) > MaxDelivery {
		return nil, fault.Newf(fault.TooLarge, "The delivery has %d bytes, more than %d.", len(body), MaxDelivery)
	}
	env := expression.Env{Values: map[string]any{"conn": m.Connection, "run": map[string]any{"id": m.ID}, "registration": registration}, Now: now(m)}
	if e.HMAC != nil {
		key, err := e.HMAC.Secret.Eval(env)
		if err != nil {
			return nil, wrong(e, "the secret of its signature", err)
		}
		if !signed(*e.HMAC, value.Text(key), header, body) {
			return nil, fault.New(fault.Forbidden, "The signature of the delivery does not hold.")
		}
	}
	read, err := value.Decode(body)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The delivery is no JSON.")
	}
	if e.Emit == nil {
		return []any{read}, nil
	}
	headers := map[string]any{}
	for name := range header {
		headers[strings.ToLower(name)] = header.Get(name)
	}
	env.Values["body"], env.Values["headers"] = read, headers
	emitted, err := e.Emit.Eval(env)
	if err != nil {
		return nil, wrong(e, "emit", err)
	}
	if items, is := emitted.([]any); is {
		return items, nil
	}
	return []any{emitted}, nil
}

// signed checks the signature in constant time. An empty key signs nothing.
func signed(h definition.HMAC, key string, header http.Header, body []byte) bool {
	if key == "" || hashes[h.Algorithm] == nil {
		return false
	}
	given, ok := strings.CutPrefix(header.Get(h.Header), h.Prefix)
	if !ok {
		return false
	}
	var claimed []byte
	var err error
	if h.Encoding == "base64" {
		claimed, err = base64.StdEncoding.DecodeString(given)
	} else {
		claimed, err = hex.DecodeString(given)
	}
	mac := hmac.New(hashes[h.Algorithm], []byte(key))
	_, _ = mac.Write(body)
	return err == nil && hmac.Equal(claimed, mac.Sum(nil))
}

// Subscribe runs an event's registration with the address that it shall call, and returns what has to be kept for the end.
func Subscribe(ctx context.Context, m *engine.Machine, e definition.Event, address string) (any, error) {
	if e.Register == nil {
		return nil, nil
	}
	out, err := m.Run(ctx, e.Register, engine.Named(map[string]any{"eventUrl": address}))
	return Registration(out), err
}

// Unsubscribe ends what Subscribe began.
func Unsubscribe(ctx context.Context, m *engine.Machine, e definition.Event, address string, registration any) error {
	if e.Deregister == nil {
		return nil
	}
	_, err := m.Run(ctx, e.Deregister, engine.Named(map[string]any{"eventUrl": address, "registration": registration}))
	return err
}

// Registration is what register returned, without the groups of a flow's outputs.
func Registration(out engine.Result) any {
	object := map[string]any{}
	for key, v := range out.Outputs {
		if key.Group != engine.Scope {
			object[key.Name] = v
		}
	}
	return object
}
