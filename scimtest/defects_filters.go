package scimtest

import (
	"regexp"
	"slices"
	"strings"

	"slipway/internal/scim"
)

var operatorDefects = []Defect{
	{"filter.eq.id", "Knows no filter on id and finds nobody.", blindTo(`(?i)^id eq `)},
	{"filter.eq.externalId", "Compares externalId without regard to case.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			f, err := scim.ParseFilter(filter)
			if err != nil {
				return sound(filter)
			}
			external, asked := f.Equality("externalId")
			if !asked {
				return sound(filter)
			}
			return chosen(all, func(rec *record) bool { return strings.EqualFold(rec.resource.ExternalID(), external) }), nil
		})},
	{"filter.eq.active", "Compares active with the text true, and finds nobody.", blindTo(`(?i)^active eq (true|false)`)},
	{"filter.valuepath", "Asks each condition in brackets of another value of the attribute.",
		misreading(`^emails\[type (.*) and value (.*)\]$`, "emails.type $1 and emails.value $2")},
	{"filter.ne", "Ignores ne and lists everybody.", unfiltered(`^userName ne `)},
	{"filter.co", "Takes co for sw.", misreading(`^userName co `, "userName sw ")},
	{"filter.sw", "Takes sw for co.", misreading(`^userName sw `, "userName co ")},
	{"filter.ew", "Takes ew for co.", misreading(`^userName ew `, "userName co ")},
	{"filter.pr", "Finds nobody who has a title.", blindTo(`^title pr$`)},
	{"filter.gt", "Takes gt for ge.", misreading(`^userName gt `, "userName ge ")},
	{"filter.ge", "Takes ge for gt.", misreading(`^userName ge `, "userName gt ")},
	{"filter.lt", "Cannot tell which time is earlier, and finds nobody.", blindTo(`^meta.lastModified lt `)},
	{"filter.le", "Takes le for lt.", misreading(`^userName le `, "userName lt ")},
	{"filter.gt-boolean-400", "Finds nobody where booleans have an order.", blindTo(`^active gt `)},
	{"filter.and", "Forgets what follows and.", misreading(`^(userName eq "[^"]*") and userName eq "[^"]*"$`, "$1")},
	{"filter.or", "Forgets what follows or.", misreading(`^(userName eq "[^"]*") or userName eq "[^"]*"$`, "$1")},
	{"filter.not", "Does not hear not.", misreading(`^not (\([^()]*\))$`, "$1")},
	{"filter.paren", "Reads a filter as if it had no parentheses.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			if strings.HasPrefix(filter, "(userName") {
				filter = strings.NewReplacer("(", "", ")", "").Replace(filter)
			}
			return sound(filter)
		})},
}

var literalDefects = []Defect{
	{"filter.unknown-attr", "Ignores a filter on an attribute that it does not know and lists everybody.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if name, _, _ := strings.Cut(filter, " "); err == nil && !strings.ContainsAny(filter, "([:") && scim.AttributeAt(name).Name == "" {
				return all, nil
			}
			return found, err
		})},
	{"filter.urn-path", "Finds nobody where the schema stands before the attribute.", blindTo(`(?i)^urn:`)},
	{"filter.schemas", "Finds nobody by a schema.", blindTo(`^schemas `)},
	{"filter.pr-semantics", "Takes a list without an element for a value.", unfiltered(`^phoneNumbers pr$`)},
	{"filter.null-literal", "Ignores a comparison with null and lists everybody.", unfiltered(` null$`)},
	{"filter.number-literals", "Ignores a comparison with a number and lists everybody.", unfiltered(` -?[0-9.]+(e[+-]?[0-9]+)?$`)},
	{"filter.escape-literals", "Takes the escapes in a value as they are written.", blindTo(`\\u[0-9a-f]{4}`)},
	{"filter.whitespace", "Finds nobody where two blanks follow each other.", blindTo(`  `)},
	{"filter.plus-decoding", "Takes a plus sign in the query for a plus sign.",
		serving(onFilter, func(x *exchange, sound func() answer) answer {
			if strings.Contains(x.r.URL.RawQuery, "+eq+") {
				x.query.Set("filter", strings.ReplaceAll(x.query.Get("filter"), " ", "+"))
			}
			return sound()
		})},
	{"filter.toomany", "Stops searching after a few matches, and counts only those.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if filter == "id pr" {
				found = found[:min(len(found), 2)]
			}
			return found, err
		})},
}

// blindTo finds nobody by a filter that has the form.
func blindTo(form string) func(*Server, *steps) {
	pattern := regexp.MustCompile(form)
	return finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
		if pattern.MatchString(filter) {
			return nil, nil
		}
		return sound(filter)
	})
}

// unfiltered lists everybody for a filter that has the form.
func unfiltered(form string) func(*Server, *steps) {
	pattern := regexp.MustCompile(form)
	return finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
		if pattern.MatchString(filter) {
			return all, nil
		}
		return sound(filter)
	})
}

// misreading reads a filter that has the form as another one.
func misreading(form, other string) func(*Server, *steps) {
	pattern := regexp.MustCompile(form)
	return finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
		return sound(pattern.ReplaceAllString(filter, other))
	})
}

func chosen(all []*record, wanted func(*record) bool) []*record {
	return slices.DeleteFunc(slices.Clone(all), func(rec *record) bool { return !wanted(rec) })
}
