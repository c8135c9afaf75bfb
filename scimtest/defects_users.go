package scimtest

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

var userDefects = []Defect{
	{"users.list.200", "Lists its users as a bare array instead of a ListResponse.", bareArray(userKind)},
	{"users.list.types", "Writes the counters of a list as texts.",
		reshaping(onPages, func(_ *exchange, body scim.Resource) {
			for _, counter := range []string{"totalResults", "startIndex", "itemsPerPage"} {
				body[counter] = body.String(counter)
			}
		})},
	{"users.list.resources-key", "Writes resources with a small r.",
		reshaping(onPages, func(_ *exchange, body scim.Resource) {
			body["resources"] = body["Resources"]
			without(body, "Resources")
		})},
	{"users.get.okta-required", "Lists users without their names.",
		reshaping(onPages, func(_ *exchange, body scim.Resource) {
			for _, user := range resourcesOf(body) {
				without(user, "name")
			}
		})},
	{"users.get.200", "Answers the reading of one user with a list of one.",
		reshaping(on(userKind, get), func(_ *exchange, body scim.Resource) { wrap(body) })},
	{"users.get.404", "Answers an id that never was with 400.", neverHeardOf(userKind)},
	{"users.create.201", "Answers a create with 200.",
		finishing(on(userKind, create), func(_ *exchange, a *answer) { a.status = http.StatusOK })},
	{"users.create.201-location", "Leaves the Location out of its 201.",
		finishing(on(userKind, create), func(_ *exchange, a *answer) { a.header.Del("Location") })},
	{"users.create.body", "Answers a create without a body.",
		finishing(on(userKind, create), func(_ *exchange, a *answer) { a.body = nil })},
	{"users.create.okta-shape", "Refuses a user with an empty list of groups, which is how a widespread client creates them.",
		picky(on(userKind, create), func(body scim.Resource) *scim.Error {
			if groups, told := body["groups"].([]any); told && len(groups) == 0 {
				return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute groups must not be empty.")
			}
			return nil
		})},
	{"users.create.echo", "Stores family names in capitals.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error {
			if name, ok := r["name"].(map[string]any); ok {
				name["familyName"] = strings.ToUpper(r.String("name.familyName"))
			}
			return nil
		})},
	{"users.create.readback", "Answers a create with a displayName that it does not store.",
		forgetting(on(userKind, create), func(_ *exchange, _, kept scim.Resource) { without(kept, "displayName") })},
	{"users.create.readonly-ignored", "Takes the id that a client sends.", takesIDs},
	{"users.create.externalid", "Puts an externalId of its own in the place of the client's.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error {
			r["externalId"] = "ext-" + newID()
			return nil
		})},
	{"users.create.unique", "Lets in a second user of exactly the same name.", sharedNames},
	{"users.create.duplicate-409", "Refuses a second user of the same name with 400.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			a := sound()
			if e, ok := a.body.(*scim.Error); ok && a.status == http.StatusConflict && x.namesExactly() {
				return refusal(scim.Refuse(http.StatusBadRequest, e.ScimType, "%s", e.Detail))
			}
			return a
		})},
	{"users.create.duplicate-scimtype", "Leaves the scimType out of its 409.",
		misstating(http.StatusConflict, func(_ *exchange, body scim.Resource) { without(body, "scimType") })},
	{"users.create.duplicate-case", "Lets in a second user whose name differs in case only.", exactNames},
	{"users.create.username-not-email", "Wants userName to be a mail address.",
		picky(on(userKind, create), func(body scim.Resource) *scim.Error {
			if name := body.UserName(); name != "" && !strings.Contains(name, "@") {
				return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The userName must be a mail address.")
			}
			return nil
		})},
	{"users.put.200", "Answers a PUT with 204 and no body.",
		finishing(on(userKind, replace), func(_ *exchange, a *answer) { a.status, a.body = http.StatusNoContent, nil })},
	{"users.put.readback", "Answers a PUT with a title and a display name that it does not store.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) {
			keepOld(old, kept, "title")
			keepOld(old, kept, "displayName")
		})},
	{"users.put.no-upsert", "Creates a user when the id of a PUT is unknown.",
		serving(on(userKind, replace), func(x *exchange, sound func() answer) answer {
			a := sound()
			if a.status == http.StatusNotFound {
				x.route.deed = create
				return orRefused(x.s.create(x))
			}
			return a
		})},
	{"users.put.okta-roundtrip", "Refuses a PUT that holds what the server itself sent: id and meta.",
		picky(on(userKind, replace), func(body scim.Resource) *scim.Error {
			if body.Get("meta") != nil || body.Get("id") != nil {
				return scim.Refuse(http.StatusBadRequest, scim.Mutability, "The attributes id and meta are read-only.")
			}
			return nil
		})},
	{"users.list.includes-inactive", "Hides users who are not active from lists and filters.", hidesInactive},
	{"users.password.never-returned", "Shows passwords.",
		showing(userKind, func(_ *exchange, rec *record, r scim.Resource) {
			if rec.password != "" {
				r["password"] = rec.password
			}
		})},
	{"users.delete.204", "Answers a DELETE with 200 and a body.",
		finishing(on(userKind, remove), deletesLoudly)},
	{"users.delete.then-404", "Only deactivates a user who is deleted.",
		serving(on(userKind, remove), func(x *exchange, sound func() answer) answer {
			rec := x.s.users.byID[x.route.id]
			if rec == nil || x.s.unmet(x, rec) != nil {
				return sound()
			}
			r := rec.resource.Clone()
			r["active"] = false
			x.s.users.swap(rec, r)
			return answered(http.StatusNoContent, nil)
		})},
}

var activeDefects = []Defect{
	{"users.active.deactivate-patch", "Answers 200 to the PATCH that deactivates, and does not deactivate.",
		skipping(userKind, func(op scim.PatchOp) bool {
			value, _ := op.Value.(map[string]any)
			active, told := value["active"].(bool)
			return op.Path == "" && len(value) == 1 && told && !active
		})},
	{"users.active.deactivate-put", "Ignores active in a PUT that would deactivate.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) {
			if was, _ := old.Active(); was {
				kept["active"] = true
			}
		})},
	{"users.active.reactivate", "Never makes a user active again.",
		forgetting(on(userKind, replace, patch), func(_ *exchange, old, kept scim.Resource) {
			if was, known := old.Active(); known && !was {
				kept["active"] = false
			}
		})},
}

// deletesLoudly answers with a body; in SCIM 1.1, where a 200 is right, with a 202.
func deletesLoudly(x *exchange, a *answer) {
	*a = answered(http.StatusOK, map[string]any{"deleted": true})
	if x.s.version11 {
		a.status = http.StatusAccepted
	}
}

// bareArray answers the unfiltered list of a kind with its resources and nothing around them.
func bareArray(k *kind) func(*Server, *steps) {
	concerned := func(x *exchange) bool { return x.route.is(k, list) && !x.query.Has("filter") }
	return finishing(concerned, func(_ *exchange, a *answer) {
		if page, ok := a.body.(scim.ListResponse); ok {
			a.body = page.Resources
		}
	})
}

// neverHeardOf tells ids that once were from those that never were, and answers the latter with 400.
func neverHeardOf(k *kind) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		gone := map[string]bool{} // under the server's lock, as all that serve does
		serving(on(k, get, remove), func(x *exchange, sound func() answer) answer {
			a := sound()
			switch {
			case x.route.deed == remove && a.status < 300:
				gone[x.route.id] = true
			case x.route.deed == get && a.status == http.StatusNotFound && !gone[x.route.id]:
				return *refused(http.StatusBadRequest, "This is no id.")
			}
			return a
		})(s, st)
	}
}

// namesExactly reports whether the body's userName is in use, letter by letter.
func (x *exchange) namesExactly() bool {
	body, err := objectOf(x)
	return err == nil && x.s.bearsName("", body.UserName())
}

// exactNames leaves of what is taken only what is so letter by letter, and sharedNames only what is not.
func exactNames(s *Server, st *steps) {
	next := st.taken
	st.taken = func(x *exchange, id string, r scim.Resource) bool {
		return next(x, id, r) && s.bearsName(id, r.UserName())
	}
}

func sharedNames(s *Server, st *steps) {
	next := st.taken
	st.taken = func(x *exchange, id string, r scim.Resource) bool {
		return next(x, id, r) && !s.bearsName(id, r.UserName())
	}
}

// bearsName reports whether somebody other than the user with the id has the name, letter by letter.
func (s *Server) bearsName(id, name string) bool {
	return slices.ContainsFunc(s.users.byName[scim.Fold(name)], func(other *record) bool {
		return other.id() != id && other.resource.UserName() == name
	})
}

func takesIDs(s *Server, st *steps) {
	next := st.newID
	st.newID = func(x *exchange) string {
		body, err := objectOf(x)
		if id := body.ID(); err == nil && id != "" && s.kindOf(id) == nil {
			return id
		}
		return next(x)
	}
}

func hidesInactive(_ *Server, st *steps) {
	next := st.find
	st.find = func(x *exchange, filter string) ([]*record, error) {
		found, err := next(x, filter)
		return slices.DeleteFunc(slices.Clone(found), func(rec *record) bool {
			active, known := rec.resource.Active()
			return known && !active
		}), err
	}
}

// keepOld leaves an attribute as it was.
func keepOld(old, kept scim.Resource, name string) {
	if value, had := old[name]; had {
		kept[name] = value
	} else {
		without(kept, name)
	}
}
