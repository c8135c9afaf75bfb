package flopack_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/outline"
	"slipway/internal/connector/program"
)

// Whatever the bytes are: they are read or refused, and what was read can be shown and linted. The bytes are a sound file in
// which a piece is replaced: what is mutated stays small, for the fuzzer spends its time on shortening long inputs.
func FuzzRead(f *testing.F) {
	files := [][]byte{sound().file.Bytes(), customAction().Bytes(), ping().Bytes(), []byte(nested(3)), []byte(text(let(`"a"`))), nil}
	for i, put := range []string{`"`, `null`, `[]`, `{"a":{}}`, "\xff", `\ud83d`, `,"methods":[null]`, `"type":"flopack"`} {
		f.Add(uint8(i), uint32(100*i), uint16(i), []byte(put))
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint32, drop uint16, put []byte) {
		text := files[int(which)%len(files)]
		from := int(at) % (len(text) + 1)
		text = slices.Concat(text[:from], put, text[min(len(text), from+int(drop)):])
		file := flopack.Read("x.flow", text)
		p, linked := flopack.Link(file)
		for _, found := range append(append(file.Findings, linked...), lint.Check(&connector.Connector{Program: p}, lint.Options{})...) {
			if found.Code == "" || found.Message == "" || len(found.String()) > 5000 {
				t.Errorf("a finding of %d bytes: %.300s", len(found.String()), found)
			}
		}
		if err := outline.Print(io.Discard, &connector.Connector{Program: p}); err != nil {
			t.Error(err)
		}
		flopack.Credentials(text)
		whole := &connector.Connector{Program: p}
		if found := lint.Compare(whole, whole); len(found) > 0 && unique(p) {
			t.Errorf("it breaks with itself: %v", found)
		}
		runs(t, p)
	})
}

// unique holds where no two actions share a name, and no field a key: otherwise no version is like another.
func unique(p *program.Program) bool {
	names := map[string]bool{}
	for _, f := range p.OfKind(program.Action) {
		keys := map[program.Key]bool{}
		for _, in := range f.Inputs {
			if keys[in.Key] {
				return false
			}
			keys[in.Key] = true
		}
		if names[f.Name] {
			return false
		}
		names[f.Name] = true
	}
	return true
}

// Whatever can be imported can be run: it ends, with a result or an error, and never by a panic. The bytes say which cards
// there are, what is typed into them and what is wired to what.
func FuzzRun(f *testing.F) {
	for i := range byte(40) {
		f.Add([]byte{i, 3, i, 7 * i, 11, 13 * i, 5, 2 * i, i, 1, 2, 3, 4, 5})
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		if len(choices) > 400 {
			return
		}
		found, p := found(composed(choices).Bytes())
		if p.Named("Main") == nil {
			t.Fatalf("the importer refuses it: %v", found)
		}
		runs(t, p)
	})
}

// typed is what somebody may type into a field.
var typed = []any{"", "a.b.0", "1", -1, 1e300, 0.5, true, nil, tree{"a": tree{"b": []any{1, "x"}}}, []any{"x", "y"}, []any{}, "{{{a}}}", "2026-11-27T08:00:00Z", "[1,2]", "minutes", "==", "is empty", ">", "^(a+)+$"}

// composed is a flow of cards that the bytes choose, with a helper that loops may call.
func composed(choices []byte) *flopacktest.File {
	next := func(n int) int {
		if len(choices) == 0 {
			return 0
		}
		c := int(choices[0])
		choices = choices[1:]
		return c % n
	}
	helper := flopacktest.NewFlow("Helper")
	helper.Let(flopacktest.From("v", helper.Start(flopacktest.In("a", nil).Of("*")).Out("a", "*")))
	f := flopacktest.NewFlow("Main")
	outputs := []*flopacktest.Output{f.Start(flopacktest.In("a", nil).Of("*")).Out("a", "*")}
	all := engine.Cards()
	for len(choices) > 0 && len(f.Cards) < 40 {
		known := all[next(len(all))]
		c := f.Add(known.Op, known.Title)
		for i, name := range strings.FieldsFunc(known.Takes, func(r rune) bool { return r == ',' || r == ' ' }) {
			if i == 8 {
				break
			}
			if next(3) == 0 {
				c.Take(flopacktest.From(name, outputs[next(len(outputs))]))
			} else {
				c.Take(flopacktest.In(name, typed[next(len(typed))]))
			}
		}
		if next(2) == 0 {
			c.Take(flopacktest.Calls([]*flopacktest.Flow{f, helper}[next(2)]))
		}
		if next(4) == 0 {
			c.Policy("return")
		}
		for _, name := range strings.FieldsFunc(known.Gives, func(r rune) bool { return r == ',' || r == ' ' }) {
			outputs = append(outputs, c.Out(name, []string{"*", "string", "number", "object", "Date"}[next(5)]))
		}
	}
	return flopacktest.New(f, helper)
}

// runs runs what is there, within narrow limits.
func runs(t *testing.T, p *program.Program) {
	t.Helper()
	m := machine(p, func(engine.Request) engine.Response {
		return engine.Response{Status: 200, Header: http.Header{}, Body: []byte(`{"a":[1,"b",null,{"c":true}]}`)}
	})
	m.Clock = still{}
	m.Limits = engine.Limits{Steps: 300, Depth: 10, Items: 50, Pages: 5, Memory: 1 << 20, Text: 100_000, Time: 10 * time.Second}
	for i, flow := range p.Flows() {
		if i == 5 {
			break
		}
		in := engine.Values{{Group: "auth", Name: "blob"}: map[string]any{"token": "t"}}
		for _, p := range flow.Inputs {
			in[p.Key] = "1"
		}
		result, err := m.Run(t.Context(), flow, in)
		if failed, is := errors.AsType[*engine.Error](err); err != nil && (!is || failed == nil || failed.Message == "") {
			t.Errorf("it ended with %#v", err)
		}
		if result.Steps > m.Limits.Steps+m.Limits.Items {
			t.Errorf("%d cards ran, more than %d", result.Steps, m.Limits.Steps)
		}
	}
}

// still is a clock that stands, and on which nobody waits.
type still struct{}

func (still) Now() time.Time { return time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC) }

func (still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
