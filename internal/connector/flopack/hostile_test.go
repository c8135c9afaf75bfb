package flopack_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/outline"
	"slipway/internal/connector/program"
	"slipway/internal/require"
)

// text puts a flow around the text of its cards, for what no builder writes.
func text(cards string) string {
	return `{"type":"flopack","version":"1.5.0","data":{"flos":{"f":{"id":"f","name":"Main","data":{"uuid":"f","methods":[` + cards + `],"orderings":{}}}},"configs":{},"tables":{},"groups":{}}}`
}

func let(more string) string {
	return `{"uuid":"c","address":"root:kernel:control:0.0.1:let","node":{"key":"let","data":{"name":"Assign"},"model":{"inputs":{"data":{"i":{"id":"i","group":null,"key":"a","value":{"type":"string","collection":false,"data":` + more + `}}}}}}}`
}

// nested is a flow whose only card holds another one, and so on.
func nested(depth int) string {
	inner := let(`"end"`)
	for i := range depth {
		id := fmt.Sprintf("i%d", i)
		inner = `{"uuid":"c","address":"root:kernel:control:0.0.1:tryCatch","node":{"key":"tryCatch","data":{"name":"If Error"},"model":{"inputs":{"data":{"` + id + `":{"id":"` + id + `","group":null,"key":"flo","value":{"type":"flo","data":{"uuid":"x","methods":[` + inner + `],"orderings":{}}}}}}}}}`
	}
	return text(inner)
}

func many(flows, cards int) []byte {
	all := make([]*flopacktest.Flow, flows)
	for i := range all {
		all[i] = flopacktest.NewFlow(fmt.Sprintf("Flow %d", i))
		for range cards / flows {
			all[i].Let(flopacktest.In("a", "b"))
		}
	}
	return flopacktest.New(all...).Bytes()
}

// What is too large, or can be read in two ways, is refused with a reason and the place.
func TestHostileFilesAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		text []byte
		code string
		says []string
	}{
		{"more than 10 MB", bytes.Repeat([]byte(" "), flopack.MaxBytes+1), "SW100", []string{"10485761 bytes"}},
		{"201 lists in each other", []byte(text(let(strings.Repeat("[", 201) + strings.Repeat("]", 201)))), "SW100", []string{"More than 200 lists", "at data.flos.f.data.methods.0.node.model.inputs.data.i.value.data"}},
		{"a million brackets", bytes.Repeat([]byte("["), 1<<20), "SW100", []string{"More than 200"}},
		{"401 flows", many(401, 401), "SW121", []string{"401 flows"}},
		{"20,001 cards", []byte(text(strings.TrimSuffix(strings.Repeat(`{"uuid":"c"},`, 20_001), ","))), "SW121", []string{"20001 cards"}},
		{"20,001 cards in inline flows", []byte(strings.Replace(nested(1), let(`"end"`), strings.TrimSuffix(strings.Repeat(`{"uuid":"c"},`, 20_000), ","), 1)), "SW121", []string{"20001 cards"}},
		{"a text of 1.1 MB", []byte(text(let(`"` + strings.Repeat("x", 1100<<10) + `"`))), "SW121", []string{"1126400 bytes"}},
		{"a text of 1.1 MB in a list", []byte(text(let(`["` + strings.Repeat("x", 1100<<10) + `"]`))), "SW121", []string{"1126400 bytes"}},
		{"a name of 1.1 MB", []byte(strings.Replace(text(let(`""`)), "Main", strings.Repeat("x", 1100<<10), 1)), "SW121", []string{"at data.flos.f.name"}},
		{"11 inline flows in each other", []byte(nested(11)), "SW100", []string{"More than 10 inline flows"}},
		{"two members of one name", []byte(text(let(`"x","data":"y"`))), "SW100", []string{`"data" is there twice`, "data.flos.f.data.methods.0"}},
		{"two members of one name, one escaped", []byte(text(let(`"x","d\u0061ta":"y"`))), "SW100", []string{`"data" is there twice`}},
		{"two members of one name but for their case", []byte(strings.Replace(text(let(`""`)), `"orderings"`, `"Methods":[],"orderings"`, 1)), "SW100", []string{`"methods" is there twice`}},
		{"bytes that are not UTF-8", []byte(text(let("\"\xff\""))), "SW100", []string{"not UTF-8, at byte"}},
		{"the first half of a character", []byte(text(let(`"\ud83d"`))), "SW100", []string{`\ud83d`, "at data.flos.f.data.methods.0"}},
		{"the second half of a character", []byte(text(let(`"\ude00\ud83d"`))), "SW100", []string{`\ude00`}},
		{"two first halves", []byte(text(let(`"\ud83d\ud83d"`))), "SW100", []string{`\ud83d`}},
		{"an inline flow that is none", []byte(text(strings.Replace(let(`{"methods":"all"}`), `"string"`, `"flo"`, 1))), "SW100", []string{"cannot be read"}},
		{"a card without an id", []byte(text(`{}`)), "SW100", []string{"without an id"}},
		{"no card at all", []byte(text(`null`)), "SW100", []string{"without an id"}},
		{"two cards of one id", []byte(text(let(`""`) + "," + let(`""`))), "SW102", []string{"Two cards"}},
		{"nothing", nil, "SW100", []string{"no JSON"}},
		{"half a file", []byte(text(let(`""`))[:200]), "SW100", []string{"no JSON", "byte 200"}},
		{"a list", []byte(`[]`), "SW100", []string{"another kind of value"}},
		{"flows that are nothing", []byte(`{"type":"flopack","version":"1.5.0","data":{"flos":{"f":null}}}`), "SW102", []string{`"f"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := flopack.Read("evil.flow", tt.text)
			if len(f.Findings) != 1 || f.Findings[0].Code != tt.code {
				t.Fatalf("findings %.1000s, want one %s", fmt.Sprint(f.Findings), tt.code)
			}
			for _, want := range tt.says {
				if !strings.Contains(f.Findings[0].Message, want) {
					t.Errorf("it says %q, want %q in it", f.Findings[0].Message, want)
				}
			}
			if len(f.Findings[0].String()) > 2000 {
				t.Errorf("the finding has %d bytes", len(f.Findings[0].String()))
			}
		})
	}
}

func TestWhatIsAllowedIsTaken(t *testing.T) {
	for name, text := range map[string]string{
		"a whole character in two halves": text(let(`"\ud83d\ude00"`)),
		"members that differ in case":     strings.Replace(text(let(`{"a":1,"A":2,"id":1,"Id":2}`)), `"string"`, `"object"`, 1),
		"10 inline flows in each other":   nested(10),
		"members of one name in two":      strings.Replace(text(let(`[{"a":1},{"a":1}]`)), `"string","collection":false`, `"object","collection":true`, 1),
	} {
		if f := flopack.Read("x.flow", []byte(text)); len(f.Findings) > 0 || len(f.Flows) != 1 {
			t.Errorf("%s: findings %v, want none", name, f.Findings)
		}
	}
}

// everything does all that happens to an upload before it is run.
func everything(text []byte) program.Findings {
	f := flopack.Read("x.flow", text)
	p, linked := flopack.Link(f)
	_ = outline.Print(io.Discard, &connector.Connector{Program: p})
	flopack.Credentials(text)
	all := append(f.Findings, linked...)
	all = append(all, lint.Check(&connector.Connector{Program: p}, lint.Options{})...)
	for _, finding := range all {
		_ = finding.String()
	}
	return all
}

// cost is the time that the processor takes for a file, per byte, and what is found: on a busy machine the clock tells little.
func cost(t *testing.T, text []byte) (float64, program.Findings) {
	t.Helper()
	started := processor(t)
	found := everything(text)
	return float64(processor(t)-started) / float64(len(text)), found
}

func processor(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// traps are files in which something grows with the square of something: what takes long where one forgot.
func traps() map[string][]byte {
	wide := func(n int, keys bool) (*flopacktest.Flow, *flopacktest.Card, *flopacktest.Card) {
		f := flopacktest.NewFlow("Main")
		from, to := f.Start(), f.Add("control/let", "Assign")
		for i := range n {
			key := fmt.Sprintf("k%d", i)
			if keys {
				from.Out(key, "string")
			}
			to.Take(flopacktest.From(key, from.Out(key, "string")))
		}
		return f, from, to
	}
	all := map[string][]byte{}

	f, _, _ := wide(0, false)
	var cards []*flopacktest.Card
	for range 2000 {
		cards = append(cards, f.Let(flopacktest.In("a", "b")))
	}
	for i := range 30_000 {
		a, b := i%1999, (i*7919)%2000
		if a > b {
			a, b = b, a
		}
		f.Line(cards[a], cards[b])
	}
	all["30,000 lines"] = flopacktest.New(f).Bytes()

	f = flopacktest.NewFlow("Main")
	from, to := f.Start(), f.Add("control/let", "Assign")
	source := from.Out("a", "string")
	for i := range 4000 {
		to.Take(flopacktest.From(fmt.Sprintf("k%d", i), source))
	}
	all["a card with 4,000 wired inputs"] = flopacktest.New(f).Bytes()

	helper := flopacktest.NewFlow("Helper")
	start := helper.Start()
	back := helper.Add("control/return", "Return")
	for i := range 3000 {
		start.Take(flopacktest.In(fmt.Sprintf("in%d", i), ""))
		back.Take(flopacktest.In(fmt.Sprintf("out%d", i), ""))
	}
	main := flopacktest.NewFlow("Main")
	call := main.Add("control/spawn", "Call Flow", flopacktest.Calls(helper))
	for i := range 3000 {
		call.Take(flopacktest.In(fmt.Sprintf("wrong%d", i), ""))
		main.After(call)
		main.Let(flopacktest.From("a", call.Out("none", "string")))
	}
	all["3,000 inputs that nobody takes"] = flopacktest.New(main, helper).Bytes()

	main = flopacktest.NewFlow("Main")
	for range 1000 {
		c := main.Add("control/spawn", "Call Flow", flopacktest.Calls(helper))
		main.Let(flopacktest.From("a", c.Out("none", "string")))
	}
	all["1,000 calls that take what is not returned"] = flopacktest.New(main, helper).Bytes()

	main = flopacktest.NewFlow(strings.Repeat("n", 900_000))
	for range 1000 {
		main.Add("string/trim", strings.Repeat("t", 500), flopacktest.In("string", "").Needed())
	}
	all["a long name in every finding"] = flopacktest.New(main).Bytes()

	main = flopacktest.NewFlow("Main")
	long := main.Let(flopacktest.In("a", "b"))
	long.Address = strings.Repeat(":", 900_000)
	all["an address of colons"] = flopacktest.New(main).Bytes()

	main = flopacktest.NewFlow("Main")
	var inside func(depth int)
	inside = func(depth int) {
		choice := main.If(flopacktest.Is(flopacktest.In("", "a"), "==", "b")...)
		choice.Then(func() {
			if depth > 0 {
				inside(depth - 1)
			} else {
				main.Let(flopacktest.In("a", "b"))
			}
		}).Else(func() {})
		choice.Join(nil)
	}
	inside(1000)
	all["1,000 If in each other"] = flopacktest.New(main).Bytes()

	main = flopacktest.NewFlow("Main")
	first := main.Let(flopacktest.In("a", "b"))
	for range 2000 {
		main.Let(flopacktest.In("a", "b"))
	}
	main.Line(main.Cards[len(main.Cards)-1], first)
	all["a circle of 2,000"] = flopacktest.New(main).Bytes()

	compose := flopacktest.NewFlow("Main")
	c := compose.Add("string/compose", "Compose", flopacktest.In("_text_", strings.Repeat("{{{", 50_000)+strings.Repeat("{{{a}}}", 20_000)))
	for i := range 3000 {
		c.Take(flopacktest.In(fmt.Sprintf("a%d", i), ""))
	}
	all["a text of placeholders"] = flopacktest.New(compose).Bytes()

	chain := flopacktest.NewFlow("Main")
	out := chain.Start(flopacktest.In("a", "")).Out("a", "string")
	for range 1500 {
		next := chain.Add("string/concat", "Concatenate", flopacktest.From("string1", out), flopacktest.From("string2", out))
		out = next.Out("output", "string")
	}
	chain.Add("http/raw", "Raw Request", flopacktest.From("url", out))
	all["an address that doubles 1,500 times"] = flopacktest.New(chain).Bytes()

	all["inline flows, 10 deep and 400,000 bytes"] = []byte(strings.Replace(nested(10), `"end"`, `"`+strings.Repeat("x", 400_000)+`"`, 1))
	all["50,000 members"] = []byte(strings.Replace(text(let(`{`+members(50_000)+`}`)), `"string"`, `"object"`, 1))
	all["credentials, nearly"] = []byte(text(let(`"` + strings.Repeat("Bearer eyJ a1b2 ", 25_000) + `"`)))
	return all
}

func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"m%d":%d,`, i, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// No file takes much longer than a sound one of its size, and none has findings without end.
func TestTrapsTakeNoLongerThanSoundFiles(t *testing.T) {
	require.Proof(t)
	const atMost = 40 // times a sound file; a square at these sizes is a hundred and more
	large := many(40, 2000)
	cost(t, large) // what is done once
	sound, _ := cost(t, large)
	for name, text := range traps() {
		t.Run(name, func(t *testing.T) {
			spent, found := cost(t, text)
			if spent > atMost*sound { // once more: the garbage of others may have been counted
				again, _ := cost(t, text)
				spent = min(spent, again)
			}
			t.Logf("%d bytes, %.1f times the cost of a sound file", len(text), spent/sound)
			if spent > atMost*sound {
				t.Errorf("it costs %.1f times what a sound file of its size does, more than %d", spent/sound, atMost)
			}
			if len(found) > 3*(program.MaxFindings+1) {
				t.Errorf("%d findings", len(found))
			}
			for _, f := range found {
				if len(f.String()) > 3000 {
					t.Fatalf("a finding of %d bytes: %.200s", len(f.String()), f)
				}
			}
		})
	}
}

// The engine's names for steps of connector.yaml are no cards: a step sees the connection, and sends its credentials along.
func TestNoFileHasStepsOfADefinition(t *testing.T) {
	for _, op := range []string{"step/http", "step/set", "step/return"} {
		f := flopacktest.NewFlow("Main")
		f.Add(op, "Step", flopacktest.In("path", "https://evil.example").In("http"))
		_, p := found(flopacktest.New(f).Bytes())
		_, err := machine(p, func(engine.Request) engine.Response { t.Error("a request was sent"); return engine.Response{} }).Run(t.Context(), p.Named("Main"), nil)
		if failed, is := errors.AsType[*engine.Error](err); !is || failed.Kind != engine.Unsupported {
			t.Errorf("%s: it ended with %v, want %s", op, err, engine.Unsupported)
		}
	}
}

// What never ends by itself is ended, at a limit that is named with flow and card.
func TestRunsWithoutEndAreEnded(t *testing.T) {
	in, from := flopacktest.In, flopacktest.From
	for _, tt := range []struct {
		name string
		flow func() []*flopacktest.Flow
		says string
	}{
		{"a flow that calls itself", func() []*flopacktest.Flow {
			f := flopacktest.NewFlow("Main")
			f.Add("control/spawn", "Call Flow", flopacktest.Calls(f))
			return []*flopacktest.Flow{f}
		}, "more than 40 deep"},
		{"two flows that call each other", func() []*flopacktest.Flow {
			f, g := flopacktest.NewFlow("Main"), flopacktest.NewFlow("Other")
			f.Add("control/spawn", "Call Flow", flopacktest.Calls(g))
			g.Add("control/spawn", "Call Flow", flopacktest.Calls(f))
			return []*flopacktest.Flow{f, g}
		}, "more than 40 deep"},
		{"a flow that handles its own errors", func() []*flopacktest.Flow {
			f := flopacktest.NewFlow("Main")
			f.Add("control/throw", "Return Error", in("message", "no")).Policy("flo", "flo", f.ID)
			return []*flopacktest.Flow{f}
		}, "more than 40 deep"},
		{"loops in loops", func() []*flopacktest.Flow {
			f, g, h := flopacktest.NewFlow("Main"), flopacktest.NewFlow("Inner"), flopacktest.NewFlow("Innermost")
			f.Add("control/times", "Repeat", in("count", 1000), flopacktest.Calls(g))
			g.Add("control/times", "Repeat", in("count", 1000), flopacktest.Calls(h))
			h.Let(in("a", "b"))
			return []*flopacktest.Flow{f, g, h}
		}, "More than 20000 cards"},
		{"a text that doubles", func() []*flopacktest.Flow {
			f := flopacktest.NewFlow("Main")
			out := f.Let(in("a", strings.Repeat("x", 1000))).Out("a", "string")
			for range 60 {
				out = f.Add("string/concat", "Concatenate", from("string1", out), from("string2", out)).Out("output", "string")
			}
			return []*flopacktest.Flow{f}
		}, "more than a run may hold"},
		{"a list that doubles", func() []*flopacktest.Flow {
			f := flopacktest.NewFlow("Main")
			out := f.Let(in("a", []any{"x"})).Out("a", "string").Listed()
			for range 60 {
				out = f.Add("list/concat", "Combine All", from("list1", out), from("list2", out)).Out("output", "string").Listed()
			}
			return []*flopacktest.Flow{f}
		}, "more than 100000 items"},
		{"a list that lies in itself, twice, and again", func() []*flopacktest.Flow {
			f := flopacktest.NewFlow("Main")
			out := f.Let(in("a", []any{"x"})).Out("a", "object").Listed()
			for range 60 {
				out = f.Add("list/construct", "Construct", from("a", out), from("b", out)).Out("list", "object").Listed()
			}
			return []*flopacktest.Flow{f}
		}, "more than 64 MiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, p := found(flopacktest.New(tt.flow()...).Bytes())
			m := machine(p, nil)
			m.Limits = engine.Limits{Time: time.Minute}
			_, err := m.Run(t.Context(), p.Named("Main"), nil)
			failed, is := errors.AsType[*engine.Error](err)
			if !is || failed.Kind != engine.Limit || !strings.Contains(failed.Message, tt.says) {
				t.Fatalf("it ended with %v, want the limit %q", err, tt.says)
			}
			if failed.Src.Flow == "" || failed.Src.Card == "" {
				t.Errorf("%v does not say where: %+v", err, failed.Src)
			}
		})
	}
}
