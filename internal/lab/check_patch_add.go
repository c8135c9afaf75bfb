package lab

import (
	"net/http"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var patchAddChecks = []Check{
	{
		ID: "patch.add.single", needsPatch: true, Title: "add to an attribute of one value sets it", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.1",
		Why:   "Clients add without looking whether there is a value already.",
		Fix:   `With {"op": "add", "path": "title", "value": "…"} put the new value in the place of the old one: a title has one value.`,
		judge: (*run).judgeAddSingle,
	},
	{
		ID: "patch.add.duplicate", needsPatch: true, Title: "add of a value that is there changes nothing, lastModified neither", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.add.multi-append", "patch.noop"}, Reference: "RFC 7644 §3.5.2.1",
		Why:   "A repeated request leaves a person with two equal addresses, and makes every client that goes by lastModified read the account again.",
		Fix:   "Compare with the values that are there; where nothing is new, answer success and leave lastModified alone.",
		judge: (*run).judgeAddDuplicate,
	},
	{
		ID: "patch.add.pathless", needsPatch: true, Title: "add without a path adds each attribute in value", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.add.multi-append"}, Reference: "RFC 7644 §3.5.2.1",
		Why:   "It is how clients send several new attributes at once; what is passed over is lost.",
		Fix:   "Where there is no path, take value as an object, and add each of its attributes.",
		judge: (*run).judgeAddPathless,
	},
	{
		ID: "patch.add.complex", needsPatch: true, Title: "add to name keeps the parts that it does not mention", Family: patches, Severity: report.Recommended,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.1: add takes a set of sub-attributes; only replace says that the others stay",
		Why:   "A title that is added must not cost a person the name.",
		Fix:   "Merge the sub-attributes in value into what is stored.",
		judge: (*run).judgeAddComplex,
	},
	{
		ID: "patch.add.primary-flip", needsPatch: true, Title: "A new primary value takes the flag from the old one", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.add.multi-append"}, Reference: "RFC 7644 §3.5.2",
		Why:   "With two primary addresses, each client writes to another one.",
		Fix:   "When an operation sets primary to true, set it to false in all other values of the attribute.",
		judge: (*run).judgePrimaryFlip,
	},
}

// judgeAddSingle overwrites a value that is there: add and replace come to the same then.
func (r *run) judgeAddSingle() Finding {
	if _, f, bad := r.ruthWith(); bad {
		return f
	}
	path, value := r.simple(), "Added "+r.names.tag
	return r.ruthShows(path, value, operation("add", path, value))
}

// judgeAddDuplicate sends a value exactly as the server shows it.
func (r *run) judgeAddDuplicate() Finding {
	before, f, bad := r.ruthWith(twoAddresses)
	if bad {
		return f
	}
	home, was := ofType(before.object, "emails", "home"), before.object.String("meta.lastModified")
	op := operation("add", "emails", []any{map[string]any(home)})
	a := r.patch("Users", r.ruth.id, op)
	if !a.is2xx() {
		if a.err != nil {
			return a.trouble()
		}
		return warns("Adding an address that is there already answered %s. The RFC recommends success (SHOULD).%s", a.shown(), a.detail())
	}
	now := r.user(r.ruth.id)
	if now.object == nil {
		return expect(now, http.StatusOK)
	}
	n := 0
	for _, email := range elements(now.object, "emails") {
		if strings.EqualFold(email.String("value"), home.String("value")) {
			n++
		}
	}
	is := now.object.String("meta.lastModified")
	switch {
	case was != "" && n == 1 && is != was:
		return fails("Adding an address that is there already changed meta.lastModified from %s to %s; the RFC says that it SHALL NOT.", quote(excerpt(was)), quote(excerpt(is)))
	case n != 1:
		return warns("After adding an address that was there already, GET shows it %d times: %s. The RFC recommends that nothing changes (SHOULD).", n, shownJSON(now.object.Get("emails")))
	}
	return passes()
}

func (r *run) judgeAddPathless() Finding {
	before, f, bad := r.ruthWith(twoAddresses, noOtherAddress)
	if bad {
		return f
	}
	path, value, third := r.simple(), "Pathless add "+r.names.tag, r.names.userName("ruth-third")
	want := append(addressesOf(before.object), third)
	attributes := nested(path, value)
	attributes["emails"] = []any{map[string]any{"value": third, "type": "other"}}
	return r.ruthBecomes(func(user scim.Resource) string {
		if got := user.String(path); got != value {
			return "Afterwards GET shows " + path + " " + shownJSON(user.Get(path)) + " instead of " + plain(value) + "."
		}
		for _, address := range want {
			if !holds(user, "emails", address) {
				return "Afterwards GET shows the addresses " + shownJSON(user.Get("emails")) + ", without " + address + "."
			}
		}
		return ""
	}, operation("add", "", attributes))
}

func (r *run) judgeAddComplex() Finding { return r.judgePartOfName("add", "Joined") }

// mainAddress is a primary address that the server shows as such.
var mainAddress = trait{"primary flag with its addresses", func(u scim.Resource) bool {
	return ofType(u, "emails", "work").String("primary") == "true"
}}

// noOtherAddress leaves room for one more: some servers take one address of a type only.
var noOtherAddress = trait{"user with two addresses only", func(u scim.Resource) bool { return ofType(u, "emails", "other") == nil }}

func (r *run) judgePrimaryFlip() Finding {
	if _, f, bad := r.ruthWith(twoAddresses, mainAddress, noOtherAddress); bad {
		return f
	}
	next := r.names.userName("ruth-main")
	return r.ruthBecomes(func(user scim.Resource) string {
		var main []string
		for _, email := range elements(user, "emails") {
			if email.String("primary") == "true" {
				main = append(main, email.String("value"))
			}
		}
		if len(main) == 1 && strings.EqualFold(main[0], next) {
			return ""
		}
		return "The address " + next + " was added as the primary one. Afterwards these are primary: " + shownJSON(main) + "."
	}, operation("add", "emails", []any{map[string]any{"value": next, "type": "other", "primary": true}}))
}
