package runscope

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testScope(values map[string]string) scope {
	lookup := func(name string) (string, bool) { value, ok := values[name]; return value, ok }
	return scope{lookup: lookup, builtins: &builtins{
		now: func() time.Time { return noon }, rand: rand.New(rand.NewPCG(1, 0)), secret: lookup,
		context: map[string]string{"runscope_region": "here"},
	}}
}

// Covers C08.
func TestTemplate(t *testing.T) {
	s := testScope(map[string]string{"x": "X", "SCIM Base URL": "https://scim.example.com", "x)": "odd", "braces": "{{x}}", "id": "7"})
	for _, tt := range []struct{ name, text, want string }{
		{"no template", "plain } text {", "plain } text {"},
		{"a name with blanks", "{{SCIM Base URL}}/Users", "https://scim.example.com/Users"},
		{"blanks around a name", "{{ x }}", "X"},
		{"stray braces behind", "{{x}}}}", "X}}"},
		{"stray braces before", "{{{{x}}", "{{X"},
		{"a brace before, as in JSON", `{{{x}}}`, "{X}"},
		{"in a JSON body", `{"a":{"b":{{id}}}}`, `{"a":{"b":7}}`},
		{"two in a row", "{{x}}{{id}}", "X7"},
		{"never closed", "{{x", "{{x"},
		{"an opening that is never closed before one that is", "{{ {{x}}", "{{ X"},
		{"values are not templates", "{{braces}}", "{{x}}"},
		{"a name that looks like a call", "{{x)}}", "odd"},
		{"nested arguments", "{{encode_base64({{x}}:{{id}})}}", "WDo3"},
		{"a function within a function", "{{md5({{encode_base64({{x}})}})}}", "4f9f41abd0f0a5f8d5b9a1cfb2da6bd7"},
		{"the run's own names", "{{runscope_region}}", "here"},
		{"empty brackets", "{{timestamp()}}", "1795780800"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.expand(tt.text)
			if tt.name == "a function within a function" {
				tt.want = encode("md5", []string{"WA=="})
			}
			if err != nil || got != tt.want {
				t.Errorf("%s became %q, %v; want %q", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestTemplateWithoutValue(t *testing.T) {
	s := testScope(map[string]string{"x": "X"})
	for _, tt := range []struct {
		name, text string
		missing    []string // nil: another error
	}{
		{"a name that nobody set", "{{x}} {{y}} {{z}}", []string{"y", "z"}},
		{"case matters", "{{X}}", []string{"X"}},
		{"within arguments", "{{md5({{y}})}}", []string{"y"}},
		{"an unknown function", "{{rot13({{x}})}}", []string{"rot13({{x}})"}},
		{"a secret that was not given", "{{get_secret(k)}}", []string{"k"}},
		{"nothing", "{{}}", []string{""}},
		{"too few arguments", "{{hmac_sha1(a)}}", nil},
		{"too many arguments", "{{timestamp(1)}}", nil},
		{"one bound of two", "{{random_int(1)}}", nil},
		{"bounds the wrong way round", "{{random_int(2,1)}}", nil},
		{"a text too long", "{{random_string(1001)}}", nil},
		{"no time", "{{format_timestamp(soon, YYYY)}}", nil},
		{"no number", "{{timestamp_offset(x)}}", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.expand(tt.text)
			missing, ok := errors.AsType[*missingError](err)
			switch {
			case err == nil:
				t.Errorf("%s has a value", tt.text)
			case ok != (tt.missing != nil):
				t.Errorf("%s: %v", tt.text, err)
			case ok && !cmp.Equal(missing.names, tt.missing):
				t.Errorf("%s misses %q, want %q", tt.text, missing.names, tt.missing)
			}
		})
	}
}

func TestTemplateGrowth(t *testing.T) {
	s := testScope(map[string]string{"big": strings.Repeat("x", 1<<20)})
	if _, err := s.expand(strings.Repeat("{{big}}", 5)); err == nil {
		t.Error("a text of 5 MiB was made")
	}
}

// Covers C11: bounds are inclusive, and the same seed gives the same values.
func TestRandomBuiltins(t *testing.T) {
	s, again := testScope(nil), testScope(nil)
	seen := map[string]bool{}
	for range 200 {
		value, err := s.expand("{{random_int(-1, 1)}}")
		if err != nil {
			t.Fatal(err)
		}
		seen[value] = true
		if other, _ := again.expand("{{random_int(-1,1)}}"); other != value {
			t.Fatalf("the same seed gave %s and %s", value, other)
		}
	}
	if diff := cmp.Diff(map[string]bool{"-1": true, "0": true, "1": true}, seen); diff != "" {
		t.Errorf("values between -1 and 1 (-want +got):\n%s", diff)
	}
	if id, _ := s.expand("{{uuid}}"); len(id) != 36 || id[14] != '4' || !strings.ContainsRune("89ab", rune(id[19])) {
		t.Errorf("%q is no UUID of version 4", id)
	}
	if _, err := s.expand("{{random_int(-9223372036854775808, 9223372036854775807)}}"); err != nil {
		t.Errorf("the widest bounds: %v", err)
	}
}

func TestTemplateNames(t *testing.T) {
	got := templateNames("{{a}} {{ b c }} {{uuid}} {{md5({{d}}, x)}} {{runscope_bucket}} {{nope({{e}})}}")
	if diff := cmp.Diff([]string{"a", "b c", "d", "nope({{e}})"}, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"{{x}}}}", "{{{x}}", "{{md5({{x}},{{y}})}}", "{{random_string(3)}}", "{{((((", "{{hmac_sha1(a,b)}}", "{{format_timestamp(1e9,YY)}}", "{{timestamp_offset(9223372036854775807)}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := testScope(map[string]string{"x": "X"})
		got, err := s.expand(text)
		if err == nil && !strings.Contains(text, "{{") && got != text {
			t.Errorf("%q became %q without a template in it", text, got)
		}
		templateNames(text)
		encodeURL(got)
	})
}
