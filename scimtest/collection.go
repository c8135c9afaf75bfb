package scimtest

import (
	"slices"

	"slipway/internal/scim"
)

// record is one stored resource. The resource is never changed, only replaced as a whole, so that it can be
// rendered after the lock is gone.
type record struct {
	seq      int64 // order of creation
	resource scim.Resource
	password string
}

func (r *record) id() string { return r.resource.ID() }

// collection holds the resources of one kind, with an index for each look-up that clients do for every person.
type collection struct {
	kind       *kind
	seq        int64
	order      []*record // by seq
	byID       map[string]*record
	byName     map[string][]*record // by userName or displayName, folded; several where a defect lets them in
	byExternal map[string][]*record // by externalId
}

func newCollection(k *kind) *collection {
	return &collection{kind: k, byID: map[string]*record{}, byName: map[string][]*record{}, byExternal: map[string][]*record{}}
}

func (c *collection) add(rec *record) {
	c.seq++
	rec.seq = c.seq
	c.order = append(c.order, rec)
	c.byID[rec.id()] = rec
	c.index(rec)
}

// swap puts a new resource in the place of the record's old one.
func (c *collection) swap(rec *record, r scim.Resource) {
	c.unindex(rec)
	rec.resource = r
	c.index(rec)
}

func (c *collection) delete(rec *record) {
	at, _ := slices.BinarySearchFunc(c.order, rec, bySeq)
	c.order = slices.Delete(c.order, at, at+1)
	delete(c.byID, rec.id())
	c.unindex(rec)
}

func bySeq(a, b *record) int { return int(a.seq - b.seq) }

func (c *collection) index(rec *record) {
	name, external := c.keys(rec)
	c.byName[name] = append(c.byName[name], rec)
	if external != "" {
		c.byExternal[external] = append(c.byExternal[external], rec)
	}
}

func (c *collection) unindex(rec *record) {
	name, external := c.keys(rec)
	dropFrom(c.byName, name, rec)
	dropFrom(c.byExternal, external, rec)
}

func (c *collection) keys(rec *record) (name, external string) {
	return scim.Fold(rec.resource.String(c.kind.unique)), rec.resource.ExternalID()
}

// dropFrom takes value out of the list at key, and the key along with its last value.
func dropFrom[T comparable](index map[string][]T, key string, value T) {
	kept := slices.DeleteFunc(slices.Clone(index[key]), func(v T) bool { return v == value })
	if len(kept) == 0 {
		delete(index, key)
	} else {
		index[key] = kept
	}
}

// candidates narrows a search by an index; without one that fits, everybody is a candidate.
func (c *collection) candidates(f scim.Filter) []*record {
	if id, ok := f.Equality("id"); ok {
		if rec := c.byID[id]; rec != nil {
			return []*record{rec}
		}
		return nil
	}
	if name, ok := f.Equality(c.kind.unique); ok {
		return c.byName[scim.Fold(name)]
	}
	if external, ok := f.Equality("externalId"); ok {
		return c.byExternal[external]
	}
	return c.order
}
