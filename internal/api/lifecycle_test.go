package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/api"
	"slipway/internal/registry"
)

// A check that a vendor contests: asked for, refused, asked for again, granted until a date.
func TestWaiver(t *testing.T) {
	s := newSite(t)
	vendor, reviewer := s.as("acme", access.Vendor), s.as("network", access.Reviewer)
	path := vendor.filled(base, "token", "password")
	s.verdict(path, registry.Failed, registry.FailedCheck{ID: "users.get.404", Title: "An unknown id answers 404", Message: "It answers 400."})
	var detail api.SubmissionDetail
	vendor.must("GET", path, nil, &detail)
	if v := detail.Verdict; v == nil || v.Outcome != registry.Failed || len(v.Failed) != 1 || v.Failed[0].ID != "users.get.404" || v.Waived == nil {
		t.Fatalf("the verdict: %+v", v)
	}
	if got := vendor.do("POST", path+"/waivers", `{"check": "users.list.200", "reason": "It passes."}`); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a waiver for a check that does not block: %d", got.Status)
	}
	ask := func() (waiver string) {
		t.Helper()
		var w api.Waiver
		got := vendor.must("POST", path+"/waivers", `{"check": "users.get.404", "reason": "Our gateway does that."}`, &w)
		if got.Status != http.StatusCreated || w.State != registry.Asked {
			t.Errorf("asked: %d %+v", got.Status, w)
		}
		return strings.Replace(path, "/submissions/", "/reviews/", 1) + "/waivers/" + w.ID
	}
	var w api.Waiver
	reviewer.must("POST", ask(), `{"grant": false, "reason": "Fix the gateway."}`, &w)
	if w.State != registry.Refused || w.Decision != "Fix the gateway." {
		t.Errorf("refused: %+v", w)
	}
	waiver := ask()
	for name, body := range map[string]string{
		"without an end": `{"grant": true, "reason": "Agreed."}`, "for ever": `{"grant": true, "reason": "Agreed.", "expires": "2099-01-01T00:00:00Z"}`,
		"until no date": `{"grant": true, "reason": "Agreed.", "expires": "tomorrow"}`, "without a reason": `{"grant": false, "reason": " "}`,
	} {
		if got := reviewer.do("POST", waiver, body); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("granted %s: %d %s", name, got.Status, got.Body)
		}
	}
	until := time.Now().Add(30 * 24 * time.Hour).UTC().Truncate(time.Second)
	reviewer.must("POST", waiver, map[string]any{"grant": true, "reason": "Agreed.", "expires": until}, &w)
	if w.State != registry.Granted || !w.ExpiresAt.Equal(until) {
		t.Errorf("granted: %+v", w)
	}
}

// That a required check did not run can be contested, too: the verdict names it, and the waiver says what it accepts.
//
func TestWaiverForWhatDidNotRun(t *testing.T) {
	s := newSite(t)
	vendor, reviewer := s.as("acme", access.Vendor), s.as("network", access.Reviewer)
	path := vendor.filled(base, "token", "password")
	open := registry.OpenCheck{ID: "patch.works", Title: "PATCH works", Message: "Needs users.get.200, which did not pass."}
	s.record(path, registry.Verdict{Outcome: registry.NotRun, Open: []registry.OpenCheck{open}})
	var detail api.SubmissionDetail
	vendor.must("GET", path, nil, &detail)
	if v := detail.Verdict; v == nil || len(v.Open) != 1 || v.Open[0] != api.OpenCheck(open) || len(v.Failed) != 0 {
		t.Fatalf("the verdict: %+v", v)
	}
	var w api.Waiver
	vendor.must("POST", path+"/waivers", `{"check": "patch.works", "reason": "We start empty."}`, &w)
	if !w.NotRun {
		t.Errorf("the waiver does not say that the check did not run: %+v", w)
	}
	var queue api.Queue
	reviewer.must("GET", "/v1/reviews", nil, &queue)
	if len(queue.Waivers) != 1 || !queue.Waivers[0].NotRun {
		t.Errorf("the reviewer's queue: %+v", queue.Waivers)
	}
	until := time.Now().Add(30 * 24 * time.Hour).UTC().Truncate(time.Second)
	reviewer.must("POST", "/v1/reviews/"+detail.ID+"/waivers/"+w.ID, map[string]any{"grant": true, "reason": "Agreed.", "expires": until}, &w)
	open.Waived = true
	s.record(path, registry.Verdict{Outcome: registry.Passed, Open: []registry.OpenCheck{open}})
	vendor.must("GET", path, nil, &detail)
	if v := detail.Verdict; v.Outcome != registry.Passed || len(v.Open) != 1 || !v.Open[0].Waived {
		t.Errorf("the pass: %+v", v)
	}
}

// Covers: a draft is deleted by whoever names its newest version, and is gone.
func TestDeleteDraft(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, _ := vendor.draft()
	vendor.must("PATCH", path+"/content", `{"name": "Acme Rota"}`, nil, "If-Match", vendor.etag(path))
	if got := vendor.do("DELETE", path, nil, "If-Match", `"1"`); got.Status != http.StatusConflict {
		t.Errorf("a version that was edited since: %d", got.Status)
	}
	if got := vendor.must("DELETE", path, nil, nil, "If-Match", vendor.etag(path)); got.Status != http.StatusNoContent {
		t.Errorf("deleted: %d", got.Status)
	}
	if got := vendor.do("GET", path, nil); got.Status != http.StatusNotFound {
		t.Errorf("the deleted draft: %d", got.Status)
	}
	for range registry.DefaultLimit {
		vendor.draft()
	}
	if got := vendor.do("POST", "/v1/submissions", nil); got.Status != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "" {
		t.Errorf("the eleventh: %d", got.Status)
	}
}

func TestWithdrawAndReopen(t *testing.T) {
	s := newSite(t)
	vendor := s.as("acme", access.Vendor)
	path := vendor.filled(base, "token", "password")
	s.verdict(path, registry.Passed)
	vendor.must("POST", path+"/submit", `{"certified": true}`, nil, "If-Match", vendor.etag(path))
	var sub api.Submission
	vendor.must("POST", path+"/withdraw", nil, &sub, "If-Match", vendor.etag(path))
	if sub.State != registry.Withdrawn || !slices.Contains(sub.Actions, registry.Reopen) {
		t.Errorf("withdrawn: %+v", sub)
	}
	vendor.must("POST", path+"/reopen", nil, &sub, "If-Match", vendor.etag(path))
	var list api.SubmissionList
	vendor.must("GET", "/v1/submissions?state=draft,withdrawn", nil, &list)
	if sub.State != registry.Draft || len(list.Submissions) != 1 || list.Submissions[0].State != registry.Draft {
		t.Errorf("reopened: %+v, listed %+v", sub, list)
	}
	if got := vendor.do("GET", "/v1/submissions?state=nonsense", nil); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a state that is none: %d", got.Status)
	}
}

func TestRejectAndUpdate(t *testing.T) {
	s := newSite(t)
	vendor, team := s.as("acme", access.Vendor), s.as("network", access.Reviewer, access.QA)
	path := vendor.filled(base, "token", "password")
	s.verdict(path, registry.Passed)
	vendor.must("POST", path+"/submit", `{"certified": true}`, nil, "If-Match", vendor.etag(path))
	review := strings.Replace(path, "/submissions/", "/reviews/", 1)
	if got := team.do("POST", review+"/reject", `{"code": "mood", "reason": "No."}`, "If-Match", team.etag(path)); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("rejected for a reason that is none: %d", got.Status)
	}
	if got := vendor.do("POST", path+"/update", nil); got.Status != http.StatusCreated || got.Header.Get("Location") != path {
		t.Errorf("an update while a version is under way leads to %q (%d), want that version", got.Header.Get("Location"), got.Status)
	}
	var sub api.Submission
	team.must("POST", review+"/reject", `{"code": "policy", "reason": "No crews, please."}`, &sub, "If-Match", team.etag(path))
	if sub.State != registry.Rejected {
		t.Errorf("rejected: %+v", sub)
	}
}
