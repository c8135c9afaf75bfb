package suite_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"slipway/internal/connector/suite"
)

var update = flag.Bool("update", false, "write the documents that are drawn from the code")

func TestDocumentShowsTheSuitesSchema(t *testing.T) {
	const path = "../../../docs/connectors/suite.md"
	if *update {
		if err := os.WriteFile(path, []byte(suite.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil || string(written) != suite.Markdown() {
		t.Errorf("docs/connectors/suite.md is not what the schema says (%v): run go test ./internal/connector/suite -run Document -update", err)
	}
	for i, line := range strings.Split(suite.Markdown(), "\n") {
		if strings.HasPrefix(line, "| `") && (strings.Count(line, "|")-strings.Count(line, "\\|") != 5 || strings.HasSuffix(line, "|  |")) {
			t.Errorf("line %d says nothing about a member, or breaks the table: %s", i+1, line)
		}
	}
}
