package scimtest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/scim"
)

// expect fails unless got is what the RFC wants.
func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// expectError fails unless r is a SCIM error of RFC 7644 §3.12.
func expectError(t *testing.T, what string, r reply, status int, scimType string) {
	t.Helper()
	if r.status != status || r.object.String("status") != fmt.Sprint(status) || r.scimType() != scimType || r.object.String("detail") == "" ||
		!r.object.HasSchema(scim.SchemaError) || r.header.Get("Content-Type") != scim.MediaType {
		t.Errorf("%s: got %d %s as %s; want a SCIM error %d %s", what, r.status, r.text, r.header.Get("Content-Type"), status, scimType)
	}
	if _, isText := r.object["status"].(string); !isText {
		t.Errorf("%s: status must be a text: %s", what, r.text)
	}
}

func TestCredentialsObeyRFC7644(t *testing.T) {
	w := start(t)
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		for _, path := range []string{"/Users", "/Users/1", "/Groups", "/Bulk", "/Me", "/.search", "/ServiceProviderConfig", "/Nope"} {
			r := w.call(method, path, "", "Authorization", "")
			expectError(t, method+" "+path+" without credentials", r, 401, "")
			expect(t, "WWW-Authenticate", r.header.Get("WWW-Authenticate"), `Bearer realm="scim"`)
		}
	}
	for _, bad := range []string{"Bearer wrong", "non-token", "Bearer", "Bearer ", "Basic !!!", "Foo " + token, token} {
		expectError(t, bad, w.call("GET", "/Users", "", "Authorization", bad), 401, "")
	}
	for _, good := range []string{"Bearer " + token, "bearer " + token, "BEARER " + token} {
		expect(t, good, w.call("GET", "/Users", "", "Authorization", good).status, 200)
	}
	basic := &wire{t: t, s: New(WithBasic("jane", "pässword"), WithHeader("X-Key", "k"))}
	var stop func()
	basic.base, stop = basic.s.Start()
	defer stop()
	expect(t, "basic", basic.call("GET", "/Users", "", "Authorization", "Basic amFuZTpww6Rzc3dvcmQ=").status, 200)
	expect(t, "wrong password", basic.call("GET", "/Users", "", "Authorization", "Basic amFuZTp4").status, 401)
	expect(t, "key", basic.call("GET", "/Users", "", "Authorization", "", "X-Key", "k").status, 200)
	expect(t, "wrong key", basic.call("GET", "/Users", "", "Authorization", "", "X-Key", "x").status, 401)
}

func TestDiscoveryObeysRFC7643(t *testing.T) {
	w := start(t)
	provider := w.get("/ServiceProviderConfig")
	expect(t, "status", provider.status, 200)
	expect(t, "schemas", strings.Join(provider.object.Schemas(), " "), scim.SchemaSPC)
	for path, want := range map[string]any{
		"patch.supported": true, "filter.supported": true, "sort.supported": true, "bulk.supported": true, "etag.supported": true,
		"changePassword.supported": true, "filter.maxResults": 1000.0, "bulk.maxOperations": 1000.0, "bulk.maxPayloadSize": 1048576.0,
		"authenticationSchemes.type": "oauthbearertoken", "authenticationSchemes.primary": true,
	} {
		expect(t, path, provider.object.Get(path), want)
	}
	types := w.get("/ResourceTypes")
	expect(t, "resource types", types.total(), 2)
	for i, want := range []string{"User /Users " + scim.SchemaUser, "Group /Groups " + scim.SchemaGroup} {
		r := types.resources()[i]
		expect(t, "resource type", r.String("name")+" "+r.String("endpoint")+" "+r.String("schema"), want)
		expect(t, "by its id", w.get("/ResourceTypes/"+r.ID()).object.ID(), r.ID())
	}
	expect(t, "extension", types.resources()[0]["schemaExtensions"].([]any)[0].(map[string]any)["schema"], any(scim.SchemaEnterpriseUser))
	schemas := w.get("/Schemas")
	expect(t, "schemas", schemas.total(), 6)
	for _, r := range schemas.resources() {
		one := w.get("/Schemas/" + url.PathEscape(r.ID()))
		expect(t, "by its URN", one.object.ID(), r.ID())
		if attributes, _ := one.object["attributes"].([]any); len(attributes) == 0 {
			t.Errorf("%s has no attributes", r.ID())
		}
	}
	for _, path := range []string{"/Schemas/urn:nope", "/ResourceTypes/Nope", "/ServiceProviderConfig/1"} {
		expectError(t, path, w.get(path), 404, "")
	}
	for _, path := range []string{"/Schemas", "/ResourceTypes", "/ServiceProviderConfig"} {
		expectError(t, "POST "+path, w.call("POST", path, "{}"), 405, "")
		expectError(t, "a filter on "+path, w.get(path+"?filter=x"), 403, "")
	}
}

func TestUsersObeyRFC7644(t *testing.T) {
	w := start(t)
	full := `"id":"forged","meta":{"created":"1999"},"groups":[],"password":"Secret-1","externalId":"00u1","active":true,"locale":"en-US",` +
		`"name":{"givenName":"Jane","familyName":"Doe"},"emails":[{"value":"Jane@example.com","type":"work","primary":true}],` +
		`"` + scim.SchemaEnterpriseUser + `":{"department":"R&D"},"shoeSize":43`
	created := w.call("POST", "/Users", userBody("Jane.Doe@example.com", full))
	expect(t, "create", created.status, 201)
	u := created.object
	id := u.ID()
	if id == "forged" || id == "" {
		t.Errorf("the id is %q", id)
	}
	expect(t, "Location", created.header.Get("Location"), w.base+"/Users/"+id)
	expect(t, "meta.location", u.String("meta.location"), w.base+"/Users/"+id)
	expect(t, "meta.created", u.String("meta.created"), u.String("meta.lastModified"))
	if _, err := time.Parse(time.RFC3339, u.String("meta.created")); err != nil {
		t.Errorf("meta.created: %v", err)
	}
	expect(t, "userName as sent", u.UserName(), "Jane.Doe@example.com")
	expect(t, "externalId as sent", u.ExternalID(), "00u1")
	expect(t, "schemas", strings.Join(u.Schemas(), " "), scim.SchemaUser+" "+scim.SchemaEnterpriseUser)
	expect(t, "an unknown attribute", u["shoeSize"], nil)
	for _, path := range []string{"/Users/" + id, "/Users", "/Users?attributes=password", "/Users/" + id + "?attributes=password,userName"} {
		if r := w.get(path); r.status != 200 || strings.Contains(r.text, "assword") {
			t.Errorf("GET %s: %d %s: no password is ever shown", path, r.status, r.text)
		}
	}
	if password, _ := w.s.Password("JANE.DOE@example.com"); password != "Secret-1" {
		t.Errorf("the password is %q", password)
	}
	expect(t, "read back", w.get("/Users/"+id).text, created.text)

	expectError(t, "the same name", w.call("POST", "/Users", userBody("Jane.Doe@example.com", "")), 409, "uniqueness")
	expectError(t, "the same name in capitals", w.call("POST", "/Users", userBody("JANE.DOE@EXAMPLE.COM", "")), 409, "uniqueness")
	expect(t, "active by default", w.user("plain", "").Get("active"), any(true))

	put := w.call("PUT", "/Users/"+id, userBody("jane2", `"id":"other","title":"Boss","meta":{"created":"1999"},"active":false`))
	expect(t, "replace", put.status, 200)
	expect(t, "the id stays", put.object.ID(), id)
	expect(t, "what is left out goes", put.object["name"], nil)
	expect(t, "created stays", put.object.String("meta.created"), u.String("meta.created"))
	expect(t, "inactive", put.object.String("active"), "false")
	expect(t, "read back", w.get("/Users/"+id).text, put.text)
	if password, _ := w.s.Password("jane2"); password != "Secret-1" {
		t.Errorf("a PUT without password has changed it to %q", password)
	}
	roundtrip := strings.Replace(w.get("/Users/"+id).text, `"Boss"`, `"Chief"`, 1)
	expect(t, "a round trip", w.call("PUT", "/Users/"+id, roundtrip).object.String("title"), "Chief")
	expectError(t, "another's name", w.call("PUT", "/Users/"+id, userBody("PLAIN", "")), 409, "uniqueness")
	expect(t, "own name in capitals", w.call("PUT", "/Users/"+id, userBody("JANE2", "")).status, 200)
	expectError(t, "PUT without a name", w.call("PUT", "/Users/"+id, `{"schemas":["`+scim.SchemaUser+`"]}`), 400, "invalidValue")
	expectError(t, "PUT of an unknown id", w.call("PUT", "/Users/nope", userBody("x", "")), 404, "")
	expectError(t, "id in capitals", w.get("/Users/"+strings.ToUpper(id)), 404, "")

	gone := w.call("DELETE", "/Users/"+id, "")
	expect(t, "delete", gone.status, 204)
	expect(t, "without a body", gone.text, "")
	for _, method := range []string{"GET", "DELETE"} {
		expectError(t, method+" after delete", w.call(method, "/Users/"+id, ""), 404, "")
	}
	expectError(t, "PATCH after delete", w.call("PATCH", "/Users/"+id, patchBody(`{"op":"replace","path":"title","value":"x"}`)), 404, "")
	expect(t, "gone from the filter", w.filter(`userName eq "JANE2"`).total(), 0)
	if again := w.user("jane2", ""); again.ID() == id {
		t.Error("an id was used again")
	}
}

func TestBodiesObeyRFC7644(t *testing.T) {
	w := start(t)
	for _, tt := range []struct {
		name, body, contentType string
		status                  int
		scimType                string
	}{
		{"half an object", `{`, scim.MediaType, 400, "invalidSyntax"},
		{"an array", `[]`, scim.MediaType, 400, "invalidSyntax"},
		{"a text", `"x"`, scim.MediaType, 400, "invalidSyntax"},
		{"null", `null`, scim.MediaType, 400, "invalidSyntax"},
		{"no schemas", `{"userName":"x"}`, scim.MediaType, 400, "invalidValue"},
		{"the schema of a group", groupBody("x"), scim.MediaType, 400, "invalidValue"},
		{"no userName", `{"schemas":["` + scim.SchemaUser + `"]}`, scim.MediaType, 400, "invalidValue"},
		{"a wrong type", userBody("x", `"active":"maybe"`), scim.MediaType, 400, "invalidValue"},
		{"XML", `<user/>`, "text/xml", 415, ""},
		{"no media type", userBody("x", ""), "", 415, ""},
		{"more than 4 MiB", userBody("x", `"title":"`+strings.Repeat("x", maxRequest)+`"`), scim.MediaType, 413, ""},
	} {
		expectError(t, tt.name, w.call("POST", "/Users", tt.body, "Content-Type", tt.contentType), tt.status, tt.scimType)
	}
	expect(t, "nothing was created", w.get("/Users").total(), 0)
	for _, media := range []string{"application/json", "application/json; charset=utf-8", "application/scim+json; charset=utf-8"} {
		expect(t, media, w.call("POST", "/Users", userBody(media, ""), "Content-Type", media).status, 201)
	}
	for path, method := range map[string]string{"/Users": "PUT", "/Users/1": "POST", "/Groups": "DELETE", "/.search": "GET"} {
		r := w.call(method, path, "")
		expectError(t, method+" "+path, r, 405, "")
		if r.header.Get("Allow") == "" {
			t.Errorf("%s %s: a 405 names what is allowed", method, path)
		}
	}
	expectError(t, "an unknown endpoint", w.get("/Nope"), 404, "")
	expectError(t, "below a user", w.get("/Users/1/2"), 404, "")
	expectError(t, "me", w.get("/Me"), 501, "")
	expect(t, "a slash at the end", w.get("/Users/").status, 200)
}

func TestListsObeyRFC7644(t *testing.T) {
	w := start(t)
	empty := w.get("/Users")
	expect(t, "nobody", empty.text, `{"schemas":["`+scim.SchemaListResponse+`"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}`)
	for i, title := range []string{"c", "", "B", "a", "a"} {
		w.user(fmt.Sprintf("user%d", i), `"title":"`+title+`","externalId":"`+title+`","active":`+fmt.Sprint(i != 3))
	}
	for _, tt := range []struct {
		query        string
		start, total int
		want         string
	}{
		{"", 1, 5, "user0 user1 user2 user3 user4"},
		{"count=2", 1, 5, "user0 user1"},
		{"startIndex=3&count=2", 3, 5, "user2 user3"},
		{"startIndex=5&count=2", 5, 5, "user4"},
		{"startIndex=6&count=2", 6, 5, ""},
		{"startIndex=0&count=1", 1, 5, "user0"},
		{"startIndex=-4&count=1", 1, 5, "user0"},
		{"count=0", 1, 5, ""},
		{"count=-1", 1, 5, ""},
		{"count=100000", 1, 5, "user0 user1 user2 user3 user4"},
		{"unknown=x", 1, 5, "user0 user1 user2 user3 user4"},
		{"sortBy=title", 1, 5, "user3 user4 user2 user0 user1"},
		{"sortBy=TITLE&sortOrder=descending", 1, 5, "user1 user0 user2 user3 user4"},
		{"sortBy=externalId", 1, 5, "user2 user3 user4 user0 user1"}, // caseExact: B before a
		{"sortBy=EXTERNALID&sortOrder=descending", 1, 5, "user1 user0 user3 user4 user2"},
		{"sortBy=userName&sortOrder=descending&count=2", 1, 5, "user4 user3"},
		{"filter=" + url.QueryEscape(`title eq "a"`) + "&count=1", 1, 2, "user3"},
		{"filter=" + url.QueryEscape(`title eq "a"`) + "&count=1&startIndex=2", 2, 2, "user4"},
		{"filter=" + url.QueryEscape(`userName eq "USER2"`), 1, 1, "user2"},
		{"filter=" + url.QueryEscape(`userName eq "user2" and active eq false`), 1, 0, ""},
		{"filter=" + url.QueryEscape(`active eq false`), 1, 1, "user3"},
		{"filter=" + url.QueryEscape(`password pr`), 1, 0, ""},
		{"filter=" + strings.ReplaceAll(url.QueryEscape(`USERNAME EQ "user2"`), "+", "%20"), 1, 1, "user2"},
	} {
		r := w.get("/Users?" + tt.query)
		expect(t, tt.query+": who", userNames(r.resources()), tt.want)
		expect(t, tt.query+": totalResults", r.total(), tt.total)
		expect(t, tt.query+": startIndex", r.object.Get("startIndex"), any(float64(tt.start)))
		expect(t, tt.query+": itemsPerPage", r.object.Get("itemsPerPage"), any(float64(len(r.resources()))))
	}
	for _, bad := range []string{`userName regex "x"`, `userName eq "x`, `"x"`, `userName eq`, `active gt true`, ``} {
		expectError(t, bad, w.filter(bad), 400, "invalidFilter")
	}
	expectError(t, "count=abc", w.get("/Users?count=abc"), 400, "invalidValue")

	search := `{"schemas":["` + scim.SchemaSearchRequest + `"],"filter":"title eq \"a\"","count":1,"startIndex":2,"attributes":["title"]}`
	r := w.call("POST", "/Users/.search", search)
	expect(t, "search", r.status, 200)
	expect(t, "search finds", r.total(), 2)
	expect(t, "search projects", len(r.resources()[0]), 3)
	w.group("team")
	expect(t, "search over everything", w.call("POST", "/.search", `{"schemas":["`+scim.SchemaSearchRequest+`"],"filter":"meta.resourceType eq \"Group\""}`).total(), 1)
	expectError(t, "search without its schema", w.call("POST", "/Users/.search", `{"filter":"title pr"}`), 400, "invalidValue")
}

func TestProjectionObeysRFC7644(t *testing.T) {
	w := start(t)
	u := w.user("jane", `"title":"Boss","name":{"givenName":"J","familyName":"D"},"emails":[{"value":"a","type":"work"},{"value":"b","type":"home"}],"`+
		scim.SchemaEnterpriseUser+`":{"department":"R&D","costCenter":"1"}`)
	const always = `"id":"ID","schemas":["` + scim.SchemaUser + `","` + scim.SchemaEnterpriseUser + `"]`
	for query, want := range map[string]string{
		"attributes=userName":                       `{` + always + `,"userName":"jane"}`,
		"attributes=USERNAME,%20title":              `{` + always + `,"title":"Boss","userName":"jane"}`,
		"attributes=name.givenName":                 `{` + always + `,"name":{"givenName":"J"}}`,
		"attributes=name.givenName,name.familyName": `{` + always + `,"name":{"familyName":"D","givenName":"J"}}`,
		"attributes=emails.value":                   `{"emails":[{"value":"a"},{"value":"b"}],` + always + `}`,
		"attributes=" + scim.SchemaUser + ":title":  `{` + always + `,"title":"Boss"}`,
		"attributes=" + scim.SchemaEnterpriseUser:   `{` + always + `,"` + scim.SchemaEnterpriseUser + `":{"costCenter":"1","department":"R&D"}}`,
		"attributes=" + scim.SchemaEnterpriseUser + ":department&excludedAttributes=title": `{` + always + `,"` + scim.SchemaEnterpriseUser + `":{"department":"R&D"}}`,
		"attributes=nope,password": `{` + always + `}`,
		"excludedAttributes=meta,emails,name,active,id,schemas," + scim.SchemaEnterpriseUser:                           `{` + always + `,"title":"Boss","userName":"jane"}`,
		"excludedAttributes=meta,emails.type,name.givenName,active,title," + scim.SchemaEnterpriseUser + ":costCenter": `{"emails":[{"value":"a"},{"value":"b"}],` + always + `,"name":{"familyName":"D"},"` + scim.SchemaEnterpriseUser + `":{"department":"R&D"},"userName":"jane"}`,
	} {
		var object scim.Resource
		if err := json.Unmarshal([]byte(strings.Replace(want, "ID", u.ID(), 1)), &object); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(object, w.get("/Users/"+u.ID()+"?"+query).object); diff != "" {
			t.Errorf("%s: want -, got +\n%s", query, diff)
		}
	}
	patched := w.call("PATCH", "/Users/"+u.ID()+"?attributes=title", patchBody(`{"op":"replace","path":"title","value":"Chief"}`))
	expect(t, "PATCH projects", len(patched.object), 3)
	expect(t, "what was left out is still stored", w.get("/Users/"+u.ID()).object.String("name.givenName"), "J")
}

func TestPatchObeysRFC7644(t *testing.T) {
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	w := start(t, WithClock(func() time.Time { clock = clock.Add(time.Second); return clock }))
	u := w.user("jane", `"title":"Boss","password":"old"`)
	path := "/Users/" + u.ID()
	w.user("joe", "")
	r := w.call("PATCH", path, patchBody(`{"op":"Replace","value":{"active":false}},{"op":"add","path":"name.givenName","value":"J"},{"op":"replace","path":"password","value":"new"}`))
	expect(t, "status", r.status, 200)
	expect(t, "active", r.object.String("active"), "false")
	expect(t, "read back", w.get(path).text, r.text)
	if password, _ := w.s.Password("jane"); password != "new" || strings.Contains(r.text, "password") {
		t.Errorf("the password is %q, the answer %s", password, r.text)
	}
	if r.object.String("meta.lastModified") <= u.String("meta.lastModified") || r.object.String("meta.created") != u.String("meta.created") {
		t.Errorf("meta of a changed user: %v, before %v", r.object["meta"], u["meta"])
	}
	again := w.call("PATCH", path, patchBody(`{"op":"replace","value":{"active":false}}`))
	expect(t, "what changes nothing", again.text, r.text)
	for _, tt := range []struct {
		name, body string
		status     int
		scimType   string
	}{
		{"no schemas", `{"Operations":[{"op":"remove","path":"title"}]}`, 400, "invalidSyntax"},
		{"no operations", patchBody(""), 400, "invalidSyntax"},
		{"an operation that is no object", patchBody(`7`), 400, "invalidSyntax"},
		{"a replace without value", patchBody(`{"op":"replace","path":"title"}`), 400, "invalidValue"},
		{"the second fails", patchBody(`{"op":"remove","path":"title"},{"op":"remove","path":"userName"}`), 400, "mutability"},
		{"no such value", patchBody(`{"op":"replace","path":"emails[type eq \"x\"].value","value":"y"}`), 400, "noTarget"},
		{"another's name", patchBody(`{"op":"replace","path":"userName","value":"JOE"}`), 409, "uniqueness"},
	} {
		expectError(t, tt.name, w.call("PATCH", path, tt.body), tt.status, tt.scimType)
		expect(t, tt.name+": nothing has changed", w.get(path).text, r.text)
	}
	expectError(t, "an unknown id", w.call("PATCH", "/Users/nope", patchBody(`{"op":"remove","path":"title"}`)), 404, "")
}

func TestGroupsObeyRFC7644(t *testing.T) {
	w := start(t)
	a, b, c := w.user("ann", "").ID(), w.user("bob", "").ID(), w.user("cid", "").ID()
	expect(t, "no groups", w.get("/Groups").total(), 0)
	created := w.call("POST", "/Groups", groupBody("Team", a, b, a))
	expect(t, "create", created.status, 201)
	g := created.object
	path := "/Groups/" + g.ID()
	expect(t, "Location", created.header.Get("Location"), w.base+path)
	expect(t, "members", members(g), a+" "+b)
	first := membersOf(g)[0]
	expect(t, "a member", fmt.Sprint(first["type"], first["display"], first["$ref"]), "Userann"+w.base+"/Users/"+a)
	expect(t, "read back", w.get(path).text, created.text)
	expect(t, "the same name twice", w.group("Team").String("displayName"), "Team")
	expect(t, "by name", w.get("/Groups?filter="+url.QueryEscape(`displayName eq "team"`)).total(), 2)
	expect(t, "by member", w.get("/Groups?filter="+url.QueryEscape(`members.value eq "`+a+`"`)).total(), 1)
	expect(t, "without members", w.get(path + "?excludedAttributes=members").object["members"], nil)

	joined := w.get("/Users/" + a).object
	expect(t, "user.groups", fmt.Sprint(joined.Get("groups.value"), joined.Get("groups.display"), joined.Get("groups.type")), g.ID()+"Teamdirect")
	expect(t, "users by group", w.filter(`groups.value eq "`+g.ID()+`"`).total(), 2)

	for _, step := range []struct{ name, ops, want string }{
		{"remove by filter", `{"op":"remove","path":"members[value eq \"` + a + `\"]"}`, b},
		{"remove a stranger", `{"op":"remove","path":"members[value eq \"` + a + `\"]"}`, b},
		{"add two, one is there", `{"op":"add","path":"members","value":[{"value":"` + b + `","display":"B"},{"value":"` + c + `"}]}`, b + " " + c},
		{"remove and add", `{"op":"remove","path":"members[value eq \"` + b + `\"]"},{"op":"add","path":"members","value":[{"value":"` + a + `"}]}`, c + " " + a},
		{"replace all", `{"op":"replace","path":"members","value":[{"value":"` + b + `"}]}`, b},
		{"replace with nobody", `{"op":"replace","path":"members","value":[]}`, ""},
		{"all, without path", `{"op":"replace","value":{"members":[{"value":"` + a + `"}]}}`, a},
		{"Entra's list", `{"op":"Remove","path":"members","value":[{"value":"` + a + `"}]}`, ""},
	} {
		r := w.call("PATCH", path, patchBody(step.ops))
		expect(t, step.name+": status", r.status, 200)
		expect(t, step.name, members(w.get(path).object), step.want)
	}
	renamed := w.call("PATCH", path, patchBody(`{"op":"replace","value":{"id":"`+g.ID()+`","displayName":"Crew"}}`))
	expect(t, "rename as Okta does", renamed.object.String("displayName"), "Crew")
	unknown := w.call("PATCH", path, patchBody(`{"op":"add","path":"members","value":[{"value":"`+a+`"},{"value":"nobody-9"}]}`))
	expectError(t, "an unknown member", unknown, 400, "invalidValue")
	if !strings.Contains(unknown.object.String("detail"), "nobody-9") {
		t.Errorf("the detail names the unknown member: %s", unknown.text)
	}
	expect(t, "and adds nobody", members(w.get(path).object), "")

	put := w.call("PUT", path, groupBody("Staff", a, b))
	expect(t, "replace", members(put.object), a+" "+b)
	expect(t, "a group in a group", membersOf(w.group("Outer", g.ID()))[0]["type"], any("Group"))
	expect(t, "delete a member", w.call("DELETE", "/Users/"+a, "").status, 204)
	expect(t, "deletion leaves groups", members(w.get(path).object), b)
	expect(t, "delete a group", w.call("DELETE", path, "").status, 204)
	expectError(t, "gone", w.get(path), 404, "")
	expect(t, "users stay", w.get("/Users/"+b).status, 200)
	expect(t, "and are in no group", w.get("/Users/" + b).object["groups"], nil)
	expect(t, "nor is the outer group's member", members(w.get("/Groups?filter=" + url.QueryEscape(`displayName eq "outer"`)).resources()[0]), "")
	expectError(t, "no name", w.call("POST", "/Groups", `{"schemas":["`+scim.SchemaGroup+`"]}`), 400, "invalidValue")
}
