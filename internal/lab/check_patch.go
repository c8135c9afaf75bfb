package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const patchWorks = "patch.readback"

var patchChecks = []Check{
	{
		ID: patchWorks, needsPatch: true, Title: "What was PATCHed is what GET shows", Family: patches, Severity: report.RFC | report.Network,
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.5.2",
		Why:   "A change that is confirmed and not stored is never sent again.",
		Fix:   "Apply the operations, store the result, and answer with what was stored.",
		judge: (*run).judgePatchReadback,
	},
	{
		ID: "patch.status", needsPatch: true, Title: "PATCH answers 200 with the resource, or 204 without a body", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2",
		Why:   "Anything in between leaves the client guessing.",
		Fix:   "Answer 200 with the full resource, or 204 without a body.",
		judge: (*run).judgePatchStatus,
	},
	{
		ID: "patch.replace.pathless", needsPatch: true, Title: "replace without a path sets the attributes in value", Family: patches, Severity: report.RFC | report.Network,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "It is the form that widespread clients send.",
		Fix:   `Accept {"op": "replace", "value": {"title": "…"}}: without a path, value is an object of the attributes to set.`,
		judge: (*run).judgePathless,
	},
	{
		ID: "patch.replace.path", needsPatch: true, Title: "replace with a path sets that attribute", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "The other form that clients send.",
		Fix:   `Accept {"op": "replace", "path": "title", "value": "…"}, and set the attribute that path names.`,
		judge: (*run).judgePath,
	},
	{
		ID: "patch.replace.subattr", needsPatch: true, Title: "replace of name.familyName leaves the given name alone", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "A marriage must not cost a first name.",
		Fix:   `With "path": "name.familyName" change the family name, and keep the rest of name.`,
		judge: (*run).judgeSubAttribute,
	},
	{
		ID: "patch.add.multi-append", needsPatch: true, Title: "add to a multi-valued attribute keeps the old values", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.1",
		Why:   "Where add replaces, every added address deletes the others.",
		Fix:   `With {"op": "add", "path": "emails", "value": [{…}]} append to the values that are there.`,
		judge: (*run).judgeAppend,
	},
	{
		ID: "patch.replace.valuepath", needsPatch: true, Title: "replace with a filter in the path changes the matching value", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "emails[type eq \"work\"].value is how one of several addresses is changed.",
		Fix:   `Read emails[type eq "work"].value as: in each element of emails whose type is work, change value. Leave the other elements alone.`,
		judge: (*run).judgeValuePath,
	},
	{
		ID: "patch.remove.single", needsPatch: true, Title: "remove clears the attribute", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.2",
		Why:   "What was taken away from a person must not stay.",
		Fix:   `With {"op": "remove", "path": "title"} clear that attribute.`,
		judge: (*run).judgeRemove,
	},
	{
		ID: "patch.noop", needsPatch: true, Title: "The same PATCH again succeeds", Family: patches, Severity: report.Network | report.Recommended,
		Needs: []string{patchWorks}, Reference: "Network rule",
		Why:   "Clients repeat what they are not sure of.",
		Fix:   "Answer 200 or 204 also where every value is there already.",
		judge: (*run).judgeNoop,
	},
	{
		ID: "patch.op-case", needsPatch: true, Title: "The operation's name counts in any case", Family: patches, Severity: report.Recommended,
		Needs: []string{patchWorks}, Reference: "Experience: one widespread client sends Replace and Add",
		Why:   "Clients that write Replace for replace can change nothing.",
		Fix:   `Compare op without regard to case: "Replace" is "replace".`,
		judge: (*run).judgeOpCase,
	},
	{
		ID: "patch.op-unknown", needsPatch: true, Title: "An unknown operation is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2, §3.12 table 9",
		Why:   "An operation that is ignored looks like one that was done.",
		Fix:   `Answer 400 with "scimType": "invalidSyntax", and name the operation in detail. SCIM has add, remove and replace.`,
		judge: (*run).judgeOpUnknown,
	},
	{
		ID: "patch.multi-op.atomic", needsPatch: true, Title: "A PATCH that fails changes nothing", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2",
		Why:   "Half a change leaves an account in a state that nobody asked for.",
		Fix:   "Apply all operations to a copy, or in one transaction; where one fails, keep none.",
		judge: (*run).judgeAtomic,
	},
	{
		ID: "patch.404", needsPatch: true, Title: "PATCH of an unknown id answers 404", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.12",
		Why: "The client learns that the account is gone.",
		Fix: "Look the resource up first and answer 404 where it is not there; look at the operations then.",
		judge: func(r *run) Finding {
			return expect(r.patchActive(r.names.unknown, true), http.StatusNotFound)
		},
	},
	{
		ID: "discovery.spc.truthful.patch", Title: "PATCH works if, and only if, it is advertised", Family: discovery, Severity: report.RFC,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §5",
		Why:   "Clients choose between PATCH and PUT by this flag.",
		Fix:   "Set patch.supported to true if PATCH works, to false if it does not.",
		judge: (*run).judgeTruthfulPatch,
	},
}

// change sends the operations to ada and reads the attribute back.
func (r *run) change(path, value string, ops ...map[string]any) Finding {
	if a := r.patch("Users", r.ada.id, ops...); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.shows(r.ada.id, path, value)
}

// simple is an attribute of one value that this server keeps: not every server stores a title.
func (r *run) simple() string {
	for _, path := range []string{"title", "displayName"} {
		if r.keeps[path] {
			return path
		}
	}
	return "name.givenName"
}

// judgePatchReadback is content with either form, with a path or without: which of them fails is said by others.
func (r *run) judgePatchReadback() Finding {
	r.learnWhatIsKept()
	value := "Engineer " + r.names.tag
	with := r.patch("Users", r.ada.id, replaceOp(r.simple(), value))
	if isRefusedAsUnsupported(with) && r.subject.Patch == nil && !r.provider.there() {
		return notApplicable("PATCH is not offered (%s), and nobody declared it.", with.shown())
	}
	f := r.patchShows(with, value)
	if f.Outcome == report.Fail {
		without := r.patch("Users", r.ada.id, replaceOp("", nested(r.simple(), value)))
		if f2 := r.patchShows(without, value); f2.Outcome == report.Pass || f2.Outcome == report.Deviation || !with.is2xx() && without.is2xx() {
			f = f2
		}
	}
	if f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return f
	}
	if kept := r.alsoKeeps(); kept.Outcome == report.Fail {
		return kept.andStands() // PATCH works, but not for everything
	}
	return f
}

// patchShows is the finding of one PATCH that sets the simple attribute.
func (r *run) patchShows(a *answer, value string) Finding {
	if !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	r.patched = a
	return r.shows(r.ada.id, r.simple(), value)
}

// alsoKeeps changes the display name, which some servers confirm and drop. A server that derives it may answer with
// another value than was sent; it has to keep what it answered.
func (r *run) alsoKeeps() Finding {
	if !r.keeps["displayName"] {
		return passes()
	}
	a := r.patch("Users", r.ada.id, replaceOp("", map[string]any{"displayName": "Display " + r.names.tag}))
	if !a.is2xx() {
		a = r.patch("Users", r.ada.id, replaceOp("displayName", "Display "+r.names.tag))
	}
	if !a.is2xx() || a.object == nil {
		return passes()
	}
	return r.keepsPromise(a, "PATCH")
}

// learnWhatIsKept looks which of the simple attributes come back at all.
func (r *run) learnWhatIsKept() {
	now := r.user(r.ada.id).object
	r.keeps = map[string]bool{}
	for _, path := range []string{"title", "displayName"} {
		r.keeps[path] = now.String(path) != ""
	}
}

// nested writes path and value as the object that a pathless operation takes.
func nested(path, value string) map[string]any {
	parent, sub, dotted := strings.Cut(path, ".")
	if dotted {
		return map[string]any{parent: map[string]any{sub: value}}
	}
	return map[string]any{path: value}
}

func (r *run) judgePatchStatus() Finding {
	r.cite(r.patched)
	switch {
	case r.patched.status == http.StatusOK && r.patched.object.ID() == "":
		return fails("PATCH answered 200, but the body is %s. It must be the user.", r.patched.nature())
	case r.patched.status == http.StatusNoContent && len(r.patched.body) > 0:
		return fails("PATCH answered 204 with a body; 204 means that there is none.")
	}
	return expect(r.patched, http.StatusOK, http.StatusNoContent)
}

func (r *run) judgePathless() Finding {
	value := "Pathless " + r.names.tag
	attributes := nested(r.simple(), value)
	attributes["active"] = true
	return r.change(r.simple(), value, replaceOp("", attributes))
}

func (r *run) judgePath() Finding {
	value := "Path " + r.names.tag
	return r.change(r.simple(), value, replaceOp(r.simple(), value))
}

func (r *run) judgeSubAttribute() Finding {
	before, f, bad := r.ownUser()
	if bad {
		return f
	}
	if f := r.change("name.familyName", "King", replaceOp("name.familyName", "King")); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return f
	}
	after := r.evidence[len(r.evidence)-1].object
	if was, is := before.object.String("name.givenName"), after.String("name.givenName"); was != is {
		return fails("After a replace of name.familyName alone, name.givenName was %s, and is %s.", quote(was), shownJSON(after.Get("name.givenName")))
	}
	return passes()
}

// judgeValuePath changes the work address; an address of another type must stay. A server that keeps one address
// only is asked for that one.
func (r *run) judgeValuePath() Finding {
	two := r.ada.with(true)
	two["emails"] = []any{
		map[string]any{"value": r.ada.sent.String("emails.value"), "type": "work", "primary": true},
		map[string]any{"value": r.names.userName("ada-home"), "type": "home"},
	}
	if !r.replace("Users", r.ada.id, two).is2xx() {
		r.replace("Users", r.ada.id, r.ada.with(true))
	}
	before, f, bad := r.ownUser()
	if bad {
		return f
	}
	address, others := r.names.userName("ada-new"), addresses(before.object, "work")
	if a := r.patch("Users", r.ada.id, replaceOp(`emails[type eq "work"].value`, address)); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	a, waited, wrong := r.settle(func() *answer { return r.user(r.ada.id) }, func(a *answer) string {
		now := addresses(a.object, "")
		if !slices.Contains(now, address) {
			return "After replacing the work address, GET shows " + shownJSON(a.object.Get("emails")) + "."
		}
		for _, other := range others {
			if !slices.Contains(now, other) {
				return "Replacing the work address lost " + other + "."
			}
		}
		return ""
	})
	return settled(a, waited, wrong)
}

// addresses are the e-mail addresses of a user but those of one type.
func addresses(user scim.Resource, but string) []string {
	var out []string
	list, _ := user.Get("emails").([]any)
	for _, e := range list {
		if email, ok := e.(map[string]any); ok && (but == "" || scim.Resource(email).String("type") != but) {
			out = append(out, scim.Resource(email).String("value"))
		}
	}
	return out
}

func (r *run) judgeAppend() Finding {
	before, f, bad := r.ownUser()
	if bad {
		return f
	}
	want := append(addresses(before.object, ""), r.names.userName("ada-home"))
	op := operation("add", "emails", []any{map[string]any{"value": r.names.userName("ada-home"), "type": "home"}})
	if a := r.patch("Users", r.ada.id, op); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	a, waited, wrong := r.settle(func() *answer { return r.user(r.ada.id) }, func(a *answer) string {
		for _, address := range want {
			if !slices.Contains(addresses(a.object, ""), address) {
				return "After adding a second e-mail address, GET shows " + shownJSON(a.object.Get("emails")) + ", without " + address + "."
			}
		}
		return ""
	})
	return settled(a, waited, wrong)
}

// judgeRemove sets the attribute first: what is not there cannot be removed.
func (r *run) judgeRemove() Finding {
	path := r.simple()
	if path == "name.givenName" {
		return unproved("The server keeps no attribute that could be removed.")
	}
	if f := r.restore(path, "Remove "+r.names.tag); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return blockedBy(patchWorks)
	}
	if a := r.patch("Users", r.ada.id, operation("remove", path, nil)); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	a, waited, wrong := r.settle(func() *answer { return r.user(r.ada.id) }, func(a *answer) string {
		if a.object == nil {
			return a.unreadable()
		}
		if a.object.String(path) == "Remove "+r.names.tag {
			return "After removing " + path + ", GET still shows it."
		}
		return ""
	})
	return settled(a, waited, wrong)
}

// restore sets an attribute of ada in whichever form of PATCH works.
func (r *run) restore(path, value string) Finding {
	if f := r.change(path, value, replaceOp("", nested(path, value))); f.Outcome == report.Pass || f.Outcome == report.Deviation {
		return f
	}
	return r.change(path, value, replaceOp(path, value))
}

func (r *run) judgeNoop() Finding {
	for range 2 {
		if a := r.patchActive(r.ada.id, true); !a.is2xx() {
			return expect(a, http.StatusOK, http.StatusNoContent)
		}
	}
	return passes()
}

func (r *run) judgeOpCase() Finding {
	value := "Capital " + r.names.tag
	f := r.change(r.simple(), value, operation("Replace", r.simple(), value))
	if f.Outcome == report.Fail && r.outcomes["patch.replace.path"].Outcome == report.Fail {
		return blockedBy("patch.replace.path")
	}
	return f
}

func (r *run) judgeOpUnknown() Finding {
	return expect(r.patch("Users", r.ada.id, operation("move", r.simple(), "Moved")), http.StatusBadRequest).saying("The operation had \"op\": \"move\", which SCIM does not have.")
}

// judgeAtomic puts an operation that must fail behind one that would work. The first kind of bad operation passes
// the parsers of most servers and fails only when it is applied; the second is refused by all.
func (r *run) judgeAtomic() Finding {
	before, f, bad := r.ownUser()
	if bad {
		return f
	}
	for i, broken := range []map[string]any{operation("remove", "", nil), operation("move", r.simple(), "Moved")} {
		value := "Half " + itoa(i) + " " + r.names.tag
		a := r.patch("Users", r.ada.id, replaceOp(r.simple(), value), broken)
		if a.err != nil {
			return a.trouble()
		}
		if a.is2xx() {
			continue // the bad operation was ignored: that says nothing about failures
		}
		now := r.user(r.ada.id)
		if now.object.String(r.simple()) == value {
			return fails("The PATCH was refused with %s, but its first operation was applied: %s went from %s to %s.",
				a.shown(), r.simple(), shownJSON(before.object.Get(r.simple())), quote(value))
		}
		return passes()
	}
	return unproved("The server accepts every operation, so no PATCH could be made to fail.")
}

// judgeTruthfulPatch tries what is said not to work, with an operation that changes nothing.
func (r *run) judgeTruthfulPatch() Finding {
	supported, known := r.provider.object.Get("patch.supported").(bool)
	if !known {
		return notApplicable("ServiceProviderConfig does not say.")
	}
	a := r.patchTried
	if a == nil {
		a = r.patchActive(r.ada.id, true)
	}
	r.cite(a)
	switch {
	case a.err != nil:
		return a.trouble()
	case supported && isRefusedAsUnsupported(a):
		return fails("ServiceProviderConfig says that PATCH is supported; PATCH answered %s.", a.shown())
	case !supported && a.is2xx():
		return fails("ServiceProviderConfig says that PATCH is not supported; PATCH answered %s.", a.shown())
	}
	return passes()
}
