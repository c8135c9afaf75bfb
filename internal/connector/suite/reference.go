package suite

import "slipway/internal/connector/document"

// reference is docs/connectors/suite.md, table by table.
var reference = []document.Table{
	{Title: "The file", Says: "suite.yaml lies beside connector.yaml."},
	{Title: "cases", At: "$defs/case", Says: "A case stands for itself: no other has to run before it."},
	{Title: "steps and cleanup", At: "$defs/steps/items", Says: "A step either calls an action, or tries an event, or asserts. Expressions see `steps` (what each step with an id gave), `vars` and `run.id`, which is another in every run."},
	{Title: "expectError", At: "$defs/steps/items/properties/expectError"},
	{Title: "flopack", At: "properties/flopack", Says: "Exported test flows, which are judged by how they end."},
	{Title: "flopack.cases", At: "properties/flopack/properties/cases/items"},
}

// Markdown is the reference of suite.yaml, drawn from its schema.
func Markdown() string {
	return "# suite.yaml\n\nThis page is drawn from the schema, which editors can use too: `slipway connector schema suite`. Begin with the\n" +
		"[guide](guide.md). Texts may hold `${ … }`; the [functions](expressions.md) are listed.\n" +
		document.Markdown(Schema, reference)
}
