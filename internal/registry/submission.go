package registry

import (
	"slices"
	"time"

	"slipway/internal/access"
	"slipway/internal/manifest"
)

// Submission is one version of an integration under way, published, or past.
type Submission struct {
	ID            string // "sub_…"
	IntegrationID string // "int_…": the same for all versions of one integration
	OrgID         string // the org that owns it; every admin of that org may edit it
	OrgName       string // as it was when this version was started
	Number        int    // "Version 1"; an attempt that failed or was withdrawn keeps its number
	State         State

	Version        int64 // counts every stored change: the optimistic lock
	ContentVersion int64 // Version at the last change of content, connection, logo or state: what a decision is about

	Content         manifest.Content // what was typed, valid or not; without secrets
	Hash            string           // manifest.Hash of Content
	ReviewedContent manifest.Content // Content when the team last returned it; nil before
	ReviewedHash    string           // and its hash

	CreatedAt   time.Time
	CreatedBy   Person
	UpdatedAt   time.Time
	EnteredAt   time.Time // when it came into State
	SubmittedAt time.Time // zero before the first submit
	SubmittedBy Person
	QueuedAt    time.Time // its place in the queue, kept over resubmissions
	ETA         time.Time // last moment of the day by which the team means to decide; zero while it is not its turn
	PublishedAt time.Time

	Assignee  Person    // who of the team has claimed it
	ClaimedAt time.Time // when
	Round     int       // how often the team has returned it

	Fired []Action // timers that have done their work since EnteredAt: each does it once

	RunID      string    // the lab run asked for last, "" before the first; Verifying waits for its verdict
	RunAskedAt time.Time // when
	Attempts   int       // how often the run that Verifying waits for was started
}

// Person is somebody as history remembers them: by name, for the account may be gone one day.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

func personOf(a access.Actor) Person { return Person{ID: a.PersonID, Name: a.Name, Email: a.Email} }

// Name is the app's name, or a stand-in while it has none.
func (s Submission) Name() string {
	if name := s.Content.Text("name"); name != "" {
		return name
	}
	return "Untitled integration"
}

// LogoHash is the SHA-256 of the uploaded logo, "" without one.
func (s Submission) LogoHash() string { return s.Content.Text("logo") }

// IsUpdate reports whether an earlier version of the integration was published.
func (s Submission) IsUpdate() bool { return s.Number > 1 }

// outcome is the submission after the move: the state and what comes with entering it.
func (c attempt) outcome(row move) Submission {
	next := c.sub
	next.State, next.UpdatedAt = row.to, c.now
	next.Version++
	if row.from != row.to {
		next.ContentVersion = next.Version
		next.EnteredAt = c.now
		next.ETA = time.Time{}
	}
	if row.from != row.to && row.to != Superseded { // the purge clock goes on ticking for a superseded version
		next.Fired = nil
	}
	switch row.do {
	case Start, StartUpdate:
		next.CreatedAt, next.CreatedBy = c.now, personOf(c.actor)
	case Submit, SubmitText:
		next.SubmittedAt, next.SubmittedBy = c.now, personOf(c.actor)
		next.Attempts, next.Round = 1, 0
		next.QueuedAt = time.Time{}
	case VerifyBroke:
		next.Attempts++
	case RemindVendor, WarnPurge, Purge:
		next.Fired = append(slices.Clone(next.Fired), row.do)
	case Claim:
		next.Assignee, next.ClaimedAt = personOf(c.actor), c.now
	case Return, ReturnBugs:
		next.Round++
		next.ReviewedContent, next.ReviewedHash = next.Content, next.Hash
	}
	return c.queue(row, next)
}

// queue sets the place in the queue and the promised date where the team has the next move.
func (c attempt) queue(row move, next Submission) Submission {
	if slices.Contains([]State{ToQA, Draft, Withdrawn, Rejected, Published}, row.to) && row.from != row.to {
		next.Assignee, next.ClaimedAt = Person{}, time.Time{}
	}
	if row.to == Published && row.from != Published {
		next.PublishedAt = c.now
	}
	if !row.to.InReview() || row.from == row.to && row.do != MissETA {
		return next
	}
	if next.QueuedAt.IsZero() {
		next.QueuedAt = c.now
	}
	next.ETA = c.facts.Pace.ETA(c.now)
	return next
}

// worked is how long the team has had it, in working time: since it was claimed, or came in.
func (s Submission) worked(now time.Time) time.Duration {
	if !s.State.InReview() {
		return 0
	}
	since := s.EnteredAt
	if s.ClaimedAt.After(since) {
		since = s.ClaimedAt
	}
	return workingTime(since, now)
}

// Event is one line of a submission's history. It is never changed, and it outlives its subject.
type Event struct {
	ID            string
	SubmissionID  string // "" for an event of a listing
	IntegrationID string
	OrgID         string
	Number        int
	Row           string // the row of the specification, "T-05"; "" where the row is ours
	Action        Action
	From, To      State
	At            time.Time
	ActorID       string
	ActorName     string
	Team          bool          // the actor acted for the network's team
	Note          string        // a sentence: the reason, what was said
	Hash          string        // content hash at that moment
	Worked        time.Duration // working time the team took, where the move ends its turn
	Mails         []MailID
}

func eventOf(before, after Submission, row move, c attempt) Event {
	e := Event{
		SubmissionID: after.ID, IntegrationID: after.IntegrationID, OrgID: after.OrgID, Number: after.Number,
		Row: row.id, Action: row.do, From: row.from, To: row.to, At: c.now,
		ActorID: c.actor.PersonID, ActorName: c.actor.Name, Team: c.actor.OfTeam(),
		Note: c.facts.Reason.Text, Hash: after.Hash, Mails: row.mails,
	}
	if row.from != row.to {
		e.Worked = before.worked(c.now)
	}
	return e
}

func listingEvent(before, after Listing, row move, c attempt) Event {
	return Event{
		IntegrationID: after.IntegrationID, OrgID: after.OrgID, Number: after.Number,
		Row: row.id, Action: row.do, From: before.State, To: after.State, At: c.now,
		ActorID: c.actor.PersonID, ActorName: c.actor.Name, Team: c.actor.OfTeam(),
		Note: c.facts.Reason.Text, Hash: after.Hash, Mails: row.mails,
	}
}

// Integration is an integration as its owner sees it: what the catalog shows and what is under way.
type Integration struct {
	ID        string
	Published *Submission  // nil before the first publication
	Open      *Submission  // nil when nothing is under way
	Past      []Submission // superseded, withdrawn, rejected; newest first
}

// Ended reports whether a past version is how the integration's last attempt ended: withdrawn, or rejected and not
// followed by a published one. What was replaced is history.
func (i Integration) Ended(past Submission) bool {
	return past.State == Withdrawn || past.State == Rejected && (i.Published == nil || past.Number > i.Published.Number)
}

// Name is the name of the newest version.
func (i Integration) Name() string {
	for _, s := range []*Submission{i.Open, i.Published} {
		if s != nil {
			return s.Name()
		}
	}
	return i.Past[0].Name()
}

// Group gathers versions under their integrations, in the order in which these first appear.
func Group(subs []Submission) []Integration {
	var all []Integration
	at := map[string]int{}
	for _, s := range subs {
		i, known := at[s.IntegrationID]
		if !known {
			i = len(all)
			at[s.IntegrationID] = i
			all = append(all, Integration{ID: s.IntegrationID})
		}
		switch {
		case s.State.Open():
			all[i].Open = &s
		case s.State == Published:
			all[i].Published = &s
		default:
			all[i].Past = append(all[i].Past, s)
		}
	}
	return all
}
