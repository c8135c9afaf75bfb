package connector_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/fault"
)

// answering is an API that takes its time and gives a cursor.
type answering struct {
	after  time.Duration
	cursor string
}

func (a answering) Call(ctx context.Context, _ engine.Request) (engine.Response, error) {
	if err := (engine.Wall{}).Sleep(ctx, a.after); err != nil {
		return engine.Response{}, err
	}
	return engine.Response{Status: 200, Header: http.Header{}, Body: fmt.Appendf(nil, `{"next": %q}`, a.cursor)}, nil
}

// watching is a connector with an event of each kind, over the API.
func watching(t *testing.T, api engine.API) (m *engine.Machine, polling, hook *definition.Event) {
	t.Helper()
	c, err := connector.Load(fstest.MapFS{connector.File: {Data: []byte(`apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: watcher, name: Watcher, description: A connector that watches. }
connection:
  baseUrl: https://api.example.com
  allowedHosts: [api.example.com]
  auth: [ { id: none, label: None, type: none } ]
events:
  - name: Changed
    kind: polling
    minInterval: 5m
    cursor: { initial: "${ 'first' }" }
    steps: [{ id: got, http: { method: GET, path: /x } }]
    emit: ${ [steps.got.body] }
    nextCursor: ${ steps.got.body.next }
  - name: Sent
    kind: webhook
    emit: ${ [body] }
`)}})
	if err != nil || c.Findings.Errors() > 0 {
		t.Fatal(err, c.Findings)
	}
	m, _, err = c.Machine(connector.Setting{API: api})
	if err != nil {
		t.Fatal(err)
	}
	return m, c.Event("changed"), c.Event("sent")
}

func TestPollsHaveLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		api    answering
		cursor any
		says   string // "" where it tells
	}{
		{"a cursor of almost 10 KB", answering{0, strings.Repeat("x", 10_000)}, "x", ""},
		{"a cursor of more", answering{0, strings.Repeat("x", 50_000)}, "x", "The cursor has more than 10 KB."},
		{"a cursor of more that is handed in", answering{}, strings.Repeat("x", 50_000), "The cursor has more than 10 KB."},
		{"four minutes", answering{4 * time.Minute, "y"}, "x", ""},
		{"six minutes", answering{6 * time.Minute, "y"}, "x", "longer than its limit of 5m0s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m, polling, _ := watching(t, tt.api)
				told, err := connector.Poll(t.Context(), m, polling, tt.cursor)
				e, is := errors.AsType[*engine.Error](err)
				switch {
				case tt.says == "" && (err != nil || told.Cursor != tt.api.cursor || told.Wait != 5*time.Minute):
					t.Errorf("told: %v, %v", told.Wait, err)
				case tt.says != "" && (!is || e.Kind != engine.Limit || !strings.Contains(e.Message, tt.says) || told.Items != nil):
					t.Errorf("it ends with %v, want %q", err, tt.says)
				}
			})
		})
	}
}

func TestDeliveriesHaveALimit(t *testing.T) {
	t.Parallel()
	m, _, hook := watching(t, answering{})
	if told, err := connector.Receive(t.Context(), m, hook, nil, nil, []byte(`"`+strings.Repeat("x", 1<<20-2)+`"`)); err != nil || len(told.Items) != 1 {
		t.Errorf("1 MB: %v", err)
	}
	if _, err := connector.Receive(t.Context(), m, hook, nil, nil, []byte(`"`+strings.Repeat("x", 1<<20-1)+`"`)); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("more than that: %v", err)
	}
}
