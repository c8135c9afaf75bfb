package scimtest

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"time"

	"slipway/internal/scim"
)

func (s *Server) collection(k *kind) *collection {
	if k == groupKind {
		return s.groups
	}
	return s.users
}

func (s *Server) create(x *exchange) (answer, error) {
	r, password, err := s.incoming(x)
	if err != nil {
		return answer{}, err
	}
	s.enforce(r)
	if s.steps.taken(x, "", r) {
		return answer{}, alreadyTaken(x.route.kind, r)
	}
	now := stamp(s.now())
	id := s.steps.newID(x)
	r["id"] = id
	r["meta"] = map[string]any{"resourceType": x.route.kind.name, "created": now, "lastModified": now}
	rec := &record{resource: s.steps.keep(x, nil, r), password: password}
	s.collection(x.route.kind).add(rec)
	s.rejoin(nil, rec.resource)
	a := s.shown(x, http.StatusCreated, &record{resource: r, password: password})
	a.header.Set("Location", x.base+location(x.route.kind, id))
	return a, nil
}

func (s *Server) get(x *exchange) (answer, error) {
	rec, err := s.target(x)
	if err != nil {
		return answer{}, err
	}
	if a, same := s.unchanged(x, rec); same {
		return a, nil
	}
	return s.shown(x, http.StatusOK, rec), nil
}

func (s *Server) replace(x *exchange) (answer, error) {
	rec, err := s.changeable(x)
	if err != nil {
		return answer{}, err
	}
	r, password, err := s.incoming(x)
	if err != nil {
		return answer{}, err
	}
	if password == "" { // absent from a PUT, a password stays (RFC 7643 §4.1.1)
		password = rec.password
	}
	return s.update(x, rec, r, password)
}

func (s *Server) patch(x *exchange) (answer, error) {
	change, err := s.changeOf(x)
	if err != nil {
		return answer{}, err
	}
	rec, err := s.changeable(x)
	if err != nil {
		return answer{}, err
	}
	work := rec.resource.Clone()
	if rec.password != "" {
		work["password"] = rec.password
	}
	r, err := change(work)
	if err != nil {
		return answer{}, err
	}
	password := r.String("password")
	delete(r, "password")
	return s.update(x, rec, r, password)
}

// changeOf reads what a PATCH asks for.
func (s *Server) changeOf(x *exchange) (func(scim.Resource) (scim.Resource, error), error) {
	if s.version11 {
		partial, err := objectOf(x)
		return func(r scim.Resource) (scim.Resource, error) { return s.steps.merge(x, r, partial) }, err
	}
	ops, err := operationsOf(x)
	return func(r scim.Resource) (scim.Resource, error) { return s.steps.patch(x, r, ops) }, err
}

func (s *Server) remove(x *exchange) (answer, error) {
	rec, err := s.changeable(x)
	if err != nil {
		return answer{}, err
	}
	s.leaveAll(rec)
	s.rejoin(rec.resource, nil)
	s.collection(x.route.kind).delete(rec)
	return answer{status: s.deleted(), header: http.Header{}}, nil
}

// update stores r in the place of what the record holds. Where nothing changes, lastModified does not either.
func (s *Server) update(x *exchange, rec *record, r scim.Resource, password string) (answer, error) {
	s.enforce(r)
	if s.steps.taken(x, rec.id(), r) {
		return answer{}, alreadyTaken(x.route.kind, r)
	}
	if err := s.completeMembers(x.route.kind, r); err != nil {
		return answer{}, err
	}
	old := rec.resource
	meta := maps.Clone(old["meta"].(map[string]any))
	r["id"], r["meta"] = old["id"], meta
	if !reflect.DeepEqual(old, r) || password != rec.password {
		meta["lastModified"] = stamp(s.now())
	}
	kept := s.steps.keep(x, old, r)
	s.collection(x.route.kind).swap(rec, kept)
	rec.password = password
	s.rejoin(old, kept)
	return s.shown(x, http.StatusOK, &record{resource: r, password: password}), nil
}

func (s *Server) target(x *exchange) (*record, error) {
	if rec := s.collection(x.route.kind).byID[x.route.id]; rec != nil {
		return rec, nil
	}
	return nil, scim.Refuse(http.StatusNotFound, "", "There is no %s with this id.", x.route.kind.name)
}

// changeable is the target of a write whose precondition holds.
func (s *Server) changeable(x *exchange) (*record, error) {
	rec, err := s.target(x)
	if err == nil {
		err = s.unmet(x, rec)
	}
	return rec, err
}

// incoming reads the body of a POST or PUT: what of it is stored, and the password, which is stored apart.
func (s *Server) incoming(x *exchange) (r scim.Resource, password string, err error) {
	body, err := objectOf(x)
	if err != nil {
		return nil, "", err
	}
	if r, err = s.steps.accept(x, body); err != nil {
		return nil, "", err
	}
	password = r.String("password")
	delete(r, "password")
	if _, told := r["active"]; !told && x.route.kind == userKind {
		r["active"] = true
	}
	return r, password, s.completeMembers(x.route.kind, r)
}

// accept is the sound way of taking a body in.
func accept(x *exchange, body scim.Resource) (scim.Resource, error) {
	r, err := scim.Conform(body, x.route.kind.schema)
	if err != nil || !x.s.entitled || x.route.kind != userKind {
		return r, err
	}
	if err := conformBadge(r, badgeOf(body)); err != nil {
		return nil, err
	}
	return r, x.s.checkHeld(r)
}

// taken is the sound rule of uniqueness: no two users with one userName, whatever its case. Groups may share
// a name.
func (s *Server) taken(x *exchange, id string, r scim.Resource) bool {
	if x.route.kind != userKind {
		return false
	}
	return slices.ContainsFunc(s.users.byName[scim.Fold(r.UserName())], func(other *record) bool { return other.id() != id })
}

func alreadyTaken(k *kind, r scim.Resource) *scim.Error {
	return scim.Refuse(http.StatusConflict, scim.Uniqueness, "There is a %s with the %s %q already.", k.name, k.unique, r.String(k.unique))
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func location(k *kind, id string) string { return k.endpoint + "/" + id }

// newID returns a random UUID; ids are never used again.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
