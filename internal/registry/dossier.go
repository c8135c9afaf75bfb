package registry

import (
	"slices"
	"strings"

	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// Dossier is everything about one submission that a decision needs, read at one moment.
type Dossier struct {
	Submission Submission
	Findings   Findings     // oldest first
	Waivers    Waivers      // of the integration, newest first
	Verdicts   Verdicts     // newest first
	Secrets    []SecretMark // which secrets are stored; never their values
	Published  *Submission  // the version that the catalog shows, nil when there is none
	Listing    *Listing     // of the integration, in whatever state; nil before the first publication
}

// Has reports whether a secret or a value of the test connection is stored.
func (d Dossier) Has(key string) bool {
	return slices.ContainsFunc(d.Secrets, func(m SecretMark) bool { return m.Key == key })
}

// ChangesSincePublished is what an update does to the version that the catalog shows; empty for a new integration.
func (d Dossier) ChangesSincePublished() []manifest.Change {
	if d.Published == nil {
		return nil
	}
	return manifest.Diff(d.Published.Content, d.Submission.Content)
}

// ChangesSinceReviewed is what the vendor changed after the team last returned it.
func (d Dossier) ChangesSinceReviewed() []manifest.Change {
	if d.Submission.ReviewedContent == nil {
		return nil
	}
	return manifest.Diff(d.Submission.ReviewedContent, d.Submission.Content)
}

// ConnectionGaps says what the lab lacks to reach the target, one sentence each.
func (d Dossier) ConnectionGaps() []string {
	var gaps []string
	if _, err := d.Submission.Content.SCIM(); err != nil {
		gaps = append(gaps, fault.Show(err).Message)
		for _, f := range fault.Show(err).Fields {
			gaps = append(gaps, f.Message)
		}
		return gaps
	}
	for _, f := range manifest.ConnectionFields(d.Submission.Content) {
		if !d.Has(f.Key) {
			gaps = append(gaps, f.Label+" is missing.")
		}
	}
	return gaps
}

// covered reports whether the pass still speaks for the target: the test connection was not changed since that run was
// asked for.
func (d Dossier) covered() bool {
	pass, ok := d.Verdicts.Pass(d.Submission.Hash)
	since := pass.At
	if pass.RunID == d.Submission.RunID {
		since = d.Submission.RunAskedAt
	}
	return ok && !slices.ContainsFunc(d.Secrets, func(m SecretMark) bool {
		return strings.HasPrefix(m.Key, connectionPrefix) && m.SetAt.After(since)
	})
}

// Flag is something that a reviewer should know before anything else.
type Flag struct {
	Code string // "existing", "wrong_org", "unknown_listing"
	Text string
	Slug string // the listing it is about, where there is one
}

// flags compares what a new submission says about an existing listing with the listings there are.
func (d Dossier) flags(names []ListingName) []Flag {
	c := d.Submission.Content
	if d.Submission.IsUpdate() {
		return nil
	}
	claimed, own := c.Text("existingName"), d.Submission.OrgID
	i := slices.IndexFunc(names, func(n ListingName) bool { return strings.EqualFold(n.Name, claimed) })
	twin := slices.IndexFunc(names, func(n ListingName) bool { return n.OrgID == own && strings.EqualFold(n.Name, c.Text("name")) })
	switch {
	case !c.Yes("existing") && twin < 0:
		return nil
	case !c.Yes("existing"):
		return []Flag{{Code: "duplicate", Text: "It says that it is new, but the org has a listing " + names[twin].Name + " already. Ask whether an update is meant.", Slug: names[twin].Slug}}
	case i < 0:
		return []Flag{{Code: "unknown_listing", Text: "It says that " + claimed + " is listed already, but there is no such listing."}}
	case names[i].OrgID != own:
		return []Flag{{Code: "wrong_org", Text: "It says that it updates " + claimed + ", which belongs to another org. Reject it, unless ownership was transferred.", Slug: names[i].Slug}}
	}
	return []Flag{{Code: "existing", Text: "The org has a listing " + claimed + " already. An update would keep its address.", Slug: names[i].Slug}}
}
