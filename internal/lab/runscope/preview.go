package runscope

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/internal/report"
)

// Preview is what a run with its options would do, as far as it can be told without a request.
type Preview struct {
	Suite      string        `json:"suite"`
	Origin     string        `json:"origin"`
	Steps      map[Kind]int  `json:"steps"` // nested ones included
	Assertions int           `json:"assertions"`
	Scripts    int           `json:"scripts"`
	Pauses     time.Duration `json:"pauses_ns"` // together, as they would be waited for, outside loops
	Hosts      []PreviewHost `json:"hosts"`
	Needs      []string      `json:"needs"` // variables that nothing sets
	Notes      []string      `json:"notes"` // what cannot be run as written, and what it means for a verdict
}

// PreviewHost is a host that steps ask. It may be a variable that has no value before the first step.
type PreviewHost struct {
	Host     string `json:"host"`
	Requests int    `json:"requests"`
	Named    bool   `json:"named"` // somebody has named it, so it may be asked
}

// Preview tells what Run would do. It sends nothing and executes no script.
func (s Suite) Preview(o Options) Preview {
	r := newRun(s, o.withDefaults())
	r.recognise()
	r.prepare()
	summary := s.Summary(o.InitialScript)
	out := Preview{
		Suite: s.Name, Origin: r.result.Origin.describe(s.Name), Steps: summary.Steps, Assertions: summary.Assertions, Scripts: summary.Scripts,
		Pauses: time.Duration(float64(summary.Pauses) * max(0, o.PauseScale)), Hosts: []PreviewHost{},
		Needs: append([]string{}, r.lacks()...), Notes: append([]string{}, r.result.Warnings...),
	}
	hosts := map[string]*PreviewHost{}
	walk(s.Steps, func(step Step) {
		if step.Request == nil || step.Skipped {
			return
		}
		h := PreviewHost{Host: hostOf(step.Request.URL)}
		if u, ok := r.foresee(step.Request.URL); ok {
			h.Host, h.Named = u.Host, r.gate.allows(u)
		}
		if hosts[h.Host] == nil {
			hosts[h.Host] = &h
		}
		hosts[h.Host].Requests++
	})
	for _, name := range slices.Sorted(maps.Keys(hosts)) {
		out.Hosts = append(out.Hosts, *hosts[name])
	}
	return out
}

// WriteText writes the preview for people. A suite is foreign content: what a terminal would obey is left out.
func (p Preview) WriteText(w io.Writer) error {
	var lines, steps []string
	line := func(format string, args ...any) {
		lines = append(lines, report.Printable(fmt.Sprintf(format, args...))+"\n")
	}
	for _, kind := range []Kind{RequestStep, PauseStep, ConditionStep, LoopStep, SubtestStep, OtherStep} {
		if n := p.Steps[kind]; n > 0 {
			steps = append(steps, fmt.Sprintf("%s %d", kind, n))
		}
	}
	line("Suite: %s", p.Suite)
	line("Origin of the suite: %s", p.Origin)
	line("Steps: %s; assertions %d, scripts %d", strings.Join(steps, ", "), p.Assertions, p.Scripts)
	line("Takes: %s of pauses, and the answers to %d requests", p.Pauses.Round(time.Second), p.Steps[RequestStep])
	for _, h := range p.Hosts {
		why := ""
		switch {
		case strings.Contains(h.Host, "{{"):
			why = ": which host that is shows once the variable has a value"
		case !h.Named:
			why = ": nobody has named it, so it is not asked"
		}
		asked := "once"
		if h.Requests > 1 {
			asked = fmt.Sprintf("%d times", h.Requests)
		}
		line("Asks: %s, %s%s", h.Host, asked, why)
	}
	for _, note := range p.Notes {
		line("Note: %s", note)
	}
	line("Nothing was sent.")
	_, err := io.WriteString(w, strings.Join(lines, ""))
	return err
}
