package lab

import (
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var patchRemoveChecks = []Check{
	{
		ID: "patch.remove.multi-all", needsPatch: true, Title: "remove of phoneNumbers removes all of them", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.2",
		Why:   "What was taken away from a person must not stay.",
		Fix:   "Where the path is a multi-valued attribute without a filter, delete all its values.",
		judge: (*run).judgeRemoveAll,
	},
	{
		ID: "patch.remove.valuepath", needsPatch: true, Title: "remove with a filter removes the values that match, and no others", Family: patches, Severity: report.RFC | report.Network,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.2",
		Why:   "A server that ignores the filter deletes every address of a person.",
		Fix:   "Evaluate the filter on the elements, and delete those that match.",
		judge: (*run).judgeRemoveSome,
	},
	{
		ID: "patch.remove.subattr-filter", needsPatch: true, Title: "remove of addresses[type eq \"work\"].locality removes that part only", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.2",
		Why:   "A wrong city is to go, not the whole address.",
		Fix:   "Unset the sub-attribute in the elements that match, and keep the rest of them.",
		judge: (*run).judgeRemovePart,
	},
	{
		ID: "patch.remove.last-value", needsPatch: true, Title: "An attribute whose last value is removed has no value", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.remove.valuepath"}, Reference: "RFC 7644 §3.5.2.2; RFC 7643 §2.5",
		Why:   "An empty entry that stays is shown as a telephone number, and is found by filters.",
		Fix:   "Leave the attribute out, or return [], when its last value has gone.",
		judge: (*run).judgeRemoveLast,
	},
	{
		ID: "patch.remove.no-path", needsPatch: true, Title: "remove without a path is refused with noTarget", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.2",
		Why: "Taken at its word, it would empty the account.",
		Fix: `Answer 400 with "scimType": "noTarget".`,
		judge: func(r *run) Finding {
			return r.ruthStays([]string{scim.NoTarget}, map[string]any{"op": "remove"})
		},
	},
	{
		ID: "patch.remove.required", needsPatch: true, Title: "remove of userName is refused with mutability", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.2",
		Why: "An account must not lose the name by which it is found.",
		Fix: `Answer 400 with "scimType": "mutability" where a required attribute would be left without a value.`,
		judge: func(r *run) Finding {
			return r.ruthStays([]string{scim.Mutability, scim.InvalidValue}, operation("remove", "userName", nil))
		},
	},
	{
		ID: "patch.remove.readonly", needsPatch: true, Title: "remove of id is refused with mutability", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.2",
		Why: "The id is what every client keeps of the account.",
		Fix: `Answer 400 with "scimType": "mutability" for attributes that are read-only.`,
		judge: func(r *run) Finding {
			return r.ruthStays([]string{scim.Mutability}, operation("remove", "id", nil))
		},
	},
}

func (r *run) judgeRemoveAll() Finding {
	if _, f, bad := r.ruthWith(twoTelephones); bad {
		return f
	}
	return r.ruthBecomes(hasNone("phoneNumbers"), operation("remove", "phoneNumbers", nil))
}

// hasNone wants an attribute without a value: absent, null or an empty list.
func hasNone(name string) func(scim.Resource) string {
	return func(user scim.Resource) string {
		list, isList := user.Get(name).([]any)
		if user.Get(name) == nil || isList && len(list) == 0 {
			return ""
		}
		return "Afterwards GET still shows " + name + ": " + shownJSON(user.Get(name)) + "."
	}
}

func (r *run) judgeRemoveSome() Finding {
	if before, _, bad := r.ruthWith(twoTelephones); !bad {
		return r.losesOne(before.object, "phoneNumbers", "mobile", "work")
	}
	before, f, bad := r.ruthWith(twoAddresses)
	if bad {
		return f
	}
	return r.losesOne(before.object, "emails", "home", "work")
}

// losesOne removes the value of one type and wants that of the other to stay.
func (r *run) losesOne(before scim.Resource, name, kind, other string) Finding {
	gone, stays := valueOf(before, name, kind), valueOf(before, name, other)
	return r.ruthBecomes(func(user scim.Resource) string {
		switch {
		case holds(user, name, gone):
			return gone + " matches the filter, and is still there."
		case !holds(user, name, stays):
			return stays + " does not match the filter, and is gone."
		}
		return ""
	}, operation("remove", name+"[type eq "+quote(kind)+"]", nil))
}

func (r *run) judgeRemovePart() Finding {
	before, f, bad := r.ruthWith(workPlace)
	if bad {
		return f
	}
	street := ofType(before.object, "addresses", "work").String("streetAddress")
	return r.ruthBecomes(func(user scim.Resource) string {
		for _, address := range elements(user, "addresses") {
			if strings.EqualFold(address.String("type"), "work") && address.String("locality") != "" {
				return "The address still has its locality: " + shownJSON(map[string]any(address)) + "."
			}
		}
		if got := ofType(user, "addresses", "work").String("streetAddress"); got != street {
			return "The street was to stay. Afterwards addresses on GET is " + shownJSON(user.Get("addresses")) + "."
		}
		return ""
	}, operation("remove", `addresses[type eq "work"].locality`, nil))
}

// judgeRemoveLast takes one number after the other.
func (r *run) judgeRemoveLast() Finding {
	if _, f, bad := r.ruthWith(twoTelephones); bad {
		return f
	}
	return r.ruthBecomes(hasNone("phoneNumbers"),
		operation("remove", `phoneNumbers[type eq "work"]`, nil), operation("remove", `phoneNumbers[type eq "mobile"]`, nil))
}

// ruthStays wants the operation refused, and says what became of ruth where it was not.
func (r *run) ruthStays(words []string, op map[string]any) Finding {
	before, f, bad := r.ruthWith()
	if bad {
		return f
	}
	a := r.patch("Users", r.ruth.id, op)
	f = r.patchRefused(a, words)
	if f.Outcome != report.Fail || !a.is2xx() {
		return f.after([]map[string]any{op})
	}
	now := r.user(r.ruth.id)
	if wrong := differences(before.object, now.object, []string{"id", "userName", "name.familyName", "emails.value", "active", r.simple()}); wrong != "" {
		f.Message += " Afterwards " + wrong
	} else {
		f.Message += " Nothing was changed, so the operation was ignored."
	}
	return f.after([]map[string]any{op})
}
