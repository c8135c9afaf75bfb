package lab

import (
	"net/http"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var patchReplaceChecks = []Check{
	{
		ID: "patch.attributes-200", needsPatch: true, Title: "PATCH with attributes answers 200 with the resource", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.status"}, Reference: "RFC 7644 §3.5.2",
		Why:   "A client that names attributes wants to see them; 204 shows none.",
		Fix:   "Where the request has the parameter attributes, answer 200 with those attributes, never 204.",
		judge: (*run).judgePatchAttributes,
	},
	{
		ID: "patch.replace.pathless-dotted", needsPatch: true, Title: "Keys such as name.familyName and URN:department in a value count as paths", Family: patches, Severity: report.Recommended,
		Needs: []string{"patch.replace.pathless"}, Reference: "Experience: one widespread client sends them",
		Why:   "A key that is not understood is ignored, and the change is lost although it was confirmed.",
		Fix:   `In a value without path, read each key as a path: "name.familyName" is familyName inside name; in "urn:…:User:department" the attribute stands behind the last colon.`,
		judge: (*run).judgeDottedKeys,
	},
	{
		ID: "patch.replace.complex-merge", needsPatch: true, Title: "replace of name with some of its parts leaves the others alone", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "A new given name must not cost a person the family name.",
		Fix:   `With "path": "name" write the parts that value holds, and keep the others.`,
		judge: (*run).judgeComplexMerge,
	},
	{
		ID: "patch.replace.multivalue-all", needsPatch: true, Title: "replace of emails without a filter replaces all of them", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "An address that was taken away keeps receiving mail.",
		Fix:   "Where the path is a multi-valued attribute without a filter, drop all its values before you store those in value.",
		judge: (*run).judgeReplaceAll,
	},
	{
		ID: "patch.replace.valuepath-record", needsPatch: true, Title: "replace of emails[type eq \"work\"] replaces the matching value as a whole", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.replace.valuepath"}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "It is the other way in which one of several addresses is changed.",
		Fix:   "Where the path ends with the filter, put value in the place of each element that matches it.",
		judge: (*run).judgeReplaceRecord,
	},
	{
		ID: "patch.replace.valuepath-nomatch", needsPatch: true, Title: "replace with a filter that matches nothing is refused with noTarget", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.replace.valuepath"}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "A change that is confirmed and not done is never sent again.",
		Fix:   `Answer 400 with "scimType": "noTarget" where no element matches the filter.`,
		judge: (*run).judgeReplaceNobody,
	},
	{
		ID: "patch.replace.absent-as-add", needsPatch: true, Title: "replace of an attribute without a value adds it", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.replace.path", "patch.remove.single"}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "Clients replace without looking whether there is something to replace.",
		Fix:   "Treat replace as add where the attribute has no value.",
		judge: (*run).judgeReplaceAbsent,
	},
	{
		ID: "patch.replace.extension", needsPatch: true, Title: "replace with the URN of an extension in the path sets its attribute", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks, "users.create.enterprise"}, Reference: "RFC 7644 §3.5.2, §3.10",
		Why:   "Department and cost centre are what changes most when people move.",
		Fix:   "Split the path at the last colon: before it stands the URN of the extension, behind it the attribute. Add the URN to schemas with the first attribute of it.",
		judge: (*run).judgeReplaceExtension,
	},
	{
		ID: "patch.replace.boolean-native", needsPatch: true, Title: "replace of active with the boolean false deactivates", Family: patches, Severity: report.RFC | report.Network, Feature: "deactivate_users",
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.3; RFC 7643 §2.3.2",
		Why:   "Somebody who leaves keeps the access where only one spelling of the operation is understood.",
		Fix:   "Accept {\"op\": \"replace\", \"path\": \"active\", \"value\": false} with a JSON boolean.",
		judge: (*run).judgeBoolean,
	},
	{
		ID: "patch.path-case", needsPatch: true, Title: "The path of an operation counts in any case", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.replace.subattr"}, Reference: "RFC 7643 §2.1",
		Why:   "Attribute names are case insensitive; clients write them as their own schema does.",
		Fix:   "Compare the names in a path without regard to case: NAME.givenname is name.givenName.",
		judge: (*run).judgePathCase,
	},
	{
		ID: "patch.multi-op.order", needsPatch: true, Title: "Operations take effect in the order in which they stand", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.replace.path"}, Reference: "RFC 7644 §3.5.2",
		Why:   "Otherwise the older of two values is the one that stays.",
		Fix:   "Apply the operations one after the other to one working copy.",
		judge: (*run).judgeSequence,
	},
	{
		ID: "patch.password", needsPatch: true, Title: "A password can be changed by PATCH, and is not shown", Family: patches, Severity: report.RFC | report.Network, Feature: "update_users", gate: offersPassword, Since: "2026.11.5",
		Needs: []string{patchWorks}, takes: []string{neverShown}, Reference: "RFC 7643 §4.1.1, §5; network rule where passwords are synchronised",
		Why:   "A new password that is refused leaves the old one in use.",
		Fix:   "Accept replace of password, and leave it out of the answer; or set changePassword.supported to false.",
		judge: func(r *run) Finding { return r.ofPasswords(r.judgePatchPassword()) },
	},
	{
		ID: "users.active.string-false", needsPatch: true, Title: "The text \"False\" deactivates as the boolean does", Family: users, Severity: report.Recommended, Feature: "deactivate_users",
		Needs: []string{"patch.replace.boolean-native"}, Reference: "Experience: older versions of one widespread client send it",
		Why:   "A text that counts as true, or that is ignored, leaves the account open.",
		Fix:   "In PATCH, take the texts \"true\" and \"false\" in any case for the booleans.",
		judge: (*run).judgeStringFalse,
	},
}

func (r *run) judgePatchAttributes() Finding {
	before, f, bad := r.ruthWith()
	if bad {
		return f
	}
	body := map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{r.setting("Shown " + r.names.tag)}}
	a := r.send(ask{method: http.MethodPatch, path: scim.Path("Users", r.ruth.id), query: values([]string{"attributes", "userName"}), body: body})
	if f, bad := a.wantObject(http.StatusOK); bad {
		f.Message += " The request had ?attributes=userName."
		return f
	}
	if got := a.object.UserName(); got != before.object.UserName() {
		return fails("PATCH with ?attributes=userName answered 200 with userName %s instead of %s.", shownJSON(a.object.Get("userName")), quote(before.object.UserName()))
	}
	return passes()
}

func (r *run) judgeDottedKeys() Finding {
	if _, f, bad := r.ruthWith(wholeName); bad {
		return f
	}
	value := map[string]any{"name.familyName": "Dotted"}
	if f := r.ruthShows("name.familyName", "Dotted", replaceOp("", value)); f.Outcome != report.Pass {
		return f
	}
	if !r.keepsEnterprise() {
		return passes()
	}
	value = map[string]any{scim.SchemaEnterpriseUser + ":department": "Keys"}
	return r.ruthBecomes(inDepartment("Keys"), replaceOp("", value))
}

// keepsEnterprise is what users.create.enterprise found out.
func (r *run) keepsEnterprise() bool {
	f := r.outcomes["users.create.enterprise"]
	return f.Outcome == report.Pass || f.Outcome == report.Deviation
}

func inDepartment(want string) func(scim.Resource) string {
	return func(user scim.Resource) string {
		extension, _ := user.Get(scim.SchemaEnterpriseUser).(map[string]any)
		if scim.Resource(extension).String("department") == want {
			return ""
		}
		return "Afterwards " + scim.SchemaEnterpriseUser + " on GET is " + shownJSON(user.Get(scim.SchemaEnterpriseUser)) + ", without the department " + quote(want) + "."
	}
}

func (r *run) judgeComplexMerge() Finding { return r.judgePartOfName("replace", "Merged") }

// judgePartOfName sends a name that has a given name only, and wants the family name to stay.
func (r *run) judgePartOfName(op, given string) Finding {
	before, f, bad := r.ruthWith(wholeName)
	if bad {
		return f
	}
	family := before.object.String("name.familyName")
	return r.ruthBecomes(func(user scim.Resource) string {
		switch now := user.String("name.familyName"); {
		case user.String("name.givenName") != given:
			return "Afterwards GET shows name.givenName " + shownJSON(user.Get("name.givenName")) + " instead of " + quote(given) + "."
		case now != family:
			return "The family name was not part of the value. It was " + quote(family) + ", and now is " + shownJSON(user.Get("name.familyName")) + "."
		}
		return ""
	}, operation(op, "name", map[string]any{"givenName": given}))
}

func (r *run) judgeReplaceAll() Finding {
	before, f, bad := r.ruthWith(twoAddresses)
	if bad {
		return f
	}
	only, old := r.names.userName("ruth-only"), addressesOf(before.object)
	return r.ruthBecomes(func(user scim.Resource) string {
		if !holds(user, "emails", only) {
			return "Afterwards GET shows the addresses " + shownJSON(user.Get("emails")) + ", without " + only + "."
		}
		for _, address := range old {
			if holds(user, "emails", address) {
				return "All addresses were to be replaced; " + address + " is still there."
			}
		}
		return ""
	}, replaceOp("emails", []any{map[string]any{"value": only, "type": "work", "primary": true}}))
}

func (r *run) judgeReplaceRecord() Finding {
	before, f, bad := r.ruthWith(twoAddresses)
	if bad {
		return f
	}
	old, home, next := valueOf(before.object, "emails", "work"), valueOf(before.object, "emails", "home"), r.names.userName("ruth-office")
	return r.ruthBecomes(func(user scim.Resource) string {
		switch {
		case !holds(user, "emails", next):
			return "Afterwards GET shows the addresses " + shownJSON(user.Get("emails")) + ", without " + next + "."
		case holds(user, "emails", old):
			return "The address " + old + " was to be replaced, and is still there."
		case !holds(user, "emails", home):
			return "The address " + home + " does not match the filter, and is gone."
		}
		return ""
	}, replaceOp(`emails[type eq "work"]`, map[string]any{"value": next, "type": "work", "primary": true}))
}

// judgeReplaceNobody tolerates that the value is added: one widespread client expects that.
func (r *run) judgeReplaceNobody() Finding {
	if _, f, bad := r.ruthWith(twoAddresses); bad {
		return f
	}
	address, op := r.names.userName("ruth-other"), replaceOp(`emails[type eq "other"].value`, r.names.userName("ruth-other"))
	a := r.patch("Users", r.ruth.id, op)
	if a.is2xx() && holds(r.user(r.ruth.id).object, "emails", address) {
		return deviates("No address has the type other, and the server added one. The RFC wants 400 noTarget; one widespread client expects the value to be added.")
	}
	return r.patchRefused(a, []string{scim.NoTarget}).after([]map[string]any{op})
}

// judgeReplaceAbsent takes the attribute away first: of one that was never there, nobody knows whether it is kept.
func (r *run) judgeReplaceAbsent() Finding {
	if _, f, bad := r.ruthWith(); bad {
		return f
	}
	path := r.simple()
	gone := r.ruthBecomes(func(user scim.Resource) string {
		if user.String(path) != "" {
			return "still there"
		}
		return ""
	}, operation("remove", path, nil))
	if gone.Outcome != report.Pass && gone.Outcome != report.Deviation {
		return notApplicable("The server fills %s by itself: it cannot be without a value.", path)
	}
	return r.ruthShows(path, "Absent "+r.names.tag, replaceOp(path, "Absent "+r.names.tag))
}

func (r *run) judgeReplaceExtension() Finding {
	if _, f, bad := r.ruthWith(); bad {
		return f
	}
	return r.ruthBecomes(inDepartment("Transfers"), replaceOp(scim.SchemaEnterpriseUser+":department", "Transfers"))
}

// judgeBoolean works on a user whom nobody needs to be active.
func (r *run) judgeBoolean() Finding {
	guest, f := r.guest("leaver-path")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	op := replaceOp("active", false)
	if f, bad := r.patch("Users", guest.id, op).want(http.StatusOK, http.StatusNoContent); bad {
		return f.after([]map[string]any{op})
	}
	return r.shows(guest.id, "active", "false").after([]map[string]any{op})
}

func (r *run) judgeStringFalse() Finding {
	guest, f := r.guest("leaver-text")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	op := replaceOp("active", "False")
	if f, bad := r.patch("Users", guest.id, op).want(http.StatusOK, http.StatusNoContent); bad {
		return f.after([]map[string]any{op})
	}
	return r.shows(guest.id, "active", "false").after([]map[string]any{op})
}

func (r *run) judgePathCase() Finding {
	if _, f, bad := r.ruthWith(wholeName); bad {
		return f
	}
	return r.ruthShows("name.givenName", "Folded", replaceOp("NAME.givenname", "Folded"))
}

func (r *run) judgeSequence() Finding {
	path, last := r.simple(), "Second "+r.names.tag
	if _, f, bad := r.ruthWith(trait{path, func(u scim.Resource) bool { return u.String(path) != "" }}); bad {
		return f
	}
	return r.ruthShows(path, last, replaceOp(path, "First "+r.names.tag), replaceOp(path, last))
}

const neverShown = "users.password.never-returned"

func (r *run) judgePatchPassword() Finding {
	guest, f := r.guest("key-patch")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	secret := r.names.password + "3"
	a := r.patch("Users", guest.id, replaceOp("password", secret))
	if f, bad := a.want(http.StatusOK, http.StatusNoContent); bad {
		return f.saying("The operation was a replace of password.")
	}
	if o := r.outcomes[neverShown].Outcome; o == report.Fail {
		return passes() // that passwords are shown has been told
	}
	for _, shown := range []*answer{a, r.user(guest.id)} {
		if shown.object.Get("password") != nil || strings.Contains(string(shown.body), secret) {
			return fails("%s shows the password after it was changed.", shown.request())
		}
	}
	return passes()
}
