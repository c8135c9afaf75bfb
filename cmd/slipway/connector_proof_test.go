package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/connector/flopack/flopacktest"
)

func TestWhatDidNotRunIsNoPass(t *testing.T) {
	flags := acme(t)
	away := copied(t, "connector.yaml", "- name: Count Users", "- name: Ask Another\n    steps: [{ http: { method: GET, path: \"https://other.example.com/\" } }]\n  - name: Count Users")
	put(t, filepath.Join(away, "suite.yaml"), []byte("apiVersion: slipway.dev/v1\nkind: TestSuite\nconnector: acmehr\ncases: [{ id: TC001, title: x, kind: negative, steps: [{ action: Ask Another, expectError: {} }] }]\n"))
	flows := suiteOf(t, "")
	good, bad, said := flopacktest.NewFlow("Same"), flopacktest.NewFlow("Same"), flopacktest.NewFlow("Said")
	bad.ID = "flow-the-other"
	good.Start()
	bad.Start()
	bad.Add("control/throw", "Return Error", flopacktest.In("message", "It is broken."))
	said.Start()
	said.Add("control/return", "Return", flopacktest.In("passed", "false"))
	put(t, filepath.Join(flows, "same.folder"), flopacktest.New(good, bad).Bytes())
	put(t, filepath.Join(flows, "emas.folder"), flopacktest.New(bad, good).Bytes())
	put(t, filepath.Join(flows, "said.folder"), flopacktest.New(said).Bytes())
	put(t, filepath.Join(flows, "cut.folder"), []byte(`{"type":"flopack"`))
	for _, tt := range []struct {
		name string
		args []string
		want int
		says string
	}{
		{"a request that must not be sent is no expected error", []string{"test", away, "--only", "TC001"}, exitFailed, "is not among those"},
		{"two flows of one name both run", []string{"test", flows, "--suite", "same.folder"}, exitFailed, "It is broken."},
		{"in whatever order", []string{"test", flows, "--suite", "emas.folder"}, exitFailed, "It is broken."},
		{"false as text is false", []string{"test", flows, "--suite", "said.folder"}, exitFailed, "It returned passed false"},
		{"a file that cannot be read has not passed", []string{"test", flows, "--suite", "cut.folder"}, exitNotRun, "NOT RUN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errOut := connectorRun(t, "", append(tt.args, flags...)...)
			if status != tt.want || !strings.Contains(out+errOut, tt.says) {
				t.Errorf("exit %d; want %d and %q in\n%s%s", status, tt.want, tt.says, out, errOut)
			}
		})
	}
}

func TestDiffSaysWhatItCouldNotCompare(t *testing.T) {
	t.Parallel()
	before := copied(t)
	if err := os.RemoveAll(filepath.Join(before, "cassettes")); err != nil {
		t.Fatal(err)
	}
	after := copied(t, "connector.yaml", "json: { password: ", "json: { force: true, password: ")
	_, out, _ := connectorRun(t, "", "diff", before, after)
	if strings.Contains(out, "nor on the wire") || !strings.Contains(out, "not compared") {
		t.Errorf("nothing was recorded, and it says:\n%s", out)
	}
}

func TestATokenInTheAddressIsNotShown(t *testing.T) {
	flags := acme(t)
	dir := copied(t, "connector.yaml", "/api/v2", "/api/v2/${ conn.api_token }")
	_, out, _ := connectorRun(t, "", append([]string{"test", dir, "--only", "TC001", "--format", "json"}, flags...)...)
	if !strings.Contains(out, "/api/v2/") { // connectorRun looks for the token
		t.Errorf("the report names no address:\n%s", out)
	}
}

// Exported flows take addresses from wherever they like, and name no hosts: nobody is asked whom nobody has named.
func TestExportedFlowsAskWhoWasNamed(t *testing.T) {
	asked := 0
	api := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(api.Close)
	dir := t.TempDir()
	f := flopacktest.NewFlow("Ask")
	url := f.Start(flopacktest.In("url", "")).Out("url", "string")
	f.Add("http/raw", "Raw Request", flopacktest.From("url", url)).Retry()
	put(t, filepath.Join(dir, "ask.folder"), flopacktest.New(f).Bytes())
	run := []string{"run", "Ask", "--in", dir, "--allow-private", "--input", "url=" + api.URL}
	status, _, errOut := connectorRun(t, "", run...)
	if status != exitFailed || asked > 0 || !strings.Contains(errOut, "give --allow-host") {
		t.Errorf("exit %d, asked %d times: %s", status, asked, errOut)
	}
	if status, _, errOut := connectorRun(t, "", append(run, "--allow-host", "127.0.0.1")...); status != 0 || asked != 1 {
		t.Errorf("with a host: exit %d, asked %d times: %s", status, asked, errOut)
	}
}
