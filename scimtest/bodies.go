package scimtest

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

// objectOf reads a body as a JSON object.
func objectOf(x *exchange) (scim.Resource, error) {
	if len(x.body) > maxRequest {
		return nil, scim.Refuse(http.StatusRequestEntityTooLarge, "", "A body has at most %d bytes.", maxRequest)
	}
	contentType := x.r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(contentType); err != nil || media != scim.MediaType && media != scim.MediaTypeJSON {
		return nil, scim.Refuse(http.StatusUnsupportedMediaType, "", "A body must be %s, not %q.", x.s.mediaType(), contentType)
	}
	var body scim.Resource
	if err := json.Unmarshal(x.body, &body); err != nil || body == nil {
		return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "The body must be one JSON object.")
	}
	if x.s.version11 {
		return heard11(x, body)
	}
	return body, nil
}

// operationsOf reads the body of a PATCH (RFC 7644 §3.5.2).
func operationsOf(x *exchange) ([]scim.PatchOp, error) {
	body, err := objectOf(x)
	if err != nil {
		return nil, err
	}
	if !body.HasSchema(scim.SchemaPatchOp) {
		return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "The attribute schemas must hold %s.", scim.SchemaPatchOp)
	}
	elements, _ := body.Get("Operations").([]any)
	if len(elements) == 0 {
		return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "Operations must hold at least one operation.")
	}
	ops := make([]scim.PatchOp, len(elements))
	for i, element := range elements {
		object, ok := element.(map[string]any)
		if !ok {
			return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidSyntax, "Operations[%d] must be an object.", i)
		}
		op := scim.Resource(object)
		ops[i] = scim.PatchOp{Op: op.String("op"), Path: op.String("path"), Value: op.Get("value")}
		if _, told := op["value"]; !told && strings.EqualFold(ops[i].Op, "replace") {
			return nil, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "Operations[%d]: a replace needs a value.", i)
		}
	}
	return ops, nil
}
