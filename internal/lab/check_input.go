package lab

import (
	"net/http"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// unheardOf is an attribute that no schema has.
const unheardOf = "slipwayLabUnheardOf"

var inputChecks = []Check{
	{
		ID: "error.404-resource", Title: "Unknown ids of every form answer 404", Family: errorsFam, Severity: report.RFC | report.Network,
		Needs: []string{"users.get.404"}, Reference: "RFC 7644 §3.12, table 8",
		Why:   "A parser that wants its own form of id answers 400 or 500, and the client never learns that the account is gone.",
		Fix:   "Answer 404 to an id that you cannot parse, as to one that is not there.",
		judge: (*run).judgeUnknownIDs,
	},
	{
		ID: "error.405-501", Title: "A method that an endpoint does not know is refused with 405 or 501", Family: errorsFam, Severity: report.Recommended,
		Needs: []string{"discovery.spc.present"}, Reference: "RFC 9110 §15.5.6; RFC 7644 §3.12, table 8",
		Why:   "A client that is told 200 believes that something was done.",
		Fix:   "Keep a table of methods per endpoint; answer 405 with an Allow header, such as Allow: GET, to all others.",
		judge: (*run).judgeMethod,
	},
	{
		ID: "error.wrong-type", Title: "Values of a wrong type are refused with 400", Family: errorsFam, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7644 §3.12, table 9",
		Why:   "A value that is dropped or bent in silence looks stored to the client.",
		Fix:   `Check values against the schema before you store them; answer 400 with "scimType": "invalidValue", and name the attribute.`,
		judge: (*run).judgeWrongTypes,
	},
	{
		ID: "error.missing-schemas", Title: "A body without schemas is refused with 400", Family: errorsFam, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §3",
		Why:   "Without schemas nobody can say what the attributes mean.",
		Fix:   `Answer 400 where schemas is missing; a user has "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"].`,
		judge: (*run).judgeMissingSchemas,
	},
	{
		ID: "error.wrong-schemas", Title: "A group's schema is refused at /Users", Family: errorsFam, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §3; RFC 7644 §3.3",
		Why:   "A request that went to the wrong endpoint must not make an account.",
		Fix:   "Answer 400 where schemas lacks the URN of the endpoint's type; for /Users that is urn:ietf:params:scim:schemas:core:2.0:User.",
		judge: (*run).judgeWrongSchemas,
	},
	{
		ID: "error.unknown-attr", Title: "An attribute that no schema has is ignored or refused", Family: errorsFam, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.3",
		Why:   "An answer that shows a value which is not stored is a promise that nobody keeps.",
		Fix:   "Drop attributes that you do not know, or answer 400; never repeat them from the request.",
		judge: (*run).judgeUnknownAttribute,
	},
	{
		ID: "error.long-url", Title: "A filter of 8,000 letters is answered, not with a server error", Family: errorsFam, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 9110 §15.5.15; RFC 7644 §3.4.3",
		Why:   "Long filters are cut or crash somewhere between proxy and database.",
		Fix:   "Set one limit for the length of addresses, and answer 414 or 400 beyond it.",
		judge: (*run).judgeLongURL,
	},
	{
		ID: "repr.null-equivalence", Title: "null and an empty list count as not given", Family: shapes, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §2.5",
		Why:   "Clients write null for what a person does not have; a refusal keeps that person out.",
		Fix:   "Treat null and [] as if the attribute were absent.",
		judge: (*run).judgeNulls,
	},
}

func (r *run) judgeUnknownIDs() Finding {
	number := strings.Map(func(c rune) rune { return '0' + c%10 }, r.names.tag+r.names.tag)
	for _, id := range []string{"x", number, strings.Repeat(r.names.tag, 43)[:255]} {
		if f, bad := r.user(id).want(http.StatusNotFound); bad {
			return f
		}
	}
	return passes()
}

// judgeMethod asks where nothing can be changed by it, and aside: such an answer is often the framework's.
func (r *run) judgeMethod() Finding {
	a := r.send(ask{method: http.MethodPost, path: "/ServiceProviderConfig", aside: true, body: map[string]any{"schemas": []string{scim.SchemaSPC}}})
	if a.err == nil && a.status == http.StatusNotFound {
		return deviates("POST /ServiceProviderConfig answered 404; 405 would say that the method is wrong and the address right.")
	}
	return expect(a, http.StatusMethodNotAllowed, http.StatusNotImplemented)
}

// refused wants 400 for a body that must not become a user, and removes the user that comes of it all the same.
func (r *run) refused(body scim.Resource) (Finding, bool) {
	a := r.create("Users", body)
	r.undo("Users", a)
	return a.want(http.StatusBadRequest)
}

func (r *run) judgeWrongTypes() Finding {
	for name, value := range map[string]any{"active": "maybe", "emails": "no list"} {
		body := r.names.plainUser("typo-"+name, "Type", "Wrong")
		body[name] = value
		if f, bad := r.refused(body); bad {
			f.Message += " The body had " + name + ": " + shownJSON(value) + "."
			return f
		}
	}
	return passes()
}

func (r *run) judgeMissingSchemas() Finding {
	body := r.names.plainUser("schemaless", "Schema", "Less")
	delete(body, "schemas")
	f, bad := r.refused(body)
	if last := r.lastAsked(); bad && last.is2xx() {
		return deviates("A user without schemas was created (%s). The RFC requires schemas; being lenient does no harm.", last.shown())
	}
	if bad {
		return f
	}
	return passes()
}

// lastAsked is the last answer that the check under way holds as evidence.
func (r *run) lastAsked() *answer { return r.evidence[len(r.evidence)-1] }

func (r *run) judgeWrongSchemas() Finding {
	body := r.names.plainUser("misled", "Mis", "Led")
	body["schemas"] = []any{scim.SchemaGroup}
	if f, bad := r.refused(body); bad {
		return f.saying("The body had the schemas of a group.")
	}
	return passes()
}

func (r *run) judgeUnknownAttribute() Finding {
	body := r.names.plainUser("odd", "Odd", "One")
	body[unheardOf] = r.names.tag
	a := r.create("Users", body)
	if !a.is2xx() {
		return expect(a, http.StatusBadRequest)
	}
	defer r.undo("Users", a)
	if a.object.Get(unheardOf) == nil || a.object.ID() == "" {
		return passes()
	}
	if now := r.user(a.object.ID()); now.object.Get(unheardOf) == nil {
		return fails("The answer to POST shows %s, which no schema has and which was not stored: GET does not show it.", unheardOf)
	}
	return deviates("The server stores %s, which no schema has.", unheardOf)
}

// judgeLongURL asks aside: what refuses a long address is often a proxy, which knows no SCIM errors.
func (r *run) judgeLongURL() Finding {
	a := r.send(ask{method: http.MethodGet, path: "/Users", aside: true,
		query: values([]string{"filter", "userName eq " + quote(strings.Repeat("x", 8000))})})
	if a.err != nil {
		return a.trouble()
	}
	if a.status >= 500 && a.status != http.StatusNotImplemented {
		return fails("A filter of 8,000 letters was answered with %s.", a.shown())
	}
	return passes()
}

func (r *run) judgeNulls() Finding {
	body := r.names.plainUser("nil", "Nil", "Void")
	body["nickName"], body["phoneNumbers"] = nil, []any{}
	a := r.create("Users", body)
	if !a.is2xx() {
		f := expect(a, http.StatusCreated)
		f.Message += " The body had nickName: null and phoneNumbers: []."
		return f
	}
	defer r.undo("Users", a)
	if value, there := a.object["name"]; there && value == nil {
		return fails("The answer has name: null.")
	}
	return passes()
}
