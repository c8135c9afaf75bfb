package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
)

// seed brings one integration into the catalog, a draft to its vendor, and people to the customer: by the calls
// that pages make, one after the other. A database that has a submission is left as it is.
func (n *network) seed(ctx context.Context, cast players, vendorURL string) error {
	vendor := cast.as(access.Vendor)
	subs, err := n.registry.List(ctx, vendor, registry.Query{})
	if err != nil || len(subs) > 0 {
		return err
	}
	if err := n.seedPeople(ctx, cast.as(access.CustomerAdmin)); err != nil {
		return fmt.Errorf("seed people: %w", err)
	}
	base := strings.TrimSuffix(vendorURL, "/scim/v2")
	listed, err := n.seedDraft(ctx, vendor, harborHR(), base)
	if err != nil {
		return fmt.Errorf("seed a listing: %w", err)
	}
	if _, err := n.seedDraft(ctx, vendor, pierDesk(), base); err != nil {
		return fmt.Errorf("seed a draft: %w", err)
	}
	return n.seedListing(ctx, listed, vendor, cast.as(access.Reviewer))
}

// seedDraft fills in a draft as its vendor would.
func (n *network) seedDraft(ctx context.Context, vendor access.Actor, content manifest.Content, base string) (string, error) {
	sub, err := n.registry.StartSubmission(ctx, vendor)
	if err != nil {
		return "", err
	}
	if _, err := n.registry.SaveDraft(ctx, vendor, sub.ID, sub.Version, content); err != nil {
		return "", err
	}
	logo, err := sampleLogo(content.Text("name"))
	if err != nil {
		return "", err
	}
	if _, err := n.registry.UploadLogo(ctx, vendor, sub.ID, logo); err != nil {
		return "", err
	}
	if _, err := n.registry.SaveSecret(ctx, vendor, sub.ID, "testAccount.password", secret.NewText("sample-password")); err != nil {
		return "", err
	}
	_, err = n.registry.SaveConnection(ctx, vendor, sub.ID, manifest.Connection{
		manifest.VariablePrefix + "address": secret.NewText(base), manifest.ConnectionToken: secret.NewText(demoToken),
	})
	return sub.ID, err
}

// seedListing takes a draft through verify, submit, review and QA to the catalog.
func (n *network) seedListing(ctx context.Context, id string, vendor, team access.Actor) error {
	if _, err := n.registry.Verify(ctx, vendor, id); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	sub, err := n.awaitVerdict(ctx, vendor, id)
	if err != nil {
		return err
	}
	if sub, err = n.registry.Submit(ctx, vendor, id, sub.Version, true); err != nil {
		return fmt.Errorf("submit: %w", err)
	}
	var items []string
	for _, item := range registry.InitialChecklist {
		items = append(items, item.ID)
	}
	if sub, err = n.registry.PassInitial(ctx, team, id, sub.Version, items); err != nil {
		return fmt.Errorf("pass initial review: %w", err)
	}
	if _, err = n.registry.PassQA(ctx, team, id, sub.Version); err != nil {
		return fmt.Errorf("pass QA: %w", err)
	}
	return nil
}

// awaitVerdict waits until the lab has spoken on the draft's present content; the workers do the work.
func (n *network) awaitVerdict(ctx context.Context, actor access.Actor, id string) (registry.Submission, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		d, err := n.registry.Get(ctx, actor, id)
		if err != nil {
			return registry.Submission{}, err
		}
		if v, ok := d.Verdicts.Of(d.Submission.Hash); ok {
			if v.Outcome != registry.Passed {
				return registry.Submission{}, fmt.Errorf("the sample vendor did not pass: %s %s", v.Outcome, v.Reason)
			}
			return d.Submission, nil
		}
		select {
		case <-ctx.Done():
			return registry.Submission{}, ctx.Err()
		case <-tick.C:
		}
	}
}

// sample is the part of a content that both samples share.
func sample(name, description string) manifest.Content {
	host := strings.ToLower(strings.ReplaceAll(name, " ", "-")) + ".example.com"
	return manifest.Content{}.
		With("existing", manifest.No).With("name", name).With("website", "https://"+host).With("description", description).
		With("useCases", []string{manifest.LifecycleManagement}).
		With("supportContacts", []map[string]string{{"type": "email", "value": "help@" + host}, {"type": "url", "value": "https://" + host + "/faq"}}).
		With("escalationContact", "network-escalations@"+host).
		With("testAccount.url", "https://"+host+"/login").With("testAccount.username", "network-review@"+host).
		With("testAccount.instructions", "The SCIM base URL and a token stand under Settings, Provisioning. The tenant holds sample data only.").
		With("scim.enabled", manifest.Yes).With("scim.version", "2.0").With("scim.guideUrl", "https://"+host+"/guide").
		With("scim.features", []string{"create_users", "update_users", "deactivate_users", "import_users", "import_groups", "group_push"}).
		With("scim.perTenant", manifest.Yes).
		With("scim.variables", []map[string]string{{"label": "Address", "name": "address", "help": "Where your tenant is, without /scim/v2.", "type": "url"}}).
		With("scim.baseUrlTemplate", "${app.address}/scim/v2").
		With("scim.auth.mode", string(manifest.AuthBearer)).With("scim.patch", manifest.Yes).
		With("scim.usernameIsEmail", manifest.No).With("scim.attributesCleaned", manifest.Yes)
}

// seededName is the integration that the demo brings along.
const seededName = "Harbor HR"

// harborHR is the integration that the demo's catalog lists from the start.
func harborHR() manifest.Content {
	return sample(seededName, "Harbor HR keeps a crew's contracts, shifts and leave. This integration creates an account for everybody who is assigned, keeps name and address up to date, and deactivates the account when somebody leaves.")
}

// pierDesk is the draft that waits for its vendor: only the description and two answers are missing.
func pierDesk() manifest.Content {
	return sample("Pier Desk", "").With("scim.usernameIsEmail", nil).With("scim.patch", nil)
}

// seedPeople fills the customer's directory.
func (n *network) seedPeople(ctx context.Context, admin access.Actor) error {
	for _, name := range []string{
		"Eli Enduser", "Ada Anchor", "Ben Buoy", "Cleo Compass", "Dora Dock", "Finn Ferry", "Gil Galley", "Hana Helm", "Ida Island", "Jon Jib", "Kim Keel", "Lea Lantern",
	} {
		given, family, _ := strings.Cut(name, " ")
		address := strings.ToLower(given+"."+family) + "@example.com"
		if given == "Eli" {
			address = "user@example.com" // the one who can sign in
		}
		person := directory.Person{OrgID: admin.OrgID, Active: true, Profile: directory.Profile{
			UserName: address, GivenName: given, FamilyName: family, Email: address, Title: "Deck hand", Department: "Crew", Locale: "en-US",
		}}
		if _, err := n.directory.Save(ctx, person, n.registry.Clock()); err != nil {
			return err
		}
	}
	return nil
}
