package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteJSON writes the report as one JSON object, indented, in the shape of Report's tags.
func WriteJSON(w io.Writer, r Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
