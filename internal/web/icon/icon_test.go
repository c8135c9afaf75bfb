package icon

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestEveryIconMayStandInAStrictPage(t *testing.T) {
	if len(byName) < 40 {
		t.Errorf("%d icons are embedded, want the list of scripts/assets", len(byName))
	}
	for name := range byName {
		t.Run(name, func(t *testing.T) {
			svg, ok := Named(name)
			if !ok {
				t.Fatalf("Named(%q) finds nothing", name)
			}
			if err := wellFormed(svg); err != nil {
				t.Errorf("not well-formed: %v", err)
			}
			for _, want := range []string{`<svg `, ` class="icon" `, ` aria-hidden="true"`, ` stroke="currentColor"`} {
				if strings.Count(svg, want) != 1 {
					t.Errorf("want exactly one %q in %s", want, svg)
				}
			}
			for _, bad := range []string{"style", "<script", " on", "href", "\n"} {
				if strings.Contains(svg, bad) {
					t.Errorf("%q must not be in %s", bad, svg)
				}
			}
		})
	}
}

func TestNamedRefusesWhatIsNotAnIcon(t *testing.T) {
	for _, name := range []string{"", "no-such-icon", "ship.svg", "../icon", "LICENSE"} {
		if svg, ok := Named(name); ok || svg != "" {
			t.Errorf("Named(%q) = %q, %v; want nothing", name, svg, ok)
		}
	}
}

func wellFormed(svg string) error {
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := decoder.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
