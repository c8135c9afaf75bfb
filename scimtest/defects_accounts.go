package scimtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"slipway/internal/scim"
)

// wanting refuses a new user without the attribute.
func wanting(name string) func(*Server, *steps) {
	return picky(on(userKind, create), func(body scim.Resource) *scim.Error {
		if body.Get(name) == nil && body.Get("userName") != nil {
			return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute %s is required.", name)
		}
		return nil
	})
}

var createDefects = []Defect{
	{"users.create.no-email", "Wants every user to have an e-mail address.", wanting("emails")},
	{"users.create.minimal", "Wants every user to have a name.", wanting("name")},
	{"users.create.active-default", "Makes users inactive of whom nobody says that they are active.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error {
			if _, told := r["active"]; !told {
				r["active"] = false
			}
			return nil
		})},
	{"users.create.inactive", "Makes every new user active.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error {
			if _, told := r["active"]; told {
				r["active"] = true
			}
			return nil
		})},
	{"users.create.duplicate-email", "Refuses an e-mail address that somebody else has.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			body, err := objectOf(x)
			address := body.String("emails.value")
			if err == nil && address != "" && slices.ContainsFunc(x.s.users.order, func(rec *record) bool {
				return rec.resource.String("emails.value") == address && !strings.EqualFold(rec.resource.UserName(), body.UserName())
			}) {
				return refusal(scim.Refuse(http.StatusConflict, scim.Uniqueness, "There is a user with this e-mail address already."))
			}
			return sound()
		})},
	{"users.create.attributes-param", "Ignores attributes in the answer to a create.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			x.query.Del("attributes")
			return sound()
		})},
	{"users.create.trailing-slash", "Breaks down over a slash at the end of a path.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			if strings.HasSuffix(x.r.URL.Path, "/") {
				return *refused(http.StatusInternalServerError, "Something went wrong.")
			}
			return sound()
		})},
	{"users.case.attr-names", "Knows the attributes of a body in one spelling only.",
		picky(on(userKind, create), func(body scim.Resource) *scim.Error {
			if _, told := body["USERNAME"]; told {
				return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute userName is required.")
			}
			return nil
		})},
	{"users.case.schemas-urn", "Compares the URNs in schemas letter by letter.",
		picky(on(userKind, create), func(body scim.Resource) *scim.Error {
			if list, _ := body.Get("schemas").([]any); body.HasSchema(scim.SchemaUser) && !slices.Contains(list, any(scim.SchemaUser)) {
				return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute schemas must hold %s.", scim.SchemaUser)
			}
			return nil
		})},
	{"users.get.id-case", "Looks ids up without regard to case.",
		serving(on(userKind, get), func(x *exchange, sound func() answer) answer {
			if lower := strings.ToLower(x.route.id); x.s.users.byID[lower] != nil {
				x.route.id = lower
			}
			return sound()
		})},
	{"users.list.unknown-param", "Refuses parameters that it does not know.",
		serving(on(userKind, list), func(x *exchange, sound func() answer) answer {
			for name := range x.query {
				if !slices.Contains([]string{"filter", "startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes", "cursor"}, name) {
					return *refused(http.StatusBadRequest, "There is no parameter "+name+".")
				}
			}
			return sound()
		})},
	{"users.password.not-filterable", "Finds users by their passwords.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			_, secret, asked := strings.Cut(filter, `password eq "`)
			if !asked {
				return sound(filter)
			}
			return slices.DeleteFunc(slices.Clone(all), func(rec *record) bool { return rec.password != strings.TrimSuffix(secret, `"`) }), nil
		})},
}

var putDefects = []Defect{
	{"users.put.rename", "Keeps the userName that a PUT changes.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) { keepOld(old, kept, "userName") })},
	{"users.put.readonly-ignored", "Takes the date of creation from the body of a PUT.",
		forgetting(on(userKind, replace), func(x *exchange, _, kept scim.Resource) {
			if body, err := objectOf(x); err == nil && body.String("meta.created") != "" {
				kept["meta"].(map[string]any)["created"] = body.String("meta.created")
			}
		})},
	{"users.put.id-mismatch", "Takes the id from the body of a PUT instead of the path.",
		serving(on(userKind, replace), func(x *exchange, sound func() answer) answer {
			if body, err := objectOf(x); err == nil && x.s.users.byID[body.ID()] != nil && body.ID() != x.route.id {
				other := x.s.users.byID[body.ID()]
				r := other.resource.Clone()
				r["title"] = body.String("title")
				x.s.users.swap(other, r)
				shown := maps.Clone(x.s.show(x, other))
				shown["id"] = x.route.id
				return answered(http.StatusOK, shown)
			}
			return sound()
		})},
	{"users.put.required-missing", "Fills a PUT without userName from what is stored.",
		func(s *Server, st *steps) {
			next := st.accept
			st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
				if rec := s.users.byID[x.route.id]; x.route.is(userKind, replace) && body.UserName() == "" && rec != nil {
					body["userName"] = rec.resource.UserName()
				}
				return next(x, body)
			}
		}},
	{"users.put.conflict", "Does not look whether the userName of a PUT is taken.",
		func(_ *Server, st *steps) {
			next := st.taken
			st.taken = func(x *exchange, id string, r scim.Resource) bool {
				return x.route.deed != replace && next(x, id, r)
			}
		}},
	{"users.put.removes", "Keeps the title that a PUT leaves out.",
		forgetting(on(userKind, replace), func(x *exchange, old, kept scim.Resource) {
			body, err := objectOf(x)
			if _, told := body["title"]; err == nil && !told {
				keepOld(old, kept, "title")
			}
		})},
	{"users.put.nulls", "Takes null in a PUT for no change.",
		forgetting(on(userKind, replace), func(x *exchange, old, kept scim.Resource) {
			body, err := objectOf(x)
			if value, told := body["title"]; err == nil && told && value == nil {
				keepOld(old, kept, "title")
			}
		})},
	{"users.put.extension-omitted", "Keeps the enterprise extension that a PUT leaves out.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) {
			if value, had := old[scim.SchemaEnterpriseUser]; had && kept[scim.SchemaEnterpriseUser] == nil {
				kept[scim.SchemaEnterpriseUser], kept["schemas"] = value, old["schemas"]
			}
		})},
	{"users.password.change", "Refuses a PUT with a password.",
		picky(on(userKind, replace), func(body scim.Resource) *scim.Error {
			if body.Get("password") != nil {
				return scim.Refuse(http.StatusBadRequest, scim.Mutability, "The password cannot be changed.")
			}
			return nil
		})},
	{"users.groups-readonly", "Lets a user join a group by writing the user's groups.",
		serving(on(userKind, replace), func(x *exchange, sound func() answer) answer {
			a := sound()
			body, err := objectOf(x)
			group := x.s.groups.byID[body.String("groups.value")]
			if err == nil && group != nil && a.status < 300 && !memberSet(group.resource)[x.route.id] {
				r := group.resource.Clone()
				list, _ := r["members"].([]any)
				r["members"] = append(list, map[string]any{"value": x.route.id, "type": "User"})
				old := group.resource
				x.s.groups.swap(group, r)
				x.s.rejoin(old, r)
			}
			return a
		})},
}

var goneDefects = []Defect{
	{"users.active.no-side-loss", "Hides the e-mail addresses of users who are not active.",
		showing(userKind, func(x *exchange, _ *record, r scim.Resource) {
			if active, known := r.Active(); known && !active && x.route.deed == get {
				without(r, "emails")
			}
		})},
	{"users.delete.not-in-lists", "Finds users by name who are deleted.", findsTheGone},
	{"users.delete.recreate", "Never gives the name of a deleted user away again.", reservesNames},
	{"users.delete.group-cleanup", "Leaves deleted users in their groups.",
		serving(on(userKind, remove), func(x *exchange, sound func() answer) answer {
			before := map[string]scim.Resource{}
			for _, id := range x.s.joined[x.route.id] {
				before[id] = x.s.groups.byID[id].resource
			}
			a := sound()
			for id, r := range before {
				x.s.groups.swap(x.s.groups.byID[id], r)
			}
			return a
		})},
}

// findsTheGone remembers the last user who was deleted.
func findsTheGone(s *Server, st *steps) {
	var gone atomic.Pointer[record] // lists are read under a lock that others share
	serving(on(userKind, remove), func(x *exchange, sound func() answer) answer {
		rec := x.s.users.byID[x.route.id]
		a := sound()
		if rec != nil {
			gone.Store(rec)
		}
		return a
	})(s, st)
	finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
		found, err := sound(filter)
		rec := gone.Load()
		if name, asked := nameAsked(filter); asked && rec != nil && strings.EqualFold(rec.resource.UserName(), name) {
			found = append(slices.Clone(found), rec)
		}
		return found, err
	})(s, st)
}

func reservesNames(s *Server, st *steps) {
	gone := map[string]bool{} // under the server's lock, as all that write do
	serving(on(userKind, remove), func(x *exchange, sound func() answer) answer {
		if rec := x.s.users.byID[x.route.id]; rec != nil {
			gone[rec.resource.UserName()] = true
		}
		return sound()
	})(s, st)
	next := st.taken
	st.taken = func(x *exchange, id string, r scim.Resource) bool {
		return next(x, id, r) || x.route.is(userKind, create) && gone[r.UserName()]
	}
}
