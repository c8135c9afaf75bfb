package expression

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTemplateEval(t *testing.T) {
	type object = map[string]any
	for _, tt := range []struct {
		name     string
		template any
		want     string
	}{
		{"an expression alone keeps its type", `${ input.teams }`, `["a","b","c"]`},
		{"also with the line break of a block", "${ it.id }\n", `7`},
		{"in text it is text", `${ it.id }: ${ input.teams }, ${ input.user.name }.`, `"7: [\"a\",\"b\",\"c\"], ."`},
		{"a space makes it text", ` ${ it.id }`, `" 7"`},
		{"a time in text", `at ${ input.when }`, `"at 2026-01-02T02:04:05.006Z"`},
		{"two dollars write one", `$${ it.id } costs $5 or $$`, `"${ it.id } costs $5 or $$"`},
		{"braces inside", `${ {a: {b: 1}}.a.b }!`, `"1!"`},
		{"braces in quotes", `${ '}' + "}\"}" + ` + "`}`" + ` }`, `"}}\"}}"`},
		{"braces behind the end", `${ 1 }}`, `"1}"`},
		{"an empty text", ``, `""`},
		{"values of all kinds", object{"a": []any{nil, true, 1, 2.5, "x"}, "b": object{}}, `{"a":[null,true,1,2.5,"x"],"b":{}}`},
		{"expressions deep inside", object{"user": []any{object{"name": "${ input.user.userName }", "kind": "person"}}}, `{"user":[{"kind":"person","name":"jane"}]}`},
		{"null stays", object{"a": "${ input.nothing }"}, `{"a":null}`},
		{"broken bytes are replaced", "a\xff${ input.broken }", `"a` + "\uFFFDa\uFFFDb" + `"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			template, err := CompileTemplate(tt.template, acme)
			if err != nil {
				t.Fatal(err)
			}
			got, err := template.Eval(still(world()))
			if err != nil || asJSON(t, got) != tt.want {
				t.Errorf("%v: got %v, %v; want %s", tt.template, got, err, tt.want)
			}
		})
	}
}

func TestTemplateSaysWhereItIsWrong(t *testing.T) {
	_, err := CompileTemplate(map[string]any{
		"headers": map[string]any{"Authorization": "Bearer ${ conn.token }"},
		"a/b":     []any{"fine", "é ${ 1 + }", "${ open"},
		"${ x }":  1,
		"last":    "${ '${}' } ${",
		"struct":  struct{}{},
	}, acme)
	var got []string
	all, _ := errors.AsType[Errors](err)
	for _, e := range all {
		got = append(got, e.Error())
	}
	want := []string{
		`/${ x }, character 1: a key holds no expression; only values do`,
		`/a~1b/1, character 9: the expression ends too early`,
		`/a~1b/2, character 1: “${” has no “}” of its own: it, a bracket or a quotation mark is missing; write “$${” for the two characters`,
		`/headers/Authorization, character 16: unknown member “token”; there is api_token, subdomain`,
		`/last, character 12: “${” has no “}” of its own: it, a bracket or a quotation mark is missing; write “$${” for the two characters`,
		`/struct, character 1: there is a value of a kind that expressions do not know`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTemplateSaysWhereItCouldNotBeEvaluated(t *testing.T) {
	template, err := CompileTemplate(map[string]any{"json": []any{"x${ input.user.name.givenName }"}}, acme)
	if err != nil {
		t.Fatal(err)
	}
	_, err = template.Eval(still(world()))
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Path != "/json/0" || e.Offset != 20 || !strings.Contains(e.Sentence, "input.user.name is null") {
		t.Errorf("got %#v", err)
	}
}

func TestConstantTemplatesCostNothing(t *testing.T) {
	template, err := CompileTemplate(map[string]any{"a": []any{"x", "${ 1 + 1 }", "y${ 'z' }", "$${"}}, Names{})
	if err != nil {
		t.Fatal(err)
	}
	value, ok := template.Constant()
	if !ok || asJSON(t, value) != `{"a":["x",2,"yz","${"]}` {
		t.Errorf("constant %t: %v", ok, value)
	}
	if n := testing.AllocsPerRun(10, func() { _, _ = template.Eval(Env{}) }); n > 1 {
		t.Errorf("%v allocations where nothing is to be computed", n)
	}
}

func TestTemplateUsesAndTexts(t *testing.T) {
	template, err := CompileTemplate(map[string]any{
		"a": "Bearer ${ conn.api_token }", "b": []any{"${ input.user.id }", "${ conn.api_token + '!' }"},
	}, acme)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"conn.api_token", "input.user.id"}, template.Uses()); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Bearer ", "!"}, template.Texts()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}
