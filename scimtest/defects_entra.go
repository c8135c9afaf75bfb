package scimtest

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// entraDefects break what the client of Microsoft Entra ID says in words of its own: with operations in capitals.
var entraDefects = []Defect{
	{"entra.flow.connect", "Wants count with every filter.",
		serving(onFilter, func(x *exchange, sound func() answer) answer {
			if x.route.deed == list && !x.query.Has("count") {
				return *refused(http.StatusBadRequest, "The parameter count is required.")
			}
			return sound()
		})},
	{"entra.flow.create", "Refuses a user whose schemas name an extension that has no data.",
		picky(on(userKind, create), func(body scim.Resource) *scim.Error {
			if body.HasSchema(scim.SchemaEnterpriseUser) && body.Get(scim.SchemaEnterpriseUser) == nil {
				return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "There is no data for %s.", scim.SchemaEnterpriseUser)
			}
			return nil
		})},
	{"entra.flow.match", "Finds by externalId whoever had it when created, and nobody else.", findsFirstExternal},
	{"entra.flow.update", "Ignores operations in capitals whose path has a filter.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "Replace" && strings.Contains(op.Path, "[") })},
	{"entra.flow.add-missing", "Refuses an add whose filter finds no value, with noTarget.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if name, _, filtered := strings.Cut(op.Path, "["); filtered && strings.EqualFold(op.Op, "add") && r.Get(name) == nil {
					return nil, scim.Refuse(http.StatusBadRequest, scim.NoTarget, "No value of %s matches the filter of the path.", name)
				}
			}
			return sound(r, ops)
		})},
	{"entra.flow.dotted", "Ignores dotted names in the value of an add.",
		skipping(userKind, func(op scim.PatchOp) bool {
			value, _ := op.Value.(map[string]any)
			dotted := false
			for name := range value {
				dotted = dotted || strings.Contains(name, ".") && !strings.Contains(name, ":")
			}
			return op.Op == "Add" && op.Path == "" && dotted
		})},
	{"entra.flow.manager", "Refuses a manager that is no object.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if _, isText := op.Value.(string); isText && strings.HasSuffix(op.Path, ":manager") {
					return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The manager must be an object.")
				}
			}
			return sound(r, ops)
		})},
	{"entra.flow.disable", "Ignores a Replace in capitals of active.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "Replace" && op.Path == "active" && op.Value == false })},
	{"entra.flow.restore", "Takes every text for false.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if text, isText := op.Value.(string); isText && op.Path == "active" && strings.EqualFold(text, "true") {
				op.Value = false
			}
		})},
	{"entra.flow.group-lookup", "Ignores the filter beside excludedAttributes, and lists every group.",
		serving(on(groupKind, list), func(x *exchange, sound func() answer) answer {
			if x.query.Has("excludedAttributes") {
				x.query.Del("filter")
			}
			return sound()
		})},
	{"entra.flow.group-create", "Refuses a group whose schemas name one that it does not know.",
		picky(on(groupKind, create), func(body scim.Resource) *scim.Error {
			for _, urn := range body.Schemas() {
				if _, known := scim.SchemaOf(urn); !known {
					return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "There is no schema %s.", urn)
				}
			}
			return nil
		})},
	{"entra.flow.group-members", "Removes only the first of the members that a remove lists.",
		rewriting(groupKind, func(op *scim.PatchOp) {
			if listed, _ := op.Value.([]any); strings.EqualFold(op.Op, "remove") && len(listed) > 1 {
				op.Value = listed[:1]
			}
		})},
	{"entra.flow.delete", "Refuses to delete users who are inactive.",
		serving(on(userKind, remove), func(x *exchange, sound func() answer) answer {
			if rec := x.s.users.byID[x.route.id]; rec != nil {
				if active, known := rec.resource.Active(); known && !active {
					return *refused(http.StatusConflict, "This user is inactive and cannot be deleted.")
				}
			}
			return sound()
		})},
}

// findsFirstExternal indexes externalId once, when a user is created.
func findsFirstExternal(s *Server, st *steps) {
	first := map[string]string{} // externalId by id; under the server's lock
	serving(on(userKind, replace, patch), func(x *exchange, sound func() answer) answer {
		if rec := x.s.users.byID[x.route.id]; rec != nil && first[x.route.id] == "" {
			first[x.route.id] = rec.resource.ExternalID()
		}
		return sound()
	})(s, st)
	finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
		_, asked, isExternal := strings.Cut(filter, `externalId eq "`)
		if !isExternal {
			return sound(filter)
		}
		return slices.DeleteFunc(slices.Clone(all), func(rec *record) bool {
			had := first[rec.id()]
			if had == "" {
				had = rec.resource.ExternalID()
			}
			return had != strings.TrimSuffix(asked, `"`)
		}), nil
	})(s, st)
}
