package lab

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"slipway/internal/manifest"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/scimtest"
)

// What a vendor promises is judged, whatever the service says of itself.
func TestWhatIsPromisedIsJudged(t *testing.T) {
	always := []string{manifest.CreateUsers, manifest.UpdateUsers, manifest.DeactivateUsers}
	for _, tt := range []struct {
		feature string
		defects []string
		without string // a path that is not there
		finding string
	}{
		{manifest.SyncPassword, []string{"discovery.spc.required", "okta.password.sync"}, "", "okta.password.sync"},
		{manifest.SchemaDiscovery, nil, "/Schemas", "discovery.schemas.present"},
		{manifest.SchemaDiscovery, nil, "/ResourceTypes", "discovery.rt.present"},
		{manifest.ProfileSourcing, []string{"okta.import.delta-new"}, "", "okta.import.delta-new"},
	} {
		t.Run(tt.feature+tt.without, func(t *testing.T) {
			t.Parallel()
			sound := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(tt.defects...))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.without != "" && strings.Contains(r.URL.Path, tt.without) {
					http.NotFound(w, r)
					return
				}
				sound.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			s := subject(server.URL + scimtest.BasePath)
			s.Features = always
			if rep := Run(t.Context(), s, Unwatched{}); rep.Verdict != report.Passed {
				t.Errorf("not promised: %s, %s", rep.Verdict, rep.Reason)
			}
			s.Features = append(slices.Clip(always), tt.feature)
			rep := Run(t.Context(), s, Unwatched{})
			if c := check(t, rep, tt.finding); rep.Verdict != report.Failed || c.Verdict != report.Failed || !c.Blocking {
				t.Errorf("promised: %s; %s is %s and blocks: %t", rep.Verdict, tt.finding, c.Verdict, c.Blocking)
			}
			s.Proven = "2026.11.4"
			newlyJudged := slices.ContainsFunc(Checks(), func(c Check) bool { return c.ID == tt.finding && c.Since != "" })
			if rep := Run(t.Context(), s, Unwatched{}); (rep.Verdict == report.Passed) != newlyJudged {
				t.Errorf("proven before it was judged so: %s, %s", rep.Verdict, rep.Reason)
			}
		})
	}
}

// A feature that a vendor can declare, and that nothing can fail, would be proven by saying so.
func TestEveryPromiseCanFail(t *testing.T) {
	field, known := manifest.Find("scim.features")
	if !known {
		t.Fatal("the manifest has no features any more")
	}
	for _, o := range field.Options {
		f := o.Value
		declared := run{subject: Subject{Features: []string{f}}}
		if !slices.ContainsFunc(Checks(), func(c Check) bool {
			return c.Promise == f || c.Feature != "" && c.Blocks(report.ProfileNetwork) && declared.declared(c.Feature)
		}) {
			t.Errorf("nothing blocks where %s is declared", f)
		}
	}
}

func TestNewerCatalogues(t *testing.T) {
	for _, tt := range []struct {
		one, other string
		want       bool
	}{
		{"2026.11.5", "2026.11.4", true}, {"2026.11.10", "2026.11.9", true}, {"2027.1", "2026.12.30", true},
		{"2026.11.5", "2026.11.5", false}, {"2026.11.9", "2026.11.10", false}, {"", "2026.11.4", false},
	} {
		if newer(tt.one, tt.other) != tt.want {
			t.Errorf("%q is newer than %q: %t", tt.one, tt.other, !tt.want)
		}
	}
}

// There are tenants that take only people of their own domain, with a value in an attribute of their own.
func TestATenantWithWishesOfItsOwn(t *testing.T) {
	refused := 0
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		whole := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Users") || r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/Users/")
		if bytes.Contains(body, []byte("@example.com")) || whole && bytes.Contains(body, []byte(`"userName":"`)) && !bytes.Contains(body, []byte(`"costCenter":"`)) {
			refused++
			w.Header().Set("Content-Type", scim.MediaType)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"schemas":["`+scim.SchemaError+`"],"status":"400","scimType":"invalidValue","detail":"Only people of acme.test, with a cost centre."}`)
			return
		}
		sound.ServeHTTP(w, r)
	})
	s := subject(base)
	if rep := Run(t.Context(), s, Unwatched{}); rep.Verdict != report.Failed {
		t.Errorf("with usual people: %s", rep.Verdict)
	}
	refused = 0
	s.Domain, s.Attributes = "acme.test", map[string]any{scim.SchemaEnterpriseUser: map[string]any{"costCenter": "4130"}}
	rep := Run(t.Context(), s, Unwatched{})
	if rep.Verdict != report.Passed || refused > 0 {
		t.Errorf("with people as it wants them: %s, %d refused, %v", rep.Verdict, refused, found(rep))
	}
}
