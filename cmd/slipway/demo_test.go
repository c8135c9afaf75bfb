package main

import (
	"regexp"
	"testing"
	"time"

	"slipway/internal/browser"
	"slipway/internal/registry"
	"slipway/internal/require"
)

// A newcomer starts the demo, opens the links that it prints, and takes the tour to its end.
//
func TestTheDemosTour(t *testing.T) {
	t.Parallel()
	require.Slow(t)
	demo := program{path: buildProgram(t), args: []string{"demo", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--vendor", "127.0.0.1:0"}}.start(t)
	address := demo.printed(`Slipway demo: (\S+)`)
	chromium := browser.Start(t)
	open := func(role string) *browser.Tab {
		tab := chromium.Open(address)
		tab.Join(demo.printed(role+` +\S+@example\.com +\S+?(/join/\S+)`), testPassword)
		tab.See("Your password is set")
		return tab
	}
	visitor := chromium.Open(address)
	visitor.Go("/")
	visitor.See("0 of 6 done")
	visitor.Shot("tour-start")

	vendor := open("Vendor")
	vendor.See("1 of 6 done")
	vendor.Click("My integrations")
	vendor.Near("Pier Desk").Click("Edit Pier Desk, Version 1")
	vendor.Fill("App description", "Pier Desk books berths for boats. This integration creates an account for everybody who is assigned and deactivates it when they leave.")
	vendor.Click("Save and continue")
	vendor.Near("Does your server support PATCH?").Click("Yes")
	vendor.Near("Is userName an e-mail address?").Click("No")
	vendor.Click("Save and continue")
	vendor.Click("Run the lab")
	vendor.SeeWithin(2*time.Minute, "The lab has passed this content")
	vendor.Click("Submit for review")
	vendor.Click("Yes, it works and was tested. Submit")
	vendor.See("Sent to the network's team")

	reviewer := open("Reviewer")
	reviewer.See("3 of 6 done")
	reviewer.Near("Submit, and review it").Click("Review queue")
	reviewer.Click("Pier Desk")
	for _, item := range registry.InitialChecklist {
		reviewer.Tick(item.Text, true)
	}
	reviewer.Click("Pass to QA")
	reviewer.Click("Pass and publish")
	reviewer.See("Published. The catalog shows this version now")

	admin := open("Customer admin")
	admin.See("5 of 6 done")
	admin.Near("Install and provision").Click("Catalog")
	admin.Click("Pier Desk")
	admin.Click("Install")
	admin.Click("Install")
	admin.Fill("Address", demo.printed(`SCIM server: (\S+)/scim/v2`))
	admin.Fill("Token", demoToken)
	admin.Click("Save and test")
	admin.See("The app answered")
	admin.Click("Assign people")
	admin.Tick("Ada Anchor ada.anchor@example.com", true)
	admin.Tick("Eli Enduser user@example.com", true)
	admin.Click("Assign the chosen")
	admin.Near("Ledger").Click("Plan")
	admin.Click("Apply this plan")
	admin.SeeWithin(30*time.Second, "Done 2")

	user := open("End user")
	user.See("6 of 6 done")
	user.Shot("tour-end")
	user.Click("My apps")
	user.See("Pier Desk")
	demo.stop()
}

// printed waits until the process has printed what matches, and returns the part in parentheses.
func (p *process) printed(pattern string) string {
	p.t.Helper()
	form := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if match := form.FindStringSubmatch(p.out.all()); match != nil {
			return match[1]
		}
	}
	p.t.Fatalf("the process does not print %s, but:\n%s", pattern, p.out.all())
	return ""
}
