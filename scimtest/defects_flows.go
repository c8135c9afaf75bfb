package scimtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"slipway/internal/scim"
)

// flowDefects break no single rule of which there is a check: what breaks is one client's exact words, or what follows
// from two requests together.
var flowDefects = []Defect{
	{"okta.testcreds.users", "Looks for startIndex and count in the body of a GET that names a Content-Type.",
		serving(onPages, func(x *exchange, sound func() answer) answer {
			if x.r.Header.Get("Content-Type") != "" {
				x.query.Del("startIndex")
				x.query.Del("count")
			}
			return sound()
		})},
	{"okta.flow.assign", "Remembers that a filter found nobody, and answers so for ever.",
		neverAgain(userKind)},
	{"okta.flow.link-existing", "Makes a second user when a PUT brings an externalId that is new.",
		serving(on(userKind, replace), func(x *exchange, sound func() answer) answer {
			rec := x.s.users.byID[x.route.id]
			if rec == nil || rec.resource.ExternalID() != "" {
				return sound()
			}
			a := sound()
			if rec.resource.ExternalID() != "" && a.status < 300 {
				twin := rec.resource.Clone()
				twin["id"] = newID()
				x.s.users.add(&record{resource: twin})
			}
			return a
		})},
	{"okta.flow.username-not-email", "Takes the userName of a new user for the mail address as well.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error {
			emails, _ := r["emails"].([]any)
			if len(emails) == 1 && r.ExternalID() != "" && strings.Contains(r.UserName(), "@") {
				emails[0].(map[string]any)["value"] = r.UserName()
			}
			return nil
		})},
	{"okta.flow.update", "Takes phone numbers from a create only.",
		forgetting(on(userKind, replace), func(_ *exchange, old, kept scim.Resource) { keepOld(old, kept, "phoneNumbers") })},
	{"okta.flow.clear-attributes", "Refuses an empty text in a PUT.",
		picky(on(userKind, replace), func(body scim.Resource) *scim.Error {
			for name, value := range body {
				if value == "" {
					return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute %s must not be empty.", name)
				}
			}
			return nil
		})},
	{"okta.password.sync", "Locks whoever the directory manages until a new password is confirmed.",
		forgetting(onPassword, func(_ *exchange, _, kept scim.Resource) {
			if kept.ExternalID() != "" {
				kept["active"] = false
			}
		})},
	{"okta.password.change", "Refuses a second password that comes soon after the first.",
		func(s *Server, st *steps) {
			fresh := map[string]bool{} // under the server's lock, as all that serve does
			serving(onPassword, func(x *exchange, sound func() answer) answer {
				if fresh[x.route.id] {
					return *refused(http.StatusBadRequest, "The password is too young to be changed.")
				}
				a := sound()
				fresh[x.route.id] = a.status < 300
				return a
			})(s, st)
		}},
	{"okta.flow.deactivate", "Shows the inactive as active where they are looked up.",
		reshaping(onFilter, showActive)},
	{"okta.flow.reactivate-same-id", "Forgets the externalId of whoever comes back.",
		forgetting(on(userKind, replace, patch), func(_ *exchange, old, kept scim.Resource) {
			was, known := old.Active()
			if is, _ := kept.Active(); known && !was && is {
				without(kept, "externalId")
			}
		})},
	{"okta.flow.unassign", "Takes a PUT that holds meta for an echo of its own answer, and does not deactivate.",
		forgetting(on(userKind, replace), func(x *exchange, old, kept scim.Resource) {
			if body, err := objectOf(x); err == nil && body.Get("meta.lastModified") != nil {
				keepOld(old, kept, "active")
			}
		})},
	{"okta.import.full", "Sends three users of a page of a hundred.",
		windowing(func(_ *exchange, w window, _ int) (window, error) {
			if w.count == 100 {
				w.count = 3
			}
			return w, nil
		})},
	{"okta.import.delta-new", "Answers the first page of a hundred from a cache that nothing clears.", cachesFirstPage},
	{"okta.import.deactivated", "Shows everybody as active in a page of a hundred.",
		reshaping(func(x *exchange) bool { return onPages(x) && x.query.Get("count") == "100" }, showActive)},
	{"okta.testcreds.groups", "Refuses to list more than 50 groups at once.",
		serving(onGroupPages, func(x *exchange, sound func() answer) answer {
			if n, err := number(x.query, "count", defaultCount); err == nil && n > 50 {
				return *refused(http.StatusBadRequest, "The count must not be more than 50.")
			}
			return sound()
		})},
	{"okta.import.groups", "Leaves members out of the list of all groups.",
		reshaping(onGroupPages, func(_ *exchange, body scim.Resource) {
			for _, group := range resourcesOf(body) {
				without(group, "members")
			}
		})},
	{"okta.push.empty", "Refuses to set the members of an empty group to nobody.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if list, isList := op.Value.([]any); isList && len(list) == 0 && op.Op == "replace" && len(membersOf(r)) == 0 {
					return nil, scim.Refuse(http.StatusBadRequest, scim.NoTarget, "There are no members to replace.")
				}
			}
			return sound(r, ops)
		})},
	{"okta.push.create", "Remembers that there was no group of a name, and answers so for ever.",
		neverAgain(groupKind)},
	{"okta.push.add-member", "Takes id and displayName without a path for the whole group, and drops its members.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if value, _ := op.Value.(map[string]any); op.Path == "" && value["id"] != nil && r.String("displayName") == value["displayName"] {
					without(r, "members")
				}
			}
			return sound(r, ops)
		})},
	{"okta.push.remove-member", "Deletes a group when its last member leaves.",
		serving(on(groupKind, patch), func(x *exchange, sound func() answer) answer {
			rec := x.s.groups.byID[x.route.id]
			if rec == nil || len(membersOf(rec.resource)) != 1 || !strings.Contains(string(x.body), "remove") {
				return sound()
			}
			a := sound()
			if len(membersOf(rec.resource)) == 0 && a.status < 300 {
				x.s.groups.delete(rec)
			}
			return a
		})},
	{"okta.push.overwrite", "Keeps in a replace of members whoever was put in by the id alone.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			var nameless []any
			for _, m := range membersOf(r) {
				if m["display"] == nil {
					nameless = append(nameless, maps.Clone(m))
				}
			}
			ops = slices.Clone(ops)
			for i, op := range ops {
				if list, isList := op.Value.([]any); isList && op.Op == "replace" && len(nameless) > 0 {
					ops[i].Value = append(slices.Clone(list), nameless...)
				}
			}
			return sound(r, ops)
		})},
	{"okta.push.link-norename", "Loses the members with which a group was created when the first is added.", losesFounders},
	{"okta.push.link-rename", "Still finds a group by the name that it had.", findsOldNames},
	{"okta.push.delete", "Still finds a deleted group by its name.", findsDeleted},
	{"okta.attr.roundtrip-all", "Publishes nickName, and drops it from a new user.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error { without(r, "nickName"); return nil })},
	{"okta.429.backoff", "Answers the thirtieth request with 429, and does not say how long to wait.",
		func(s *Server, st *steps) {
			var met atomic.Int64
			arriving(func(*Server, *exchange) *answer {
				if met.Add(1) == 30 {
					return refused(http.StatusTooManyRequests, "This is too fast.")
				}
				return nil
			})(s, st)
		}},
}

// onPassword is a PATCH that sets a password and nothing else, as directories send it.
func onPassword(x *exchange) bool {
	ops, err := operationsOf(x)
	if !x.route.is(userKind, patch) || err != nil || len(ops) != 1 || ops[0].Path != "" {
		return false
	}
	value, _ := ops[0].Value.(map[string]any)
	return len(value) == 1 && value["password"] != nil
}

func onGroupPages(x *exchange) bool { return x.route.is(groupKind, list) && !x.query.Has("filter") }

func showActive(_ *exchange, body scim.Resource) {
	for _, user := range resourcesOf(body) {
		user["active"] = true
	}
}

// neverAgain keeps in mind which filters found nothing.
func neverAgain(k *kind) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		var empty sync.Map // lists are read under a lock that others share
		finding(k, func(_ []*record, filter string, sound finder) ([]*record, error) {
			if _, before := empty.Load(filter); before {
				return nil, nil
			}
			found, err := sound(filter)
			if err == nil && len(found) == 0 {
				empty.Store(filter, true)
			}
			return found, err
		})(s, st)
	}
}

func cachesFirstPage(s *Server, st *steps) {
	var mu sync.Mutex
	var cached *answer
	serving(onPages, func(x *exchange, sound func() answer) answer {
		if x.query.Get("count") != "100" || x.query.Get("startIndex") != "1" {
			return sound()
		}
		mu.Lock()
		defer mu.Unlock()
		if cached == nil {
			a := sound()
			cached = &a
		}
		return *cached
	})(s, st)
}

// losesFounders counts a group as new until its first add.
func losesFounders(s *Server, st *steps) {
	started := map[string]bool{} // under the server's lock, as all that change does
	patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
		for _, op := range ops {
			if op.Op == "add" && op.Path == "members" {
				if !started[r.ID()] {
					without(r, "members")
				}
				started[r.ID()] = true
			}
		}
		return sound(r, ops)
	})(s, st)
}

// findsOldNames never takes a group out of the index of names.
func findsOldNames(s *Server, st *steps) {
	had := map[string]*record{} // by the filter that asks for the name; under the server's lock
	serving(on(groupKind, patch), func(x *exchange, sound func() answer) answer {
		rec := x.s.groups.byID[x.route.id]
		if rec == nil {
			return sound()
		}
		was := rec.resource.String("displayName")
		a := sound()
		if rec.resource.String("displayName") != was {
			had[`displayName eq "`+was+`"`] = rec
		}
		return a
	})(s, st)
	findsToo(st, had)
}

func findsDeleted(s *Server, st *steps) {
	had := map[string]*record{} // by the filter that asks for the name; under the server's lock
	serving(on(groupKind, remove), func(x *exchange, sound func() answer) answer {
		rec := x.s.groups.byID[x.route.id]
		a := sound()
		if rec != nil && a.status < 300 {
			had[`displayName eq "`+rec.resource.String("displayName")+`"`] = rec
		}
		return a
	})(s, st)
	findsToo(st, had)
}

// findsToo answers a filter that finds nobody with the record of before.
func findsToo(st *steps, had map[string]*record) {
	next := st.find
	st.find = func(x *exchange, filter string) ([]*record, error) {
		found, err := next(x, filter)
		if rec := had[filter]; err == nil && len(found) == 0 && rec != nil && x.route.kind == groupKind {
			return []*record{rec}, nil
		}
		return found, err
	}
}
