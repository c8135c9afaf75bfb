package scimtest

import (
	"bytes"
	"html"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

var textDefects = []Defect{
	{"text.unicode-roundtrip", "Keeps texts in a column for three bytes a character.",
		storing("displayName", func(text string) string {
			return strings.Map(func(c rune) rune {
				if c > 0xffff {
					return '?'
				}
				return c
			}, text)
		})},
	{"text.precis-username", "Compares userNames byte by byte, but for their case.",
		func(_ *Server, st *steps) { st.spell = func(name string) string { return name } }},
	{"text.turkish-i", "Folds the case of names by the rules of Turkish.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if parsed, wrong := scim.ParseFilter(filter); wrong == nil && len(found) == 0 {
				name, _ := parsed.Equality("userName")
				for _, rec := range all {
					if name != "" && dotted(rec.resource.UserName()) == dotted(name) {
						found = append(found, rec)
					}
				}
			}
			return found, err
		})},
	{"text.trim", "Cuts blanks off when it stores, and not when it answers.", storing("name.familyName", strings.TrimSpace)},
	{"text.long-values", "Cuts a title after 255 letters.",
		storing("title", func(text string) string { return text[:min(len(text), 255)] })},
	{"text.html", "Escapes names for HTML when it stores them.",
		storing("displayName", func(text string) string {
			if strings.Contains(text, "<") {
				return html.EscapeString(text)
			}
			return text
		})},
	{"text.control-chars", "Takes NUL for the end of a name.",
		storing("displayName", func(text string) string { before, _, _ := strings.Cut(text, "\x00"); return before })},
	{"text.json-escapes", "Knows no escaped slash.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			if bytes.Contains(x.body, []byte(`\/`)) {
				return *refused(http.StatusBadRequest, "The body must be one JSON object.")
			}
			return sound()
		})},
	{"text.empty-string", "Shows an empty text in the answer to a POST only.",
		forgetting(on(userKind, create), func(_ *exchange, _, kept scim.Resource) {
			if kept.Get("nickName") == "" {
				delete(kept, "nickName")
			}
		})},
}

// dotted folds the case of a name, and takes ı for i.
func dotted(name string) string { return scim.Fold(strings.ReplaceAll(name, "ı", "i")) }

// storing keeps another text of a new user than the answer shows. The path has one dot at most.
func storing(path string, change func(string) string) func(*Server, *steps) {
	return forgetting(on(userKind, create), func(_ *exchange, _, kept scim.Resource) {
		name, sub, isDotted := strings.Cut(path, ".")
		holder := map[string]any(kept)
		if isDotted {
			holder, _ = kept[name].(map[string]any)
			name = sub
		}
		if text, ok := holder[name].(string); ok {
			holder[name] = change(text)
		}
	})
}
