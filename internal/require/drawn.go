package require

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files anew that are drawn from the code")

// Drawn fails where a file, named from the module's root, is not what the code draws; with -update it is written first.
func Drawn(t testing.TB, name, drawn string) {
	t.Helper()
	path := filepath.Join(Root(t), name)
	if *update {
		if err := os.WriteFile(path, []byte(drawn), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), drawn); diff != "" {
		t.Errorf("%s is not what the code draws: run this test with -update, and look at the difference (-file +code):\n%s", name, diff)
	}
}
