package scimtest

import (
	"encoding/json"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"slipway/internal/scim"
)

// enforced is a userName in the one spelling of those that are equal (RFC 7644 §5): with letters of the usual width, in
// normal form C (RFC 8265 §3.3). Its case stays; comparisons fold it.
func enforced(userName string) string { return norm.NFC.String(width.Fold.String(userName)) }

// enforce brings the userName of a user who is about to be stored into that spelling.
func (s *Server) enforce(r scim.Resource) {
	if name, ok := r["userName"].(string); ok {
		r["userName"] = s.steps.spell(name)
	}
}

// spelled is a filter for one userName, asked for in that spelling.
func (s *Server) spelled(filter scim.Filter) (scim.Filter, error) {
	name, ok := filter.Equality("userName")
	if !ok || s.steps.spell(name) == name {
		return filter, nil
	}
	text, err := json.Marshal(s.steps.spell(name))
	if err != nil {
		return filter, err
	}
	return scim.ParseFilter("userName eq " + string(text))
}
