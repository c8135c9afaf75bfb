package engine

import (
	"maps"
	"slices"
)

// refusals are cards that are known and do not run, with the reason. A flow that has one is not proved by a run.
var refusals = map[string]string{
	"utility/exportFlo":     "It exports a flow of the network that it runs in, which is not for a connector to read.",
	"app/stash/readTable":   "It gives the columns of a table, which are part of a network, not of a flow.",
	"app/stash/exportToCSV": "It writes the columns of a table in their order, which are part of a network, not of a flow.",
}

func refusedCards() []Card {
	titles := map[string]string{"utility/exportFlo": "Export", "app/stash/readTable": "Read Table", "app/stash/exportToCSV": "Export to CSV"}
	var all []Card
	for _, op := range slices.Sorted(maps.Keys(refusals)) {
		reason := refusals[op]
		all = append(all, Card{op, titles[op], "", "", "refused: " + reason, func(c *call) (Values, error) {
			return nil, fail(Unsupported, "The card %q (%s) is not supported. %s", c.node.Title, op, reason)
		}})
	}
	return all
}
