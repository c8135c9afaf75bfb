package engine

// errorCards make and handle errors.
var errorCards = []Card{
	{"control/tryCatch", "If Error", "a flow to try, a flow for its error", "…", "gives what the flow returned that came to its end", tryCatch},
	{"control/throw", "Return Error", "message, statusCode", "", "", throw},
	{"control/throwIf", "Return Error If", "left-operand, operator, right-operand, message, statusCode", "", "", throwIf},
}

// tryCatch runs what shall be tried; the card's policy runs what handles its error.
func tryCatch(c *call) (Values, error) {
	scope := c.node.Scope("flo")
	if scope == nil {
		return Values{}, nil
	}
	out, err := c.inside(c.frame, c.node, scope, nil)
	return out.values, err
}

func throw(c *call) (Values, error) {
	message := c.text("message")
	if message == "" {
		message = "The flow returned an error."
	}
	return nil, &Error{Kind: Raised, Message: message, Status: int(c.whole("statusCode", 0, 0, 999))}
}

func throwIf(c *call) (Values, error) {
	if !c.holds("") || c.err != nil {
		return Values{}, nil
	}
	return throw(c)
}
