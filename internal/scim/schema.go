package scim

import (
	"slices"
	"strings"
)

// Schema describes the attributes of one kind of resource, or of one extension (RFC 7643 §7).
type Schema struct {
	ID          string      `json:"id"` // the URN
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Attributes  []Attribute `json:"attributes"`
}

// Attribute is one attribute's characteristics, in the words of RFC 7643 §7.
type Attribute struct {
	Name            string      `json:"name"`
	Type            string      `json:"type"` // string, boolean, decimal, integer, dateTime, binary, reference, complex
	MultiValued     bool        `json:"multiValued"`
	Description     string      `json:"description"`
	Required        bool        `json:"required"`
	CanonicalValues []string    `json:"canonicalValues,omitempty"`
	CaseExact       bool        `json:"caseExact"`
	Mutability      string      `json:"mutability"` // readOnly, readWrite, immutable, writeOnly
	Returned        string      `json:"returned"`   // always, never, default, request
	Uniqueness      string      `json:"uniqueness"` // none, server, global
	ReferenceTypes  []string    `json:"referenceTypes,omitempty"`
	SubAttributes   []Attribute `json:"subAttributes,omitempty"`
}

// Schemas returns the schemas of RFC 7643 §8.7: User, Group, the enterprise extension, and the three that
// describe a service.
func Schemas() []Schema { return slices.Clone(schemas) }

// SchemaOf returns the schema with the URN, whose case does not matter.
func SchemaOf(urn string) (Schema, bool) {
	for _, s := range schemas {
		if strings.EqualFold(s.ID, urn) {
			return s, true
		}
	}
	return Schema{}, false
}

// Attribute finds an attribute by name without regard to case.
func (s Schema) Attribute(name string) (Attribute, bool) { return attributeNamed(s.Attributes, name) }

// Sub finds a sub-attribute by name without regard to case.
func (a Attribute) Sub(name string) (Attribute, bool) { return attributeNamed(a.SubAttributes, name) }

func attributeNamed(list []Attribute, name string) (Attribute, bool) {
	for _, a := range list {
		if strings.EqualFold(a.Name, name) {
			return a, true
		}
	}
	return Attribute{}, false
}

// definition finds what the RFC says of an attribute; urn is "" for the core. A name that the RFC does not
// know has the zero Attribute: no type, compared without regard to case (RFC 7643 §2.2).
func definition(urn, name string) (Attribute, bool) {
	if urn != "" && !isCore(urn) {
		extension, _ := SchemaOf(urn)
		return extension.Attribute(name)
	}
	for _, list := range [][]Attribute{commonAttributes, userSchema.Attributes, groupSchema.Attributes} {
		if a, ok := attributeNamed(list, name); ok {
			return a, true
		}
	}
	return Attribute{}, false
}

// AttributeAt returns what the RFC says of the attribute at a path: "name.familyName", also with its URN. Of a complex
// attribute that has a value it is the value's. What the RFC does not know, or cannot be read, is the zero Attribute.
func AttributeAt(path string) Attribute {
	p, err := parsePath(path)
	if err != nil || p.filter != nil {
		return Attribute{}
	}
	return p.definition(nil)
}

func isCore(urn string) bool {
	return strings.EqualFold(urn, SchemaUser) || strings.EqualFold(urn, SchemaGroup)
}

// The constructors below start from the defaults of RFC 7643 §2.2: optional, read-write, returned by
// default, compared without regard to case, not unique.

func attribute(kind, name, description string) Attribute {
	return Attribute{
		Name: name, Type: kind, Description: description,
		Mutability: "readWrite", Returned: "default", Uniqueness: "none",
	}
}

func text(name, description string) Attribute     { return attribute("string", name, description) }
func flag(name, description string) Attribute     { return attribute("boolean", name, description) }
func integer(name, description string) Attribute  { return attribute("integer", name, description) }
func dateTime(name, description string) Attribute { return attribute("dateTime", name, description) }

func link(name, description string, types ...string) Attribute {
	a := attribute("reference", name, description)
	a.ReferenceTypes = types
	return a.exact()
}

func complexOf(name, description string, subs ...Attribute) Attribute {
	a := attribute("complex", name, description)
	a.SubAttributes = subs
	return a
}

func listOf(name, description string, subs ...Attribute) Attribute {
	a := complexOf(name, description, subs...)
	a.MultiValued = true
	return a
}

func (a Attribute) exact() Attribute    { a.CaseExact = true; return a }
func (a Attribute) required() Attribute { a.Required = true; return a }
func (a Attribute) unique() Attribute   { a.Uniqueness = "server"; return a }
func (a Attribute) many() Attribute     { a.MultiValued = true; return a }
func (a Attribute) always() Attribute   { a.Returned = "always"; return a }

func (a Attribute) oneOf(values ...string) Attribute { a.CanonicalValues = values; return a }

// immutable and readOnly hold for the sub-attributes too.
func (a Attribute) immutable() Attribute { return a.mutable("immutable") }
func (a Attribute) readOnly() Attribute  { return a.mutable("readOnly") }

func (a Attribute) mutable(how string) Attribute {
	a.Mutability = how
	a.SubAttributes = slices.Clone(a.SubAttributes)
	for i, sub := range a.SubAttributes {
		a.SubAttributes[i] = sub.mutable(how)
	}
	return a
}
