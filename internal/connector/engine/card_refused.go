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
	"http/paginate":         "Its form in an export is not known. Repeat Until does the same, and so does paginate in connector.yaml.",
}

// beyond are features of cards that no address of a card names, with why a run has none of them.
var beyond = []struct{ what, why string }{
	{"Cursor", "It keeps a value between two polls, and its form in an export is not known. An event of connector.yaml has cursor and nextCursor."},
	{"Streaming (an option of cards that list)", "It hands record after record to a flow of the customer's, which is not the connector's. An action gives its records page by page."},
}

// Refusal says why a card that is known does not run, "" where it runs or is not known.
func Refusal(op string) string { return refusals[op] }

func refusedCards() []Card {
	titles := map[string]string{"utility/exportFlo": "Export", "app/stash/readTable": "Read Table", "app/stash/exportToCSV": "Export to CSV", "http/paginate": "Paginate"}
	var all []Card
	for _, op := range slices.Sorted(maps.Keys(refusals)) {
		reason := refusals[op]
		all = append(all, Card{op, titles[op], "", "", "refused: " + reason, func(c *call) (Values, error) {
			return nil, fail(Unsupported, "The card %q (%s) is not supported. %s", c.node.Title, op, reason)
		}})
	}
	return all
}
