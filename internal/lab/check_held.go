package lab

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// grant is what a user may hold, as it stands in a user.
func (o offer) grant(item scim.Resource) map[string]any {
	held := map[string]any{"value": item.ID(), "display": item.String("displayName")}
	if !o.isRole() {
		held["type"] = o.name()
	}
	return held
}

// attribute is where a user holds it.
func (o offer) attribute() string {
	if o.isRole() {
		return "roles"
	}
	return "entitlements"
}

// mighty is what a value is called that may give its holder power over others.
var mighty = regexp.MustCompile(`(?i)admin|owner|root|super|manager|security|billing`)

// harmlessFirst puts the values last whose names speak of power: an account of the lab has no business with them.
func harmlessFirst(items []scim.Resource) []scim.Resource {
	power := func(item scim.Resource) int {
		if mighty.MatchString(item.ID() + " " + item.String("displayName")) {
			return 1
		}
		return 0
	}
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(a, b scim.Resource) int { return power(a) - power(b) })
	return sorted
}

// grants are the nth value of every type that has so many, the harmless ones first.
func (r *run) grants(n int) map[string][]any {
	held := map[string][]any{}
	for _, o := range r.offers {
		if n < len(o.items) {
			held[o.attribute()] = append(held[o.attribute()], o.grant(harmlessFirst(o.items)[n]))
		}
	}
	return held
}

// holder is a user of this name with the nth value of each type.
func (r *run) holder(who string, n int) scim.Resource {
	user := r.names.plainUser(who, "Rita", "Right")
	for attribute, list := range r.grants(n) {
		user[attribute] = list
	}
	return user
}

// holdsAll wants every value of these in the user.
func holdsAll(user scim.Resource, held map[string][]any) string {
	for attribute, list := range held {
		have := heldBy(user, attribute)
		for _, one := range list {
			if !slices.Contains(have, heldValue(one)) {
				return attribute + " is " + shownJSON(user.Get(attribute)) + ", without " + quote(heldValue(one)) + "."
			}
		}
	}
	return ""
}

func heldBy(user scim.Resource, attribute string) []string {
	var have []string
	for _, one := range objectsOf(user.Get(attribute)) {
		have = append(have, one.String("value"))
	}
	return have
}

func (r *run) judgeHeldCreate() Finding {
	held := r.grants(0)
	if len(held) == 0 {
		return notApplicable("The types are declared, and have no values yet.")
	}
	sent := r.holder("rita", 0)
	a := r.create("Users", sent)
	if !a.is2xx() {
		f := expect(a, http.StatusCreated)
		f.Message += " The body had entitlements and roles from the endpoints: " + shownJSON(held) + "."
		return f
	}
	r.holds = r.adopt("Users", sent, a)
	if r.holds == nil {
		return blockedBy(created)
	}
	return r.keepsHeld(r.holds.id, func(user scim.Resource) string { return holdsAll(user, held) })
}

// keepsHeld reads a user until problem has nothing to say.
func (r *run) keepsHeld(id string, problem func(scim.Resource) string) Finding {
	a, waited, wrong := r.settle(func() *answer { return r.user(id) }, func(a *answer) string {
		if wrong := saysObject(a); wrong != "" {
			return wrong
		}
		return problem(a.object)
	})
	if wrong != "" && a.err == nil {
		return fails("GET of the user afterwards: %s", wrong)
	}
	return settled(a, waited, wrong)
}

// judgeHeldUpdate exchanges what the user holds by PUT, and back by PATCH where there is PATCH.
func (r *run) judgeHeldUpdate() Finding {
	first, second := r.grants(0), r.grants(1)
	if len(second) == 0 {
		return notApplicable("Every type has one value only; there is nothing to exchange.")
	}
	if a := r.replace("Users", r.holds.id, r.holder("rita", 1)); !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	f := r.keepsHeld(r.holds.id, exchanged(first, second))
	if f.Outcome == report.Fail || !r.patches() {
		return f
	}
	for _, attribute := range slices.Sorted(maps.Keys(second)) {
		ops := []map[string]any{operation("add", attribute, first[attribute])}
		for _, one := range second[attribute] {
			ops = append(ops, operation("remove", attribute+"[value eq "+quote(heldValue(one))+"]", nil))
		}
		if a := r.patch("Users", r.holds.id, ops...); !a.is2xx() {
			return expect(a, http.StatusOK, http.StatusNoContent)
		}
	}
	return r.keepsHeld(r.holds.id, exchanged(second, first))
}

// exchanged wants the new values in the user, and the old ones out.
func exchanged(old, new map[string][]any) func(scim.Resource) string {
	return func(user scim.Resource) string {
		if wrong := holdsAll(user, new); wrong != "" {
			return wrong
		}
		for attribute, list := range old {
			for _, one := range list {
				taken := !slices.ContainsFunc(new[attribute], func(other any) bool { return heldValue(other) == heldValue(one) })
				if new[attribute] != nil && taken && slices.Contains(heldBy(user, attribute), heldValue(one)) {
					return attribute + " still has " + quote(heldValue(one)) + ", which was taken away."
				}
			}
		}
		return ""
	}
}

func heldValue(held any) string {
	object, _ := held.(map[string]any)
	return scim.Resource(object).String("value")
}

func (r *run) judgeHeldImport() Finding {
	now := r.user(r.holds.id)
	want := map[string][]string{}
	for attribute := range r.grants(0) {
		want[attribute] = heldBy(now.object, attribute)
	}
	a, waited, wrong := r.settle(func() *answer { return r.find("userName eq " + quote(r.holds.name)) }, func(a *answer) string {
		if wrong := exactly(a, r.holds.id); wrong != "" {
			return wrong
		}
		for attribute, values := range want {
			if have := heldBy(a.resources()[0], attribute); !slices.Equal(have, values) {
				return "In the list, " + attribute + " is " + shownJSON(a.resources()[0].Get(attribute)) + "; GET of the user shows " + strings.Join(values, ", ") + "."
			}
		}
		return ""
	})
	return settled(a, waited, wrong)
}

func (r *run) judgeHeldUnknown() Finding {
	value := "slipway-lab-no-such-" + r.names.tag
	sent := r.names.plainUser("rex", "Rex", "Unknown")
	held := r.grants(0)
	attribute := slices.Sorted(maps.Keys(held))[0]
	one, _ := held[attribute][0].(map[string]any)
	one["value"], one["display"] = value, "Nothing"
	sent[attribute] = []any{one}
	a := r.create("Users", sent)
	defer r.undo("Users", a)
	switch {
	case a.is2xx():
		return fails("A user was created (%s) with %s, which is not offered.", a.shown(), quote(value))
	case a.err != nil || a.status/100 != 4:
		return expect(a, http.StatusBadRequest)
	case a.object.String("detail") != "" && !strings.Contains(string(a.body), value): // that it says nothing is error.detail's finding
		return deviates("It is refused with %s, but the refusal does not say which value is meant.", a.shown())
	}
	return passes()
}

// judgeHeldExists looks at users who were there before the run, and at its own holder: others of ours may hold anything.
func (r *run) judgeHeldExists() Finding {
	offered, whole := map[string]bool{}, map[string]bool{}
	for _, o := range r.offers {
		whole[o.attribute()] = true
		for _, item := range o.items {
			offered[o.attribute()+" "+item.ID()] = true
		}
	}
	for _, o := range r.offers { // where not everything was read, nothing can be missed
		if len(o.pages) == maxPages {
			delete(whole, o.attribute())
		}
	}
	for _, a := range r.seen() {
		for _, user := range a.resources() {
			if bearsOurName(user) && (r.holds == nil || user.ID() != r.holds.id) {
				continue
			}
			for attribute := range whole {
				for _, value := range heldBy(user, attribute) {
					if !offered[attribute+" "+value] {
						r.cite(a)
						return fails("A user has %s in %s, which no endpoint lists.", quote(excerpt(value)), attribute)
					}
				}
			}
		}
	}
	return passes()
}
