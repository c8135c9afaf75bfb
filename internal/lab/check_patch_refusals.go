package lab

import (
	"net/http"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// patchRefusalChecks send what has to be refused: envelopes that are none, paths that lead nowhere, values that do not fit.
var patchRefusalChecks = []Check{
	{
		ID: "patch.schemas-required", needsPatch: true, Title: "A PATCH without the URN of PatchOp is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2",
		Why:   "A body that says nothing of its kind may be meant for another endpoint.",
		Fix:   `Require "schemas": ["` + scim.SchemaPatchOp + `"] in the body of a PATCH; answer 400 where it is missing.`,
		judge: (*run).judgePatchSchemas,
	},
	{
		ID: "patch.operations-required", needsPatch: true, Title: "A PATCH without Operations is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2, §3.12 table 9",
		Why:   "A body whose operations stand under another name looks like one that was carried out.",
		Fix:   `Require Operations to be an array with at least one operation; answer 400 with "scimType": "invalidSyntax" or "invalidValue".`,
		judge: (*run).judgeOperations,
	},
	{
		ID: "patch.op-missing", needsPatch: true, Title: "An operation without op is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2",
		Why: "A server that guesses replaces where it should have added.",
		Fix: `Require op in every operation; answer 400 with "scimType": "invalidSyntax".`,
		judge: func(r *run) Finding {
			return r.ruthStays([]string{scim.InvalidSyntax, scim.InvalidValue}, map[string]any{"path": r.simple(), "value": "Guessed " + r.names.tag})
		},
	},
	{
		ID: "patch.add.value-missing", needsPatch: true, Title: "add without a value is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2.1",
		Why: "Nobody knows what was to be added; a success promises that it was.",
		Fix: `Require value in an add; answer 400 with "scimType": "invalidValue".`,
		judge: func(r *run) Finding {
			return r.ruthStays([]string{scim.InvalidValue, scim.InvalidSyntax}, operation("add", r.simple(), nil))
		},
	},
	{
		ID: "patch.replace.readonly", needsPatch: true, Title: "replace of id is refused with mutability, and meta stays as it is", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2; RFC 7643 §3.1",
		Why:   "Whoever can write an id can take over another account.",
		Fix:   `Answer 400 with "scimType": "mutability" where the path is id; ignore meta, or refuse it as well.`,
		judge: (*run).judgeReplaceReadOnly,
	},
	{
		ID: "patch.replace.username-conflict", needsPatch: true, Title: "replace of userName by somebody else's is refused with 409", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks, "users.create.unique"}, Reference: "RFC 7644 §3.12, table 8, table 9",
		Why:   "Two accounts with one name: the next look-up finds either of them.",
		Fix:   `Let the unique index guard PATCH too, and turn its violation into 409 with "scimType": "uniqueness".`,
		judge: (*run).judgePatchConflict,
	},
	{
		ID: "patch.replace.wrong-type", needsPatch: true, Title: "A value of a wrong type is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2, §3.12 table 9",
		Why: "A text that counts as true leaves the account open.",
		Fix: `Check the value against the schema before you store it; answer 400 with "scimType": "invalidValue".`,
		judge: func(r *run) Finding {
			return r.ruthStays([]string{scim.InvalidValue, scim.InvalidSyntax}, replaceOp("active", "perhaps"))
		},
	},
	{
		ID: "patch.path-syntax", needsPatch: true, Title: "A path that cannot be read is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2, figure 7; §3.12 table 9",
		Why: "An operation that is ignored looks like one that was done.",
		Fix: `Parse the path before anything is changed; answer 400 with "scimType": "invalidPath".`,
		judge: func(r *run) Finding {
			return r.ruthStays([]string{scim.InvalidPath, scim.InvalidFilter}, replaceOp("emails[type eq", "x"))
		},
	},
	{
		ID: "patch.path-unknown", needsPatch: true, Title: "A path to an attribute that no schema has is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{patchWorks}, Reference: "RFC 7644 §3.5.2, §3.12 table 9",
		Why:   "A misspelt mapping is never noticed.",
		Fix:   `Look the path up in the schemas of the resource; answer 400 with "scimType": "invalidPath" or "noTarget".`,
		judge: (*run).judgeUnknownPath,
	},
	{
		ID: "patch.path-array-index", needsPatch: true, Title: "A path with an index is refused with 400", Family: patches, Severity: report.RFC,
		Needs: []string{"patch.replace.valuepath"}, Reference: "RFC 7644 §3.5.2, figure 7",
		Why:   "emails[0] is another address for every server: the values of an attribute have no order.",
		Fix:   `Take what stands in brackets for a filter, and answer 400 with "scimType": "invalidPath" to anything else.`,
		judge: (*run).judgeIndexedPath,
	},
	{
		ID: "patch.unsupported", Title: "PATCH that is not offered is refused with 501 or 405", Family: patches, Severity: report.Recommended,
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.12, table 8; RFC 9110 §15.5.6",
		Why:   "A 404 says that the account is gone, a 500 that the change will work later.",
		Fix:   `Answer 405 with an Allow header, such as Allow: GET, PUT, DELETE; or 501 with a SCIM error: {"schemas": ["` + scim.SchemaError + `"], "status": "501", "detail": "There is no PATCH."}.`,
		judge: (*run).judgePatchUnsupported,
	},
}

// patchBody sends a PATCH whose body is not what patch makes.
func (r *run) patchBody(body map[string]any) *answer {
	return r.send(ask{method: http.MethodPatch, path: scim.Path("Users", r.ruth.id), body: body})
}

func (r *run) judgePatchSchemas() Finding {
	if _, f, bad := r.ruthWith(); bad {
		return f
	}
	a := r.patchBody(map[string]any{"Operations": []any{r.setting("Bare " + r.names.tag)}})
	if a.is2xx() {
		return deviates("A PATCH without schemas was accepted (%s). The RFC requires schemas; being lenient does no harm.", a.shown())
	}
	return r.patchRefused(a, []string{scim.InvalidSyntax, scim.InvalidValue})
}

// judgeOperations tolerates an empty list, which asks for nothing and is answered with nothing.
func (r *run) judgeOperations() Finding {
	if _, f, bad := r.ruthWith(); bad {
		return f
	}
	words := []string{scim.InvalidSyntax, scim.InvalidValue}
	missing := r.patchRefused(r.patchBody(map[string]any{"schemas": []string{scim.SchemaPatchOp}}), words)
	if missing.Outcome == report.Fail {
		missing.Message += " The body had schemas only."
		return missing
	}
	a := r.patchBody(map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{}})
	if a.is2xx() {
		return deviates("A PATCH whose Operations is an empty array was accepted (%s). The RFC wants one operation or more.", a.shown())
	}
	if empty := r.patchRefused(a, words); empty.Outcome != report.Pass {
		empty.Message += " Operations was an empty array."
		return empty
	}
	return missing
}

// judgeReplaceReadOnly wants the id refused. Of meta the RFC says that it is ignored when a client sends it.
func (r *run) judgeReplaceReadOnly() Finding {
	f := r.ruthStays([]string{scim.Mutability}, replaceOp("id", r.names.foreign))
	if f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return f
	}
	forged := "1999-12-31T23:59:59Z"
	if a := r.patch("Users", r.ruth.id, replaceOp("meta.created", forged)); a.is2xx() && r.user(r.ruth.id).object.String("meta.created") == forged {
		return fails("The server took meta.created from the client: it is %s now.", quote(forged))
	}
	return f
}

func (r *run) judgePatchConflict() Finding {
	if _, f, bad := r.ruthWith(); bad {
		return f
	}
	op := replaceOp("userName", r.ada.name)
	a := r.patch("Users", r.ruth.id, op)
	f := expect(a, http.StatusConflict)
	if a.is2xx() && r.user(r.ruth.id).object.UserName() == r.ada.name {
		f.Message += " Afterwards two users have the name."
	}
	if a.is2xx() {
		r.replaceRuth()
	}
	return f.after([]map[string]any{op})
}

// judgeUnknownPath tolerates that the operation is ignored.
func (r *run) judgeUnknownPath() Finding {
	if _, f, bad := r.ruthWith(); bad {
		return f
	}
	op := replaceOp(unheardOf, r.names.tag)
	a := r.patch("Users", r.ruth.id, op)
	if a.is2xx() {
		if r.user(r.ruth.id).object.Get(unheardOf) != nil {
			return deviates("The server stores %s, which no schema has.", unheardOf)
		}
		return deviates("A path to %s, which no schema has, was ignored (%s). The RFC has 400 invalidPath for it, by which a misspelt mapping is noticed.", unheardOf, a.shown())
	}
	return r.patchRefused(a, []string{scim.InvalidPath, scim.NoTarget}).after([]map[string]any{op})
}

// judgeIndexedPath tolerates a server that has made up a meaning for the index and keeps to it.
func (r *run) judgeIndexedPath() Finding {
	if _, f, bad := r.ruthWith(twoAddresses); bad {
		return f
	}
	address := r.names.userName("ruth-index")
	op := replaceOp("emails[0].value", address)
	a := r.patch("Users", r.ruth.id, op)
	if a.is2xx() {
		now := r.user(r.ruth.id).object
		if holds(now, "emails", address) && len(elements(now, "emails")) == 2 {
			return deviates("emails[0].value was taken for the first address. The RFC knows no index, and values have no order.")
		}
	}
	return r.patchRefused(a, []string{scim.InvalidPath, scim.InvalidFilter}).after([]map[string]any{op})
}

// judgePatchUnsupported asks only where the service says that it has no PATCH. That PATCH works all the same is
// discovery.spc.truthful.patch's finding.
func (r *run) judgePatchUnsupported() Finding {
	if supported, known := r.provider.object.Get("patch.supported").(bool); supported || !known {
		return passed("PATCH is offered, or ServiceProviderConfig does not say: there is nothing to refuse.")
	}
	a := r.patchTried
	if r.cite(a); a == nil {
		a = r.patch("Users", r.ada.id, activeOp(true))
	}
	if a.is2xx() {
		return passed("PATCH works, though ServiceProviderConfig does not offer it.")
	}
	return expect(a, http.StatusNotImplemented, http.StatusMethodNotAllowed, http.StatusForbidden)
}
