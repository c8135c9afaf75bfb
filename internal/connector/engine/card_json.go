package engine

import "slipway/internal/connector/value"

// jsonCards read and write JSON.
var jsonCards = []Card{
	{"json/parse", "Parse", "string", "output", "text that is no JSON is an error", parseJSON},
	{"json/stringify", "Stringify", "object", "output", "", stringifyJSON},
}

func parseJSON(c *call) (Values, error) {
	text := c.text("string")
	v, err := value.Decode([]byte(text))
	if err != nil {
		return nil, fail(Unfit, "The text is no JSON: %s", sentence(err.Error()))
	}
	return output(v)
}

func stringifyJSON(c *call) (Values, error) {
	return c.textOutput(string(value.Encode(c.get("object"))))
}
