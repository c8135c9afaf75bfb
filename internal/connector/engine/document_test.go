package engine

import (
	"strings"
	"testing"

	"slipway/internal/require"
)

func TestDocumentShowsTheCards(t *testing.T) {
	require.Drawn(t, "docs/connectors/cards.md", Markdown())
	for i, line := range strings.Split(Markdown(), "\n") {
		if n := strings.Count(line, "|"); strings.HasPrefix(line, "|") && n != 6 && n != 3 {
			t.Errorf("line %d breaks the table: %s", i+1, line)
		}
	}
}
