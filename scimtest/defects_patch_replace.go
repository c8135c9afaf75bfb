package scimtest

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

var patchReplaceDefects = []Defect{
	{"patch.attributes-200", "Answers a PATCH with 204, whatever attributes the client wants to see.",
		finishing(func(x *exchange) bool { return on(userKind, patch)(x) && x.query.Has("attributes") }, func(_ *exchange, a *answer) {
			a.status, a.body = http.StatusNoContent, nil
		})},
	{"patch.replace.pathless-dotted", "Ignores keys with a dot or a colon in a value without path.",
		rewriting(userKind, func(op *scim.PatchOp) {
			value, isObject := op.Value.(map[string]any)
			if !isObject || op.Path != "" {
				return
			}
			plain := map[string]any{}
			for key, part := range value {
				if !strings.ContainsAny(key, ".:") {
					plain[key] = part
				}
			}
			op.Value = plain
		})},
	{"patch.replace.complex-merge", "Loses the parts of a name that a replace does not mention.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			if slices.ContainsFunc(ops, func(op scim.PatchOp) bool { return op.Op == "replace" && op.Path == "name" }) {
				without(r, "name")
			}
			return sound(r, ops)
		})},
	{"patch.replace.multivalue-all", "Adds the addresses that should replace all others.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if op.Op == "replace" && op.Path == "emails" {
				op.Op = "add"
			}
		})},
	{"patch.replace.valuepath-record", "Ignores a replace whose path ends with a filter.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "replace" && strings.HasSuffix(op.Path, "]") })},
	{"patch.replace.valuepath-nomatch", "Answers 200 to a replace whose filter finds nothing.",
		skippingRefused(userKind, func(e *scim.Error, op scim.PatchOp) bool { return op.Op == "replace" && e.ScimType == scim.NoTarget })},
	{"patch.replace.absent-as-add", "Refuses to replace a title that is not there.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if op.Op == "replace" && op.Path == "title" && r.Get("title") == nil {
					return nil, scim.Refuse(http.StatusBadRequest, scim.NoTarget, "There is no title to replace.")
				}
			}
			return sound(r, ops)
		})},
	{"patch.replace.extension", "Ignores a replace whose path begins with the URN of an extension.",
		skipping(userKind, func(op scim.PatchOp) bool {
			return op.Op == "replace" && strings.HasPrefix(op.Path, scim.SchemaEnterpriseUser)
		})},
	{"patch.replace.boolean-native", "Wants a text for active where the path names it.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if _, isBoolean := op.Value.(bool); isBoolean && op.Path == "active" {
					return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The value of active must be \"True\" or \"False\".")
				}
			}
			return sound(r, ops)
		})},
	{"users.active.string-false", "Takes every text for true.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if text, isText := op.Value.(string); isText && op.Path == "active" && strings.EqualFold(text, "false") {
				op.Value = true
			}
		})},
	{"patch.path-case", "Knows the names in a path in one spelling only.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if strings.HasPrefix(op.Path, "NAME") {
					return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidPath, "There is no attribute %q.", op.Path)
				}
			}
			return sound(r, ops)
		})},
	{"patch.multi-op.order", "Does the last operation first.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			ops = slices.Clone(ops)
			slices.Reverse(ops)
			return sound(r, ops)
		})},
	{"patch.password", "Refuses a PATCH of the password.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if op.Path == "password" {
					return nil, scim.Refuse(http.StatusBadRequest, scim.Mutability, "The password cannot be changed.")
				}
			}
			return sound(r, ops)
		})},
}

// skippingRefused leaves out those operations that would be refused for a reason that it does not mind.
func skippingRefused(k *kind, skip func(e *scim.Error, op scim.PatchOp) bool) func(*Server, *steps) {
	return patching(k, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
		kept := slices.DeleteFunc(slices.Clone(ops), func(op scim.PatchOp) bool {
			_, err := sound(r.Clone(), []scim.PatchOp{op})
			e, refused := errors.AsType[*scim.Error](err)
			return refused && skip(e, op)
		})
		return sound(r, kept)
	})
}
