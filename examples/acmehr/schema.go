package acmehr

import (
	"fmt"
	"slices"
)

// Role is what a user may do in Acme HR.
type Role struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var roles = []Role{{"viewer", "Viewer"}, {"editor", "Editor"}, {"admin", "Administrator"}}

// rolesOf reads [{"id": "viewer"}].
func rolesOf(given []any) (found []Role, wrong string) {
	for _, item := range given {
		object, _ := item.(map[string]any)
		i := slices.IndexFunc(roles, func(r Role) bool { return r.ID == object["id"] })
		if i < 0 {
			return nil, fmt.Sprintf("There is no role %v.", object["id"])
		}
		found = append(found, roles[i])
	}
	return found, ""
}

func (s *Server) listRoles(x *exchange) answer {
	return list(s, x, roles, func(r Role) (string, any) { return r.ID, r })
}

// attribute describes one member of a user.
type attribute struct {
	Key      string `json:"key"`
	Label    string `json:"label"`
	Type     string `json:"type"` // text, choice or list
	Required bool   `json:"required"`
	Writable bool   `json:"writable"`
}

var attributes = []attribute{
	{"email", "Email", "text", true, true},
	{"first", "First name", "text", true, true},
	{"last", "Last name", "text", true, true},
	{"title", "Title", "text", false, true},
	{"department", "Department", "choice", false, true},
	{"phone", "Phone", "text", false, true},
	{"external_ref", "Reference", "text", false, true},
	{"roles", "Roles", "list", false, true},
	{"state", "State", "choice", false, false},
}

func (s *Server) listAttributes(x *exchange) answer {
	all := attributes
	if s.has(SchemaIncomplete) {
		all = all[:2]
	}
	return list(s, x, all, func(a attribute) (string, any) { return a.Key, a })
}

// choice is a value that an attribute may have.
type choice struct {
	Attribute string `json:"attribute"`
	ID        string `json:"id"`
	Label     string `json:"label"`
}

var departments = []choice{
	{"department", "engineering", "Engineering"}, {"department", "sales", "Sales"}, {"department", "people", "People"}, {"department", "legal", "Legal"},
}

func (s *Server) listValues(x *exchange) answer {
	return list(s, x, departments, func(c choice) (string, any) { return c.ID, c })
}
