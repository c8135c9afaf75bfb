package expression

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// acme is the scope of the tests: conn and steps are known, the others hold anything.
var acme = Names{Values: Members{
	"conn": Only("subdomain", "api_token"), "steps": {"create": {"body": Anything, "status": Anything}},
	"input": Anything, "it": Anything, "app": Anything, "res": Anything,
}}

func world() map[string]any {
	return map[string]any{
		"conn":  map[string]any{"subdomain": "acme", "api_token": "t0p"},
		"steps": map[string]any{"create": map[string]any{"status": 201.0, "body": map[string]any{"id": int64(1<<53 + 1)}}},
		"input": map[string]any{
			"user":   map[string]any{"userName": "jane", "name": nil, "groups": []any{}},
			"teams":  []any{"a", "b", "c"},
			"broken": "a\xffb", "when": time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600)),
			"urn:x:2.0:User": map[string]any{"manager": "bo"},
		},
		"it":  map[string]any{"id": 7, "state": "active"},
		"app": map[string]any{"subdomain": "acme", "companyId": ""},
	}
}

func TestEval(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"an address of Okta's", `'https://' + app.subdomain + '.example.org/oauth/v1/authorize'`, `"https://acme.example.org/oauth/v1/authorize"`},
		{"a condition of Okta's", `'https://x/myapp' + (String.len(app.companyId) == 0 ? '/' : '?connection=' + app.companyId)`, `"https://x/myapp/"`},
		{"a member that may lack its object", `input.user.name?.givenName`, `null`},
		{"a chain ends at its first null", `input.user.name?.a.b.c`, `null`},
		{"also before an index", `input.user.name?.list[0].a`, `null`},
		{"and where the index is optional", `input.user.name?.["a"]`, `null`},
		{"an optional member that is there", `conn?.subdomain`, `"acme"`},
		{"the first of nothing", `first(input.user.groups ?? [])?.value ?? 'none'`, `"none"`},
		{"an object has null where it has nothing", `input.user.nothing`, `null`},
		{"a member by its name", `input['urn:x:2.0:User'].manager`, `"bo"`},
		{"a member by a computed name", `conn['sub' + 'domain']`, `"acme"`},
		{"a name with dots comes before a path", `get(input, 'urn:x:2.0:User').manager`, `"bo"`},
		{"an entry", `input.teams[1]`, `"b"`},
		{"an entry from the end", `input.teams[-1]`, `"c"`},
		{"some entries", `input.teams[1:]`, `["b","c"]`},
		{"places beyond the ends are the ends", `input.teams[-9:99]`, `["a","b","c"]`},
		{"a character, not a byte", `'Zoë'[2]`, `"ë"`},
		{"some characters", `'Zoë!'[1:3]`, `"oë"`},
		{"characters in the wrong order", `substring('abc', 2, 1)`, `""`},
		{"elvis where there is nothing", `input.user.name ?: 'nobody'`, `"nobody"`},
		{"elvis where there is something", `input.user.userName ?: 'nobody'`, `"jane"`},
		{"nested elvis", `(app.companyId ?: null) ?: 'x'`, `"x"`},
		{"one kind of one", `1 == 1.0 && it.id == 7 && 9007199254740993 != 9007199254740992`, `true`},
		{"a large integer stays exact", `steps.create.body.id`, `9007199254740993`},
		{"and is compared exactly", `steps.create.body.id > 9007199254740992 && steps.create.body.id == 9007199254740993`, `true`},
		{"and computed exactly", `steps.create.body.id + 1 - 2`, `9007199254740992`},
		{"too large an integer becomes a number like others", `9223372036854775807 + 1 > 9.2e18`, `true`},
		{"an integer in a text", `string(9007199254740993) + '/' + 1e20 + '/' + 0.1`, `"9007199254740993/100000000000000000000/0.1"`},
		{"large and small numbers as JavaScript prints them", `[string(1e21), string(1.5e-7), string(-0.0), string(1.2345678901234568e20)] | join(' ')`, `"1e+21 1.5e-7 0 123456789012345680000"`},
		{"lists are equal by what they hold", `[1, {a: [2]}] == [1.0, {a: [2]}]`, `true`},
		{"kinds differ", `1 == '1' || null == false`, `false`},
		{"integers divide into fractions", `7 / 2 + 7 % 4 + 2 ** 3`, `14.5`},
		{"times are ordered", `input.when < date('2026-01-02T02:04:06Z')`, `true`},
		{"a time is written in UTC", `string(input.when)`, `"2026-01-02T02:04:05.006Z"`},
		{"texts are ordered", `'a' < 'b' and not ('b' <= 'a')`, `true`},
		{"null does not hold", `input.user.active || !input.user.active`, `true`},
		{"what is not needed is not computed", `input.user.name != null && input.user.name.x.y == 1 || true`, `true`},
		{"in a list", `2 in [1, 2] && 'x' not in input.teams && 'status' in steps.create`, `true`},
		{"words between values", `'abc' contains 'b' && 'abc' startsWith 'a' && 'abc' endsWith 'c' && 'abc' matches '^a'`, `true`},
		{"words as functions", `contains('abc', 'b') && !startsWith('abc', 'b') && endsWith('abc', 'c') && not matches('abc', 'x')`, `true`},
		{"words with not between", `'abc' not contains ('x')`, `true`},
		{"a pipe", `input.user.userName | upper() | substring(0, 2)`, `"JA"`},
		{"an object with computed keys", `{('a' + 1): 1, b: [2]}`, `{"a1":1,"b":[2]}`},
		{"broken bytes are replaced", `input.broken`, `"a\ufffdb"`},
		{"null is written either way", `null == nil`, `true`},
		{"a date as Unicode writes formats", `formatDate(input.when, 'yyyy-MM-dd HH:mm:ss.SSS ZZ')`, `"2026-01-02 02:04:05.006 Z"`},
		{"a month after its last day", `formatDate(addTime('2026-01-31', 1, 'month'), 'D MMM')`, `"28 Feb"`},
		{"centuries", `addTime('2026-01-01', 3000, 'years')`, `"5026-01-01T00:00:00.000Z"`},
		{"half a second", `addTime('2026-01-01', 0.5, 'seconds')`, `"2026-01-01T00:00:00.500Z"`},
		{"a backslash is a backslash between backquotes", "`a\\b`", `"a\\b"`},
		{"no escapes but JSON's", `json({a: '<&>"\\'})`, `"{\"a\":\"<&>\\\"\\\\\"}"`},
		{"bytes that are no text are replaced", `base64Decode('/w==')`, `"�"`},
		{"chance is the environment's", `uuid() + ' ' + random(1, 6)`, `"07070707-0707-4707-8707-070707070707 6"`},
		{"a list that is written with commas", `Arrays.contains('a,b', 'b') && Arrays.size(Arrays.remove('a,b', 'b')) == 1`, `true`},
		{"a whole year", `'' + (date('2026-12-31') ?: null)`, `"2026-12-31T00:00:00.000Z"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Compile(tt.source, acme)
			if err != nil {
				t.Fatalf("%s: %v", tt.source, err)
			}
			got, err := e.Eval(still(world()))
			if err != nil {
				t.Fatalf("%s: %v", tt.source, err)
			}
			want := strings.ReplaceAll(tt.want, `\ufffd`, "\uFFFD")
			if asJSON(t, got) != want {
				t.Errorf("%s: got %s, want %s", tt.source, asJSON(t, got), want)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, source string
		offset       int
		says         string
	}{
		{"a name with letters swapped", `1 + inptu.user`, 4, `unknown name “inptu”; did you mean “input”?`},
		{"a name of nothing", `frobnicate`, 0, `unknown name “frobnicate”; there is app, conn,`},
		{"a name in another case", `Input`, 0, `did you mean “input”?`},
		{"a member that is not declared", `'é' + conn.api_tokn`, 11, `unknown member “api_tokn”; did you mean “api_token”?`},
		{"also as a text", `conn['token']`, 5, `unknown member “token”; there is api_token, subdomain`},
		{"a step that does not exist", `steps.crate.body`, 6, `did you mean “create”?`},
		{"what a step does not have", `steps.create?.head`, 14, `unknown member “head”`},
		{"a function of nothing", `lowr('A')`, 0, `unknown function “lowr”; did you mean “lower”?`},
		{"a function of Okta's that is not there", `String.length('a')`, 7, `did you mean “String.len”?`},
		{"a function without its call", `lower + 'a'`, 0, `“lower” is a function; write lower(text: text)`},
		{"too few arguments", `replace('a', 'b')`, 0, `replace has other arguments: replace(text: text, part: text, by: text)`},
		{"too many arguments", `uuid(1)`, 0, `uuid has other arguments`},
		{"a constant of the wrong kind", `lower(7)`, 0, `lower: “text” must be a text, not a number`},
		{"a constant that cannot be computed", `input.user.x ?? ('a' * 2)`, 21, `“*” needs numbers, not a text and a number`},
		{"a division by zero", `1 / 0`, 2, `divided by zero`},
		{"a number beyond all numbers", `9 ** 9 ** 9`, 2, `too large`},
		{"a regular expression that cannot be read", `input.x matches '('`, 8, `cannot be read`},
		{"a loop", `filter(input.teams, # == 1)`, 0, `there are no loops`},
		{"a loop with a dot", `input.teams | map(.id)`, 14, `there are no loops`},
		{"a sum over a loop", `sum(input.teams)`, 0, `there are no loops`},
		{"a builtin of expr", `toJSON(input)`, 0, `unknown function “toJSON”`},
		{"a function of bits", `bitshl(1, 60)`, 0, `unknown function`},
		{"a range", `1..1000000`, 1, `there are no ranges`},
		{"a variable", `let a = 1; a + a`, 4, `no variables`},
		{"a second expression", `1; 2`, 0, `no second expression`},
		{"an if", `if true { 1 } else { 2 }`, 3, `“true” does not belong here`},
		{"a pointer", `# + 1`, 0, `means nothing`},
		{"bytes", `b'abc'`, 0, `does not exist`},
		{"a comparison of three", `1 < input.x < 3`, 10, `write a < b && b < c`},
		{"the whole environment", `$env`, 0, `unknown name “$env”`},
		{"a member of the environment", `$env['conn']`, 0, `unknown name “$env”`},
		{"a function of the environment", `::conn()`, 2, `unknown function “conn”`},
		{"a method of a time", `now().Year()`, 6, `values have no functions of their own; write Year(…)`},
		{"a method of a value", `input.when.Format('2006')`, 11, `values have no functions of their own`},
		{"a call of a result", `lower('a')()`, 10, `“(” does not belong here`},
		{"a constructor", `''.constructor.constructor('return 1')`, 15, `values have no functions of their own`},
		{"an assignment", `input = 1`, 6, `“==” compares`},
		{"nothing", "  \n", 0, `empty`},
		{"an end that comes early", `1 +`, 2, `ends too early`},
		{"a text without its end", `'abc`, 4, `no closing quote`},
		{"two texts", `'a' 'b'`, 4, `an operator or a comma may be missing`},
		{"a strange letter", `1 § 2`, 2, `this character means nothing here`},
		{"?? beside another operator", `input.a ?? 'b' + 'c'`, 15, `put one side into parentheses`},
		{"an integer beyond all integers", `9223372036854775808`, 18, `the largest integer`},
		{"an escape that is none", `'\q'`, 2, `backslash`},
		{"a key that is none", `{[1]: 2}`, 1, `a key is a word`},
		{"bytes that are no text", "'\xff'", 0, `not valid UTF-8`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Compile(tt.source, acme)
			e, ok := err.(*Error) //nolint:errorlint // Compile promises this very type
			if !ok {
				t.Fatalf("%s: got %v, want an *Error", tt.source, err)
			}
			if e.Offset != tt.offset || !strings.Contains(e.Sentence, tt.says) {
				t.Errorf("%s: at %d: %s\nwant at %d: … %s …", tt.source, e.Offset, e.Sentence, tt.offset, tt.says)
			}
		})
	}
}

func TestEvalRefuses(t *testing.T) {
	values := world()
	values["it"] = map[string]any{"func": strings.ToUpper, "struct": struct{ A int }{1}, "pointer": &time.Time{}, "many": []string{"a"}}
	for _, tt := range []struct {
		name, source string
		offset       int
		says         string
	}{
		{"a member of null", `input.user.name.givenName`, 16, `input.user.name is null and has no members; write ?. before the member`},
		{"a place beyond the end", `input.teams[3]`, 12, `input.teams has 3 entries, and this one is not among them; first(…) and get(…) are null instead`},
		{"a place before the beginning", `input.teams[-4]`, 12, `first(…)`},
		{"a member of a list", `input.teams.length`, 12, `has no named members`},
		{"a member that a secret names", `input.teams[conn.api_token]`, 17, `has no named members`},
		{"a regular expression that is a secret", `'a' matches (conn.api_token + '(')`, 4, `cannot be read`},
		{"a number that is a secret", `Convert.toInt(conn.api_token)`, 8, `no number`},
		{"a member of a number", `steps.create.status.x`, 20, `is a number, which has no members`},
		{"a member of a time", `input.when.Year`, 11, `is a time, which has no members`},
		{"the method of a time by a computed name", `input.when['Ye' + 'ar']`, 16, `is a time, which has no members`},
		{"half a place", `input.teams[0.5]`, 12, `whole numbers`},
		{"null beside a text", `'a' + input.nothing`, 4, `write ??`},
		{"a list beside a text", `'a' + input.teams`, 4, `join(…)`},
		{"null as an argument", `lower(input.nothing)`, 0, `“text” must be a text, not null; write ??`},
		{"the length of null", `len(input.nothing)`, 0, `null`},
		{"a text as a condition", `input.user.userName ? 1 : 2`, 11, `“?” needs true or false, not a text`},
		{"a text and a number in order", `input.user.userName < 2`, 20, `two numbers`},
		{"a text that is no number", `number(input.user.userName)`, 0, `the text is no number`},
		{"a text that is no time", `date(input.user.userName)`, 0, `RFC 3339`},
		{"a text that is no JSON", `parseJson(input.user.userName)`, 0, `not JSON`},
		{"two values of JSON", `parseJson(input.user.userName + '1')`, 0, `not JSON`},
		{"a letter that a format does not know", `formatDate(now(), input.user.userName)`, 0, `letters that mean nothing`},
		{"a time after all years", `addTime(now(), 9000, 'years')`, 0, `9999`},
		{"ages", `addTime(now(), 9e15, 'weeks')`, 0, `9999`},
		{"a function as a value", `it.func`, 3, `a kind that expressions do not know`},
		{"a value of Go", `it.struct`, 3, `a kind that expressions do not know`},
		{"a pointer", `it.pointer`, 3, `a kind that expressions do not know`},
		{"a list of Go", `json(it)`, 0, `a kind that expressions do not know`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Compile(tt.source, acme)
			if err != nil {
				t.Fatalf("%s: %v", tt.source, err)
			}
			got, err := e.Eval(still(values))
			problem, ok := err.(*Error) //nolint:errorlint // Eval promises this very type
			if !ok {
				t.Fatalf("%s: got %v, %v; want an *Error", tt.source, got, err)
			}
			if problem.Offset != tt.offset || !strings.Contains(problem.Sentence, tt.says) {
				t.Errorf("%s: at %d: %s\nwant at %d: … %s …", tt.source, problem.Offset, problem.Sentence, tt.offset, tt.says)
			}
			for _, inside := range []string{"jane", "t0p"} {
				if strings.Contains(err.Error(), inside) {
					t.Errorf("%s: the error holds a value of the environment: %v", tt.source, err)
				}
			}
		})
	}
}

func TestClockAndChanceAreGiven(t *testing.T) {
	for _, source := range []string{"now()", "uuid()", "random(1, 2)", "Time.now()"} {
		e, err := Compile(source, Names{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Eval(Env{}); err == nil {
			t.Errorf("%s gives %v where the environment has neither", source, got)
		}
	}
}

func TestUses(t *testing.T) {
	for _, tt := range []struct {
		name, source string
		want         []string
	}{
		{"a chain as deep as it goes", `input.user.name?.givenName`, []string{"input.user.name.givenName"}},
		{"several, sorted, each once", `steps.create.body + conn.api_token + steps.create.body`, []string{"conn.api_token", "steps.create.body"}},
		{"up to a place in a list", `input.teams[0].id`, []string{"input.teams"}},
		{"up to what is computed, and what it is computed from", `input[conn.subdomain].x`, []string{"conn.subdomain", "input"}},
		{"a name that is no word", `input['urn:x'].manager`, []string{`input["urn:x"].manager`}},
		{"in what may not be computed", `true ? 1 : input.x`, []string{"input.x"}},
		{"none in a constant", `lower('A')`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Compile(tt.source, acme)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, e.Uses()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.source, diff)
			}
		})
	}
}

func TestTextsAreWhatTheSourceSays(t *testing.T) {
	e, err := Compile(`'https://' + conn.subdomain + get(input, 'a')['b']`, acme)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"https://", "a"}, e.Texts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConstantPartsAreComputedOnce(t *testing.T) {
	for _, tt := range []struct {
		source string
		want   bool
	}{
		{`lower('A') + 1`, true}, {`[1, {a: 2}]`, true},
		{`now()`, false}, {`conn.subdomain`, false}, {`1 + random(1, 2)`, false},
	} {
		e, err := Compile(tt.source, acme)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := e.Constant(); got != tt.want {
			t.Errorf("%s: constant %t, want %t", tt.source, got, tt.want)
		}
	}
}

func TestFunctionsOfTheCaller(t *testing.T) {
	names := acme.With("team", Anything)
	names.Functions = []Function{
		{Signature: "isMember(group: text)", Call: func(args []any) (any, error) { return args[0] == "admins", nil }},
		{Signature: "sum(list: list)", Call: func([]any) (any, error) { return 3, nil }},
	}
	e, err := Compile(`isMember(team) && sum([1, 2]) == 3`, names)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Eval(Env{Values: map[string]any{"team": "admins"}}); got != true || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if _, declared := acme.Values["team"]; declared {
		t.Error("With has changed the names that it was called on")
	}
}
