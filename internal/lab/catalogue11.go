package lab

import (
	"slices"

	"slipway/internal/report"
)

// adopted is a check of SCIM 2.0 that holds for SCIM 1.1 as well: the same id and the same judgement, in the dialect of
// the run. The texts of SCIM 1.1 decide how severe it is and where that is written: the core schema
// (draft-scim-core-schema-01) and the protocol (draft-scim-api-01).
type adopted struct {
	id        string
	severity  report.Severity
	reference string

	title, why, fix string   // "" is the check's own
	needs           []string // nil is the check's own
}

// renamed are the checks of SCIM 1.1 that stand in the place of those of SCIM 2.0.
var renamed = map[string]string{
	"discovery.spc.present": "v11.spc", patchWorks: "v11.patch.partial-active", "users.active.deactivate-patch": "v11.patch.partial-active",
}

// checks11 is the catalogue of SCIM 1.1 in running order.
func checks11() []Check {
	built.once11.Do(func() { built.v11 = joined11() })
	return slices.Clone(built.v11)
}

func joined11() []Check {
	all := slices.Concat(adopt(connection11), discovery11Checks, adopt(users11), input11Checks, adopt(filters11), adopt(lives11),
		patch11Checks, adopt(patches11), adopt(groups11), group11Checks, adopt(rest11), hindsight11Checks, adopt(retrospect11))
	for i, c := range all { // what a check works with where it is there, it does without where it is not
		all[i].takes = slices.DeleteFunc(slices.Clone(c.takes), func(id string) bool {
			return !slices.ContainsFunc(all[:i], func(before Check) bool { return before.ID == id })
		})
	}
	return all
}

func adopt(list []adopted) []Check {
	checks, all := make([]Check, 0, len(list)), Checks()
	for _, a := range list {
		at := slices.IndexFunc(all, func(c Check) bool { return c.ID == a.id })
		if at < 0 {
			panic("lab: SCIM 1.1 adopts the check " + a.id + ", which there is not")
		}
		checks = append(checks, a.from(all[at]))
	}
	return checks
}

func (a adopted) from(c Check) Check {
	c.Severity, c.Reference = a.severity, a.reference
	for _, text := range []struct {
		of    *string
		other string
	}{{&c.Title, a.title}, {&c.Why, a.why}, {&c.Fix, a.fix}} {
		if text.other != "" {
			*text.of = text.other
		}
	}
	c.Needs, c.takes = slices.Clone(c.Needs), slices.Clone(c.takes)
	if a.needs != nil {
		c.Needs = a.needs
	}
	for _, list := range [][]string{c.Needs, c.takes} {
		for i, id := range list {
			if other, ok := renamed[id]; ok {
				list[i] = other
			}
		}
	}
	return c
}

var connection11 = []adopted{
	{id: "conn.base-url.https", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §4"},
	{id: "conn.reach", severity: report.Network, reference: "Network rule"},
	{id: "conn.no-cross-redirect", severity: report.Recommended, reference: "Security practice; SCIM 1.1 protocol §3.9, table 7"},
	{id: "auth.credentials", severity: report.Network, reference: "Network rule; SCIM 1.1 protocol §2"},
	{id: root, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2",
		fix: `Answer one JSON object: {"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [{…}]}. Check that the base URL ends where /Users begins, and that it is the one of SCIM 1.1.`},
	{id: "auth.missing-401", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §2 (advised); network rule"},
	{id: "auth.bad-token-401", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §2 (advised); network rule"},
	{id: "auth.malformed-401", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §2 (advised); RFC 9110 §11.6.1"},
	{id: "auth.www-authenticate", severity: report.RFC, reference: "SCIM 1.1 protocol §2; RFC 9110 §11.6.1"},
	{id: "auth.error-body", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.9",
		fix: `Let the gateway or middleware that checks credentials send an error of SCIM 1.1: {"Errors": [{"description": "The token has expired.", "code": "401"}]}.`},
	{id: "auth.no-leak", severity: report.Recommended, reference: "Security practice"},
	{id: "auth.all-methods", severity: report.Recommended, reference: "SCIM 1.1 protocol §2; security practice"},
	{id: "auth.no-side-effect", severity: report.Recommended, reference: "SCIM 1.1 protocol §2; security practice"},
	{id: "auth.scheme-case", severity: report.Recommended, reference: "RFC 9110 §11.1"},
}

var users11 = []adopted{
	{id: "discovery.spc.types", severity: report.RFC, reference: "SCIM 1.1 core schema §9", title: "ServiceProviderConfigs has booleans and integers where they belong"},
	{id: "discovery.list-numbers", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.3, table 6"},
	{id: "users.list.types", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.3, table 6"},
	{id: created, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.1"},
	{id: "users.create.body", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.1"},
	{id: "users.create.echo", severity: report.Network, reference: "Network rule; SCIM 1.1 protocol §3.1"},
	{id: "users.get.200", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.1"},
	{id: "users.create.201-location", severity: report.RFC, reference: "SCIM 1.1 protocol §3.1; core schema §5.1"},
	{id: "users.create.readback", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.1, §3.2.1"},
	{id: "users.get.okta-required", severity: report.Network, reference: "Network rule"},
	{id: "users.get.404", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7", fix: `Answer 404 to every id that is not there, also to one that does not look like yours. The body is an error of SCIM 1.1: {"Errors": [{"description": "There is no such user.", "code": "404"}]}.`},
	{id: "users.create.unique", severity: report.RFC | report.Network, reference: "SCIM 1.1 core schema §6.1; protocol §3.1"},
	{id: "users.create.duplicate-409", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.1"},
	{id: "users.create.duplicate-case", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.2.2.1: strings are compared without regard to case"},
	{id: "users.create.okta-shape", severity: report.Network, reference: "Network rule"},
	{id: "users.create.externalid", severity: report.RFC, reference: "SCIM 1.1 core schema §5.1"},
	{id: "users.password.never-returned", severity: report.RFC, reference: "SCIM 1.1 core schema §6.1", fix: "Leave password out of every answer, also when it is asked for by name."},
	{id: "users.create.username-not-email", severity: report.Network, reference: "Network rule; SCIM 1.1 core schema §6.1"},
	{id: "repr.id-string", severity: report.RFC | report.Network, reference: "SCIM 1.1 core schema §3.1, §5.1"},
	{id: "repr.booleans", severity: report.Network | report.Recommended, reference: "SCIM 1.1 core schema §3.1.2, §11.2; network rule"},
	{id: "repr.multi-array", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.6"},
	{id: put, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.3.1"},
	{id: "users.put.readback", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.3.1"},
	{id: "users.put.okta-roundtrip", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.3.1"},
	{id: "users.put.no-upsert", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7; core schema §5.1"},
}

var filters11 = []adopted{
	{id: honoured, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.1",
		fix: "Evaluate the filter, or refuse it with 400. Never answer with the whole list."},
	{id: byName, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.1, table 2"},
	{id: "filter.eq.username-case", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.1"},
	{id: "filter.eq.none", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2", fix: `Answer 200 with {"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 0, "Resources": []}.`},
	{id: "filter.attr-name-case", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.1"},
	{id: "filter.eq.special", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §1.2, §3.2.2.1"},
	{id: "filter.eq.emails-value", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.1",
		fix: "Compare emails.value with each address of a user, and take emails alone for the same; or answer 400."},
	{id: "filter.injection", severity: report.Recommended, reference: "Security practice"},
	{id: "filter.syntax-error", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.1, §3.9 table 7; network rule", fix: `Answer 400, and say in the error's description what cannot be read: {"Errors": [{"description": "…", "code": "400"}]}.`},
	{id: "filter.unknown-operator", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.1", fix: `Answer 400, and name the operator in the error's description: {"Errors": [{"description": "…", "code": "400"}]}.`},
	{id: "filter.count-interplay", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.3, table 6"},
	{id: "users.list.resources-key", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2"},
	{id: "page.count", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.3, table 5"},
	{id: secondPage, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.3, table 5"},
	{id: "page.count-zero", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.3, table 5"},
	{id: "page.beyond-end", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §3.2.2.3; network rule"},
	{id: "page.itemsperpage", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2.2.3, table 6"},
	{id: "page.total-stable", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.3, table 6"},
	{id: "page.walk-complete", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2.3"},
	{id: "proj.attributes", severity: report.RFC, reference: "SCIM 1.1 protocol §3.2, §3.7", fix: "Send only what ?attributes= names, and what is always returned: schemas, id and meta."},
}

var lives11 = []adopted{
	{id: "users.create.no-email", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.2, §11.1"},
	{id: "users.create.minimal", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.1, §11.1", why: "What you require beyond the specification has to be mapped by every customer, and they learn of it by a failed create."},
	{id: "users.create.active-default", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.1"},
	{id: "users.create.inactive", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.1"},
	{id: "users.create.duplicate-email", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.2"},
	{id: "users.create.attributes-param", severity: report.RFC, reference: "SCIM 1.1 protocol §3.7", fix: "Apply attributes to the answers of POST, PUT and PATCH as well."},
	{id: "users.create.trailing-slash", severity: report.Recommended, reference: "Experience"},
	{id: "users.case.attr-names", severity: report.RFC, reference: "SCIM 1.1 protocol §3.8"},
	{id: "users.case.schemas-urn", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.8"},
	{id: "users.list.unknown-param", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.2.2"},
	{id: "users.password.not-filterable", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.1; security practice",
		fix: "Leave password out of the attributes that a filter may name; answer 400 or 403."},
	{id: full, severity: report.Recommended, reference: "SCIM 1.1 core schema §6, §11.2; protocol §3.1"},
	{id: "users.create.multi-emails", severity: report.RFC, reference: "SCIM 1.1 core schema §3.2, §6.2"},
	{id: "users.create.enterprise", severity: report.Recommended, reference: "SCIM 1.1 core schema §7", fix: "Store the extension, or leave its attributes out of /Schemas."},
	{id: "users.create.visible-now", severity: report.Network | report.Recommended, reference: "Network rule"},
	{id: "repr.enterprise", severity: report.RFC, reference: "SCIM 1.1 core schema §7", title: "The manager is an object",
		why: "A parser that expects manager.managerId finds nothing in a bare text.", fix: "Write \"manager\": {\"managerId\": \"the manager's id\"} inside " + dialects[SCIM11].enterprise + "."},
	{id: "repr.country", severity: report.RFC, reference: "SCIM 1.1 core schema §6.2"},
	{id: "repr.binary", severity: report.RFC, reference: "SCIM 1.1 core schema §3.1.6, §6.2"},
}

var patches11 = []adopted{
	{id: "users.active.deactivate-put", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.3.1; network rule"},
	{id: "users.list.includes-inactive", severity: report.Network, reference: "Network rule"},
	{id: "users.active.no-side-loss", severity: report.Recommended, reference: "Experience"},
	{id: "users.active.reactivate", severity: report.Network, reference: "Network rule"},
	{id: "patch.status", severity: report.RFC, reference: "SCIM 1.1 protocol §3.3.2"},
	{id: "patch.noop", severity: report.Network | report.Recommended, reference: "Network rule"},
	{id: "patch.404", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7", fix: "Look the resource up before you look at the body."},
	{id: "discovery.spc.truthful.patch", severity: report.RFC, reference: "SCIM 1.1 core schema §9"},
}

var groups11 = []adopted{
	{id: groupList, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.2.2", fix: `Answer with a list, also when there are no groups: {"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 0, "Resources": []}.`},
	{id: groupCreated, severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.1; core schema §8"},
	{id: "groups.create.members", severity: report.RFC | report.Network, reference: "SCIM 1.1 core schema §8"},
	{id: "groups.get.404", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7", fix: `Answer 404 with an error of SCIM 1.1: {"Errors": [{"description": "There is no such group.", "code": "404"}]}.`},
	{id: "groups.filter.displayname", severity: report.Network, reference: "SCIM 1.1 protocol §3.2.2.1; network rule"},
}

var rest11 = []adopted{
	{id: "groups.delete.204", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.4", title: "DELETE of a group answers 200 or 204, and its members stay",
		fix: "Delete the group and its memberships, and nothing else; answer 204 without a body, or 200."},
	{id: "media.accept-any", severity: report.Network, reference: "SCIM 1.1 protocol §3.6; RFC 9110 §12.5.1", fix: "Parse Accept instead of comparing it; ignore Accept-Charset; without Accept send application/json."},
	{id: "media.get-with-content-type", severity: report.Network, reference: "Network rule"},
	{id: "media.content-unsupported", severity: report.Recommended, reference: "RFC 9110 §15.5.16", fix: "Answer 415 where Content-Type is no type that you read, such as text/csv."},
	{id: "repr.meta-location", severity: report.RFC, reference: "SCIM 1.1 core schema §5.1"},
	{id: "users.put.rename", severity: report.RFC | report.Network, reference: "SCIM 1.1 core schema §5.1"},
	{id: "users.put.readonly-ignored", severity: report.RFC, reference: "SCIM 1.1 protocol §3.3.1"},
	{id: "users.put.id-mismatch", severity: report.RFC, reference: "SCIM 1.1 protocol §3.3.1; core schema §5.1"},
	{id: "users.put.required-missing", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.1; protocol §3.9, table 7"},
	{id: "users.put.conflict", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.1; protocol §3.9, table 7",
		fix: "Let the unique index guard updates too; map its violation to 409."},
	{id: "users.password.change", severity: report.RFC, reference: "SCIM 1.1 core schema §6.1, §9"},
	{id: "users.groups-readonly", severity: report.RFC, reference: "SCIM 1.1 core schema §6.2"},
	{id: "error.invalid-json", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7", fix: "Catch the parser's errors, and answer 400."},
	{id: "error.array-body", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7"},
	{id: "error.missing-required", severity: report.Recommended, reference: "SCIM 1.1 core schema §6.1; protocol §3.9, table 7", fix: "Answer 400, and name the attribute in the error's description."},
	{id: "error.404-endpoint", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.9", title: "An unknown endpoint answers 404 with an error of SCIM 1.1", fix: `Add a catch-all route below the base URL that answers 404 with an error of SCIM 1.1: {"Errors": [{"description": "There is no such endpoint.", "code": "404"}]}.`},
	{id: "error.404-resource", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7"},
	{id: "error.wrong-type", severity: report.Recommended, reference: "SCIM 1.1 core schema §3.1; protocol §3.9, table 7", fix: "Check values against the schema before you store; answer 400 and name the attribute."},
	{id: "error.unknown-attr", severity: report.Recommended, reference: "SCIM 1.1 protocol §3.1"},
	{id: "error.long-url", severity: report.Recommended, reference: "RFC 9110 §15.5.15"},
	{id: "users.delete.204", severity: report.RFC, reference: "SCIM 1.1 protocol §3.4", title: "DELETE of a user answers 200, or 204 without a body", fix: "Delete, and answer 200 or 204."},
	{id: "users.delete.then-404", severity: report.RFC, reference: "SCIM 1.1 protocol §3.4"},
	{id: "users.delete.not-in-lists", severity: report.RFC, reference: "SCIM 1.1 protocol §3.4"},
	{id: "users.delete.recreate", severity: report.RFC, reference: "SCIM 1.1 protocol §3.4"},
	{id: "users.delete.group-cleanup", severity: report.Recommended, reference: "Experience; SCIM 1.1 core schema §8"},
}

var retrospect11 = []adopted{
	{id: "error.json-body", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.9", fix: `Send from one error handler for all routes an error of SCIM 1.1: {"Errors": [{"description": "…", "code": "404"}]}.`},
	{id: "error.detail", severity: report.RFC | report.Network, reference: "SCIM 1.1 protocol §3.9", why: "The description is what an administrator reads.",
		fix: `Say in description what is wrong and which attribute is meant, such as "description": "userName is required."; no stack traces, no SQL.`},
	{id: "error.not-200", severity: report.Recommended, reference: "SCIM 1.1 protocol §3, §3.9"},
	{id: "error.5xx-none", severity: report.Network | report.Recommended, reference: "SCIM 1.1 protocol §3.9, table 7"},
	{id: "conn.latency.max", severity: report.Network, reference: "Network rule"},
	{id: "repr.schemas", severity: report.RFC, reference: "SCIM 1.1 core schema §5.2", title: "schemas names the core schema, and no URN twice",
		fix: "Write schemas as an array with " + dialects[SCIM11].user + " once, and the URN of each extension in use."},
	{id: "repr.schemas-extension", severity: report.RFC, reference: "SCIM 1.1 core schema §4, §5.2"},
	{id: "repr.id", severity: report.RFC | report.Network, reference: "SCIM 1.1 core schema §5.1"},
	{id: "repr.id-urlsafe", severity: report.Recommended, reference: "RFC 3986 §2.3"},
	{id: "repr.datetime", severity: report.RFC, reference: "SCIM 1.1 core schema §3.1.5"},
	{id: "repr.integers", severity: report.RFC, reference: "SCIM 1.1 core schema §3.1.4"},
	{id: "repr.primary-once", severity: report.RFC, reference: "SCIM 1.1 core schema §3.2"},
	{id: "repr.no-foreign-top", severity: report.Recommended, reference: "SCIM 1.1 core schema §4"},
	{id: "repr.json-valid", severity: report.RFC, reference: "RFC 8259 §4; SCIM 1.1 protocol §3.6"},
	{id: "media.utf8", severity: report.Recommended, reference: "RFC 8259 §8.1"},
}
