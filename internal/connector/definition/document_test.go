package definition_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"slipway/internal/connector/definition"
)

var update = flag.Bool("update", false, "write the documents that are drawn from the code")

func TestDocumentShowsTheSchema(t *testing.T) {
	const path = "../../../docs/connectors/definition.md"
	if *update {
		if err := os.WriteFile(path, []byte(definition.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil || string(written) != definition.Markdown() {
		t.Errorf("docs/connectors/definition.md is not what the schema says (%v): run go test ./internal/connector/definition -run Document -update", err)
	}
	for i, line := range strings.Split(definition.Markdown(), "\n") {
		if strings.HasPrefix(line, "| `") && (strings.Count(line, "|")-strings.Count(line, "\\|") != 5 || strings.HasSuffix(line, "|  |")) {
			t.Errorf("line %d says nothing about a member, or breaks the table: %s", i+1, line)
		}
	}
}
