package scim

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

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

// ApplyPatch returns r as it is after all operations, in their order, and leaves r alone. Where one of them
// is refused, none takes effect: the error is a 400 *Error with the scimType of RFC 7644 table 9.
//
// Beyond the RFC it takes what Entra sends: operations in capitals, a remove that lists the values to remove,
// and dotted names or URN-qualified names as keys of a value without path. A remove whose filter finds
// nothing succeeds, because the state is then as asked; add and replace answer noTarget. Attributes that a
// core User or Group does not have are refused as paths and ignored as keys; resources of other schemas and
// unknown extensions take any attribute.
func ApplyPatch(r Resource, ops []PatchOp) (Resource, error) {
	if len(ops) == 0 {
		return nil, Refuse(http.StatusBadRequest, InvalidSyntax, "A PATCH needs at least one operation.")
	}
	p := patching{target: r.Clone(), base: baseOf(r)}
	if p.target == nil {
		p.target = Resource{}
	}
	for i, op := range ops {
		if err := p.apply(op); err != nil {
			return nil, atOperation(i, err)
		}
	}
	p.settleSchemas()
	return p.target, nil
}

func atOperation(i int, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return Refuse(e.Status, e.ScimType, "Operations[%d]: %s", i, e.Detail)
	}
	return err
}

// verb is what an operation does, in lower case.
type verb string

const (
	add     verb = "add"
	remove  verb = "remove"
	replace verb = "replace"
)

// patching is a resource while operations are applied to it.
type patching struct {
	target Resource
	base   Schema // of a core User or Group; without an ID for anything else
}

func baseOf(r Resource) Schema {
	for _, s := range []Schema{userSchema, groupSchema} {
		if r.HasSchema(s.ID) {
			return s
		}
	}
	return Schema{}
}

func (p *patching) apply(op PatchOp) error {
	do := verb(strings.ToLower(op.Op))
	if do != add && do != remove && do != replace {
		return Refuse(http.StatusBadRequest, InvalidSyntax, "The operation %q is none of add, remove and replace.", excerpt(op.Op, 40))
	}
	value := cloneValue(op.Value)
	if do == add && value == nil {
		return Refuse(http.StatusBadRequest, InvalidValue, "An add needs a value.")
	}
	if op.Path == "" {
		return p.applyWhole(do, value)
	}
	path, err := parsePath(op.Path)
	if err != nil {
		return Refuse(http.StatusBadRequest, InvalidPath, "The path %q cannot be read: %v.", excerpt(op.Path, 200), err)
	}
	spot, err := p.locate(path)
	if err != nil {
		return err
	}
	if spot.about.Mutability == "readOnly" {
		return Refuse(http.StatusBadRequest, Mutability, "The attribute %s is read-only.", spot.key)
	}
	return p.change(do, spot, path, value)
}

// applyWhole is an operation without a path: each member of its value is an attribute of its own. A member
// that is read-only or unknown is ignored: Okta sends a group's id along with its new name.
func (p *patching) applyWhole(do verb, value any) error {
	if do == remove {
		return Refuse(http.StatusBadRequest, NoTarget, "A remove needs a path.")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return Refuse(http.StatusBadRequest, InvalidValue, "Without a path, the value must be an object of attributes.")
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		path, err := parsePath(key)
		if err != nil {
			return Refuse(http.StatusBadRequest, InvalidPath, "The name %q cannot be read: %v.", excerpt(key, 200), err)
		}
		spot, err := p.locate(path)
		if err != nil || spot.about.Mutability == "readOnly" {
			continue
		}
		if err := p.change(do, spot, path, object[key]); err != nil {
			return err
		}
	}
	return nil
}

// spot is the place that a path names: an attribute of the resource or of an extension, or an extension.
type spot struct {
	urn   string    // of the extension, "" for the core
	key   string    // the attribute's spelling; "" for the extension as a whole
	about Attribute // the zero Attribute where nothing is known
}

func (p *patching) locate(path pathSyntax) (spot, error) {
	if whole := path.urn + ":" + path.name; path.urn != "" && path.sub == "" && p.isExtension(whole) {
		return spot{urn: p.spelling(whole)}, nil
	}
	if path.urn != "" && !isCore(path.urn) {
		return p.locateExtension(path)
	}
	about, known := attributeNamed(commonAttributes, path.name)
	if !known {
		about, known = p.base.Attribute(path.name)
	}
	if !known && p.base.ID != "" {
		return spot{}, noSuchAttribute(path.name, p.base)
	}
	return spot{key: named(p.target, path.name, about), about: about}, nil
}

func (p *patching) locateExtension(path pathSyntax) (spot, error) {
	urn := p.spelling(path.urn)
	schema, isKnown := SchemaOf(urn)
	about, found := schema.Attribute(path.name)
	if isKnown && !found {
		return spot{}, noSuchAttribute(path.name, schema)
	}
	extension, _ := p.target[urn].(map[string]any)
	return spot{urn, named(extension, path.name, about), about}, nil
}

func noSuchAttribute(name string, s Schema) error {
	return Refuse(http.StatusBadRequest, InvalidPath, "%s has no attribute %q.", s.Name, name)
}

// isExtension reports whether the URN names a whole extension rather than an attribute of one.
func (p *patching) isExtension(urn string) bool {
	if _, known := SchemaOf(urn); known {
		return true
	}
	if _, isObject := lookup(p.target, urn).(map[string]any); isObject {
		return true
	}
	return p.target.HasSchema(urn)
}

// spelling returns the URN as the resource or the RFC writes it.
func (p *patching) spelling(urn string) string {
	if key, found := keyOf(p.target, urn); found {
		return key
	}
	if s, known := SchemaOf(urn); known {
		return s.ID
	}
	return urn
}

// named returns the spelling of an attribute: the resource's own, the RFC's, or as it was asked.
func named(object map[string]any, name string, about Attribute) string {
	if key, found := keyOf(object, name); found {
		return key
	}
	if about.Name != "" {
		return about.Name
	}
	return name
}

// settleSchemas keeps the URNs in step with the extensions that have data (RFC 7643 §3.3).
func (p *patching) settleSchemas() {
	var urns []any
	for _, urn := range p.target.Schemas() {
		_, hasData := keyOf(p.target, urn)
		if s, known := SchemaOf(urn); hasData || !known || isCore(s.ID) {
			urns = append(urns, urn)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.target)) {
		if hasPrefixFold(key, "urn:") && !p.target.HasSchema(key) {
			urns = append(urns, key)
		}
	}
	if urns != nil {
		p.target["schemas"] = urns
	}
}
