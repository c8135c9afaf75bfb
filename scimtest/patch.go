package scimtest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// applyPatch is the sound way of patching. An add that chooses a value by its type makes one where there is none: what
// does not exist is added (RFC 7644 §3.5.2.1). A replace of it is refused with noTarget (§3.5.2.3).
func applyPatch(x *exchange, r scim.Resource, ops []scim.PatchOp) (scim.Resource, error) {
	ops = slices.Clone(ops)
	for i, op := range ops {
		if name, isBadge := strings.CutPrefix(strings.ToLower(op.Path), strings.ToLower(badgeURN)+":"); isBadge && x.s.entitled {
			if about, _ := badgeSchema.Attribute(name); about.Mutability != "readWrite" {
				return nil, scim.Refuse(http.StatusBadRequest, scim.Mutability, "The attribute %s cannot be changed.", name)
			}
		}
		part := typedPart.FindStringSubmatch(op.Path)
		if part == nil || !strings.EqualFold(op.Op, "add") || hasType(r, part[1], part[2]) {
			continue
		}
		ops[i] = scim.PatchOp{Op: op.Op, Path: part[1], Value: []any{map[string]any{"type": part[2], part[3]: op.Value}}}
	}
	out, err := scim.ApplyPatch(r, ops)
	if err != nil || !x.s.entitled || x.route.kind != userKind {
		return out, err
	}
	if err := conformBadge(out, out[badgeURN]); err != nil {
		return nil, err
	}
	return out, x.s.checkHeld(out)
}

// typedPart is a path such as phoneNumbers[type eq "mobile"].value.
var typedPart = regexp.MustCompile(`^(\w+)\[type eq "(\w+)"\]\.(\w+)$`)

func hasType(r scim.Resource, name, kind string) bool {
	list, _ := r.Get(name).([]any)
	return slices.ContainsFunc(list, func(element any) bool {
		one, _ := element.(map[string]any)
		return strings.EqualFold(scim.Resource(one).String("type"), kind)
	})
}
