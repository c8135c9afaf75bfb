package engine

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the documents that are drawn from the code")

func TestDocumentShowsTheCards(t *testing.T) {
	const path = "../../../docs/connectors/cards.md"
	if *update {
		if err := os.WriteFile(path, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil || string(written) != Markdown() {
		t.Errorf("docs/connectors/cards.md is not what the code says (%v): run go test ./internal/connector/engine -run Document -update", err)
	}
	for i, line := range strings.Split(Markdown(), "\n") {
		if n := strings.Count(line, "|"); strings.HasPrefix(line, "|") && n != 6 && n != 3 {
			t.Errorf("line %d breaks the table: %s", i+1, line)
		}
	}
}
