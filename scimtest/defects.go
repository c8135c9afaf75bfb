package scimtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// Defect is one thing that real servers do wrong. Its name is the id of the lab's check that looks for it. Where one check
// looks for several, what follows a slash tells them apart.
type Defect struct {
	Name string
	Doc  string // one sentence: what servers do wrong

	spoil func(*Server, *steps)
}

// Defects lists every defect, in the order of the lab's catalogue. conn.base-url.https is not among them: a
// server cannot be wrong about the scheme of the address under which somebody calls it.
func Defects() []Defect { return slices.Clone(catalogue) }

var catalogue = slices.Concat(
	connectionDefects, guardDefects, discoveryDefects, userDefects, activeDefects, representationDefects,
	filterDefects, operatorDefects, literalDefects, sortDefects, limitDefects, projectionDefects, searchDefects, cursorDefects, pageDefects,
	createDefects, richDefects, putDefects, goneDefects,
	patchDefects, patchReplaceDefects, patchAddDefects, patchRemoveDefects, patchRefusalDefects,
	groupDefects, groupRuleDefects, groupMemberDefects, groupLargeDefects, repeatDefects,
	mediaDefects, shapeDefects, errorDefects, inputDefects, documentDefects, wireDefects, tenantDefects,
	etagDefects, bulkDefects, textDefects, securityDefects, loadDefects,
	flowDefects, entraDefects, entitlementDefects, customDefects,
)

// Check is the id of the lab's check that looks for the defect.
func (d Defect) Check() string {
	id, _, _ := strings.Cut(d.Name, "/")
	return id
}

// steps are the points at which a request can go wrong. Each starts out sound; a defect puts something of its
// own in the place of one or more, and calls the step that was there before for everything else. That way
// several defects can be on at once.
type steps struct {
	arrive func(*exchange) *answer                                               // before anything is looked at; nil: go on
	admit  func(*exchange) *answer                                               // nil: the credentials are good
	house  func(*exchange) *Server                                               // whose users and groups the request is about
	serve  func(*exchange) answer                                                // what the route asks for, under the lock
	accept func(*exchange, scim.Resource) (scim.Resource, error)                 // what a POST or PUT body means
	taken  func(x *exchange, id string, r scim.Resource) bool                    // whether somebody else is r already
	keep   func(x *exchange, old, promised scim.Resource) scim.Resource          // what is stored of what is promised
	patch  func(*exchange, scim.Resource, []scim.PatchOp) (scim.Resource, error) // RFC 7644 §3.5.2
	find   func(x *exchange, filter string) ([]*record, error)                   // who matches
	window func(x *exchange, total int) (window, error)                          // which part of a list is shown
	resume func(*exchange, cursor) error                                         // whether a cursor leads anywhere (RFC 9865)
	show   func(*exchange, *record, scim.Resource) scim.Resource                 // how one resource looks
	finish func(*exchange, answer) answer                                        // the last word, on refusals too
	speak  func(*exchange, answer) answer                                        // in the words of the version that is spoken
	merge  func(x *exchange, r, partial scim.Resource) (scim.Resource, error)    // PATCH in SCIM 1.1 (draft-scim-api-01 §3.3.2)
	newID  func(*exchange) string
	spell  func(userName string) string // the one spelling of all that are equal
}

func (s *Server) soundSteps() steps {
	return steps{
		arrive: func(*exchange) *answer { return nil },
		admit:  s.admit,
		house:  s.houseOf,
		serve:  s.serve,
		accept: accept,
		taken:  s.taken,
		keep:   func(_ *exchange, _, promised scim.Resource) scim.Resource { return promised },
		patch:  applyPatch,
		find:   s.find,
		window: pageWindow,
		resume: s.resume,
		show:   func(_ *exchange, _ *record, r scim.Resource) scim.Resource { return r },
		finish: func(_ *exchange, a answer) answer { return a },
		speak:  s.speak,
		merge: func(_ *exchange, r, partial scim.Resource) (scim.Resource, error) {
			return scim.MergePartial(r, partial)
		},
		newID: func(*exchange) string { return newID() },
		spell: enforced,
	}
}

// The constructors below are the vocabulary in which defects are written. Each says at which step something
// goes wrong, and for whom.

// when says which requests a defect concerns.
type when func(*exchange) bool

func on(k *kind, deeds ...deed) when {
	return func(x *exchange) bool { return x.route.is(k, deeds...) }
}

// onPages is a list of all users by index: no filter, no search, and no cursor.
func onPages(x *exchange) bool {
	return x.route.is(userKind, list) && !x.query.Has("filter") && !x.query.Has("cursor")
}

// onFilter is a list of users by a filter.
func onFilter(x *exchange) bool {
	return x.route.is(userKind, list, search) && x.query.Has("filter")
}

// onTopic is a discovery document.
func onTopic(path string) when {
	return func(x *exchange) bool { return x.route.deed == discover && x.route.topic == path && x.route.id == "" }
}

// serving puts work in the place of the route's own. sound is what would have been done.
func serving(concerned when, work func(x *exchange, sound func() answer) answer) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.serve
		st.serve = func(x *exchange) answer {
			if !concerned(x) {
				return next(x)
			}
			return work(x, func() answer { return next(x) })
		}
	}
}

// finishing changes answers that are not refusals.
func finishing(concerned when, change func(x *exchange, a *answer)) func(*Server, *steps) {
	return lastly(func(x *exchange, a *answer) {
		if a.status < 300 && concerned(x) {
			change(x, a)
		}
	})
}

// refusing changes refusals of the status; 0 stands for every refusal but the 401, which has defects of its own.
func refusing(status int, change func(x *exchange, a *answer)) func(*Server, *steps) {
	return lastly(func(x *exchange, a *answer) {
		other := status == 0 && a.status >= 400 && a.status != http.StatusUnauthorized
		if other || a.status == status {
			change(x, a)
		}
	})
}

func lastly(change func(x *exchange, a *answer)) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.finish
		st.finish = func(x *exchange, a answer) answer {
			a = next(x, a)
			a.header = a.header.Clone()
			change(x, &a)
			return a
		}
	}
}

// reshaping changes the JSON object of an answer that is not a refusal.
func reshaping(concerned when, change func(x *exchange, body scim.Resource)) func(*Server, *steps) {
	return finishing(concerned, func(x *exchange, a *answer) {
		if body, ok := a.object(); ok {
			change(x, body)
			a.body = body
		}
	})
}

// misstating changes the JSON object of refusals.
func misstating(status int, change func(x *exchange, body scim.Resource)) func(*Server, *steps) {
	return refusing(status, func(x *exchange, a *answer) {
		if body, ok := a.object(); ok {
			change(x, body)
			a.body = body
		}
	})
}

// object returns the answer's body as an object of its own; ok is false where another defect made it something
// else.
func (a answer) object() (body scim.Resource, ok bool) {
	if _, isList := a.body.([]scim.Resource); isList || a.body == nil {
		return nil, false
	}
	return decoded(a.body), true
}

// showing changes how single resources of kind k look, in lists too.
func showing(k *kind, change func(x *exchange, rec *record, r scim.Resource)) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.show
		st.show = func(x *exchange, rec *record, r scim.Resource) scim.Resource {
			r = next(x, rec, r)
			if r.HasSchema(k.schema) {
				r = r.Clone()
				change(x, rec, r)
			}
			return r
		}
	}
}

// accepting changes what a POST or PUT body means, after it was found to be in order.
func accepting(concerned when, change func(x *exchange, r scim.Resource) error) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.accept
		st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
			r, err := next(x, body.Clone())
			if err == nil && concerned(x) {
				err = change(x, r)
			}
			return r, err
		}
	}
}

// picky refuses bodies that are in order.
func picky(concerned when, complaint func(body scim.Resource) *scim.Error) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.accept
		st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
			if concerned(x) {
				if e := complaint(body); e != nil {
					return nil, e
				}
			}
			return next(x, body)
		}
	}
}

// forgetting stores something else than the answer promises.
func forgetting(concerned when, change func(x *exchange, old, kept scim.Resource)) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.keep
		st.keep = func(x *exchange, old, promised scim.Resource) scim.Resource {
			kept := next(x, old, promised)
			if concerned(x) {
				kept = kept.Clone()
				change(x, old, kept)
			}
			return kept
		}
	}
}

// patcher applies operations to a resource.
type patcher func(scim.Resource, []scim.PatchOp) (scim.Resource, error)

// patching puts something in the place of the way in which resources of kind k are patched.
func patching(k *kind, change func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error)) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.patch
		st.patch = func(x *exchange, r scim.Resource, ops []scim.PatchOp) (scim.Resource, error) {
			sound := func(r scim.Resource, ops []scim.PatchOp) (scim.Resource, error) {
				if len(ops) == 0 {
					return r, nil // every operation was one that the defect swallowed
				}
				return next(x, r, ops)
			}
			if x.route.kind != k {
				return sound(r, ops)
			}
			return change(r, ops, sound)
		}
	}
}

// skipping ignores operations and answers as if they had been done.
func skipping(k *kind, skip func(op scim.PatchOp) bool) func(*Server, *steps) {
	return patching(k, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
		return sound(r, slices.DeleteFunc(slices.Clone(ops), skip))
	})
}

// finder searches by a filter.
type finder func(filter string) ([]*record, error)

// finding puts something in the place of the search for resources of kind k by a filter. all is everybody.
func finding(k *kind, change func(all []*record, filter string, sound finder) ([]*record, error)) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		next := st.find
		st.find = func(x *exchange, filter string) ([]*record, error) {
			sound := func(filter string) ([]*record, error) { return next(x, filter) }
			if !x.route.is(k, list, search) || !x.query.Has("filter") {
				return sound(filter)
			}
			return change(s.collection(k).order, filter, sound)
		}
	}
}

// windowing changes which part of the list of all users is shown.
func windowing(change func(x *exchange, w window, total int) (window, error)) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.window
		st.window = func(x *exchange, total int) (window, error) {
			w, err := next(x, total)
			if err == nil && onPages(x) {
				w, err = change(x, w, total)
			}
			return w, err
		}
	}
}

// resourcesOf returns the resources of a list's body, to be changed in place.
func resourcesOf(body scim.Resource) []scim.Resource {
	list, _ := body["Resources"].([]any)
	var out []scim.Resource
	for _, element := range list {
		if object, ok := element.(map[string]any); ok {
			out = append(out, object)
		}
	}
	return out
}

func without(r scim.Resource, names ...string) {
	maps.DeleteFunc(r, func(key string, _ any) bool { return slices.Contains(names, key) })
}
