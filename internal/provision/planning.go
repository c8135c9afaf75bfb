package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"slices"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// Preview is a plan as an admin looks at it before applying it.
type Preview struct {
	Digest     string // names this plan: Apply takes no other
	Counts     map[Kind]int
	Operations []Ticket // the first of them, deactivations first
	More       int      // how many operations are not shown
	Withheld   []WithheldTicket
	Waiting    int // people whose last operation an admin has to decide on
}

// WithheldTicket is what is needed and not sent, with the person's name.
type WithheldTicket struct {
	Withheld
	PersonName string
}

// Total is how many operations the plan has.
func (p Preview) Total() int {
	n := 0
	for _, count := range p.Counts {
		n += count
	}
	return n
}

// shown is how many operations, and how many withheld changes, a preview spells out.
const shown = 500

// Preview plans for everybody and stores nothing. It sends no request.
func (s *Service) Preview(ctx context.Context, actor access.Actor, id string) (Preview, error) {
	i, version, err := s.open(ctx, actor, id)
	if err != nil {
		return Preview{}, err
	}
	settings, err := version.settings()
	if err != nil {
		return Preview{}, err
	}
	preview := Preview{Counts: map[Kind]int{}}
	digest := newDigest()
	err = s.Store.View(ctx, i, nil, func(people People) error {
		draft := revise(i, settings, people).Draft
		digest.add(draft)
		preview.add(draft, people)
		return nil
	})
	preview.Digest = digest.text()
	slices.SortStableFunc(preview.Operations, func(a, b Ticket) int { return inOrder(a.Operation, b.Operation) })
	return preview, err
}

func (p *Preview) add(draft Draft, people People) {
	for _, op := range draft.Operations {
		p.Counts[op.Kind]++
		if len(p.Operations) == shown {
			p.More++
			continue
		}
		p.Operations = append(p.Operations, Ticket{Operation: op, PersonName: people.Names[op.PersonID]})
	}
	for _, w := range draft.Withheld {
		if len(p.Withheld) < shown {
			p.Withheld = append(p.Withheld, WithheldTicket{w, people.Names[w.PersonID]})
		}
	}
	for _, op := range people.Open {
		if op.State == Held {
			p.Waiting++
		}
	}
}

// revise plans for one page of people.
func revise(i Installation, s settings, people People) Revision {
	situation := Situation{Links: people.Links, Open: people.Open}
	for _, person := range people.Wanted {
		situation.Desired = append(situation.Desired, Want(person, s.UsernameIsEmail))
	}
	return Revise(i.ID, situation, s.features)
}

// Apply stores the plan that the admin has looked at and starts carrying it out; ErrChanged if it is another by
// now. From then on the installation is active: changes of its people follow by themselves.
func (s *Service) Apply(ctx context.Context, actor access.Actor, id, digest string) error {
	i, version, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	if !i.Leaving.IsZero() {
		return errLeaving
	}
	if i.Stage == Paused {
		return errPaused
	}
	if !i.Tested() {
		return errUntested
	}
	settings, err := version.settings()
	if err != nil {
		return err
	}
	now := newDigest()
	return s.Store.Revise(ctx, i, nil, s.Clock(), Active, func(people People) Revision {
		revision := revise(i, settings, people)
		now.add(revision.Draft)
		return revision
	}, func() error {
		if now.text() != digest {
			return ErrChanged
		}
		return nil
	})
}

// PlanPeople plans again for some people of an active installation, and starts carrying it out. waiting says that
// for some of them it has to be done again shortly, because it is not yet known what became of an account.
func (s *Service) PlanPeople(ctx context.Context, job PlanPeople) (waiting bool, err error) {
	i, err := s.Store.Installation(ctx, "", job.InstallationID)
	if fault.CodeOf(err) == fault.NotFound {
		return false, nil // removed meanwhile
	}
	if err != nil || i.Stage == Testing || !i.Gone.IsZero() {
		return false, err
	}
	version, err := s.Versions.Version(ctx, i.SubmissionID)
	if err != nil {
		return false, err
	}
	settings, err := version.settings()
	if err != nil {
		return false, err
	}
	err = s.Store.Revise(ctx, i, job.PersonIDs, s.Clock(), i.Stage, func(people People) Revision {
		if !i.Leaving.IsZero() {
			people.Wanted = nil // whoever was assigned in the moment in which it began to go
		}
		revision := revise(i, settings, people)
		waiting = waiting || len(revision.Waiting) > 0
		return revision
	}, func() error { return nil })
	return waiting, err
}

// digest names a plan by what it would send, page by page.
type digest struct{ sum hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

func (d digest) add(draft Draft) {
	for _, op := range draft.Operations {
		changes, _ := json.Marshal(op.Changes) // texts always encode
		_, _ = fmt.Fprintln(d.sum, op.Kind, op.PersonID, op.RemoteID, string(changes))
	}
}

func (d digest) text() string { return hex.EncodeToString(d.sum.Sum(nil)) }
