package registry

import (
	"context"
	"fmt"
	"slices"

	"slipway/internal/access"
)

// post writes the mails of all moves into the change, once it is complete.
func (t *turn) post(ctx context.Context) error {
	var facts *mailFacts
	for _, e := range t.change.Events {
		for _, id := range e.Mails {
			if facts == nil {
				f := t.mailFacts()
				facts = &f
			}
			if err := t.write(ctx, *facts, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *turn) write(ctx context.Context, f mailFacts, id MailID) error {
	groups, err := t.readers(ctx, letters[id].to)
	if err != nil {
		return err
	}
	subject, body, err := f.write(id)
	if err != nil {
		return err
	}
	for _, to := range groups {
		t.change.Mails = append(t.change.Mails, Mail{
			ID: t.s.NewID("mail"), Kind: id, To: to, Subject: subject, Body: body,
			SubmissionID: t.change.Submission.ID, OrgID: t.change.Submission.OrgID, CreatedAt: t.now,
		})
	}
	return nil
}

// readers returns who gets a letter, one mail for each group. Customers do not see each other's addresses, and
// vendors not those of reviewers.
func (t *turn) readers(ctx context.Context, to reader) ([][]string, error) {
	sub := t.change.Submission
	switch to {
	case theSubmitter:
		return groups([]string{sub.SubmittedBy.Email}), nil
	case theTeam:
		team, err := t.s.Store.Addresses(ctx, TeamMembers, "")
		return groups(team), err
	case theCustomers:
		customers, err := t.s.Store.Addresses(ctx, CustomerAdmins, sub.IntegrationID)
		each := make([][]string, len(customers))
		for i, address := range customers {
			each[i] = []string{address}
		}
		return groups(each...), err
	}
	admins, err := t.s.Store.Addresses(ctx, OrgAdmins, sub.OrgID)
	vendor := slices.Concat([]string{sub.SubmittedBy.Email}, admins)
	switch to {
	case theVendorAnd:
		vendor = append(vendor, sub.Content.Text("escalationContact"))
	case theParties:
		return groups(vendor, []string{t.before.Assignee.Email}), err
	}
	return groups(vendor), err
}

// groups drops blank and repeated addresses, and groups without any.
func groups(all ...[]string) [][]string {
	var kept [][]string
	for _, group := range all {
		if addresses := distinct(group...); len(addresses) > 0 {
			kept = append(kept, addresses)
		}
	}
	return kept
}

// mailFacts is what letters tell about this turn.
func (t *turn) mailFacts() mailFacts {
	sub := t.change.Submission
	f := factsOf(sub, t.openFindings(), t.dossier.ChangesSincePublished())
	f.Link = t.s.Address + "/submissions/" + sub.ID
	f.Contact = t.s.Contact
	f.Reason, f.Code = t.facts.Reason.Text, t.facts.Reason.Code
	f.OldETA = dateText(t.before.ETA)
	f.WithdrawOn = dateText(sub.EnteredAt.Add(StaleAfter))
	f.PurgeOn = dateText(sub.PublishedAt.Add(PurgeAfter))
	f.Purged = t.do == Purge
	f.By = t.actor.Name
	if t.actor.PersonID == access.System.PersonID {
		f.By = "the network, because it was not answered for 60 days"
	}
	if v, ok := t.facts.Verdicts.Of(sub.Hash); ok {
		f.Failed = v.Failed
		if f.Reason == "" {
			f.Reason = v.Reason
		}
	}
	if l := t.listing(); l != nil {
		f.CatalogLink, f.TeamLink = t.s.Address+"/catalog/"+l.Slug, t.s.Address+"/listings/"+l.Slug
		f.ends(t, l.State)
	}
	return f
}

// ends adds what letters tell about the end of a listing, or its return.
func (f *mailFacts) ends(t *turn, state State) {
	switch t.do {
	case Delist, Revoke, Relist, Deprecate, Decline:
		f.Status = state.Label()
	}
	f.Revoked, f.Date = t.do == Revoke, dateText(t.facts.Date)
	if t.do == Relist {
		f.Changes = "nothing; it is back in the catalog"
	}
	if t.facts.Successor != "" {
		f.Successor, f.SuccessorLink = oneLine(t.facts.SuccessorName), t.s.Address+"/catalog/"+t.facts.Successor
	}
}

func (t *turn) listing() *Listing {
	if t.change.Listing != nil {
		return t.change.Listing
	}
	return t.dossier.Listing
}

// openFindings returns the findings as they stand after the change.
func (t *turn) openFindings() Findings {
	all := slices.Clone(t.dossier.Findings)
	for _, f := range t.change.Findings {
		if i := slices.IndexFunc(all, func(old Finding) bool { return old.ID == f.ID }); i >= 0 {
			all[i] = f
		} else {
			all = append(all, f)
		}
	}
	return all.Open()
}

// setReason keeps why something was done, for guards, history and mails.
func (t *turn) setReason(code, format string, args ...any) {
	t.facts.Reason = Reason{Code: code, Text: fmt.Sprintf(format, args...)}
}
