package scim

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	oracle "github.com/scim2/filter-parser/v2"
	"pgregory.net/rapid"
)

func decode(t testing.TB, text string) Resource {
	t.Helper()
	var r Resource
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("the test's own resource is broken: %v", err)
	}
	return r
}

const jane = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
	"id": "AbC", "externalId": "Ext1", "userName": "Jane.Doe@example.com", "active": true, "nickName": "",
	"name": {"givenName": "Jane", "familyName": "Müller"},
	"emails": [
		{"value": "jane@work.example.com", "type": "work", "primary": true},
		{"value": "jane@home.example.org", "type": "home"}
	],
	"roles": [], "age": 41, "profileUrl": "https://example.com/Jane",
	"meta": {"created": "2026-01-02T03:04:05Z", "lastModified": "2026-02-03T05:05:06+01:00"},
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "R&D \"north\"", "manager": {"value": "boss"}},
	"urn:example:app_1:2.0:user": {"badge": 7}
}`

func TestFilterMatch(t *testing.T) {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	r := decode(t, jane)
	for _, tt := range []struct {
		name, filter string
		want         bool
	}{
		{"userName ignores case", `userName eq "JANE.doe@EXAMPLE.com"`, true},
		{"names and operators ignore case", `USERNAME EQ "jane.doe@example.com"`, true},
		{"another value does not match", `userName eq "jane"`, false},
		{"id is case exact", `id eq "abc"`, false},
		{"externalId is case exact", `externalId eq "Ext1"`, true},
		{"a reference is case exact", `profileUrl eq "https://example.com/jane"`, false},
		{"sub-attributes by dot", `name.familyName eq "müller"`, true},
		{"co, sw and ew", `userName co "doe" and userName sw "JANE" and userName ew ".COM"`, true},
		{"ne is the opposite of eq", `userName ne "x"`, true},
		{"ne holds for an absent attribute", `title ne "x"`, true},
		{"ne on a list means no element", `emails.type ne "home"`, false},
		{"an absent attribute has no order", `title gt "a"`, false},
		{"pr is false for an empty text", `nickName pr`, false},
		{"pr is false for an empty list", `roles pr`, false},
		{"pr is true for false and true", `active pr`, true},
		{"pr of a complex attribute", `name pr`, true},
		{"null means absent", `title eq null and userName ne null`, true},
		{"booleans are literals", `active eq true`, true},
		{"a text is no boolean", `active eq "true"`, false},
		{"numbers are compared as numbers", `age ge 41 and age lt 1e2`, true},
		{"a text is no number", `age eq "41"`, false},
		{"times with zones are compared as times", `meta.lastModified eq "2026-02-03T04:05:06Z"`, true},
		{"times are ordered", `meta.created gt "2025-12-31T23:59:59.5Z" and meta.created lt "2026-01-02T03:04:05.1Z"`, true},
		{"texts are ordered without case", `userName gt "jane" and userName lt "K"`, true},
		{"a list matches by its value", `emails co "home.example.org"`, true},
		{"different elements may match a conjunction", `emails.type eq "work" and emails.value co "home"`, true},
		{"a value path needs one element", `emails[type eq "work" and value co "home"]`, false},
		{"a value path finds its element", `emails[type eq "home" and value ew ".org"]`, true},
		{"a value path with three terms", `emails[type eq "work" and primary eq true and value co "jane"]`, true},
		{"a value path with parentheses", `emails[type eq "x" or (primary eq true and not (value co "home"))]`, true},
		{"not before and before or", `not (active eq false) and title pr or id eq "AbC"`, true},
		{"parentheses change the order", `not (active eq false) and (title pr or id eq "abc")`, false},
		{"a core URN in front", `urn:ietf:params:scim:schemas:core:2.0:User:userName sw "jane"`, true},
		{"a URN of another resource type", `urn:ietf:params:scim:schemas:core:2.0:Group:userName sw "jane"`, false},
		{"an extension attribute", enterprise + `:department co "north"`, true},
		{"escapes in texts", enterprise + `:department eq "r&d \"north\""`, true},
		{"a part of a complex extension attribute", strings.ToUpper(enterprise) + `:manager.value eq "boss"`, true},
		{"a complex attribute stands for its value", enterprise + `:manager eq "boss"`, true},
		{"an extension as a whole", enterprise + ` pr`, true},
		{"a URN with an underscore", `urn:example:app_1:2.0:user:badge eq 7`, true},
		{"an absent extension", `urn:example:other:badge pr`, false},
		{"an unknown attribute matches nobody", `shoeSize eq "43"`, false},
		{"schemas is a list of plain texts", `schemas eq "` + strings.ToLower(enterprise) + `"`, true},
		{"a value path over plain texts", `schemas[value sw "urn:ietf"]`, true},
		{"unicode escapes in either case", `name.familyName eq "M\u00fcller" and name.familyName eq "m\u00FCLLER"`, true},
		{"blanks between tokens", ` userName   eq  "jane.doe@example.com"   and ( active eq true ) `, true},
		{"a text with everything that injects", `userName eq "\" or \"\"=\""`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := ParseFilter(tt.filter)
			if err != nil {
				t.Fatalf("%s: %v", tt.filter, err)
			}
			if got := f.Match(r); got != tt.want {
				t.Errorf("%s: matches %t, want %t", tt.filter, got, tt.want)
			}
		})
	}
}

func TestParseFilterRefuses(t *testing.T) {
	for _, tt := range []struct{ name, filter, says string }{
		{"nothing", "  ", "empty"},
		{"a bare value", `"jane"`, "no attribute"},
		{"a bare name", `userName`, "operator is missing"},
		{"an unknown operator", `userName regex "x"`, `"regex" is no operator`},
		{"a missing value", `userName eq`, "value are missing"},
		{"a value without quotes", `userName eq jane`, "double quotes"},
		{"an open quote", `userName eq "jane`, "closing quote"},
		{"a quote that is escaped away", `userName eq "jane\"`, "closing quote"},
		{"a control character in a text", "userName eq \"a\tb\"", "JSON string"},
		{"a value that sticks to its operator", `userName eq"x"`, "missing"},
		{"an open parenthesis", `(title pr`, "closing parenthesis"},
		{"an open bracket", `emails[type eq "work"`, "closing bracket"},
		{"brackets inside brackets", `emails[a[b pr]]`, "brackets inside brackets"},
		{"something left over", `title pr "x"`, "left over"},
		{"an operator without its right side", `title pr and`, "left over"},
		{"an injection that closes its quote", `userName eq "" or ""=""`, "no attribute"},
		{"three parts in a name", `a.b.c pr`, "no attribute"},
		{"a prefix that is no URN", `http://x:userName pr`, "no schema URN"},
		{"an order of booleans", `active gt true`, "booleans"},
		{"an order of a boolean attribute", `active lt "x"`, "booleans"},
		{"an order of null", `title ge null`, "null"},
		{"an order of certificates", `x509Certificates.value gt "a"`, "binary"},
		{"too many parentheses", strings.Repeat("(", 60) + "a pr" + strings.Repeat(")", 60), "inside each other"},
		{"too long", `title eq "` + strings.Repeat("x", maxFilter) + `"`, "longer"},
		{"broken UTF-8", "title eq \"\xff\"", "UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseFilter(tt.filter)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Status != 400 || e.ScimType != InvalidFilter || !strings.Contains(e.Detail, tt.says) {
				t.Errorf("%.80s: got %v; want 400 invalidFilter that says %q", tt.filter, err, tt.says)
			}
		})
	}
}

func TestFilterEquality(t *testing.T) {
	for _, tt := range []struct {
		filter, want string
		ok           bool
	}{
		{`userName eq "a"`, "a", true},
		{`active eq true and USERNAME eq "a"`, "a", true},
		{`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a"`, "a", true},
		{`userName eq "a" or title pr`, "", false},
		{`not (userName eq "a")`, "", false},
		{`userName sw "a"`, "", false},
		{`userName.x eq "a"`, "", false},
		{`userName eq null`, "", false},
	} {
		f, err := ParseFilter(tt.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := f.Equality("userName"); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: got %q, %t; want %q, %t", tt.filter, got, ok, tt.want, tt.ok)
		}
	}
}

func TestFoldAgreesWithEqualFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runes := rapid.SampledFrom([]rune("aAkKKsSſßẞİiIıµμéÉ中"))
		x, y := string(rapid.SliceOfN(runes, 0, 3).Draw(t, "x")), string(rapid.SliceOfN(runes, 0, 3).Draw(t, "y"))
		if strings.EqualFold(x, y) != (Fold(x) == Fold(y)) {
			t.Fatalf("EqualFold(%q, %q) = %t, but folds are %q and %q", x, y, strings.EqualFold(x, y), Fold(x), Fold(y))
		}
	})
}

// filterText draws a filter of the RFC's grammar.
func filterText(depth int) *rapid.Generator[string] {
	names := rapid.SampledFrom([]string{
		"userName", "ACTIVE", "title", "name.givenName", "emails", "emails.value", "age", "id", "$ref",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
	})
	values := rapid.SampledFrom([]string{`"Jane"`, `""`, `"a \"b\" \\ c"`, `"\u00E9"`, `41`, `-1.5e+3`, `true`, `null`, `"("`, `"]"`})
	compare := rapid.Custom(func(t *rapid.T) string {
		op := rapid.SampledFrom([]string{"eq", "NE", "co", "sw", "ew"}).Draw(t, "op")
		return names.Draw(t, "name") + " " + op + " " + values.Draw(t, "value")
	})
	present := rapid.Map(names, func(name string) string { return name + " pr" })
	value := rapid.Map(compare, func(inner string) string { return "emails[ " + inner + " ]" })
	if depth == 0 {
		return rapid.OneOf(compare, present, value)
	}
	inner := rapid.Deferred(func() *rapid.Generator[string] { return filterText(depth - 1) })
	return rapid.OneOf(compare, present, value,
		rapid.Map(inner, func(s string) string { return "(" + s + ")" }),
		rapid.Map(inner, func(s string) string { return "not (" + s + ")" }),
		rapid.Custom(func(t *rapid.T) string { return inner.Draw(t, "left") + " and " + inner.Draw(t, "right") }),
		rapid.Custom(func(t *rapid.T) string { return inner.Draw(t, "left") + "  OR " + inner.Draw(t, "right") }),
	)
}

func TestFilterTreeIsTheOracles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := filterText(3).Draw(t, "filter")
		want, err := oracle.ParseFilterNumber([]byte(text))
		if err != nil {
			t.Fatalf("the oracle refuses %s: %v", text, err)
		}
		f, err := ParseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := draw(f.root); got != drawOracle(want) {
			t.Fatalf("%s: parsed as %s; the oracle says %s", text, got, drawOracle(want))
		}
	})
}

func TestFilterObeysDeMorgan(t *testing.T) {
	r := decode(t, jane)
	rapid.Check(t, func(t *rapid.T) {
		a, b := filterText(2).Draw(t, "a"), filterText(2).Draw(t, "b")
		left := mustParse(t, fmt.Sprintf("not ((%s) and (%s))", a, b))
		right := mustParse(t, fmt.Sprintf("not (%s) or not (%s)", a, b))
		if left.Match(r) != right.Match(r) {
			t.Fatalf("%s says %t, %s says %t", left, left.Match(r), right, right.Match(r))
		}
	})
}

func mustParse(t *rapid.T, text string) Filter {
	f, err := ParseFilter(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

// draw writes a tree in one form for both parsers.
func draw(n node) string {
	switch n := n.(type) {
	case logical:
		word := map[bool]string{true: "and", false: "or"}[n.and]
		return fmt.Sprintf("(%s %s %s)", draw(n.left), word, draw(n.right))
	case negation:
		return "not " + draw(n.inner)
	case valuePath:
		return fmt.Sprintf("%v[%s]", n.path, draw(n.inner))
	case comparison:
		return fmt.Sprintf("%v %s %#v", n.path, n.op, n.literal)
	}
	return "?"
}

func drawOracle(e oracle.Expression) string {
	switch e := e.(type) {
	case *oracle.LogicalExpression:
		return fmt.Sprintf("(%s %s %s)", drawOracle(e.Left), e.Operator, drawOracle(e.Right))
	case *oracle.NotExpression:
		return "not " + drawOracle(e.Expression)
	case *oracle.ValuePath:
		return fmt.Sprintf("%v[%s]", oraclePath(e.AttributePath), drawOracle(e.ValueFilter))
	case *oracle.AttributeExpression:
		return fmt.Sprintf("%v %s %#v", oraclePath(e.AttributePath), e.Operator, oracleLiteral(e.CompareValue))
	}
	return "?"
}

func oraclePath(p oracle.AttributePath) attrPath {
	return attrPath{p.URI(), p.AttributeName, p.SubAttributeName()}
}

// oracleLiteral unescapes: the oracle leaves a text as it is written.
func oracleLiteral(value any) any {
	switch v := value.(type) {
	case string:
		var out string
		_ = json.Unmarshal([]byte(`"`+v+`"`), &out)
		return out
	case json.Number:
		number, _ := v.Float64()
		return number
	}
	return value
}

func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{
		`userName eq "jane"`, `emails[type eq "work" and (value co "x")] or not (a.b pr)`, `urn:a:2.0:b:c gt 1e9`,
		`userName eq "a\"b\\" AND x ne null`, `((((a pr))))`, `a eq "\u00e9"`, "a eq \"\xc3\"", `$ref pr`, `not`, `not (`, `a[`, `a[b pr].c pr`,
	} {
		f.Add(seed)
	}
	r := decode(f, jane)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseFilter(text)
		if err != nil {
			if e, ok := errors.AsType[*Error](err); !ok || e.ScimType != InvalidFilter || e.Detail == "" {
				t.Fatalf("%q: refused with %v", text, err)
			}
			if _, wrong := oracle.ParseFilterNumber([]byte(text)); wrong == nil && !stricter(err) {
				t.Fatalf("%q: the oracle takes it, and we say %v", text, err)
			}
			return
		}
		if strings.TrimSpace(text) == "" {
			t.Fatalf("%q parsed", text)
		}
		filter.Match(r)
		filter.Equality("userName")
	})
}

// stricter names what we refuse by intention and the oracle takes: an order of booleans, what is too long or
// too deep, broken UTF-8, prefixes that are no URN.
func stricter(err error) bool {
	for _, ours := range []string{"cannot be asked", "inside each other", "longer", "UTF-8", "no schema URN"} {
		if strings.Contains(err.Error(), ours) {
			return true
		}
	}
	return false
}

func BenchmarkParseFilter(b *testing.B) {
	for b.Loop() {
		if _, err := ParseFilter(`userName eq "jane.doe.12345@example.com"`); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOracleParseFilter(b *testing.B) {
	for b.Loop() {
		if _, err := oracle.ParseFilterNumber([]byte(`userName eq "jane.doe.12345@example.com"`)); err != nil {
			b.Fatal(err)
		}
	}
}
