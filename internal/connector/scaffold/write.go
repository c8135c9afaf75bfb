package scaffold

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/program"
)

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// keyOf is the connector's key: as somebody said, else of the first name that gives one.
func keyOf(names ...string) string {
	for _, name := range names {
		key := strings.ToLower(strings.Join(words(name), ""))
		key = strings.TrimLeft(key, "0123456789")
		if key = key[:min(len(key), 50)]; properKey.MatchString(key) {
			return key
		}
	}
	return "myconnector"
}

var retries = pair{key: "retry", value: inline{object{{key: "on", value: list{429, 502, 503, 504}}, {key: "max", value: 3}, {key: "honorRetryAfter", value: true}, {key: "maxWait", value: "60s"}}}}

var statuses = pair{key: "errors", value: object{
	{key: "401", value: inline{object{{key: "type", value: "INVALID_CREDENTIALS"}}}},
	{key: "404", value: inline{object{{key: "type", value: "RESOURCE_NOT_FOUND"}}}},
	{key: "429", value: inline{object{{key: "type", value: "RATE_LIMIT_EXCEEDED"}}}},
}}

// fromSpec writes both files from a document.
func fromSpec(o Options, s *spec) Files {
	title := ""
	if s.Info != nil {
		title = line(s.Info.Title, 100)
	}
	name := cmp.Or(line(o.Name, 100), title, "My connector")
	key := cmp.Or(o.Key, keyOf(o.Name, title, o.Folder))
	g := &guesser{spec: s, written: map[string]object{}, names: keys{}, stubbed: map[string]bool{}}
	for _, c := range contract.All {
		g.names[strings.ToLower(g.called(c))] = true
	}
	connection := g.connection()
	ping := g.ping()
	guessed, stubs := g.guess()
	connection = append(connection, retries, statuses, ping)

	top := object{
		{"apiVersion", "slipway.dev/v1", header(name)},
		{key: "kind", value: "Connector"},
		{"metadata", g.metadata(key, name), []string{"Who the connector is. The key never changes."}},
		{"connection", connection, []string{"How a customer connects."}},
	}
	if m := g.maps(); len(m) > 0 {
		top = append(top, pair{"maps", m, []string{"From the API's words to those of SCIM."}})
	}
	actions, shown := g.contractActions()
	others, left := g.others()
	for i, f := range others {
		item := noted{nil, f.object}
		if i == 0 && len(actions) > 0 {
			item.above = []string{"What flows of customers can use beside all that."}
		}
		actions = append(actions, item)
		shown = append(shown, tested{f.name, f.required, map[bool]string{true: "steps.answer.status < 300"}[f.reads && !f.required]})
	}
	if len(actions) == 0 {
		actions = list{noted{[]string{"To decide: the document has no operation that can be used."}, example()}}
		shown = []tested{{name: "Get Item", required: true}}
	}
	top = append(top, pair{key: "actions", value: spaced(actions), above: []string{"What the connector can do."}})
	var p printer
	p.members(top, 0)
	if len(left) > 0 {
		p.WriteByte('\n')
		p.comment(append([]string{fmt.Sprintf("Not written are these operations of the document (%d):", len(left))}, left[:min(len(left), maxNamed)]...), 0)
	}
	return Files{Connector: []byte(p.String()), Suite: suiteOf(key, name, shown), Report: Report{Key: key, Guessed: guessed, Stubs: stubs, Actions: len(others), Left: len(left)}}
}

func header(name string) []string {
	return []string{
		"The connector of " + name + ", as it was guessed from the API's OpenAPI document.",
		"",
		"Look for “To decide”: there a person has to. Texts in ${ } are expressions; their functions stand in",
		"docs/connectors/expressions.md, and docs/connectors/guide.md goes from here to a connector that passes.",
	}
}

func (g *guesser) metadata(key, name string) object {
	description, email, docs := "", "", object{}
	if g.Info != nil {
		description = line(g.Info.Description, 300)
		if g.Info.Contact != nil {
			email = line(g.Info.Contact.Email, 100)
		}
	}
	m := object{{key: "key", value: key}, {key: "name", value: name}, {key: "description", value: cmp.Or(description, "Works with "+name+".")}}
	if g.ExternalDocs != nil && strings.HasPrefix(g.ExternalDocs.URL, "https://") && printable(g.ExternalDocs.URL) {
		docs = append(docs, pair{key: "apiReference", value: g.ExternalDocs.URL})
	}
	if len(docs) > 0 {
		m = append(m, pair{key: "docs", value: docs})
	}
	if email != "" {
		m = append(m, pair{key: "support", value: inline{object{{key: "email", value: email}}}})
	}
	return m
}

func (g *guesser) connection() object {
	taken := keys{}
	for _, own := range on("username password client_id client_secret refresh_token") {
		taken[own] = true
	}
	p := g.locate(taken)
	auth, above := g.methods(&p, taken)
	var hosts list
	for _, h := range p.hosts[:min(len(p.hosts), 20)] {
		hosts = append(hosts, h)
	}
	return object{
		{"baseUrl", p.base, p.above},
		{"allowedHosts", inline{hosts}, p.doubt},
		{"auth", auth, above},
	}
}

// pings are addresses that say who is connected, the best first; those after the bar say less.
var pings = on("me users/me user/me account/me self user account accounts/me profile whoami current users/current user/current users/self auth/test tokeninfo userinfo | status ping health")

// ping finds a request that works with good credentials and does not without.
func (g *guesser) ping() pair {
	usable := func(o *operation) bool {
		return o.method == "GET" && !strings.Contains(o.path, "{") && len(o.demands()) == 0 && !o.open() && !o.Deprecated
	}
	var best *operation
	rank := len(pings)
	for _, o := range g.operations {
		if !usable(o) {
			continue
		}
		all := segments(o.path)
		for i, shape := range pings {
			n := strings.Count(shape, "/") + 1
			if i < rank && len(all) >= n && shapeOf(all[len(all)-n:]) == shape && len(all) <= n+2 {
				best, rank = o, i
			}
		}
	}
	note := []string{"Whether a connection works: it asks the API with the credentials."}
	if best == nil {
		for _, o := range g.operations {
			if best == nil && usable(o) {
				best = o
			}
		}
		note = append(note, "To decide: a request that works for everybody who connects, and for nobody else.")
	} else if rank > slices.Index(pings, "|") {
		note = append(note, "To decide: whether the API wants credentials for this.")
	}
	path, message := "/", "Connected."
	if best != nil {
		path = pathOf(best.path)
		if rank < slices.Index(pings, "|") {
			best.taken = true
			message = "Connected" + who(best) + "."
		}
	}
	return pair{"ping", object{
		{key: "http", value: inline{object{{key: "method", value: "GET"}, {key: "path", value: path}}}},
		{key: "ok", value: expr("res.status == 200")},
		{key: "message", value: message},
	}, note}
}

// who says as whom somebody is connected.
func who(o *operation) string {
	s, _ := o.answer()
	s, within := wrapped(s, "user", "account")
	p := named(properties(s), on("email username login mail name displayname")...)
	if p == nil || !simple(p.schema) {
		return ""
	}
	at := "res.body"
	if within != "" {
		at = member(at, within)
	}
	return " as " + expr("%s", member(at, p.name))
}

// maps are those that the contracts use.
func (g *guesser) maps() object {
	var m object
	var used strings.Builder
	for _, id := range sortedKeys(g.written) {
		used.WriteString(oneLine(g.written[id], false))
	}
	uses := func(name string) bool { return strings.Contains(used.String(), name) }
	if g.users != nil && uses("scimUser") {
		s, _ := g.users.schema(on("user users employee account person member")...)
		o, above := userMap(s, g.users.lookup())
		m = append(m, pair{"scimUser", o, above})
	}
	if g.groups != nil && uses("scimGroup") {
		s, _ := g.groups.schema(on("group team role department")...)
		o, above := groupMap(s, g.groups.noun)
		m = append(m, pair{"scimGroup", o, above})
	}
	if g.groups != nil && uses("scimMember") {
		var all []property
		if o := g.groups.sub("GET", memberShapes...); o != nil {
			if s, _ := o.answer(); s != nil {
				item, _, _ := listed(s, "members", "users")
				all = properties(item)
			}
		}
		m = append(m, pair{key: "scimMember", value: memberMap(all)})
	}
	if g.entitlementMap != nil {
		m = append(m, pair{key: "entitlement", value: inline{g.entitlementMap}})
	}
	return m
}

func memberMap(all []property) object {
	var o object
	if f := find(all, on("userid memberid id employeeid accountid value")...); f != nil {
		o = append(o, pair{key: "value", value: expr("string(%s)", f.expr)})
	} else {
		o = append(o, pair{"value", expr("string(it.id)"), []string{"To decide: nothing in the document is called like a user's id. It must not be empty."}})
	}
	if f := find(all, on("email username login displayname name display")...); f != nil {
		o = append(o, pair{key: "display", value: expr("%s", f.expr)})
	}
	return o
}

// tested is an action, for the suite.
type tested struct {
	name     string
	required bool   // it has required inputs
	holds    string // of its answer where it is called without inputs; "" where that makes no sense
}

// contractActions are the contracts, in the order of the documentation.
func (g *guesser) contractActions() (actions list, shown []tested) {
	for _, c := range contract.All {
		o := g.written[c.ID]
		if o == nil {
			continue
		}
		actions = append(actions, noted{nil, o})
		required := slices.ContainsFunc(c.Inputs, func(p program.Parameter) bool { return p.Required })
		stub := g.stubbed[c.ID]
		shown = append(shown, tested{g.called(c), required, map[bool]string{true: answers[c.Returns]}[!c.Writes && !required && !stub]})
	}
	return actions, shown
}

// answers are what holds of every answer of a shape.
var answers = map[contract.Shape]string{
	contract.UserList: "len(steps.answer.resources) >= 0", contract.GroupList: "len(steps.answer.resources) >= 0",
	contract.Properties: "len(steps.answer.schemaProperties) > 0", contract.Options: "len(steps.answer.schemaPropertyValues) >= 0",
}

// others are the operations that no contract is made of; left are those that are not written.
func (g *guesser) others() (all []free, left []string) {
	size := 0
	for _, o := range g.operations {
		if o.taken {
			continue
		}
		named := o.method + " " + cut(o.path, 150)
		switch {
		case g.token(o), slices.ContainsFunc(segments(o.path), func(s string) bool { return s == "." || s == ".." }):
			left = append(left, named)
			continue
		case o.Deprecated:
			left = append(left, named+" (deprecated)")
			continue
		case len(all) >= maxActions || size > maxWritten:
			left = append(left, named)
			continue
		}
		f := g.free(o)
		var p printer
		p.members(f.object, 4)
		if size += p.Len(); size > maxWritten {
			left = append(left, named)
			continue
		}
		all = append(all, f)
	}
	return all, left
}

// token reports whether an operation is that of the authorization server, which the connection asks.
func (g *guesser) token(o *operation) bool {
	return o.method == "POST" && (strings.HasSuffix(o.path, "/oauth/token") || strings.HasSuffix(o.path, "/oauth2/token") || strings.HasSuffix(o.path, "/token") && o.open())
}

// suiteOf writes the suite: what is refused without its inputs, and what can be read without any.
func suiteOf(key, name string, actions []tested) []byte {
	var cases list
	add := func(title string, o object) {
		cases = append(cases, append(object{{key: "id", value: fmt.Sprintf("TC%03d", len(cases)+1)}, {key: "title", value: title}}, o...))
	}
	for _, a := range actions {
		if a.holds != "" {
			add(a.name+" answers", object{
				{key: "covers", value: inline{list{a.name}}},
				{key: "steps", value: list{object{{key: "id", value: "answer"}, {key: "action", value: a.name}, {key: "with", value: inline{object{}}}},
					object{{key: "assert", value: expr("%s", a.holds)}}}},
			})
		}
	}
	for _, a := range actions {
		if a.required {
			add(a.name+" is refused without its inputs", object{
				{key: "kind", value: "negative"},
				{key: "covers", value: inline{list{a.name}}},
				{key: "steps", value: list{object{{key: "action", value: a.name}, {key: "with", value: inline{object{}}}, {key: "expectError", value: inline{object{{key: "status", value: 400}}}}}}},
			})
		}
	}
	var all any = spaced(cases)
	if len(cases) == 0 {
		all = list{}
	}
	top := object{
		{"apiVersion", "slipway.dev/v1", []string{
			"The suite of the connector of " + name + ".", "",
			"To decide: a case for each action that changes something: make it, look at it, and clean up.",
		}},
		{key: "kind", value: "TestSuite"}, {key: "connector", value: key}, {key: "cases", value: all},
	}
	var p printer
	p.members(top, 0)
	return []byte(p.String())
}

// example is an action for a document that has none to offer.
func example() object {
	return object{{key: "name", value: "Get Item"}, {key: "description", value: "Reads an item by its ID."},
		{key: "inputs", value: list{inline{field("item_id", "Item ID", "text", pair{key: "required", value: true})}}},
		{key: "outputs", value: list{inline{field("item", "Item", "object")}}},
		{key: "steps", value: list{
			step("got", object{{key: "http", value: inline{object{{key: "method", value: "GET"}, {key: "path", value: "/items/${ input.item_id }"}}}}}),
			object{{key: "return", value: inline{object{{key: "item", value: expr("steps.got.body")}}}}},
		}}}
}
