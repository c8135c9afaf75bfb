package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	entraConnect = "entra.flow.connect"
	entraCreate  = "entra.flow.create"
	entraDisable = "entra.flow.disable"
)

// entraChecks are what the client of Microsoft Entra ID sends. Some of it goes beyond the RFC: who refuses that is right,
// and has customers who cannot use it. So these recommend, and never block.
var entraChecks = []Check{
	{
		ID: entraConnect, Title: "A look-up needs no paging", Family: flows, Severity: report.Recommended,
		Needs: []string{root, "filter.eq.none"}, Reference: "Experience; RFC 7644 §3.4.2.4",
		Why:   "The client of Microsoft Entra ID tests a connection by looking up somebody who is not there, with a filter and nothing else.",
		Fix:   "Where startIndex is missing take 1, where count is missing take a page size of your own.",
		judge: (*run).judgeEntraConnect,
	},
	{
		ID: entraCreate, Title: "A user is created whose schemas name an extension without data", Family: flows, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{entraConnect, "users.create.body", "users.create.echo", "users.get.200"}, Reference: "Experience; RFC 7644 §3.3",
		Why:   "The client of Microsoft Entra ID names the enterprise extension in every create, and sends meta.resourceType and an empty list of roles.",
		Fix:   "Accept a URN in schemas that has no data in the body, and ignore what is read-only, such as meta.",
		judge: (*run).judgeEntraCreate,
	},
	{
		ID: "entra.flow.match", needsPatch: true, Title: "Somebody is found by the externalId of today", Family: flows, Severity: report.Recommended,
		Needs: []string{entraCreate, "patch.op-case"}, Reference: "Experience; RFC 7643 §3.1",
		Why:   "Tenants match people by externalId. When the directory's identifier changes, the look-up has to follow.",
		Fix:   "Store externalId from a PATCH too, and let filters compare the value that is stored now.",
		judge: (*run).judgeEntraMatch,
	},
	{
		ID: "entra.flow.update", needsPatch: true, Title: "Replace changes several attributes in one request, one of them chosen by a filter", Family: flows, Severity: report.Recommended, Feature: "update_users",
		Needs: []string{entraCreate, "patch.op-case", "patch.replace.subattr", "patch.replace.valuepath"}, Reference: "Experience; RFC 7644 §3.5.2.3",
		Why:   "The client of Microsoft Entra ID writes operations in capitals and puts all changes of a person into one request.",
		Fix:   `Compare op without regard to case ("Replace" is "replace"), also where the path has a filter such as emails[type eq "work"].value.`,
		judge: (*run).judgeEntraUpdate,
	},
	{
		ID: "entra.flow.add-missing", needsPatch: true, Title: "Add with a filter that matches nothing makes the value", Family: flows, Severity: report.Recommended, Feature: "update_users",
		Needs: []string{entraCreate, "patch.op-case"}, takes: []string{full}, Reference: "Experience; RFC 7644 §3.5.2.1",
		Why:   "A person's first mobile number arrives as Add to phoneNumbers[type eq \"mobile\"].value. Refused with noTarget, as the RFC allows, it never arrives.",
		Fix:   `Where an add finds no value for its filter, make one with the attributes of the filter: {"type": "mobile", "value": "…"}.`,
		judge: (*run).judgeEntraMissing,
	},
	{
		ID: "entra.flow.dotted", needsPatch: true, Title: "Add without a path takes dotted names", Family: flows, Severity: report.Recommended, Feature: "update_users",
		Needs: []string{entraCreate, "patch.op-case"}, Reference: "Experience",
		Why:   "Tenants of the older kind send {\"name.givenName\": …} as the value of an add without a path. Where that key is ignored, the name stays as it was, and the answer says that it did not.",
		Fix:   `In the value of an add without path, read each key as a path: "name.givenName" is givenName inside name.`,
		judge: (*run).judgeEntraDotted,
	},
	{
		ID: "entra.flow.manager", needsPatch: true, Title: "A manager is set by the bare id", Family: flows, Severity: report.Recommended, Feature: "update_users",
		Needs: []string{entraCreate, "patch.op-case", "users.create.enterprise"}, Reference: "Experience; RFC 7643 §4.3",
		Why:   "The client of Microsoft Entra ID sends a manager as a text. The RFC has an object with a value there, and a refusal is right; the manager of a customer never arrives then.",
		Fix:   `Accept a text where manager is set, and store it as {"value": "the text"}.`,
		judge: (*run).judgeEntraManager,
	},
	{
		ID: entraDisable, needsPatch: true, Title: "Replace of active by its path deactivates", Family: flows, Severity: report.Recommended, Feature: "deactivate_users",
		Needs: []string{entraCreate, "patch.op-case"}, Reference: "Experience; RFC 7644 §3.5.2.3",
		Why:   "This is what the client of Microsoft Entra ID sends when somebody leaves. Where it is not understood, they keep their access.",
		Fix:   `Accept {"op": "Replace", "path": "active", "value": false}: compare op without regard to case, and set active.`,
		judge: (*run).judgeEntraDisable,
	},
	{
		ID: "entra.flow.restore", needsPatch: true, Title: "active: \"True\" is true, or refused", Family: flows, Severity: report.Recommended, Feature: "deactivate_users",
		Needs: []string{entraDisable, "users.active.reactivate"}, Reference: "Experience; RFC 7643 §2.3.2",
		Why:   "Tenants of the older kind send booleans as texts. A server that takes every text for true, or for false, does the opposite of what was asked.",
		Fix:   `Take the texts "True" and "False", in any case, for the booleans; or refuse them with 400 and "scimType": "invalidValue".`,
		judge: (*run).judgeEntraRestore,
	},
	{
		ID: "entra.flow.group-lookup", Title: "A group is looked up without its members", Family: flows, Severity: report.Recommended, Feature: "group_push",
		Needs: []string{"groups.filter.displayname"}, Reference: "Experience; RFC 7644 §3.9",
		Why:   "The client of Microsoft Entra ID never reads members. A filter that is lost beside excludedAttributes leads to somebody else's group.",
		Fix:   "Apply filter and excludedAttributes to the same request.",
		judge: (*run).judgeEntraGroup,
	},
	{
		ID: "entra.flow.group-create", Title: "A group is created whose schemas name one that the server does not know", Family: flows, Severity: report.Recommended, Feature: "group_push",
		Needs: []string{groupCreated, "entra.flow.group-lookup"}, Reference: "Experience; RFC 7643 §3",
		Why:   "Beside the group schema, the client of Microsoft Entra ID names one of its own, without data. A server may refuse that; then no group of such a customer comes into being.",
		Fix:   "Ignore a URN in schemas that you do not know, where the body has no data of it.",
		judge: (*run).judgeEntraGroupCreate,
	},
	{
		ID: "entra.flow.group-members", needsPatch: true, Title: "Remove takes out every member that its value lists", Family: flows, Severity: report.Recommended, Feature: "group_push",
		Needs: []string{"entra.flow.group-lookup", groupAdd, "patch.op-case", entraCreate}, Reference: "Experience",
		Why:   "The client of Microsoft Entra ID lists whom to remove in value, several at once. A member who is overlooked keeps the access; a server that ignores the list throws everybody out.",
		Fix:   `Where a remove of members has a value, as in {"op": "Remove", "path": "members", "value": [{"value": "the user's id"}]}, remove exactly those.`,
		judge: (*run).judgeEntraMembers,
	},
}

// entraEndChecks come when what deletion does is known.
var entraEndChecks = []Check{
	{
		ID: "entra.flow.delete", Title: "A deactivated user can be deleted", Family: flows, Severity: report.Recommended,
		Needs: []string{entraCreate, "users.active.deactivate-put", "users.get.404", "users.delete.204", "users.delete.then-404"}, takes: []string{entraDisable, "entra.flow.restore"}, Reference: "Experience; RFC 7644 §3.6",
		Why:   "Some weeks after somebody left, the client of Microsoft Entra ID deletes the account that it has deactivated before.",
		Fix:   "Let DELETE remove inactive users as it removes active ones.",
		judge: (*run).judgeEntraDelete,
	},
}

// entraUser is the document that the client creates people with.
func (n names) entraUser(who, given, family string) scim.Resource {
	address := n.userName(who)
	return scim.Resource{
		"schemas":     []any{scim.SchemaUser, scim.SchemaEnterpriseUser},
		"externalId":  "aad" + n.tag + who,
		"userName":    address,
		"active":      true,
		"displayName": given + " " + family,
		"emails":      []any{map[string]any{"primary": true, "type": "work", "value": address}},
		"meta":        map[string]any{"resourceType": "User"},
		"name":        map[string]any{"formatted": given + " " + family, "givenName": given, "familyName": family},
		"roles":       []any{},
	}
}

func (r *run) judgeEntraConnect() Finding {
	f := r.flow(entra, "When an admin tests the connection, it is reported as broken.")
	f.lookUp("the look-up of nobody", "Users", "userName eq "+quote(r.names.userName("entra-nobody")), "")
	return f.finding()
}

// judgeEntraCreate leaves somebody for the flows that follow.
func (r *run) judgeEntraCreate() Finding {
	f := r.flow(entra, "When somebody is assigned to the app, no account comes into being.", "users.create.enterprise", full)
	sent := r.names.entraUser("ina", "Ina", "Entra")
	f.lookUp("the look-up before the create", "Users", "userName eq "+quote(sent.UserName()), "")
	who := f.make("the create", "Users", sent)
	if who == nil {
		return f.orLost()
	}
	f.read("the reading of the new user", "Users", who.id, like(sent, "userName", "name.givenName", "name.familyName", "active"))
	if f.broken == nil {
		r.synced = who
	}
	return f.finding()
}

func (r *run) judgeEntraMatch() Finding {
	f := r.flow(entra, "When somebody's identifier in the directory changes, the account is not found any more, and a second one is made.", "users.create.externalid", "patch.replace.path")
	now := f.read("the reading of the user", "Users", r.synced.id, anything)
	if f.broken == nil && now.ExternalID() == "" {
		return notApplicable("The server keeps no externalId.")
	}
	filter := "externalId eq "
	if a := r.get("/Users", "filter", filter+quote(now.ExternalID())); refusedAs(a) {
		return notApplicable("The server has no filter on externalId; it says so with %s.", a.shown())
	}
	f.lookUp("the look-up by externalId", "Users", filter+quote(now.ExternalID()), r.synced.id)
	other := "aad" + r.names.tag + "ina-2"
	f.patch("the new externalId", "Users", r.synced.id, operation("Replace", "externalId", other))
	f.lookUp("the look-up by the new externalId", "Users", filter+quote(other), r.synced.id)
	f.lookUp("the look-up by the old externalId", "Users", filter+quote(now.ExternalID()), "")
	return f.finding()
}

func (r *run) judgeEntraUpdate() Finding {
	f := r.flow(entra, "When a profile changes in the directory, the app takes over a part of it.", "patch.replace.path")
	address := r.names.userName("ina-new")
	f.patch("the changes", "Users", r.synced.id,
		operation("Replace", "emails[type eq \"work\"].value", address), operation("Replace", "name.familyName", "Changed"))
	f.read("the reading after it", "Users", r.synced.id,
		like(scim.Resource{"name": map[string]any{"familyName": "Changed"}, "emails": []any{map[string]any{"value": address}}}, "name.familyName", "emails.value"))
	return f.finding()
}

func (r *run) judgeEntraMissing() Finding {
	if !r.keepsOnCreate("phoneNumbers") {
		return notApplicable("The server keeps no phone numbers.")
	}
	f := r.flow(entra, "When somebody gets a first mobile number in the directory, it does not arrive.", "patch.add.multi-append")
	f.patch("the first number", "Users", r.synced.id, operation("Add", "phoneNumbers[type eq \"mobile\"].value", "+46 70 555 0111"))
	f.read("the reading after it", "Users", r.synced.id, func(got scim.Resource) string {
		list, _ := got.Get("phoneNumbers").([]any)
		if slices.ContainsFunc(list, func(e any) bool {
			one, _ := e.(map[string]any)
			return scim.Resource(one).String("type") == "mobile" && scim.Resource(one).String("value") == "+46 70 555 0111"
		}) {
			return ""
		}
		return "phoneNumbers is " + shownJSON(got.Get("phoneNumbers")) + "."
	})
	return f.finding()
}

func (r *run) judgeEntraDotted() Finding {
	f := r.flow(entra, "When somebody's first name changes in the directory, the app goes on with the old one.", "patch.replace.pathless")
	f.patch("the new name", "Users", r.synced.id, operation("Add", "", map[string]any{"name.givenName": "Irina"}))
	f.read("the reading after it", "Users", r.synced.id, like(scim.Resource{"name": map[string]any{"givenName": "Irina"}}, "name.givenName"))
	return f.finding()
}

func (r *run) judgeEntraManager() Finding {
	f := r.flow(entra, "When somebody gets another manager in the directory, the app keeps the old one.")
	f.patch("the manager", "Users", r.synced.id, operation("Add", scim.SchemaEnterpriseUser+":manager", r.ada.id))
	f.read("the reading after it", "Users", r.synced.id, func(got scim.Resource) string {
		extension, _ := got.Get(scim.SchemaEnterpriseUser).(map[string]any)
		if manager := scim.Resource(extension); manager.String("manager.value") != r.ada.id && manager.String("manager") != r.ada.id {
			return "the manager is " + shownJSON(manager.Get("manager")) + "."
		}
		return ""
	})
	return f.finding()
}

func (r *run) judgeEntraDisable() Finding {
	f := r.flow(entra, "When an admin unassigns somebody, that person keeps the access.", "patch.replace.path")
	f.patch("the deactivation", "Users", r.synced.id, operation("Replace", "active", false))
	f.read("the reading after it", "Users", r.synced.id, isActive(false))
	return f.finding()
}

// judgeEntraRestore takes a clean refusal of the text for an answer, and leaves the user active.
func (r *run) judgeEntraRestore() Finding {
	f := r.flow(entra, "When somebody is assigned again, the account stays inactive, though the app said that it was restored.")
	accepted := says(http.StatusOK, http.StatusNoContent)
	body := map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{operation("Replace", "active", "True")}}
	a := f.step("the return", ask{method: http.MethodPatch, path: scim.Path("Users", r.synced.id), body: body}, func(a *answer) string {
		if refusedAs(a) {
			return ""
		}
		return accepted(a)
	})
	if refusedAs(a) && f.broken == nil {
		f.unusual = "A text for active is refused (" + a.shown() + "), as the RFC allows. Tenants that still send texts have to switch that off."
		f.patch("the return with a boolean", "Users", r.synced.id, operation("Replace", "active", true))
	}
	f.read("the reading after it", "Users", r.synced.id, isActive(true))
	return f.finding()
}

func (r *run) judgeEntraGroup() Finding {
	f := r.flow(entra, "When a group is assigned to the app, somebody else's group is changed in its place.", "proj.excluded")
	group, g := r.joint("entra-joint")
	if group == nil {
		return g
	}
	defer r.discard("Groups", group.id)
	f.lookUp("the look-up of the group", "Groups", "displayName eq "+quote(group.name), group.id, "excludedAttributes", "members")
	return f.finding()
}

// entraGroup is the document that the client creates groups with, but for the schema of its own.
func (n names) entraGroup(what string) scim.Resource {
	group := n.group("entra-" + what)
	group["externalId"], group["meta"] = "aad"+n.tag+what, map[string]any{"resourceType": "Group"}
	return group
}

// entraGroupSchema is a marker without attributes, of a product before SCIM.
const entraGroupSchema = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"

func (r *run) judgeEntraGroupCreate() Finding {
	f := r.flow(entra, "When a group is assigned to the app, it does not come into being.")
	sent := r.names.entraGroup("marked")
	sent["schemas"] = []any{scim.SchemaGroup, entraGroupSchema}
	group := f.make("the create", "Groups", sent)
	if group == nil {
		return f.orLost()
	}
	defer r.discard("Groups", group.id)
	f.read("the reading of the new group", "Groups", group.id, like(sent, "displayName"))
	return f.finding()
}

// judgeEntraMembers adds three one by one and removes two at once, by the id alone.
func (r *run) judgeEntraMembers() Finding {
	f := r.flow(entra, "When people leave a group in the directory, some of them stay in it in the app.")
	first, second := r.two()
	if second == nil {
		return blockedBy(created)
	}
	sent := r.names.entraGroup("crew")
	f.lookUp("the look-up before the create", "Groups", "displayName eq "+quote(sent.String("displayName")), "", "excludedAttributes", "members")
	group := f.make("the create", "Groups", sent)
	if group == nil {
		return f.orLost()
	}
	defer r.discard("Groups", group.id)
	bare := func(who *account) map[string]any { return map[string]any{"value": who.id} }
	for _, who := range []*account{first, second, r.synced} {
		f.patch("a new member", "Groups", group.id, operation("Add", "members", []any{bare(who)}))
	}
	f.hasExactly(group, first, second, r.synced)
	f.patch("the removal of two", "Groups", group.id, operation("Remove", "members", []any{bare(first), bare(r.synced)}))
	f.hasExactly(group, second)
	return f.finding()
}

// judgeEntraDelete deactivates as far as this server lets it, and deletes then.
func (r *run) judgeEntraDelete() Finding {
	f := r.flow(entra, "When somebody who left is deleted for good in the directory, the account stays.")
	mark := len(r.evidence)
	r.setActive(r.synced.id, false, false)
	r.evidence = r.evidence[:mark]
	id := r.synced.id
	a := f.step("the deletion", ask{method: http.MethodDelete, path: scim.Path("Users", id)}, succeeds(http.StatusNoContent))
	if a.is2xx() {
		r.gone("Users", id)
	}
	f.get("the reading after it", scim.Path("Users", id), nil, says(http.StatusNotFound))
	return f.finding()
}
