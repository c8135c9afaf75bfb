package suite

import (
	"cmp"
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
	for _, result := range results {
		rep.Checks = append(rep.Checks, checkOf(result))
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
	if len(r.Only) == 0 && len(r.Suite.Cases)+len(r.Suite.Flows) > 0 {
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
	"G04": "Let unexpected statuses be errors: do not list them under expect, and do not catch them without rethrow. Give 401, 404 and 429 their type under errors.",
	"G05": "Take from an answer only what the action needs, and fail where that is missing.",
	"G06": "Pass the API's cursor on as nextCursor, and leave it out on the last page.",
	"G07": "Return what the contract or the action's outputs say, in the types that they say.",
	"G08": "Put secrets only where the connection's method puts them, and never into messages or outputs.",
	"G09": "Look the person up before creating, or let the API's conflict be an error with a code of its own.",
}

// coverage says which public actions no case tries, or only one way. Where a case would, but did not pass, that case is the
// finding: the action's coverage waits for it.
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
			if passed, waits := tries(results, f.Name, way.negative); passed || !way.wanted {
				continue
			} else if waits != "" {
				c.Outcome, c.Fix = report.Blocked, ""
				c.Message = waits + ", which covers it with " + way.input + " input, did not pass. Look there first."
			} else {
				c.Outcome, c.Message = report.Fail, "No case that ran covers it with "+way.input+" input."
			}
			break
		}
		c.Verdict = c.Outcome.Verdict()
		checks = append(checks, c)
	}
	return checks
}

// tries looks for the cases of a suite that cover an action one way: whether one passed, and else which one did not.
func tries(results []Result, action string, negative bool) (passed bool, waits string) {
	for _, r := range results {
		if r.Source == "generated" || r.Negative != negative || !slices.Contains(r.Covers, action) {
			continue
		}
		switch r.Status {
		case Pass:
			return true, ""
		case Fail, NotRun:
			waits = r.ID
		}
	}
	return false, waits
}

// Unknown are the cards of a program that cannot be run, by how often they stand there.
func Unknown(p *program.Program) map[string]int {
	unknown := map[string]int{}
	for _, f := range p.Flows() {
		walk(f.Body, func(n *program.Node) {
			if !engine.Known(n.Op) {
				unknown[n.Op]++
			}
		})
	}
	return unknown
}
