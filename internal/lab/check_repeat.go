package lab

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// repeatChecks send the same request twice, as clients do whose first answer was lost, or at the same moment.
var repeatChecks = []Check{
	{
		ID: "users.create.duplicate-immediate", Title: "Of two creates at the same moment one makes a user", Family: users, Severity: report.RFC | report.Network, Feature: "create_users",
		Needs: []string{"users.create.unique"}, Reference: "RFC 7643 §4.1.1; RFC 7644 §3.3",
		Why:   "Two workers of one client, or two clicks of one person, leave two accounts with one name.",
		Fix:   "Let a unique index of the database decide, not a look-up before the insert.",
		judge: (*run).judgeImmediate,
	},
	{
		ID: "idem.create-retry", Title: "A create that is repeated leaves the user as it was", Family: users, Severity: report.RFC | report.Network, Feature: "create_users",
		Needs: []string{"users.create.duplicate-409", "filter.eq.username", "users.get.200"}, Reference: "RFC 7644 §3.3; network rule",
		Why:   "A client whose answer was lost creates again, is told 409, and looks the user up: it must find one, and the one that it made.",
		Fix:   "Refuse the create before anything is written: with 409 nothing changes.",
		judge: (*run).judgeCreateRetry,
	},
	{
		ID: "idem.put", Title: "The same PUT again comes to the same user", Family: users, Severity: report.RFC, Feature: "update_users",
		Needs: []string{"users.put.readback"}, Reference: "RFC 9110 §9.2.2; RFC 7644 §3.5.1",
		Why:   "Clients repeat a PUT whose answer was lost; what is added each time grows for ever.",
		Fix:   "Let the body replace what is stored, lists too: do not append.",
		judge: (*run).judgePutTwice,
	},
	{
		ID: "idem.patch", needsPatch: true, Title: "Deactivating again succeeds", Family: users, Severity: report.Network, Feature: "deactivate_users",
		Needs: []string{"users.active.deactivate-patch", "patch.noop"}, Reference: "Network rule",
		Why:   "Clients repeat what they are not sure of; an error keeps the task open although the account is closed.",
		Fix:   "Answer 200 or 204 where active is false already.",
		judge: (*run).judgeDeactivateTwice,
	},
}

func (r *run) judgeImmediate() Finding {
	sent := r.names.plainUser("dora", "Dora", "Twice")
	q := ask{method: http.MethodPost, path: "/Users", body: sent, object: &report.Object{Resource: "Users", Name: sent.UserName()}}
	answers := r.together(q, q)
	var ids, said []string
	for _, a := range answers {
		if a.err != nil {
			return a.trouble()
		}
		said = append(said, a.shown())
		if id := r.idOfOurs(a); a.is2xx() && id != "" {
			ids = append(ids, id)
		}
	}
	mark := len(r.evidence)
	if more, err := r.idsOf(report.Object{Resource: "Users", Name: sent.UserName()}); err == nil {
		ids = append(ids, more...)
	}
	r.evidence = r.evidence[:mark]
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range ids {
		r.identify("Users", sent.UserName(), id)
		r.discard("Users", id)
	}
	switch both := strings.Join(said, " and "); len(ids) {
	case 0:
		return fails("Two creates of %s at the same moment were answered %s: no user was made.", quote(sent.UserName()), both).only(report.Network)
	case 1:
		return passed("Two creates at the same moment were answered %s: there is one user.", both)
	default:
		return fails("Two creates of %s at the same moment were answered %s: there were %d users.", quote(sent.UserName()), both, len(ids))
	}
}

// judgeCreateRetry says something else the second time, so that it would show if it were stored.
func (r *run) judgeCreateRetry() Finding {
	guest, f := r.guest("retry")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	again := guest.sent.Clone()
	again["title"], again["displayName"] = "Retried "+r.names.tag, "Retried "+r.names.tag
	before := r.user(guest.id)
	a := r.create("Users", again)
	if f, bad := a.want(http.StatusConflict); bad {
		r.undo("Users", a)
		return f
	}
	filter := "userName eq " + quote(guest.name)
	now, waited, wrong := r.settle(func() *answer { return r.find(filter) }, func(a *answer) string {
		found := a.resources()
		switch {
		case len(found) != 1:
			return "After the 409, " + filter + " finds " + itoa(len(found)) + " users instead of one."
		case found[0].ID() != guest.id:
			return "After the 409, " + filter + " finds the user " + shownJSON(found[0].Get("id")) + " instead of " + quote(guest.id) + "."
		}
		if wrong := differences(before.object, found[0], []string{"title", "displayName"}); wrong != "" {
			return "The create was refused with 409, and changed the user: " + wrong
		}
		return ""
	})
	return settled(now, waited, wrong)
}

func (r *run) judgePutTwice() Finding {
	guest, f := r.guest("again")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	body := guest.sent.Clone()
	body["title"] = "Repeated " + r.names.tag
	body["phoneNumbers"] = []any{map[string]any{"value": "+46 8 555 0102", "type": "work"}}
	first, once := r.puts(guest, body)
	if !first.is2xx() {
		return expect(first, http.StatusOK)
	}
	second := r.replace("Users", guest.id, body)
	if f, bad := second.want(http.StatusOK, http.StatusNoContent); bad {
		f.Message += " The same PUT had been answered " + first.shown() + " before."
		return f
	}
	a, waited, wrong := r.settle(func() *answer { return r.user(guest.id) }, func(a *answer) string {
		if name := firstChange(once.object, a.object); name != "" {
			return "After the first PUT " + name + " was " + shownJSON(once.object.Get(name)) + ", after the second it is " + shownJSON(a.object.Get(name)) + "."
		}
		return ""
	})
	return settled(a, waited, wrong)
}

// firstChange names an attribute that is not the same in both, whatever the order of its values. meta may move.
func firstChange(was, is scim.Resource) string {
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if name != "meta" && sorted(was[name]) != sorted(is[name]) {
			return name
		}
	}
	return ""
}

// sorted is the value as text, lists sorted.
func sorted(value any) string {
	list, isList := value.([]any)
	if !isList {
		text, _ := json.Marshal(value)
		return string(text)
	}
	var texts []string
	for _, element := range list {
		texts = append(texts, sorted(element))
	}
	slices.Sort(texts)
	return strings.Join(texts, ",")
}

func (r *run) judgeDeactivateTwice() Finding {
	guest, f := r.guest("closed")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	if a := r.patch("Users", guest.id, activeOp(false)); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	if f, bad := r.patch("Users", guest.id, activeOp(false)).want(http.StatusOK, http.StatusNoContent); bad {
		f.Message += " The same PATCH had succeeded before."
		return f
	}
	return r.shows(guest.id, "active", "false")
}
