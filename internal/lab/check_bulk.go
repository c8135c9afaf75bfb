package lab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	bulkWorks    = "bulk.basic"
	bulkResponse = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

var bulkChecks = []Check{
	{
		ID: "bulk.unsupported", Title: "A server without bulk refuses it in SCIM's words", Family: bulkAndMe, Severity: report.Recommended,
		Needs: []string{"discovery.spc.present"}, Reference: "RFC 7644 §3.12, table 8",
		Why:   "A client that tries bulk has to learn that it must send its requests one by one.",
		Fix:   `Answer POST /Bulk with 501 and a SCIM error: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "501", "detail": "There is no bulk."}.`,
		judge: (*run).judgeNoBulk,
	},
	{
		ID: bulkWorks, Title: "A bulk request creates, changes and deletes", Family: bulkAndMe, Severity: report.RFC, gate: offersBulk, Feature: "create_users",
		Needs: []string{"users.get.200"}, takes: []string{"bulk.unsupported", "patch.replace.path"}, Reference: "RFC 7644 §3.7",
		Why:   "A client that counts on bulk loses the changes of many people at once.",
		Fix:   `Carry out each operation as the request that it stands for. Answer 200 with {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"], "Operations": [{"method": "POST", "bulkId": "…", "location": "…", "status": "201"}]}.`,
		judge: (*run).judgeBulk,
	},
	{
		ID: "bulk.result-shape", Title: "Each result has method, status, location and bulkId, and the error where there is one", Family: bulkAndMe, Severity: report.RFC, gate: offersBulk,
		Needs: []string{bulkWorks, "users.create.unique"}, Reference: "RFC 7644 §3.7, §3.7.3",
		Why:   "By these a client learns which of its operations is meant, and what became of it.",
		Fix:   `Write {"method": "POST", "bulkId": "…", "location": "…", "status": "201"} for each operation. After a failure add the SCIM error as response; only a POST that failed may lack location.`,
		judge: (*run).judgeBulkResults,
	},
	{
		ID: "bulk.bulkid-ref", Title: "bulkId references are resolved, also to what comes later", Family: bulkAndMe, Severity: report.RFC, gate: offersBulk,
		Needs: []string{bulkWorks, "groups.create.members"}, Reference: "RFC 7644 §3.7.2",
		Why:   "A group that is created with its people ends up empty, or does not come to be.",
		Fix:   `Where a value is bulkId:abc, create the resource whose operation has "bulkId": "abc" first, and store its new id in that place.`,
		judge: (*run).judgeBulkReferences,
	},
	{
		ID: "bulk.circular", Title: "References in a circle are resolved, or refused with 409", Family: bulkAndMe, Severity: report.RFC, gate: offersBulk,
		Needs: []string{bulkWorks, "groups.create.members"}, Reference: "RFC 7644 §3.7.1",
		Why:   "A server that waits for both ends of a circle hangs, or stores references to nobody.",
		Fix:   "Create the first without its reference, then the second, then link them; where you cannot, answer 409.",
		judge: (*run).judgeBulkCircle,
	},
	{
		ID: "bulk.failonerrors", Title: "failOnErrors ends the request after so many errors", Family: bulkAndMe, Severity: report.RFC, gate: offersBulk,
		Needs: []string{bulkWorks}, Reference: "RFC 7644 §3.7, §3.7.3",
		Why:   "The client asked to stop when something is wrong, and the rest was carried out.",
		Fix:   "Count the operations that fail, and stop when there are as many as failOnErrors says.",
		judge: (*run).judgeFailOnErrors,
	},
	{
		ID: "bulk.partial", Title: "An operation that fails leaves the others alone", Family: bulkAndMe, Severity: report.RFC, gate: offersBulk,
		Needs: []string{bulkWorks}, Reference: "RFC 7644 §3.7",
		Why:   "One person with a wrong address keeps everybody else of the request out.",
		Fix:   "Give each operation a transaction of its own, and go on after an error unless failOnErrors says otherwise.",
		judge: (*run).judgeBulkPartial,
	},
	{
		ID: "bulk.max-413", Title: "Too many operations, or too long a body, are refused with 413", Family: bulkAndMe, Severity: report.RFC, gate: offersBulk, expensive: true,
		Needs: []string{bulkWorks}, Reference: "RFC 7644 §3.7.4",
		Why:   "A client that learns the limit splits its request; one that is cut off in silence loses operations.",
		Fix:   "Compare with bulk.maxOperations and bulk.maxPayloadSize of ServiceProviderConfig before anything is done; answer 413, and name the limit in detail.",
		judge: (*run).judgeBulkLimits,
	},
}

// judgeNoBulk deletes somebody who does not exist: where bulk is there all the same, nothing comes of it.
func (r *run) judgeNoBulk() Finding {
	if r.advertised(offersBulk) {
		return passed("Bulk is offered; there is nothing to refuse.")
	}
	a := r.bulk(job{operations: []bulkOp{bulkDelete("Users", r.names.unknown)}, aside: true})
	r.noBulk = a.err == nil && a.status >= 400
	switch {
	case a.err != nil:
		return a.trouble()
	case a.is2xx() && a.object.HasSchema(bulkResponse):
		return passed("Bulk works, though ServiceProviderConfig does not offer it.")
	case a.is2xx() || a.status >= 500 && a.status != http.StatusNotImplemented:
		return fails("POST /Bulk, which is not offered, answered %s. 501 would say that there is no bulk.", a.shown())
	case !isRefusedAsUnsupported(a):
		return deviates("POST /Bulk, which is not offered, answered %s. 501 would say that there is no bulk.", a.shown())
	case a.object == nil:
		return deviates("POST /Bulk, which is not offered, answered %s; the body is %s instead of a SCIM error.", a.shown(), a.nature())
	}
	return passes()
}

// judgeBulk wants that all three operations took place, and reads that back.
func (r *run) judgeBulk() Finding {
	if r.noBulk {
		return notApplicable("ServiceProviderConfig does not offer bulk, and POST /Bulk is refused.")
	}
	changed, f, bad := r.makes("bulk-change")
	if bad {
		return f
	}
	dropped, f, bad := r.makes("bulk-drop")
	if bad {
		return f
	}
	title := "Bulk " + r.names.tag
	made := bulkCreate("Users", "one", r.names.plainUser("bulk-new", "Bulk", "New"))
	a := r.bulk(job{operations: []bulkOp{made, r.bulkChange(changed, title), bulkDelete("Users", dropped.id)}, aside: !r.advertised(offersBulk)})
	r.bulked = a
	newcomer := r.born(a, made)
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if !a.object.HasSchema(bulkResponse) {
		return fails("POST /Bulk answered %s with schemas %s instead of %s.", a.shown(), shownJSON(a.object.Get("schemas")), bulkResponse)
	}
	if n := len(results(a)); n != 3 {
		return fails("POST /Bulk with three operations answered %s with %d results.", a.shown(), n)
	}
	if newcomer == nil {
		return fails("The POST of a bulk request has the status %s, but there is no user %s.", shownJSON(results(a)[0].Get("status")), quote(made.object().Name))
	}
	if f := r.shows(changed.id, "title", title); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return f
	}
	if gone := r.user(dropped.id); gone.is2xx() && !isInactive(gone.object) {
		return fails("The DELETE of a bulk request has the status %s; GET still shows the user.", shownJSON(resultOf(a, bulkDelete("Users", dropped.id)).Get("status")))
	}
	r.gone("Users", dropped.id)
	return passes()
}

// bulkChange sets a user's title: by PATCH, or by PUT where that does not work.
func (r *run) bulkChange(one *account, title string) bulkOp {
	if r.outcomes["patch.replace.path"].Outcome == report.Pass {
		return bulkPatch("Users", one.id, replaceOp("title", title))
	}
	return bulkOp{method: http.MethodPut, path: scim.Path("Users", one.id), data: map[string]any(titled(one.sent, title))}
}

func isInactive(r scim.Resource) bool {
	active, known := r.Active()
	return known && !active
}

// makes creates a user for one check.
func (r *run) makes(who string) (*account, Finding, bool) {
	body := r.names.plainUser(who, "Own", strings.ToUpper(who[:1])+who[1:])
	one := r.adopt("Users", body, r.create("Users", body))
	if one == nil {
		return nil, blockedBy(created), true
	}
	return one, Finding{}, false
}

func (r *run) judgeBulkResults() Finding {
	r.cite(r.bulked)
	again, lost := bulkCreate("Users", "again", r.ada.sent), bulkDelete("Users", r.names.unknown)
	failed := r.bulk(job{operations: []bulkOp{again, lost}})
	if id := lastSegment(resultOf(failed, again).String("location")); isPlainID(id) && id != r.ada.id {
		r.born(failed, again) // a second one, against the rule
	} else {
		r.unmade(again)
	}
	if f, bad := failed.wantObject(http.StatusOK); bad {
		return f
	}
	var numbers bool
	for _, a := range []*answer{r.bulked, failed} {
		for i, result := range results(a) {
			if wrong := wrongResult(result); wrong != "" {
				return fails("Operations[%d] of a BulkResponse: %s", i, wrong)
			}
			_, isNumber := result.Get("status").(float64)
			numbers = numbers || isNumber
		}
	}
	if numbers {
		return deviates("The status of a bulk operation is a number; the RFC writes it as a text.")
	}
	return passes()
}

// wrongResult names what is missing in the result of an operation.
func wrongResult(result scim.Resource) string {
	method := result.String("method")
	status, err := strconv.Atoi(result.String("status"))
	failed := status >= 400
	switch {
	case method == "":
		return "method is missing."
	case err != nil:
		return "status is " + shownJSON(result.Get("status")) + ", not an HTTP status."
	case result.String("location") == "" && (!failed || !strings.EqualFold(method, http.MethodPost)):
		return "location is missing after a " + method + " with the status " + strconv.Itoa(status) + "."
	case result.String("bulkId") == "" && strings.EqualFold(method, http.MethodPost):
		return "bulkId is missing after a POST."
	case failed && !isError(result.Get("response")):
		return "the status is " + strconv.Itoa(status) + ", and response is " + shownJSON(result.Get("response")) + " instead of a SCIM error."
	}
	return ""
}

func isError(response any) bool {
	object, _ := response.(map[string]any)
	return scim.Resource(object).HasSchema(scim.SchemaError)
}

// bulkMember refers to what another operation creates.
func bulkMember(bulkID string) map[string]any { return map[string]any{"value": "bulkId:" + bulkID} }

// judgeBulkReferences sends the group that refers before the user, and another after it.
func (r *run) judgeBulkReferences() Finding {
	early := bulkCreate("Groups", "early", r.names.group("bulk-early", bulkMember("member")))
	user := bulkCreate("Users", "member", r.names.plainUser("bulk-member", "Bulk", "Member"))
	late := bulkCreate("Groups", "late", r.names.group("bulk-late", bulkMember("member")))
	a := r.bulk(job{operations: []bulkOp{early, user, late}})
	member, first, second := r.born(a, user), r.born(a, early), r.born(a, late)
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if member == nil {
		return unproved("The user of the request was not created: status %s.", shownJSON(resultOf(a, user).Get("status")))
	}
	for _, one := range []struct {
		group *account
		op    bulkOp
		where string
	}{{second, late, "before the group"}, {first, early, "after the group"}} {
		if one.group == nil {
			return fails("A group whose member is bulkId:member was not created, status %s. The user stood %s in the request.", shownJSON(resultOf(a, one.op).Get("status")), one.where)
		}
		if f := r.hasMembers(one.group.id, member.id); f.Outcome != report.Pass && f.Outcome != report.Deviation {
			f.Message += " It was created with the member bulkId:member, whose user stood " + one.where + " in the request."
			return f
		}
	}
	return passes()
}

func (r *run) judgeBulkCircle() Finding {
	a, b := bulkCreate("Groups", "a", r.names.group("bulk-a", bulkMember("b"))), bulkCreate("Groups", "b", r.names.group("bulk-b", bulkMember("a")))
	all := r.bulk(job{operations: []bulkOp{a, b}})
	first, second := r.born(all, a), r.born(all, b)
	defer r.sweep(a, b)
	if all.err == nil && all.status == http.StatusConflict {
		return passed("Refused with 409.")
	}
	if f, bad := all.wantObject(http.StatusOK); bad {
		return f
	}
	for _, op := range []bulkOp{a, b} {
		if resultOf(all, op).String("status") == strconv.Itoa(http.StatusConflict) {
			return passed("Refused with 409.")
		}
	}
	if first == nil || second == nil {
		return fails("Two groups that are members of each other: the results are %s and %s. They are to be created, or refused with 409.",
			shownJSON(resultOf(all, a).Get("status")), shownJSON(resultOf(all, b).Get("status")))
	}
	for _, one := range [][2]*account{{first, second}, {second, first}} {
		if f := r.hasMembers(one[0].id, one[1].id); f.Outcome != report.Pass && f.Outcome != report.Deviation {
			f.Message = "Two groups of one request are members of each other, and both were created. Of " + quote(one[0].name) + " GET shows: " + f.Message
			return f
		}
	}
	return passes()
}

// judgeFailOnErrors lets two operations fail before a third of the same kind: whether the first or the second error is
// one too many, the third must not take place.
func (r *run) judgeFailOnErrors() Finding {
	kept, f, bad := r.makes("bulk-kept")
	if bad {
		return f
	}
	lost := bulkDelete("Users", r.names.unknown)
	a := r.bulk(job{failOnErrors: 1, operations: []bulkOp{lost, lost, bulkDelete("Users", kept.id)}})
	if a.err != nil {
		return a.trouble()
	}
	if now := r.user(kept.id); now.status == http.StatusNotFound || now.is2xx() && isInactive(now.object) {
		r.gone("Users", kept.id)
		return fails("failOnErrors was 1 and two operations failed; the third was carried out all the same.")
	}
	r.discard("Users", kept.id)
	return passes()
}

// judgeBulkPartial lets the second of three operations fail.
func (r *run) judgeBulkPartial() Finding {
	before := bulkCreate("Users", "before", r.names.plainUser("bulk-before", "Bulk", "Before"))
	after := bulkCreate("Users", "after", r.names.plainUser("bulk-after", "Bulk", "After"))
	a := r.bulk(job{operations: []bulkOp{before, bulkDelete("Users", r.names.unknown), after}})
	first, second := r.born(a, before), r.born(a, after)
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	for _, one := range []struct {
		made  *account
		where string
	}{{first, "before"}, {second, "after"}} {
		if one.made == nil {
			return fails("An operation of a bulk request failed; the user whom the operation %s it should create is not there.", one.where)
		}
		r.discard("Users", one.made.id)
	}
	return passes()
}

const (
	mostOperations = 10_000   // that the lab sends to see a limit
	longestPayload = 16 << 20 // bytes
)

// judgeBulkLimits goes one beyond each limit with what changes nothing: deletions of somebody who does not exist, and
// blanks.
func (r *run) judgeBulkLimits() Finding {
	operations, _ := r.provider.object.Get("bulk.maxOperations").(float64)
	payload, _ := r.provider.object.Get("bulk.maxPayloadSize").(float64)
	if operations <= 0 && payload <= 0 {
		return notApplicable("ServiceProviderConfig names no limits of bulk.")
	}
	if operations > 0 && operations < mostOperations {
		all := make([]bulkOp, int(operations)+1)
		for i := range all {
			all[i] = bulkDelete("Users", r.names.unknown)
		}
		if text, err := json.Marshal(job{operations: all}.body()); err == nil && (payload <= 0 || float64(len(text)) <= payload) {
			if f := tooLarge(r.bulk(job{operations: all}), fmt.Sprintf("%d operations, one more than bulk.maxOperations,", len(all)), operations); f.Outcome != report.Pass {
				return f
			}
		}
	}
	if payload <= 0 || payload > longestPayload {
		return passes()
	}
	text, err := json.Marshal(job{operations: []bulkOp{bulkDelete("Users", r.names.unknown)}}.body())
	if err != nil {
		return unproved("The request could not be written.")
	}
	padded := "{" + strings.Repeat(" ", int(payload)) + string(text[1:])
	return tooLarge(r.send(ask{method: http.MethodPost, path: "/Bulk", body: padded}), fmt.Sprintf("%d bytes, more than bulk.maxPayloadSize,", len(padded)), payload)
}

// tooLarge wants 413 with the limit. Who ends the connection while so much is still being sent has refused it too.
func tooLarge(a *answer, what string, limit float64) Finding {
	if kind := egress.KindOf(a.err); kind == egress.Dropped {
		return deviates("A bulk request of %s was not answered: the connection was closed. 413 would name the limit.", what)
	}
	if a.err != nil {
		return a.trouble()
	}
	if a.status != http.StatusRequestEntityTooLarge {
		return fails("A bulk request of %s was answered with %s instead of 413.%s", what, a.shown(), a.detail())
	}
	if !strings.Contains(digits(a.object.String("detail")), strconv.Itoa(int(limit))) {
		return deviates("A bulk request of %s was refused with 413, without the limit.%s", what, a.detail())
	}
	return passes()
}

// digits leaves out what groups thousands: 1,048,576 and 1'048'576 are the limit as well.
func digits(text string) string {
	return strings.NewReplacer(",", "", "'", "", " ", "", "_", "").Replace(text)
}
