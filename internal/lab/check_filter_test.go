package lab

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// What the RFC leaves open about filters on e-mail addresses is no finding; a breakdown and a wrong list are.
func TestFiltersOnAddresses(t *testing.T) {
	const id = "filter.eq.emails-value"
	refuse := func(status int) func(http.ResponseWriter, *http.Request, http.Handler) {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", scim.MediaType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"schemas":["` + scim.SchemaError + `"],"status":"` + itoa(status) + `","scimType":"invalidFilter","detail":"No."}`))
		}
	}
	// instead asks the sound server something else.
	instead := func(filter string) func(http.ResponseWriter, *http.Request, http.Handler) {
		return func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
			query := r.URL.Query()
			query.Set("filter", filter)
			other := r.Clone(r.Context())
			other.URL = &url.URL{Path: r.URL.Path, RawQuery: query.Encode()}
			sound.ServeHTTP(w, other)
		}
	}
	panics := func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
	for _, tt := range []struct {
		name   string
		filter string // whose answer is another: the beginning of the filter
		answer func(http.ResponseWriter, *http.Request, http.Handler)
		want   report.Outcome
		says   string
	}{
		{"a sound server", "nothing", nil, report.Pass, "As it should be."},
		{"both are refused with 400", "emails", refuse(400), report.Pass, "as it may"},
		{"both are refused with 501", "emails", refuse(501), report.Pass, "as it may"},
		{"both are refused with 403", "emails", refuse(403), report.Pass, "as it may"},
		{"emails alone is refused", "emails eq", refuse(400), report.Pass, "as it may"},
		{"emails alone finds nobody", "emails eq", instead(`userName eq "nobody"`), report.Pass, "As it should be."},
		{"emails.value finds nobody", "emails.value eq", instead(`userName eq "nobody"`), report.Fail, "does not find them"},
		{"emails alone panics", "emails eq", panics, report.Fail, "GET /Users"},
		{"emails.value panics", "emails.value eq", panics, report.Fail, "GET /Users"},
		{"emails alone ends in 500", "emails eq", refuse(500), report.Fail, "answered 500"},
		{"emails.value ends in 500", "emails.value eq", refuse(500), report.Fail, "answered 500"},
		{"emails alone lists everybody", "emails eq", instead(`userName pr`), report.Fail, "who has another"},
		{"the answer is no list", "emails", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", scim.MediaType)
			_, _ = w.Write([]byte(`{}`))
		}, report.Fail, "no list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
				if strings.HasPrefix(r.URL.Query().Get("filter"), tt.filter) {
					tt.answer(w, r, sound)
					return
				}
				sound.ServeHTTP(w, r)
			})
			rep := Run(t.Context(), subject(base), Unwatched{})
			if c := check(t, rep, id); c.Outcome != tt.want || !strings.Contains(c.Message, tt.says) {
				t.Errorf("%s: %s; want %s with %q", c.Outcome, c.Message, tt.want, tt.says)
			}
			for _, other := range found(rep) {
				if !slices.Contains([]string{id, "error.5xx-none"}, other) { // a 500 is that as well
					t.Errorf("%s is a finding as well\n%s", other, explain(rep))
				}
			}
		})
	}
}

// Nothing is asked of a server that keeps no addresses.
func TestFiltersOnAddressesThatAreNotKept(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		record := &recorder{ResponseWriter: w}
		sound.ServeHTTP(record, r)
		w.Header().Del("Content-Length")
		w.WriteHeader(record.status)
		_, _ = w.Write([]byte(strings.ReplaceAll(record.body.String(), `"emails":`, `"mails":`)))
	})
	if c := check(t, Run(t.Context(), subject(base), Unwatched{}), "filter.eq.emails-value"); c.Outcome != report.NotApplicable {
		t.Errorf("%s: %s", c.Outcome, c.Message)
	}
}
