package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"slipway/internal/egress"
)

//go:embed report.gohtml
var reportHTML string

//go:embed report.css
var reportCSS string

var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{
	"css": func() template.CSS { return template.CSS(reportCSS) }, // our own file
	"verdictWord": func(v Verdict) string {
		return map[Verdict]string{Passed: "Passed", Failed: "Failed", NotRun: "Not run"}[v]
	},
	"word":     wordOf,
	"tone":     toneOf,
	"findings": findingsFirstBlocking,
	"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"when":     func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"day":      func(t time.Time) string { return t.UTC().Format("2 January 2006") },
	"round":    rounded,
	"sent":     func(r Report, c Result) []shownExchange { return r.named(c.Exchanges) },
	"rest":     func(r Report) []shownExchange { return r.named(r.Rest) },
	"request":  requestText,
	"response": responseText,
	"timeline": timelineOf,
}).Parse(reportHTML))

// WriteHTML writes the report as one page that needs nothing else: no script, no other file, light and dark.
func WriteHTML(w io.Writer, r Report) error {
	if err := reportPage.Execute(w, r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func findingsFirstBlocking(r Report) []Result {
	found := r.Findings()
	slices.SortStableFunc(found, func(a, b Result) int { return urgency(a) - urgency(b) })
	return found
}

func urgency(c Result) int {
	switch {
	case c.Verdict == Failed && c.Blocking:
		return 0
	case c.Verdict == Failed:
		return 1
	}
	return 2
}

func wordOf(c Result) string {
	if c.Waiver != nil && c.Outcome.Open() {
		return "not run, waived"
	}
	switch c.Outcome {
	case Pass:
		return "ok"
	case Deviation:
		return "ok, unusual"
	case Fail:
		return "failed"
	case Warn:
		return "warned"
	case NotApplicable:
		return "does not apply"
	case Info:
		return "works, not claimed"
	case Inconclusive:
		return "not proved"
	case Broken:
		return "lab error"
	}
	return strings.ToLower(string(c.Outcome))
}

func toneOf(c Result) string {
	switch {
	case c.Waiver != nil:
		return string(Warned)
	case c.Verdict == NotRun:
		return "mute"
	}
	return string(c.Verdict)
}

func rounded(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d > 0 && d < time.Millisecond:
		return "under 1ms"
	}
	return d.Round(time.Millisecond).String()
}

// shownExchange is an exchange under the path that a reader knows it by.
type shownExchange struct {
	egress.Exchange
	Path string
}

func (r Report) named(exchanges []egress.Exchange) []shownExchange {
	shown := make([]shownExchange, len(exchanges))
	for i, e := range exchanges {
		shown[i] = shownExchange{e, r.pathAndQuery(e.URL)}
	}
	return shown
}

func (r Report) pathAndQuery(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	if query, err := url.QueryUnescape(u.RawQuery); err == nil && query != "" {
		return r.pathOf(rawURL) + "?" + query
	}
	return r.pathOf(rawURL)
}

// pathOf is the path of an address below the target's base URL, and the whole path where it does not lie there.
func (r Report) pathOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	base, err := url.Parse(r.Target)
	if err != nil || base.Host != u.Host {
		return u.EscapedPath()
	}
	root := strings.TrimSuffix(base.EscapedPath(), "/")
	if below, within := strings.CutPrefix(u.EscapedPath(), root+"/"); within {
		return "/" + below
	}
	return u.EscapedPath()
}

func requestText(e egress.Exchange) string {
	return message(e.Method+" "+e.URL, e.RequestHeader, e.RequestBody, false)
}

func responseText(e egress.Exchange) string {
	first := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	if e.Status == 0 {
		first = "No answer."
	}
	if e.Err != "" {
		first += "\n" + e.Err
	}
	return message(first, e.ResponseHeader, e.ResponseBody, e.Truncated)
}

func message(first string, header http.Header, body string, cut bool) string {
	lines := []string{first}
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lines = append(lines, name+": "+strings.Join(header[name], ", "))
	}
	if body != "" {
		lines = append(lines, "", body)
	}
	if cut {
		lines = append(lines, "", "(The rest was not kept.)")
	}
	return strings.Join(lines, "\n")
}
