package main

import (
	"context"
	"slices"

	"slipway/internal/access"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

// tour is the demo's six steps, ticked by what has really happened.
func (n *network) tour(ctx context.Context, cast players) ([]views.TourStep, error) {
	own, err := n.ownSubmissions(ctx)
	if err != nil {
		return nil, err
	}
	vendor, err := n.access.Store.UserByID(ctx, cast.as(access.Vendor).PersonID)
	if err != nil {
		return nil, err
	}
	provisioned, err := n.provisioned(ctx, cast.as(access.CustomerAdmin))
	if err != nil {
		return nil, err
	}
	return []views.TourStep{
		{Title: "Sign in as the vendor", Role: "Vendor", Done: vendor.PasswordHash != "",
			Text: "Open the vendor's link from the terminal and set a password.", Link: "/sign-in", LinkText: "Sign in"},
		{Title: "Fill in the form", Role: "Vendor", Done: own.any(own.complete),
			Text: "The draft Pier Desk lacks a description and two answers. Watch the percentages; it saves itself.", Link: "/submissions", LinkText: "My integrations"},
		{Title: "Verify against the live server", Role: "Vendor", Done: own.any(own.proven),
			Text: "One click under Lab. Every check shows its requests and answers.", Link: "/submissions", LinkText: "Open Pier Desk, then Lab"},
		{Title: "Submit, and review it", Role: "Vendor, then reviewer", Done: own.any(own.reviewed),
			Text: "The vendor submits. The reviewer reads content and evidence, and passes it to QA.", Link: "/reviews", LinkText: "Review queue"},
		{Title: "Publish", Role: "Reviewer (has the QA role, too)", Done: own.any(own.published),
			Text: "Passing QA publishes at once: the catalog lists it.", Link: "/catalog", LinkText: "Catalog"},
		{Title: "Install and provision", Role: "Customer admin", Done: provisioned,
			Text: "Install an integration, assign two people, look at the plan, apply it. The accounts exist at the vendor.", Link: "/catalog", LinkText: "Catalog"},
	}, nil
}

// ownSubmissions are those that the reader of the tour works on: all but the one that the demo has brought along.
type ownSubmissions struct {
	ctx  context.Context
	n    *network
	subs []registry.Submission
}

func (n *network) ownSubmissions(ctx context.Context) (ownSubmissions, error) {
	subs, err := n.registry.List(ctx, access.System, registry.Query{})
	subs = slices.DeleteFunc(subs, func(s registry.Submission) bool { return s.Name() == seededName })
	return ownSubmissions{ctx, n, subs}, err
}

func (o ownSubmissions) any(holds func(registry.Submission) bool) bool {
	return slices.ContainsFunc(o.subs, holds)
}

func (o ownSubmissions) complete(s registry.Submission) bool {
	d, err := o.n.registry.Get(o.ctx, access.System, s.ID)
	if err != nil {
		return false
	}
	ready, err := o.n.registry.Readiness(o.ctx, d)
	return err == nil && ready.Complete()
}

func (o ownSubmissions) proven(s registry.Submission) bool {
	d, err := o.n.registry.Get(o.ctx, access.System, s.ID)
	return err == nil && slices.ContainsFunc(d.Verdicts, func(v registry.Verdict) bool { return v.Outcome == registry.Passed })
}

func (o ownSubmissions) reviewed(s registry.Submission) bool {
	return slices.Contains([]registry.State{registry.ToQA, registry.FinalReview, registry.Approved, registry.Published, registry.Superseded}, s.State)
}

func (o ownSubmissions) published(s registry.Submission) bool {
	return s.State == registry.Published || s.State == registry.Superseded
}

// provisioned reports whether the customer has an operation that a target has carried out.
func (n *network) provisioned(ctx context.Context, customer access.Actor) (bool, error) {
	installations, err := n.provision.Installations(ctx, customer)
	if err != nil {
		return false, err
	}
	for _, i := range installations {
		counts, err := n.provision.CountOperations(ctx, customer, i.ID)
		if err != nil || counts[provision.Done] > 0 {
			return err == nil, err
		}
	}
	return false, nil
}
