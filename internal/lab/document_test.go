package lab

import (
	"strings"
	"testing"

	"slipway/internal/require"
)

func TestDocumentShowsTheCatalogue(t *testing.T) {
	require.Drawn(t, "docs/checks.md", Markdown())
	for i, line := range strings.Split(Markdown(), "\n") {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 6 {
			t.Errorf("line %d breaks the table: %s", i+1, line)
		}
	}
}
