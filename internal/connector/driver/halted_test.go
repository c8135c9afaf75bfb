package driver

import (
	"testing"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/target"
)

func TestAnActionThatHaltsHasNotDeactivatedAnybody(t *testing.T) {
	off := &program.Flow{ID: "off", Name: "Deactivate User", Kind: program.Action, Implements: "provisioning.deactivateUser",
		Inputs: []program.Parameter{{Key: program.Key{Name: "userId"}, Label: "userId"}},
		Body: &program.Scope{Nodes: []*program.Node{{ID: "c", Op: "control/continueIf", In: []program.Input{
			{Key: program.Key{Name: "left-operand"}, Const: 1.0}, {Key: program.Key{Name: "operator"}, Const: "=="}, {Key: program.Key{Name: "right-operand"}, Const: 2.0},
		}}}}}
	p := program.New(off)
	d := New(&connector.Connector{Program: p}, &engine.Machine{Program: p})
	err := d.SetActive(t.Context(), "7", false)
	if f := target.FailureOf(err); err == nil || f.Kind != target.Rejected {
		t.Errorf("got %v, want it rejected: nothing was sent", err)
	}
}
