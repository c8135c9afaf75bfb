package views

import (
	"strconv"

	"github.com/a-h/templ"

	"slipway/internal/directory"
	"slipway/internal/provision"
	"slipway/internal/registry"
)

// InstallationsPage lists what an org has installed.
type InstallationsPage struct {
	Page
	Installations []provision.Installation
	Former        []provision.Installation // uninstalled: their ledgers can be read
}

// UninstallPage asks before an installation goes, and what becomes of its accounts.
type UninstallPage struct {
	Page
	Installation provision.Installation
	Parting      provision.Parting
	Problem      *Problem
}

// InstallPage asks for a name before an integration is installed.
type InstallPage struct {
	Page
	Listing registry.Listing
	Ending  *Ending // that it is being retired
	Label   string
	Problem *Problem
}

// InstallationPage is the frame of every page about one installation.
type InstallationPage struct {
	Page
	Installation provision.Installation
	Tab          string
	Tabs         []TabLink
	Problem      *Problem
	GuideURL     string
	Number       string  // "Version 2"
	Ending       *Ending // that its listing ends, or is gone
	Open, Failed int     // operations that have not ended, and that nobody has decided about
}

// SetupPage is where credentials are entered and tested.
type SetupPage struct {
	InstallationPage
	Fields  []FieldView
	OAuth   bool // the page says that OAuth comes with a later version
	CanTest bool
}

// AssignmentsPage is who shall have the app.
type AssignmentsPage struct {
	InstallationPage
	Assigned []provision.Assignment
	People   []directory.Person // who can be assigned
	Search   string
	Next     string
}

// PlanPage is what would be sent, field by field.
type PlanPage struct {
	InstallationPage
	Preview provision.Preview
	Ready   bool // the connection is tested: the plan can be applied
	Kinds   []provision.Kind
}

// OperationsPage is the ledger.
type OperationsPage struct {
	InstallationPage
	Operations []provision.Ticket
	Counts     map[provision.State]int
	States     []provision.State
	State      provision.State
	Next       string
	Poll       string // the part that asks for itself while work goes on
	CanRetry   bool
}

// OperationPage is one operation with its exchanges.
type OperationPage struct {
	InstallationPage
	Record provision.Record
}

// AppsPage is an end user's home.
type AppsPage struct {
	Page
	Apps  []AppTile
	Known bool // the org's directory has this person
}

// AppTile is one app on the home page.
type AppTile struct{ Label, LogoURL, Website string }

var kindTexts = map[provision.Kind]string{
	provision.Create: "Create", provision.Update: "Update", provision.Deactivate: "Deactivate", provision.Reactivate: "Reactivate",
}

var stateTexts = map[provision.State]string{
	provision.Planned: "Planned", provision.Sending: "Sending", provision.Done: "Done", provision.Failed: "Failed",
	provision.Held: "Waits for you", provision.Superseded: "Replaced",
}

func operationColor(s provision.State) string {
	switch s {
	case provision.Done:
		return "bg-green-lt"
	case provision.Failed:
		return "bg-red-lt"
	case provision.Held:
		return "bg-orange-lt"
	case provision.Superseded:
		return "bg-secondary-lt"
	}
	return "bg-azure-lt"
}

func stageColor(s provision.Stage) string {
	switch s {
	case provision.Active:
		return "bg-green-lt"
	case provision.Paused:
		return "bg-orange-lt"
	}
	return "bg-azure-lt"
}

// accounts is a number of accounts in words.
func accounts(n int) string {
	if n == 1 {
		return "1 account"
	}
	return strconv.Itoa(n) + " accounts"
}

// accountText says how a person's account stands.
func accountText(a provision.Assignment) string {
	switch {
	case a.Last != nil && !a.Last.State.Ended():
		return "Under way"
	case a.Last != nil && (a.Last.State == provision.Failed || a.Last.State == provision.Held):
		return stateTexts[a.Last.State]
	case a.Link == nil:
		return "No account yet"
	case a.Link.Gone:
		return "Gone at the app"
	case a.Link.Active == provision.Off:
		return "Deactivated"
	}
	return "Has an account"
}

// pollAttrs lets a part of a page ask for itself; "" leaves it alone.
func pollAttrs(path string) templ.Attributes {
	if path == "" {
		return nil
	}
	return templ.Attributes{"hx-get": path, "hx-trigger": "every 1s", "hx-swap": "outerMorph"}
}
