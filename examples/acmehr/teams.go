package acmehr

import (
	"slices"
	"strconv"
	"strings"
)

// Team is users who work together.
type Team struct {
	ID          int    `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Members     []int  `json:"-"` // ids of users, in the order of joining
}

func (s *Server) team(id int) *Team {
	i := slices.IndexFunc(s.teams, func(t *Team) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return s.teams[i]
}

func (s *Server) keepTeam(t *Team) *Team {
	t.ID = s.next("team")
	s.teams = append(s.teams, t)
	return t
}

func (s *Server) withTeam(x *exchange, do func(*Team) answer) answer {
	if t := s.team(x.id("id")); t != nil {
		return do(t)
	}
	if s.has(UnknownIDAsEmpty) {
		return answer{status: 200, body: map[string]any{}}
	}
	return notFound("team")
}

func (s *Server) listTeams(x *exchange) answer {
	hits := slices.Clone(s.teams)
	if name := x.URL.Query().Get("name"); name != "" && !s.has(TeamFindIgnoresFilter) {
		hits = slices.DeleteFunc(hits, func(t *Team) bool { return !s.matches(t.Name, name) })
	}
	return list(s, x, hits, func(t *Team) (string, any) { return strconv.Itoa(t.ID), *t })
}

// named takes name and description from a body, and says what is wrong with them.
func (s *Server) named(t *Team, body map[string]any) *answer {
	if v, is := body["name"].(string); is {
		t.Name = strings.TrimSpace(v)
	}
	if v, is := body["description"].(string); is {
		t.Description = strings.TrimSpace(v)
	}
	if t.Name == "" {
		a := invalid("name must not be empty.")
		return &a
	}
	if slices.ContainsFunc(s.teams, func(other *Team) bool { return other.ID != t.ID && strings.EqualFold(other.Name, t.Name) }) {
		a := problem(409, "team_exists", "A team has this name already.")
		return &a
	}
	return nil
}

func (s *Server) createTeam(x *exchange) answer {
	t := &Team{}
	if refused := s.named(t, x.body); refused != nil {
		return *refused
	}
	return answer{status: 201, body: *s.keepTeam(t)}
}

func (s *Server) getTeam(x *exchange) answer {
	return s.withTeam(x, func(t *Team) answer { return answer{status: 200, body: *t} })
}

func (s *Server) updateTeam(x *exchange) answer {
	return s.withTeam(x, func(t *Team) answer {
		changed := *t
		if refused := s.named(&changed, x.body); refused != nil {
			return *refused
		}
		if !s.has(TeamRenameLost) {
			*t = changed
		}
		return answer{status: 200, body: changed}
	})
}

func (s *Server) deleteTeam(x *exchange) answer {
	return s.withTeam(x, func(t *Team) answer {
		if s.has(TeamDeleteIgnored) {
			return answer{status: 204}
		}
		s.teams = slices.DeleteFunc(s.teams, func(other *Team) bool { return other == t })
		if s.has(TeamDeleteRemovesUsers) {
			for _, id := range t.Members {
				s.dismiss(id)
			}
		}
		return answer{status: 204}
	})
}

func (s *Server) listMembers(x *exchange) answer {
	return s.withTeam(x, func(t *Team) answer {
		members := slices.Clone(t.Members)
		if s.has(MembersListEmpty) {
			members = nil
		}
		return list(s, x, members, func(id int) (string, any) {
			u := s.user(id)
			return strconv.Itoa(id), map[string]any{"id": id, "email": u.Email, "first": u.First, "last": u.Last}
		})
	})
}

// addMember and removeMember may be repeated: what is so already stays so.
func (s *Server) addMember(x *exchange) answer {
	return s.withTeam(x, func(t *Team) answer {
		id := x.id("user")
		if s.user(id) == nil {
			return notFound("user")
		}
		if s.has(MembersAddReplaces) {
			t.Members = nil
		}
		if !slices.Contains(t.Members, id) {
			t.Members = append(t.Members, id)
		}
		return answer{status: 204}
	})
}

func (s *Server) removeMember(x *exchange) answer {
	return s.withTeam(x, func(t *Team) answer {
		if !s.has(MemberRemoveIgnored) {
			t.Members = slices.DeleteFunc(t.Members, func(m int) bool { return m == x.id("user") })
		}
		return answer{status: 204}
	})
}
