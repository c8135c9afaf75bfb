package main

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/egress"
	"slipway/internal/lab"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

// verify measures a run of the lab beside the sum of the target's own answer times: what is above is ours.
func verify(ctx context.Context) ([]figure, error) {
	target := scimtest.New(scimtest.WithToken("bench"), scimtest.WithLatency(5*time.Millisecond))
	base, stop := target.Start()
	defer stop()
	began := time.Now()
	report := lab.Run(ctx, lab.Subject{
		BaseURL: base, Auth: scim.Bearer(secret.NewText("bench")), Policy: egress.AllowPrivate(), Seed: 1,
	}, lab.Unwatched{})
	if report.Verdict != lab.Passed {
		return nil, fmt.Errorf("verify: %s: %s", report.Verdict, report.Reason)
	}
	wall := time.Since(began)
	return []figure{
		{"verify.wall", wall.Seconds(), "s", 0.8, report.TargetTime.Seconds() / wall.Seconds()},
		{"verify.requests", float64(report.Requests), "requests", 300, 0},
	}, nil
}
