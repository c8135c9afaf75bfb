package scimtest

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// Defects11 lists the defects that only a service of SCIM 1.1 can have. Those that Defects lists and that are not about
// the words of 2.0 it can have as well.
func Defects11() []Defect { return slices.Clone(defects11) }

var defects11 = []Defect{
	{"v11.spc", "Does not describe its authentication schemes.",
		spoken(onProvider, func(_ *exchange, body scim.Resource) {
			schemes, _ := body["authenticationSchemes"].([]any)
			for _, element := range schemes {
				if scheme, ok := element.(map[string]any); ok {
					delete(scheme, "description")
				}
			}
		})},
	{"v11.schemas", "Does not say in its schemas at which endpoint the resources are.",
		spoken(onTopic(schemasPath), func(_ *exchange, body scim.Resource) {
			for _, document := range resourcesOf(body) {
				without(document, "endpoint")
			}
		})},
	{"v11.readonly-405", "Takes a POST on its schemas for a GET.",
		serving(func(x *exchange) bool { return x.path == schemasPath }, func(x *exchange, sound func() answer) answer {
			a := sound()
			if a.status == http.StatusMethodNotAllowed {
				x.route = route{deed: discover, topic: schemasPath}
				return orRefused(x.s.discover(x))
			}
			return a
		})},
	{"v11.list", "Names in its lists the schema of a list in SCIM 2.0.",
		spoken(func(x *exchange) bool { return x.route.deed == list }, func(_ *exchange, body scim.Resource) {
			if body["Resources"] != nil {
				body["schemas"] = []any{scim.SchemaListResponse}
			}
		})},
	{"v11.error-shape", "Writes its errors as SCIM 2.0 does.",
		speaking(func(x *exchange, a answer, sound func(answer) answer) answer {
			out := sound(a)
			if a.status >= 400 && a.status != http.StatusUnauthorized && a.body != nil {
				out.body = a.body
			}
			return out
		})},
	{"v11.content-type", "Calls its bodies application/scim+json.",
		speaking(func(_ *exchange, a answer, sound func(answer) answer) answer {
			out := sound(a)
			out.contentType = strings.Replace(out.contentType, scim.MediaTypeJSON, scim.MediaType, 1)
			return out
		})},
	{"v11.accept-scim", "Refuses clients that accept application/scim+json.",
		unacceptable(func(accept string) bool { return strings.HasPrefix(accept, scim.MediaType) })},
	{"v11.locale", "Writes a locale with a hyphen.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if locale := r.String("locale"); locale != "" {
				r["locale"] = strings.ReplaceAll(locale, "_", "-")
			}
		})},
	{"v11.put", "Keeps the title that a PUT leaves out.",
		forgetting(on(userKind, replace), func(x *exchange, old, kept scim.Resource) {
			body, err := objectOf(x)
			if _, told := body["title"]; err == nil && !told {
				keepOld(old, kept, "title")
			}
		})},
	{"v11.patch.partial-active", "Answers 200 to the PATCH that deactivates, and does not deactivate.",
		merging(userKind, func(r, partial scim.Resource, sound merger) (scim.Resource, error) {
			if active, told := partial.Active(); told && !active {
				without(partial, "active")
			}
			return sound(r, partial)
		})},
	{"v11.patch.meta-attributes", "Ignores the list of attributes that a PATCH removes.",
		merging(userKind, func(r, partial scim.Resource, sound merger) (scim.Resource, error) {
			without(partial, "meta")
			return sound(r, partial)
		})},
	{"v11.patch.members-delete", "Takes a member that should be deleted for one that should be added.",
		merging(groupKind, func(r, partial scim.Resource, sound merger) (scim.Resource, error) {
			for _, member := range membersOf(partial) {
				delete(member, "operation")
			}
			return sound(r, partial)
		})},
	{"v11.groups.description", "Refuses a group with an extension that it does not know.",
		picky(on(groupKind, create), func(body scim.Resource) *scim.Error {
			for name := range body {
				if strings.HasPrefix(name, "urn:") {
					return scim.Refuse(http.StatusBadRequest, "", "The attribute %s is not known.", name)
				}
			}
			return nil
		})},
	{"v11.groups.rename", "Refuses to rename a group when the group's id stands beside the new name.",
		merging(groupKind, func(r, partial scim.Resource, sound merger) (scim.Resource, error) {
			if partial.ID() != "" {
				return nil, scim.Refuse(http.StatusBadRequest, "", "The attribute id is read-only.")
			}
			return sound(r, partial)
		})},
	{"v11.groups.add-member", "Answers the adding of members with 200 and adds nobody.",
		merging(groupKind, func(r, partial scim.Resource, sound merger) (scim.Resource, error) {
			if partial.Get("meta.attributes") == nil && !deletesMembers(partial) {
				without(partial, "members")
			}
			return sound(r, partial)
		})},
	{"v11.groups.add-existing", "Refuses to add somebody who is a member already.",
		merging(groupKind, func(r, partial scim.Resource, sound merger) (scim.Resource, error) {
			if partial.Get("meta.attributes") == nil && !deletesMembers(partial) && anyMember(r, partial["members"]) {
				return nil, scim.Refuse(http.StatusConflict, "", "Somebody is a member already.")
			}
			return sound(r, partial)
		})},
	{"v11.groups.replace-members", "Adds the members that should replace all others.",
		merging(groupKind, func(r, partial scim.Resource, sound merger) (scim.Resource, error) {
			without(partial, "meta")
			return sound(r, partial)
		})},
}

func deletesMembers(partial scim.Resource) bool {
	for _, member := range membersOf(partial) {
		if scim.Resource(member).String("operation") == "delete" {
			return true
		}
	}
	return false
}

// merger merges a partial resource into a resource.
type merger func(r, partial scim.Resource) (scim.Resource, error)

// merging puts something in the place of the way in which resources of kind k are patched in SCIM 1.1. partial may be
// changed.
func merging(k *kind, change func(r, partial scim.Resource, sound merger) (scim.Resource, error)) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.merge
		st.merge = func(x *exchange, r, partial scim.Resource) (scim.Resource, error) {
			sound := func(r, partial scim.Resource) (scim.Resource, error) { return next(x, r, partial) }
			if x.route.kind != k {
				return sound(r, partial)
			}
			return change(r, partial.Clone(), sound)
		}
	}
}

// speaking puts something in the place of the way in which an answer is worded.
func speaking(word func(x *exchange, a answer, sound func(answer) answer) answer) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.speak
		st.speak = func(x *exchange, a answer) answer {
			return word(x, a, func(a answer) answer { return next(x, a) })
		}
	}
}

// spoken changes the object of an answer that is not a refusal, after it was worded.
func spoken(concerned when, change func(x *exchange, body scim.Resource)) func(*Server, *steps) {
	return speaking(func(x *exchange, a answer, sound func(answer) answer) answer {
		a = sound(a)
		if body, ok := a.body.(map[string]any); ok && a.status < 300 && concerned(x) {
			change(x, body)
		}
		return a
	})
}
