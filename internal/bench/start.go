package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// start measures the real program on an empty folder: from its start to the first page, and its memory when idle.
func start(ctx context.Context, folder string) ([]figure, error) {
	program := filepath.Join(folder, "slipway")
	if err := build(ctx, program); err != nil {
		return nil, err
	}
	const address = "127.0.0.1:18080"
	server := exec.CommandContext(ctx, program, "serve", "--data", filepath.Join(folder, "data"), "--listen", address)
	began := time.Now()
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	if err := firstPage(ctx, "http://"+address+"/"); err != nil {
		return nil, err
	}
	first := time.Since(began)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(3 * time.Second):
	}
	resident, err := residentMemory(server.Process.Pid)
	if err != nil {
		return nil, err
	}
	return []figure{{"start.first_page", first.Seconds(), "s", 10, 0}, {"start.resident", resident, "MiB", 200, 0}}, nil
}

func build(ctx context.Context, program string) error {
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/slipway").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	return nil
}

// firstPage asks until a page comes, for at most ten seconds.
func firstPage(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no page within ten seconds: %w", ctx.Err())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// residentMemory reads a process's resident memory in MiB.
func residentMemory(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("read memory: no VmRSS for process %d", pid)
}
