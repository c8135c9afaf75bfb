package main

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// program is the real one, built for the test, with the arguments that it is started with again and again.
type program struct {
	path string
	args []string
}

// built is where the program lies, once a test needs it: as people run it, without the race detector, whatever the tests
// themselves run with. TestMain says in which folder.
var (
	builtIn string
	built   = sync.OnceValues(func() (path string, err error) {
		path = filepath.Join(builtIn, "slipway")
		if out, err := exec.Command("go", "build", "-race=false", "-o", path, ".").CombinedOutput(); err != nil {
			return "", fmt.Errorf("build slipway: %w\n%s", err, out)
		}
		return path, nil
	})
)

// TestMain keeps the program for all tests and removes it after the last.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "slipway-program-")
	if err != nil {
		log.Fatal(err)
	}
	builtIn = folder
	status := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(status)
}

// buildProgram returns the program's path.
func buildProgram(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// process is one life of the program.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	started time.Time
	out     *output
	asked   atomic.Bool      // to end
	dead    chan struct{}    // closed by its end
	failed  chan struct{}    // closed by an end that nobody asked for
	state   *os.ProcessState // once it is dead
}

// start starts a process, and ends it at the end of the test if nobody has until then.
func (p program) start(t *testing.T) *process {
	t.Helper()
	life := &process{
		t: t, cmd: exec.Command(p.path, p.args...), started: time.Now(), out: &output{},
		dead: make(chan struct{}), failed: make(chan struct{}),
	}
	life.cmd.Stdout, life.cmd.Stderr = life.out, life.out
	if err := life.cmd.Start(); err != nil {
		t.Fatalf("start slipway: %v", err)
	}
	go life.wait()
	t.Cleanup(func() {
		life.kill()
		if t.Failed() {
			t.Logf("process %d said at last:\n%s", life.cmd.Process.Pid, life.out.tail())
		}
	})
	return life
}

func (p *process) wait() {
	_ = p.cmd.Wait() // how it has ended is in the state
	p.state = p.cmd.ProcessState
	close(p.dead)
	if !p.asked.Load() {
		close(p.failed)
	}
}

// kill ends the process as kill -9 does, and returns when it is dead.
func (p *process) kill() {
	p.asked.Store(true)
	_ = p.cmd.Process.Kill() // it may be dead already
	<-p.dead
}

func (p *process) age() time.Duration { return time.Since(p.started).Round(time.Millisecond) }

// stop asks the process to end, as an operator does.
func (p *process) stop() {
	p.t.Helper()
	p.asked.Store(true)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatalf("stop slipway: %v", err)
	}
	select {
	case <-p.dead:
	case <-time.After(20 * time.Second):
		p.t.Fatal("slipway does not end 20 s after SIGTERM")
	}
	if code := p.state.ExitCode(); code != 0 {
		p.t.Errorf("slipway ended with status %d after SIGTERM, want 0", code)
	}
}

// awaitReady returns once the process answers on /healthz, and fails the test if that takes 10 s. A process that
// has been killed meanwhile was ready enough.
func (p *process) awaitReady() {
	p.t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if p.healthy() {
			return
		}
		select {
		case <-p.dead:
			return
		case <-deadline:
			p.t.Fatal("slipway does not answer on /healthz 10 s after its start")
		case <-tick.C:
		}
	}
}

func (p *process) healthy() bool {
	address := p.out.address()
	if address == "" {
		return false
	}
	client := http.Client{Timeout: time.Second}
	res, err := client.Get(address + "/healthz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// output keeps what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// address is where the process listens, "" until it has said so.
func (o *output) address() string {
	_, rest, _ := strings.Cut(o.all(), "Slipway listens on ")
	address, _, whole := strings.Cut(rest, "\n")
	if !whole {
		return ""
	}
	return address
}

// all is everything that was printed so far.
func (o *output) all() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// tail is the last of it: what led to the end.
func (o *output) tail() string {
	text := o.all()
	return text[max(0, len(text)-1500):]
}
