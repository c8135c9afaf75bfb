package expression

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// hostile are expressions that want more than there is. The environment is as large as a vendor's answer may be.
var hostile = []struct{ name, source, says string }{
	{"source without end", strings.Repeat("1+", MaxSource), "longer than 4096 bytes"},
	{"more parts than there may be", strings.Repeat("1+", MaxNodes) + "1", "more than 300 parts"},
	{"signs without end", strings.Repeat("-", 2000) + "1", "more than 300 parts"},
	{"parentheses without end", strings.Repeat("(", 2040) + "1" + strings.Repeat(")", 2040), ""},
	{"brackets without end", strings.Repeat("[", 4090), "ends too early"},
	{"comparisons inside each other, each twice in the tree", nested(50, "1<(", "1", ")<3"), "write a < b && b < c"},
	{"elvis inside elvis, each twice in the tree", nested(90, "(", "null", ")?:null"), ""},
	{"texts doubled with each call", nested(60, "replace(", "res.kilo", ",'a','aaaaaaaaaa')"), "longer than 1 MiB"},
	{"a constant that grows", nested(60, "replace(", "'aaaaaaaaaaaaaaaaaaaa'", ",'a','aaaaaaaaaa')"), "longer than 1 MiB"},
	{"a text many times", "join([" + strings.Repeat("res.mega,", 90) + "])", "longer than 1 MiB"},
	{"texts joined by a long one", "join(res.list, res.kilo)", "longer than 1 MiB"},
	{"texts of texts of texts", nested(20, "json([", "res.kilo", strings.Repeat(",res.kilo", 2)+"])"), ""},
	{"a text that escapes grow", nested(40, "json(", "res.quotes", ")"), "longer than 1 MiB"},
	{"a large text in JSON", "json(res.mega)", "longer than 1 MiB"},
	{"a large list in JSON", "json(res.list) + json(res.list) + json(res.list)", ""},
	{"powers of powers", "9**9**9**9", "too large"},
	{"a product without end", "1e300*1e300", "too large"},
	{"work repeated", strings.Repeat("len(split(res.mega,'a'))+", 20) + "1", "16 MiB"},
	{"comparisons of large lists", strings.Repeat("res.list==res.list&&", 30) + "true", "16 MiB"},
	{"a search repeated", strings.Repeat("contains(res.mega,'b')||", 40) + "true", "16 MiB"},
	{"an expression that backtracks elsewhere", `matches(res.kilo, '^(a+)+$') && matches(res.kilo, '(a*)*b')`, ""},
	{"a heavy expression on a long text", `matches(res.mega, '(a?){200}b')`, "16 MiB"},
	{"repetitions of repetitions", `matches('a', '(a{100}b{90}){10}')`, "repeats too much"},
	{"repetitions of classes", `matches('a', '(` + strings.Repeat(`\\pL`, 50) + `){999}')`, "repeats too much"},
	{"a long regular expression", `matches('a', res.kilo)`, "longer than 256 bytes"},
	{"JSON that becomes a hundred times its size", `parseJson(res.braces)`, "16 MiB"},
	{"JSON of small numbers", `parseJson('[' + res.ones + '1]')`, "16 MiB"},
	{"JSON without end", `parseJson(res.deep)`, "more than 500 deep"},
	{"a value without end", `json(res.pit)`, "more than 500 deep"},
	{"a comparison without end", `res.pit == [res.pit][0]`, "more than 500 deep"},
	{"a flight of lists", `flatten(res.pit)`, "more than 500 deep"},
	{"lists of lists", "flatten([" + strings.Repeat("res.list,", 60) + "])", "16 MiB"},
	{"objects of objects", "merge(" + strings.Repeat("res.object,", 60) + "{})", "16 MiB"},
	{"the same entries again and again", "unique(flatten([" + strings.Repeat("res.list,", 10) + "]))", "16 MiB"},
	{"a format without end", "formatDate(now(), res.kilo)", "200 bytes"},
	{"letters that capitals make longer", "upper(replace(res.kilo, 'a', 'ŉŉŉŉŉŉŉŉŉŉŉŉŉŉŉŉ'))", ""},
}

// nested is the middle between fronts and backs, so many deep.
func nested(n int, front, middle, back string) string {
	return strings.Repeat(front, n) + middle + strings.Repeat(back, n)
}

func hostileWorld() map[string]any {
	list, object := make([]any, 60000), map[string]any{}
	for i := range list {
		list[i] = float64(i)
		object[fmt.Sprint(i)] = nil
	}
	var pit any = []any{}
	for range 100000 {
		pit = []any{pit}
	}
	return map[string]any{"res": map[string]any{
		"list": list, "object": object, "pit": pit,
		"kilo": strings.Repeat("a", 1<<10), "mega": strings.Repeat("a", 1<<20), "quotes": strings.Repeat(`"`, 1<<10),
		"ones": strings.Repeat("1,", 400<<10), "deep": strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"braces": "[" + strings.Repeat("{},", 200<<10) + "{}]",
	}}
}

// Each allocates at most twice what an evaluation may make, for what is counted is what stays; time follows from the
// work that is counted, and is not measured here.
func TestWhatIsHostileStops(t *testing.T) {
	env := still(hostileWorld())
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, work, err := evalCounted(tt.source, env)
			runtime.ReadMemStats(&after)
			if made := after.TotalAlloc - before.TotalAlloc; made > 2*MaxWork {
				t.Errorf("%.60s… allocated %d bytes", tt.source, made)
			}
			if work > MaxWork {
				t.Errorf("%.60s… counts %d", tt.source, work)
			}
			switch {
			case tt.says == "" && err != nil && !strings.Contains(err.Error(), "MiB"):
				t.Errorf("%.60s…: %v", tt.source, err)
			case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("%.60s…: got %.40v, %v; want an error that says %q", tt.source, got, err, tt.says)
			}
		})
	}
}

func evalCounted(source string, env Env) (any, int, error) {
	e, err := Compile(source, acme)
	if err != nil {
		return nil, 0, err
	}
	r := &run{env: env}
	v, err := e.eval(r)
	return v, r.work, err
}

func TestAConstantThatIsLargeIsNotKept(t *testing.T) {
	e, err := Compile(nested(4, "replace(", "'aaaaaaaaaa'", ",'a','aaaaaaaaaa')"), Names{})
	if err != nil {
		t.Fatal(err)
	}
	if v, kept := e.Constant(); kept {
		t.Errorf("%d bytes are kept", len(v.(string)))
	}
}

func FuzzExpression(f *testing.F) {
	for _, tt := range hostile {
		if len(tt.source) < 200 { // shortening what is found would take longer than finding it
			f.Add(tt.source)
		}
	}
	for _, g := range groups {
		for _, function := range g.functions {
			f.Add(function.Example)
		}
	}
	for _, seed := range []string{
		`input.user.name?.givenName ?? 'x'`, `steps.create.body[0]?.a[1:2]`, `a ?: b ? c : d`, `{a: 1, 'b': [2], (input): 3}`,
		"`a``b` + \"\\u{1F600}\" + '\\ud800'", `not contains(input, "x") and 1 not in [2]`, `x | f() | g(1)`, `-+!not 1`, `# .a // b`,
		`9223372036854775807 * -1 % -1 - -9223372036854775807`, `formatDate(now(), "YYYY [a] 'b' x X")`, `1_000 + 0x1f + 0b1 + .5e1`,
	} {
		f.Add(seed)
	}
	values := world()
	f.Fuzz(func(t *testing.T, source string) {
		env := still(values)
		env.Random = rand.NewChaCha8([32]byte{})
		v, work, err := evalCounted(source, env)
		if work > MaxWork {
			t.Errorf("%q counts %d", source, work)
		}
		if err != nil {
			return
		}
		switch v := v.(type) {
		case nil, bool, float64, int64, []any, map[string]any:
		case string:
			if len(v) > MaxText || strings.ToValidUTF8(v, "") != v {
				t.Errorf("%q gives a text of %d bytes", source, len(v))
			}
		default:
			if kindOf(v) != "time" {
				t.Errorf("%q gives a %T", source, v)
			}
		}
	})
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"${ it.id }", "$${ a", "x${ '}' }y${\"\\\"}\"}", "${ {a: [1]} }}", "$$${ 1 }$", "${`}`}"} {
		f.Add(seed)
	}
	values := world()
	f.Fuzz(func(t *testing.T, source string) {
		template, err := CompileTemplate([]any{source}, acme)
		if err != nil {
			return
		}
		if _, err := template.Eval(still(values)); err != nil && !strings.HasPrefix(err.Error(), "/0, character ") {
			t.Errorf("%q: an error without its place: %v", source, err)
		}
	})
}
