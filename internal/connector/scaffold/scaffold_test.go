package scaffold_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/examples/acmehr"
	"slipway/internal/connector"
	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/program"
	"slipway/internal/connector/scaffold"
	"slipway/internal/connector/suite"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/require"
)

// load reads what was made as anybody would, and reports every error.
func load(t *testing.T, files scaffold.Files) *connector.Connector {
	t.Helper()
	c, err := connector.Load(fstest.MapFS{connector.File: {Data: files.Connector}})
	if err != nil {
		t.Fatal(err)
	}
	_, found := suite.Read(suite.File, files.Suite, c)
	found = append(found, c.Findings...)
	if c.Definition != nil {
		found = append(found, lint.Check(c, lint.Options{})...)
	}
	for _, f := range found {
		if f.Level == program.Error {
			t.Error(f)
		}
	}
	if t.Failed() {
		t.Logf("%s\n%s", files.Connector, files.Suite)
	}
	return c
}

func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		name, document string
		options        scaffold.Options
	}{
		{"without a document", "", scaffold.Options{Folder: "my-desk"}},
		{"Basic, variables of the server, pages by number", "basic.json", scaffold.Options{}},
		{"a token, two servers, cursors, wrapped answers", "bearer.yaml", scaffold.Options{}},
		{"keys that go together, plain http, words of YAML", "keys.yaml", scaffold.Options{Key: "tickets"}},
		{"OAuth, no server, no schemas", "oauth.yaml", scaffold.Options{Name: "Rota & Co"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := "small"
			if tt.document != "" {
				name = strings.TrimSuffix(tt.document, filepath.Ext(tt.document))
				text, err := os.ReadFile(filepath.Join("testdata", tt.document))
				if err != nil {
					t.Fatal(err)
				}
				tt.options.OpenAPI = text
			}
			files, err := scaffold.Make(tt.options)
			if err != nil {
				t.Fatal(err)
			}
			load(t, files)
			golden(t, name+".connector.golden", files.Connector)
			golden(t, name+".suite.golden", files.Suite)
			again, err := scaffold.Make(tt.options)
			if err != nil || string(again.Connector) != string(files.Connector) {
				t.Errorf("made a second time, it is another file: %v", err)
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	require.Drawn(t, "internal/connector/scaffold/testdata/"+name, string(got))
}

// document is OpenAPI with these paths.
func document(paths string) string {
	return `{"openapi":"3.0.0","info":{"title":"Strange","version":"1"},"servers":[{"url":"https://api.example.com"}],"paths":{` + paths + `}}`
}

const fine = `"responses":{"200":{"description":"ok"}}`

func TestStrange(t *testing.T) {
	many := ""
	for i := range 150 {
		many += fmt.Sprintf(`"/a%d":{"get":{"operationId":"get item","description":%q,%s}},`, i, strings.Repeat("long ", 100), fine)
	}
	wide := ""
	for i := range 400 {
		wide += fmt.Sprintf(`"member%d":{"type":"string","description":"%s"},`, i, strings.Repeat("x", 200))
	}
	for _, tt := range []struct{ name, document string }{
		{"no paths", `{"openapi":"3.1.0","info":{"title":"x","version":"1"}}`},
		{"no info", `openapi: 3.0.0`},
		{"null everywhere", `{"openapi":"3.0.0","info":null,"servers":[null],"tags":null,"paths":{"/a":null,"/b":{"get":{"parameters":null,"responses":null}}}}`},
		{"a schema that holds itself", document(`"/users":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}},` + fine + `}}},"components":{"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/A"}],"properties":{"a":{"$ref":"#/components/schemas/A"},"email":{"type":"string"}}}}`)},
		{"paths with all kinds of characters", document(`"/a b/{x}/ü?q=1#f":{"get":{` + fine + `}},"/${ conn.x }":{"get":{` + fine + `}},"/{":{"get":{` + fine + `}},"/{}":{"get":{` + fine + `}},"/{a}{a}/{b c}":{"get":{` + fine + `}},"/../x":{"get":{` + fine + `}},"/\"'":{"get":{` + fine + `}},"/%zz":{"get":{` + fine + `}},"/":{"get":{` + fine + `}}`)},
		{"names that are words of YAML or of expressions", document(`"/{null}/{true}":{"post":{"operationId":"null","summary":"~","parameters":[{"name":"yes","in":"query","schema":{"type":"string","default":"no"}},{"name":"in","in":"query"},{"name":"not","in":"query"},{"name":"${ x }","in":"query"},{"name":"a: b","in":"query","description":"- # ' \" ${"},{"name":"1e3","in":"query"},{"name":"<<","in":"query"},{"name":"*a","in":"query"}],"requestBody":{"content":{"application/json":{"schema":{"required":["y","'"],"properties":{"y":{"type":"string","enum":["on","off","~","","${ a","1"]},"'":{"type":"string"},"\\":{"type":"string"},"a'b}":{"type":"string"},"$map":{"type":"string"},"$value":{"type":"string"},"null":{"type":"boolean","default":true},"in":{"type":"number","default":1e400},"n":{"type":"number","default":-1e300}}}}}},` + fine + `}}`)},
		{"names twice", document(`"/a":{"get":{"operationId":"get it",` + fine + `},"post":{"operationId":"Get It","parameters":[{"name":"userId","in":"query"},{"name":"user_id","in":"query"},{"name":"USER-ID","in":"query"}],` + fine + `}},"/b":{"get":{"operationId":"list users",` + fine + `}}`)},
		{"other scripts", document(`"/ユーザー/{名前}":{"get":{"operationId":"ユーザー","summary":"一覧","parameters":[{"name":"名前","in":"path","required":true,"description":"\u2028\u0000\ufeff😀"}],` + fine + `}},"/usuários":{"get":{"operationId":"listarUsuários",` + fine + `}}`)},
		{"more operations than actions", document(strings.TrimSuffix(many, ","))},
		{"a body of hundreds of members", document(`"/users":{"post":{"requestBody":{"required":true,"content":{"application/json":{"schema":{"properties":{` + strings.TrimSuffix(wide, ",") + `}}}}},` + fine + `}}`)},
		{"a body that has to have hundreds of members", document(`"/users":{"post":{"requestBody":{"required":true,"content":{"application/json":{"schema":{"required":["member1","member2"],"properties":{` + strings.TrimSuffix(wide, ",") + `}}}}},` + fine + `}}`)},
		{"members with strange names in users and groups", document(`"/users":{"get":{"parameters":[{"name":"user-name","in":"query"},{"name":"page token","in":"query"}],"responses":{"200":{"description":"","content":{"application/json":{"schema":{"properties":{"the items":{"type":"array","items":{"properties":{"user id":{},"first-name":{"type":"string"},"user name":{"type":"string"},"sta'te":{"type":"string"},"status":{"type":"string","enum":["${active","active'","act ive","in'active"]}}}},"next-cursor":{"type":"string"}}}}}}}},"patch":{` + fine + `}},"/users/{user-id}":{"patch":{"requestBody":{"content":{"application/json":{"schema":{"properties":{"first-name":{"type":"string"},"status":{"type":"string","enum":["act-ive","in-active"]}}}}}},` + fine + `}}`)},
		{"servers of all kinds", `{"openapi":"3.0.0","info":{"title":"x","version":"1"},"servers":[{"url":"{scheme}://{host}:{port}/{a}/{b}/{c}/{d}/${e}","variables":{"host":{"default":"a.b"},"port":{"default":"80"}}},{"url":"ftp://x"},{"url":"https://u:p@h"},{"url":"https://[::1]:8/"}],"paths":{}}`},
		{"a server whose parts are all variables", `{"openapi":"3.0.0","info":{"title":"x","version":"1"},"servers":[{"url":"https://{host}:{port}/{a}/{b}/{c}/{d}","variables":{"host":{"default":"a.b","enum":["a.b","c.d"]},"port":{"default":"80"}}}],"paths":{}}`},
		{"a host that nobody can have", `{"openapi":"3.0.0","info":{"title":"x","version":"1"},"servers":[{"url":"https://exa mple/"}],"paths":{}}`},
		{"ways to connect that do not exist", `{"openapi":"3.0.0","info":{"title":"x","version":"1"},"security":[{"gone":[]},{"a":[],"b":[]},{}],"paths":{},"components":{"securitySchemes":{"a":{"type":"http","scheme":"basic"},"b":{"type":"oauth2","flows":{"clientCredentials":{"tokenUrl":"::","scopes":{"\u0000":""}}}},"c":{"type":"apiKey","in":"header","name":"a b"},"d":{"type":"apiKey","in":"header","name":"Host"},"e":{"type":"apiKey","in":"cookie","name":"sid"},"f":{"type":"mutualTLS"},"g":{"type":"oauth2"},"h":{"type":"http","scheme":"digest"},"${ i }":{"type":"http","scheme":"bearer"}}}}`},
		{"a title of nothing but signs", `{"openapi":"3.0.0","info":{"title":"!!!\n# x: y","version":"1"},"paths":{}}`},
		{"a body of bytes", document(`"/a":{"post":{"requestBody":{"required":true,"content":{"image/${png":{}}},` + fine + `}}`)},
		{"lists in lists", document(`"/a":{"post":{"parameters":[{"name":"l","in":"query","schema":{"type":"array","items":{"type":"array","items":{"type":"array"}}}}],"requestBody":{"content":{"application/json":{"schema":{"type":"array","items":{"type":"array"}}}}},` + fine + `}}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, err := scaffold.Make(scaffold.Options{OpenAPI: []byte(tt.document)})
			if err != nil {
				t.Fatal(err)
			}
			load(t, files)
		})
	}
}

func TestRefused(t *testing.T) {
	chain := ""
	for i := range 200 {
		chain += fmt.Sprintf(`"S%d":{"$ref":"#/components/schemas/S%d"},`, i, i+1)
	}
	laughs := "openapi: 3.0.0\nx-a: &a [x, x, x]\nx-b: [*a, *a]\n"
	for _, tt := range []struct {
		name    string
		options scaffold.Options
		code    fault.Code
		says    string
	}{
		{"a key with capitals", scaffold.Options{Key: "AcmeHR"}, fault.Invalid, "is no key"},
		{"too long a name", scaffold.Options{Name: strings.Repeat("x", 101)}, fault.Invalid, "more than 100"},
		{"no document at all", scaffold.Options{OpenAPI: []byte("")}, fault.Invalid, "OpenAPI"},
		{"something else", scaffold.Options{OpenAPI: []byte("<html>")}, fault.Invalid, "OpenAPI"},
		{"the version before", scaffold.Options{OpenAPI: []byte(`{"swagger":"2.0"}`)}, fault.Invalid, "Convert it"},
		{"the version before, by another name", scaffold.Options{OpenAPI: []byte("openapi: 2.0\npaths: {}\n")}, fault.Invalid, "The document says openapi: 2.0. OpenAPI 3.0 and 3.1 are read."},
		{"a version that is a number", scaffold.Options{OpenAPI: []byte("openapi: 3.0\npaths: {}\n")}, fault.Invalid, "which is a number. Write the version out, such as 3.0.3"},
		{"more than 5 MB", scaffold.Options{OpenAPI: []byte(document(`"/a":{}`) + strings.Repeat(" ", 5<<20))}, fault.TooLarge, "5 MB"},
		{"very many values", scaffold.Options{OpenAPI: []byte(`{"openapi":"3.0.0","x":[` + strings.Repeat("1,", 300_000) + `1]}`)}, fault.TooLarge, "values"},
		{"very deep", scaffold.Options{OpenAPI: []byte(`{"openapi":"3.0.0","x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`)}, fault.Invalid, "lie in each other"},
		{"deeper than any reader goes", scaffold.Options{OpenAPI: []byte(`{"openapi":"3.0.0","x":` + strings.Repeat("[", 1_000_000))}, fault.Invalid, "YAML"},
		{"anchors", scaffold.Options{OpenAPI: []byte(laughs)}, fault.Invalid, "anchors"},
		{"references without end", scaffold.Options{OpenAPI: []byte(document("")[:len(document(""))-1] + `,"components":{"schemas":{` + chain + `"S200":{}}}}`)}, fault.Invalid, "lead to each other"},
		{"references in a circle", scaffold.Options{OpenAPI: []byte(document("")[:len(document(""))-1] + `,"components":{"schemas":{"A":{"$ref":"#/components/schemas/B"},"B":{"$ref":"#/components/schemas/A"}}}}`)}, fault.Invalid, "lead to each other"},
		{"a file of this machine", scaffold.Options{OpenAPI: []byte(document(`"/a":{"$ref":"scaffold_test.go"}`))}, fault.Invalid, "Bundle it"},
		{"an address", scaffold.Options{OpenAPI: []byte(document(`"/a":{"get":{"responses":{"200":{"$ref":"http://127.0.0.1:1/x#/y"}}}}`))}, fault.Invalid, "Bundle it"},
		{"a reference that leads nowhere", scaffold.Options{OpenAPI: []byte(document(`"/a":{"get":{"responses":{"200":{"$ref":"#/components/responses/None"}}}}`))}, fault.Invalid, "no OpenAPI document"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scaffold.Make(tt.options)
			if fault.CodeOf(err) != tt.code || err == nil || !strings.Contains(fault.Show(err).Message, tt.says) {
				t.Errorf("got %v; want %s and %q", err, tt.code, tt.says)
			}
		})
	}
}

func TestWriteNeverOverwrites(t *testing.T) {
	files, err := scaffold.Make(scaffold.Options{Folder: "x1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{connector.File, suite.File} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := scaffold.Write(dir, files); !errors.Is(err, fault.New(fault.Conflict, "")) {
			t.Errorf("a folder with %s: %v, want a conflict", name, err)
		}
		entries, _ := os.ReadDir(dir)
		if text, _ := os.ReadFile(filepath.Join(dir, name)); string(text) != "mine" || len(entries) != 1 {
			t.Errorf("a folder with %s: it was changed: %d files, %q", name, len(entries), text)
		}
	}
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if err := scaffold.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	if c, err := connector.Load(os.DirFS(dir)); err != nil || c.Key != "x1" {
		t.Errorf("what was written: %v", err)
	}
	if err := scaffold.Write(dir, files); !errors.Is(err, fault.New(fault.Conflict, "")) {
		t.Errorf("a second time: %v, want a conflict", err)
	}
}

// acme makes a connector of the description of Acme HR's API, for a server that runs.
func acme(t *testing.T) (*acmehr.Server, *connector.Connector, *engine.Machine, scaffold.Files) {
	t.Helper()
	server := acmehr.New()
	address, stop := server.Start()
	t.Cleanup(stop)
	text, err := os.ReadFile("../../../examples/acmehr/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "https://api.acmehr.example.com", address))
	files, err := scaffold.Make(scaffold.Options{OpenAPI: text})
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, files)
	m, _, err := c.Machine(connector.Setting{
		Method: "token", Entered: map[string]string{"api_token": acmehr.Token}, HTTP: true,
		API: engine.Live{Client: egress.New(egress.AllowPrivate(), egress.Options{Timeout: 5 * time.Second})},
	})
	if err != nil {
		t.Fatal(err)
	}
	return server, c, m, files
}

func TestAcmeIsGuessed(t *testing.T) {
	_, _, _, files := acme(t)
	var all []string
	for _, c := range contract.All {
		all = append(all, c.Name)
	}
	if diff := cmp.Diff(all, files.Report.Guessed); diff != "" {
		t.Errorf("not all contracts of Acme HR were guessed: -want +got\n%s", diff)
	}
}

// What was guessed of Acme HR does on its server what it shall.
func TestAcmeRuns(t *testing.T) {
	server, c, m, _ := acme(t)
	ctx := context.Background()
	if status, err := c.Ping(ctx, m); err != nil || !status.Working || !strings.HasPrefix(status.Message, "Connected as ") {
		t.Errorf("ping: %+v, %v", status, err)
	}
	run := func(name string, with map[string]any) map[string]any {
		t.Helper()
		f, err := c.Action(name)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := connector.Run(ctx, m, f, with)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return answer.Outputs
	}
	at := func(v any, path ...string) any {
		for _, name := range path {
			o, _ := v.(map[string]any)
			v = o[name]
		}
		return v
	}
	made := run("Create User", map[string]any{"user": map[string]any{"userName": "mo@example.com", "name": map[string]any{"givenName": "Mo", "familyName": "Nowak"}, "title": "Lead",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": map[string]any{"department": "sales"}}})
	id, _ := at(made, "user", "id").(string)
	if id == "" || at(made, "user", "userName") != "mo@example.com" || at(made, "user", "active") != true || at(made, "user", "name", "familyName") != "Nowak" {
		t.Errorf("Create User gave %v", made)
	}
	run("Update User", map[string]any{"user": map[string]any{"id": id, "title": "Head"}})
	got := run("Get User by ID", map[string]any{"userId": id})
	if at(got, "user", "title") != "Head" || at(got, "user", "name", "givenName") != "Mo" {
		t.Errorf("Get User by ID gave %v", got)
	}
	if found := run("Get User by UserName", map[string]any{"userName": "mo@example.com"}); at(found, "user", "id") != id {
		t.Errorf("Get User by UserName gave %v", found)
	}
	run("Deactivate User", map[string]any{"userId": id})
	if got := run("Get User by ID", map[string]any{"userId": id}); at(got, "user", "active") != false {
		t.Errorf("after Deactivate User, Get User by ID gave %v", got)
	}
	var listed []string
	cursor := any(nil)
	for range 100 {
		page := run("List Users", map[string]any{"pagination": map[string]any{"limit": 2.0, "cursor": cursor}})
		resources, _ := page["resources"].([]any)
		for _, r := range resources {
			listed = append(listed, fmt.Sprint(at(r, "id")))
		}
		if cursor = at(page, "pagination", "nextCursor"); cursor == nil {
			break
		}
	}
	if len(listed) != len(server.Users()) || len(slices.Compact(slices.Sorted(slices.Values(listed)))) != len(listed) {
		t.Errorf("List Users gave %v, and there are %d users", listed, len(server.Users()))
	}
	group := run("Create Group", map[string]any{"group": map[string]any{"displayName": "Night"}})
	groupID, _ := at(group, "group", "id").(string)
	run("Add Group Members", map[string]any{"groupId": groupID, "groupMembers": []any{map[string]any{"value": id}}})
	if members := run("List Group Members", map[string]any{"groupId": groupID}); len(members["resources"].([]any)) != 1 {
		t.Errorf("List Group Members gave %v", members)
	}
	if gone := run("Log Out Everywhere", map[string]any{"externalUserId": "nobody"}); gone["logoutStatus"] != "FAILURE" {
		t.Errorf("Log Out Everywhere of nobody gave %v", gone)
	}
}

func FuzzScaffold(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.[jy]*")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 || text == nil {
			return
		}
		files, err := scaffold.Make(scaffold.Options{OpenAPI: text})
		if err == nil {
			load(t, files)
		} else if fault.CodeOf(err) == fault.Internal {
			t.Error(err)
		}
	})
}

// What is listed is what the map shows: each attribute says where SCIM has it.
func TestSchemaListsWhatTheMapShows(t *testing.T) {
	_, _, _, files := acme(t)
	for _, want := range []string{
		"{ name: email, title: Email, propertyType: EMAIL, required: true, externalName: userName }",
		"{ name: first, title: First, propertyType: STRING, required: true, externalName: name.givenName }",
		"{ name: state, title: State, propertyType: BOOLEAN, required: false, externalName: active }",
		"To decide: the map scimUser does not show roles, ",
	} {
		if !strings.Contains(string(files.Connector), want) {
			t.Errorf("connector.yaml lacks %s", want)
		}
	}
}
