package acmehr

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// User is somebody who works at a customer of Acme HR.
type User struct {
	ID          int       `json:"id"`
	Email       string    `json:"email"`
	First       string    `json:"first"`
	Last        string    `json:"last"`
	Title       string    `json:"title,omitempty"`
	Department  string    `json:"department,omitempty"`
	Phone       string    `json:"phone,omitempty"`
	ExternalRef string    `json:"external_ref,omitempty"`
	State       string    `json:"state"` // active or inactive
	Teams       []int     `json:"teams"`
	Roles       []Role    `json:"roles"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`

	Secret string `json:"password,omitempty"` // only with the defect PasswordEchoed

	password string
	sessions int
}

// States of a user.
const (
	Active   = "active"
	Inactive = "inactive"
)

func (s *Server) user(id int) *User {
	i := slices.IndexFunc(s.users, func(u *User) bool { return u.ID == id })
	if i < 0 {
		return nil
	}
	return s.users[i]
}

func (s *Server) keepUser(u *User) *User {
	u.ID, u.CreatedAt, u.UpdatedAt = s.next("user"), s.stamp(), s.stamp()
	if u.State == "" {
		u.State = Active
	}
	s.users = append(s.users, u)
	return u
}

// stamp is the time as the API writes it.
func (s *Server) stamp() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

// shown is a user as the API shows them.
func (s *Server) shown(u *User) User {
	out := *u
	out.Roles, out.Teams = slices.Clone(u.Roles), []int{}
	if out.Roles == nil {
		out.Roles = []Role{}
	}
	for _, t := range s.teams {
		if slices.Contains(t.Members, u.ID) {
			out.Teams = append(out.Teams, t.ID)
		}
	}
	if s.has(PasswordEchoed) {
		out.Secret = u.password
	}
	return out
}

// texts are the attributes of a user that a caller may set.
func (u *User) texts() map[string]*string {
	return map[string]*string{
		"email": &u.Email, "first": &u.First, "last": &u.Last, "title": &u.Title, "department": &u.Department, "phone": &u.Phone,
		"external_ref": &u.ExternalRef,
	}
}

// fill takes what the body says. What it leaves out, or says null of, stays as it is; an empty text is nothing.
func (s *Server) fill(u *User, body map[string]any) string {
	for name, into := range u.texts() {
		switch v := body[name].(type) {
		case nil:
		case string:
			if v = strings.TrimSpace(v); v == "" && s.has(EmptyValueIgnored) {
				continue
			}
			*into = v
		default:
			return name + " must be a text."
		}
	}
	if v, is := body["password"].(string); is {
		u.password = v
	}
	if given, is := body["roles"].([]any); is {
		roles, wrong := rolesOf(given)
		if wrong != "" {
			return wrong
		}
		u.Roles = roles
	}
	return ""
}

// wrong says what a user lacks, or has that nobody can have.
func (s *Server) wrong(u *User) string {
	switch {
	case u.Email == "" || u.First == "" || u.Last == "":
		return "email, first and last must not be empty."
	case !strings.Contains(u.Email, "@"):
		return "email must be an address."
	case u.Department != "" && !slices.ContainsFunc(departments, func(d choice) bool { return d.ID == u.Department }):
		return "department must be one of those under /schema/users/values."
	}
	return ""
}

func (s *Server) taken(email string, by *User) bool {
	return slices.ContainsFunc(s.users, func(u *User) bool { return u != by && strings.EqualFold(u.Email, email) })
}

func (s *Server) createUser(x *exchange) answer {
	u := &User{State: Active}
	if x.body == nil {
		return invalid("The body must be an object.")
	}
	if wrong := s.fill(u, x.body); wrong != "" {
		return invalid(wrong)
	}
	if x.body["state"] == Inactive {
		u.State = Inactive
	}
	if wrong := s.wrong(u); wrong != "" && !s.has(CreateAcceptsEmpty) {
		return invalid(wrong)
	}
	if s.taken(u.Email, u) && !s.has(CreateAcceptsDuplicates) {
		return problem(409, "user_exists", "Somebody has this email already.")
	}
	if s.has(CreateDropsLastName) {
		u.Last = ""
	}
	s.keepUser(u)
	s.tell("user.created", u)
	if s.has(CreateWithoutID) {
		return answer{status: 201, body: map[string]any{"status": "created"}}
	}
	return answer{status: 201, body: s.shown(u)}
}

// withUser does something with the user of the path.
func (s *Server) withUser(x *exchange, do func(*User) answer) answer {
	if u := s.user(x.id("id")); u != nil {
		return do(u)
	}
	if s.has(UnknownIDAsEmpty) {
		return answer{status: 200, body: map[string]any{}}
	}
	return notFound("user")
}

func (s *Server) getUser(x *exchange) answer {
	return s.withUser(x, func(u *User) answer { return answer{status: 200, body: s.shown(u)} })
}

func (s *Server) updateUser(x *exchange) answer {
	return s.withUser(x, func(u *User) answer {
		changed := *u
		if s.has(UpdateClearsOthers) {
			changed.Title, changed.Department, changed.Phone, changed.ExternalRef = "", "", "", ""
		}
		if wrong := s.fill(&changed, x.body); wrong != "" {
			return invalid(wrong)
		}
		if wrong := s.wrong(&changed); wrong != "" {
			return invalid(wrong)
		}
		if s.taken(changed.Email, u) {
			return problem(409, "user_exists", "Somebody has this email already.")
		}
		if s.has(UpdateNotSaved) {
			return answer{status: 200, body: s.shown(&changed)}
		}
		*u = changed
		u.UpdatedAt = s.stamp()
		s.tell("user.updated", u)
		return answer{status: 200, body: s.shown(u)}
	})
}

func (s *Server) activate(x *exchange) answer {
	return s.withUser(x, func(u *User) answer {
		if !s.has(ActivateDoesNothing) {
			s.turn(u, Active, "user.activated")
		}
		return answer{status: 204}
	})
}

func (s *Server) deactivate(x *exchange) answer {
	return s.withUser(x, func(u *User) answer {
		switch {
		case s.has(DeactivateDeletes):
			s.dismiss(u.ID)
		case s.has(DeactivateTwiceFails) && u.State == Inactive:
			return problem(409, "already_inactive", "The user is inactive already.")
		case !s.has(DeactivateDoesNothing):
			s.turn(u, Inactive, "user.deactivated")
		}
		return answer{status: 204}
	})
}

// turn changes the state; who has it already is left alone.
func (s *Server) turn(u *User, state, event string) {
	if u.State == state {
		return
	}
	u.State, u.UpdatedAt = state, s.stamp()
	s.tell(event, u)
}

// dismiss removes a user everywhere.
func (s *Server) dismiss(id int) {
	s.users = slices.DeleteFunc(s.users, func(u *User) bool { return u.ID == id })
	for _, t := range s.teams {
		t.Members = slices.DeleteFunc(t.Members, func(m int) bool { return m == id })
	}
}

func (s *Server) setPassword(x *exchange) answer {
	return s.withUser(x, func(u *User) answer {
		password, _ := x.body["password"].(string)
		if len(password) < 8 {
			return invalid("password must have at least 8 characters.")
		}
		u.password = password
		if s.has(PasswordEchoed) {
			return answer{status: 200, body: map[string]any{"password": password}}
		}
		return answer{status: 204}
	})
}

// revokeSessions signs a user out everywhere.
func (s *Server) revokeSessions(x *exchange) answer {
	if s.has(LogoutIgnored) {
		return answer{status: 204}
	}
	return s.withUser(x, func(u *User) answer {
		u.sessions = 0
		return answer{status: 204}
	})
}

func (s *Server) listUsers(x *exchange) answer {
	query, hits := x.URL.Query(), slices.Clone(s.users)
	if email := query.Get("email"); email != "" && !s.has(FindIgnoresFilter) {
		hits = slices.DeleteFunc(hits, func(u *User) bool { return !s.matches(u.Email, email) })
	}
	if text := query.Get("updated_since"); text != "" {
		since, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return invalid("updated_since must be a time as RFC 3339 writes it.")
		}
		hits = slices.DeleteFunc(hits, func(u *User) bool { return u.UpdatedAt.Before(since) })
		slices.SortStableFunc(hits, func(a, b *User) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
	}
	return list(s, x, hits, func(u *User) (string, any) { return strconv.Itoa(u.ID), s.shown(u) })
}

// matches compares without case.
func (s *Server) matches(have, want string) bool {
	if s.has(FindMatchesPrefix) {
		return strings.HasPrefix(strings.ToLower(have), strings.ToLower(want))
	}
	return strings.EqualFold(have, want)
}
