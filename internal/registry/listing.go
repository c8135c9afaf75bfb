package registry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"slipway/internal/manifest"
)

// Listing is the public face of an integration. It holds nothing that the catalog may not show: no escalation
// contact, no test account, no address of the target.
type Listing struct {
	IntegrationID string
	OrgID         string
	Vendor        string // name of the org that owns it
	Slug          string // given once, kept for ever: "acme-directory"
	State         State
	Version       int64 // optimistic lock
	SubmissionID  string
	Number        int    // the version that is shown
	Hash          string // and its content hash
	Public        manifest.Content
	ListedAt      time.Time // first publication
	PublishedAt   time.Time // of this version
	ProvenAt      time.Time // when a lab run of exactly this content last passed
	Watch         Watch     // the daily looks since it was published
	Ending        Ending    // why and when it ends; zero where it does not
}

// Name is the app's name.
func (l Listing) Name() string { return l.Public.Text("name") }

// LogoHash names the image to serve.
func (l Listing) LogoHash() string { return l.Public.Text("logo") }

// Visible reports whether the catalog shows it; a delisted or revoked one is gone from search and cannot be
// installed anew.
func (l Listing) Visible() bool { return l.State == Listed || l.State == Deprecated }

// Capability is one line of the listing's table: what the integration can do, and whether it does.
type Capability struct {
	Feature string // manifest's name of it
	Label   string
	Has     bool
}

// Capabilities returns every feature that an integration may have, in the form's order.
func (l Listing) Capabilities() []Capability {
	field, _ := manifest.Find("scim.features")
	has := l.Public.List("scim.features")
	all := make([]Capability, len(field.Options))
	for i, o := range field.Options {
		all[i] = Capability{Feature: o.Value, Label: o.Label, Has: slices.Contains(has, o.Value)}
	}
	return all
}

// UseCases returns the chosen use cases as the catalog writes them.
func (l Listing) UseCases() []manifest.Option {
	field, _ := manifest.Find("useCases")
	chosen := l.Public.List("useCases")
	return slices.DeleteFunc(slices.Clone(field.Options), func(o manifest.Option) bool { return !slices.Contains(chosen, o.Value) })
}

// publicPart is what the catalog shows of a content: the fields declared as public, and no other.
func publicPart(c manifest.Content) manifest.Content {
	all, public := c.Submitted(), manifest.Content{}
	for _, f := range manifest.Fields() {
		if f.Visibility == manifest.VisPublic {
			public = public.With(f.Key, all.Get(f.Key))
		}
	}
	return public
}

// Preview is the listing as it would be if the submission were published now: the vendor sees the card and the
// page as customers will.
func (d Dossier) Preview() Listing {
	s := d.Submission
	return Listing{
		IntegrationID: s.IntegrationID, OrgID: s.OrgID, Vendor: s.OrgName, Slug: slugOf(s.Name()), State: Unlisted,
		SubmissionID: s.ID, Number: s.Number, Hash: s.Hash, Public: publicPart(s.Content),
	}
}

// replaced returns the listing that shows a published submission: a new one, or the old one with the new version.
// pass is the lab run that proves it.
func (l Listing) replaced(s Submission, pass Verdict, now time.Time) Listing {
	next := l
	next.IntegrationID, next.OrgID, next.Vendor = s.IntegrationID, s.OrgID, s.OrgName
	next.SubmissionID, next.Number, next.Hash = s.ID, s.Number, s.Hash
	next.Public = publicPart(s.Content)
	next.Version++
	next.PublishedAt, next.ProvenAt, next.Watch = now, pass.At, Watch{}
	if next.ListedAt.IsZero() {
		next.ListedAt = now
	}
	return next
}

const maxSlug = 60

// slugOf makes a readable name for URLs: "Crème & Söhne 2" is "creme-sohne-2".
func slugOf(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 0x300 && r < 0x370: // an accent, split off its letter
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	if slug := strings.Trim(b.String(), "-"); slug != "" {
		return slug
	}
	return "integration"
}

// freeSlug returns the slug, with a number where it is taken.
func freeSlug(name string, taken func(string) bool) string {
	slug := slugOf(name)
	for n, candidate := 2, slug; ; n++ {
		if !taken(candidate) {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d", slug, n)
	}
}
