package lab

import (
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// job is one request to /Bulk (RFC 7644 §3.7).
type job struct {
	failOnErrors int // 0: not said
	operations   []bulkOp
	aside        bool // provoked where nobody claims that there is bulk
}

// bulkOp is one operation of it.
type bulkOp struct {
	method, path, bulkID string

	data any
}

func bulkCreate(resource, bulkID string, body scim.Resource) bulkOp {
	return bulkOp{http.MethodPost, "/" + resource, bulkID, body}
}

func bulkDelete(resource, id string) bulkOp {
	return bulkOp{method: http.MethodDelete, path: scim.Path(resource, id)}
}

func bulkPatch(resource, id string, ops ...map[string]any) bulkOp {
	return bulkOp{method: http.MethodPatch, path: scim.Path(resource, id), data: map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": ops}}
}

func (j job) body() map[string]any {
	operations := []any{}
	for _, op := range j.operations {
		one := map[string]any{"method": op.method, "path": op.path}
		if op.bulkID != "" {
			one["bulkId"] = op.bulkID
		}
		if op.data != nil {
			one["data"] = op.data
		}
		operations = append(operations, one)
	}
	body := map[string]any{"schemas": []string{scim.SchemaBulkRequest}, "Operations": operations}
	if j.failOnErrors > 0 {
		body["failOnErrors"] = j.failOnErrors
	}
	return body
}

// object is what the operation may bring into being, nil where that is nothing.
func (op bulkOp) object() *report.Object {
	body, ok := op.data.(scim.Resource)
	if !ok || op.method != http.MethodPost {
		return nil
	}
	o := &report.Object{Resource: strings.TrimPrefix(op.path, "/"), Name: body.UserName()}
	if o.Resource == "Groups" {
		o.Name = body.String("displayName")
	}
	return o
}

// bulk sends a job. Every object is announced before. What became of it, born finds out; what it does not find is looked
// up by its name in the end.
func (r *run) bulk(j job) *answer {
	for _, op := range j.operations {
		if o := op.object(); o != nil {
			if err := r.announce(*o); err != nil {
				return &answer{err: err}
			}
		}
	}
	a := r.send(ask{method: http.MethodPost, path: "/Bulk", body: j.body(), aside: j.aside})
	if a.err == nil && a.status >= 400 && a.status < 500 && !a.disguised { // refused as a whole
		for _, op := range j.operations {
			r.unmade(op)
		}
	}
	return a
}

// unmade forgets what an operation announced and did not make.
func (r *run) unmade(op bulkOp) {
	o := op.object()
	for i, have := range r.objects {
		if o != nil && have == *o {
			r.forget(i)
			return
		}
	}
}

// results are the operations of a BulkResponse.
func results(a *answer) []scim.Resource {
	list, _ := a.object.Get("Operations").([]any)
	var out []scim.Resource
	for _, element := range list {
		if object, ok := element.(map[string]any); ok {
			out = append(out, object)
		}
	}
	return out
}

// resultOf is the result of an operation: by its bulkId, or by method and location.
func resultOf(a *answer, op bulkOp) scim.Resource {
	for _, result := range results(a) {
		if op.bulkID != "" && result.String("bulkId") == op.bulkID {
			return result
		}
		if op.bulkID == "" && strings.EqualFold(result.String("method"), op.method) && strings.HasSuffix(result.String("location"), op.path) {
			return result
		}
	}
	return nil
}

// born reads what an operation of a bulk request created, and notes its id. It is nil where nothing of that name is
// there. A location is only believed where what it leads to bears the name that was sent.
func (r *run) born(a *answer, op bulkOp) *account {
	o := op.object()
	attribute := map[string]string{"Users": "userName", "Groups": "displayName"}[o.Resource]
	id := lastSegment(resultOf(a, op).String("location"))
	read := &answer{}
	if isPlainID(id) {
		read = r.get(scim.Path(o.Resource, id))
	}
	if !strings.EqualFold(read.object.String(attribute), o.Name) {
		if id = r.idByName(*o); id == "" {
			return nil
		}
		read = r.get(scim.Path(o.Resource, id))
	}
	r.identify(o.Resource, o.Name, id)
	return &account{id: id, name: o.Name, created: a, shown: read.object}
}

// sweep removes everything that bears the names of the operations' objects: a server may have made more than it tells.
func (r *run) sweep(ops ...bulkOp) {
	mark := len(r.evidence)
	for _, op := range ops {
		o := op.object()
		ids, _ := r.idsOf(*o) // what cannot be looked up stays announced
		for _, id := range ids {
			r.discard(o.Resource, id)
		}
	}
	r.evidence = r.evidence[:mark]
}

// idByName looks an object up by a filter that has proved right, and reads the whole list only where none has.
func (r *run) idByName(o report.Object) string {
	var ids []string
	if o.Resource == "Users" && r.outcomes["filter.eq.username"].Outcome == report.Pass {
		ids = namedIn(r.find("userName eq "+quote(o.Name)), "userName", o.Name)
	} else {
		ids, _ = r.idsOf(o)
	}
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// lastSegment is the id at the end of an address, "" where it cannot be read.
func lastSegment(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	_, id, _ := cutLast(strings.TrimSuffix(u.Path, "/"), "/")
	return id
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
