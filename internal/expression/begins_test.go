package expression

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBegins(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []Beginning
	}{
		{"/users", []Beginning{{"/users", ""}}},
		{"${ input.u }", []Beginning{{"", "input.u"}}},
		{"${ 'https://' + input.u + '/x' }", []Beginning{{"https://", "input.u"}}},
		{"https://${ input.u }/x", []Beginning{{"https://", "input.u"}}},
		{"https://${ 'api.' + conn.zone }/x", []Beginning{{"https://api.", "conn.zone"}}},
		{"${ input.kind == 'a' ? '/a' : input.path }", []Beginning{{"/a", ""}, {"", "input.path"}}},
		{"${ input.next ?? '/users' }", []Beginning{{"", "input.next"}, {"/users", ""}}},
		{"${ default(input.user?.url, '/users') }", []Beginning{{"", "input.user.url"}, {"/users", ""}}},
		{"${ lower(trim(input.u)) }", []Beginning{{"", "input.u"}}},
		{"${ get(input, 'u') }", []Beginning{{"", "input"}}},
		{"${ input['a.b'] }", []Beginning{{"", "input"}}},
		{"${ uuid() }", []Beginning{{"", Computed}}},
		{"${ '/' + uuid() }", []Beginning{{"/", Computed}}},
		{strings.Repeat("${ a ? 'a' : 'b' }", 10), []Beginning{{"", Computed}}},
		{"${ input.", nil},
		{"${ + }", nil},
	} {
		if diff := cmp.Diff(tt.want, Begins(tt.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}
