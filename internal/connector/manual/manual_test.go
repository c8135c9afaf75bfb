package manual_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/manual"
)

// pages answers with a page for each address; another is not there.
type pages map[string]string

func (p pages) Call(_ context.Context, q engine.Request) (engine.Response, error) {
	page, is := p[q.URL]
	if !is {
		return engine.Response{Status: http.StatusNotFound}, nil
	}
	return engine.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(page)}, nil
}

func TestCheck(t *testing.T) {
	c, err := connector.Load(os.DirFS("../../../examples/acmehr"))
	if err != nil {
		t.Fatal(err)
	}
	guide, reference := c.Definition.Metadata.Docs.UserGuide, c.Definition.Metadata.Docs.APIReference
	whole := `<h1>Version 3</h1><h2>Move user<br>to team</h2><p>Leave other teams; User&nbsp;ID, Teams. Joined.</p><h2>Count Users</h2>Changed since, count`
	for _, tt := range []struct {
		name  string
		pages pages
		says  []string // one finding each
	}{
		{"both pages are there, and complete", pages{guide: strings.ReplaceAll(whole, "&nbsp;", " "), reference: "x"}, nil},
		{"one is not there", pages{guide: strings.ReplaceAll(whole, "&nbsp;", " ")}, []string{reference + " cannot be read: it answers 404"}},
		{"an action is left out", pages{guide: "v1.2 Count Users, Changed since. Count", reference: "x"}, []string{`does not speak of the action "Move User To Team"`}},
		{"a field is left out", pages{guide: "0.7.0 Move User To Team: User ID and Teams; Joined. Count Users", reference: "x"}, []string{`"Changed since"`, `"Leave other teams"`}},
		{"an output is left out", pages{guide: strings.ReplaceAll(strings.ReplaceAll(whole, "&nbsp;", " "), "Joined.", ""), reference: "x"}, []string{`and not of "Joined"`}},
		{"no version is named", pages{guide: strings.ReplaceAll(strings.ReplaceAll(whole, "&nbsp;", " "), "Version 3", "Conversion 3 of 10.5"), reference: "x"}, []string{"does not say of which version"}},
		{"a script is no text", pages{guide: "<script>Move User To Team, Leave other teams, User ID, Teams</script>Version: 1 Count Users Changed since", reference: "x"}, []string{`"Move User To Team"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := manual.Check(t.Context(), tt.pages, c)
			if len(found) != len(tt.says) {
				t.Fatalf("found %v, want %d findings", found, len(tt.says))
			}
			for i, f := range found {
				if f.Code != "SW031" || !strings.Contains(f.Message, tt.says[i]) {
					t.Errorf("found %v, want %q", f, tt.says[i])
				}
			}
		})
	}
}
