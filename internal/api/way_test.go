package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/api"
	"slipway/internal/directory"
	"slipway/internal/registry"
	"slipway/internal/report"
	"slipway/internal/store"
	"slipway/scimtest"
)

const (
	canaryToken    = "canary-scim-token-7d1e"
	canaryPassword = "canary-test-account-93fa"
)

// await asks until the answer is as wanted. The workers answer within a minute, or not at all.
func (c *caller) await(path string, into any, ready func() bool) {
	c.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for tries := 0; tries < 1200; tries++ {
		c.must("GET", path, nil, into)
		if ready() {
			return
		}
		<-tick.C
	}
	c.Fatalf("%s stays as it is: %+v", path, into)
}

// TestTheWholeWay takes a SCIM server from its base URL to accounts on it, by the API alone but for the customer's
// first connection, and then looks for the secrets in every answer to everybody.
//
// Covers, H-19, H-22, H-52.
func TestTheWholeWay(t *testing.T) {
	s := newSite(t)
	s.work()
	vendorServer := scimtest.New(scimtest.WithToken(canaryToken))
	target, stop := vendorServer.Start()
	t.Cleanup(stop)
	callers := everybody(s)
	vendor, reviewer, qa, admin := callers[access.Vendor], callers[access.Reviewer], callers[access.QA], callers[access.CustomerAdmin]

	path := vendor.filled(target, canaryToken, canaryPassword)
	run := vendor.verifies(path)
	vendor.submits(path)
	review := strings.Replace(path, "/submissions/", "/reviews/", 1)
	finding := reviewer.returns(review, path)
	vendor.must("POST", path+"/findings/"+finding, map[string]string{"answer": "disputed", "note": "Everybody gets the same role."}, nil)
	vendor.must("POST", path+"/resubmit", nil, nil, "If-Match", vendor.etag(path))
	reviewer.must("POST", review+"/claim", nil, nil)
	if got := reviewer.do("POST", review+"/pass", `{"checked": ["identity"]}`, "If-Match", reviewer.etag(path)); got.Status != http.StatusConflict || len(got.problem(t).Errors) != len(registry.InitialChecklist)-1 {
		t.Errorf("half a checklist: %d %s", got.Status, got.Body)
	}
	var items []string
	for _, item := range registry.InitialChecklist {
		items = append(items, item.ID)
	}
	reviewer.must("POST", review+"/pass", map[string]any{"checked": items}, nil, "If-Match", reviewer.etag(path))
	var published api.Submission
	qa.must("POST", review+"/publish", nil, &published, "If-Match", qa.etag(path))
	if published.State != registry.Published || published.Turn != registry.TurnNobody {
		t.Fatalf("published: %+v", published)
	}

	var catalog api.Catalog
	s.visitor().must("GET", "/v1/catalog?search=rota&feature=deactivate_users", nil, &catalog)
	if len(catalog.Listings) != 1 || catalog.Listings[0].Slug != "acme-rota" || catalog.Listings[0].ProvenAt.IsZero() {
		t.Fatalf("the catalog: %+v", catalog)
	}
	if got := s.visitor().must("GET", "/v1/catalog/acme-rota", nil, nil); strings.Contains(got.Body, "escalation") || strings.Contains(got.Body, "testAccount") || strings.Contains(got.Body, target) {
		t.Errorf("the listing shows more than the catalog may: %s", got.Body)
	}
	installation, operation := admin.installs("acme-rota")

	if accounts := vendorServer.Users(); len(accounts) != 1 {
		t.Errorf("%d accounts at the vendor, want one", len(accounts))
	}
	s.lookEverywhere(callers, map[string]string{
		"id": strings.TrimPrefix(path, "/v1/submissions/"), "run": run, "slug": "acme-rota", "operation": operation, "installation": installation,
	})
	admin.uninstalls(installation)
	if active, _ := vendorServer.Users()[0].Active(); active {
		t.Error("the account is on after the app was uninstalled")
	}
}

// uninstalls takes an installation away, and waits until its accounts are deactivated.
func (c *caller) uninstalls(installation string) {
	c.Helper()
	path := "/v1/installations/" + installation
	if got := c.do("DELETE", path+"?accounts=delete", nil); got.Status != http.StatusUnprocessableEntity {
		c.Errorf("uninstalled with an answer that is none: %d", got.Status)
	}
	var i api.Installation
	c.must("DELETE", path, nil, &i)
	if i.LeavingSince.IsZero() {
		c.Errorf("uninstalled: %+v", i)
	}
	c.await(path, &i, func() bool { return !i.GoneSince.IsZero() })
	var list api.InstallationList
	c.must("GET", "/v1/installations", nil, &list)
	if len(list.Installations) != 0 {
		c.Errorf("still listed: %+v", list)
	}
	var ledger api.Ledger
	c.must("GET", path+"/operations", nil, &ledger)
	if len(ledger.Operations) != 2 {
		c.Errorf("the ledger of what is gone: %+v", ledger)
	}
	if got := c.do("DELETE", path, nil); got.Status != http.StatusConflict {
		c.Errorf("uninstalled twice: %d", got.Status)
	}
}

// verifies lets the lab run, and reads its report.
func (c *caller) verifies(path string) (run string) {
	c.Helper()
	var started api.Run
	got := c.must("POST", path+"/runs", nil, &started)
	if got.Status != http.StatusAccepted || started.State != "queued" {
		c.Errorf("verify: %d %+v", got.Status, started)
	}
	if got := c.do("GET", got.Header.Get("Location")+"/report", nil); got.Status != http.StatusConflict {
		c.Errorf("the report of a run that goes on: %d", got.Status)
	}
	c.await(got.Header.Get("Location"), &started, func() bool { return started.State == "ended" })
	var rep report.Report
	text := c.must("GET", got.Header.Get("Location")+"/report", nil, &rep).Body
	if rep.Verdict != report.Passed || len(rep.Checks) < 40 || !strings.Contains(text, "[redacted]") {
		c.Fatalf("the report: %s %s, %d checks", rep.Verdict, rep.Reason, len(rep.Checks))
	}
	if got := c.must("GET", got.Header.Get("Location")+"/junit", nil, nil); got.Header.Get("Content-Type") != "application/xml" || !strings.Contains(got.Body, "<testsuite") {
		c.Errorf("JUnit: %s", got.Header.Get("Content-Type"))
	}
	var list api.RunList
	c.must("GET", path+"/runs", nil, &list)
	if len(list.Runs) != 1 || list.Runs[0].Verdict != "passed" {
		c.Errorf("the runs: %+v", list)
	}
	var detail api.SubmissionDetail
	c.await(path, &detail, func() bool { return detail.Verdict != nil })
	return started.ID
}

// submits sends the draft for review; what is missing, and an old version, are refused.
func (c *caller) submits(path string) {
	c.Helper()
	if got := c.do("POST", path+"/submit", `{"certified": true}`, "If-Match", `"1"`); got.Status != http.StatusConflict {
		c.Errorf("submit of a version that was edited since: %d %s", got.Status, got.Body)
	}
	got := c.do("POST", path+"/submit", `{"certified": false}`, "If-Match", c.etag(path))
	if got.Status != http.StatusConflict || !slices.Equal(fieldsOf(got.problem(c.T)), []string{"certified"}) {
		c.Errorf("submit without the vendor's word: %d %s", got.Status, got.Body)
	}
	var sub api.Submission
	c.must("POST", path+"/submit", `{"certified": true}`, &sub, "If-Match", c.etag(path))
	if sub.State != registry.ToReview || sub.ExpectedAt.IsZero() {
		c.Fatalf("submitted: %+v", sub)
	}
	if got := c.do("PATCH", path+"/content", `{"name": "Other"}`, "If-Match", c.etag(path)); got.Status != http.StatusConflict {
		c.Errorf("an edit while the team reviews it: %d", got.Status)
	}
	if got := c.do("DELETE", path, nil, "If-Match", c.etag(path)); got.Status != http.StatusConflict {
		c.Errorf("a deletion while the team reviews it: %d", got.Status)
	}
}

// returns gives the submission back, and finds it in the queue before.
func (c *caller) returns(review, path string) (finding string) {
	c.Helper()
	var queue api.Queue
	c.must("GET", "/v1/reviews", nil, &queue)
	if len(queue.Submissions) != 1 || !slices.Contains(queue.Submissions[0].Actions, registry.PassInitial) {
		c.Errorf("the queue: %+v", queue)
	}
	bad := c.do("POST", review+"/return", `{"findings": [{"field": "nonsense", "severity": "blocking", "text": ""}]}`, "If-Match", c.etag(path))
	if p := bad.problem(c.T); bad.Status != http.StatusUnprocessableEntity || len(p.Errors) != 2 {
		c.Errorf("a finding that nobody can act upon: %d %s", bad.Status, bad.Body)
	}
	found := map[string]any{"findings": []map[string]string{{"field": "description", "severity": "blocking", "text": "Say which roles people get."}}}
	c.must("POST", review+"/return", found, nil, "If-Match", c.etag(path))
	var detail api.SubmissionDetail
	c.must("GET", path, nil, &detail)
	if detail.State != registry.VendorReview || len(detail.Findings) != 1 || detail.Findings[0].Field != "description" {
		c.Fatalf("returned: %+v", detail)
	}
	return detail.Findings[0].ID
}

// installs makes an installation for one person, and waits until the account is there.
func (c *caller) installs(slug string) (installation, operation string) {
	c.Helper()
	ctx := c.Context()
	i, err := c.provision.Install(ctx, c.actor, slug, "")
	if err != nil {
		c.Fatal(err)
	}
	if _, err := c.provision.SaveConnection(ctx, c.actor, i.ID, map[string]string{"connection.token": canaryToken}); err != nil {
		c.Fatal(err)
	}
	if i, err = c.provision.TestConnection(ctx, c.actor, i.ID); err != nil || i.TestError != "" {
		c.Fatalf("test: %v %s", err, i.TestError)
	}
	if _, err := c.directory.Save(ctx, directory.Person{OrgID: c.actor.OrgID, Active: true, Profile: directory.Profile{
		UserName: "ada@example.com", GivenName: "Ada", FamilyName: "Anchor", Email: "ada@example.com",
	}}, store.Now()); err != nil {
		c.Fatal(err)
	}
	path := "/v1/installations/" + i.ID
	var people api.PersonList
	c.must("GET", "/v1/people?search=ada", nil, &people)
	if len(people.People) != 1 || people.Next != "" {
		c.Fatalf("people: %+v", people)
	}
	c.must("PUT", path+"/assignments/"+people.People[0].ID, nil, nil)
	if got := c.do("PUT", path+"/assignments/per_none", nil); got.Status != http.StatusNotFound { // H-26
		c.Errorf("assigned to nobody: %d", got.Status)
	}
	var plan api.Plan
	c.must("GET", path+"/plan", nil, &plan)
	if plan.Total != 1 || len(plan.Operations) != 1 || plan.Operations[0].Kind != "create" || len(plan.Operations[0].Changes) == 0 {
		c.Fatalf("the plan: %+v", plan)
	}
	if got := c.do("POST", path+"/apply", `{"digest": "another"}`); got.Status != http.StatusConflict {
		c.Errorf("another plan: %d", got.Status)
	}
	c.must("POST", path+"/apply", map[string]string{"digest": plan.Digest}, nil)
	var ledger api.Ledger
	c.await(path+"/operations?state=done", &ledger, func() bool { return len(ledger.Operations) == 1 })
	var record api.LedgerRecord
	c.must("GET", path+"/operations/"+ledger.Operations[0].ID, nil, &record)
	if len(record.Exchanges) == 0 || record.RemoteID == "" {
		c.Errorf("the record: %+v", record)
	}
	var assigned api.AssignmentList
	c.must("GET", path+"/assignments?limit=1", nil, &assigned)
	if len(assigned.Assignments) != 1 || assigned.Assignments[0].Account == nil || assigned.Next != "ada@example.com" {
		c.Errorf("assigned: %+v", assigned)
	}
	return i.ID, record.ID
}

// lookEverywhere reads everything there is as everybody, with ids that exist, and looks for the secrets.
func (s *site) lookEverywhere(callers map[access.Role]*caller, ids map[string]string) {
	s.Helper()
	read := 0
	for role, c := range callers {
		for _, op := range s.api.Operations() {
			if op.Method != http.MethodGet {
				continue
			}
			path := op.Path
			for name, id := range ids {
				if name == "id" && strings.HasPrefix(path, "/v1/installations/") {
					id = ids["installation"]
				}
				path = strings.ReplaceAll(path, "{"+name+"}", id)
			}
			got := c.do(op.Method, path, nil)
			if got.Status == http.StatusOK {
				read++
			}
			answer := fmt.Sprint(got.Header, got.Body)
			for _, secret := range []string{canaryToken, canaryPassword, c.token} {
				if strings.Contains(answer, secret) {
					s.Errorf("%s as %s gives a secret away", op.ID, role)
				}
			}
			if got.Status >= 500 {
				s.Errorf("%s as %s: %d %s", op.ID, role, got.Status, got.Body)
			}
		}
	}
	if read < 50 {
		s.Errorf("only %d answers could be read: the ids do not fit", read)
	}
	if log := s.log.String(); strings.Contains(log, canaryToken) || strings.Contains(log, canaryPassword) || strings.Contains(log, "slw_") {
		s.Error("the log gives a secret away")
	}
}
