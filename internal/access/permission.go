package access

// Action is something a door may be asked to do. Every route names exactly one.
type Action string

const (
	Anyone           Action = "open to everybody"     // landing page, catalog, sign-in, health
	UseAccount       Action = "use one's account"     // whoever is signed in
	ReadSubmissions  Action = "read submissions"      // a vendor's own org; the team: all
	EditSubmissions  Action = "edit submissions"      // create, edit, verify, submit, withdraw
	Review           Action = "review"                // findings, pass, return, waivers
	Test             Action = "test and publish"      // QA bugs, final review, publish
	ReadQueue        Action = "read the review queue" // reviewers and QA
	RevealTestSecret Action = "reveal a test account" // reviewers and QA, audited
	Install          Action = "install integrations"  // customer admins; vendors in their own org
	UseApps          Action = "use assigned apps"     // the home page
	Operate          Action = "operate the network"   // outbox
)

// permissions is every right there is; what is not a row is refused (manager §4.4).
var permissions = map[Action][]Role{
	ReadSubmissions:  {Vendor, Reviewer, QA},
	EditSubmissions:  {Vendor},
	Review:           {Reviewer},
	Test:             {QA},
	ReadQueue:        {Reviewer, QA},
	RevealTestSecret: {Reviewer, QA},
	Install:          {CustomerAdmin, Vendor},
	UseApps:          {EndUser, CustomerAdmin, Vendor},
	Operate:          {Operator},
}

// Can reports whether the actor may do it at all. Whose data it is, is asked separately and always.
func Can(actor Actor, action Action) bool {
	switch action {
	case Anyone:
		return true
	case UseAccount:
		return actor.SignedIn()
	}
	return actor.SignedIn() && actor.HasAny(permissions[action]...)
}

// Holders names the roles that may do it, for the page that says whom to ask.
func Holders(action Action) []Role { return permissions[action] }
