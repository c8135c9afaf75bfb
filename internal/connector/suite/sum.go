package suite

import (
	"cmp"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/egress"
	"slipway/internal/report"
)

// Families of a suite's report, in its order.
const (
	familySuite     = "Cases of the suite"
	familyFlows     = "Exported test flows"
	familyGenerated = "Generated cases"
	familyCoverage  = "Coverage"
)

var families = map[string]string{"suite": familySuite, "flow": familyFlows, "generated": familyGenerated}

// Report turns the results of a run into a report: every case that does not pass blocks, and so does a public action that
// the suite does not try both ways.
func (r *Runner) Report(results []Result, target string, began time.Time, took time.Duration) report.Report {
	rep := report.Report{
		Suite: r.Connector.Name, Profile: report.ProfileNetwork, Target: target, Started: began, Duration: took,
		Only: r.Only, Leftovers: []report.Object{}, Warnings: []string{}, Checks: []report.Result{}, Seed: r.Seed,
	}
	rep.Connector = &report.Connector{Key: r.Connector.Key, Hash: r.Connector.Hash, Engine: build(), Mode: string(r.Mode)}
	if unknown := r.unknown(); len(unknown) > 0 {
		rep.Warnings = append(rep.Warnings, "These cards cannot be run, and what depends on them is not proved: "+some(unknown)+".")
	}
	extra := []string{}
	for _, result := range results {
		rep.Checks = append(rep.Checks, checkOf(result))
		extra = append(extra, result.Extra...)
	}
	slices.Sort(extra)
	if extra = slices.Compact(extra); len(extra) > 0 {
		rep.Warnings = append(rep.Warnings, "These were returned and are not declared as outputs: "+some(extra)+". Whoever builds with the actions does not see them.")
	}
	rep.Checks = append(rep.Checks, r.beside...)
	if r.Mode != Replay { // then nobody was asked
		for _, result := range slices.Concat(results, r.sessions) {
			for _, e := range result.Exchanges {
				rep.Requests++
				rep.TargetTime += e.Took
			}
		}
	}
	rep.Leftovers = append(rep.Leftovers, r.left...)
	if len(r.Only) == 0 {
		rep.Checks = append(rep.Checks, r.coverage(results)...)
	}
	for i, c := range rep.Checks { // what follows from the connector is about the connector
		rep.Checks[i].File = cmp.Or(c.File, connector.File)
	}
	rep.Conclude("")
	return rep
}

var outcomes = map[Status]report.Outcome{Pass: report.Pass, Fail: report.Fail, NotRun: report.Inconclusive, Aside: report.NotApplicable}

func checkOf(result Result) report.Result {
	outcome := outcomes[result.Status]
	c := report.Result{
		ID: result.ID, Title: result.Title, Family: families[result.Source], Outcome: outcome, Verdict: outcome.Verdict(), Severity: report.Network,
		Blocking: true, Message: result.Message, Fix: fixes[caseKind(result.ID)], File: result.Src.File, Line: result.Src.Line, Exchanges: []egress.Exchange{},
	}
	if c.Message == "" && result.Status == Pass {
		c.Message = "As it should be."
	}
	if result.Status == Fail && result.Src.Line > 0 {
		c.Reference = result.Src.String()
	}
	c.Exchanges = shown(result.Exchanges)
	return c
}

// shown are exchanges as a report shows them.
func shown(exchanges []Exchange) []egress.Exchange {
	all := make([]egress.Exchange, len(exchanges))
	for i, e := range exchanges {
		all[i] = egress.Exchange{
			Method: e.Request.Method, URL: e.Request.URL, RequestHeader: e.Request.Header, RequestBody: string(e.Request.Body),
			Status: e.Response.Status, ResponseHeader: e.Response.Header, ResponseBody: string(e.Response.Body), Started: e.Began, Duration: e.Took,
		}
	}
	return all
}

// caseKind is the part of a generated case's id that says what it is about.
func caseKind(id string) string {
	kind, _, _ := strings.Cut(id, "-")
	if _, is := fixes[kind]; is {
		return kind
	}
	return ""
}

// Target names what is tested: the API's address, of a replay the one that was recorded, else the connector.
func (r *Runner) Target() string {
	entered := r.Entered
	if r.Mode == Replay {
		entered = r.filled()
	}
	m, conn, err := r.Connector.Machine(connector.Setting{Method: r.Method, Entered: entered, API: &silent{}, Hosts: r.Hosts, HTTP: r.HTTP})
	if err != nil || m.BaseURL == "" {
		return r.Connector.Name
	}
	address := m.BaseURL
	if conn != nil {
		address = egress.Redact(conn.Secrets())(address) // there are APIs with a token in every address
	}
	if r.Mode == Replay {
		return address + ", as recorded"
	}
	return address
}

// fixes say what to do about a generated case that failed.
var fixes = map[string]string{
	"G01": "Check the credentials, then what the ping asks and how it reads the answer.",
	"G02": "Let the ping ask something that needs the credentials, and let ok look at the answer.",
	"G03": "Mark the input as required; in an exported flow, return an error with status 400 where it is empty, before the first request.",
	"G04": "Let unexpected statuses be errors: do not list them under expect, and do not catch them without rethrow. Give 401, 404 and 429 their type under errors. " +
		"Where 429 is not asked again: list it under retry.on with max of at least 1 and honorRetryAfter, or let the card of an exported flow retry.",
	"G05": "Take from an answer only what the action needs, and fail where that is missing.",
	"G06": "Pass the API's cursor on as nextCursor, and leave it out on the last page. In a paginate step, let next be the cursor of the page after this one.",
	"G07": "Return what the contract or the action's outputs say, in the types that they say.",
	"G08": "Put secrets only where the connection's method puts them, and never into messages or outputs.",
	"G09": "Look the person up before creating, or let the API's conflict be an error with a code of its own.",
}

// coverage says which public actions no case tries, or only one way. What a case says that it covers counts where the action
// ended so in it: with good input it succeeded, with bad it ended with the error that was expected. Where a case would, but did
// not pass, that case is the finding: the action's coverage waits for it.
func (r *Runner) coverage(results []Result) []report.Result {
	var checks []report.Result
	for _, f := range r.Connector.Program.OfKind(program.Action) {
		c := report.Result{
			ID: "coverage." + slug(f.Name), Title: f.Name + " is tried, with good input and with bad", Family: familyCoverage, Severity: report.Network, Blocking: true,
			Outcome: report.Pass, Message: "As it should be.", Exchanges: []egress.Exchange{},
			Fix:  "Add a case that covers " + f.Name + ", and one of kind negative where it takes input.",
			File: f.Src.File, Line: f.Src.Line,
		}
		required := slices.ContainsFunc(f.Inputs, func(p program.Parameter) bool { return p.Required })
		for _, way := range []struct {
			wanted, negative bool
			input            string
		}{{true, false, "good"}, {required, true, "bad"}} {
			passed, waits, says := tries(results, f.Name, way.input, way.negative)
			switch {
			case passed || !way.wanted:
				continue
			case waits != "":
				c.Outcome, c.Fix, c.Message = report.Blocked, "", waits
			case says != "":
				c.Outcome, c.Message = report.Fail, says+" says that it covers it with "+way.input+" input, and none of its cards ended so."
			default:
				c.Outcome, c.Message = report.Fail, "No case that ran covers it with "+way.input+" input."
			}
			break
		}
		c.Verdict = c.Outcome.Verdict()
		checks = append(checks, c)
	}
	return checks
}

// tries looks for the cases of a suite that cover an action one way: whether one passed and did, for which one that did not
// pass it has to wait (a sentence), and which one passed without doing so.
func tries(results []Result, action, input string, negative bool) (passed bool, waits, says string) {
	for _, r := range results {
		if r.Covers == nil && r.Source == "flow" {
			waits = r.ID + " could not be read, so nobody knows what it covers. Look there first."
		}
		if r.Source == "generated" || r.Negative != negative || !slices.Contains(r.Covers, action) {
			continue
		}
		switch {
		case r.Status == Pass && r.shows(action, negative):
			return true, "", ""
		case r.Status == Pass:
			says = r.ID
		case r.Status == Fail || r.Status == NotRun:
			waits = r.ID + ", which covers it with " + input + " input, did not pass. Look there first."
		}
	}
	return false, waits, says
}

// unknown are the connector's cards that cannot be run, each with how often it stands there.
func (r *Runner) unknown() []string {
	times := map[string]int{}
	for _, f := range r.Connector.Program.Flows() {
		walk(f.Body, func(n *program.Node) {
			app, is := appOf(n.Op)
			if is && (app == r.Connector.Key || r.Apps[app] != nil) || engine.Known(n.Op) {
				return
			}
			times[n.Op]++
		})
	}
	var all []string
	for _, op := range slices.Sorted(maps.Keys(times)) {
		all = append(all, fmt.Sprintf("%s (%d)", op, times[op]))
	}
	return all
}

// build is the version of this program, "" where it was built without one.
func build() string {
	info, known := debug.ReadBuildInfo()
	if !known || info.Main.Version == "(devel)" {
		return ""
	}
	return info.Main.Version
}
