package lab

import (
	"net/http"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var requestErrorChecks = []Check{
	{
		ID: "error.invalid-json", Title: "A body that is not JSON is refused with 400", Family: errorsFam, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.12, table 9",
		Why:   "A parser's exception that becomes a 500 is retried for ever.",
		Fix:   `Catch the parser's errors, and answer 400 with "scimType": "invalidSyntax".`,
		judge: func(r *run) Finding { return r.refusesBodies("{") },
	},
	{
		ID: "error.array-body", Title: "A body that is no object is refused with 400", Family: errorsFam, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.12, table 9",
		Why:   "Code that expects an object fails on null and [] in places that nobody has tested.",
		Fix:   "Check that the body is a JSON object before you read it; answer 400 where it is not.",
		judge: func(r *run) Finding { return r.refusesBodies("[]", `"x"`, "null") },
	},
	{
		ID: "error.missing-required", Title: "A user without userName is refused with 400", Family: errorsFam, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §4.1.1; RFC 7644 §3.12, table 9",
		Why:   "An account without a name can be found by nobody.",
		Fix:   `Answer 400 with "scimType": "invalidValue", and name the attribute in detail.`,
		judge: (*run).judgeMissingRequired,
	},
	{
		ID: "error.404-endpoint", Title: "An unknown endpoint answers 404 with a SCIM error", Family: errorsFam, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.12",
		Why:   "A wrong base URL shows by this answer; a page in HTML shows nothing to a client.",
		Fix:   `Add a catch-all route below the base URL that answers 404 with a SCIM error: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "There is no such endpoint."}.`,
		judge: (*run).judgeUnknownEndpoint,
	},
}

// deleted is the check that looks for a user after DELETE.
const deleted = "users.delete.then-404"

var deleteChecks = []Check{
	{
		ID: "users.delete.204", Title: "DELETE of a user answers 204 without a body", Family: users, Severity: report.RFC,
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.6",
		Why:   "Test accounts and the right to be forgotten need deletion, although clients deactivate first.",
		Fix:   "Delete the user, and answer 204 without a body.",
		judge: (*run).judgeDelete,
	},
	{
		ID: deleted, Title: "A deleted user is gone for every method", Family: users, Severity: report.RFC,
		Needs: []string{"users.delete.204"}, Reference: "RFC 7644 §3.6",
		Why:   "A client that can still update a deleted account takes it for alive.",
		Fix:   "Leave deleted records out of every look-up, and answer 404.",
		judge: (*run).judgeDeleted,
	},
}

// refusesBodies sends bodies that cannot be a user. Whatever is created by accident is removed with the rest.
func (r *run) refusesBodies(bodies ...string) Finding {
	verdict := passes()
	for _, body := range bodies {
		a := r.send(ask{method: http.MethodPost, path: "/Users", body: body, object: &report.Object{Resource: "Users"}})
		if f, bad := a.want(http.StatusBadRequest); bad {
			f.Message += " The body was " + body + "."
			return f
		}
		if r.dialect.kinds && a.object.String("scimType") == "" {
			verdict = deviates("Refused with 400, without a scimType (which is optional).")
		}
	}
	return verdict
}

func (r *run) judgeMissingRequired() Finding {
	nameless := r.names.plainUser("nameless", "Name", "Less")
	delete(nameless, "userName")
	nameless["displayName"] = r.names.prefix + "nameless" // by which it is known as ours, should it be created
	a := r.create("Users", nameless)
	if f, bad := a.want(http.StatusBadRequest); bad {
		return f.saying("The body had no userName.")
	}
	if got := a.object.String("scimType"); r.dialect.kinds && got != scim.InvalidValue {
		return deviates("Refused with 400, with scimType %s instead of %q (it is optional).", shownJSON(a.object.Get("scimType")), scim.InvalidValue)
	}
	return passes()
}

func (r *run) judgeUnknownEndpoint() Finding {
	a := r.send(ask{method: http.MethodGet, path: "/NoSuchEndpoint", aside: true})
	if f, bad := a.want(http.StatusNotFound); bad {
		return f
	}
	if a.object == nil || !r.dialect.isError(a.object) && a.object.String("detail") == "" {
		return fails("GET /NoSuchEndpoint answered 404, but the body is %s instead of a SCIM error.", a.nature())
	}
	return passes()
}

func (r *run) judgeDelete() Finding {
	a := r.delete("Users", r.ada.id)
	if a.is2xx() {
		r.gone("Users", r.ada.id)
	}
	if f, bad := a.want(r.dialect.deleted...); bad {
		f.stands = a.is2xx()
		return f
	}
	if a.status == http.StatusNoContent && len(a.body) > 0 {
		return fails("DELETE answered 204 with a body; 204 means that there is none.").andStands()
	}
	return passes()
}

// judgeDeleted gives the first reading time to settle; then the others must agree.
func (r *run) judgeDeleted() Finding {
	a, waited, wrong := r.settle(func() *answer { return r.user(r.ada.id) }, func(a *answer) string {
		return expect(a, http.StatusNotFound).messageOnFail()
	})
	if f := settled(a, waited, wrong); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return r.stillThere(a, f)
	}
	if r.outcomes["users.put.no-upsert"].Outcome == report.Pass { // else PUT would bring the user back, which is that check's finding
		again := r.send(ask{method: http.MethodPut, path: scim.Path("Users", r.ada.id), body: r.ada.sent,
			object: &report.Object{Resource: "Users", Name: r.ada.name}})
		if f, bad := again.want(http.StatusNotFound); bad {
			return f
		}
	}
	if f, bad := r.delete("Users", r.ada.id).want(http.StatusNotFound); bad {
		return f
	}
	return settled(a, waited, wrong)
}

// stillThere says what DELETE has done in the place of deleting.
func (r *run) stillThere(a *answer, f Finding) Finding {
	if !a.is2xx() || a.object.ID() != r.ada.id {
		return f
	}
	r.afterDelete = "nothing; the user stays as it was"
	if active, known := a.object.Active(); known && !active {
		r.afterDelete = "only deactivates; the user stays, and is shown"
		f.Message += " The user is still shown, with active: false: DELETE has only deactivated it."
	}
	return f
}

func (f Finding) messageOnFail() string {
	if f.Outcome == report.Pass {
		return ""
	}
	return f.Message
}

// hindsightChecks judge what the whole run has brought to light.
var hindsightChecks = []Check{
	{
		ID: "media.response-type", Title: "Bodies have the type application/scim+json", Family: users, Severity: report.RFC,
		Needs: []string{root}, retrospect: true, Reference: "RFC 7644 §3.1, §8.1",
		Why:   "Clients that look at the type take text/html for an error page.",
		Fix:   "Send Content-Type: application/scim+json with every body, errors too.",
		judge: (*run).judgeMediaType,
	},
	{
		ID: "error.json-body", Title: "Every refusal has a JSON body", Family: errorsFam, Severity: report.RFC | report.Network,
		Needs: []string{root}, retrospect: true, Reference: "RFC 7644 §3.12",
		Why:   "Where the body is a page or nothing, administrators see a parser's complaint instead of the reason.",
		Fix:   `Send from one error handler for all routes a SCIM error: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "…"}.`,
		judge: (*run).judgeErrorJSON,
	},
	{
		ID: "error.schema", Title: "Every refusal names the error schema", Family: errorsFam, Severity: report.RFC | report.Network,
		Needs: []string{root}, retrospect: true, Reference: "RFC 7644 §3.12",
		Why:   "Clients recognise an error by its schemas.",
		Fix:   "Set schemas to [\"" + scim.SchemaError + "\"].",
		judge: (*run).judgeErrorSchema,
	},
	{
		ID: "error.status-string", Title: "A refusal repeats the HTTP status as a string", Family: errorsFam, Severity: report.RFC,
		Needs: []string{root}, retrospect: true, Reference: "RFC 7644 §3.12",
		Why:   "Strict parsers stop at a number.",
		Fix:   `Write "status": "404": in quotes, and equal to the HTTP status.`,
		judge: (*run).judgeErrorStatus,
	},
	{
		ID: "error.detail", Title: "A refusal says in words what is wrong", Family: errorsFam, Severity: report.Network | report.Recommended,
		Needs: []string{root}, retrospect: true, Reference: "RFC 7644 §3.12; network rule",
		Why:   "The detail is what an administrator reads.",
		Fix:   `Say in detail what is wrong and which attribute is meant, such as "detail": "userName is required."; no stack traces, no SQL.`,
		judge: (*run).judgeErrorDetail,
	},
	{
		ID: "error.not-200", Title: "A refusal never comes with a status of success", Family: errorsFam, Severity: report.RFC,
		Needs: []string{root}, retrospect: true, Reference: "RFC 7644 §3.12",
		Why:   "Clients look at the status first, and count the operation as done.",
		Fix:   "Send the HTTP status that the error in the body names, such as 404.",
		judge: (*run).judgeDisguised,
	},
	{
		ID: "error.5xx-none", Title: "Nothing in the run ended in a server error", Family: errorsFam, Severity: report.RFC | report.Network,
		Needs: []string{root}, retrospect: true, Reference: "RFC 7644 §3.12, table 8",
		Why:   "A 5xx says \"try again\", so clients do, for ever.",
		Fix:   "Find the exception behind it in your log. Answer 4xx where the request is at fault.",
		judge: (*run).judgeServerErrors,
	},
	{
		ID: "conn.latency.max", Title: "Every answer comes within 60 seconds", Family: connection, Severity: report.Network,
		Needs: []string{"conn.reach"}, retrospect: true, Reference: "Network rule",
		Why:   "Clients close the connection after a minute and count the operation as failed.",
		Fix:   "Answer within 60 seconds: send smaller pages, and do long work after the answer.",
		judge: (*run).judgeLatency,
	},
}
