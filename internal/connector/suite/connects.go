package suite

// Connects returns why the recordings cannot be replayed at all: what was entered when they were made is no connection of
// this connector. It is nil where it is one, and where nothing was recorded.
func (r *Runner) Connects() error {
	for _, c := range r.Suite.Cases {
		cassette, err := r.cassette(c.ID)
		if err != nil {
			continue
		}
		s := &session{Runner: r, cards: map[string]bool{}, random: cassette.Seed, start: cassette.Clock, clock: &clock{now: cassette.Clock}, entered: map[string]string{}}
		s.stand(cassette)
		return s.connect(&silent{})
	}
	return nil
}
