package scimtest

import (
	"encoding/json"
	"net/http"

	"slipway/internal/scim"
)

var bulkDefects = []Defect{
	{"bulk.unsupported", "Does not offer bulk, and answers as if something had been done.",
		func(s *Server, st *steps) {
			reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
				body["bulk"] = map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0}
			})(s, st)
			serving(onBulk, func(*exchange, func() answer) answer { return answered(http.StatusOK, map[string]any{}) })(s, st)
		}},
	{"bulk.basic", "Passes over the changes of a bulk request, and answers for all the same.",
		rewritingBulk(func(ops []scim.Resource) {
			for _, op := range ops {
				if data, ok := op["data"].(map[string]any); ok && op.String("method") == http.MethodPatch {
					data["Operations"] = []any{map[string]any{"op": "add", "path": "displayName", "value": "Nobody"}}
				}
			}
		})},
	{"bulk.result-shape", "Does not say in a result why an operation failed.",
		answeringBulk(func(op scim.Resource) { delete(op, "response") })},
	{"bulk.bulkid-ref", "Drops members that are created later in the same request.",
		rewritingBulk(func(ops []scim.Resource) {
			for i, op := range ops {
				if data, ok := op["data"].(map[string]any); ok && refersTo(op, ops[i+1:]) && !isCircle(ops) {
					delete(data, "members")
				}
			}
		})},
	{"bulk.circular", "Creates the groups of a circle without their members.",
		rewritingBulk(func(ops []scim.Resource) {
			circle := isCircle(ops)
			for _, op := range ops {
				if data, ok := op["data"].(map[string]any); ok && circle {
					delete(data, "members")
				}
			}
		})},
	{"bulk.failonerrors", "Does not know failOnErrors.",
		serving(onBulk, func(x *exchange, sound func() answer) answer {
			x.body = rewritten(x, func(body scim.Resource) { delete(body, "failOnErrors") })
			return sound()
		})},
	{"bulk.partial", "Stops at the first error, whatever was asked.",
		serving(onBulk, func(x *exchange, sound func() answer) answer {
			x.body = rewritten(x, func(body scim.Resource) { body["failOnErrors"] = 1 })
			return sound()
		})},
	{"bulk.max-413", "Refuses bulk requests that are too large with 400.",
		refusing(http.StatusRequestEntityTooLarge, func(x *exchange, a *answer) {
			if x.route.deed == bulk {
				*a = *refused(http.StatusBadRequest, "The request is too large.")
			}
		})},
	{"me.supported-or-501", "Takes whoever asks for the first user it has.",
		lastly(func(x *exchange, a *answer) {
			if a.status == http.StatusNotImplemented && x.path == mePath && len(x.s.Users()) > 0 {
				*a = answered(http.StatusOK, x.s.Users()[0])
			}
		})},
}

func onBulk(x *exchange) bool { return x.route.deed == bulk }

// rewritten is a request's body after a change.
func rewritten(x *exchange, change func(body scim.Resource)) []byte {
	var body scim.Resource
	if json.Unmarshal(x.body, &body) != nil || body == nil {
		return x.body
	}
	change(body)
	text, err := json.Marshal(body)
	if err != nil {
		return x.body
	}
	return text
}

// operationsIn are the operations, or their results, in a body of bulk.
func operationsIn(body scim.Resource) []scim.Resource {
	list, _ := body["Operations"].([]any)
	var ops []scim.Resource
	for _, element := range list {
		if object, ok := element.(map[string]any); ok {
			ops = append(ops, object)
		}
	}
	return ops
}

// rewritingBulk changes operations before they are read.
func rewritingBulk(change func(ops []scim.Resource)) func(*Server, *steps) {
	return serving(onBulk, func(x *exchange, sound func() answer) answer {
		x.body = rewritten(x, func(body scim.Resource) { change(operationsIn(body)) })
		return sound()
	})
}

// answeringBulk changes the results.
func answeringBulk(change func(op scim.Resource)) func(*Server, *steps) {
	return reshaping(onBulk, func(_ *exchange, body scim.Resource) {
		for _, op := range operationsIn(body) {
			change(op)
		}
	})
}

// refersTo reports whether op refers to what one of the others creates.
func refersTo(op scim.Resource, others []scim.Resource) bool {
	for _, ref := range refsIn(op["data"]) {
		for _, other := range others {
			if other.String("bulkId") == ref {
				return true
			}
		}
	}
	return false
}

// isCircle reports whether each of the operations refers to another.
func isCircle(ops []scim.Resource) bool {
	for _, op := range ops {
		if !refersTo(op, ops) {
			return false
		}
	}
	return len(ops) > 0
}
