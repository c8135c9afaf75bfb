package registry

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// CatalogQuery is what a visitor looks for. An empty field does not narrow.
type CatalogQuery struct {
	Text    string // words; every one must be found
	UseCase string
	Feature string // "deactivate_users": who can do that?
}

// Catalog returns the listings that match, the best match first; without words, by name.
func (s *Service) Catalog(ctx context.Context, q CatalogQuery) ([]Listing, error) {
	all, err := s.Store.Listings(ctx, "", Listed, Deprecated)
	if err != nil {
		return nil, err
	}
	return q.filter(all), nil
}

// CatalogEntry returns the listing with this slug. One that was removed from the catalog answers fault.NotFound
// like one that never was.
func (s *Service) CatalogEntry(ctx context.Context, slug string) (Listing, error) {
	found, err := s.Store.Listings(ctx, slug, Listed, Deprecated)
	if err != nil {
		return Listing{}, err
	}
	if slug == "" || len(found) != 1 {
		return Listing{}, fault.New(fault.NotFound, "There is no such integration in the catalog.")
	}
	return found[0], nil
}

// Release is a published version as the engine installs it. It holds more than pages may show.
type Release struct {
	IntegrationID string
	SubmissionID  string
	Number        int
	Hash          string
	Content       manifest.Content
}

// Release returns a version that is or was published. An installation keeps the one it was made from, also after
// the listing shows a newer one or none; any other state answers fault.NotFound.
func (s *Service) Release(ctx context.Context, submissionID string) (Release, error) {
	d, err := s.Store.Dossier(ctx, Scope{All: true}, submissionID)
	if err != nil {
		return Release{}, err
	}
	sub := d.Submission
	if sub.State != Published && sub.State != Superseded {
		return Release{}, fault.New(fault.NotFound, "This version was not published.")
	}
	return Release{sub.IntegrationID, sub.ID, sub.Number, sub.Hash, sub.Content.Submitted()}, nil
}

// ListingLogo returns the image of a listing that the catalog shows.
func (s *Service) ListingLogo(ctx context.Context, slug string) (manifest.Logo, error) {
	l, err := s.CatalogEntry(ctx, slug)
	if err != nil {
		return manifest.Logo{}, err
	}
	return s.Store.Logo(ctx, l.LogoHash())
}

// ReleaseLogo returns the image of a version that is or was published, and so was everybody's to see.
func (s *Service) ReleaseLogo(ctx context.Context, submissionID string) (manifest.Logo, error) {
	release, err := s.Release(ctx, submissionID)
	if err != nil {
		return manifest.Logo{}, err
	}
	return s.Store.Logo(ctx, release.Content.Text("logo"))
}

// Logo returns the image of a submission that the actor may see.
func (s *Service) Logo(ctx context.Context, actor access.Actor, id string) (manifest.Logo, error) {
	d, err := s.Get(ctx, actor, id)
	if err != nil {
		return manifest.Logo{}, err
	}
	return s.Store.Logo(ctx, d.Submission.LogoHash())
}

func (q CatalogQuery) filter(all []Listing) []Listing {
	type hit struct {
		Listing
		score int
	}
	words := wordsOf(q.Text)
	var hits []hit
	for _, l := range all {
		if q.UseCase != "" && !slices.Contains(l.Public.List("useCases"), q.UseCase) ||
			q.Feature != "" && !slices.Contains(l.Public.List("scim.features"), q.Feature) {
			continue
		}
		if score, ok := rank(l, words); ok {
			hits = append(hits, hit{l, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(strings.ToLower(a.Name()), strings.ToLower(b.Name())), cmp.Compare(a.Slug, b.Slug))
	})
	found := make([]Listing, len(hits))
	for i, h := range hits {
		found[i] = h.Listing
	}
	return found
}

// What a word is worth where it is found; the name's beginning first, then description, then vendor (manager §6).
const (
	scoreNameStart = 100
	scoreName      = 50
	scoreNearName  = 20 // a typing error away
	scoreText      = 10
	scoreVendor    = 5
)

// rank returns how well a listing answers the words; ok is false when one of them is nowhere in it.
func rank(l Listing, words []string) (score int, ok bool) {
	if len(words) == 0 {
		return 0, true
	}
	name, text, vendor := wordsOf(l.Name()), wordsOf(l.Public.Text("description")), wordsOf(l.Vendor)
	for _, c := range l.Capabilities() {
		if c.Has {
			text = append(text, wordsOf(c.Label)...)
		}
	}
	text = append(text, "scim", l.Public.Text("scim.version"))
	for i, w := range words {
		begins := func(other string) bool { return strings.HasPrefix(other, w) }
		switch {
		case i < len(name) && begins(name[i]):
			score += scoreNameStart
		case slices.ContainsFunc(name, begins):
			score += scoreName
		case slices.ContainsFunc(name, func(other string) bool { return near(w, other) }):
			score += scoreNearName
		case slices.ContainsFunc(text, begins):
			score += scoreText
		case slices.ContainsFunc(vendor, begins):
			score += scoreVendor
		default:
			return 0, false
		}
	}
	return score, true
}

// wordsOf splits a text into small words without accents; "2.0" stays one word.
func wordsOf(text string) []string {
	plain := strings.Map(func(r rune) rune {
		if r >= 0x300 && r < 0x370 {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' })
	for i, w := range words {
		words[i] = strings.Trim(w, ".")
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// near reports whether two words of four letters or more differ by one letter put in, left out, replaced, or by
// two neighbours swapped.
func near(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) < 4 || len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return string(x[i:]) == string(y[i+1:])
	}
	if i == len(x) || string(x[i+1:]) == string(y[i+1:]) {
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
}
