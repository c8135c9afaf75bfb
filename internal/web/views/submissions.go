package views

import "time"

// SubmissionsPage lists a vendor's integrations.
type SubmissionsPage struct {
	Page
	Rows   []IntegrationRow
	Used   int // submissions that count against the limit
	Limit  int
	Guides []Guide
}

// IntegrationRow is one integration: what the catalog shows, and what is under way.
type IntegrationRow struct {
	Name, LogoURL, Kinds string
	Listing              string // path of its catalog page, "" if it has none
	Ending               string // how its listing ends, in words; "" for one that stays
	Goodbye              string // path under which removal is asked for; "" where there is nothing to remove
	Retire               bool   // its retirement can be announced
	Versions             []VersionRow
}

// VersionRow is one version and what its vendor can do with it now.
type VersionRow struct {
	ID, Label, State, Waiting string
	Color                     string
	Changed                   time.Time
	ETA                       time.Time
	Edit, Update              bool
	Delete                    bool
	NoDelete                  string // why it cannot be deleted
	Version                   int64
}

// Guide is a link of the support section.
type Guide struct{ Title, Text, Path, Icon string }

// ConfirmPage asks before something that cannot be undone, or that others will see.
type ConfirmPage struct {
	Page
	Pretitle, Question, Text string
	Action, Button, Back     string
	Danger                   bool
	Version                  int64
	Reason                   string // label of a reason field; "" for none
	Fault                    string
}
