package lab

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the documents that are drawn from the code")

func TestDocumentShowsTheCatalogue(t *testing.T) {
	const path = "../../docs/checks.md"
	if *update {
		if err := os.WriteFile(path, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil || string(written) != Markdown() {
		t.Errorf("docs/checks.md is not what the code says (%v): run go test ./internal/lab -run Document -update", err)
	}
	for i, line := range strings.Split(Markdown(), "\n") {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 6 {
			t.Errorf("line %d breaks the table: %s", i+1, line)
		}
	}
}
