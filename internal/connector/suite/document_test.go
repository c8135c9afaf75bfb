package suite_test

import (
	"strings"
	"testing"

	"slipway/internal/connector/suite"
	"slipway/internal/require"
)

func TestDocumentShowsTheSuitesSchema(t *testing.T) {
	require.Drawn(t, "docs/connectors/suite.md", suite.Markdown())
	for i, line := range strings.Split(suite.Markdown(), "\n") {
		if strings.HasPrefix(line, "| `") && (strings.Count(line, "|")-strings.Count(line, "\\|") != 5 || strings.HasSuffix(line, "|  |")) {
			t.Errorf("line %d says nothing about a member, or breaks the table: %s", i+1, line)
		}
	}
}
