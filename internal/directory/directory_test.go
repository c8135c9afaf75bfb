package directory

import (
	"reflect"
	"strings"
	"testing"

	"slipway/internal/fault"
)

func valid() Profile {
	return Profile{UserName: "jane", GivenName: "Jane", FamilyName: "Doe", Email: "jane@example.com"}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Profile)
		field  string // "" where the profile is fine
	}{
		{"the four required values are enough", func(*Profile) {}, ""},
		{"a user name is required", func(p *Profile) { p.UserName = "" }, "userName"},
		{"a given name is required", func(p *Profile) { p.GivenName = "" }, "givenName"},
		{"an address is required", func(p *Profile) { p.Email = "" }, "email"},
		{"an address has an @", func(p *Profile) { p.Email = "jane" }, "email"},
		{"an address is nothing but an address", func(p *Profile) { p.Email = "Jane <jane@example.com>" }, "email"},
		{"50 characters are enough for a name", func(p *Profile) { p.GivenName = strings.Repeat("ä", 50) }, ""},
		{"51 are too many", func(p *Profile) { p.GivenName = strings.Repeat("ä", 51) }, "givenName"},
		{"a line break in a name could end up in a header", func(p *Profile) { p.DisplayName = "Jane\r\nX: y" }, "displayName"},
		{"a postal address may have lines", func(p *Profile) { p.PostalAddress = "Main Street 1\nSpringfield" }, ""},
		{"but no NUL", func(p *Profile) { p.PostalAddress = "a\x00b" }, "postalAddress"},
		{"broken UTF-8 is refused", func(p *Profile) { p.Title = "\xff" }, "title"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := valid()
			tt.change(&p)
			err := p.Validate()
			if tt.field == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if shown := fault.Show(err); shown.Code != fault.Invalid || len(shown.Fields) != 1 || shown.Fields[0].Key != tt.field {
				t.Errorf("got %v, want %s marked", err, tt.field)
			}
		})
	}
}

// Every field of a profile is declared once, and its key is the one in JSON.
func TestEveryFieldIsDeclared(t *testing.T) {
	declared := map[string]bool{}
	for _, a := range Attributes() {
		if declared[a.Key] {
			t.Errorf("%s is declared twice", a.Key)
		}
		declared[a.Key] = true
		var p Profile
		a.Set(&p, "x")
		field := ""
		for f := range reflect.TypeFor[Profile]().Fields() {
			if reflect.ValueOf(p).FieldByIndex(f.Index).String() == "x" {
				field, _, _ = strings.Cut(f.Tag.Get("json"), ",")
			}
		}
		if field != a.Key || p.Value(a.Key) != "x" {
			t.Errorf("%s sets the field %q", a.Key, field)
		}
	}
	if fields := reflect.TypeFor[Profile]().NumField(); fields != len(declared) {
		t.Errorf("%d of %d fields are declared", len(declared), fields)
	}
}

func TestNameAndTidy(t *testing.T) {
	p := Profile{UserName: " jane ", GivenName: "Jane", FamilyName: " Doe "}.Tidy()
	if p.UserName != "jane" || p.Name() != "Jane Doe" {
		t.Errorf("got %q and %q", p.UserName, p.Name())
	}
	p.DisplayName = "J. Doe"
	if p.Name() != "J. Doe" {
		t.Errorf("with a display name: %q", p.Name())
	}
	if got := (Profile{UserName: "jane"}).Name(); got != "jane" {
		t.Errorf("with a user name alone: %q", got)
	}
}
