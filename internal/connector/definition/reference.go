package definition

import "slipway/internal/connector/document"

// reference is docs/connectors/definition.md, table by table.
var reference = []document.Table{
	{Title: "The file", Says: "connector.yaml lies in the connector's folder."},
	{Title: "metadata", At: "properties/metadata"},
	{Title: "connection", At: "properties/connection", Says: "Its expressions see `conn`: the fields of the way to connect that the customer picked."},
	{Title: "connection.auth", At: "$defs/auth"},
	{Title: "connection.auth.fields", At: "$defs/credential"},
	{Title: "actions and helpers", At: "$defs/action", Says: "Expressions of steps see `conn`, `input`, `steps` (what each step with an id gave), `vars` (what set has set) and `run.id`."},
	{Title: "options, inputs and outputs", At: "$defs/parameter"},
	{Title: "Steps", At: "$defs/step", Says: "A step does one thing: it has one of http, set, if, switch, forEach, paginate, try, rethrow, call, fail, return and wait."},
	{Title: "http", At: "$defs/http", Says: "In steps, in paginate and in ping."},
	{Title: "events", At: "$defs/event"},
}

// Markdown is the reference of connector.yaml, drawn from its schema.
func Markdown() string {
	return "# connector.yaml\n\nThis page is drawn from the schema, which editors can use too: `slipway connector schema`. Begin with the\n" +
		"[guide](guide.md). Texts may hold `${ … }`; the [functions](expressions.md) are listed. Every value stands for itself alone, or inside of text.\n" +
		document.Markdown(Schema, reference)
}
