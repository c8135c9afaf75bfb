package runscope

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Known is a published suite that can be recognised by its hashes.
type Known struct {
	Name      string // as in the file
	File      string // SHA-256 of the published file in hex, or its beginning, at least 16 digits
	Canonical string // CanonicalHash of the suite in it, "" if it is not known
}

// Origin says how a suite relates to a published one. A green run of an edited copy proves less than one of the
// original, so a report must not show them alike.
type Origin string

const (
	Original   Origin = "original"               // byte for byte
	ReExported Origin = "original (re-exported)" // the same content, written anew
	Modified   Origin = "modified"               // a published suite's name with other content
	NameOnly   Origin = "name only"              // a published suite's name; nobody here knows what its content is
	Unknown    Origin = "unknown"
)

// describe is the origin of the suite with that name as reports show it.
func (o Origin) describe(name string) string {
	switch o {
	case Original:
		return "published and unmodified"
	case ReExported:
		return "published; re-exported, same content"
	case Modified:
		return "modified copy of " + name
	case NameOnly:
		return "name known, content not recognised"
	case Unknown:
		return "not known"
	}
	return "" // a result from before origins were kept
}

// Recognise compares s with the published suites and returns the one it comes from.
func Recognise(s Suite, published []Known) (Origin, Known) {
	canonical := s.CanonicalHash()
	origin, source := Unknown, Known{}
	for _, k := range published {
		switch {
		case len(k.File) >= 16 && strings.HasPrefix(s.fileHash, strings.ToLower(k.File)):
			return Original, k
		case k.Canonical != "" && strings.EqualFold(k.Canonical, canonical):
			origin, source = ReExported, k
		case origin == ReExported || k.Name != s.Name:
		case k.Canonical != "":
			origin, source = Modified, k
		case origin == Unknown: // a new export would look like an edit
			origin, source = NameOnly, k
		}
	}
	return origin, source
}

// volatile are the members of a suite that change with every export.
var volatile = []string{
	"exported_at", "trigger_url", "test_usage_90_days", "test_usage_billing_period", "last_run", "last_run_created_at", "step_count",
}

// CanonicalHash is the SHA-256 in hex of the suite as JSON with sorted keys, without what changes with every export.
func (s Suite) CanonicalHash() string {
	decoder := json.NewDecoder(bytes.NewReader(s.original))
	decoder.UseNumber()
	var members map[string]any
	if decoder.Decode(&members) != nil {
		return "" // a Suite that Import did not make
	}
	for _, key := range volatile {
		delete(members, key)
	}
	canonical, err := json.Marshal(members)
	if err != nil {
		return ""
	}
	return hexHash(canonical)
}
