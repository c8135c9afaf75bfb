package scimtest

import (
	"slices"
	"strings"

	"slipway/internal/scim"
)

var sortDefects = []Defect{
	{"sort.asc", "Sorts descending unless told otherwise.",
		ordering(func(x *exchange) bool { return x.query.Get("sortOrder") == "" }, func(x *exchange, sound func() answer) answer {
			x.query.Set("sortOrder", "descending")
			return sound()
		})},
	{"sort.desc", "Does not know sortOrder.",
		ordering(by("userName"), func(x *exchange, sound func() answer) answer {
			x.query.Del("sortOrder")
			return sound()
		})},
	{"sort.case", "Sorts capitals before small letters.",
		ordering(by("userName"), resorted(scim.Resource.UserName))},
	{"sort.missing-last", "Sorts those without a value to the beginning.",
		ordering(by("title"), resorted(func(r scim.Resource) string { return scim.Fold(r.String("title")) }))},
	{"sort.multi", "Sorts by the first of several values, whichever is the primary one.",
		ordering(func(x *exchange) bool { return hasFold(x.query.Get("sortBy"), "emails") }, resorted(func(r scim.Resource) string { return scim.Fold(firstAddress(r)) }))},
	{"sort.nested", "Ignores a sortBy that is a path.",
		ordering(by("name.familyName"), func(x *exchange, sound func() answer) answer {
			x.query.Del("sortBy")
			return sound()
		})},
	{"sort.unsupported", "Lists nobody where it does not know the attribute to sort by.",
		serving(on(userKind, list), func(x *exchange, sound func() answer) answer {
			if name := x.query.Get("sortBy"); name != "" && scim.AttributeAt(name).Name == "" {
				x.query.Set("startIndex", "1000000")
			}
			return sound()
		})},
}

// ordering concerns sorted lists of users.
func ordering(concerned when, work func(x *exchange, sound func() answer) answer) func(*Server, *steps) {
	return serving(func(x *exchange) bool {
		return x.route.is(userKind, list) && x.query.Has("sortBy") && concerned(x)
	}, work)
}

func by(attribute string) when {
	return func(x *exchange) bool { return strings.EqualFold(x.query.Get("sortBy"), attribute) }
}

// resorted puts the page in the order of a key, as if it were the whole list.
func resorted(key func(scim.Resource) string) func(x *exchange, sound func() answer) answer {
	return func(x *exchange, sound func() answer) answer {
		a := sound()
		body, ok := a.object()
		if !ok || a.status >= 300 {
			return a
		}
		users := resourcesOf(body)
		slices.SortStableFunc(users, func(a, b scim.Resource) int { return strings.Compare(key(a), key(b)) })
		if x.query.Get("sortOrder") == "descending" {
			slices.Reverse(users)
		}
		body["Resources"] = decoded(map[string]any{"all": users})["all"]
		a.body = body
		return a
	}
}

func firstAddress(r scim.Resource) string {
	emails, _ := r["emails"].([]any)
	if len(emails) == 0 {
		return ""
	}
	first, _ := emails[0].(map[string]any)
	return scim.Resource(first).String("value")
}
