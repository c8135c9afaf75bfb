package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"slipway/internal/egress"
	"slipway/internal/lab"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

// most is how much longer than the target's own answers a run of the lab may take.
const most = 1.3

// verify measures whole runs of the lab, without the checks that wait or load on purpose, beside the sum of the target's own answer times: what is
// above is ours. Then it measures the memory of the program that does the same.
func verify(ctx context.Context, folder string) ([]figure, error) {
	var figures []figure
	for _, latency := range []time.Duration{0, 20 * time.Millisecond} {
		rep, wall, err := wholeRun(ctx, latency)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("verify.%dms", latency.Milliseconds())
		figures = append(figures,
			figure{name + ".wall", wall.Seconds(), "s", 1 / most, rep.TargetTime.Seconds() / wall.Seconds()},
			figure{name + ".requests", float64(rep.Requests), "requests", 3000, 0})
	}
	peak, err := peakMemory(ctx, folder)
	return append(figures, figure{"verify.peak", peak, "MiB", 200, 0}), err
}

func wholeRun(ctx context.Context, latency time.Duration) (report.Report, time.Duration, error) {
	target := scimtest.New(scimtest.WithToken("bench"), scimtest.WithLatency(latency))
	base, stop := target.Start()
	defer stop()
	began := time.Now()
	rep := lab.Run(ctx, lab.Subject{
		BaseURL: base, Auth: scim.Bearer(secret.NewText("bench")), Policy: egress.AllowPrivate(), Seed: 1,
		Rate: 1e6, // our own pace is a courtesy to targets, and not what is measured
	}, lab.Unwatched{})
	if rep.Verdict != report.Passed {
		return rep, 0, fmt.Errorf("verify: %s: %s", rep.Verdict, rep.Reason)
	}
	return rep, time.Since(began), nil
}

// peakMemory is the most that the program had resident while it verified a target, in MiB.
func peakMemory(ctx context.Context, folder string) (float64, error) {
	program := filepath.Join(folder, "slipway")
	if err := build(ctx, program); err != nil {
		return 0, err
	}
	target := scimtest.New(scimtest.WithToken("bench"))
	base, stop := target.Start()
	defer stop()
	run := exec.CommandContext(ctx, program, "verify", base, "--bearer", "bench", "--allow-private", "--format", "json", "--out", filepath.Join(folder, "report.json"))
	if err := run.Run(); err != nil {
		return 0, fmt.Errorf("verify: %w", err)
	}
	usage, ok := run.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("verify: this system does not tell a process's memory")
	}
	return float64(usage.Maxrss) / 1024, nil // Linux counts in KiB
}
