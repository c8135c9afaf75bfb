package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/lab"
	"slipway/internal/provision"
	"slipway/internal/require"
	"slipway/internal/store/storetest"
	"slipway/scimtest"
)

// work is what a process is at when it is killed.
type work string

const (
	provisioning work = "provisioning"
	labRun       work = "a lab run"
)

// The real program is killed with SIGKILL while it provisions and while the lab is at work, and started again. The
// work goes on within 30 s without a person, and nobody gets a second account. Which request is struck is not left
// to chance: each blow names it.
//
// Covers I1 to I5 of B2 (reliability), R-01 and R-02 there.
func TestKill(t *testing.T) {
	t.Parallel() // it waits most of the time, for heartbeats that do not come
	require.Slow(t)
	path := buildProgram(t)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		newOrdeal(t, path, storetest.SQLite(t)).suffer(2,
			blow{provisioning, "PATCH", "/Users", 3, done},
			blow{provisioning, "PATCH", "/Users", 3, answered},
			blow{provisioning, "POST", "/Users", 2, taken},
			blow{provisioning, "POST", "/Users", 2, done},
			blow{provisioning, "POST", "/Users", 2, answered},
			blow{provisioning, "POST", "/Users", 9, done},
			blow{labRun, "PATCH", "/Users", 2, answered},
			blow{labRun, "POST", "/Users", 3, done},
			blow{labRun, "POST", "/Users", 7, answered},
			blow{labRun, "POST", "/Users", 7, taken},
		)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		newOrdeal(t, path, storetest.Postgres(t)).suffer(1,
			blow{labRun, "POST", "/Users", 7, done},
			blow{provisioning, "POST", "/Users", 2, done},
			blow{provisioning, "POST", "/Users", 2, answered},
		)
	})
}

// goesOn is how soon the work goes on after a start, without a person.
const goesOn = 30 * time.Second

// suffer lets one process after the other die by a blow. The last one lives until all is done; then the oracle
// speaks. So many POSTs at least must have been struck between the target's answer and our record.
func (o *ordeal) suffer(leastWindows int, blows ...blow) {
	for n, b := range blows {
		if b.during == labRun && o.run == "" {
			o.inside(o.database, o.verify)
		}
		p := o.start(&b)
		select {
		case body := <-o.targets[b.during].struck:
			o.inside(o.remains(), func(s *site) { o.judge(s, n+1, b, userNameIn(body)) })
		case <-p.failed:
			o.t.Fatalf("slipway ended by itself: %v", p.state)
		case <-time.After(2 * goesOn):
			o.t.Fatalf("kill %d: after %v there was no %s %s of %s to strike at", n+1, 2*goesOn, b.method, b.path, b.during)
		}
		o.resumed(p)
		o.cut[b.during] = true
	}
	o.survive()
	o.t.Logf("%d kills while provisioning, %d during a lab run; %d of them between a target's answer and our record",
		o.kills[provisioning], o.kills[labRun], o.windows)
	if counted := o.kills[provisioning] + o.kills[labRun]; counted != len(blows) {
		o.t.Errorf("%d kills count, want %d", counted, len(blows))
	}
	if o.windows < leastWindows {
		o.t.Errorf("%d kills fell between a target's answer and our record, want at least %d", o.windows, leastWindows)
	}
}

// survive lets a process live until all work is done, and asks the oracle.
func (o *ordeal) survive() {
	p := o.start(nil)
	o.inside(o.database, func(s *site) {
		o.eventually("all work is done", func() bool { return o.open(s) == 0 && !o.runOf(s).Going() && o.verdict(s) != "" })
	})
	o.t.Logf("all work was done %v after the last start", p.age())
	o.resumed(p)
	p.stop()
	for w := range o.cut {
		o.t.Errorf("%s was cut off and did not go on", w)
	}
	o.inside(o.database, o.ask)
}

// start starts a process that dies by the blow, if there is one.
func (o *ordeal) start(b *blow) *process {
	o.t.Helper()
	var p *process
	started := make(chan struct{})
	for w, target := range o.targets {
		target.expect(func() { <-started; p.kill() })
		o.before[w] = len(target.Journal())
	}
	if b != nil {
		o.targets[b.during].arm(*b)
	}
	p = o.program.start(o.t)
	close(started)
	p.awaitReady()
	return p
}

// resumed looks which of the work that was cut off the process has taken up, and how soon.
func (o *ordeal) resumed(p *process) {
	o.t.Helper()
	for w := range o.cut {
		asked := o.targets[w].firstAsked()
		if asked.IsZero() {
			continue // it has not lived long enough: the next one is asked again
		}
		after := asked.Sub(p.started).Round(time.Millisecond)
		o.t.Logf("%s went on %v after the start", w, after)
		if after > goesOn {
			o.t.Errorf("%s went on %v after the start, want at most %v", w, after, goesOn)
		}
		delete(o.cut, w)
	}
}

// judge decides whether the kill counts: the journal shows that the process had begun the work, and the database
// that it had not ended it. userName is whose account the struck request was about, if it was a POST.
func (o *ordeal) judge(s *site, n int, b blow, userName string) {
	o.t.Helper()
	open, run := o.open(s), o.runOf(s)
	begun := len(o.targets[b.during].Journal()) > o.before[b.during]
	ended := b.during == provisioning && open == 0 || b.during == labRun && !run.Going()
	if begun && !ended {
		o.kills[b.during]++
	} else {
		o.t.Errorf("kill %d does not count: %s had begun: %v, had ended: %v", n, b.during, begun, ended)
	}
	note := ""
	if b.method == http.MethodPost && o.answeredFor(b.during, userName) && !o.onRecord(s, b.during, userName) {
		o.windows++
		note = ", and not on record"
	}
	o.t.Logf("kill %d: %s, %s %s was %s%s; %d operations are open, the lab has ended %d of %d checks",
		n, b.during, b.method, b.path, b.when, note, open, run.Done, run.Total)
}

// answeredFor reports whether the journal has the end of a POST of the process that made the account.
func (o *ordeal) answeredFor(w work, userName string) bool {
	return slices.ContainsFunc(o.targets[w].Journal()[o.before[w]:], func(line scimtest.Entry) bool {
		name, ok := posted(line)
		return ok && name == userName && line.Phase == scimtest.Ended && line.Status == http.StatusCreated
	})
}

// onRecord reports whether the database knows what became of the POST.
func (o *ordeal) onRecord(s *site, w work, userName string) bool {
	if w == provisioning {
		return !slices.ContainsFunc(o.operations(s), func(op provision.Ticket) bool { return op.UserName == userName && !op.State.Ended() })
	}
	for _, object := range o.objects(s) {
		if object.Name == userName {
			return object.RemoteID != ""
		}
	}
	return true
}

// ask lets the oracle speak, once the last late request has done what it does.
func (o *ordeal) ask(s *site) {
	for _, target := range o.targets {
		target.await(&target.late)
	}
	app := o.targets[provisioning]
	a := aftermath{
		wanted: o.wanted, accounts: app.Users(), journal: app.Journal(), operations: o.operations(s),
		leftovers: o.leftovers(s), run: o.runOf(s), verdict: o.verdict(s),
	}
	for _, violation := range a.violations() {
		o.t.Error(violation)
	}
}

// leftovers is what the lab has left, by the target's word and by its own.
func (o *ordeal) leftovers(s *site) (names []string) {
	proven := o.targets[labRun]
	for _, r := range slices.Concat(proven.Users(), proven.Groups()) {
		for _, name := range []string{r.UserName(), r.String("displayName")} {
			if strings.HasPrefix(name, lab.Prefix) {
				names = append(names, name)
			}
		}
	}
	for _, object := range o.objects(s) {
		names = append(names, object.Name+" on record")
	}
	return names
}
