package engine

import "testing"

// Covers RFC 8288 §3: a link has relations, which are words.
func TestTheNextLink(t *testing.T) {
	const next = "https://api.example.com/users?page=2"
	for _, tt := range []struct{ link, want string }{
		{`<https://api.example.com/users?page=2>; rel="next"`, next},
		{`<?page=2>; rel=next`, next},
		{`</users?page=1>; rel="first", </users?page=2>; rel="next", </users?page=9>; rel="last"`, next},
		{`</users?page=2>; title="x, y"; rel="last next"`, next},
		{`</users?page=2>; REL = "NEXT"`, next},
		{`</users?page=2>; rel=nextfoo`, ""},
		{`</users?page=2>; rel="next-archive"`, ""},
		{`</users?page=2>; rel="prev"`, ""},
		{"", ""},
	} {
		if got := nextLink("https://api.example.com/users", tt.link); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.link, got, tt.want)
		}
	}
}
