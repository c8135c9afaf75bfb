package report

import (
	"strings"
	"testing"
	"time"

	"slipway/internal/egress"
)

// The picture has a bar for each request, inside its frame, and says in words what it shows.
func TestTimeline(t *testing.T) {
	start := time.Unix(1_000, 0)
	exchange := func(offset, took time.Duration, status int) egress.Exchange {
		return egress.Exchange{Method: "GET", URL: "https://vendor.example/scim/Users", Started: start.Add(offset), Duration: took, Status: status}
	}
	quick, slow, broken := exchange(0, time.Millisecond, 200), exchange(time.Second, 3*time.Second, 404), exchange(4*time.Second, 0, 0)
	r := Report{Target: "https://vendor.example/scim", Checks: []Result{{Exchanges: []egress.Exchange{slow, quick}}, {Exchanges: []egress.Exchange{quick, broken}}}, Rest: []egress.Exchange{exchange(5*time.Millisecond, time.Millisecond, 204)}}
	got := timelineOf(r)
	if len(got.Bars) != 4 {
		t.Fatalf("%d bars for four requests, one of them shown twice, one by no check", len(got.Bars))
	}
	if want := "4 requests in 4s. The slowest took 3s: GET /Users. 1 got no answer, or a server error."; got.Caption != want {
		t.Errorf("the caption is %q, want %q", got.Caption, want)
	}
	for i, b := range got.Bars {
		if b.X < 0 || b.X > pictureWidth || b.Y < 0 || b.Y+b.Height > pictureHeight+0.1 || b.Width < thinnest {
			t.Errorf("bar %d lies outside: %+v", i, b)
		}
	}
	if tones := got.Bars[0].Tone + got.Bars[1].Tone + got.Bars[2].Tone + got.Bars[3].Tone; tones != "passedpassedwarnedfailed" {
		t.Errorf("the tones are %s", tones)
	}
	if timelineOf(Report{}) != nil || timelineOf(r.ForStrangers()) != nil {
		t.Error("there is a picture of nothing")
	}
	page := written(t, "html", r)
	if strings.Count(page, "<rect ") != 4 || !strings.Contains(page, `aria-label="`+got.Caption+`"`) {
		t.Error("the page does not hold the picture")
	}
}
