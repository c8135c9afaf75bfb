package lab

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// trait is something that a check of PATCH finds at ruth before it changes her.
type trait struct {
	name  string // completes "The server keeps no …"
	there func(user scim.Resource) bool
}

var (
	twoAddresses = trait{"two e-mail addresses of different types", func(u scim.Resource) bool {
		return valueOf(u, "emails", "work") != "" && valueOf(u, "emails", "home") != ""
	}}
	twoTelephones = trait{"two telephone numbers of different types", func(u scim.Resource) bool {
		return valueOf(u, "phoneNumbers", "work") != "" && valueOf(u, "phoneNumbers", "mobile") != ""
	}}
	workPlace = trait{"postal address of the type work", func(u scim.Resource) bool {
		return ofType(u, "addresses", "work").String("locality") != "" && ofType(u, "addresses", "work").String("streetAddress") != ""
	}}
	wholeName = trait{"name in parts", func(u scim.Resource) bool {
		return u.String("name.givenName") != "" && u.String("name.familyName") != ""
	}}
)

// elements are the values of a multi-valued attribute that are objects.
func elements(user scim.Resource, name string) []scim.Resource {
	var out []scim.Resource
	list, _ := user.Get(name).([]any)
	for _, element := range list {
		if one, ok := element.(map[string]any); ok {
			out = append(out, one)
		}
	}
	return out
}

// ofType is the first value of the type, nil where there is none.
func ofType(user scim.Resource, name, kind string) scim.Resource {
	for _, one := range elements(user, name) {
		if strings.EqualFold(one.String("type"), kind) {
			return one
		}
	}
	return nil
}

func valueOf(user scim.Resource, name, kind string) string {
	return ofType(user, name, kind).String("value")
}

// holds reports whether one of the values of a multi-valued attribute is the one wanted, whatever its case.
func holds(user scim.Resource, name, value string) bool {
	return slices.ContainsFunc(elements(user, name), func(one scim.Resource) bool { return strings.EqualFold(one.String("value"), value) })
}

// ruthAnew is how ruth is created, and how a PUT makes her again.
func (r *run) ruthAnew() scim.Resource {
	who := "ruth" + strings.Repeat("-again", r.ruths)
	user := r.names.plainUser(who, "Ruth", "Teitelbaum")
	user["emails"] = []any{
		map[string]any{"value": r.names.userName(who), "type": "work", "primary": true},
		map[string]any{"value": r.names.userName(who + "-home"), "type": "home"},
	}
	user["phoneNumbers"] = []any{map[string]any{"value": "+46 8 555 0100", "type": "work"}, map[string]any{"value": "+46 70 555 0101", "type": "mobile"}}
	user["addresses"] = []any{map[string]any{
		"type": "work", "streetAddress": "Storgatan 1", "locality": "Stockholm", "postalCode": "111 23", "country": "SE",
	}}
	return user
}

// ruthWith returns ruth as GET shows her, with all traits. Where an earlier check has left her without one, she is made
// again: by PUT, and where that does not help, as a new user. A server that does not keep a trait has nothing to be
// judged by.
func (r *run) ruthWith(traits ...trait) (before *answer, f Finding, bad bool) {
	mark := len(r.evidence)
	missing := ""
	for _, prepare := range []func(){r.findRuth, r.putRuth, r.replaceRuth} {
		if prepare(); r.ruth == nil {
			return nil, blockedBy(created), true
		}
		if before = r.user(r.ruth.id); before.object == nil || !before.is2xx() {
			return nil, blockedBy("users.get.200"), true
		}
		if missing = lacking(before.object, traits); missing == "" || r.unkept[missing] {
			break
		}
	}
	if missing != "" {
		if r.unkept == nil {
			r.unkept = map[string]bool{}
		}
		r.unkept[missing] = true
		return nil, notApplicable("The server keeps no %s.", missing), true
	}
	r.evidence = append(r.evidence[:mark], before)
	return before, Finding{}, false
}

func lacking(user scim.Resource, traits []trait) string {
	for _, t := range traits {
		if !t.there(user) {
			return t.name
		}
	}
	return ""
}

// findRuth makes her where nobody has yet. A server that refuses what she has gets a plain user.
func (r *run) findRuth() {
	if r.ruth != nil {
		return
	}
	sent := r.ruthAnew()
	a := r.create("Users", sent)
	if !a.is2xx() {
		sent = r.names.plainUser("ruth-plain"+strings.Repeat("-again", r.ruths), "Ruth", "Teitelbaum")
		a = r.create("Users", sent)
	}
	r.ruth = r.adopt("Users", sent, a)
}

func (r *run) putRuth() { r.replace("Users", r.ruth.id, r.ruth.sent) }

func (r *run) replaceRuth() {
	r.discard("Users", r.ruth.id)
	r.ruth, r.ruths = nil, r.ruths+1
	r.findRuth()
}

// setting is an operation that changes ruth's simple attribute, in the form that this server is known to understand.
func (r *run) setting(value string) map[string]any {
	if r.outcomes["patch.replace.pathless"].Outcome == report.Fail {
		return replaceOp(r.simple(), value)
	}
	return replaceOp("", nested(r.simple(), value))
}

// ruthBecomes sends the operations to ruth and reads her until wrong has nothing to say.
func (r *run) ruthBecomes(wrong func(user scim.Resource) string, ops ...map[string]any) Finding {
	a := r.patch("Users", r.ruth.id, ops...)
	if f, bad := a.want(http.StatusOK, http.StatusNoContent); bad {
		return f.after(ops)
	}
	a, waited, problem := r.settle(func() *answer { return r.user(r.ruth.id) }, func(a *answer) string {
		if a.object == nil || !a.is2xx() {
			return a.request() + " answered " + a.shown() + "."
		}
		return wrong(a.object)
	})
	return settled(a, waited, problem).after(ops)
}

// ruthShows is ruthBecomes for one attribute of one value.
func (r *run) ruthShows(path, value string, ops ...map[string]any) Finding {
	return r.ruthBecomes(func(user scim.Resource) string {
		if got := textOf(user, path); got != value {
			return "Afterwards GET shows " + path + " " + shownJSON(user.Get(path)) + " instead of " + plain(value) + "."
		}
		return ""
	}, ops...)
}

// warns is for the part of a check that is only recommended, where the rest of it is more.
func warns(format string, args ...any) Finding {
	return Finding{Outcome: report.Warn, Message: fmt.Sprintf(format, args...), Severity: report.Recommended}
}

// after says which operations led to a finding. Whose id the path had says nothing to a reader, and is another in each run.
func (f Finding) after(ops []map[string]any) Finding {
	f.Message = idInPath.ReplaceAllString(f.Message, "/$1/{id}")
	if f.Outcome == report.Fail && len(ops) > 0 {
		f.Message += " Operations: " + shownJSON(ops) + "."
	}
	return f
}

var idInPath = regexp.MustCompile(`/(Users|Groups)/[^ ?]+`)

// patchRefused wants 400. Which word of table 9 comes with it is optional; one that fits passes.
func (r *run) patchRefused(a *answer, words []string) Finding {
	if f, bad := a.want(http.StatusBadRequest); bad {
		return f.after(nil)
	}
	if got := a.object.String("scimType"); !slices.Contains(words, got) {
		return deviates("Refused with 400, with scimType %s instead of %q (it is optional).", shownJSON(a.object.Get("scimType")), words[0])
	}
	return passes()
}
