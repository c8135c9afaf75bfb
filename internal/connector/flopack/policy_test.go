package flopack_test

import (
	"testing"

	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
)

// A card asks again where it was asked too often, unless its file says that it does after any error.
func TestWhenACardAsksAgain(t *testing.T) {
	for condition, always := range map[string]bool{"": false, "ratelimits": false, "all": true} {
		f := flopacktest.NewFlow("Ask")
		f.Start()
		policy := []any{"retry", 2, "delay", 60000}
		if condition != "" {
			policy = append(policy, "retryCondition", condition)
		}
		f.Add("http/raw", "Raw Request", flopacktest.In("url", "https://api.example.com")).Policy("finish", policy...)
		p, found := flopack.Link(flopack.Read("ask.folder", flopacktest.New(f).Bytes()))
		if len(found) > 0 {
			t.Fatal(found)
		}
		nodes := p.Named("Ask").Body.Nodes
		if got := nodes[len(nodes)-1].Policy; got.Retries != 2 || got.OnAny != always {
			t.Errorf("condition %q: %+v", condition, got)
		}
	}
}
