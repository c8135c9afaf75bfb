package manifest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"slipway/internal/fault"
)

func TestTheTypedView(t *testing.T) {
	want := SCIM{
		Version: "2.0", Features: []string{CreateUsers, UpdateUsers, DeactivateUsers}, Patch: true, GroupPatchMax: 200,
		AuthMode: AuthBearer, HeaderName: "Authorization", HeaderFormat: "Bearer {token}",
		Variables: []Variable{{Label: "Sub domain", Name: "sub_domain", Type: VariableString}},
	}
	got, err := acme().SCIM()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(SCIM{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !got.Has(CreateUsers) || got.Has(GroupPush) {
		t.Errorf("features: %v", got.Features)
	}
}

//
func TestWhatTheEngineReads(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(Content) Content
		check  func(SCIM) bool
	}{
		{"no PATCH", change("scim.patch", No), func(s SCIM) bool { return !s.Patch }},
		{"names are e-mails", change("scim.usernameIsEmail", Yes), func(s SCIM) bool { return s.UsernameIsEmail }},
		{"test users are of a domain", change("scim.testDomain", "acme.example"), func(s SCIM) bool { return s.TestDomain == "acme.example" }},
		{"no limit means 100", change("scim.groupPatchMax", nil), func(s SCIM) bool { return s.GroupPatchMax == 100 }},
		{"Basic has no header", change("scim.auth.mode", "basic"), func(s SCIM) bool {
			return s.AuthMode == AuthBasic && s.HeaderName == "" && s.HeaderFormat == ""
		}},
		{"a header of its own", func(c Content) Content {
			return c.With("scim.auth.mode", "header").With("scim.auth.headerName", "X-Api-Key").With("scim.auth.headerFormat", "{token}")
		}, func(s SCIM) bool {
			return s.AuthMode == AuthHeader && s.HeaderName == "X-Api-Key" && s.HeaderFormat == "{token}"
		}},
		{"a header without a name is Authorization", func(c Content) Content {
			return c.With("scim.auth.mode", "header").With("scim.auth.headerFormat", "Token {token}")
		}, func(s SCIM) bool { return s.HeaderName == "Authorization" }},
		{"private addresses are left to the room that dials", func(Content) Content { return static().With("scim.baseUrl", "http://127.0.0.1:8080/scim/v2/") },
			func(s SCIM) bool {
				base, err := s.BaseURL(nil)
				return err == nil && base == "http://127.0.0.1:8080/scim/v2"
			}},
		{"what only people read may be missing", func(c Content) Content {
			return c.With("name", nil).With("scim.guideUrl", nil).With("scim.attributesCleaned", nil).With("scim.demoUrl", "x")
		}, func(s SCIM) bool { return s.Version == "2.0" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := tt.change(acme()).SCIM()
			if err != nil || !tt.check(s) {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

func TestWhatTheEngineCannotWorkWithout(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(Content) Content
		want   []string
	}{
		{"SCIM is off", change("scim.enabled", nil), nil},
		{"no address", change("scim.baseUrlTemplate", nil), []string{"scim.baseUrlTemplate"}},
		{"no mode", change("scim.auth.mode", nil), []string{"scim.auth.mode"}},
		{"a limit that is no number", change("scim.groupPatchMax", "x"), []string{"scim.groupPatchMax"}},
		{"several answers are missing", func(c Content) Content { return c.With("scim.patch", nil).With("scim.version", nil) }, []string{"scim.version", "scim.patch"}},
		{"an invalid variable", change("scim.variables", []map[string]string{{"label": "Sub domain", "name": "sub_domain"}}), []string{"scim.variables.0.type"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.change(acme()).SCIM()
			var got []string
			for _, f := range fault.Show(err).Fields {
				got = append(got, f.Key)
			}
			if fault.CodeOf(err) != fault.Invalid || !slices.Equal(got, tt.want) {
				t.Errorf("%v: fields %v, want %v", err, got, tt.want)
			}
		})
	}
}
