package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/fault"
)

func TestConnectorInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "desk")
	var out bytes.Buffer
	init := connectorInitCmd{Dir: dir, OpenAPI: "../../examples/acmehr/openapi.yaml", Key: "desk", out: &out}
	if err := init.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The key is desk;", "22 contracts were guessed: Create User, ", "4 further actions; 1 operations"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it says\n%s\nand not %q", &out, want)
		}
	}
	if err := init.Run(context.Background()); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("in a folder that has the files: %v, want a conflict", err)
	}
	missing := connectorInitCmd{Dir: filepath.Join(dir, "x"), OpenAPI: filepath.Join(dir, "none.yaml")}
	if err := missing.Run(context.Background()); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("without the document: %v, want invalid", err)
	}
}
