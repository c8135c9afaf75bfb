package scimtest

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"

	"slipway/internal/scim"
)

var mediaDefects = []Defect{
	{"media.accept-json", "Refuses clients that accept application/json.",
		unacceptable(func(accept string) bool { return accept == "application/json" })},
	{"media.accept-any", "Compares Accept by letter, so that a parameter is a type it does not know.",
		unacceptable(func(accept string) bool { return strings.Contains(accept, ";") })},
	{"media.get-with-content-type", "Parses the body of a GET that names a Content-Type, and finds none.",
		serving(func(x *exchange) bool { return x.r.Method == http.MethodGet }, func(x *exchange, sound func() answer) answer {
			if x.r.Header.Get("Content-Type") != "" {
				return *refused(http.StatusBadRequest, "The body is empty.")
			}
			return sound()
		})},
	{"media.content-scim", "Knows application/scim+json with a charset only.",
		serving(on(userKind, replace), func(x *exchange, sound func() answer) answer {
			if media, parameters, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type")); media == scim.MediaType && len(parameters) == 0 {
				return *refused(http.StatusUnsupportedMediaType, "The media type must be application/scim+json.")
			}
			return sound()
		})},
	{"media.content-unsupported", "Has no route for bodies of a foreign type.",
		serving(writing, func(x *exchange, sound func() answer) answer {
			a := sound()
			if a.status == http.StatusUnsupportedMediaType && x.r.Header.Get("Content-Type") == "text/xml" {
				return *refused(http.StatusNotFound, "There is no such endpoint.")
			}
			return a
		})},
	{"media.utf8", "Names another charset than UTF-8.",
		lastly(func(_ *exchange, a *answer) {
			if media, _, err := mime.ParseMediaType(a.contentType); err == nil {
				a.contentType = media + "; charset=iso-8859-1"
			}
		})},
}

// unacceptable answers 406 to a look at the users with such an Accept.
func unacceptable(accept func(string) bool) func(*Server, *steps) {
	return serving(on(userKind, list), func(x *exchange, sound func() answer) answer {
		if accept(x.r.Header.Get("Accept")) {
			return *refused(http.StatusNotAcceptable, "No such type is served.")
		}
		return sound()
	})
}

var shapeDefects = []Defect{
	{"repr.schemas", "Names the schema of a user twice.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if list, ok := r["schemas"].([]any); ok {
				r["schemas"] = append(list, scim.SchemaUser)
			}
		})},
	{"repr.schemas-extension", "Does not name the enterprise extension where it has data.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) { r["schemas"] = []any{scim.SchemaUser} })},
	{"repr.id", "Answers a PUT with an id that is not the resource's.",
		reshaping(on(userKind, replace), func(_ *exchange, body scim.Resource) { body["id"] = "0" + body.ID() })},
	{"repr.id-urlsafe", "Makes ids that have to be escaped.",
		func(_ *Server, st *steps) {
			next := st.newID
			st.newID = func(x *exchange) string { return next(x) + "==" }
		}},
	{"repr.meta-location", "Builds the address of a user from an inner host name.",
		reshaping(on(userKind, get), func(x *exchange, body scim.Resource) {
			if meta, ok := body["meta"].(map[string]any); ok {
				meta["location"] = "http://scim.internal:8080" + x.s.basePath() + location(userKind, x.route.id)
			}
		})},
	{"repr.meta-times", "Never moves lastModified.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if meta, ok := r["meta"].(map[string]any); ok && meta["created"] != nil {
				meta["lastModified"] = meta["created"]
			}
		})},
	{"repr.datetime", "Writes the dates of groups as its database does.",
		showing(groupKind, func(_ *exchange, _ *record, r scim.Resource) {
			if meta, ok := r["meta"].(map[string]any); ok {
				meta["created"] = strings.Replace(scim.Resource(meta).String("created"), "T", " ", 1)
			}
		})},
	{"repr.integers", "Writes an integer with a fraction.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			if filter, ok := body["filter"].(map[string]any); ok {
				filter["maxResults"] = json.Number("1000.0")
			}
		})},
	{"repr.primary-once", "Marks every address of a new user as the primary one.",
		reshaping(on(userKind, create), func(_ *exchange, body scim.Resource) {
			emails, _ := body["emails"].([]any)
			for _, element := range emails {
				if email, ok := element.(map[string]any); ok {
					email["primary"] = true
				}
			}
		})},
	{"repr.null-equivalence", "Refuses null where a value may be missing.",
		picky(on(userKind, create), func(body scim.Resource) *scim.Error {
			for name, value := range body {
				if value == nil {
					return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute %s must not be null.", name)
				}
			}
			return nil
		})},
	{"repr.ref-resolvable", "Writes references with a path that it does not serve.",
		showing(groupKind, func(_ *exchange, _ *record, r scim.Resource) {
			for _, member := range membersOf(r) {
				member["$ref"] = strings.Replace(scim.Resource(member).String("$ref"), "/Users/", "/User/", 1)
			}
		})},
	{"repr.country", "Writes countries with three letters.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			addresses, _ := r["addresses"].([]any)
			for _, element := range addresses {
				if address, ok := element.(map[string]any); ok {
					address["country"] = "SWE"
				}
			}
		})},
	{"repr.locale-tz", "Writes language tags with an underscore.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if tag := r.String("locale"); tag != "" {
				r["locale"] = strings.ReplaceAll(tag, "-", "_")
			}
		})},
	{"repr.binary", "Writes certificates in PEM.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			list, _ := r["x509Certificates"].([]any)
			for _, element := range list {
				if one, ok := element.(map[string]any); ok {
					one["value"] = "-----BEGIN CERTIFICATE-----\n" + scim.Resource(one).String("value") + "\n-----END CERTIFICATE-----\n"
				}
			}
		})},
	{"repr.enterprise", "Writes the manager as a bare id.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if extension, ok := r[scim.SchemaEnterpriseUser].(map[string]any); ok && extension["manager"] != nil {
				extension["manager"] = scim.Resource(extension).String("manager.value")
			}
		})},
	{"repr.no-foreign-top", "Adds an attribute of its own to every user.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) { r["tenantNumber"] = "42" })},
	{"repr.json-valid", "Writes one key of a group twice.",
		finishing(on(groupKind, get), func(_ *exchange, a *answer) {
			text, err := json.Marshal(a.body)
			if body, ok := a.object(); ok && err == nil && body["displayName"] != nil {
				a.text, a.body = `{"displayName":"",`+string(text[1:]), nil
			}
		})},
}

var inputDefects = []Defect{
	{"error.scimtype", "Makes up a word for what was not found.",
		misstating(http.StatusNotFound, func(_ *exchange, body scim.Resource) { body["scimType"] = "notFound" })},
	{"error.404-resource", "Answers an id of a length that it never makes with 400.",
		serving(on(userKind, get), func(x *exchange, sound func() answer) answer {
			if len(x.route.id) > 64 {
				return *refused(http.StatusBadRequest, "This is no id.")
			}
			return sound()
		})},
	{"error.405-501", "Takes every method on a discovery document for a GET.",
		serving(func(x *exchange) bool { return x.path == providerPath }, func(x *exchange, sound func() answer) answer {
			if a := sound(); a.status != http.StatusMethodNotAllowed {
				return a
			}
			return answered(http.StatusOK, x.s.provider(x))
		})},
	{"error.wrong-type", "Drops values of a wrong type.",
		lenient(func(body scim.Resource) {
			if text, isText := body["active"].(string); isText && text == "maybe" {
				delete(body, "active")
			}
		})},
	{"error.missing-schemas", "Takes a user without schemas.",
		lenient(func(body scim.Resource) {
			if body.Get("schemas") == nil {
				body["schemas"] = []any{scim.SchemaUser}
			}
		})},
	{"error.wrong-schemas", "Does not look at the URNs in schemas.",
		lenient(func(body scim.Resource) {
			if body.Get("schemas") != nil && !body.HasSchema(scim.SchemaUser) {
				body["schemas"] = []any{scim.SchemaUser}
			}
		})},
	{"error.unknown-attr", "Repeats in its answer what it does not store.",
		reshaping(on(userKind, create), func(x *exchange, body scim.Resource) {
			if sent, err := objectOf(x); err == nil && sent["slipwayLabUnheardOf"] != nil {
				body["slipwayLabUnheardOf"] = sent["slipwayLabUnheardOf"]
			}
		})},
	{"error.long-url", "Breaks down over a long filter.",
		serving(onFilter, func(x *exchange, sound func() answer) answer {
			if len(x.query.Get("filter")) > 4096 {
				return *refused(http.StatusInternalServerError, "Something went wrong.")
			}
			return sound()
		})},
}

// lenient repairs the body of a new user before anybody looks at it.
func lenient(repair func(body scim.Resource)) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.accept
		st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
			if x.route.is(userKind, create) {
				repair(body)
			}
			return next(x, body)
		}
	}
}

var richDefects = []Defect{
	{"users.create.full", "Refuses users with a certificate.",
		picky(on(userKind, create), func(body scim.Resource) *scim.Error {
			if body.Get("x509Certificates") != nil {
				return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute x509Certificates is not known.")
			}
			return nil
		})},
	{"users.create.multi-emails", "Keeps one e-mail address of a new user.",
		accepting(on(userKind, create), func(_ *exchange, r scim.Resource) error {
			if emails, ok := r["emails"].([]any); ok && len(emails) > 1 {
				r["emails"] = emails[len(emails)-1:]
			}
			return nil
		})},
	{"users.create.enterprise", "Loses the employee number.",
		forgetting(on(userKind, create), func(_ *exchange, _, kept scim.Resource) {
			if extension, ok := kept[scim.SchemaEnterpriseUser].(map[string]any); ok {
				without(extension, "employeeNumber")
			}
		})},
	{"users.create.visible-now", "Does not find a user by filter in the very next request.", lagging},
}

// lagging lets a filter miss the user whom the request before it made, as an index that is written a moment later does.
func lagging(s *Server, st *steps) {
	var made atomic.Pointer[string] // lists are read under a lock that others share
	next := st.newID
	st.newID = func(x *exchange) string {
		id := next(x)
		made.Store(&id)
		return id
	}
	finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
		matches, err := sound(filter)
		if id := made.Load(); len(matches) == 1 && id != nil && matches[0].id() == *id {
			matches = nil
		}
		return matches, err
	})(s, st)
	serving(func(x *exchange) bool { return x.route.deed != create }, func(_ *exchange, sound func() answer) answer {
		a := sound()
		made.Store(nil)
		return a
	})(s, st)
}
