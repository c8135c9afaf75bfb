package definition_test

import (
	"strings"
	"testing"

	"slipway/internal/connector/definition"
	"slipway/internal/require"
)

func TestDocumentShowsTheSchema(t *testing.T) {
	require.Drawn(t, "docs/connectors/definition.md", definition.Markdown())
	for i, line := range strings.Split(definition.Markdown(), "\n") {
		if strings.HasPrefix(line, "| `") && (strings.Count(line, "|")-strings.Count(line, "\\|") != 5 || strings.HasSuffix(line, "|  |")) {
			t.Errorf("line %d says nothing about a member, or breaks the table: %s", i+1, line)
		}
	}
}
