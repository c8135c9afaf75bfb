package engine

import (
	"slices"
	"testing"
)

// families of rows, each beside the cards it is about.
var rows = [][]row{
	controlRows, errorRows, callRows, loopRows, objectRows, listRows, setRows, stringRows, textRows, jsonRows, booleanRows,
	mathRows, dateRows, cryptoRows, urlRows, httpRows, connectionRows, tableRows, refusedRows,
}

func TestCards(t *testing.T) {
	for _, r := range slices.Concat(rows...) {
		t.Run(r.op+" "+r.says, r.run)
	}
}

func TestEveryCardHasARowThatTellsWhatItDoes(t *testing.T) {
	does, twice := map[string]bool{}, map[string]bool{}
	for _, r := range slices.Concat(rows...) {
		name := r.op + " " + r.says
		if twice[name] {
			t.Errorf("two rows say %q", name)
		}
		twice[name] = true
		_, refused := refusals[r.op]
		does[r.op] = does[r.op] || r.fails == "" || refused || r.op == "control/throw"
	}
	for op := range refusals {
		if !does[op] {
			t.Errorf("no row tells that the card %s is refused", op)
		}
	}
	for _, c := range Cards() {
		own := slices.ContainsFunc(steps, func(s Card) bool { return s.Op == c.Op }) // of connector.yaml; they have their own tests
		if !own && !does[c.Op] {
			t.Errorf("no row tells what the card %s does", c.Op)
		}
	}
}
