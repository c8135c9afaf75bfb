package suite_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/internal/connector/engine"
	"slipway/internal/connector/suite"
)

// slow is an API that takes its time.
type slow struct{}

func (slow) Call(ctx context.Context, _ engine.Request) (engine.Response, error) {
	if err := (engine.Wall{}).Sleep(ctx, 50*time.Second); err != nil {
		return engine.Response{}, err
	}
	return engine.Response{Status: 200, Header: http.Header{}, Body: []byte(`{}`)}, nil
}

// A case that takes too long has not run, as have those for which no time is left; the cleanup has its own.
func TestCasesAndSuitesEnd(t *testing.T) {
	t.Parallel()
	c := read(t, greeter+"actions: [{ name: Ask, steps: [{ http: { method: GET, path: /x } }] }]\n")
	cases := "cases:\n"
	for _, id := range []string{"A", "B", "C", "D", "E", "F", "G", "H"} {
		cases += "  - { id: " + id + ", title: x, steps: [" + strings.Repeat("{ action: Ask }, ", 7) + "] }\n"
	}
	s, found := suited(t, c, strings.Replace(cases, "id: B, title: x, steps: ["+strings.Repeat("{ action: Ask }, ", 7), "id: B, title: x, steps: [{ action: Ask }", 1))
	if found != "" {
		t.Fatal(found)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := suite.Limited(t.Context())
		defer cancel()
		began := time.Now()
		r := &suite.Runner{Connector: c, Suite: s, Mode: suite.Live, API: slow{}, Now: time.Now}
		got := map[string]string{}
		for _, result := range r.Run(ctx) {
			got[result.ID] = string(result.Status) + " " + result.Message
		}
		for id, want := range map[string]string{
			"A": "not_run The case took longer than 5 minutes.", "B": "pass ", "F": "not_run The case took longer than 5 minutes.",
			"G": "not_run The suite took longer than 30 minutes.", "H": "not_run The suite took longer than 30 minutes.",
		} {
			if got[id] != want {
				t.Errorf("%s is %q, want %q", id, got[id], want)
			}
		}
		if took := time.Since(began); took > 31*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}
