package registry

import (
	"slices"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// State is where a submission or a listing stands. Its comment says who has the next move.
type State string

// States of a submission, which is one version of an integration.
const (
	None         State = ""              // the vendor: nothing has been started
	Draft        State = "draft"         // the vendor: fills it in, runs the lab, submits
	Verifying    State = "verifying"     // Slipway: the lab runs what the fresh pass does not cover
	ToReview     State = "to_review"     // the team: initial review
	VendorReview State = "vendor_review" // the vendor: answers the findings of the initial review
	ToQA         State = "to_qa"         // the team: QA test
	VendorFix    State = "vendor_fix"    // the vendor: fixes the bugs that QA found
	FinalReview  State = "final_review"  // the team: looks at the fixes
	Approved     State = "approved"      // Slipway: publishes
	Staged       State = "staged"        // Slipway: widens the rollout ring by ring
	Published    State = "published"     // nobody: the catalog shows this version
	Superseded   State = "superseded"    // nobody: a newer version took its place
	Withdrawn    State = "withdrawn"     // the vendor: may reopen it
	Rejected     State = "rejected"      // nobody: the end, save for an appeal
	Deleted      State = "deleted"       // nobody: the row is gone, one audit line remains
)

// States of a listing, which is the public face of an integration.
const (
	Unlisted   State = "unlisted"   // the team: no version was published yet
	Listed     State = "listed"     // nobody: in the catalog
	Deprecated State = "deprecated" // the team: in the catalog with an end date
	Delisted   State = "delisted"   // the team: out of the catalog, installations keep working
	Revoked    State = "revoked"    // nobody: taken out for security, installations warned or stopped
)

// Action is what somebody, or a timer, does.
type Action string

// Actions. Those of Slipway itself are taken by access.System only.
const (
	Start       Action = "start"
	StartUpdate Action = "start_update"
	Edit        Action = "edit"
	Delete      Action = "delete"
	Verify      Action = "verify"
	Submit      Action = "submit"
	SubmitText  Action = "submit_text" // an update of the catalog text alone
	AskWaiver   Action = "ask_waiver"
	Answer      Action = "answer"
	Resubmit    Action = "resubmit"
	Withdraw    Action = "withdraw"
	Reopen      Action = "reopen"

	Claim        Action = "claim"
	Reveal       Action = "reveal"
	DecideWaiver Action = "decide_waiver"
	Return       Action = "return"
	PassInitial  Action = "pass_initial"
	Reject       Action = "reject"
	ReturnBugs   Action = "return_bugs"
	PassQA       Action = "pass_qa"
	PublishText  Action = "publish_text"

	VerifyPassed Action = "verify_passed"
	VerifyFailed Action = "verify_failed"
	VerifyBroke  Action = "verify_broke"   // not run, our fault: again
	VerifyGaveUp Action = "verify_gave_up" // not run too often
	Publish      Action = "publish"
	Stage        Action = "stage"
	Halt         Action = "halt"
	Supersede    Action = "supersede"
	RemindVendor Action = "remind_vendor"
	GoStale      Action = "go_stale"
	MissETA      Action = "miss_eta"
	WarnPurge    Action = "warn_purge"
	Purge        Action = "purge"
	Reverify     Action = "reverify"  // look every day whether what is published still works
	Reconnect    Action = "reconnect" // change the test connection of what is published

	List               Action = "list"
	Replace            Action = "replace"
	RequestRemoval     Action = "request_removal"
	AnnounceRetirement Action = "announce_retirement"
	Deprecate          Action = "deprecate"
	Delist             Action = "delist"
	Relist             Action = "relist"
	Revoke             Action = "revoke"
	Propose            Action = "propose"   // the first of two people
	TakeBack           Action = "take_back" // a proposal
	Decline            Action = "decline"   // what a vendor asks for
	Doubt              Action = "doubt"     // three daily looks in a row failed
	Miss               Action = "miss"      // three daily looks in a row could not be taken
)

// party is who may take a move. A vendor is always one of the org that owns the submission.
type party struct {
	name  string
	roles []access.Role // none: Slipway itself
}

var (
	vendor   = party{"vendor", []access.Role{access.Vendor}}
	reviewer = party{"reviewer", []access.Role{access.Reviewer}}
	qa       = party{"QA", []access.Role{access.QA}}
	team     = party{"reviewer or QA", []access.Role{access.Reviewer, access.QA}}
	helper   = party{"vendor; reviewer on request", []access.Role{access.Vendor, access.Reviewer}} // §4.4
	slipway  = party{"Slipway", nil}
)

func (p party) includes(actor access.Actor) bool {
	if p.roles == nil {
		return actor.PersonID == access.System.PersonID
	}
	return actor.HasAny(p.roles...)
}

const day = 24 * time.Hour

// Time limits of the moves that Slipway takes by itself.
const (
	RemindAfter    = 14 * day // T-20: a vendor who does not move gets a reminder
	StaleAfter     = 60 * day // T-20: and then the submission is withdrawn, which can be undone
	PurgeAfter     = 30 * day // T-19: the test account's secrets go this long after publication
	WarnPurgeAfter = 23 * day // T-19: and the vendor hears of it seven days before
	ReverifyAfter  = day      // what is published is looked at once a day
	MaxAttempts    = 4        // T-06b: the first lab run and three more
)

// followUp is what starts by itself after a move: a lab run at once, or a timer.
type followUp struct {
	do    Action
	after time.Duration // atETA: when the promised date is over
}

const atETA time.Duration = -1

var (
	labRun      = []followUp{{Verify, 0}}
	vendorClock = []followUp{{RemindVendor, RemindAfter}, {GoStale, StaleAfter}}
	teamClock   = []followUp{{MissETA, atETA}}
	watchClock  = []followUp{{Reverify, ReverifyAfter}}
	afterwards  = append([]followUp{{WarnPurge, WarnPurgeAfter}, {Purge, PurgeAfter}}, watchClock...)
)

// move is one legal step: who may take it, what must hold, whom it tells, what it starts.
type move struct {
	id     string // the row of the specification (manager §4.3); "" where the row is ours
	from   State
	do     Action
	to     State
	who    party
	guards []guard
	mails  []MailID
	then   []followUp
}

// lifecycle is every legal move of a submission and of a listing; what is not a row is refused.
// A row whose two states are equal is a right rather than a step: it says when this may be done.
var lifecycle = []move{
	// The vendor's draft.
	{"T-01", None, Start, Draft, vendor, when(underLimit), nil, nil},
	{"T-02", None, StartUpdate, Draft, vendor, when(hasPublished, onlyVersion, underLimit), nil, nil},
	{"T-03", Draft, Edit, Draft, vendor, nil, nil, nil},
	{"T-04", Draft, Delete, Deleted, helper, when(confirmed), nil, nil}, // no mail
	{"", Draft, Verify, Draft, vendor, when(connected, labIdle), nil, labRun},
	{"", Draft, AskWaiver, Draft, vendor, when(reasoned), nil, nil},
	{"", Draft, DecideWaiver, Draft, reviewer, when(reasoned, notOwn), nil, nil},
	{"T-05", Draft, Submit, Verifying, vendor, when(complete, protocol, freshPass, certified), nil, labRun},
	{"T-22", Draft, SubmitText, ToReview, vendor, when(complete, catalogOnly, certified), tell(M01, M11), teamClock},

	// The lab runs. Their fault goes back with the report, ours is tried again.
	{"T-06", Verifying, VerifyFailed, Draft, slipway, when(failed), tell(M02), nil},
	{"T-06b", Verifying, VerifyBroke, Verifying, slipway, when(attemptsLeft), nil, labRun},
	{"T-06b", Verifying, VerifyGaveUp, Draft, slipway, when(attemptsSpent), tell(M02b, M17), nil},
	{"T-07", Verifying, VerifyPassed, ToReview, slipway, when(green), tell(M01, M11), teamClock},
	{"T-15", Verifying, Withdraw, Withdrawn, vendor, nil, tell(M07), nil},

	// Initial review.
	{"", ToReview, Claim, ToReview, team, nil, nil, nil},
	{"", ToReview, Reveal, ToReview, team, nil, nil, nil},
	{"", ToReview, Verify, ToReview, team, when(connected, labIdle), nil, labRun},
	{"", ToReview, AskWaiver, ToReview, vendor, when(reasoned), nil, nil},
	{"", ToReview, DecideWaiver, ToReview, reviewer, when(reasoned, notOwn), nil, nil},
	{"T-08", ToReview, Return, VendorReview, reviewer, when(hasFindings, notOwn), tell(M03), vendorClock},
	{"T-10", ToReview, PassInitial, ToQA, reviewer, when(checklist, notOwn), tell(M04), teamClock},
	{"T-15", ToReview, Withdraw, Withdrawn, vendor, nil, tell(M07), nil},
	{"T-16", ToReview, Reject, Rejected, reviewer, when(coded, notOwn), tell(M08), nil},
	{"T-21", ToReview, MissETA, ToReview, slipway, when(overdue), tell(M16), teamClock},
	{"T-22", ToReview, PublishText, Approved, qa, when(catalogOnly, notOwn), nil, nil},

	// The vendor answers the findings; the clock stands still.
	{"T-03", VendorReview, Edit, VendorReview, vendor, nil, nil, nil},
	{"", VendorReview, Verify, VendorReview, vendor, when(connected, labIdle), nil, labRun},
	{"", VendorReview, AskWaiver, VendorReview, vendor, when(reasoned), nil, nil},
	{"", VendorReview, DecideWaiver, VendorReview, reviewer, when(reasoned, notOwn), nil, nil},
	{"", VendorReview, Answer, VendorReview, vendor, nil, nil, nil},
	{"T-09", VendorReview, Resubmit, ToReview, vendor, when(complete, protocol, answered, passIfChanged), tell(M01b, M11), teamClock},
	{"T-15", VendorReview, Withdraw, Withdrawn, vendor, nil, tell(M07), nil},
	{"T-16", VendorReview, Reject, Rejected, reviewer, when(coded, notOwn), tell(M08), nil},
	{"T-20", VendorReview, RemindVendor, VendorReview, slipway, when(idle, once), tell(M15), nil},
	{"T-20", VendorReview, GoStale, Withdrawn, slipway, when(stale), tell(M07), nil},

	// QA.
	{"", ToQA, Claim, ToQA, team, nil, nil, nil},
	{"", ToQA, Reveal, ToQA, team, nil, nil, nil},
	{"", ToQA, Verify, ToQA, team, when(connected, labIdle), nil, labRun},
	{"", ToQA, AskWaiver, ToQA, vendor, when(reasoned), nil, nil},
	{"", ToQA, DecideWaiver, ToQA, reviewer, when(reasoned, notOwn), nil, nil},
	{"T-11", ToQA, ReturnBugs, VendorFix, qa, when(hasFindings, notOwn), tell(M05), vendorClock},
	{"T-14", ToQA, PassQA, Approved, qa, when(green, notOwn), nil, nil},
	{"T-15", ToQA, Withdraw, Withdrawn, vendor, nil, tell(M07), nil},
	{"T-16", ToQA, Reject, Rejected, reviewer, when(coded, notOwn), tell(M08), nil},
	{"T-21", ToQA, MissETA, ToQA, slipway, when(overdue), tell(M16), teamClock},

	// The vendor fixes bugs, in the same submission and version.
	{"T-03", VendorFix, Edit, VendorFix, vendor, nil, nil, nil},
	{"", VendorFix, Verify, VendorFix, vendor, when(connected, labIdle), nil, labRun},
	{"", VendorFix, AskWaiver, VendorFix, vendor, when(reasoned), nil, nil},
	{"", VendorFix, DecideWaiver, VendorFix, reviewer, when(reasoned, notOwn), nil, nil},
	{"", VendorFix, Answer, VendorFix, vendor, nil, nil, nil},
	{"T-12", VendorFix, Resubmit, FinalReview, vendor, when(complete, protocol, answered, repeated), tell(M01b, M11), teamClock},
	{"T-15", VendorFix, Withdraw, Withdrawn, vendor, nil, tell(M07), nil},
	{"T-16", VendorFix, Reject, Rejected, reviewer, when(coded, notOwn), tell(M08), nil},
	{"T-20", VendorFix, RemindVendor, VendorFix, slipway, when(idle, once), tell(M15), nil},
	{"T-20", VendorFix, GoStale, Withdrawn, slipway, when(stale), tell(M07), nil},

	// Final review.
	{"", FinalReview, Claim, FinalReview, team, nil, nil, nil},
	{"", FinalReview, Reveal, FinalReview, team, nil, nil, nil},
	{"", FinalReview, Verify, FinalReview, team, when(connected, labIdle), nil, labRun},
	{"", FinalReview, AskWaiver, FinalReview, vendor, when(reasoned), nil, nil},
	{"", FinalReview, DecideWaiver, FinalReview, reviewer, when(reasoned, notOwn), nil, nil},
	{"T-13", FinalReview, ReturnBugs, VendorFix, qa, when(hasFindings, notOwn), tell(M05), vendorClock},
	{"T-14", FinalReview, PassQA, Approved, qa, when(green, notOwn), nil, nil},
	{"T-15", FinalReview, Withdraw, Withdrawn, vendor, nil, tell(M07), nil},
	{"T-16", FinalReview, Reject, Rejected, reviewer, when(coded, notOwn), tell(M08), nil},
	{"T-21", FinalReview, MissETA, FinalReview, slipway, when(overdue), tell(M16), teamClock},

	// Publication takes no click of the vendor.
	{"T-14", Approved, Publish, Published, slipway, when(noRings), tell(M06, M12), afterwards},
	{"T-26", Approved, Stage, Staged, slipway, when(rings), nil, nil},
	{"T-26", Staged, Publish, Published, slipway, nil, tell(M06, M12), afterwards},
	{"T-26", Staged, Halt, VendorFix, slipway, when(reasoned), tell(M05), vendorClock},
	{"T-14", Published, Supersede, Superseded, slipway, nil, nil, nil},
	{"T-19", Published, WarnPurge, Published, slipway, when(purgeNear, once), tell(M10), nil},
	{"T-19", Published, Purge, Published, slipway, when(purgeDue, once), tell(M10), nil},
	{"", Published, Reverify, Published, slipway, nil, nil, watchClock},
	{"", Published, Reconnect, Published, vendor, nil, nil, nil},
	{"T-19", Superseded, WarnPurge, Superseded, slipway, when(purgeNear, once), tell(M10), nil},
	{"T-19", Superseded, Purge, Superseded, slipway, when(purgeDue, once), tell(M10), nil},
	{"T-23", Withdrawn, Reopen, Draft, vendor, when(onlyVersion, underLimit), nil, nil},

	// The listing. Removing one leaves its installations alone.
	{"", Unlisted, List, Listed, slipway, nil, nil, nil},
	{"", Listed, Replace, Listed, slipway, nil, nil, nil},
	{"", Deprecated, Replace, Deprecated, slipway, nil, nil, nil},
	{"", Delisted, Replace, Delisted, slipway, nil, nil, nil},
	{"", Listed, Doubt, Listed, slipway, nil, tell(M20, M21), nil},
	{"", Deprecated, Doubt, Deprecated, slipway, nil, tell(M20, M21), nil},
	{"", Listed, Miss, Listed, slipway, nil, tell(M22), nil},
	{"", Deprecated, Miss, Deprecated, slipway, nil, tell(M22), nil},
	{"", Listed, RequestRemoval, Listed, vendor, when(reasoned, notAsked), tell(M18), nil},
	{"", Deprecated, RequestRemoval, Deprecated, vendor, when(reasoned, notAsked), tell(M18), nil},
	{"T-18", Listed, AnnounceRetirement, Listed, vendor, when(dated, notAsked), tell(M18), nil},
	{"", Listed, Decline, Listed, team, when(reasoned), tell(M19), nil},
	{"", Deprecated, Decline, Deprecated, team, when(reasoned), tell(M19), nil},
	{"", Listed, Propose, Listed, team, when(proposable, notAsked), nil, nil},
	{"", Listed, TakeBack, Listed, team, nil, nil, nil},
	{"", Deprecated, Propose, Deprecated, team, when(proposable, notAsked), nil, nil},
	{"", Deprecated, TakeBack, Deprecated, team, nil, nil, nil},
	{"", Delisted, Propose, Delisted, team, when(proposable, notAsked), nil, nil},
	{"", Delisted, TakeBack, Delisted, team, nil, nil, nil},
	{"T-18", Listed, Deprecate, Deprecated, qa, when(dated), tell(M14), nil},
	{"T-17", Listed, Delist, Delisted, qa, when(coded, twoPeople), tell(M09, M13), nil},
	{"T-17", Deprecated, Delist, Delisted, qa, when(coded, twoPeople), tell(M09, M13), nil},
	{"T-24", Delisted, Relist, Listed, qa, when(twoPeople), tell(M06), nil},
	{"T-25", Listed, Revoke, Revoked, qa, when(coded, twoPeople), tell(M09, M13), nil},
	{"T-25", Deprecated, Revoke, Revoked, qa, when(coded, twoPeople), tell(M09, M13), nil},
}

// needs reports whether a guard stands in the row.
func (m move) needs(one guard) bool {
	return slices.ContainsFunc(m.guards, func(g guard) bool { return g.name == one.name })
}

func when(guards ...guard) []guard  { return guards }
func tell(mails ...MailID) []MailID { return mails }

// find returns the row for an action in a state.
func find(from State, do Action) (move, error) {
	i := slices.IndexFunc(lifecycle, func(m move) bool { return m.from == from && m.do == do })
	if i < 0 {
		return move{}, fault.Newf(fault.Conflict, "%s is not possible now: the state is %q. %s", do.Label(), from.Label(), from.Waiting())
	}
	return lifecycle[i], nil
}

// permit returns the row for the action if the actor may take it on a subject of that org.
func permit(from State, do Action, actor access.Actor, orgID string) (move, error) {
	if from != None && !sees(actor, orgID) {
		return move{}, errNotFound()
	}
	row, err := find(from, do)
	if err != nil {
		return move{}, err
	}
	if !row.who.includes(actor) {
		return move{}, fault.Newf(fault.Forbidden, "%s is not yours to do: it takes the role %s.", do.Label(), row.who.name)
	}
	return row, nil
}

// sees reports whether the actor may know of something of that org: its vendors, the team, and Slipway itself.
func sees(actor access.Actor, orgID string) bool {
	if actor.HasAny(access.Reviewer, access.QA) || actor.PersonID == access.System.PersonID {
		return true
	}
	return actor.Has(access.Vendor) && actor.OrgID == orgID
}

// errNotFound is the one answer for what does not exist and for what is another org's (H-25).
func errNotFound() error {
	return fault.New(fault.NotFound, "There is no such submission, or it belongs to another org.")
}

// Advance takes one action on a submission, along the table. It returns the submission as it then stands and
// the line for its history; it stores nothing. What is not a row, not this actor's, or held back by a guard is
// refused: fault.Conflict, fault.Forbidden (fault.NotFound across orgs), or the guard's own fault, and the
// submission comes back as it was.
func Advance(sub Submission, do Action, actor access.Actor, facts Facts, now time.Time) (Submission, Event, error) {
	row, err := permit(sub.State, do, actor, sub.OrgID)
	if err != nil {
		return sub, Event{}, err
	}
	c := attempt{sub: sub, do: do, actor: actor, facts: facts, now: now, proposed: proposed(sub.State, facts)}
	if err := c.check(row.guards); err != nil {
		return sub, Event{}, err
	}
	next := c.outcome(row)
	return next, eventOf(sub, next, row, c), nil
}

// AdvanceListing is Advance for a listing.
func AdvanceListing(l Listing, do Action, actor access.Actor, facts Facts, now time.Time) (Listing, Event, error) {
	row, err := permit(l.State, do, actor, l.OrgID)
	if err != nil {
		return l, Event{}, err
	}
	c := attempt{do: do, actor: actor, facts: facts, now: now, proposed: proposed(l.State, facts)}
	if err := c.check(row.guards); err != nil {
		return l, Event{}, err
	}
	next := l
	next.State = row.to
	return next, listingEvent(l, next, row, c), nil
}

// proposed returns the row of what two people shall decide; the zero move where that is no row.
func proposed(from State, facts Facts) move {
	for _, row := range lifecycle {
		if row.from == from && row.do == facts.Proposal {
			return row
		}
	}
	return move{}
}

// unoffered are moves of the table that no page offers yet: the way for catalog text alone.
var unoffered = []Action{SubmitText, PublishText}

// ListingActions returns what the actor may do about a listing now, in the order of the table; guards may still refuse.
func ListingActions(l Listing, actor access.Actor) []Action {
	var actions []Action
	for _, row := range lifecycle {
		if row.from == l.State && row.who.roles != nil && row.who.includes(actor) && sees(actor, l.OrgID) {
			actions = append(actions, row.do)
		}
	}
	return actions
}

// Actions returns what the actor may do to a submission now, in the order of the table; guards may still refuse.
func Actions(sub Submission, actor access.Actor) []Action {
	var actions []Action
	for _, row := range lifecycle {
		mine := row.from == sub.State && row.from != None && row.who.roles != nil && row.who.includes(actor)
		if mine && sees(actor, sub.OrgID) && !slices.Contains(unoffered, row.do) {
			actions = append(actions, row.do)
		}
	}
	return actions
}
