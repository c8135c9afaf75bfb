package connection

import (
	"encoding/base64"
	"strings"
	"testing"

	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/egress"
	"slipway/internal/expression"
)

func TestWhatAHeaderMakesOfASecretIsSecret(t *testing.T) {
	names := expression.Names{Values: expression.Members{"conn": expression.Only("key")}}
	f, err := expression.CompileTemplate("Basic ${ base64(conn.key + ':x') }", names)
	if err != nil {
		t.Fatal(err)
	}
	method := definition.Method{ID: "key", Kind: definition.Custom, Fields: []definition.Field{{Key: "key", Label: "Key", Type: "secret"}}, Headers: map[string]program.Formula{"Authorization": f}}
	c, err := New(method, map[string]string{"key": "open-sesam"}, nil, engine.Wall{})
	if err != nil {
		t.Fatal(err)
	}
	sent := base64.StdEncoding.EncodeToString([]byte("open-sesam:x"))
	if got := egress.Redact(c.Secrets())(`{"headers":{"authorization":"Basic ` + sent + `"}}`); strings.Contains(got, sent) {
		t.Errorf("the API repeats its header, and this is kept: %s", got)
	}
}
