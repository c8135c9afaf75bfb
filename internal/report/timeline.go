package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"slipway/internal/egress"
)

// timeline is the run's requests over time, as a picture: a bar for each, where it began, as wide as it took.
type timeline struct {
	Bars    []bar
	Caption string // what the picture shows, in words
}

// bar is one request in the units of the picture.
type bar struct {
	X, Y, Width, Height float64
	Tone                string // "passed" for an answer, "warned" for a refusal, "failed" for a breakdown or none
}

// The picture's size. A request that took no time to speak of is still a line.
const (
	pictureWidth  = 960.0
	pictureHeight = 72.0
	thinnest      = 1.0
	lowest        = 6.0
)

// timelineOf draws the exchanges that the report holds, each once: several checks may show the same one. Without two of
// them there is nothing to draw.
func timelineOf(r Report) *timeline {
	all := exchangesOf(r)
	if len(all) < 2 {
		return nil
	}
	began, slowest := all[0].Started, all[0]
	ended, broken := began, 0
	for _, e := range all {
		if end := e.Started.Add(e.Duration); end.After(ended) {
			ended = end
		}
		if e.Duration > slowest.Duration {
			slowest = e
		}
		if toneOfExchange(e) == string(Failed) {
			broken++
		}
	}
	span := max(ended.Sub(began), time.Millisecond)
	t := &timeline{Caption: fmt.Sprintf("%d requests in %s. The slowest took %s: %s %s.", len(all), rounded(span), rounded(slowest.Duration), slowest.Method, r.pathOf(slowest.URL))}
	if broken > 0 {
		t.Caption += fmt.Sprintf(" %d got no answer, or a server error.", broken)
	}
	for _, e := range all {
		share := float64(e.Duration) / float64(max(slowest.Duration, 1))
		height := lowest + (pictureHeight-lowest)*math.Sqrt(share)
		t.Bars = append(t.Bars, bar{
			X: tenths(pictureWidth * float64(e.Started.Sub(began)) / float64(span)), Y: tenths(pictureHeight - height), Height: tenths(height),
			Width: tenths(max(thinnest, pictureWidth*float64(e.Duration)/float64(span))), Tone: toneOfExchange(e),
		})
	}
	return t
}

// exchangesOf returns the report's exchanges in the order in which they began. One that was replayed never did.
func exchangesOf(r Report) []egress.Exchange {
	all := slices.Clone(r.Rest)
	for _, c := range r.Checks {
		all = append(all, c.Exchanges...)
	}
	all = slices.DeleteFunc(all, func(e egress.Exchange) bool { return e.Started.IsZero() })
	slices.SortStableFunc(all, func(a, b egress.Exchange) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Method, b.Method), cmp.Compare(a.URL, b.URL))
	})
	return slices.CompactFunc(all, func(a, b egress.Exchange) bool {
		return a.Started.Equal(b.Started) && a.Method == b.Method && a.URL == b.URL
	})
}

func toneOfExchange(e egress.Exchange) string {
	switch {
	case e.Status == 0 || e.Status >= 500:
		return string(Failed)
	case e.Status >= 400:
		return string(Warned)
	}
	return string(Passed)
}

func tenths(f float64) float64 { return math.Round(f*10) / 10 }
