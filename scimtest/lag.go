package scimtest

import (
	"slices"
	"sync"
	"time"
)

// WithLag lets every read show what was there d ago, as a service does that reads from a replica. Writes see what is there
// now. It is for one tenant.
func WithLag(d time.Duration) Option { return func(s *Server) { s.lag = d } }

// replica is the service as it was after one write.
type replica struct {
	since time.Time
	house *Server
}

// trail keeps a replica for each write, for as long as somebody may still see it.
func (s *Server) trail() {
	var mu sync.Mutex
	replicas := []replica{{house: s.copied()}}
	next, house := s.steps.serve, s.steps.house
	s.steps.serve = func(x *exchange) answer {
		a := next(x)
		if x.route.writes() {
			mu.Lock()
			defer mu.Unlock()
			replicas = append(replicas, replica{s.now(), s.copied()})
		}
		return a
	}
	s.steps.house = func(x *exchange) *Server {
		if !x.route.is(userKind, get, list, search) && !x.route.is(groupKind, get, list, search) {
			return house(x)
		}
		mu.Lock()
		defer mu.Unlock()
		seen := s.now().Add(-s.lag)
		for len(replicas) > 1 && !replicas[1].since.After(seen) {
			replicas = replicas[1:]
		}
		return replicas[0].house
	}
}

// copied is a service with the same users and groups, which nobody changes.
func (s *Server) copied() *Server {
	c := &Server{config: s.config, journal: &journal{}, closed: s.closed, close: s.close, sealing: s.sealing}
	c.users, c.groups, c.joined = s.users.copied(), s.groups.copied(), map[string][]string{}
	for id, groups := range s.joined {
		c.joined[id] = slices.Clone(groups)
	}
	c.steps = c.soundSteps()
	return c
}

func (c *collection) copied() *collection {
	other := newCollection(c.kind)
	for _, rec := range c.order {
		twin := *rec
		other.order = append(other.order, &twin)
		other.byID[twin.id()] = &twin
		other.index(&twin)
	}
	other.seq = c.seq
	return other
}
