package lab

import (
	"strconv"
	"strings"

	"slipway/internal/scim"
)

// Version is a version of SCIM: which one a run verifies.
type Version string

const (
	SCIM20 Version = "2.0" // RFC 7643, RFC 7644
	SCIM11 Version = "1.1" // draft-scim-core-schema-01, draft-scim-api-01
)

// Catalogue returns the checks of the version in running order; of one that the lab does not know, none.
func Catalogue(v Version) []Check {
	switch v {
	case SCIM20:
		return Checks()
	case SCIM11:
		return checks11()
	}
	return nil
}

// dialect is what differs between the versions in what a run sends, and in how it reads the answers. A check that holds
// for both asks it, and does not know the version.
type dialect struct {
	version Version
	law     string // what a sentence calls the specification
	space   string // how its URNs begin

	user, group, enterprise, bulk string // URNs
	provider                      string // where the service describes itself
	features                      []string
	locale                        string // a value of the form that it wants
	manager                       string // under which name a manager's id stands

	media     string // the type of bodies, which is also asked for
	alias     string // the other one for JSON, which clients take as well
	canonical string // where it allows that an address is stored in another form
	noError   string // what a body lacks that is no error
	words     string // under which name an error says in words what is wrong
	kinds     bool   // errors name their kind, in scimType
	deleted   []int  // what a DELETE may answer
}

var dialects = map[Version]dialect{
	SCIM20: {
		version: SCIM20, law: "the RFC", space: "urn:ietf:params:scim:",
		user: scim.SchemaUser, group: scim.SchemaGroup, enterprise: scim.SchemaEnterpriseUser, bulk: scim.SchemaBulkRequest,
		provider: "/ServiceProviderConfig", features: providerFeatures, locale: "en-US", manager: "value",
		media: scim.MediaType, alias: scim.MediaTypeJSON, canonical: "RFC 7643 §4.1.2, §7",
		noError: "its schemas lack " + scim.SchemaError, words: "detail", kinds: true, deleted: []int{204},
	},
	SCIM11: {
		version: SCIM11, law: "SCIM 1.1", space: "urn:scim:schemas:",
		user: scim.SchemaCore11, group: scim.SchemaCore11, enterprise: scim.SchemaEnterprise11, bulk: scim.SchemaCore11,
		provider: "/ServiceProviderConfigs", features: append(providerFeatures[:len(providerFeatures):len(providerFeatures)], "xmlDataFormat"),
		locale: "en_US", manager: "managerId",
		media: scim.MediaTypeJSON, alias: scim.MediaType, canonical: "core schema §6.2",
		noError: "it has no list under Errors", words: "description", deleted: []int{200, 204},
	},
}

// other is the version that this one is not.
func (d dialect) other() dialect {
	if d.version == SCIM11 {
		return dialects[SCIM20]
	}
	return dialects[SCIM11]
}

// activation is the body of the PATCH by which clients deactivate and activate: an operation, or in SCIM 1.1 a partial
// resource.
func (d dialect) activation(id string, active bool) map[string]any {
	if d.version == SCIM11 {
		return map[string]any{"schemas": []string{d.user}, "id": id, "active": active}
	}
	return map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{activeOp(active)}}
}

// renaming is the body of the PATCH that gives a group another name.
func (d dialect) renaming(name string) map[string]any {
	if d.version == SCIM11 {
		return map[string]any{"schemas": []string{d.group}, "displayName": name}
	}
	return map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{replaceOp("displayName", name)}}
}

// isError reports whether a body is an error in the version's form.
func (d dialect) isError(body scim.Resource) bool {
	if d.version == SCIM11 {
		return firstError(body) != nil
	}
	return body.HasSchema(scim.SchemaError)
}

// firstError is the first entry of the list in which SCIM 1.1 puts its errors (draft-scim-api-01 §3.9), nil where there
// is none.
func firstError(body scim.Resource) scim.Resource {
	list, _ := body.Get("Errors").([]any)
	if len(list) == 0 {
		return nil
	}
	one, _ := list[0].(map[string]any)
	return one
}

// statusIn is the HTTP status that an error repeats, and wordsIn what it says to people.
func (d dialect) statusIn(body scim.Resource) string {
	if d.version == SCIM11 {
		return firstError(body).String("code")
	}
	return body.String("status")
}

func (d dialect) wordsIn(body scim.Resource) string {
	if d.version == SCIM11 {
		return firstError(body).String("description")
	}
	return body.String("detail")
}

// unmask sees through an error that comes with a status of success.
func (d dialect) unmask(a *answer) *answer {
	if inner, err := strconv.Atoi(d.statusIn(a.object)); err == nil && a.is2xx() && d.isError(a.object) {
		a.status, a.disguised = inner, true
	}
	return a
}

// names returns a schema of the version that the resource names, "" where there is none.
func (d dialect) names(resource scim.Resource) string {
	for _, urn := range resource.Schemas() {
		if strings.HasPrefix(strings.ToLower(urn), d.space) {
			return urn
		}
	}
	return ""
}

// speaksAnother finds a server of the other version: its list of users names a schema of that, and so do the users; where
// there are none, the service's own description does. A list alone may be wrong.
func (r *run) speaksAnother() (Finding, bool) {
	other := r.dialect.other()
	told := other.names(r.probe.object)
	if told == "" || r.dialect.names(r.probe.object) != "" {
		return Finding{}, false
	}
	shown := r.probe.resources()
	if len(shown) == 0 {
		shown = []scim.Resource{r.discover(other.provider).object}
	}
	for _, resource := range shown {
		if other.names(resource) == "" || r.dialect.names(resource) != "" {
			return Finding{}, false
		}
	}
	r.warn("The server speaks SCIM %s, not SCIM %s: see %s. Nothing else was asked.", other.version, r.dialect.version, root)
	return fails("The server speaks SCIM %s, and this run verifies SCIM %s: %s answered with the schema %s. Verify it as SCIM %s; if it is meant to speak %s, give the base URL at which it does.",
		other.version, r.dialect.version, r.probe.request(), quote(excerpt(told)), other.version, r.dialect.version), true
}

// sentence begins with a capital.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
