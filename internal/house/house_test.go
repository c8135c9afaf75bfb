package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/require"
)

// The house as it stands.
func TestNoArrowRunsUp(t *testing.T) {
	root := require.Root(t)
	markdown, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := readPlan(string(markdown))
	if err != nil {
		t.Fatal(err)
	}
	for _, objection := range rooms.objections("slipway", list(t, root)) {
		t.Error(objection)
	}
}

// The generator of the views and the library that they run with must be of one version.
func TestTheGeneratorIsOfTheLibrarysVersion(t *testing.T) {
	const templ = "github.com/a-h/templ"
	root := require.Root(t)
	library := goCommand(t, root, "list", "-m", "-f", "{{.Version}}", templ)
	generator := goCommand(t, root, "list", "-modfile=tools.mod", "-m", "-f", "{{.Version}}", templ)
	if !bytes.Equal(library, generator) {
		t.Errorf("go.mod has templ %s, tools.mod has %s", library, generator)
	}
}

func list(t *testing.T, root string) []pkg {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(goCommand(t, root, "list", "-json=ImportPath,Name,Doc,Imports", "./...")))
	var packages []pkg
	for {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("read what go list says: %v", err)
		}
		packages = append(packages, p)
	}
}

func goCommand(t *testing.T, folder string, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = folder
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, complaint.String())
	}
	return out
}

const table = `# A house

## Floors

| floor | room | owns |
| --- | --- | --- |
| 3 program | cmd/ship | the commands |
| 2 rooms | store | the tables |
| 2 rooms | web | the pages |
| 1 ground floor | scim | the protocol |
| 0 ground | fault | errors |
| tests | peers | servers of others |

## Something else

| floor | room | owns |
| 9 | not a room | at all |
`

func TestReadPlan(t *testing.T) {
	got, err := readPlan(table)
	want := plan{{"cmd/ship", 3}, {"store", 2}, {"web", 2}, {"scim", 1}, {"fault", 0}, {"peers", support}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(room{})); diff != "" || err != nil {
		t.Errorf("error %v, plan (-want +got):\n%s", err, diff)
	}
	for _, tt := range []struct{ name, markdown, want string }{
		{"a text without the section", "# A house\n", `no section "## Floors"`},
		{"a table without rows", "\n## Floors\n\n| floor | room | owns |\n| --- | --- | --- |\n", "the table is empty"},
		{"a floor that is no number", strings.Replace(table, "| 2 rooms | web", "| attic | web", 1), `floor "attic"`},
		{"two rows for one room", strings.Replace(table, "| web |", "| store |", 1), "two rows for store"},
		{"a row that owns nothing", strings.Replace(table, "the pages", "", 1), "web does not say what it owns"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readPlan(tt.markdown); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestObjections(t *testing.T) {
	rooms, err := readPlan(table)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, from, to string
		want           string // in the objection; "" for none
	}{
		{"down is allowed", "internal/web", "slipway/internal/scim", ""},
		{"down over several floors is allowed", "cmd/ship", "slipway/internal/scim", ""},
		{"the ground is everybody's", "internal/scim", "slipway/internal/fault", ""},
		{"within a room everything is allowed", "internal/web/views", "slipway/internal/web", ""},
		{"other people's packages are not judged", "internal/web", "net/http", ""},
		{"up is not", "internal/scim", "slipway/internal/web", "no arrow runs up"},
		{"from the ground up is not", "internal/fault", "slipway/internal/scim", "no arrow runs up"},
		{"sideways is not", "internal/web", "slipway/internal/store", "rooms on one floor"},
		{"a folder of a room counts as the room", "internal/web/views", "slipway/internal/store/migrations", "rooms on one floor"},
		{"what supports tests is for tests", "cmd/ship", "slipway/internal/peers", "only tests may use it"},
		{"a room's own support is for tests", "cmd/ship", "slipway/internal/store/storetest", "only tests may use it"},
		{"what supports tests may use everything", "internal/peers", "slipway/internal/web", ""},
		{"a room's own support may use everything", "internal/store/storetest", "slipway/internal/web", ""},
		{"a name that only starts alike is another room", "internal/webhooks", "", "has no row"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			packages := inhabited("slipway/"+tt.from, tt.to)
			got := strings.Join(rooms.objections("slipway", packages), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("%s imports %s: objections %q, want %q", tt.from, tt.to, got, tt.want)
			}
		})
	}
}

func TestEveryRoomHasASignAndEveryRowARoom(t *testing.T) {
	rooms, err := readPlan(table)
	if err != nil {
		t.Fatal(err)
	}
	packages := inhabited("slipway/internal/web/views", "")
	packages[0].Doc = ""
	packages[1].Doc = "Helpers for everything."
	packages = slices.DeleteFunc(packages, func(p pkg) bool { return p.Name == "peers" })
	want := []string{
		"slipway/cmd/ship has no package comment: say what it owns, its one rule, and what it leaves to others",
		`slipway/internal/store: its package comment starts with "Helpers for everything.", not with "Package store"`,
		"ARCHITECTURE.md has a row for peers, where there is no package: remove the row",
	}
	if diff := cmp.Diff(want, rooms.objections("slipway", packages)); diff != "" {
		t.Errorf("objections (-want +got):\n%s", diff)
	}
}

// inhabited is the table's house with one more package, which imports another.
func inhabited(importing, imported string) []pkg {
	var packages []pkg
	for _, name := range []string{"store", "web", "scim", "fault", "peers"} {
		packages = append(packages, pkg{"slipway/internal/" + name, name, "Package " + name + " is there.", nil})
	}
	program := pkg{"slipway/cmd/ship", "main", "Ship sails.", nil}
	last := importing[strings.LastIndex(importing, "/")+1:]
	more := pkg{importing, last, "Package " + last + " is there.", []string{imported}}
	return append(append([]pkg{program}, packages...), more)
}
