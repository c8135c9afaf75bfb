package scimtest

import (
	"bytes"
	"slices"
	"strings"

	"slipway/internal/scim"
)

var patchRemoveDefects = []Defect{
	{"patch.remove.multi-all", "Ignores the removal of a whole list.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "remove" && op.Path == "phoneNumbers" })},
	{"patch.remove.valuepath", "Removes every value of a list, whichever the filter chooses.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if op.Op == "remove" && strings.HasSuffix(op.Path, "]") {
				op.Path = brackets.ReplaceAllString(op.Path, "")
			}
		})},
	{"patch.remove.subattr-filter", "Removes the whole address of which one part should go.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if list, _, inPart := strings.Cut(op.Path, "]."); op.Op == "remove" && inPart {
				op.Path = list + "]"
			}
		})},
	{"patch.remove.last-value", "Leaves an empty entry where the last telephone number was.",
		forgetting(on(userKind, patch), func(x *exchange, old, kept scim.Resource) {
			if bytes.Contains(x.body, []byte("phoneNumbers[")) && len(listOf(old, "phoneNumbers")) > 0 && kept["phoneNumbers"] == nil {
				kept["phoneNumbers"] = []any{map[string]any{"value": ""}}
			}
		})},
	{"patch.remove.no-path", "Ignores a remove without a path.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "remove" && op.Path == "" })},
	{"patch.remove.required", "Ignores the removal of a userName.", skippingRemoval("userName")},
	{"patch.remove.readonly", "Ignores the removal of an id.", skippingRemoval("id")},
}

func skippingRemoval(names ...string) func(*Server, *steps) {
	return skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "remove" && slices.Contains(names, op.Path) })
}
