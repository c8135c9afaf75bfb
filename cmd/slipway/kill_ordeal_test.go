package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/store"
)

// ordeal is a network with work to do, whose process is killed again and again. Its targets live on.
type ordeal struct {
	t *testing.T
	program
	database string
	keys     *secret.Keyset
	targets  map[work]*grimTarget
	before   map[work]int // lines of the journals at the start of the process

	vendor, admin access.Actor
	installation  provision.Installation
	wanted        map[string]string // title by user name of everybody who shall have a live account
	submission    string
	run           string // "" before the lab is asked

	cut     map[work]bool // what was under way at a kill, and has not been seen to go on
	kills   map[work]int  // those that count
	windows int           // kills between a target's answer to a POST and our record of it
}

// Who there is when the processes begin to die.
const (
	veterans = 30  // have an account, and a new title
	leavers  = 8   // of them, who shall not have the app any more
	recruits = 240 // shall have an account, and have none
)

// newOrdeal brings the work about by the calls that pages make, in this process; then it closes the database.
func newOrdeal(t *testing.T, path, database string) *ordeal {
	t.Helper()
	o := &ordeal{
		t: t, database: database, before: map[work]int{}, wanted: map[string]string{}, cut: map[work]bool{}, kills: map[work]int{},
		targets: map[work]*grimTarget{provisioning: newGrimTarget(t, 30*time.Millisecond), labRun: newGrimTarget(t, 3*time.Millisecond)},
	}
	keys, text, err := secret.NewKeyset()
	o.must(err)
	keyset := filepath.Join(t.TempDir(), "keyset.json")
	o.must(os.WriteFile(keyset, text, 0o600))
	o.keys = keys
	o.program = program{path, []string{
		"serve", "--listen", "127.0.0.1:0", "--allow-private", "--data", t.TempDir(), "--database", database, "--keyset", keyset,
	}}
	o.inside(database, o.prepare)
	return o
}

func (o *ordeal) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// inside lets f use the rooms on the database, in this process.
func (o *ordeal) inside(database string, f func(s *site)) {
	o.t.Helper()
	s, err := store.Open(o.t.Context(), database, o.keys)
	o.must(err)
	defer func() { o.must(s.Close()) }()
	f(&site{network: assemble(s, settings{
		Address: "http://network.example.com", Policy: egress.AllowPrivate(), Log: slog.New(slog.DiscardHandler),
	})})
}

// prepare publishes an integration, installs it and provisions the veterans. Then it leaves work for which nobody
// is there.
func (o *ordeal) prepare(s *site) {
	ctx := o.t.Context()
	stop, err := s.work(ctx)
	o.must(err)
	o.publish(s)
	o.install(s)
	people := o.assign(s, "veteran", veterans)
	preview, err := s.provision.Preview(ctx, o.admin, o.installation.ID)
	o.must(err)
	o.must(s.provision.Apply(ctx, o.admin, o.installation.ID, preview.Digest))
	o.eventually("the veterans have their accounts", func() bool { return o.open(s) == 0 })
	stop()
	o.promote(s, people)
	o.dismiss(s, people[:leavers])
	o.assign(s, "recruit", recruits)
}

// publish lists one integration, and leaves the draft of another.
func (o *ordeal) publish(s *site) {
	ctx, base := o.t.Context(), o.targets[labRun].url
	o.vendor = s.actor(o.t, "harbor", "vendor@example.com", access.Vendor)
	o.admin = s.actor(o.t, "lighthouse", "admin@example.com", access.CustomerAdmin)
	listed, err := s.seedDraft(ctx, o.vendor, harborHR(), base)
	o.must(err)
	o.must(s.seedListing(ctx, listed, o.vendor, s.actor(o.t, "network", "team@example.com", access.Reviewer, access.QA)))
	o.submission, err = s.seedDraft(ctx, o.vendor, sample("Pier Desk", harborHR().Text("description")), base)
	o.must(err)
}

func (o *ordeal) install(s *site) {
	ctx := o.t.Context()
	listings, err := s.registry.Catalog(ctx, registry.CatalogQuery{})
	o.must(err)
	i, err := s.provision.Install(ctx, o.admin, listings[0].Slug, "")
	o.must(err)
	_, err = s.provision.SaveConnection(ctx, o.admin, i.ID, map[string]string{
		manifest.VariablePrefix + "address": o.targets[provisioning].url, manifest.ConnectionToken: demoToken,
	})
	o.must(err)
	o.installation, err = s.provision.TestConnection(ctx, o.admin, i.ID)
	o.must(err)
}

// assign gives the app to n new people.
func (o *ordeal) assign(s *site, rank string, n int) (people []directory.Person) {
	for k := range n {
		name := fmt.Sprintf("%s.%d@example.com", rank, k)
		p, err := s.directory.Save(o.t.Context(), directory.Person{OrgID: o.admin.OrgID, Active: true, Profile: directory.Profile{
			UserName: name, GivenName: rank, FamilyName: fmt.Sprint("No ", k), Email: name, Title: "Deck hand",
		}}, store.Now())
		o.must(err)
		o.wanted[name] = p.Title
		people = append(people, p)
	}
	o.must(s.provision.Assign(o.t.Context(), o.admin, o.installation.ID, ids(people)))
	return people
}

func (o *ordeal) promote(s *site, people []directory.Person) {
	for _, p := range people {
		p.Title = "Captain"
		_, err := s.directory.Save(o.t.Context(), p, store.Now())
		o.must(err)
		o.wanted[p.UserName] = p.Title
	}
}

func (o *ordeal) dismiss(s *site, people []directory.Person) {
	o.must(s.provision.Unassign(o.t.Context(), o.admin, o.installation.ID, ids(people)))
	for _, p := range people {
		delete(o.wanted, p.UserName)
	}
}

func ids(people []directory.Person) (list []string) {
	for _, p := range people {
		list = append(list, p.ID)
	}
	return list
}

// verify asks the lab to look at the draft.
func (o *ordeal) verify(s *site) {
	run, err := s.registry.Verify(o.t.Context(), o.vendor, o.submission)
	o.must(err)
	o.run = run
}

// eventually waits until it holds, a minute at most.
func (o *ordeal) eventually(what string, holds func() bool) {
	o.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(time.Minute); !holds(); {
		select {
		case <-tick.C:
		case <-deadline:
			o.t.Fatalf("after a minute it is still not true that %s", what)
		}
	}
}

// remains is the URL of what a dead process has left. Of a file that is a copy: the next process must find the
// original as it is, and recover it itself.
func (o *ordeal) remains() string {
	file, embedded := strings.CutPrefix(o.database, "sqlite:")
	if !embedded {
		return o.database
	}
	copied := filepath.Join(o.t.TempDir(), "remains.db")
	for _, part := range []string{"", "-wal"} {
		data, err := os.ReadFile(file + part)
		o.must(err)
		o.must(os.WriteFile(copied+part, data, 0o600))
	}
	return "sqlite:" + copied
}

// open counts the operations that have not ended.
func (o *ordeal) open(s *site) int {
	counts, err := s.provision.CountOperations(o.t.Context(), o.admin, o.installation.ID)
	o.must(err)
	return counts[provision.Planned] + counts[provision.Sending]
}

func (o *ordeal) operations(s *site) []provision.Ticket {
	o.t.Helper()
	const all = 500 // the largest page
	list, err := s.provision.Operations(o.t.Context(), o.admin, o.installation.ID, provision.OperationQuery{Limit: all})
	o.must(err)
	if len(list) == all {
		o.t.Fatal("there are more operations than the oracle looks at")
	}
	return list
}

// runOf is how far the lab is; before it was asked, nowhere.
func (o *ordeal) runOf(s *site) runs.Run {
	if o.run == "" {
		return runs.Run{State: runs.Ended}
	}
	run, err := s.runs.Store.RunByID(o.t.Context(), "", o.run)
	if fault.CodeOf(err) == fault.NotFound {
		return runs.Run{State: runs.Queued}
	}
	o.must(err)
	return run
}

// objects is what the lab may have left, as it knows.
func (o *ordeal) objects(s *site) []runs.Object {
	list, err := s.runs.Store.ObjectsOf(o.t.Context(), o.run)
	o.must(err)
	return list
}

// verdict is the one on the submission's present content, "" for none.
func (o *ordeal) verdict(s *site) registry.Outcome {
	d, err := s.registry.Get(o.t.Context(), access.System, o.submission)
	o.must(err)
	v, _ := d.Verdicts.Of(d.Submission.Hash)
	return v.Outcome
}
