package engine

import (
	"slipway/internal/connector/program"
)

var callRows = []row{
	{says: "gives what the flow returns", op: "control/spawn", in: fields("flo", calls("doubled"), "n", 21.0), with: []*program.Flow{doubled}, want: gives{"twice": 42.0}},
	{says: "names the flow that is not there", op: "control/spawn", in: fields("flo", calls("nowhere")), fails: `The flow "nowhere" is called, and its cards are in none of the files.`, kind: Unsupported},
	{says: "says where no flow is chosen", op: "control/spawn", fails: "No flow is chosen"},
	{says: "runs the flow and drops what it returns", op: "control/run", in: fields("flo", calls("doubled"), "n", 21.0), with: []*program.Flow{doubled}, want: gives{}},
}
