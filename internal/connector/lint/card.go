package lint

import (
	"fmt"
	"slices"
	"strings"

	"slipway/internal/connector/credential"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// forbidden are cards that no connector may use, with the reason.
var forbidden = map[string]string{
	"utility/exportFlo": "it gives away flows",
	"http/delegated":    "it waits for a person of the org that runs it",
}

const (
	longestWait  = 5 * 60 * 1000 // milliseconds
	mostParallel = 10
	mostCards    = 200
	mostTries    = 3
)

// cards checks each card for itself.
func (l *linter) cards(f *program.Flow) {
	for _, at := range l.places[f] {
		for _, n := range at.scope.Nodes {
			l.supported(n)
			l.credentials(n)
			l.waits(n)
			if in := input(n, "concurrency"); in != nil {
				if many, ok := value.Number(in.Const); ok && many > mostParallel {
					l.found.Add(TooLarge, n.Src, "It works on %.0f items at a time, more than %d.", many, mostParallel)
				}
			}
		}
	}
}

func (l *linter) supported(n *program.Node) {
	if why, is := forbidden[n.Op]; is {
		l.found.Add(UnknownCard, n.Src, "The card %q is not allowed in a connector: %s.", n.Op, why)
		return
	}
	if engine.Known(n.Op) {
		return
	}
	if why := engine.Refusal(n.Op); why != "" {
		l.found.Add(UnknownCard, n.Src, "The card %q is not supported. %s", n.Op, why)
		return
	}
	if n.Op == "step/" { // a step that does several things, or none, which was told
		return
	}
	rest, isApp := strings.CutPrefix(n.Op, "app/")
	if !isApp {
		l.found.Add(UnknownCard, n.Src, "The card %q is not known. The nearest that are: %s.", n.Op, strings.Join(nearest(n.Op), ", "))
		return
	}
	app, _, _ := strings.Cut(rest, "/")
	if app != l.connector.Key && (l.options.Apps == nil || !l.options.Apps(app)) {
		l.found.Add(UnknownCard, n.Src, "The card %q needs the connector %q, which is not here.", n.Op, app)
	}
}

// nearest are the three supported cards whose names are most like op.
func nearest(op string) []string {
	if len(op) > 60 {
		op = op[:60]
	}
	_, own, _ := strings.Cut(op, "/")
	like := func(c engine.Card) int {
		_, name, _ := strings.Cut(c.Op, "/")
		return 2*distance(strings.ToLower(own), strings.ToLower(name)) + distance(op, c.Op)
	}
	all := slices.DeleteFunc(engine.Cards(), func(c engine.Card) bool { return strings.HasPrefix(c.Op, "step/") }) // of connector.yaml
	slices.SortStableFunc(all, func(a, b engine.Card) int { return like(a) - like(b) })
	var ops []string
	for _, c := range all[:min(3, len(all))] {
		ops = append(ops, fmt.Sprintf("%s (%s)", c.Op, c.Title))
	}
	return ops
}

// distance is how many letters have to be put in, taken out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (l *linter) credentials(n *program.Node) {
	if what, _, _ := credential.Find(n.Note); what != "" {
		l.found.Add(Credential, n.Src, "The comment holds what looks like %s.", what)
	}
	said := map[program.Key]bool{}
	texts(n, func(in *program.Input, text string) {
		if said[in.Key] {
			return
		}
		if what, _, _ := credential.Find(text); what != "" {
			said[in.Key] = true
			l.found.Add(Credential, n.Src, "%s holds what looks like %s.", in.Key, what)
		}
	})
}

var units = map[string]float64{"second": 1000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}

// waits checks what a card does where the API was asked too often, and how long it waits.
func (l *linter) waits(n *program.Node) {
	switch {
	case requests(n) && !strings.HasPrefix(n.Op, "step/") && n.Policy.Retries == 0: // connector.yaml says that once for all
		l.found.Add(NoRetry, n.Src, "The request is not sent again where the API was asked too often.")
	case n.Policy.MaxWait > longestWait:
		l.found.Add(NoRetry, n.Src, "Between two tries it waits up to %d s, more than %d.", n.Policy.MaxWait/1000, longestWait/1000)
	}
	if n.Op != "control/wait" && n.Op != "step/wait" {
		return
	}
	if in := input(n, "delay"); in != nil {
		ms, _ := value.Number(in.Const)
		if unit := input(n, "unit"); unit != nil {
			ms *= units[strings.TrimSuffix(value.Text(unit.Const), "s")]
		}
		if ms > longestWait {
			l.found.Add(NoRetry, n.Src, "It waits %.0f s, more than %d.", ms/1000, longestWait/1000)
		}
	}
}

// size checks how much is in one flow.
func (l *linter) size(f *program.Flow) {
	cards := 0
	for _, at := range l.places[f] {
		for _, n := range at.scope.Nodes {
			if !n.Hidden && n.Op != "control/comment" {
				cards++
			}
		}
		if at.tries == mostTries+1 && at.outer.tries == mostTries {
			l.found.Add(TooLarge, at.holder.Src, "More than %d If Error lie in each other.", mostTries)
		}
	}
	if cards > mostCards {
		l.found.Add(TooLarge, f.Src, "The flow has %d cards, more than %d.", cards, mostCards)
	}
}

// pure are the channels whose cards only compute: without their result they are of no use.
var pure = []string{"string", "list", "object", "math", "date", "json", "boolean", "url", "crypto", "jwt"}

// uses checks that everything in a flow is of use.
func (l *linter) uses(f *program.Flow) {
	for _, at := range l.places[f] {
		reached := reachable(at.scope)
		last := lastVisible(at.scope)
		for i, n := range at.scope.Nodes {
			if n.Op == "control/comment" {
				continue
			}
			if !reached[i] {
				if !n.Hidden {
					l.found.Add(Doubtful, n.Src, "The card is never reached: what is before it always ends the flow.")
				}
				continue
			}
			channel, _, _ := strings.Cut(n.Op, "/")
			if slices.Contains(pure, channel) && !loops(n) && !at.wanted[i] && !n.Hidden && i != last {
				l.found.Add(Doubtful, n.Src, "Nothing uses what the card gives.")
			}
			l.operands(n)
			for _, in := range n.In {
				if in.Type == value.Flow && in.Flow == "" && len(in.Wires) == 0 && n.Scope(in.Key.String()) == nil {
					l.found.Add(Doubtful, n.Src, "No flow is chosen in %s.", in.Key)
				}
			}
		}
	}
}

// lastVisible is the card whose outputs a scope without a Return card gives; -1 where one has.
func lastVisible(s *program.Scope) int {
	last := -1
	for i, n := range s.Nodes {
		if n.Op == "control/return" || n.Op == "control/returnRaw" {
			return -1
		}
		if !n.Hidden && n.Op != "control/comment" {
			last = i
		}
	}
	return last
}

// reachable says which cards can run: what comes only after cards that end the flow cannot.
func reachable(s *program.Scope) []bool {
	ends := func(n *program.Node) bool {
		switch n.Op {
		case "control/return", "control/returnRaw", "control/throw", "step/return", "step/fail", "step/rethrow":
			return true
		}
		return false
	}
	reached := make([]bool, len(s.Nodes))
	for i, n := range s.Nodes {
		switch {
		case n.Branch != nil:
			reached[i] = reached[n.Branch.If]
		case len(n.After) == 0:
			reached[i] = true
		default:
			reached[i] = slices.ContainsFunc(n.After, func(b int) bool { return reached[b] && !ends(s.Nodes[b]) })
		}
	}
	return reached
}

// operands objects to an order of texts: "80" comes before "9".
func (l *linter) operands(n *program.Node) {
	operators := map[string]string{}
	for _, in := range n.In {
		if in.Key.Name == "operator" && len(in.Wires) == 0 {
			operators[in.Key.Group] = value.Text(in.Const)
		}
	}
	for _, in := range n.In {
		operator := operators[in.Key.Group]
		compared := in.Key.Name == "left-operand" || in.Key.Name == "comparison" && (n.Op == "list/filterBy" || n.Op == "list/findBy")
		if compared && in.Type == value.String && !in.List && slices.Contains([]string{"<", ">", "<=", ">="}, operator) {
			l.found.Add(Doubtful, n.Src, "It compares texts with %s: \"80\" comes before \"9\". Make both sides numbers, or dates.", operator)
		}
	}
}
