package registry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// Facts is all that a guard may know beside the submission, the actor and the time. The service gathers it.
type Facts struct {
	Counted, Limit int       // the org's open submissions, and how many it may have (D-01)
	Other          string    // id of another open version of the integration
	HasPublished   bool      // the catalog shows a version of the integration
	Readiness      Readiness // how complete the content is
	Connection     []string  // what the test connection lacks; empty when the lab can use it
	Verdicts       Verdicts  // newest first
	Waivers        Waivers   // of the integration
	Findings       Findings  // of the submission
	Given          int       // findings that stay open with this decision
	Checked        []string  // checklist items the reviewer ticked
	Certified      bool      // the vendor confirms that the integration works and was tested
	Confirmed      bool      // a person confirmed a deletion
	CatalogOnly    bool      // only text that the catalog shows differs from the published version
	Rings          bool      // a staged rollout is configured
	Reason         Reason    // why, where an action needs a reason
	Date           time.Time // end of a retirement
	Second         Person    // the second person of a two-person decision
	Successor      string    // slug of the listing that replaces a retired one
	SuccessorName  string    // and its name
	Proposal       Action    // what a second person shall confirm
	Asked          bool      // the same is asked for already, and waits
	Pace           Pace      // of the queue the submission is about to enter
}

// Readiness is how complete a submission's content is.
type Readiness struct {
	Sections  []manifest.SectionProgress // one progress bar for each tab that is on
	Problems  []manifest.Problem         // everything the form marks, warnings and hints too
	Missing   []fault.Field              // one for each thing that keeps it below 100 %
	Protocols int                        // protocol tabs that are on
	Opened    []string                   // values of gated options that are open for the org
}

// Complete reports whether every section stands at 100 %.
func (r Readiness) Complete() bool { return len(r.Missing) == 0 }

// String is "General settings 87 %, SCIM 100 %".
func (r Readiness) String() string {
	parts := make([]string, len(r.Sections))
	for i, s := range r.Sections {
		parts[i] = fmt.Sprintf("%s %d %%", s.Label, s.Percent)
	}
	return strings.Join(parts, ", ")
}

// readiness applies the manifest's rules to a content.
func readiness(c manifest.Content, env manifest.Env) Readiness {
	r := Readiness{Sections: manifest.Progress(c, env), Problems: manifest.Validate(c, env), Opened: env.Opened}
	for _, tab := range manifest.Tabs() {
		if tab != manifest.TabGeneral && tab.On(c) {
			r.Protocols++
		}
	}
	for _, p := range r.Problems {
		if p.Severity == manifest.SeverityError && p.Rule != "R-067" { // the guard "protocol" speaks of that one
			r.Missing = append(r.Missing, fault.Field{Key: p.Key, Rule: p.Rule, Message: strings.TrimSpace(p.Message + " " + p.Fix)})
		}
	}
	return r
}

// Reason is why a submission is rejected, a check waived, a listing removed, a secret looked at.
type Reason struct {
	Code string `json:"code,omitempty"` // one of RejectCodes or RemovalCodes, where the action asks for one
	Text string `json:"text,omitempty"`
}

// RejectCodes are the reasons for which a submission ends, with what they mean.
var RejectCodes = map[string]string{
	"wrong_org": "The listing belongs to another org",
	"duplicate": "The integration is listed already",
	"policy":    "It does not comply with the network's policy",
}

// RemovalCodes are the reasons for which a listing leaves the catalog.
var RemovalCodes = map[string]string{
	"owner_request": "The owner asked for it",
	"policy":        "It does not comply with the network's policy",
	"security":      "It is a security risk",
}

// attempt is one try to take an action.
type attempt struct {
	proposed move // the row of what is proposed, where one is
	sub      Submission
	do       Action
	actor    access.Actor
	facts    Facts
	now      time.Time
}

// guard is a condition of a move. It returns a fault that says what is missing, nil when it holds.
type guard struct {
	name  string // as the generated document shows it
	holds func(attempt) *fault.Error
}

// check evaluates every guard and names everything that is missing, not just the first thing.
func (c attempt) check(guards []guard) error {
	var all *fault.Error
	for _, g := range guards {
		bad := g.holds(c)
		switch {
		case bad == nil:
		case all == nil:
			all = bad
		default:
			all = fault.New(all.Code, all.Message+" "+bad.Message).With(all.Fields...).With(bad.Fields...)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// unless returns the conflict when the condition does not hold.
func unless(ok bool, format string, args ...any) *fault.Error {
	if ok {
		return nil
	}
	return fault.Newf(fault.Conflict, format, args...)
}

var (
	underLimit = guard{"fewer open submissions than the limit", func(c attempt) *fault.Error {
		if c.facts.Counted < c.facts.Limit {
			return nil
		}
		return fault.Newf(fault.TooMany, "Your org has %d open submissions, and %d is the limit. Delete a draft, or wait until one is published, to make room.", c.facts.Counted, c.facts.Limit)
	}}
	onlyVersion = guard{"no other open version", func(c attempt) *fault.Error {
		return unless(c.facts.Other == "", "Another version of this integration is under way. Finish or withdraw that one first.")
	}}
	hasPublished = guard{"a version is published", func(c attempt) *fault.Error {
		return unless(c.facts.HasPublished, "No version of this integration is in the catalog, so there is nothing to update.")
	}}
	confirmed = guard{"confirmed", func(c attempt) *fault.Error {
		return unless(c.facts.Confirmed, "Confirm the deletion: a deleted draft cannot be brought back.")
	}}
	labIdle = guard{"no lab run is going", func(c attempt) *fault.Error {
		if c.sub.RunID == "" || c.now.Sub(c.sub.RunAskedAt) > maxRun {
			return nil
		}
		ended := slices.ContainsFunc(c.facts.Verdicts, func(v Verdict) bool { return v.RunID == c.sub.RunID })
		return unless(ended, "The lab is already at work on this submission. Wait for that run to end.")
	}}
	connected = guard{"the test connection is filled in", func(c attempt) *fault.Error {
		bad := unless(len(c.facts.Connection) == 0, "The lab cannot connect yet. Fill in the test connection first.")
		for _, lack := range c.facts.Connection {
			bad = bad.With(fault.Field{Key: "connection", Message: lack})
		}
		return bad
	}}
	complete = guard{"100 %", func(c attempt) *fault.Error {
		return incomplete(c.facts.Readiness)
	}}
	protocol = guard{"at least one protocol is on", func(c attempt) *fault.Error {
		bad := unless(c.facts.Readiness.Protocols > 0, "Turn on at least one protocol.")
		if bad == nil {
			return nil
		}
		return bad.With(fault.Field{Key: "scim.enabled", Rule: "R-067", Message: "Turn on SCIM."})
	}}
	certified = guard{"the vendor certifies that it was tested", func(c attempt) *fault.Error {
		bad := unless(c.facts.Certified, "Confirm that the integration works and that you have tested it.")
		if bad == nil {
			return nil
		}
		return bad.With(fault.Field{Key: "certified", Rule: "R-004", Message: "Tick the box to confirm."})
	}}
	freshPass = guard{"a pass for exactly this content, at most 48 h old", func(c attempt) *fault.Error {
		return passFault(c, func(v Verdict) string { return freshText(c, v) })
	}}
	green = guard{"the newest run of exactly this content passed, and no waiver it used has expired", func(c attempt) *fault.Error {
		return passFault(c, func(Verdict) string { return "" })
	}}
	passIfChanged = guard{"a pass for exactly this content; fresh where the content changed", func(c attempt) *fault.Error {
		if c.sub.Hash == c.sub.ReviewedHash {
			return green.holds(c)
		}
		return freshPass.holds(c)
	}}
	repeated = guard{"the required runs were repeated", func(c attempt) *fault.Error {
		return passFault(c, func(v Verdict) string {
			if v.At.Before(c.sub.EnteredAt) {
				return "Run the lab again: the last pass is from before the bugs were found."
			}
			return freshText(c, v)
		})
	}}
	failed = guard{"a blocking check failed", func(c attempt) *fault.Error {
		v, ok := c.facts.Verdicts.Of(c.sub.Hash)
		return unless(ok && v.Outcome == Failed, "No run of this content has failed.")
	}}
	attemptsLeft = guard{"not run, and fewer than three repetitions", func(c attempt) *fault.Error {
		return unless(c.sub.Attempts < MaxAttempts, "The run was repeated three times already.")
	}}
	attemptsSpent = guard{"not run, repeated three times", func(c attempt) *fault.Error {
		return unless(c.sub.Attempts >= MaxAttempts, "The run is repeated first.")
	}}
	hasFindings = guard{"at least one finding", func(c attempt) *fault.Error {
		if c.facts.Given > 0 {
			return nil
		}
		return fault.New(fault.Invalid, "Add at least one finding, so that the vendor knows what to do.").
			With(fault.Field{Key: "findings", Message: "Add a finding."})
	}}
	answered = guard{"every finding is answered", func(c attempt) *fault.Error {
		var bad *fault.Error
		for _, f := range c.facts.Findings.Unanswered() {
			if bad == nil {
				bad = fault.New(fault.Conflict, "Answer every finding: fixed, disputed, or fixed on your server.")
			}
			bad = bad.With(fault.Field{Key: "findings." + f.ID, Message: f.Title()})
		}
		return bad
	}}
	checklist = guard{"the checklist is complete", func(c attempt) *fault.Error {
		var bad *fault.Error
		for _, item := range InitialChecklist {
			if slices.Contains(c.facts.Checked, item.ID) {
				continue
			}
			if bad == nil {
				bad = fault.New(fault.Conflict, "Go through the whole checklist first.")
			}
			bad = bad.With(fault.Field{Key: "checklist." + item.ID, Message: item.Text})
		}
		return bad
	}}
	notOwn = guard{"not a submission of the own org", func(c attempt) *fault.Error {
		if c.sub.OrgID == "" || c.actor.OrgID != c.sub.OrgID {
			return nil
		}
		return fault.New(fault.Forbidden, "This submission is your own org's. Somebody else must decide.")
	}}
	reasoned = guard{"a reason", func(c attempt) *fault.Error {
		return needReason(c.facts.Reason.Text)
	}}
	coded = guard{"a reason code and a reason", func(c attempt) *fault.Error {
		if c.do == Delist || c.do == Revoke {
			return needCode(RemovalCodes, c.facts.Reason)
		}
		return needCode(RejectCodes, c.facts.Reason)
	}}
	proposable = guard{"something that two people decide, with a reason, and a reason code where it removes", func(c attempt) *fault.Error {
		if !c.proposed.needs(twoPeople) {
			return unless(false, "Nothing of the kind can be proposed now: two people cannot decide it in this state.")
		}
		if c.proposed.needs(coded) {
			return needCode(RemovalCodes, c.facts.Reason)
		}
		return needReason(c.facts.Reason.Text)
	}}
	notAsked = guard{"not asked for already", func(c attempt) *fault.Error {
		return unless(!c.facts.Asked, "This is asked for already, and waits for an answer.")
	}}
	twoPeople = guard{"two people of the team", func(c attempt) *fault.Error {
		return unless(c.facts.Second.ID != "" && c.facts.Second.ID != c.actor.PersonID, "A second person of the team must confirm this.")
	}}
	dated = guard{"a date in the future", func(c attempt) *fault.Error {
		bad := unless(c.facts.Date.After(c.now), "Give a date in the future.")
		if bad == nil {
			return nil
		}
		return bad.With(fault.Field{Key: "date", Message: "Give the last day, after today, as 2026-12-31."})
	}}
	catalogOnly = guard{"only catalog text changed since the published version", func(c attempt) *fault.Error {
		return unless(c.facts.CatalogOnly, "More than the catalog's text has changed, so this version takes the whole way.")
	}}
	rings   = guard{"a staged rollout is configured", func(c attempt) *fault.Error { return unless(c.facts.Rings, "No staged rollout is configured.") }}
	noRings = guard{"no staged rollout is configured", func(c attempt) *fault.Error {
		return unless(!c.facts.Rings, "A staged rollout is configured; it comes first.")
	}}
	overdue = guard{"the expected date is over", func(c attempt) *fault.Error {
		return unless(!c.sub.ETA.IsZero() && c.now.After(c.sub.ETA), "The expected date is not over yet.")
	}}
	once = guard{"not done before", func(c attempt) *fault.Error {
		return unless(!slices.Contains(c.sub.Fired, c.do), "This was done already.")
	}}
	idle      = since("the vendor's turn for 14 days", RemindAfter, func(s Submission) time.Time { return s.EnteredAt })
	stale     = since("the vendor's turn for 60 days", StaleAfter, func(s Submission) time.Time { return s.EnteredAt })
	purgeNear = since("published for 23 days", WarnPurgeAfter, func(s Submission) time.Time { return s.PublishedAt })
	purgeDue  = since("published for 30 days", PurgeAfter, func(s Submission) time.Time { return s.PublishedAt })
)

// since is a guard of a timer: the moment lies at least d back.
func since(name string, d time.Duration, moment func(Submission) time.Time) guard {
	return guard{name, func(c attempt) *fault.Error {
		return unless(c.now.Sub(moment(c.sub)) >= d, "It is not time yet.")
	}}
}

func needCode(codes map[string]string, why Reason) *fault.Error {
	if _, ok := codes[why.Code]; !ok {
		return fault.New(fault.Invalid, "Choose one of the reasons.").With(fault.Field{Key: "code", Message: "Choose a reason."})
	}
	return needReason(why.Text)
}

func needReason(text string) *fault.Error {
	if plain(text) != "" {
		return nil
	}
	return fault.New(fault.Invalid, "Give a reason.").With(fault.Field{Key: "reason", Message: "Say why."})
}

func incomplete(r Readiness) *fault.Error {
	if r.Complete() {
		return nil
	}
	return fault.Newf(fault.Conflict, "Not everything is filled in yet: %s.", r).With(r.Missing...)
}

// passFault refuses content without a pass; more looks at a pass and says why it does not do, or "".
func passFault(c attempt, more func(Verdict) string) *fault.Error {
	text := ""
	v, ok := c.facts.Verdicts.Pass(c.sub.Hash)
	switch {
	case ok:
		text = more(v)
		if gone := c.facts.Waivers.expired(v, c.now); text == "" && len(gone) > 0 {
			text = fmt.Sprintf("The pass relied on a waiver that has expired (%s). Ask for a new one or fix the check, and run the lab again.", strings.Join(gone, ", "))
		}
	case v.Outcome == Failed:
		text = fmt.Sprintf("The last run of this content failed %d checks that block. Fix them and run the lab again.", len(v.Failed))
	case v.Outcome == NotRun && len(v.Open) > 0:
		text = fmt.Sprintf("Nothing is proved about %d checks that are required, such as %s. Fix what keeps them from running or contest them, and run the lab again.", len(v.Open), v.Open[0].ID)
	case v.Outcome == NotRun:
		text = "The last run of this content could not be carried out. Run the lab again."
	case len(c.facts.Verdicts) > 0:
		text = "The content changed after the last run. Run the lab again."
	default:
		text = "There is no passed lab run yet. Run the lab first."
	}
	if text == "" {
		return nil
	}
	return fault.New(fault.Conflict, text).With(fault.Field{Key: "verdict", Rule: "L-121", Message: text})
}

func freshText(c attempt, v Verdict) string {
	if !v.IsFresh(c.now) {
		return "The passed run is older than 48 hours. Run the lab again."
	}
	return ""
}

// ChecklistItem is one thing a reviewer looks at before passing the initial review.
type ChecklistItem struct{ ID, Text string }

// InitialChecklist is what T-10 asks for. What a program can check is not on it.
var InitialChecklist = []ChecklistItem{
	{"identity", "Name, logo and website are the vendor's own, and no other listing has them."},
	{"description", "The description says what the app is and what the integration does for customers."},
	{"guide", "The configuration guide leads through the set-up, step by step."},
	{"account", "The test account signs in, and its instructions were enough."},
	{"evidence", "The lab's report fits the features that are offered; deviations and waivers were looked at."},
}
