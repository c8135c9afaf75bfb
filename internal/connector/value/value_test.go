package value_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"slipway/internal/connector/value"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestDecodeKeepsDigits(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a small number", `7`, "7"},
		{"a fraction", `0.1`, "0.1"},
		{"an id beyond what float64 holds", `12345678901234567`, "12345678901234567"},
		{"a negative id beyond it", `-12345678901234567`, "-12345678901234567"},
		{"a number beyond float64 is left as it was written", `1e999`, "1e999"},
		{"objects have their members in order", `{"b":1,"a":[true,null]}`, `{"a":[true,null],"b":1}`},
		{"what HTML would escape is not", `"<a&b>"`, "<a&b>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := value.Decode([]byte(tt.text))
			if got := value.Text(v); err != nil || got != tt.want {
				t.Errorf("%s is %q, %v; want %q", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"what is no JSON", `{`, "read JSON"},
		{"a second document", `{} {}`, "something after the document"},
		{"what is too deep", strings.Repeat("[", value.MaxDepth+1) + strings.Repeat("]", value.MaxDepth+1), "in each other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := value.Decode([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want an error with %q", err, tt.says)
			}
		})
	}
	if err := value.CheckDepth([]byte(`"` + strings.Repeat("[", 500) + `\"["`)); err != nil {
		t.Errorf("brackets inside of a text count: %v", err)
	}
}

func TestTextIsAsJavaScriptShowsIt(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{nil, ""}, {true, "true"}, {1.0, "1"}, {1.5, "1.5"}, {1e20, "100000000000000000000"}, {1e21, "1e+21"}, {1e-7, "1e-7"}, {math.Copysign(0, -1), "0"},
		{int64(1) << 60, "1152921504606846976"}, {noon, "2026-01-02T12:00:00.000Z"}, {[]any{1.0, "a"}, `[1,"a"]`}, {map[string]any{"a": noon}, `{"a":"2026-01-02T12:00:00.000Z"}`},
		{[]any{math.NaN()}, `[null]`}, {value.File{Name: "a.txt", Bytes: []byte("hi")}, "hi"}, {value.File{Name: "a.bin", Bytes: []byte{0xff}}, "a.bin"},
	} {
		if got := value.Text(tt.v); got != tt.want {
			t.Errorf("Text(%#v) is %q, want %q", tt.v, got, tt.want)
		}
	}
}

func TestHolds(t *testing.T) {
	for _, tt := range []struct {
		name        string
		left        any
		operator    string
		right       any
		declared    value.Type
		want, wrong bool
	}{
		{"as numbers, 9 is less than 80", 9.0, "<", "80", value.Num, true, false},
		{"as texts it is more", "9", "<", "80", value.String, false, false},
		{"text and number are alike where a number is declared", "7", "==", 7.0, value.Num, true, false},
		{"a multiple", 12.0, "%", 4.0, value.Num, true, false},
		{"of nothing, nothing is a multiple", 12.0, "%", 0.0, value.Num, false, false},
		{"a part of a text", "an", "in", "Ann and Anna", value.String, true, false},
		{"an item of a list", 2.0, "in", []any{1.0, 2.0}, value.Num, true, false},
		{"not in", "x", "not in", "abc", value.String, true, false},
		{"a member of an object", map[string]any{"a": nil}, "has", "a", value.Object, true, false},
		{"not one of it", map[string]any{}, "doesn't have", "a", value.Object, true, false},
		{"nothing is empty", nil, "is empty", nil, value.Any, true, false},
		{"zero is not", 0.0, "is empty", nil, value.Num, false, false},
		{"dates are moments, not texts", "2026-01-02T13:00:00+01:00", "==", noon, value.Instant, true, false},
		{"lists have no order", []any{1.0}, ">", []any{0.0}, value.Any, false, false},
		{"an unknown operator is an error", 1.0, "~", 1.0, value.Num, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := value.Holds(tt.left, tt.operator, tt.right, tt.declared)
			if got != tt.want || (err != nil) != tt.wrong {
				t.Errorf("%v %s %v is %t, %v; want %t", tt.left, tt.operator, tt.right, got, err, tt.want)
			}
		})
	}
}

func TestConvert(t *testing.T) {
	for _, tt := range []struct {
		name string
		to   value.Type
		v    any
		want any
		fail bool
	}{
		{"nothing stays nothing", value.Num, nil, nil, false},
		{"text to a number", value.Num, " 7.5 ", 7.5, false},
		{"no text is no number, and no error", value.Num, "", nil, false},
		{"words are no number", value.Num, "seven", nil, true},
		{"an id keeps its digits", value.Num, int64(1) << 60, int64(1) << 60, false},
		{"the text false is false", value.Boolean, "false", false, false},
		{"text to a date", value.Instant, "2026-01-02", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), false},
		{"milliseconds to a date", value.Instant, float64(noon.UnixMilli()), noon, false},
		{"JSON to an object", value.Object, `{"a":1}`, map[string]any{"a": 1.0}, false},
		{"a number is no object", value.Object, 1.0, nil, true},
		{"one thing to a list", value.List, "a", []any{"a"}, false},
		{"a number to text", value.String, 1.0, "1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.to.Convert(tt.v)
			if (err != nil) != tt.fail || err == nil && !value.Equal(got, tt.want) {
				t.Errorf("%#v to %s is %#v, %v; want %#v", tt.v, tt.to, got, err, tt.want)
			}
		})
	}
}

func TestPaths(t *testing.T) {
	object := map[string]any{"a.b": "whole", "a": map[string]any{"b": "part", "list": []any{map[string]any{"id": 7.0}}}}
	for path, want := range map[string]any{"": object, "a.b": "whole", "a.list.0.id": 7.0, "a.list.length": 1.0, "a.list.9": nil, "a.x.y": nil} {
		if got := value.Get(object, path); !value.Equal(got, want) {
			t.Errorf("at %q lies %v, want %v", path, got, want)
		}
	}
	changed, err := value.Set(object, "a.list.1.id", 8.0)
	if err != nil || value.Text(value.Get(changed, "a.list")) != `[{"id":7},{"id":8}]` {
		t.Errorf("set: %v, %v", value.Text(changed), err)
	}
	if value.Text(value.Get(object, "a.list")) != `[{"id":7}]` {
		t.Error("setting changed what others may hold")
	}
	if _, err := value.Set(nil, "4000000000", 1.0); err == nil {
		t.Error("one index fills all memory")
	}
	if _, err := value.Set([]any{}, "name", 1.0); err == nil {
		t.Error("a list has a member")
	}
}

func TestSizeStopsCounting(t *testing.T) {
	inner := []any{strings.Repeat("x", 1000)}
	list := make([]any, 1_000_000)
	for i := range list {
		list[i] = inner
	}
	if size := value.Size(list, 10_000); size < 10_000 || size > 20_000 {
		t.Errorf("a value of a gigabyte, counted up to 10,000, is %d", size)
	}
}
