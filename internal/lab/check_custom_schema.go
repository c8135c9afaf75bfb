package lab

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const customCreate = "ext.custom.create"

// customChecks apply where the server publishes an extension of users that is its own.
var customChecks = []Check{
	{
		ID: customCreate, Title: "A new user keeps the attributes of the server's own extension", Family: entitled, Severity: report.Network, Feature: "create_users",
		Needs: []string{created, "users.get.200"}, Reference: "Network rule; RFC 7643 §3.3",
		Why:   "What makes an app special is mapped there. An extension that is published and dropped is a promise that nobody keeps.",
		Fix:   "Store what stands in the body under the URN of your extension, return it there, and name the URN in schemas. Ignore attributes that are readOnly.",
		judge: (*run).judgeCustomCreate,
	},
	{
		ID: "ext.custom.update", Title: "The attributes of the server's own extension can be changed", Family: entitled, Severity: report.Network, Feature: "update_users",
		Needs: []string{customCreate, put}, Reference: "Network rule; RFC 7644 §3.5",
		Why:   "A value that is only taken at creation stays as it was on the first day.",
		Fix:   "Store what a PUT brings under the URN of your extension; in PATCH accept paths such as urn:…:User:floor, where you offer it.",
		judge: (*run).judgeCustomUpdate,
	},
	{
		ID: "ext.custom.types", Title: "A value of another type than the extension declares is refused", Family: entitled, Severity: report.RFC, Feature: "create_users",
		Needs: []string{customCreate}, Reference: "RFC 7643 §7; RFC 7644 §3.12, table 9",
		Why:   "Whoever reads the value later relies on the schema.",
		Fix:   `Check these values against the types in /Schemas; answer 400 with "scimType": "invalidValue".`,
		judge: (*run).judgeCustomTypes,
	},
	{
		ID: "ext.reserved-names", Title: "No attribute of an extension has the name of a core attribute", Family: entitled, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule",
		Why:   "In an admin's mapping, two attributes called groups are one; the wrong one is filled.",
		Fix:   "Give the attribute of the extension another name.",
		judge: (*run).judgeReservedNames,
	},
}

// badge is the server's own extension of users, with one of ours who has values in it.
type badge struct {
	urn        string
	attributes []scim.Resource
	holder     *account
	sent       scim.Resource // the values that were taken
}

// ownExtension is the first extension of users that no RFC knows and that /Schemas describes.
func (r *run) ownExtension() *badge {
	for _, t := range r.types.list.Resources {
		if !strings.EqualFold(t.String("schema"), scim.SchemaUser) {
			continue
		}
		for _, one := range objectsOf(t.Get("schemaExtensions")) {
			urn := one.String("schema")
			if attributes := r.declaredBy(urn); attributes != nil && !strings.EqualFold(urn, scim.SchemaEnterpriseUser) {
				return &badge{urn: urn, attributes: attributes}
			}
		}
	}
	return nil
}

// simpleTypes are those of which the lab can make a value that is sure to be of the type.
var simpleTypes = []string{"string", "boolean", "integer"}

// samples are a value for each simple attribute that a client may set; read-only ones where asked for.
func (b badge) samples(r *run, mutability string) scim.Resource {
	values := scim.Resource{}
	for _, about := range b.attributes {
		simple := slices.Contains(simpleTypes, about.String("type")) && about.String("multiValued") != "true" && about.String("returned") != "never"
		if m := about.String("mutability"); simple && (m == mutability || m == "" && mutability == "readWrite") {
			values[about.String("name")] = r.sampleOne(about)
		}
	}
	return values
}

// bearer is a user with these values in the extension.
func (b badge) bearer(r *run, who string, values scim.Resource) scim.Resource {
	user := r.names.plainUser(who, "Bo", "Badge")
	user["schemas"] = []any{scim.SchemaUser, b.urn}
	user[b.urn] = map[string]any(values)
	return user
}

// shows wants these values in the extension.
func (b badge) shows(values scim.Resource) func(scim.Resource) string {
	return func(user scim.Resource) string {
		container, _ := user.Get(b.urn).(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if got := scim.Resource(container).Get(name); shownJSON(got) != shownJSON(values[name]) {
				return "in " + b.urn + ", " + name + " is " + shownJSON(got) + " instead of " + shownJSON(values[name]) + "."
			}
		}
		return ""
	}
}

// judgeCustomCreate sends a value for every simple attribute. Where that is refused, each is tried alone: a form that the
// schema cannot tell, such as a number with a check digit, is nobody's fault.
func (r *run) judgeCustomCreate() Finding {
	own := r.ownExtension()
	if own == nil {
		return notApplicable("No extension of users is published but those of the RFC.")
	}
	values, fixed := own.samples(r, "readWrite"), own.samples(r, "readOnly")
	if len(values) == 0 {
		return notApplicable("The extension %s has no simple attribute that a client may set.", excerpt(own.urn))
	}
	sent := values.Clone()
	maps.Copy(sent, fixed)
	a := r.create("Users", own.bearer(r, "bo", sent))
	if !a.is2xx() {
		values = own.accepted(r, values)
		a = r.create("Users", own.bearer(r, "bo", values))
	}
	if !a.is2xx() || len(values) == 0 {
		f := expect(a, http.StatusCreated)
		f.Message += " The body had " + own.urn + ": " + shownJSON(sent) + "."
		return f
	}
	own.holder, own.sent = r.adopt("Users", own.bearer(r, "bo", values), a), values
	if own.holder == nil {
		return blockedBy(created)
	}
	r.badge = own
	return r.keepsHeld(own.holder.id, func(user scim.Resource) string {
		container, _ := user.Get(own.urn).(map[string]any)
		for name, value := range fixed {
			if got := scim.Resource(container).Get(name); got != nil && shownJSON(got) == shownJSON(value) {
				return "in " + own.urn + ", " + name + " was taken from the client, though it is readOnly."
			}
		}
		return own.shows(values)(user)
	})
}

// accepted are those of the values that the server takes alone.
func (b badge) accepted(r *run, values scim.Resource) scim.Resource {
	taken := scim.Resource{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		a := r.create("Users", b.bearer(r, "bo-"+strings.ToLower(name), scim.Resource{name: values[name]}))
		if a.is2xx() {
			taken[name] = values[name]
		}
		r.undo("Users", a)
	}
	return taken
}

// judgeCustomUpdate changes every value by PUT, and the first of them back by PATCH where there is PATCH.
func (r *run) judgeCustomUpdate() Finding {
	own := r.badge
	changed := scim.Resource{}
	for name, value := range own.sent {
		switch value := value.(type) {
		case string:
			changed[name] = strings.Replace(value, r.names.tag, mirrored(r.names.tag), 1)
		case bool:
			changed[name] = !value
		case int:
			changed[name] = value + 1
		}
		if own.isChoice(name) {
			changed[name] = value
		}
	}
	if a := r.replace("Users", own.holder.id, own.bearer(r, "bo", changed)); !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	f := r.keepsHeld(own.holder.id, own.shows(changed))
	if f.Outcome == report.Fail || !r.patches() {
		return f
	}
	name := slices.Sorted(maps.Keys(own.sent))[0]
	if a := r.patch("Users", own.holder.id, replaceOp(own.urn+":"+name, own.sent[name])); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.keepsHeld(own.holder.id, own.shows(scim.Resource{name: own.sent[name]}))
}

// mirrored is a text of the same form.
func mirrored(s string) string {
	letters := []byte(s)
	slices.Reverse(letters)
	return string(letters)
}

// isChoice reports whether the attribute takes certain values only.
func (b badge) isChoice(name string) bool {
	return slices.ContainsFunc(b.attributes, func(about scim.Resource) bool {
		choices, _ := about.Get("canonicalValues").([]any)
		return about.String("name") == name && len(choices) > 0
	})
}

// judgeCustomTypes sends texts where there are none, and an object where there is a text.
func (r *run) judgeCustomTypes() Finding {
	for i, name := range slices.Sorted(maps.Keys(r.badge.sent)) {
		var wrong any = "slipway"
		if _, isText := r.badge.sent[name].(string); isText {
			wrong = map[string]any{"slipway": true}
		}
		a := r.create("Users", r.badge.bearer(r, "bo-odd"+itoa(i), scim.Resource{name: wrong}))
		defer r.undo("Users", a)
		if !a.is2xx() {
			if f, bad := a.want(http.StatusBadRequest); bad {
				f.Message += " The body had " + name + ": " + shownJSON(wrong) + "."
				return f
			}
			continue
		}
		container, _ := a.object.Get(r.badge.urn).(map[string]any)
		if got := scim.Resource(container).Get(name); got != nil && shownJSON(got) == shownJSON(wrong) {
			return fails("A user was created (%s) with %s: %s, which is not of the type that /Schemas declares.", a.shown(), name, shownJSON(wrong))
		}
		return deviates("A user was created (%s) though %s was %s; the value was not taken. A refusal with 400 would say so.", a.shown(), name, shownJSON(wrong))
	}
	return passes()
}

// judgeReservedNames takes the core attributes from the RFC, not from the server.
func (r *run) judgeReservedNames() Finding {
	own := r.ownExtension()
	if own == nil {
		return notApplicable("No extension of users is published but those of the RFC.")
	}
	r.cite(r.schemas.answer)
	core, _ := scim.SchemaOf(scim.SchemaUser)
	for _, about := range own.attributes {
		name := about.String("name")
		if _, is := core.Attribute(name); is || slices.Contains([]string{"id", "externalid", "meta", "schemas"}, strings.ToLower(name)) {
			return fails("The extension %s has an attribute called %s, as the core schema has.", excerpt(own.urn), quote(excerpt(name)))
		}
	}
	return passes()
}
