// Package peers starts SCIM servers that others wrote, for tests to speak to.
//
// Its one rule: how SCIM is spoken is theirs. A host here stores resources and checks a token, and adds nothing to
// the protocol, so that a finding on a peer is a finding on the library. What the findings are is left to the tests.
//
//	BetterAuth  npm better-auth with @better-auth/scim
//	Scimmy      npm scimmy with scimmy-routers, on Express 4
//	Scimmy5     the same on Express 5
//	Elimity     Go github.com/elimity-com/scim, in this process
//
// The npm hosts lie in npm/, pinned by a lock file; `make bootstrap` brings their packages.
package peers

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/require"
)

// Peer is a running server. It listens on loopback and stops with the test that started it.
type Peer struct {
	BaseURL string // of SCIM 2.0, without a slash at its end
	Token   string // the bearer token that it accepts
}

// token is the same for every peer and every run, so that recorded reports compare. better-auth wants a long one.
const token = "peer-token-0123456789abcdef0123456789abcdef"

// startTime is how long a peer may take to print its address, on a busy machine.
const startTime = 60 * time.Second

// BetterAuth starts an empty better-auth. Its filters know only eq; it has no sorting, no ETags and no bulk.
func BetterAuth(t testing.TB) Peer { return node(t, "internal/peers/npm", "better-auth") }

// Scimmy starts an empty scimmy. That a userName is unique is its host's doing; past the last page it lists page one again.
func Scimmy(t testing.TB) Peer { return node(t, "internal/peers/npm", "scimmy") }

// Scimmy5 starts an empty scimmy on Express 5, whose query cannot be written to: what the library reads from a request
// and writes back there is lost.
func Scimmy5(t testing.TB) Peer { return node(t, "internal/peers/npm/express5", "scimmy") }

// node runs FOLDER/NAME.mjs until the test ends. Closing its standard input is what stops it, so it also stops when the
// test is killed.
func node(t testing.TB, folder, name string) Peer {
	t.Helper()
	require.Slow(t)
	program := require.Program(t, "node")
	require.File(t, folder+"/node_modules/"+name+"/package.json")

	server := exec.Command(program, name+".mjs")
	server.Dir = filepath.Join(require.Root(t), folder)
	server.Env = append(os.Environ(), "PEER_TOKEN="+token)
	var complaints bytes.Buffer
	server.Stderr = &complaints
	stdin, err := server.StdinPipe()
	if err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	if err := server.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	impatience := time.AfterFunc(startTime, func() { _ = server.Process.Kill() })
	line, readErr := bufio.NewReader(stdout).ReadString('\n')
	impatience.Stop()
	t.Cleanup(func() {
		_ = stdin.Close()
		err := server.Wait()
		if t.Failed() || err != nil {
			t.Logf("%s ended (%v) and had complained:\n%s", name, err, complaints.String())
		}
	})
	if readErr != nil {
		t.Fatalf("start %s: it ended, or printed no address within %s", name, startTime)
	}
	return Peer{BaseURL: strings.TrimSpace(line), Token: token}
}
