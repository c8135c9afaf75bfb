package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alecthomas/kong"

	"slipway/examples/acmehr"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/report"
)

// acmeToken is in no file of the example, so that wherever it stands it has leaked.
const acmeToken = "canary-acme/7f+e1=02"

const acmeFolder = "../../examples/acmehr"

// connectorRun parses the arguments as the program does, runs the command, and returns its exit status and output.
func connectorRun(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var cli struct {
		Connector connectorCmd `cmd:""`
	}
	parser, err := kong.New(&cli, kong.Exit(func(int) { t.Fatal("kong exits by itself") }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"connector"}, args...)); err != nil {
		return exitUsage, "", err.Error()
	}
	var out, errOut bytes.Buffer
	c := &cli.Connector
	for _, a := range []*connectorArg{
		&c.Lint.connectorArg, &c.Show.connectorArg, &c.Ping.connectorArg, &c.Run.connectorArg, &c.Test.connectorArg, &c.Record.connectorArg,
		&c.Replay.connectorArg, &c.Pack.connectorArg, &c.Diff.connectorArg,
	} {
		a.stdout, a.stderr = &out, &errOut
	}
	c.Run.stdin = strings.NewReader(stdin)
	ctx := t.Context()
	switch args[0] {
	case "lint":
		err = c.Lint.Run(ctx)
	case "show":
		err = c.Show.Run(ctx)
	case "ping":
		err = c.Ping.Run(ctx)
	case "run":
		err = c.Run.Run(ctx)
	case "test":
		err = c.Test.Run(ctx)
	case "record":
		err = c.Record.Run(ctx)
	case "replay":
		err = c.Replay.Run(ctx)
	case "pack":
		err = c.Pack.Run(ctx)
	case "diff":
		err = c.Diff.Run(ctx)
	}
	if s, ok := errors.AsType[exitStatus](err); ok {
		status = int(s)
	} else if err != nil {
		t.Fatalf("%v: %v is no exit status", args, err)
	}
	noToken(t, strings.Join(args, " "), out.Bytes(), errOut.Bytes())
	return status, out.String(), errOut.String()
}

// noToken looks for the token in every form in which it may stand.
func noToken(t *testing.T, where string, texts ...[]byte) {
	t.Helper()
	for _, text := range texts {
		for _, form := range []string{acmeToken, "canary", url.QueryEscape(acmeToken), url.PathEscape(acmeToken), base64.StdEncoding.EncodeToString([]byte(acmeToken)), strings.ReplaceAll(acmeToken, "/", `\/`)} {
			if bytes.Contains(text, []byte(form)) {
				t.Errorf("%s shows the token as %s", where, form)
			}
		}
	}
}

// acme starts Acme HR and returns the flags that connect to it; the token is in the environment.
func acme(t *testing.T, options ...acmehr.Option) []string {
	t.Helper()
	address, stop := acmehr.New(append([]acmehr.Option{acmehr.WithToken(acmeToken)}, options...)...).Start()
	t.Cleanup(stop)
	t.Setenv("SLIPWAY_CONN_API_TOKEN", acmeToken)
	return []string{"--set", "address=" + address, "--allow-private"}
}

// copied is the example in a folder of its own, with changed pieces of its files: name, text, and what stands in its place.
func copied(t *testing.T, changes ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"connector.yaml", "suite.yaml"} {
		text, err := os.ReadFile(filepath.Join(acmeFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+2 < len(changes); i += 3 {
			if changes[i] == name {
				if !bytes.Contains(text, []byte(changes[i+1])) {
					t.Fatalf("%s has no %q any more", name, changes[i+1])
				}
				text = bytes.Replace(text, []byte(changes[i+1]), []byte(changes[i+2]), 1)
			}
		}
		put(t, filepath.Join(dir, name), text)
	}
	if err := os.CopyFS(filepath.Join(dir, "cassettes"), os.DirFS(filepath.Join(acmeFolder, "cassettes"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

func put(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// suiteOf is a connector's folder with a suite of these cases.
func suiteOf(t *testing.T, cases string) string {
	t.Helper()
	dir := copied(t)
	put(t, filepath.Join(dir, "suite.yaml"), []byte("apiVersion: slipway.dev/v1\nkind: TestSuite\nconnector: acmehr\n"+cases))
	return dir
}

func TestConnectorExitStatus(t *testing.T) {
	sound := acme(t)
	broken := acme(t, acmehr.WithDefects(acmehr.TeamRenameLost))
	nobody := []string{"--set", "address=http://127.0.0.1:1", "--allow-private"}
	wrong := append([]string{"--set", "api_token=canary-wrong"}, sound...)
	public := sound[:2]
	number := filepath.Join(t.TempDir(), "number.flow")
	put(t, number, []byte("7"))
	inputs := filepath.Join(t.TempDir(), "inputs.json")
	put(t, inputs, []byte(`{"userId": "0"}`))
	with := func(flags []string, args ...string) []string { return append(args, flags...) }
	run := func(flags []string, args ...string) []string {
		return append(append([]string{"run", "--in", acmeFolder}, args...), flags...)
	}
	bad := copied(t, "connector.yaml", "path: /me", "path: /me, pfad: /me")
	unknownAction := suiteOf(t, "cases: [{ id: TC001, title: x, steps: [{ action: Fire User }] }]")
	uncalled := suiteOf(t, "cases: [{ id: TC001, title: x, covers: [List Users], steps: [{ action: Count Users }] }]")
	empty := suiteOf(t, "cases: [{ id: TC001, title: x, steps: [] }]")
	for _, tt := range []struct {
		name string
		args []string
		want int
		says string
	}{
		{"lint finds nothing wrong", []string{"lint", acmeFolder}, 0, ""},
		{"lint names the place", []string{"lint", bad}, exitFailed, "connector.yaml:41"},
		{"lint writes SARIF", []string{"lint", bad, "--format", "sarif"}, exitFailed, `"$schema"`},
		{"lint reads the suite too", []string{"lint", unknownAction}, exitFailed, `The connector has no action "Fire User"`},
		{"lint holds covers against the steps", []string{"lint", uncalled}, exitFailed, `No step of the case calls "List Users"`},
		{"lint wants steps", []string{"lint", empty}, exitFailed, "suite.yaml:4"},
		{"lint of nothing", []string{"lint", t.TempDir()}, exitUsage, "There is neither connector.yaml nor"},
		{"lint of nothing says how to begin", []string{"lint", t.TempDir()}, exitUsage, "To begin one: slipway connector init"},
		{"lint of a document says how to make a connector", []string{"lint", filepath.Join(acmeFolder, "openapi.yaml")}, exitUsage, "slipway connector init DIR --openapi FILE"},
		{"lint of another file says what it takes", []string{"lint", "connector.go"}, exitUsage, "exported flows (.flow, .folder, .flopack), or a packed connector (.zip)"},
		{"lint of a flow that is a number", []string{"lint", number}, exitFailed, "error SW100: The file is a number, where another kind of value belongs"},
		{"lint of a file that cannot be read says so alone", []string{"lint", copied(t, "connector.yaml", "apiVersion:", " apiVersion:")}, exitFailed, "\n1 error, 0 warnings"},
		{"lint knows what was meant", []string{"lint", copied(t, "connector.yaml", "path: /me", "path: /me, queri: {}")}, exitFailed, `did you mean "query"?`},
		{"lint of what is not there", []string{"lint", "nowhere"}, exitUsage, "nowhere cannot be read"},
		{"show prints cards in order", []string{"show", acmeFolder}, 0, "Log Out Everywhere"},

		{"ping works", with(sound, "ping", acmeFolder), 0, "The connection works: Connected as integration@acmehr.example.com."},
		{"ping with a wrong token", with(wrong[:2], append([]string{"ping", acmeFolder}, sound...)...), exitFailed, "The connection does not work"},
		{"ping of a private address", with(public, "ping", acmeFolder), exitFailed, "is not asked over http; use https. For an API on this machine or in your network, add --allow-private."},
		{"ping of a host that is not allowed", with([]string{"--set", "address=http://10.0.0.1:1", "--allow-private"}, "ping", copied(t, "connector.yaml", "allowedHosts:", "allowedHosts: [api.acmehr.example.com] #"), "--set", "api_token=x"), exitFailed, "Add it to allowedHosts"},
		{"ping where nobody answers", with(nobody, "ping", acmeFolder), exitNotRun, "refused the connection"},
		{"ping without a token", append([]string{"ping", acmeFolder, "--set", "api_token="}, nobody...), exitUsage, "Set SLIPWAY_CONN_API_TOKEN, or give --set api_token=…"},
		{"ping with a field that is not there", with(sound, "ping", acmeFolder, "--set", "tokn=x"), exitUsage, `no field "tokn"; it has `},
		{"ping with a way that is not there", with(sound, "ping", acmeFolder, "--auth", "magic"), exitUsage, `no way to connect called "magic"`},

		{"run with inputs by name", run(sound, "Get User by UserName", "--input", "userName=nobody@example.com"), exitFailed, "Nobody in Acme HR has the email nobody@example.com."},
		{"run names the place", run(sound, "Get User by ID", "--input", "userId=0"), exitFailed, "connector.yaml:"},
		{"run with inputs from a file", run(sound, "Get User by ID", "--inputs", inputs), exitFailed, "There is no such user."},
		{"run with inputs from standard input", run(sound, "Count Users", "--inputs", "-"), 0, `"count": 0`},
		{"run by contract", run(sound, "provisioning.listUsers"), 0, `"resources": []`},
		{"run by label, in any case", run(sound, "Move User To Team", "--input", "user id=0", "--input", `TEAMS=["1"]`), exitFailed, "There is no such user."},
		{"run without a required input", run(sound, "Move User To Team"), exitFailed, "No User ID input provided. Enter a valid User ID."},
		{"run with an input that is not there", run(sound, "Count Users", "--input", "colour=red"), exitUsage, `takes no input "colour". It takes: "Changed since"`},
		{"run of an action that is not there", run(sound, "Fire User"), exitUsage, `There is no action "Fire User". There are: "Activate User"`},
		{"run with a file that is no object", run(sound, "Count Users", "--inputs", filepath.Join(acmeFolder, "connector.yaml")), exitUsage, "is no JSON object"},
		{"run with an input that is half JSON", run(sound, "Create User", "--input", `user={"userName":`), exitUsage, "begins like JSON and is none"},
		{"run with a trace", run(sound, "Count Users", "--trace"), 0, "paginate"},
		{"run where nobody answers", run(nobody, "Count Users"), exitNotRun, "refused the connection"},
		{"run without an action", []string{"run", "--in", acmeFolder}, exitUsage, "<action>"},

		{"test passes", with(sound, "test", acmeFolder, "--changes"), 0, "PASSED"},
		{"test of a defect", with(broken, "test", acmeFolder), exitFailed, "FAILED   TC027"},
		{"test of a defect blames no action for want of a case", with(broken, "test", acmeFolder), exitFailed, "TC027, which covers it with good input, did not pass. Look there first."},
		{"test of one case", with(broken, "test", acmeFolder, "--only", "TC001"), 0, "PASSED: 1 passed"},
		{"test of generated cases", with(sound, "test", acmeFolder, "--only", "G01", "--only", "G06-ListGroups"), 0, "PASSED: 2 passed"},
		{"test of a case that is not there", with(sound, "test", acmeFolder, "--only", "TC777"), exitUsage, `There is no case "TC777"`},
		{"test of the contracts", with(sound, "test", acmeFolder, "--only", "contracts"), 0, "contract.create.empty"},
		{"test of contracts and of a case that is not there", with(sound, "test", acmeFolder, "--only", "contracts", "--only", "TC777"), exitUsage, "TC777"},
		{"test where nobody answers", with(nobody, "test", acmeFolder, "--only", "TC001", "--only", "G02"), exitNotRun, "slipway connector test: Nothing was run, for the API does not answer the ping. "},
		{"record where nobody answers", with(nobody, "record", copied(t)), exitNotRun, "refused the connection"},
		{"test of an unknown action", with(sound, "test", unknownAction), exitFailed, "suite.yaml has an error: suite.yaml:4: error SW005: The connector has no action \"Fire User\"."},
		{"test with a suite that is not there", with(sound, "test", acmeFolder, "--suite", "other.yaml"), exitUsage, "other.yaml cannot be read"},
		{"test of a private address says so once", with(public, "test", acmeFolder), exitFailed, "slipway connector test: connector.yaml:40: "},
		{"and how it is allowed", with(public, "test", acmeFolder), exitFailed, "add --allow-private"},
		{"lint of the suite's file is lint of its folder", []string{"lint", filepath.Join(acmeFolder, "suite.yaml")}, 0, ""},
		{"test without a token says so once", append([]string{"test", acmeFolder, "--set", "api_token="}, nobody...), exitUsage, "Enter API token. Set SLIPWAY_CONN_API_TOKEN"},
		{"an unknown format", with(sound, "test", acmeFolder, "--format", "yaml"), exitUsage, "--format"},

		{"replay needs neither network nor secrets", []string{"replay", acmeFolder}, 0, "127.0.0.1:8090/api/v2, as recorded"},
		{"replay of what was not recorded", []string{"replay", acmeFolder, "--recordings", "nowhere", "--only", "TC001"}, exitNotRun, "The case was never recorded"},
		{"replay names a request that was not recorded", []string{"replay", copied(t, "connector.yaml", "/sessions/${ vars.id }/revoke", "/session/${ vars.id }/revoke"), "--only", "TC042"}, exitFailed, "the address is http://127.0.0.1:8090/api/v2/session/"},
		{"replay names a member of a body", []string{"replay", copied(t, "connector.yaml", "json: { url:", "json: { x: 1, url:", "connector.yaml", "json: { password: ", "json: { again: 1, password: "), "--only", "TC010"}, exitFailed, "the body has again, which was not recorded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errOut := connectorRun(t, "{}", tt.args...)
			if status != tt.want || !strings.Contains(out+errOut, tt.says) {
				t.Errorf("exit %d; want %d and %q in\n%s%s", status, tt.want, tt.says, out, errOut)
			}
		})
	}
}

// Ctrl-C and the like are tested in examples/acmehr. Here: what was recorded replays, and no file holds the token.
func TestConnectorRecordAndReplay(t *testing.T) {
	flags := acme(t, acmehr.WithDefects(acmehr.TokenInError))
	dir := copied(t)
	if err := os.RemoveAll(filepath.Join(dir, "cassettes")); err != nil {
		t.Fatal(err)
	}
	status, out, errOut := connectorRun(t, "", append([]string{"record", dir, "--changes", "--format", "json", "--out", filepath.Join(dir, "report.json")}, flags...)...)
	report, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if status != exitFailed || !bytes.Contains(report, []byte("A secret stands in")) { // the API repeats tokens
		t.Errorf("record: exit %d, %v\n%s%s", status, err, out, errOut)
	}
	files := 0
	err = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(name)
		noToken(t, name, text)
		return err
	})
	if err != nil || files < 50 {
		t.Errorf("%d files, %v", files, err)
	}
	t.Setenv("SLIPWAY_CONN_API_TOKEN", "")
	reports := map[string]bool{}
	for range 2 {
		status, out, errOut := connectorRun(t, "", "replay", dir, "--only", "TC001", "--only", "G01", "--only", "G06", "--format", "json")
		var report map[string]any
		if err := json.Unmarshal([]byte(out), &report); err != nil || status != 0 {
			t.Fatalf("replay: exit %d, %v\n%s%s", status, err, out, errOut)
		}
		for _, name := range []string{"started", "duration_ns", "seed"} {
			delete(report, name)
		}
		same, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		reports[string(same)] = true
	}
	if len(reports) != 1 {
		t.Error("two replays report differently")
	}
}

// What was sent is counted once, and what was found is told once.
func TestConnectorTestCounts(t *testing.T) {
	api := acmehr.New(acmehr.WithToken(acmeToken), acmehr.WithDefects(acmehr.CreateAcceptsEmpty))
	var asked atomic.Int64
	counting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(counting.Close)
	t.Setenv("SLIPWAY_CONN_API_TOKEN", acmeToken)
	_, out, errOut := connectorRun(t, "", "test", acmeFolder, "--changes", "--format", "json", "--set", "address="+counting.URL, "--allow-private")
	var rep report.Report
	if err := json.Unmarshal([]byte(out), &rep); err != nil {
		t.Fatalf("%v\n%s", err, errOut)
	}
	if got := asked.Load(); int64(rep.Requests)+1 != got { // and one before the run: may the API be asked at all?
		t.Errorf("the report counts %d requests, the API %d", rep.Requests, got)
	}
	seen := map[string]bool{}
	for _, c := range rep.Checks {
		if seen[c.ID] || c.Title == "" || c.Family == "" || c.Message == "" {
			t.Errorf("%q, %q, of family %q says %q; before: %v", c.ID, c.Title, c.Family, c.Message, seen[c.ID])
		}
		seen[c.ID] = true
	}
}

func TestConnectorTestFormats(t *testing.T) {
	flags := acme(t, acmehr.WithDefects(acmehr.TeamRenameLost))
	for format, want := range map[string]string{"json": `"verdict": "failed"`, "junit": `<testsuites name=`, "sarif": `"ruleId"`, "html": "<!doctype html>", "text": "FAILED   TC027"} {
		file := filepath.Join(t.TempDir(), "report")
		status, out, errOut := connectorRun(t, "", append([]string{"test", acmeFolder, "--only", "TC027", "--only", "G01", "--format", format, "--out", file}, flags...)...)
		text, err := os.ReadFile(file)
		if err != nil || status != exitFailed || out != "" || !strings.Contains(errOut, "FAILED: ") {
			t.Errorf("%s: exit %d, %v, standard output %q, standard error %q", format, status, err, out, errOut)
		}
		if noToken(t, format, text); !strings.Contains(string(text), want) {
			t.Errorf("%s: %q is missing:\n%.500s", format, want, text)
		}
	}
}

// The flows that a suite names run with it.
func TestConnectorTestWithExportedFlows(t *testing.T) {
	flags := acme(t)
	dir := suiteOf(t, "flopack:\n  file: tests.folder\n  cases:\n    - { flow: TC010 Unknown user, expect: error, status: 404 }\n    - { flow: TC012 Lost }\n")
	unknown, all := flopacktest.NewFlow("TC010 Unknown user"), flopacktest.NewFlow("TC011 All users")
	unknown.Start()
	unknown.Add("app/acmehr/getUserById", "Get User by ID", flopacktest.In("userId", "0"))
	all.Start()
	all.Add("app/acmehr/listUsers", "List Users")
	put(t, filepath.Join(dir, "tests.folder"), flopacktest.New(unknown, all).Bytes())
	for _, tt := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"test", dir}, exitFailed, "  ok       TC010"}, // coverage fails: the flows try two actions
		{[]string{"test", dir, "--only", "TC010", "--only", "TC011"}, 0, "PASSED: 2 passed"},
		{[]string{"test", dir, "--only", "TC012"}, exitNotRun, `There is no flow "TC012 Lost"`},
		{[]string{"test", dir, "--suite", "tests.folder", "--only", "TC010"}, exitFailed, "It ended with an error"}, // nobody said that it shall
	} {
		if status, out, errOut := connectorRun(t, "", append(tt.args, flags...)...); status != tt.want || !strings.Contains(out+errOut, tt.says) {
			t.Errorf("%v: exit %d; want %d and %q in\n%s%s", tt.args, status, tt.want, tt.says, out, errOut)
		}
	}
}

func TestConnectorPackAndDiff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "acmehr.zip")
	status, out, errOut := connectorRun(t, "", "pack", acmeFolder, "--out", file)
	if status != 0 || !strings.Contains(out, "Acme HR, content ") {
		t.Fatalf("pack: exit %d\n%s%s", status, out, errOut)
	}
	again := filepath.Join(dir, "again.zip")
	if status, other, _ := connectorRun(t, "", "pack", file, "--out", again); status != 0 || strings.SplitN(other, ":", 2)[1] != strings.SplitN(out, ":", 2)[1] {
		t.Errorf("packed again, it means something else: %s, before %s", other, out)
	}
	one, errOne := os.ReadFile(file)
	two, errTwo := os.ReadFile(again)
	if errOne != nil || errTwo != nil || !bytes.Equal(one, two) {
		t.Errorf("packed again, it is another file (%v, %v)", errOne, errTwo)
	}
	missing := copied(t, "suite.yaml", "action: Count Users", "action: Count Everybody")
	unread := copied(t, "connector.yaml", "apiVersion:", " apiVersion:")
	extra := copied(t, "connector.yaml", "        - { key: api_token,", "        - { key: extra, label: Extra, type: text }\n        - { key: api_token,")
	silent := copied(t)
	if err := os.RemoveAll(filepath.Join(silent, "cassettes")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want int
		says string
	}{
		{"a packed connector replays", []string{"replay", file, "--only", "TC001", "--only", "G04-TC001"}, 0, "PASSED: 2 passed"},
		{"and is not recorded into", []string{"record", file, "--set", "address=http://127.0.0.1:1", "--set", "api_token=x", "--allow-private"}, exitUsage, "Unpack it, record its folder, and pack that again."},
		{"the same", []string{"diff", file, acmeFolder}, 0, "Both mean the same"},
		{"a comment more is the same", []string{"diff", file, copied(t, "connector.yaml", "kind: Connector", "kind: Connector # of ours")}, 0, "Both mean the same"},
		{"another sentence", []string{"diff", file, copied(t, "connector.yaml", "Ends every session of a user.", "Ends all sessions of a user.")}, 0, "Nothing changes for those who use the connector"},
		{"an action less", []string{"diff", file, copied(t, "connector.yaml", "- name: Count Users", "- name: Count People", "suite.yaml", "covers: [Count Users]", "covers: [Count Users]")}, exitFailed, "1 change breaks what"},
		{"an input that is required now", []string{"diff", file, copied(t, "connector.yaml", "label: Changed since, type: date", "label: Changed since, type: date, required: true")}, exitFailed, "break"},
		{"another key", []string{"diff", file, copied(t, "connector.yaml", "key: acmehr", "key: acmehrtoo")}, exitFailed, `The key was "acmehr", and is "acmehrtoo"`},
		{"an event less", []string{"diff", file, copied(t, "connector.yaml", "name: User Deactivated", "name: User Gone")}, exitFailed, `The event "User Deactivated" is gone`},
		{"a way to connect less", []string{"diff", file, copied(t, "connector.yaml", "- id: oauth", "- id: client")}, exitFailed, `"OAuth client" (oauth) is gone`},
		{"a new required field", []string{"diff", file, extra}, exitFailed, `new required field "extra"`},
		{"and why its recordings are of no use", []string{"diff", file, extra}, exitFailed, "so nothing can be said about the wire: The connection is not complete.\n  extra: Enter Extra.\n1 change"},
		{"nothing was recorded", []string{"diff", silent, copied(t, "connector.yaml", "Ends every session of a user.", "Ends all sessions of a user.")}, 0, "Nothing changes for those who use the connector; the wire was not compared."},
		{"a request that is another, in the last sentence", []string{"diff", file, copied(t, "connector.yaml", "json: { password: ", "json: { force: true, password: ")}, 0, "Nothing changes for those who use the connector; 2 cases differ on the wire."},
		{"a request that is another", []string{"diff", file, copied(t, "connector.yaml", "json: { password: ", "json: { force: true, password: ")}, 0, "the body has force, which was not recorded"},
		{"a suite that does not fit", []string{"pack", missing}, exitFailed, "The connector has 2 errors, which slipway connector lint lists. The first: "},
		{"a connector with an error that only lint sees", []string{"pack", copied(t, "connector.yaml", "path: /me", "path: https://elsewhere.example.org/me")}, exitFailed, "The connector has an error: connector.yaml:40: error SW016"},
		{"a definition that cannot be read is one error", []string{"pack", copied(t, "connector.yaml", "path: /me", "path: /me, pfad: /me")}, exitFailed, "The connector has an error: connector.yaml:41: error SW002"},
		{"test flows that are not there", []string{"pack", suiteOf(t, "flopack: { file: tests.folder }\n")}, exitFailed, `suite.yaml:4: error SW013: There is no file "tests.folder"`},
		{"a file that cannot be written", []string{"pack", acmeFolder, "--out", filepath.Join(dir, "missing", "x.zip")}, exitUsage, "cannot be written"},
		{"two that cannot be read are not the same", []string{"diff", unread, unread}, exitFailed, "connector.yaml has an error"},
		{"nor packed", []string{"pack", unread}, exitFailed, "connector.yaml:"},
		{"nor shown as empty", []string{"show", unread}, exitFailed, "connector.yaml:"},
		{"nor replayed", []string{"replay", unread}, exitFailed, "slipway connector replay: connector.yaml has an error"},
		{"before is not there", []string{"diff", "nowhere", acmeFolder}, exitUsage, "nowhere cannot be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errOut := connectorRun(t, "", tt.args...)
			if status != tt.want || !strings.Contains(out+errOut, tt.says) {
				t.Errorf("exit %d; want %d and %q in\n%s%s", status, tt.want, tt.says, out, errOut)
			}
		})
	}
}

// What lies beside a connector stays there.
func TestConnectorPackTakesItsParts(t *testing.T) {
	t.Parallel()
	dir := copied(t, "connector.yaml", "  accentColor:", "  icon: ./icon.png\n  accentColor:", "connector.yaml", "\nevents:", "\nflopack: { include: [\"flows/*.flow\"] }\nevents:",
		"suite.yaml", "\nvars:", "\nflopack: { file: tests.folder }\nvars:")
	flow := flopacktest.NewFlow("TC010 All users")
	flow.Start()
	flow.Add("app/acmehr/listUsers", "List Users")
	helper := flopacktest.NewFlow("Helps")
	helper.Add("control/return", "Return", flopacktest.From("a", helper.Start(flopacktest.In("a", "")).Out("a", "string")))
	for name, text := range map[string][]byte{
		"icon.png": []byte("icon"), "README.md": []byte("# Acme"), "tests.folder": flopacktest.New(flow).Bytes(), "flows/helps.flow": flopacktest.New(helper).Bytes(),
		"secrets.yaml": []byte("token: x"), "notes.md": []byte("x"), "old.png": []byte("x"), "flows/notes.yaml": []byte("x"), "cassettes/notes.md": []byte("x"), ".env": []byte("x"),
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name), text)
	}
	file := filepath.Join(t.TempDir(), "acmehr.zip")
	status, out, errOut := connectorRun(t, "", "pack", dir, "--out", file)
	const says = "It holds README.md, connector.yaml, flows/helps.flow, icon.png, suite.yaml, tests.folder, cassettes ("
	if status != 0 || !strings.Contains(out, says) {
		t.Fatalf("exit %d; want 0 and %q in\n%s%s", status, says, out, errOut)
	}
	packed, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	var names []string
	for _, f := range packed.File {
		if !strings.HasPrefix(f.Name, "cassettes/TC") && !strings.HasPrefix(f.Name, "cassettes/G") && f.Name != "cassettes/contracts.yaml" {
			names = append(names, f.Name)
		}
	}
	if got := strings.Join(names, " "); got != "README.md connector.yaml flows/helps.flow icon.png suite.yaml tests.folder" {
		t.Errorf("packed besides the recordings: %s", got)
	}
}

// A file of which no flow can be read is told of by every command, and is no empty connector.
func TestConnectorOfAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "users.flow")
	put(t, file, []byte("{}"))
	for _, args := range [][]string{{"lint", file}, {"show", file}, {"ping", file}, {"run", "A", "--in", file}, {"test", file}, {"replay", dir}, {"pack", dir}, {"diff", file, file}} {
		if status, out, errOut := connectorRun(t, "", args...); status != exitFailed || !strings.Contains(out+errOut, "users.flow: error SW101") {
			t.Errorf("%v: exit %d; want 1 and SW101 in\n%s%s", args, status, out, errOut)
		}
	}
}

// Lint reads the flows that a suite names, and holds them against its list.
func TestConnectorLintsExportedTestFlows(t *testing.T) {
	t.Parallel()
	dir := suiteOf(t, "flopack:\n  file: tests.folder\n  cases:\n    - { flow: TC010 Unknown user }\n    - { flow: TC012 Lost }\n")
	var flows []*flopacktest.Flow
	for _, name := range []string{"TC010 Unknown user", "TC011 All users"} {
		f := flopacktest.NewFlow(name)
		f.Start()
		f.Add("app/acmehr/listUsers", "List Users")
		flows = append(flows, f)
	}
	for _, tt := range []struct {
		name string
		text []byte // nil where the file is not there
		want int
		says []string
	}{
		{"no file", nil, exitFailed, []string{`suite.yaml:5: error SW013: There is no file "tests.folder" that can be read.`}},
		{"another list", flopacktest.New(flows...).Bytes(), 0, []string{`suite.yaml:8: warning SW006: There is no flow "TC012 Lost" in tests.folder.`, `suite.yaml:6: warning SW006: The flow "TC011 All users" of tests.folder is not listed.`, "0 errors, 2 warnings"}},
		{"no flows", []byte("{}"), exitFailed, []string{"tests.folder: error SW101"}},
	} {
		if tt.text != nil {
			put(t, filepath.Join(dir, "tests.folder"), tt.text)
		}
		status, out, errOut := connectorRun(t, "", "lint", dir)
		for _, says := range tt.says {
			if status != tt.want || !strings.Contains(out, says) {
				t.Errorf("%s: exit %d; want %d and %q in\n%s%s", tt.name, status, tt.want, says, out, errOut)
			}
		}
	}
}

// Packed connectors come from strangers.
func TestPackedConnectorsOfStrangers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	definition, err := os.ReadFile(filepath.Join(acmeFolder, "connector.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	packed := func(name string, add func(w *zip.Writer)) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		if !strings.HasPrefix(name, "without") {
			file, _ := w.Create("connector.yaml")
			_, _ = file.Write(definition)
		}
		add(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".zip")
		put(t, path, b.Bytes())
		return path
	}
	entry := func(name string, mode fs.FileMode, content []byte) func(*zip.Writer) {
		return func(w *zip.Writer) {
			h := &zip.FileHeader{Name: name, Method: zip.Deflate}
			h.SetMode(mode)
			file, err := w.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = file.Write(content)
		}
	}
	liar := packed("without-truth", entry("connector.yaml", 0o600, bytes.Repeat([]byte("#"), 64<<20)))
	lie(t, liar, 64<<20, 100)
	ordinary := packed("ordinary", entry("docs/", fs.ModeDir|0o700, nil)) // as other programs pack folders
	if status, out, errOut := connectorRun(t, "", "lint", ordinary); status != 0 {
		t.Errorf("an ordinary archive: exit %d\n%s%s", status, out, errOut)
	}
	text := filepath.Join(dir, "text.zip")
	put(t, text, []byte("no archive"))
	for _, tt := range []struct{ name, file, says string }{
		{"a bomb", packed("bomb", entry("big.yaml", 0o600, make([]byte, 64<<20))), "packed tighter than any connector is"},
		{"a bomb that lies about its size", liar, "cannot be read"},
		{"a way out of the folder", packed("out", entry("../connector.yaml", 0o600, nil)), "which is no name"},
		{"a way from the root", packed("root", entry("/etc/passwd.yaml", 0o600, nil)), "which is no name"},
		{"a way of Windows", packed("windows", entry(`..\x.yaml`, 0o600, nil)), "which is no name"},
		{"a link", packed("link", entry("suite.yaml", fs.ModeSymlink|0o777, []byte("/etc/passwd"))), "which is no name"},
		{"too many files", packed("many", func(w *zip.Writer) {
			for i := range 2001 {
				entry(strings.Repeat("x", 1+i/26%26)+string(rune('a'+i%26))+strings.Repeat("y", i/676)+".md", 0o600, nil)(w)
			}
		}), "more than 2000"},
		{"nothing of a connector", packed("without", entry("readme.md", 0o600, []byte("Hello"))), "There is neither connector.yaml"},
		{"no archive", text, "is no packed connector"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, command := range []string{"lint", "show", "replay", "pack"} {
				if status, out, errOut := connectorRun(t, "", command, tt.file); status != exitUsage || !strings.Contains(errOut, tt.says) {
					t.Errorf("%s: exit %d; want %d and %q in\n%s%s", command, status, exitUsage, tt.says, out, errOut)
				}
			}
		})
	}
}

// lie makes an archive say that its one file is smaller than it is.
func lie(t *testing.T, name string, size, said uint32) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	was, is := binary.LittleEndian.AppendUint32(nil, size), binary.LittleEndian.AppendUint32(nil, said)
	if !bytes.Contains(text, was) {
		t.Fatal("the archive does not say how large its file is")
	}
	put(t, name, bytes.ReplaceAll(text, was, is))
}
