// Command bench measures what Slipway carries, prints a table and writes it as JSON.
//
// Its one rule: a figure with a ratio stands beside what it is compared with in the same run, because machines are
// noisy; a value alone is for reading. What is measured in detail lies in the packages below.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"text/tabwriter"

	"slipway/internal/bench/connectors"
	"slipway/internal/bench/provisioning"
)

// figure is one row of the table and of the file.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Limit float64 `json:"limit"` // what Ratio must reach, or what Value is meant to stay below where there is no ratio
	Ratio float64 `json:"ratio"` // 0 where there is nothing to compare with
}

func main() {
	out := flag.String("out", "bench.json", "file to write")
	people := flag.Int("people", 5000, "how many people are provisioned")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *out, *people)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, people int) error {
	folder, err := os.MkdirTemp("", "slipway-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	var figures []figure
	provisioned, err := provisioning.Measure(ctx, folder, people)
	if err != nil {
		return err
	}
	for _, f := range provisioned {
		figures = append(figures, figure(f))
	}
	connected, err := connectors.Measure(ctx, "examples/acmehr")
	if err != nil {
		return err
	}
	for _, f := range connected {
		figures = append(figures, figure(f))
	}
	verified, err := verify(ctx, folder)
	if err != nil {
		return err
	}
	started, err := start(ctx, folder)
	if err != nil {
		return err
	}
	return publish(out, append(append(figures, verified...), started...))
}

func publish(out string, figures []figure) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "name\tvalue\tunit\tratio\tlimit\t")
	for _, f := range figures {
		_, _ = fmt.Fprintf(table, "%s\t%.2f\t%s\t%.2f\t%.2f\t\n", f.Name, f.Value, f.Unit, f.Ratio, f.Limit)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(data, '\n'), 0o644)
}
