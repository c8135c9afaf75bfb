package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// projectionChecks ask for parts of a resource in the less common ways.
var projectionChecks = []Check{
	{
		ID: "proj.sub", Title: "attributes takes sub-attributes", Family: filters, Severity: report.RFC,
		Needs: []string{"proj.attributes"}, Reference: "RFC 7644 §3.4.2.5, §3.9, §3.10",
		Why:   "A client that asks for emails.value alone gets no address at all.",
		Fix:   "Resolve names with a dot: name.givenName is a part of name; of emails.value keep the value of each address.",
		judge: (*run).judgeSubAttributes,
	},
	{
		ID: "proj.excluded-members", Title: "Groups can be read without their members", Family: filters, Severity: report.RFC,
		Needs: []string{groupCreated, "users.get.200"}, Reference: "RFC 7644 §3.4.2.5",
		Why:   "Clients look up large groups with excludedAttributes=members; with ten thousand members in it the answer takes minutes.",
		Fix:   "Leave members out, and do not load them, where excludedAttributes names them.",
		judge: (*run).judgeWithoutMembers,
	},
	{
		ID: "proj.both", Title: "attributes and excludedAttributes together are refused, or one of them counts", Family: filters, Severity: report.Recommended,
		Needs: []string{"proj.attributes", "proj.excluded"}, Reference: "RFC 7644 §3.9",
		Why:   "They exclude each other. A server that drops both sends what the client did not want to read.",
		Fix:   "Answer 400, or let attributes win.",
		judge: (*run).judgeBothProjections,
	},
	{
		ID: "proj.urn", Title: "attributes takes names with their schema in front", Family: filters, Severity: report.RFC,
		Needs: []string{"users.get.200", "proj.attributes"}, Reference: "RFC 7644 §3.9, §3.10",
		Why:   "Attributes of extensions can be named in no other way.",
		Fix:   "Split each name at the last colon: before it stands the URN of the schema, behind it the attribute.",
		judge: (*run).judgeQualified,
	},
	{
		ID: "proj.on-writes", Title: "attributes limits the answers to PUT and PATCH", Family: filters, Severity: report.RFC, Feature: "update_users",
		Needs: []string{put, "proj.attributes", created}, Reference: "RFC 7644 §3.5.1, §3.5.2, §3.9",
		Why:   "A client that asks for less must not be sent what it is not meant to read; and PATCH with attributes has to answer with them.",
		Fix:   "Apply attributes to every answer with a resource. A PATCH with attributes answers 200, not 204.",
		judge: (*run).judgeWriteProjection,
	},
}

// extras are the attributes in an answer beyond those asked for. id, schemas and meta may always be there.
func extras(r scim.Resource, asked ...string) []string {
	var extra []string
	for name := range r {
		if !slices.Contains([]string{"schemas", "id", "meta"}, strings.ToLower(name)) &&
			!slices.ContainsFunc(asked, func(a string) bool { return strings.EqualFold(a, name) }) {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	return extra
}

// judgeSubAttributes lets a server send an attribute as a whole of which a part was asked for.
func (r *run) judgeSubAttributes() Finding {
	whole, f, bad := r.ownUser()
	if bad {
		return f
	}
	a := r.get(scim.Path("Users", r.ada.id), "attributes", "name.givenName,emails.value")
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	for _, path := range []string{"name.givenName", "emails.value"} {
		if whole.object.String(path) != "" && a.object.String(path) == "" {
			return fails("With attributes=name.givenName,emails.value the answer has no %s: name is %s, emails is %s.", path, shownJSON(a.object.Get("name")), shownJSON(a.object.Get("emails")))
		}
	}
	if extra := extras(a.object, "name", "emails"); len(extra) > 0 {
		return fails("Asked for name.givenName and emails.value, the answer also has %s.", strings.Join(extra, ", "))
	}
	if a.object.String("name.familyName") != "" || a.object.Get("emails.type") != nil {
		return deviates("Asked for name.givenName and emails.value, the answer has name and emails as a whole.")
	}
	return passes()
}

// judgeWithoutMembers makes a group of its own with a member, and reads it alone and in a list.
func (r *run) judgeWithoutMembers() Finding {
	sent := r.names.group("proj", member(r.ada.id, r.ada.name))
	group := r.adopt("Groups", sent, r.create("Groups", sent))
	if group == nil {
		return blockedBy("groups.create.members")
	}
	defer r.discard("Groups", group.id)
	for _, a := range []*answer{
		r.get(scim.Path("Groups", group.id), "excludedAttributes", "members"),
		r.get("/Groups", "filter", "displayName eq "+quote(group.name), "excludedAttributes", "members"),
	} {
		if declines(a) {
			continue // the filter: groups.filter.displayname
		}
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f
		}
		for _, one := range a.resources() {
			if one.ID() != group.id {
				continue
			}
			if one.Get("members") != nil {
				return fails("%s with excludedAttributes=members shows members %s.", a.request(), shownJSON(one.Get("members")))
			}
			if one.String("displayName") == "" {
				return fails("%s with excludedAttributes=members leaves displayName out as well.", a.request())
			}
		}
	}
	return passes()
}

func (r *run) judgeBothProjections() Finding {
	a := r.get(scim.Path("Users", r.ada.id), "attributes", "userName", "excludedAttributes", "emails")
	if a.err == nil && a.status == http.StatusBadRequest {
		return passed("The server refuses both at once (400).")
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if a.object.Get("emails") != nil {
		return fails("With attributes=userName and excludedAttributes=emails the answer has emails: neither of the two counted.")
	}
	return passes()
}

// judgeQualified asks for a core attribute, and for one of two in the enterprise extension where the server keeps both.
func (r *run) judgeQualified() Finding {
	c, complete := r.actors()
	who := r.ada
	asked := scim.SchemaUser + ":userName"
	number, department := scim.SchemaEnterpriseUser+":employeeNumber", scim.SchemaEnterpriseUser+":department"
	extended := complete && c.bertil.shown.String(number) != "" && c.bertil.shown.String(department) != ""
	if extended {
		who, asked = c.bertil, asked+","+number
	}
	a := r.get(scim.Path("Users", who.id), "attributes", asked)
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	switch extra := extras(a.object, "userName", scim.SchemaEnterpriseUser); {
	case a.object.UserName() == "":
		return fails("Asked for attributes=%s, the answer has no userName.", asked)
	case len(extra) > 0:
		return fails("Asked for attributes=%s, the answer also has %s.", asked, strings.Join(extra, ", "))
	case extended && a.object.String(number) == "":
		return fails("Asked for attributes=%s, the answer has no employeeNumber.", asked)
	case extended && a.object.String(department) != "":
		return deviates("Asked for employeeNumber alone, the answer has the extension as a whole.")
	}
	return passes()
}

// judgeWriteProjection changes a display name twice. Answers without a user are put's and patch.status's finding.
func (r *run) judgeWriteProjection() Finding {
	c, complete := r.actors()
	if !complete {
		return unproved("The user who shall be written could not be created.")
	}
	path, query := scim.Path("Users", c.cesar.id), values([]string{"attributes", "userName"})
	body := c.cesar.sent.Clone()
	body["displayName"] = "Cesar Put"
	a := r.send(ask{method: http.MethodPut, path: path, query: query, body: body})
	if f := onlyUserName(a); a.status != http.StatusNoContent && f.Outcome != report.Pass || !r.patches() {
		return f
	}
	change := map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{replaceOp("displayName", "Cesar Patched")}}
	a = r.send(ask{method: http.MethodPatch, path: path, query: query, body: change})
	switch {
	case a.err == nil && a.status == http.StatusNoContent:
		return fails("PATCH with attributes=userName answered 204; it has to be 200, with the user.")
	case a.is2xx() && len(a.body) == 0:
		return blockedBy("patch.status")
	}
	return onlyUserName(a)
}

func onlyUserName(a *answer) Finding {
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if a.object.UserName() == "" {
		return fails("%s with attributes=userName was answered without userName.", a.request())
	}
	if extra := extras(a.object, "userName"); len(extra) > 0 {
		return fails("%s with attributes=userName was answered with %s as well.", a.request(), strings.Join(extra, ", "))
	}
	return passes()
}
