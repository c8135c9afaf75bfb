package lab

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/peers"
	"slipway/internal/report"
	"slipway/internal/require"
	"slipway/internal/scim"
	"slipway/internal/secret"
)

// golden is where the lab's answers on servers of others lie. `go test ./internal/lab -run Peer -update` writes them
// anew. docs/lab/peers.md confirms each of them against the RFC: what changes here is confirmed there.
const golden = "testdata/peers/"

var foreign = []struct {
	name  string
	start func(testing.TB) peers.Peer
}{
	{"better-auth", peers.BetterAuth},
	{"scimmy", peers.Scimmy},
	{"scimmy5", peers.Scimmy5},
	{"elimity", peers.Elimity},
}

// finding is what a golden file keeps of a result: all that a vendor could dispute. Messages hold values that follow
// from the seed, and what the target answers to them; neither changes from run to run.
type finding struct {
	Check    string          `json:"check"`
	Outcome  report.Outcome  `json:"outcome"`
	Severity report.Severity `json:"severity"`
	Blocking bool            `json:"blocking"`
	Message  string          `json:"message"`
}

type answers struct {
	Verdict  report.Verdict `json:"verdict"`
	Counts   report.Counts  `json:"counts"`
	Findings []finding      `json:"findings"`
}

func answersOf(r report.Report) answers {
	a := answers{Verdict: r.Verdict, Counts: r.Counts, Findings: []finding{}}
	for _, c := range r.Checks {
		if c.Outcome != report.Pass && c.ID != "conn.base-url.https" { // plain http is how the tests reach a peer
			a.Findings = append(a.Findings, finding{c.ID, c.Outcome, c.Severity, c.Blocking, c.Message})
		}
	}
	return a
}

// judge runs the catalogue against a fresh peer.
func judge(t *testing.T, start func(testing.TB) peers.Peer, change func(*Subject)) report.Report {
	t.Helper()
	peer := start(t)
	s := subject(peer.BaseURL)
	s.Auth, s.Patience = scim.Bearer(secret.NewText(peer.Token)), time.Minute
	change(&s)
	rep := Run(t.Context(), s, Unwatched{})
	said := slices.DeleteFunc(slices.Clone(rep.Warnings), func(w string) bool { return strings.HasPrefix(w, "The pass rests on waivers") })
	if len(rep.Leftovers) != 0 || len(said) != 1 || !strings.Contains(said[0], "private address") {
		t.Errorf("leftovers %v, warnings %v", rep.Leftovers, rep.Warnings)
	}
	return rep
}

func TestPeers(t *testing.T) {
	require.Proof(t)
	for _, peer := range foreign {
		for _, profile := range []report.Profile{report.ProfileNetwork, report.ProfileRFC} {
			t.Run(peer.name+" in profile "+string(profile), func(t *testing.T) {
				rep := judge(t, peer.start, func(s *Subject) { s.Profile = profile })
				agrees(t, peer.name+"."+string(profile)+".json", answersOf(rep))
			})
		}
	}
}

// TestPeersPassWithTheirWaivers proves that waivers.json names all that keeps a vendor of such a server from a pass
// in profile network, and no more.
func TestPeersPassWithTheirWaivers(t *testing.T) {
	require.Proof(t)
	needed := map[string][]string{}
	for _, peer := range foreign {
		needed[peer.name] = blocking(judge(t, peer.start, func(*Subject) {}))
		rep := judge(t, peer.start, func(s *Subject) {
			for _, id := range needed[peer.name] {
				s.Waivers = append(s.Waivers, report.Waiver{CheckID: id, Reason: "known", GrantedBy: "reviewer@example.com", Expires: time.Now().Add(time.Hour)})
			}
		})
		if rep.Verdict != report.Passed {
			t.Errorf("%s with waivers for %v: %s: %s", peer.name, needed[peer.name], rep.Verdict, rep.Reason)
		}
	}
	agrees(t, "waivers.json", needed)
}

// blocking returns what a waiver is needed for: a blocking check that failed, or that could not run.
func blocking(r report.Report) []string {
	ids := []string{}
	for _, c := range r.Checks {
		if c.Blocking && (c.Verdict == report.Failed || c.Verdict == report.NotRun && c.Outcome != report.NotApplicable && c.Outcome != report.Info) {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// agrees compares a value with its golden file. Whoever writes it anew confirms each change in docs/lab/peers.md.
func agrees(t *testing.T, name string, value any) {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	require.Drawn(t, "internal/lab/"+golden+name, string(text)+"\n")
}
