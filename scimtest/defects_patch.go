package scimtest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/scim"
)

var patchDefects = []Defect{
	{"patch.status", "Answers a PATCH with 200 and no body.",
		finishing(on(userKind, patch), func(_ *exchange, a *answer) { a.body = nil })},
	{"patch.readback", "Answers a PATCH with a displayName that it does not store.",
		forgetting(on(userKind, patch), func(_ *exchange, old, kept scim.Resource) { keepOld(old, kept, "displayName") })},
	{"patch.op-case", "Refuses operations in capitals.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if op.Op != strings.ToLower(op.Op) {
					return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "There is no operation %q.", op.Op)
				}
			}
			return sound(r, ops)
		})},
	{"patch.op-unknown", "Ignores operations that it does not know.",
		skipping(userKind, func(op scim.PatchOp) bool {
			return op.Op != "" && !slices.Contains([]string{"add", "remove", "replace"}, strings.ToLower(op.Op))
		})},
	{"patch.replace.path", "Ignores a replace of a simple attribute.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "replace" && simplePath.MatchString(op.Path) })},
	{"patch.replace.pathless", "Wants a path in every replace but the one that changes active.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				value, _ := op.Value.(map[string]any)
				_, hasActive := value["active"]
				if op.Op == "replace" && op.Path == "" && (!hasActive || len(value) > 1) {
					return nil, scim.Refuse(http.StatusBadRequest, scim.NoTarget, "A replace needs a path.")
				}
			}
			return sound(r, ops)
		})},
	{"patch.replace.subattr", "Loses the other parts of a name when one part is replaced.",
		patching(userKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if op.Op == "replace" && strings.HasPrefix(op.Path, "name.") {
					without(r, "name")
				}
			}
			return sound(r, ops)
		})},
	{"patch.replace.valuepath", "Replaces every value of a list, whatever the filter of the path chooses.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if op.Op == "replace" {
				op.Path = brackets.ReplaceAllString(op.Path, "")
			}
		})},
	{"patch.add.multi-append", "Replaces the list to which a value is added.",
		rewriting(userKind, func(op *scim.PatchOp) {
			if op.Op == "add" && strings.EqualFold(op.Path, "emails") {
				op.Op = "replace"
			}
		})},
	{"patch.remove.single", "Ignores the removal of a simple attribute.",
		skipping(userKind, func(op scim.PatchOp) bool { return op.Op == "remove" && simplePath.MatchString(op.Path) })},
	{"patch.multi-op.atomic", "Keeps what the first operations changed when a later one fails.",
		serving(on(userKind, patch), halfDone)},
	{"patch.404", "Answers a PATCH of an unknown id with 204.",
		serving(on(userKind, patch), func(_ *exchange, sound func() answer) answer {
			if a := sound(); a.status != http.StatusNotFound {
				return a
			}
			return answered(http.StatusNoContent, nil)
		})},
	{"patch.noop", "Refuses a PATCH that changes nothing.",
		serving(on(userKind, patch), func(x *exchange, sound func() answer) answer {
			rec := x.s.users.byID[x.route.id]
			if rec == nil {
				return sound()
			}
			before, password := rec.resource, rec.password
			a := sound()
			if a.status < 300 && password == rec.password && reflect.DeepEqual(before, rec.resource) {
				return *refused(http.StatusBadRequest, "Nothing would change.")
			}
			return a
		})},
}

var (
	simplePath = regexp.MustCompile(`^(title|displayName)$`)
	brackets   = regexp.MustCompile(`\[.*\]`)
)

// rewriting changes operations before they are done.
func rewriting(k *kind, change func(op *scim.PatchOp)) func(*Server, *steps) {
	return patching(k, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
		ops = slices.Clone(ops)
		for i := range ops {
			change(&ops[i])
		}
		return sound(r, ops)
	})
}

// halfDone does the longest part of the operations that succeeds, and answers with the refusal of the rest.
func halfDone(x *exchange, sound func() answer) answer {
	a := sound()
	ops, err := operationsOf(x)
	if err != nil || a.status != http.StatusBadRequest {
		return a
	}
	whole := x.body
	defer func() { x.body = whole }()
	for n := len(ops) - 1; n > 0; n-- {
		if x.body, err = json.Marshal(scim.PatchRequest(ops[:n])); err != nil {
			return a
		}
		if sound().status < 300 {
			break
		}
	}
	return a
}
