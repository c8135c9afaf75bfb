package suite

import "context"

// Difference is what one recorded case shows of a new version: requests that are others than before, or missing, or new.
type Difference struct {
	Case  string
	Lines []string // sentences; none where the wire shows no difference
	Ended string   // a sentence about how the case ended where it did not pass, "" where it did
}

// Diff runs the recorded cases of an older version against this runner's connector and says what differs on the wire. A
// request that differs is answered as the one most like it was, so that what follows can be seen too.
func (r *Runner) Diff(ctx context.Context) []Difference {
	var all []Difference
	for _, c := range r.Suite.Cases {
		cassette, err := r.cassette(c.ID)
		if err != nil {
			all = append(all, Difference{Case: c.ID, Ended: "It was not compared: " + err.Error()})
			continue
		}
		all = append(all, r.compare(ctx, c, cassette))
	}
	return all
}

func (r *Runner) compare(ctx context.Context, c Case, cassette *Cassette) Difference {
	d := Difference{Case: c.ID}
	s, err := r.replaying(cassette)
	if err != nil {
		d.Ended = "It cannot connect any more: " + err.Error()
		return d
	}
	s.play.loose = true
	switch result := s.judge(ctx, r.Suite, c); result.Status {
	case Fail:
		d.Ended = "It fails now: " + result.Message
	case NotRun, Aside:
		d.Ended = "It cannot be run any more: " + result.Message
	}
	d.Lines = append(s.play.missed, s.play.left()...)
	return d
}
