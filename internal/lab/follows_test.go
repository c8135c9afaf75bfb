package lab

import (
	"slices"
	"strings"
)

// follows lists what inevitably breaks along with a defect.
var follows = map[string][]string{
	"error.5xx-none":                   {"filter.unknown-operator"}, // a 500 is not the 400 that was asked for
	"error.json-body":                  {"error.404-endpoint"},      // the page is sent for unknown endpoints as well
	"error.schema":                     {"auth.forbidden-403"},      // the 403 is an error too
	"media.response-type":              {"discovery.media"},         // on every body
	"discovery.rt.required":            {"entitlements.rt.fields"},  // the endpoint is missing there as well
	"discovery.schemas.id-name-attrs":  {"discovery.rt.schema-known"},
	"users.create.minimal":             {"discovery.schemas.truthful.required"}, // wanted, and not said
	"users.create.no-email":            {"discovery.schemas.truthful.required"},
	"users.create.duplicate-immediate": {"text.precis-username"}, // the second of two comes a moment after the first
	"conc.create-same":                 {"users.create.duplicate-immediate"},
	"repr.id-string":                   {"sec.idor"},          // its numbers come in a row
	"patch.add.primary-flip":           {"repr.primary-once"}, // two primary addresses are what it leaves behind
	"patch.attributes-200":             {"proj.on-writes"},
	"patch.replace.pathless-dotted":    {"entra.flow.dotted"},
	"idem.put":                         {"repr.primary-once", "okta.flow.unassign"}, // the second of two PUTs adds
	"groups.create.empty-members":      {"okta.push.empty"},
	"okta.attr.roundtrip-all":          {"discovery.schemas.truthful.known"},
	"entra.flow.connect":               {"filter.plus-decoding"}, // asks without count
	"entitlements.rt.present":          {"discovery.rt.schema-known"},
	"entitlements.schemas.ext":         {"discovery.rt.schema-known"},
	"rate.retry-after-int":             {"okta.429.backoff"},
	"patch.remove.valuepath":           {"entitlements.user.update"}, // which takes one away like that
	"patch.replace.boolean-native":     {"entra.flow.disable"},
	"discovery.schemas.truthful.known": {"okta.attr.roundtrip-all"}, // what is published is not kept
	"groups.members.nested":            {"bulk.circular"},
	"sort.desc":                        {"discovery.spc.truthful.sort"},
	"etag.header":                      {"discovery.spc.truthful.etag"},
	"etag.if-none-match-304":           {"discovery.spc.truthful.etag"},
	"etag.unadvertised-consistent":     {"discovery.spc.truthful.etag"}, // one truth, looked at from two sides
	"discovery.spc.truthful.etag":      {"etag.unadvertised-consistent"},
	"text.turkish-i":                   {"filter.and"},                               // looks for a name in other case
	"sec.externalid/path":              {"repr.id"},                                  // whoever is shown instead has another id
	"auth.rate-of-failures":            {"rate.retry-after-int", "okta.429.backoff"}, // who is locked out is not told for how long
}

// blurs lists what may break along with a defect, and need not: it depends on what else was asked before.
var blurs = map[string][]string{
	"okta.flow.assign":  {"entitlements.user.import"}, // looks somebody up who perhaps was not there before
	"scale.import-walk": {"scale.page-depth"},
}

// hides lists what a defect keeps from showing, without being a check that others need.
var hides = map[string][]string{
	// A document that is not there has no flaws.
	"discovery.spc.present":     idsWith("discovery.spc.", "auth.spc-scheme", "discovery.media"),
	"discovery.spc.pagination":  idsWith("cursor."), // a text is no yes
	"discovery.rt.present":      idsWith("discovery.rt.", "entitlements."),
	"discovery.schemas.present": append(idsWith("discovery.schemas.", "discovery.query.", "discovery.rt.schema-known", "auth.discovery", "discovery.readonly"), "conn.latency.max"), // slow are the schemas
	// What is not offered is judged softly, where it is judged.
	"discovery.spc.truthful.filter": idsOf(func(c Check) bool { return c.gate == offersFilter }),
	// These defects stand in each other's way inside scimtest.
	"users.list.types":    {"page.walk-complete", "page.total-stable"}, // cut by numbers that are texts now
	"filter.eq.special":   {"filter.injection"},                        // finds nobody where the other finds everybody
	"filter.syntax-error": {"error.5xx-none"},                          // lists everybody where the other breaks down
	"bulk.unsupported":    {"repr.integers"},                           // which stand beside it
	"etag.weak-prefix":    idsWith("etag.if-"),                         // a tag of no form is not sent back
	"patch.unsupported":   needingPatch(),                              // what is not offered is not tried
	// Nobody asks for the slow schemas of a server that cannot be used.
	"conn.reach": {"conn.latency.max"}, "conn.no-cross-redirect": {"conn.latency.max"}, "users.list.200": {"conn.latency.max"},
}

// idsWith are the checks whose ids begin with one of the prefixes.
func idsWith(prefixes ...string) []string {
	return idsOf(func(c Check) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(c.ID, p) })
	})
}

func needingPatch() []string { return idsOf(func(c Check) bool { return c.needsPatch }) }

func idsOf(meant func(Check) bool) []string {
	var ids []string
	for _, c := range Checks() {
		if meant(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
