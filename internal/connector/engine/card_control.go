package engine

import (
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// controlCards decide what runs next.
var controlCards = []Card{
	{"control/callable", "Helper Flow", "…", "…", "starts a flow: gives what the caller passed, of the types that it declares", start},
	{"control/noop", "No Operation", "", "", "starts a branch, or a flow that nobody calls", nothing},
	{"control/comment", "Comment", "", "", "", nothing},
	{"control/let", "Assign", "…", "…", "", assign},
	{"control/assignIf", "Assign If", "left-operand, operator, right-operand, valueIfTrue, valueIfFalse", "output", "", assignIf},
	{"control/lookup", "Lookup", "key, options, else", "result", "the option of that name", lookup},
	{"control/if", "If/Else", "left-operand, operator, right-operand", "result", "", compare},
	{"control/join", "Join", "…", "…", "ends an If/Else: gives what the branch that ran brought", join},
	{"control/branch", "If/ElseIf", "groups of left-operand, operator, right-operand and a flow", "…", "the first group that holds runs, else the last", branch},
	{"control/continueIf", "Continue If", "left-operand, operator, right-operand, otherwise.message", "message", "ends the flow, or the block, where it does not hold", continueIf},
	{"control/return", "Return", "…", "", "", giveBack},
	{"control/returnRaw", "Return Raw", "statusCode, headers, body", "", "the answer of a flow that is called over HTTP", giveBack},
	{"control/wait", "Wait", "delay, unit, date", "", "at most 60 seconds, which a test does not wait for", wait},
}

func nothing(*call) (Values, error) { return Values{}, nil }

// start gives the caller's arguments by group and key; what was not passed is what the card says.
func start(c *call) (Values, error) {
	gave := make(Values, len(c.node.Out))
	for i := range c.node.In {
		in := &c.node.In[i]
		v, passed := c.frame.args[in.Key]
		if !passed {
			v = in.Const
		}
		converted, err := convert(in.Key, in.Type, in.List, v)
		if err != nil {
			return nil, err
		}
		gave[in.Key] = converted
	}
	for _, out := range c.node.Out { // inline flows name what they see only here
		if _, has := gave[out.Key]; !has {
			gave[out.Key] = c.frame.args[out.Key]
		}
	}
	return gave, nil
}

func assign(c *call) (Values, error) {
	gave := Values{}
	for _, in := range c.custom() {
		gave[in.key] = in.value
	}
	return gave, nil
}

// holds evaluates the comparison of a card, or of one group of it.
func (c *call) holds(group string) bool {
	left := c.input(program.Key{Group: group, Name: "left-operand"})
	var declared value.Type
	if left != nil && !left.List {
		declared = left.Type
	}
	at := func(name string) any { return c.value(c.input(program.Key{Group: group, Name: name})) }
	ok, err := value.Holds(c.value(left), value.Text(at("operator")), at("right-operand"), declared)
	if err != nil && c.err == nil {
		c.err = asError(err)
	}
	return ok
}

func compare(c *call) (Values, error) { return one("result", c.holds("")), nil }

func assignIf(c *call) (Values, error) {
	if c.holds("") {
		return output(c.get("valueIfTrue"))
	}
	return output(c.get("valueIfFalse"))
}

func lookup(c *call) (Values, error) {
	key := c.text("key")
	if option := c.input(program.Key{Group: "options", Name: key}); option != nil {
		return one("result", c.value(option)), nil
	}
	return one("result", c.get("else")), nil
}

func join(c *call) (Values, error) {
	gave := Values{}
	for out, in := range c.node.Joins {
		gave[out] = c.value(c.input(in))
	}
	return gave, nil
}

// branch runs the scope of the first group that holds. The group without a comparison is the last resort.
func branch(c *call) (Values, error) {
	for i := range c.node.In {
		in := &c.node.In[i]
		scope := c.node.Scope(in.Key.String())
		if scope == nil || in.Key.Name != "flo" {
			continue
		}
		group := in.Key.Group
		if c.input(program.Key{Group: group, Name: "left-operand"}) != nil && !c.holds(group) {
			continue
		}
		if c.err != nil {
			return nil, c.err
		}
		out, err := c.inside(c.frame, c.node, scope, nil)
		return out.values, err
	}
	return Values{}, nil
}

func continueIf(c *call) (Values, error) {
	if c.holds("") || c.err != nil {
		return Values{}, nil
	}
	message := value.Text(c.value(c.input(program.Key{Group: "otherwise", Name: "message"})))
	gave := one("message", message)
	c.frame.end = &outcome{values: gave, returned: true, halted: true, message: message}
	return gave, nil
}

func giveBack(c *call) (Values, error) {
	gave := Values{}
	for _, in := range c.custom() {
		gave[in.key] = in.value
	}
	c.frame.end = &outcome{values: gave, returned: true}
	return gave, nil
}

var units = map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

func wait(c *call) (Values, error) {
	var d time.Duration
	if until, ok := value.Date(c.get("date")); ok {
		d = until.Sub(c.now())
	} else {
		unit := c.text("unit")
		if n := len(unit); n > 1 && unit[n-1] == 's' {
			unit = unit[:n-1]
		}
		delay := c.number("delay", 0)
		if _, known := units[unit]; !known && delay > 0 {
			return nil, fail(Unfit, "unit: %q is none; there are seconds, minutes, hours and days.", shorten(unit))
		}
		delay *= float64(units[unit])
		if delay > float64(c.limits.Wait) { // before it is a Duration, which holds no more than 292 years
			return nil, fail(Limit, "It waits %.0f seconds, longer than %s.", delay/float64(time.Second), c.limits.Wait)
		}
		d = time.Duration(delay)
	}
	if d > c.limits.Wait {
		return nil, fail(Limit, "It waits %s, longer than %s.", d, c.limits.Wait)
	}
	if d > 0 && c.sleep(c.ctx, d) != nil {
		return nil, c.ended()
	}
	return Values{}, nil
}
