package scimtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/scim"
)

const (
	bulkPath      = "/Bulk"
	maxOperations = 1000    // of one bulk request
	maxPayload    = 1 << 20 // bytes of one

	bulkResponse = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
	bulkRef      = "bulkId:" // begins the reference to what the same request creates (RFC 7644 §3.7.2)
)

// bulkJob is one bulk request under way. Its operations are served as requests of their own would be.
type bulkJob struct {
	s       *Server
	x       *exchange
	pending []*bulkOperation
	ids     map[string]string // by bulkId, of what was created
	limit   int               // errors after which nothing more is done; 0: there is none
	errors  int
}

// bulkOperation is one of them. link is set where it completes another that was created without a reference to what
// did not exist yet.
type bulkOperation struct {
	method, path, bulkID, version string

	data   map[string]any
	link   *bulkOperation
	result map[string]any // nil: it was not done
}

func (s *Server) bulk(x *exchange) (answer, error) {
	if len(x.body) > maxPayload {
		return answer{}, scim.Refuse(http.StatusRequestEntityTooLarge, "", "The size of the bulk operation exceeds the maxPayloadSize (%d).", maxPayload)
	}
	body, err := objectOf(x)
	if err != nil {
		return answer{}, err
	}
	if !body.HasSchema(scim.SchemaBulkRequest) {
		return answer{}, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "The attribute schemas must hold %s.", scim.SchemaBulkRequest)
	}
	all, err := bulkOperationsOf(body)
	if err != nil {
		return answer{}, err
	}
	limit, _ := body.Get("failOnErrors").(float64)
	job := &bulkJob{s: s, x: x, pending: slices.Clone(all), ids: map[string]string{}, limit: int(limit)}
	job.run()
	results := []any{}
	for _, op := range all {
		if op.result != nil {
			results = append(results, op.result)
		}
	}
	return answered(http.StatusOK, scim.Resource{"schemas": []any{bulkResponse}, "Operations": results}), nil
}

func bulkOperationsOf(body scim.Resource) ([]*bulkOperation, error) {
	elements, _ := body.Get("Operations").([]any)
	if len(elements) == 0 {
		return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "Operations must hold at least one operation.")
	}
	if len(elements) > maxOperations {
		return nil, scim.Refuse(http.StatusRequestEntityTooLarge, "", "The number of operations exceeds the maxOperations (%d).", maxOperations)
	}
	ops := make([]*bulkOperation, len(elements))
	for i, element := range elements {
		object, ok := element.(map[string]any)
		if !ok {
			return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "Operations[%d] must be an object.", i)
		}
		op := scim.Resource(object)
		data, _ := op.Get("data").(map[string]any)
		ops[i] = &bulkOperation{
			method: strings.ToUpper(op.String("method")), path: op.String("path"), bulkID: op.String("bulkId"), version: op.String("version"), data: data,
		}
	}
	return ops, nil
}

// run does what can be done, in the order of the request. What refers to something that is still to be created waits
// for it; where all wait for each other, one of them is created first and linked later (RFC 7644 §3.7.1).
func (j *bulkJob) run() {
	for len(j.pending) > 0 {
		at := slices.IndexFunc(j.pending, func(op *bulkOperation) bool { return !j.waits(op) })
		if at < 0 {
			at = max(0, slices.IndexFunc(j.pending, func(op *bulkOperation) bool { return op.method == http.MethodPost }))
			j.postpone(j.pending[at])
		}
		op := j.pending[at]
		j.pending = slices.Delete(j.pending, at, at+1)
		j.do(op)
		if j.limit > 0 && j.errors >= j.limit {
			return
		}
	}
}

// waits reports whether op refers to what a later operation creates.
func (j *bulkJob) waits(op *bulkOperation) bool {
	return slices.ContainsFunc(refsIn(op.data), j.isToCome) || slices.ContainsFunc(refsIn(op.path), j.isToCome)
}

func (j *bulkJob) isToCome(bulkID string) bool {
	return slices.ContainsFunc(j.pending, func(op *bulkOperation) bool {
		return op.method == http.MethodPost && op.bulkID == bulkID
	})
}

// postpone takes the attributes that refer to what is to come out of op, and adds an operation that sets them.
func (j *bulkJob) postpone(op *bulkOperation) {
	now, later := map[string]any{}, map[string]any{}
	for name, value := range op.data {
		if slices.ContainsFunc(refsIn(value), j.isToCome) {
			later[name] = value
		} else {
			now[name] = value
		}
	}
	op.data = now
	j.pending = append(j.pending, &bulkOperation{
		method: http.MethodPatch, path: op.path + "/" + bulkRef + op.bulkID, link: op,
		data: map[string]any{"schemas": []any{scim.SchemaPatchOp}, "Operations": []any{map[string]any{"op": "add", "value": later}}},
	})
}

// do serves one operation and notes its result.
func (j *bulkJob) do(op *bulkOperation) {
	a := orRefused(j.serve(op))
	if a.status >= http.StatusBadRequest {
		j.errors++
	}
	if op.link != nil {
		if a.status >= http.StatusBadRequest { // it stays unlinked, and the client learns that
			op.link.result["status"], op.link.result["response"] = strconv.Itoa(http.StatusConflict), scim.Refuse(http.StatusConflict, "", "The circular reference could not be resolved.")
		}
		return
	}
	op.result = j.resultOf(op, a)
}

func (j *bulkJob) serve(op *bulkOperation) (answer, error) {
	sub, err := j.request(op)
	if err != nil {
		return answer{}, err
	}
	a := j.s.steps.serve(sub)
	if created, ok := a.object(); ok && sub.route.deed == create && a.status/100 == 2 {
		j.ids[op.bulkID] = created.ID()
	}
	return a, nil
}

// request is op as a request of its own, with its references resolved.
func (j *bulkJob) request(op *bulkOperation) (*exchange, error) {
	if op.method == http.MethodPost && op.bulkID == "" {
		return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "A POST needs a bulkId.")
	}
	for _, ref := range append(refsIn(op.data), refsIn(op.path)...) {
		if j.ids[ref] == "" {
			return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "Nothing was created under the bulkId %q.", ref)
		}
	}
	under := "/" + strings.Trim(j.resolved(op.path).(string), "/")
	body, err := json.Marshal(j.resolved(op.data))
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {scim.MediaType}}
	if op.version != "" {
		header.Set("If-Match", op.version)
	}
	r := (&http.Request{Method: op.method, URL: &url.URL{Path: BasePath + under}, Header: header}).WithContext(j.x.r.Context())
	sub := &exchange{s: j.s, r: r, path: under, query: url.Values{}, body: body, base: j.x.base, route: nowhere()}
	for _, k := range kinds {
		if rest, ok := strings.CutPrefix(under, k.endpoint); ok && (rest == "" || rest[0] == '/' && !strings.Contains(rest[1:], "/")) {
			sub.route = routeWithin(sub, k, strings.TrimPrefix(rest, "/"))
		}
	}
	if !sub.route.writes() && sub.route.deed != reject {
		return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "A bulk operation is a POST, PUT, PATCH or DELETE of a resource.")
	}
	return sub, nil
}

// resultOf is the operation's part of the answer (RFC 7644 §3.7.3).
func (j *bulkJob) resultOf(op *bulkOperation, a answer) map[string]any {
	result := map[string]any{"method": op.method, "status": strconv.Itoa(a.status)}
	if op.bulkID != "" {
		result["bulkId"] = op.bulkID
	}
	if tag := a.header.Get("ETag"); tag != "" {
		result["version"] = tag
	}
	if a.status >= http.StatusBadRequest {
		result["response"] = a.body
	}
	switch {
	case op.method != http.MethodPost:
		result["location"] = j.x.base + "/" + strings.Trim(j.resolved(op.path).(string), "/")
	case a.status < http.StatusBadRequest:
		result["location"] = a.header.Get("Location")
	}
	return result
}

// refsIn are the bulkIds to which a value of JSON, or a path, refers.
func refsIn(value any) []string {
	var refs []string
	visitTexts(value, func(text string) string {
		if _, ref, ok := strings.Cut(text, bulkRef); ok {
			refs = append(refs, ref)
		}
		return text
	})
	return refs
}

// resolved is a copy of the value with ids in the place of references.
func (j *bulkJob) resolved(value any) any {
	return visitTexts(value, func(text string) string {
		before, ref, ok := strings.Cut(text, bulkRef)
		if id := j.ids[ref]; ok && id != "" {
			return before + id
		}
		return text
	})
}

// visitTexts copies a value of JSON, with each of its texts as change has it. A text counts where it is a reference,
// or a path that ends in one.
func visitTexts(value any, change func(string) string) any {
	switch v := value.(type) {
	case string:
		if strings.HasPrefix(v, bulkRef) || strings.HasPrefix(v, "/") {
			return change(v)
		}
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = visitTexts(element, change)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, element := range v {
			out[key] = visitTexts(element, change)
		}
		return out
	}
	return value
}
