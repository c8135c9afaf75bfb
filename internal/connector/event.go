package connector

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // there are APIs that sign with it; as an HMAC it still holds
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strings"
	"time"

	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
	"slipway/internal/fault"
)

// Events are looked for by whoever keeps what customers subscribed to: it stores cursors and registrations, waits between
// polls, and drops what was told before. In this program only suites try events so far; nothing polls by itself.

// Told is what an event has told of.
type Told struct {
	Items  []any
	Keys   []string      // of each item: equal for what is the same; nil where the connector does not say
	Cursor any           // from where polling goes on
	Wait   time.Duration // of a poll: how long the next has to wait at least, minInterval; 0 where the connector does not say
}

// Limits of events (connectors §3.5).
const (
	pollTime    = 5 * time.Minute
	maxCursor   = 10 << 10 // bytes of JSON
	maxDelivery = 1 << 20  // bytes of a body
)

// Event finds an event by its name; nil where there is none.
func (c *Connector) Event(name string) *definition.Event {
	if c.Definition == nil {
		return nil
	}
	for i := range c.Definition.Events {
		if e := &c.Definition.Events[i]; strings.EqualFold(e.Name, name) {
			return e
		}
	}
	return nil
}

// Begin returns the cursor with which polling begins.
func Begin(m *engine.Machine, e *definition.Event) (any, error) {
	if e.Initial == nil {
		return nil, nil
	}
	cursor, err := e.Initial.Eval(about(m, nil))
	if err != nil {
		return nil, err
	}
	return cursor, fits(e, cursor)
}

// fits refuses a cursor that is larger than anybody keeps.
func fits(e *definition.Event, cursor any) error {
	if value.Size(cursor, maxCursor) > maxCursor || len(value.Encode(cursor)) > maxCursor {
		return &engine.Error{Kind: engine.Limit, Src: e.Steps.Src, Message: fmt.Sprintf("The cursor has more than %d KB.", maxCursor>>10)}
	}
	return nil
}

// Poll looks once for what has happened since the cursor. The same may come again; its key tells. It may take 5 minutes,
// unless the machine says otherwise, and a cursor has at most 10 KB.
func Poll(ctx context.Context, m *engine.Machine, e *definition.Event, cursor any) (Told, error) {
	if err := fits(e, cursor); err != nil {
		return Told{}, err
	}
	patient := *m
	if patient.Limits.Time == 0 {
		patient.Limits.Time = pollTime
	}
	told, err := tell(ctx, &patient, e, map[string]any{"cursor": cursor})
	if err == nil {
		err = fits(e, told.Cursor)
	}
	if err != nil {
		return Told{}, err
	}
	told.Wait = e.MinInterval
	return told, nil
}

// Receive takes what was delivered to a webhook: the signature is verified before anything in it is believed.
// registration is what Register has returned. The fault is Unauthenticated where the signature is not the sender's, and
// TooLarge for a body of more than 1 MB.
func Receive(ctx context.Context, m *engine.Machine, e *definition.Event, registration any, header http.Header, body []byte) (Told, error) {
	if len(body) > maxDelivery {
		return Told{}, fault.Newf(fault.TooLarge, "What was delivered has more than %d MB.", maxDelivery>>20)
	}
	if e.HMAC != nil {
		if err := verify(m, e.HMAC, registration, header, body); err != nil {
			return Told{}, err
		}
	}
	read, err := value.Decode(body)
	if err != nil {
		return Told{}, fault.Wrap(err, fault.Invalid, "What was delivered is no JSON.")
	}
	headers := map[string]any{}
	for name, values := range header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return tell(ctx, m, e, map[string]any{"body": read, "headers": headers})
}

// tell runs an event's steps with what they see.
func tell(ctx context.Context, m *engine.Machine, e *definition.Event, sees map[string]any) (Told, error) {
	in := engine.Values{}
	for name, v := range sees {
		in[program.Key{Group: engine.Scope, Name: name}] = v
	}
	result, err := m.Run(ctx, e.Steps, in)
	if err != nil {
		return Told{}, err
	}
	told := Told{Cursor: result.Outputs[program.Key{Name: definition.Cursor}]}
	if told.Cursor == nil {
		told.Cursor = sees["cursor"]
	}
	items, is := result.Outputs[program.Key{Name: definition.Items}].([]any)
	if !is && result.Outputs[program.Key{Name: definition.Items}] != nil {
		return Told{}, &engine.Error{Kind: engine.Unfit, Src: e.Steps.Src, Message: "What emit names is no list."}
	}
	told.Items = items
	if e.DedupeBy == nil {
		return told, nil
	}
	for _, item := range items {
		key, err := e.DedupeBy.Eval(about(m, map[string]any{"item": item}))
		if err != nil {
			return Told{}, &engine.Error{Kind: engine.Unfit, Src: e.Steps.Src, Message: "dedupeBy: " + err.Error() + "."}
		}
		told.Keys = append(told.Keys, value.Text(key))
	}
	return told, nil
}

// about is what an expression outside of a run sees.
func about(m *engine.Machine, more map[string]any) expression.Env {
	values := map[string]any{"conn": m.Connection}
	for name, v := range more {
		values[name] = v
	}
	clock := m.Clock
	if clock == nil {
		clock = engine.Wall{}
	}
	return expression.Env{Values: values, Now: clock.Now()}
}

// Register asks the vendor to send events to the address, and returns what has to be kept for them. A connector without
// register has customers enter the address themselves.
func Register(ctx context.Context, m *engine.Machine, e *definition.Event, address string) (map[string]any, error) {
	if e.Register == nil {
		return nil, nil
	}
	answer, err := Run(ctx, m, e.Register, map[string]any{"eventUrl": address})
	return answer.Outputs, err
}

// Deregister asks the vendor to send no more.
func Deregister(ctx context.Context, m *engine.Machine, e *definition.Event, registration map[string]any) error {
	if e.Deregister == nil {
		return nil
	}
	_, err := Run(ctx, m, e.Deregister, map[string]any{"registration": registration})
	return err
}

var hashes = map[string]func() hash.Hash{"": sha256.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

// verify holds a signature against the body. Without a secret nothing is believed: anybody could sign with none.
func verify(m *engine.Machine, by *definition.HMAC, registration any, header http.Header, body []byte) error {
	v, err := by.Secret.Eval(about(m, map[string]any{"registration": registration}))
	key := value.Text(v)
	if err != nil || key == "" {
		return fault.Wrap(err, fault.Unauthenticated, "The delivery cannot be verified: the secret of its signature is not known.")
	}
	mac := hmac.New(hashes[by.Algorithm], []byte(key))
	mac.Write(body)
	want := hex.EncodeToString(mac.Sum(nil))
	if by.Encoding == "base64" {
		want = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	given, prefixed := strings.CutPrefix(header.Get(by.Header), by.Prefix)
	if by.Encoding != "base64" {
		given = strings.ToLower(given)
	}
	if !prefixed || !hmac.Equal([]byte(given), []byte(want)) {
		return fault.Newf(fault.Unauthenticated, "The delivery is not signed as %s should be: it is not the vendor's, or the secret is another.", by.Header)
	}
	return nil
}
