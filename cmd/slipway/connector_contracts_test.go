package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/examples/acmehr"
	"slipway/internal/lab/battery"
	"slipway/internal/report"
)

// contractBench is Acme HR with a folder that holds its connector.
type contractBench struct {
	t       *testing.T
	server  *acmehr.Server
	address string
	folder  string
}

func newContractBench(t *testing.T) *contractBench {
	t.Helper()
	b := &contractBench{t: t, server: acmehr.New(), folder: t.TempDir()}
	address, stop := b.server.Start()
	t.Cleanup(stop)
	b.address = address
	text, err := os.ReadFile("../../examples/acmehr/connector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.folder, "connector.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *contractBench) flags(out *bytes.Buffer) (suiteFlags, connectionFlags) {
	return suiteFlags{connectorArg: connectorArg{Path: b.folder, stdout: out, stderr: out}, Suite: "suite.yaml", Recordings: "cassettes", Format: "json"},
		connectionFlags{Set: map[string]string{"address": b.address, "api_token": acmehr.Token}, AllowPrivate: true}
}

// read returns the report, and the battery's part of it by id.
func (b *contractBench) read(out *bytes.Buffer) (report.Report, map[string]report.Result) {
	b.t.Helper()
	var rep report.Report
	if err := json.Unmarshal(out.Bytes(), &rep); err != nil {
		b.t.Fatalf("%v: %s", err, out)
	}
	checks := map[string]report.Result{}
	for _, c := range rep.Checks {
		if c.Family == battery.Family {
			checks[c.ID] = c
		}
	}
	return rep, checks
}

func (b *contractBench) record(changes bool) (report.Report, map[string]report.Result) {
	b.t.Helper()
	var out bytes.Buffer
	flags, connection := b.flags(&out)
	_ = (&connectorRecordCmd{flags, connection, changes}).Run(b.t.Context())
	return b.read(&out)
}

func (b *contractBench) replay() (report.Report, map[string]report.Result) {
	b.t.Helper()
	var out bytes.Buffer
	flags, _ := b.flags(&out)
	_ = (&connectorReplayCmd{suiteFlags: flags}).Run(b.t.Context())
	return b.read(&out)
}

func TestContractsAreRecordedAndReplayed(t *testing.T) {
	for _, changes := range []bool{true, false} {
		b := newContractBench(t)
		b.server.AddUser(acmehr.User{Email: "ann@acme.example", First: "Ann", Last: "Lee"})
		rep, recorded := b.record(changes)
		if len(recorded) != len(battery.Checks()) || len(rep.Leftovers) != 0 {
			t.Errorf("changes %t: %d checks, left %v", changes, len(recorded), rep.Leftovers)
		}
		for id, c := range recorded {
			if c.Verdict == report.Failed || c.Verdict == report.Warned || changes && c.Verdict != report.Passed {
				t.Errorf("changes %t: %s: %s %s", changes, id, c.Outcome, c.Message)
			}
		}
		if people := len(b.server.Users()); changes == (people == 1) {
			t.Errorf("changes %t, and there are %d people", changes, people)
		}
		cassette, err := os.ReadFile(filepath.Join(b.folder, "cassettes", "contracts.yaml"))
		if err != nil || bytes.Contains(cassette, []byte(acmehr.Token)) {
			t.Errorf("the recording: %v, or it holds the token", err)
		}
		b.server.Forget()
		for range 2 {
			if _, again := b.replay(); len(again) != len(recorded) {
				t.Errorf("changes %t: %d checks replayed, %d recorded: %v", changes, len(again), len(recorded), again["contracts"].Message)
			} else {
				for id, c := range again {
					if c.Outcome != recorded[id].Outcome || c.Message != recorded[id].Message {
						t.Errorf("changes %t: %s: recorded %s %s, replayed %s %s", changes, id, recorded[id].Outcome, recorded[id].Message, c.Outcome, c.Message)
					}
				}
			}
		}
		if n := len(b.server.Journal()); n != 0 {
			t.Errorf("a replay asked the API %d times", n)
		}
	}
}

func TestAContractThatIsBrokenFailsTheConnector(t *testing.T) {
	b := newContractBench(t)
	b.server.Switch(acmehr.MembersAddReplaces)
	rep, checks := b.record(true)
	if c := checks["contract.members.add.others"]; c.Outcome != report.Fail || !c.Blocking || len(c.Exchanges) == 0 || rep.Verdict != report.Failed {
		t.Errorf("%s; %+v", rep.Verdict, c)
	}
	if _, err := os.Stat(filepath.Join(b.folder, "cassettes", "contracts.yaml")); err == nil {
		t.Error("what failed was kept as a recording")
	}
	if _, checks = b.replay(); checks["contracts"].Verdict != report.NotRun || !strings.Contains(checks["contracts"].Message, "never recorded") {
		t.Errorf("a replay without a recording: %+v", checks)
	}
}

func TestAReplayIsHeldAgainstItsRecording(t *testing.T) {
	b := newContractBench(t)
	b.record(true)
	file := filepath.Join(b.folder, "connector.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte("path: /roles"), []byte("path: /grants")), 0o600); err != nil {
		t.Fatal(err)
	}
	rep, checks := b.replay()
	if c := checks["contract.entitlement.values"]; c.Verdict == report.Passed || rep.Verdict == report.Passed {
		t.Errorf("%s; %+v", rep.Verdict, c)
	}
}

func TestAConnectorWithoutContractsHasNoBattery(t *testing.T) {
	b := newContractBench(t)
	text := `apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: tiny, name: Tiny, description: Asks one thing. }
connection:
  baseUrl: ${ conn.address }/api/v2
  allowedHosts: [127.0.0.1]
  auth:
    - id: token
      label: API token
      type: custom
      fields: [{ key: address, label: Address, type: text }, { key: api_token, label: API token, type: secret }]
      apply: { headers: { Authorization: "Bearer ${ conn.api_token }" } }
  ping: { http: { method: GET, path: /me }, ok: "${ res.body.active }" }
actions:
  - name: Ask
    description: Asks.
    steps: [{ http: { method: GET, path: /me } }]
`
	if err := os.WriteFile(filepath.Join(b.folder, "connector.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, checks := b.record(true); len(checks) != 0 {
		t.Errorf("it has %d checks of contracts", len(checks))
	}
}
