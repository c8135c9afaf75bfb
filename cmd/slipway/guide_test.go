package main

import (
	"errors"
	"iter"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/examples/acmehr"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/require"
)

// TestGuide does what docs/connectors/guide.md says, block by block, and sees that what it shows comes.
func TestGuide(t *testing.T) {
	require.Slow(t)
	require.Program(t, "bash")
	root := require.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "docs/connectors/guide.md"))
	if err != nil {
		t.Fatal(err)
	}
	g := newGuide(t, root)
	for block := range blocks(string(text)) {
		key, do := g.step(block)
		switch {
		case do != nil:
			delete(g.steps, key)
			do(block)
		case strings.HasPrefix(block, "$ "):
			g.enter(block)
		default:
			t.Errorf("the test does not know what to do with\n%s", block)
		}
	}
	for key := range g.steps {
		t.Errorf("the guide has no block any more that begins with %s", key)
	}
}

// guide is somebody who reads it, with a folder and a shell.
type guide struct {
	t       *testing.T
	folder  string
	path    string // PATH
	address string // of Acme HR, which the guide has at port 8197
	set     []string
	steps   map[string]func(block string) // by how a block begins: what to do with it, unless it is only a command
}

func newGuide(t *testing.T, root string) *guide {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: acmehr.New(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	g := &guide{t: t, folder: t.TempDir(), path: filepath.Dir(buildProgram(t)), address: listener.Addr().String()}
	if err := os.CopyFS(filepath.Join(g.folder, "examples/acmehr"), os.DirFS(filepath.Join(root, "examples/acmehr"))); err != nil {
		t.Fatal(err)
	}
	shown := func(string) {}
	g.steps = map[string]func(string){
		"go build": shown, // done by buildProgram
		"go run": func(block string) { // which is done above
			_, sed, _ := strings.Cut(block, "\n\n")
			g.enter("$ " + sed)
		},
		"- name: Get User by UserN": shown, // how it would look if it could not be guessed
		"  allowed:": func(block string) {
			maps, roles, _ := strings.Cut(block, "\n\n")
			g.put("connector.yaml", `(?m)()^  entitlement:`, maps+"\n")
			g.put("connector.yaml", `(?m)^  scimUser:\n()`, roles)
		},
		"    steps:": func(block string) {
			g.put("connector.yaml", `(?s)name: List User Schema Property Values\n.*?(    steps:\n.*?)\n\n`, block)
		},
		"            - {": func(block string) {
			g.put("connector.yaml", `(?m)^            - \{ name: title.*\n()`, block)
		},
		"      - set:": func(block string) {
			step, line, _ := strings.Cut(block, "\n\n")
			for _, action := range []string{"Create User", "Update User"} {
				g.put("connector.yaml", `(?s)name: `+action+`\n.*?    steps:\n()`, step+"\n")
				g.put("connector.yaml", `(?s)name: `+action+`\n.*?merge\(.*?(\) \}\n)`, ",\n"+line)
			}
		},
		"  - id: TC101": func(block string) {
			g.put("suite.yaml", `(?s)^.*\n()$`, block)
		},
		"$ cp -r": func(block string) {
			g.enter(block)
			g.put("connector.yaml", `name: (Delete Hook)\n`, "Remove Hook")
		},
		"slipway connector lint flows": shown,
		"flopack:\n  include":          shown,
		"$ slipway connector test acmehr --allow-private --suite": func(block string) {
			flow := flopacktest.NewFlow("TC901 Users are listed")
			flow.Start()
			flow.Add("app/acmehr/listUsers", "List Users")
			if err := os.WriteFile(filepath.Join(g.folder, "acmehr/tests.folder"), flopacktest.New(flow).Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			g.enter(block)
		},
		"flopack:\n  file": shown,
	}
	return g
}

func (g *guide) step(block string) (key string, do func(string)) {
	for key, do := range g.steps {
		if strings.HasPrefix(block, key) {
			return key, do
		}
	}
	return "", nil
}

// put writes a text into a file of the connector: where the pattern's group is, and instead of it.
func (g *guide) put(name, pattern, text string) {
	g.t.Helper()
	path := filepath.Join(g.folder, "acmehr", name)
	file, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	at := regexp.MustCompile(pattern).FindSubmatchIndex(file)
	if at == nil {
		g.t.Fatalf("%s has no place %s for\n%s", name, pattern, text)
	}
	if err := os.WriteFile(path, slices.Replace(file, at[2], at[3], []byte(text)...), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// enter types the commands of a block, and holds what they print against what the block shows.
func (g *guide) enter(block string) {
	g.t.Helper()
	for entry := range strings.SplitSeq("\n"+strings.TrimSuffix(block, "\n"), "\n$ ") {
		if entry == "" {
			continue
		}
		command, want, _ := strings.Cut(entry, "\n")
		for strings.HasSuffix(command, `\`) {
			more, rest, _ := strings.Cut(want, "\n")
			command, want = command+"\n"+more, rest
		}
		if strings.HasPrefix(command, "export SLIPWAY_") {
			g.set = append(g.set, strings.TrimPrefix(command, "export "))
			continue
		}
		shell := exec.CommandContext(g.t.Context(), "bash", "-c", g.here(command))
		shell.Dir = g.folder
		shell.Env = append(os.Environ(), "PATH="+g.path+string(os.PathListSeparator)+os.Getenv("PATH"))
		shell.Env = append(shell.Env, g.set...)
		got, err := shell.CombinedOutput()
		if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
			g.t.Fatalf("%s: %v", command, err)
		}
		if !shows(lines(g.here(want)), lines(string(got))) {
			g.t.Errorf("%s\nThe guide shows:\n%s\nThis came:\n%s", command, g.here(want), got)
		}
	}
}

// here has Acme HR where it listens now.
func (g *guide) here(text string) string {
	return strings.ReplaceAll(text, "127.0.0.1:8197", g.address)
}

// varies is what differs from day to day: times, and the content's sum, in which the address stands.
var varies = regexp.MustCompile(`\d+(\.\d+)?(ms|µs|s)\b|content [0-9a-f]{16,}`)

func lines(text string) []string {
	text = strings.TrimRight(varies.ReplaceAllString(text, "…"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// shows holds lines against what a guide shows: a line of only … stands for any number of them, one at a line's end for its rest.
func shows(want, got []string) bool {
	switch {
	case len(want) == 0:
		return len(got) == 0
	case strings.TrimSpace(want[0]) == "…":
		return shows(want[1:], got) || len(got) > 0 && shows(want, got[1:])
	case len(got) == 0:
		return false
	}
	begin, cut := strings.CutSuffix(want[0], "…")
	return (got[0] == want[0] || cut && strings.HasPrefix(got[0], begin)) && shows(want[1:], got[1:])
}

// blocks are the indented blocks of a Markdown text, each without its indentation and with a line's end.
func blocks(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, block := range regexp.MustCompile(`(?m)(^    .*\n|^\n    .*\n)+`).FindAllString(text, -1) {
			lines := strings.ReplaceAll("\n"+strings.TrimLeft(block, "\n"), "\n    ", "\n")
			if !yield(lines[1:]) {
				return
			}
		}
	}
}
