package scim

import "encoding/json"

// PatchOp is one operation of a PATCH (RFC 7644 §3.5.2): add, remove or replace. Path "" means the whole
// resource, and Value is then an object of attributes.
type PatchOp struct {
	Op    string
	Path  string
	Value any
}

// MarshalJSON leaves out an empty path, and the value of a remove that has none. A nil value of an add or
// replace is written as null, which unassigns the attribute (RFC 7643 §2.5).
func (op PatchOp) MarshalJSON() ([]byte, error) {
	out := map[string]any{"op": op.Op}
	if op.Path != "" {
		out["path"] = op.Path
	}
	if op.Value != nil || op.Op != "remove" {
		out["value"] = op.Value
	}
	return json.Marshal(out)
}

// PatchRequest returns the body of a PATCH.
func PatchRequest(ops []PatchOp) Resource {
	return Resource{"schemas": []string{SchemaPatchOp}, "Operations": ops}
}
