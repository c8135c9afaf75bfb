package scimtest

import (
	"maps"
	"slices"

	"slipway/internal/scim"
)

var patchAddDefects = []Defect{
	{"patch.add.single", "Ignores an add to an attribute that has a value.",
		skipping(userKind, func(op scim.PatchOp) bool {
			return op.Op == "add" && op.Value != nil && simplePath.MatchString(op.Path)
		})},
	{"patch.add.duplicate", "Moves lastModified when a value is added that is there already.", touches},
	{"patch.add.pathless", "Adds the first attribute of a value without path, and no other.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if value, isObject := op.Value.(map[string]any); isObject && op.Op == "add" && op.Path == "" && len(value) > 1 {
				first := slices.Sorted(maps.Keys(value))[0]
				op.Value = map[string]any{first: value[first]}
			}
		})},
	{"patch.add.complex", "Loses the parts of a name that an add does not mention.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			if slices.ContainsFunc(ops, func(op scim.PatchOp) bool { return op.Op == "add" && op.Path == "name" }) {
				without(r, "name")
			}
			return sound(r, ops)
		})},
	{"patch.add.primary-flip", "Leaves the old primary value primary.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			next, err := sound(r.Clone(), ops)
			if err != nil {
				return next, err
			}
			was := scim.Resource{}
			for _, email := range listOf(r, "emails") {
				was[scim.Resource(email).String("value")] = email["primary"]
			}
			for _, email := range listOf(next, "emails") {
				if was[scim.Resource(email).String("value")] == true {
					email["primary"] = true
				}
			}
			return next, nil
		})},
}

// touches stores a new time with every add of an address, whether it was new or not.
func touches(s *Server, st *steps) {
	forgetting(on(userKind, patch), func(x *exchange, _, kept scim.Resource) {
		ops, err := operationsOf(x)
		meta, isObject := kept["meta"].(map[string]any)
		if err == nil && isObject && slices.ContainsFunc(ops, func(op scim.PatchOp) bool { return op.Op == "add" && op.Path == "emails" }) {
			meta["lastModified"] = stamp(s.now())
		}
	})(s, st)
}

// listOf are the values of a multi-valued attribute, to be changed in place.
func listOf(r scim.Resource, name string) []map[string]any {
	list, _ := r[name].([]any)
	var out []map[string]any
	for _, element := range list {
		if one, isObject := element.(map[string]any); isObject {
			out = append(out, one)
		}
	}
	return out
}
