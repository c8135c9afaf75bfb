package registry

import (
	"strings"

	"slipway/internal/access"
)

// Turn is who has the next move.
type Turn string

const (
	TurnVendor  Turn = "vendor"
	TurnTeam    Turn = "team"
	TurnSlipway Turn = "slipway"
	TurnNobody  Turn = "nobody"
)

// label is how a state is called on pages, on either side of the desk.
type label struct {
	vendor, team string
	turn         Turn
	waiting      string // what happens next, for whoever has nothing to do
}

var labels = map[State]label{
	None:         {"Not started", "Not started", TurnVendor, "Start a submission first."},
	Draft:        {"Draft", "Draft", TurnVendor, "It is still being filled in."},
	Verifying:    {"Being verified", "Being verified", TurnSlipway, "The lab is running its checks; this takes a few minutes."},
	ToReview:     {"To be reviewed by the network", "Initial review", TurnTeam, "The network's team reviews it."},
	VendorReview: {"You need to review findings", "Vendor answers findings", TurnVendor, "The vendor answers the findings and sends it back."},
	ToQA:         {"To be QA tested", "QA test", TurnTeam, "The network's team tests it."},
	VendorFix:    {"You need to fix bugs", "Vendor fixes bugs", TurnVendor, "The vendor fixes the bugs and sends it back."},
	FinalReview:  {"Final review", "Final review", TurnTeam, "The network's team looks at the fixes."},
	Approved:     {"Approved, being published", "Approved, being published", TurnSlipway, "It is being published."},
	Staged:       {"Being rolled out", "Being rolled out", TurnSlipway, "It is being rolled out step by step."},
	Published:    {"Published", "Published", TurnNobody, "It is in the catalog. Start an update to change it."},
	Superseded:   {"Replaced by a newer version", "Superseded", TurnNobody, "A newer version took its place."},
	Withdrawn:    {"Withdrawn", "Withdrawn", TurnVendor, "The vendor may open it again as a draft."},
	Rejected:     {"Rejected", "Rejected", TurnNobody, "This is the end of this submission; the mail says how to appeal."},
	Deleted:      {"Deleted", "Deleted", TurnNobody, "It is gone."},

	Unlisted:   {"Not in the catalog yet", "Unlisted", TurnTeam, "No version has been published yet."},
	Listed:     {"In the catalog", "Listed", TurnNobody, "Customers can find and install it."},
	Deprecated: {"Being retired", "Deprecated", TurnTeam, "It leaves the catalog on the announced date."},
	Delisted:   {"Removed from the catalog", "Delisted", TurnTeam, "Installations keep working; nobody can install it anew."},
	Revoked:    {"Revoked", "Revoked", TurnNobody, "It was taken out for security reasons."},
}

// Label is the state's name for the vendor.
func (s State) Label() string { return labels[s].vendor }

// TeamLabel is the state's name for the network's team.
func (s State) TeamLabel() string { return labels[s].team }

// Turn tells who has the next move.
func (s State) Turn() Turn { return labels[s].turn }

// Waiting is a sentence about what happens next, for a page on which there is nothing to do.
func (s State) Waiting() string { return labels[s].waiting }

// LabelFor is the state's name for this actor.
func (s State) LabelFor(actor access.Actor) string {
	if actor.HasAny(access.Reviewer, access.QA) {
		return s.TeamLabel()
	}
	return s.Label()
}

// Editable reports whether the vendor may change the content in this state.
func (s State) Editable() bool {
	_, err := find(s, Edit)
	return err == nil
}

// Open reports whether the submission is under way: such a submission counts against the org's limit (D-01), and an
// integration has at most one of them.
func (s State) Open() bool {
	switch s {
	case Draft, Verifying, ToReview, VendorReview, ToQA, VendorFix, FinalReview, Approved, Staged:
		return true
	}
	return false
}

// InReview reports whether a submission in this state is in the team's queue. Drafts never are.
func (s State) InReview() bool { return s == ToReview || s == ToQA || s == FinalReview }

// States returns every state of a submission in the order of its life.
func States() []State {
	return []State{Draft, Verifying, ToReview, VendorReview, ToQA, VendorFix, FinalReview, Approved, Staged, Published, Superseded, Withdrawn, Rejected}
}

// Label is the action's name on buttons and in sentences, "Submit for review".
func (a Action) Label() string {
	if l, ok := actionLabels[a]; ok {
		return l
	}
	words := strings.ReplaceAll(string(a), "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// actionLabels holds the names that are not simply the action's own words.
var actionLabels = map[Action]string{
	Start: "Add new submission", StartUpdate: "Update", Submit: "Submit for review", SubmitText: "Submit the catalog text for review",
	Verify: "Run the lab", AskWaiver: "Ask for a waiver", DecideWaiver: "Decide on a waiver", Answer: "Answer a finding",
	Reopen: "Reopen as a draft", Return: "Return with findings", PassInitial: "Pass initial review", ReturnBugs: "Return with bugs",
	PassQA: "Pass QA and publish", PublishText: "Publish the catalog text", Reveal: "Reveal the test account",
	MissETA: "Move the expected date", GoStale: "Withdraw for lack of an answer", Purge: "Purge the test account's secrets",
	TakeBack: "Take a proposal back", Decline: "Decline what the vendor asks for", RequestRemoval: "Ask for removal",
	Reverify: "Look again", Reconnect: "Change the test connection", Doubt: "Doubt: three daily looks failed", Miss: "Three daily looks could not be taken",
	WarnPurge: "Announce the purge of secrets", RemindVendor: "Remind the vendor", VerifyPassed: "Verification passed", VerifyFailed: "Verification failed", VerifyGaveUp: "Give up verification", VerifyBroke: "Repeat verification",
}
