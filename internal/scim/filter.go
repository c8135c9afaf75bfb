package scim

import "strings"

// Filter decides whether a resource is meant (RFC 7644 §3.4.2.2). The zero Filter means every resource.
type Filter struct {
	root node
	text string
}

// ParseFilter reads a filter as a client sends it, after URL decoding. It returns a 400 invalidFilter whose
// detail says what is wrong and where, also for an order asked of booleans or binary values.
func ParseFilter(s string) (Filter, error) {
	root, err := parseFilter(s)
	if err != nil {
		return Filter{}, Refuse(400, InvalidFilter, "The filter cannot be read: %v.", err)
	}
	return Filter{root, s}, nil
}

// String returns the filter as it was written.
func (f Filter) String() string { return f.text }

// Match reports whether r is meant. Attribute names and URNs are compared without regard to case, values by
// the caseExact of the core and enterprise schemas; an attribute unknown to the RFC is not case exact.
// A multi-valued attribute matches when one of its values does; "ne" is the opposite of "eq". An attribute
// without a value matches only "ne" and "eq null".
func (f Filter) Match(r Resource) bool { return f.root == nil || f.root.match(r) }

// Equality returns the text that attribute must equal in every resource that the filter matches, so that
// an index can find them. ok is false where the filter sets no such condition.
func (f Filter) Equality(attribute string) (value string, ok bool) {
	return equality(f.root, attribute)
}

func equality(n node, attribute string) (string, bool) {
	switch n := n.(type) {
	case comparison:
		value, isText := n.literal.(string)
		core := n.path.urn == "" || isCore(n.path.urn)
		return value, isText && core && n.op == equal && n.path.sub == "" && strings.EqualFold(n.path.name, attribute)
	case logical:
		if !n.and {
			return "", false
		}
		if value, ok := equality(n.left, attribute); ok {
			return value, true
		}
		return equality(n.right, attribute)
	}
	return "", false
}

// node is a part of a parsed filter. object is a resource, or one value of a multi-valued attribute.
type node interface {
	match(object map[string]any) bool
}

type logical struct {
	left, right node
	and         bool // or else or
}

func (l logical) match(object map[string]any) bool {
	if l.and {
		return l.left.match(object) && l.right.match(object)
	}
	return l.left.match(object) || l.right.match(object)
}

type negation struct{ inner node }

func (n negation) match(object map[string]any) bool { return !n.inner.match(object) }

// valuePath asks that one and the same value satisfies all conditions: emails[type eq "work" and …].
type valuePath struct {
	path  attrPath
	inner node
}

func (v valuePath) match(object map[string]any) bool {
	for element := range v.path.values(object) {
		if v.inner.match(asObject(element)) {
			return true
		}
	}
	return false
}

// asObject lets a condition on "value" look at plain values too.
func asObject(element any) map[string]any {
	if object, ok := element.(map[string]any); ok {
		return object
	}
	return map[string]any{"value": element}
}
