package scimtest

import (
	"net/http"

	"slipway/internal/scim"
)

var repeatDefects = []Defect{
	{"users.create.duplicate-immediate", "Looks whether a name is taken before it is the request's turn.", looksEarly},
	{"idem.create-retry", "Refuses a create with 409, and updates the user all the same.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			body, err := objectOf(x)
			named := err == nil && x.namesExactly()
			a := sound()
			if !named || a.status != http.StatusConflict || body.String("title") == "" {
				return a
			}
			for _, rec := range x.s.users.byName[scim.Fold(body.UserName())] {
				r := rec.resource.Clone()
				r["title"] = body["title"]
				x.s.users.swap(rec, r)
			}
			return a
		})},
	{"idem.put", "Adds the telephone numbers of a PUT to those that are there.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) {
			was, _ := old["phoneNumbers"].([]any)
			is, _ := kept["phoneNumbers"].([]any)
			if len(was) > 0 && len(is) > 0 {
				kept["phoneNumbers"] = append(append([]any{}, was...), is...)
			}
		})},
	{"idem.patch", "Refuses to deactivate somebody who is not active.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				value, _ := op.Value.(map[string]any)
				if active, known := r.Active(); known && !active && value["active"] == false {
					return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The user is not active.")
				}
			}
			return sound(r, ops)
		})},
}

// looksEarly remembers that a name was free when the request came in, whoever takes it meanwhile.
func looksEarly(s *Server, st *steps) {
	m, next := newRendezvous(), st.arrive
	st.arrive = func(x *exchange) *answer {
		if body, err := objectOf(x); err == nil && x.route.is(userKind, create) && body.UserName() != "" {
			s.mu.RLock()
			if len(s.users.byName[scim.Fold(body.UserName())]) == 0 {
				x.early = body
			}
			s.mu.RUnlock()
			m.meet(x, body.UserName())
		}
		return next(x)
	}
	taken := st.taken
	st.taken = func(x *exchange, id string, r scim.Resource) bool { return x.early == nil && taken(x, id, r) }
}
