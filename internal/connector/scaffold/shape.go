package scaffold

import (
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// enterprise is the extension in which SCIM keeps what belongs to the workplace (RFC 7643 §4.3).
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// attribute is one of a user or group of SCIM, and what APIs call it, in small letters and without separators.
type attribute struct {
	scim  string
	names []string
	from  string // the attribute of input.user, as an expression
	has   string // the condition that the caller gave it
}

func on(names string) []string { return strings.Fields(names) }

const phones = "first(input.user.phoneNumbers ?? [])?.value"

// attributes of a user. Those of workplaces stand in the extension.
var attributes = []attribute{
	{"externalId", on("externalid externalref externalreference"), "input.user.externalId", "has(input.user, 'externalId')"},
	{"userName", on("username login loginname useremail email emailaddress primaryemail workemail mail"), "input.user.userName", "has(input.user, 'userName')"},
	{"name.givenName", on("first firstname givenname given forename"), "input.user.name?.givenName", "has(input.user, 'name.givenName')"},
	{"name.familyName", on("last lastname familyname family surname"), "input.user.name?.familyName", "has(input.user, 'name.familyName')"},
	{"displayName", on("displayname fullname name"), "input.user.displayName", "has(input.user, 'displayName')"},
	{"title", on("title jobtitle position"), "input.user.title", "has(input.user, 'title')"},
	{"locale", on("locale"), "input.user.locale", "has(input.user, 'locale')"},
	{"timezone", on("timezone"), "input.user.timezone", "has(input.user, 'timezone')"},
	{"phoneNumbers", on("phone phonenumber mobile mobilephone workphone telephone"), phones, "has(input.user, 'phoneNumbers')"},
	{"department", on("department departmentname"), "input.user['" + enterprise + "']?.department", "input.user['" + enterprise + "']?.department != null"},
	{"employeeNumber", on("employeenumber"), "input.user['" + enterprise + "']?.employeeNumber", "input.user['" + enterprise + "']?.employeeNumber != null"},
	{"password", on("password initialpassword"), "input.user.password", "has(input.user, 'password')"},
}

// mails are members that hold an address beside a user name of its own.
var mails = on("email emailaddress primaryemail workemail mail")

// inners are objects in which an API keeps what SCIM has at the top.
var inners = on("profile name attributes user person")

// found is where a value stands in an answer.
type found struct {
	expr     string // from it
	property property
	outer    string // the object that it stands in, "" for none
}

// find looks for a member by its names: at the top, then one object below.
func find(all []property, names ...string) *found {
	if p := named(all, names...); p != nil && simple(p.schema) {
		return &found{expr: member("it", p.name), property: *p}
	}
	for _, inner := range inners {
		outer := named(all, inner)
		if outer == nil || typeOf(outer.schema) != "object" || !identifier.MatchString(outer.name) || slices.Contains(reserved, outer.name) {
			continue
		}
		if p := named(properties(outer.schema), names...); p != nil && simple(p.schema) && identifier.MatchString(p.name) && !slices.Contains(reserved, p.name) {
			return &found{expr: "it." + outer.name + "?." + p.name, property: *p, outer: outer.name}
		}
	}
	return nil
}

// simple is false of lists and objects.
func simple(s *openapi3.Schema) bool { t := typeOf(s); return t != "array" && t != "object" }

// userMap turns what the API calls a user into a user of SCIM. name is the member by which the API looks users up, "" for any.
func userMap(s *openapi3.Schema, name string) (object, []string) {
	all := properties(s)
	above := []string{"A user of the API, as a user of SCIM (RFC 7643 §4.1). “it” is what the map is applied to.", "To decide: whether each member is what the API means by it."}
	schemas := inline{list{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise}}
	o := object{{key: "schemas", value: schemas}}
	o = append(o, identity(all, "user"))
	names := object{}
	work := object{}
	for _, a := range attributes {
		candidates := a.names
		if a.scim == "userName" && name != "" {
			candidates = append([]string{plain(name)}, candidates...)
		}
		f := find(all, candidates...)
		switch {
		case a.scim == "password":
		case f == nil && a.scim == "userName":
			o = append(o, pair{"userName", expr("it.email"), []string{"To decide: nothing in the document is called like a user name. It must not be empty."}})
		case f == nil || a.scim == "displayName" && typeOf(f.property.schema) != "string":
		case a.scim == "name.givenName" || a.scim == "name.familyName":
			names = append(names, pair{key: strings.TrimPrefix(a.scim, "name."), value: expr("%s", f.expr)})
		case a.scim == "phoneNumbers":
			o = append(o, pair{key: "phoneNumbers", value: expr("%s == null ? [] : [{value: %s, type: 'work', primary: true}]", f.expr, f.expr)})
		case a.scim == "department" || a.scim == "employeeNumber":
			work = append(work, pair{key: a.scim, value: expr("%s", f.expr)})
		default:
			o = append(o, pair{key: a.scim, value: expr("%s", f.expr)})
		}
	}
	if len(names) > 0 {
		o = append(o, pair{key: "name", value: inline{names}})
	}
	if f := find(all, mails...); f != nil {
		o = append(o, pair{key: "emails", value: inline{list{object{{key: "value", value: expr("%s", f.expr)}, {key: "type", value: "work"}, {key: "primary", value: true}}}}})
	}
	o = append(o, activePair(all))
	if len(work) > 0 {
		o = append(o, pair{key: enterprise, value: inline{work}})
	}
	return o, above
}

// listing is a member of a user as the schema lists it: by the API's name, and where SCIM has it.
type listing struct {
	property
	scim, namespace string
	kind            string
}

// listings are what the map of a user shows of members that are read or written, and the names of those that it does not show.
// name is the member by which the API looks users up, "" for any.
func listings(all []property, name string) (listed []listing, left []string) {
	shown := map[string]bool{"id": true}
	put := func(f *found, scim, namespace, kind string) {
		if f == nil || shown[f.expr] {
			return
		}
		shown[f.expr] = true
		shown["it."+f.outer] = true
		listed = append(listed, listing{f.property, scim, namespace, kind})
	}
	for _, a := range attributes {
		candidates := a.names
		if a.scim == "userName" && name != "" {
			candidates = append([]string{plain(name)}, candidates...)
		}
		f := find(all, candidates...)
		switch {
		case f == nil || a.scim == "password" || a.scim == "displayName" && typeOf(f.property.schema) != "string":
		case a.scim == "phoneNumbers":
			put(f, "phoneNumbers.value", "", "STRING")
		case a.scim == "department" || a.scim == "employeeNumber":
			put(f, a.scim, enterprise, propertyType(f.property.schema))
		default:
			put(f, a.scim, "", propertyType(f.property.schema))
		}
	}
	put(find(all, mails...), "emails.value", "", "EMAIL")
	if a := activity(all); a != nil {
		put(&a.found, "active", "", "BOOLEAN")
	}
	for _, p := range all {
		if at := member("it", p.name); !shown[at] && !slices.Contains(on("id password uuid uid guid key"), plain(p.name)) && !p.schema.WriteOnly {
			left = append(left, p.name)
		}
	}
	slices.SortFunc(listed, func(a, b listing) int { return strings.Compare(a.name, b.name) })
	return listed, left
}

// identity is the member by which the API knows a resource, as text: SCIM has no other ids.
func identity(all []property, what string) pair {
	if f := find(all, "id", what+"id", "uuid", "uid", "guid", "key"); f != nil {
		return pair{key: "id", value: expr("string(%s)", f.expr)}
	}
	return pair{"id", expr("string(it.id)"), []string{"To decide: nothing in the document is called like an id. It must not be empty."}}
}

// active is how an API says that somebody may sign in.
type active struct {
	found
	yes, no string // values of a text; "" where it is true and false
	inverse bool   // true means that somebody may not
}

var (
	yesWords = on("active enabled activated normal")
	noWords  = on("inactive disabled deactivated suspended blocked locked archived terminated")
)

func activity(all []property) *active {
	if f := find(all, "active", "enabled", "isactive", "isenabled"); f != nil && typeOf(f.property.schema) == "boolean" {
		return &active{found: *f}
	}
	if f := find(all, "disabled", "suspended", "deactivated", "isdisabled", "issuspended", "inactive", "archived", "blocked"); f != nil && typeOf(f.property.schema) == "boolean" {
		return &active{found: *f, inverse: true}
	}
	f := find(all, "status", "state", "accountstatus", "userstatus", "active")
	if f == nil || typeOf(f.property.schema) != "string" {
		return nil
	}
	a := &active{found: *f}
	for _, text := range texts(f.property.schema) {
		if a.yes == "" && slices.Contains(yesWords, plain(text)) {
			a.yes = text
		}
	}
	for _, word := range noWords {
		for _, text := range texts(f.property.schema) {
			if a.no == "" && plain(text) == word {
				a.no = text
			}
		}
	}
	return a
}

func activePair(all []property) pair {
	a := activity(all)
	switch {
	case a == nil:
		return pair{"active", true, []string{"To decide: how the API says that somebody may not sign in."}}
	case a.yes != "":
		return pair{key: "active", value: expr("%s == %s", a.expr, literal(a.yes))}
	case typeOf(a.property.schema) == "string":
		return pair{"active", expr("%s == 'active'", a.expr), []string{"To decide: the word that the API uses for active."}}
	case a.inverse:
		return pair{key: "active", value: expr("%s != true", a.expr)}
	}
	return pair{key: "active", value: expr("%s == true", a.expr)}
}

// set is the value that makes somebody active or not, as an expression, "" where it is not known.
func (a *active) set(on bool) string {
	switch {
	case typeOf(a.property.schema) == "boolean":
		return strconv.FormatBool(on != a.inverse)
	case a.yes == "" || a.no == "":
		return ""
	case on:
		return literal(a.yes)
	}
	return literal(a.no)
}

// groupMap turns what the API calls a group into a group of SCIM.
func groupMap(s *openapi3.Schema, what string) (object, []string) {
	all := properties(s)
	o := object{{key: "schemas", value: inline{list{"urn:ietf:params:scim:schemas:core:2.0:Group"}}}, identity(all, what)}
	if f := find(all, "displayname", "name", "title", "label"); f != nil {
		o = append(o, pair{key: "displayName", value: expr("%s", f.expr)})
	} else {
		o = append(o, pair{"displayName", expr("it.name"), []string{"To decide: nothing in the document is called like a name. It must not be empty."}})
	}
	if f := find(all, "description"); f != nil {
		o = append(o, pair{key: "description", value: expr("%s", f.expr)})
	}
	return o, []string{"One of " + what + " of the API, as a group of SCIM (RFC 7643 §4.2)."}
}

// given is one member of a body that is made of what a caller gave.
type given struct{ name, value, has string } // has is "" where it is always sent

// userBody is what a user of SCIM is to the API. missing are members that the API wants or uses, and that nothing is put into.
func userBody(s *openapi3.Schema, create bool) (all []given, missing []string) {
	members := properties(s)
	own := named(members, "username", "login", "loginname")
	onOff := activity(members)
	for _, p := range members {
		if p.schema.ReadOnly {
			continue
		}
		has := func(condition string) string {
			if create && p.required {
				return ""
			}
			return condition
		}
		name := plain(p.name)
		switch {
		case onOff != nil && onOff.outer == "" && onOff.property.name == p.name && onOff.set(true) != "":
			all = append(all, given{p.name, "input.user.active == false ? " + onOff.set(false) + " : " + onOff.set(true), has("has(input.user, 'active')")})
			continue
		case own != nil && slices.Contains(mails, name) && simple(p.schema):
			all = append(all, given{p.name, "first(input.user.emails ?? [])?.value ?? input.user.userName", has("has(input.user, 'emails')")})
			continue
		}
		i := slices.IndexFunc(attributes, func(a attribute) bool { return slices.Contains(a.names, name) })
		switch {
		case i >= 0 && simple(p.schema):
			all = append(all, given{p.name, attributes[i].from, has(attributes[i].has)})
		case p.required && create, typeOf(p.schema) == "object" && slices.Contains(inners, name):
			missing = append(missing, p.name)
		}
	}
	return all, missing
}

// groupBody is what a group of SCIM is to the API.
func groupBody(s *openapi3.Schema, create bool) (all []given, missing []string) {
	for _, p := range properties(s) {
		has := func(condition string) string {
			if create && p.required {
				return ""
			}
			return condition
		}
		switch name := plain(p.name); {
		case p.schema.ReadOnly:
		case name == "displayname" || name == "name" || name == "title" || name == "label":
			all = append(all, given{p.name, "input.group.displayName", has("has(input.group, 'displayName')")})
		case name == "description":
			all = append(all, given{p.name, "input.group.description", has("has(input.group, 'description')")})
		case p.required && create:
			missing = append(missing, p.name)
		}
	}
	return all, missing
}

// limits of one expression, below those of the language.
const (
	maxExpression = 3500
	maxOptional   = 20
)

// bodyOf writes a body. What the caller left out is not sent: many APIs take null for a value to clear. within is the
// member that holds it all, "" for none. rest is an input with further members, "" for none. Forms leave out what is null
// by themselves.
func bodyOf(form string, all []given, within, rest string) any {
	var always object
	var parts, sure []string
	length, optional := 0, 0
	for _, g := range all {
		text := memberName(g.name) + ": " + g.value
		if g.has != "" {
			text = g.has + " ? {" + text + "} : {}"
		}
		if length += len(text); length > maxExpression || optional >= maxOptional && g.has != "" {
			continue
		}
		if g.has == "" || form != "json" {
			always = append(always, pair{key: g.name, value: expr("%s", g.value)})
			sure = append(sure, text)
			continue
		}
		optional++
		parts = append(parts, text)
	}
	if len(parts) == 0 && rest == "" {
		if within != "" {
			return object{{key: within, value: always}}
		}
		return always
	}
	if len(sure) > 0 {
		parts = append([]string{"{" + strings.Join(sure, ", ") + "}"}, parts...)
	}
	if rest != "" {
		parts = append(parts, rest)
	}
	text := block("${ merge(\n     " + strings.Join(parts, ",\n     ") + ") }")
	if within != "" {
		return object{{key: within, value: text}}
	}
	return text
}

// paging is how an operation goes through its pages.
type paging struct {
	limit, cursor string // parameters, "" for none
	kind          string // cursor, page, offset, "" for none
	start         int
	size          int
	next          string // where the answer holds the next cursor, from its body
}

func pagingOf(o *operation, answer *openapi3.Schema) paging {
	p := paging{size: 100}
	if limit := o.query(on("limit pagesize perpage maxresults count size top first")...); limit != nil {
		p.limit = limit.Name
		if s := limit.Schema; s != nil && s.Value != nil && s.Value.Max != nil && *s.Value.Max >= 1 && *s.Value.Max < 100 {
			p.size = int(*s.Value.Max)
		}
	}
	p.next = nextIn(answer)
	for _, try := range []struct {
		kind  string
		names []string
	}{
		{"cursor", on("cursor after pagetoken nextcursor nextpagetoken startingafter next continuationtoken marker")},
		{"page", on("page pagenumber pageno")},
		{"offset", on("offset skip start startindex from")},
	} {
		if found := o.query(try.names...); found != nil && (try.kind != "cursor" || p.next != "") {
			p.kind, p.cursor = try.kind, found.Name
			if try.kind == "page" || plain(found.Name) == "startindex" {
				p.start = 1
			}
			if s := found.Schema; s != nil && s.Value != nil {
				if n, is := s.Value.Default.(float64); is && (n == 0 || n == 1) {
					p.start = int(n)
				} else if s.Value.Min != nil && *s.Value.Min == 0 {
					p.start = 0
				}
			}
			break
		}
	}
	return p
}

var nextNames = on("nextcursor nextpagetoken nextpage next cursor endcursor continuationtoken after")

// nextIn is where an answer holds the cursor of the next page, "" for nowhere.
func nextIn(s *openapi3.Schema) string {
	if typeOf(s) != "object" {
		return ""
	}
	all := properties(s)
	if p := named(all, nextNames...); p != nil && simple(p.schema) && typeOf(p.schema) != "boolean" {
		return member("steps.page.body", p.name)
	}
	for _, name := range on("pagination paging meta metadata page pageinfo cursors") {
		if p := named(all, name); p != nil && typeOf(p.schema) == "object" {
			if next := named(properties(p.schema), nextNames...); next != nil && simple(next.schema) && typeOf(next.schema) != "boolean" && identifier.MatchString(next.name) {
				return member("steps.page.body", p.name) + "?." + next.name
			}
		}
	}
	return ""
}

// query are the parameters that ask for a page.
func (p paging) query() object {
	var o object
	if p.limit != "" {
		o = append(o, pair{key: p.limit, value: expr("input.pagination?.limit ?? %d", p.size)})
	}
	switch p.kind {
	case "cursor":
		o = append(o, pair{key: p.cursor, value: expr("input.pagination?.cursor")})
	case "page", "offset":
		o = append(o, pair{key: p.cursor, value: expr("input.pagination?.cursor ?? %d", p.start)})
	}
	return o
}

// following is the cursor of the next page. items is where the answer holds its list.
func (p paging) following(items string) (string, []string) {
	full := "len(" + items + ") == 0"
	if p.limit != "" {
		full = "len(" + items + ") < (input.pagination?.limit ?? " + strconv.Itoa(p.size) + ")"
	}
	switch p.kind {
	case "cursor":
		return expr("%s", p.next), nil
	case "page":
		return expr("%s ? null : string(int(input.pagination?.cursor ?? %d) + 1)", full, p.start), []string{"To decide: whether a page that is not full is the last one."}
	case "offset":
		return expr("%s ? null : string(int(input.pagination?.cursor ?? %d) + len(%s))", full, p.start, items), []string{"To decide: whether a page that is not full is the last one."}
	}
	return expr("null"), []string{"To decide: the document shows no way to ask for the next page, so there is one page only."}
}
