package scimtest

import (
	"encoding/json"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

var patchRefusalDefects = []Defect{
	{"patch.schemas-required", "Takes a PATCH that does not name its schema.",
		mending(func(body scim.Resource) {
			if body.Get("schemas") == nil {
				body["schemas"] = []any{scim.SchemaPatchOp}
			}
		})},
	{"patch.operations-required", "Answers 200 to a PATCH without operations.",
		serving(on(userKind, patch), func(x *exchange, sound func() answer) answer {
			if body, err := objectOf(x); err == nil && body.Get("Operations") == nil && x.s.users.byID[x.route.id] != nil {
				return orRefused(x.s.get(x))
			}
			return sound()
		})},
	{"patch.op-missing", "Takes an operation without a name for a replace.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if op.Op == "" {
				op.Op = "replace"
			}
		})},
	{"patch.add.value-missing", "Ignores an add without a value.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "add" && op.Value == nil })},
	{"patch.replace.readonly", "Ignores a replace of what is read-only.",
		skippingRefused(userKind, func(e *scim.Error, op scim.PatchOp) bool {
			return op.Op == "replace" && op.Path != "" && e.ScimType == scim.Mutability
		})},
	{"patch.replace.username-conflict", "Does not look whether the userName of a PATCH is taken.",
		func(_ *Server, st *steps) {
			next := st.taken
			st.taken = func(x *exchange, id string, r scim.Resource) bool { return x.route.deed != patch && next(x, id, r) }
		}},
	{"patch.replace.wrong-type", "Ignores values of a wrong type.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Path == "active" && op.Value == "perhaps" })},
	{"patch.path-syntax", "Ignores paths that it cannot read.",
		skipping(userKind, func(op scim.PatchOp) bool { return strings.Contains(op.Path, "[") && !strings.Contains(op.Path, "]") })},
	{"patch.path-unknown", "Ignores paths to attributes that it does not know.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Path == "slipwayLabUnheardOf" })},
	{"patch.path-array-index", "Takes an index in a path for the first value.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			emails := listOf(r, "emails")
			if len(ops) == 1 && ops[0].Path == "emails[0].value" && len(emails) > 0 {
				emails[0]["value"] = ops[0].Value
				return r, nil
			}
			return sound(r, ops)
		})},
	{"patch.unsupported", "Has no PATCH, says so, and answers 404 to it.",
		func(s *Server, st *steps) {
			reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) { body["patch"] = map[string]any{"supported": false} })(s, st)
			serving(func(x *exchange) bool { return x.route.deed == patch }, func(*exchange, func() answer) answer {
				return *refused(http.StatusNotFound, "There is no such route.")
			})(s, st)
		}},
}

// mending repairs the body of a PATCH before anybody looks at it.
func mending(repair func(body scim.Resource)) func(*Server, *steps) {
	return serving(on(userKind, patch), func(x *exchange, sound func() answer) answer {
		if body, err := objectOf(x); err == nil {
			repair(body)
			if text, err := json.Marshal(body); err == nil {
				x.body = text
			}
		}
		return sound()
	})
}
