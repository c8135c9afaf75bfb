package lab

import (
	"net/http"
	"slices"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// groupLargeChecks need users by the thousand. The first of them that runs makes the crowd, does with it what any of them
// asks for, and removes it again.
var groupLargeChecks = []Check{
	{
		ID: "groups.large.read", Title: "A group of a thousand members is read within ten seconds", Family: groups, Severity: report.Recommended, expensive: true,
		Needs: []string{"groups.create.members"}, takes: []string{"proj.excluded"}, Reference: "RFC 7644 §3.9; experience",
		Why:   "Everybody's group is read with every change. Where that takes a query per member, it ends in a timeout.",
		Fix:   "Read all members in one query, and do not read them where ?excludedAttributes=members leaves them out.",
		judge: (*run).judgeLargeRead,
	},
	{
		ID: "groups.large.members-paging", Title: "Groups of 101, 501 and 1,001 members are shown whole", Family: groups, Severity: report.Recommended, expensive: true,
		Needs: []string{"groups.create.members"}, Reference: "RFC 7643 §4.2; experience",
		Why:   "A list that is cut in silence looks like people who have left: a client that compares takes their access away, or adds them again for ever.",
		Fix:   "Return all members; the RFC knows no pages within a resource.",
		judge: (*run).judgeLargeWhole,
	},
	{
		ID: "groups.large.add-one", needsPatch: true, Title: "One more member leaves all others of a large group in it", Family: groups, Severity: report.RFC | report.Network, Safety: true, expensive: true, Since: "2026.11.5",
		Needs: []string{"groups.create.members", groupAdd}, Reference: "RFC 7644 §3.5.2.1",
		Why:   "Somebody joins the group of everybody, and a server that keeps so many members and no more drops the others: they lose their access, and nothing says so.",
		Fix:   "Insert the one membership, and touch no other. Where a group may hold only so many, refuse the request with 400 or 413, name the limit in detail, and leave the group as it was.",
		judge: (*run).judgeAddOne,
	},
	{
		ID: "groups.patch.add-many", needsPatch: true, Title: "One operation adds 100 members, or 1,000", Family: groups, Severity: report.Network | report.Recommended, expensive: true,
		Needs: []string{"groups.create.members", groupAdd}, Reference: "Network rule; RFC 7644 §3.5.2.1",
		Why:   "The first push of a group sends its members by the hundred; whoever is dropped never gets access.",
		Fix:   "Insert all members of an operation at once; where there is a limit, refuse with 413 or 400 and name it in detail.",
		judge: (*run).judgeAddMany,
	},
	{
		ID: "groups.patch.no-lost-update", needsPatch: true, Title: "Members who are added at the same time are all there", Family: groups, Severity: report.Network | report.Recommended, expensive: true,
		Needs: []string{groupAdd}, Reference: "Network rule; experience",
		Why:   "Clients push members in parallel. A server that reads the list, adds one and writes it back loses all but the last.",
		Fix:   "Insert the membership by itself, or lock the group while you change it; where two collide, answer 409 or 412.",
		judge: (*run).judgeLostUpdate,
	},
}

var largeSizes = []int{101, 501, 1001}

const (
	crowdBatch  = 5               // users that are made at once
	crowdTime   = 2 * time.Minute // for making them; who is there by then is the crowd
	largeLimit  = 10 * time.Second
	manyAtOnce  = 100
	manyMembers = 1000
)

// mass is what the crowd has brought to light.
type mass struct {
	failed    *Finding // why there is no crowd
	reads     []massRead
	light     *answer // the largest group without its members
	additions []massAddition
}

// massRead is a group that was created with that many members, and what GET shows of it.
type massRead struct {
	size    int
	created *answer
	read    *answer
	shown   int

	joined    *answer // one PATCH that adds one member more
	after     *answer
	lost      int  // of those who were there
	joinShown bool // whether the one is there
}

// massAddition is one PATCH that adds that many members to an empty group.
type massAddition struct {
	size    int
	patched *answer
	read    *answer
	shown   int
}

// massed gathers the crowd once for all checks.
func (r *run) massed() *mass {
	if r.mass != nil {
		return r.mass
	}
	r.mass = &mass{}
	mark := len(r.evidence)
	crowd, f := r.gather("crowd", largeSizes[len(largeSizes)-1]+1) // one more, to join the largest group
	defer func() { r.disband(crowd); r.evidence = r.evidence[:mark] }()
	if len(crowd) < largeSizes[0] {
		r.mass.failed = &f
		return r.mass
	}
	for _, size := range largeSizes {
		if len(crowd) >= size {
			r.readLarge(crowd[:size], crowd[size:])
		}
	}
	if r.patches() {
		for _, size := range []int{manyAtOnce, manyMembers} {
			if len(crowd) >= size {
				r.addMany(crowd[:size])
			}
		}
	}
	return r.mass
}

// gather makes up to n users of that name, as many as the time for it allows. The finding says why there are not more.
func (r *run) gather(who string, n int) (crowd []*account, f Finding) {
	began := time.Now()
	for len(crowd) < n {
		if r.stopped != "" || time.Since(began) > crowdTime {
			return crowd, unproved("Creating %d users took %s: there is no time for a large group.", len(crowd), time.Since(began).Round(time.Second))
		}
		var asks []ask
		var sent []scim.Resource
		for i := range min(crowdBatch, n-len(crowd)) {
			user := r.names.plainUser(who+"-"+itoa(len(crowd)+i), "One", "Of Many")
			sent = append(sent, user)
			asks = append(asks, ask{method: http.MethodPost, path: "/Users", body: user, object: &report.Object{Resource: "Users", Name: user.UserName()}})
		}
		mark := len(r.evidence)
		for i, a := range r.together(asks...) {
			who := r.adopt("Users", sent[i], a)
			if who == nil {
				return crowd, unproved("After %d users, POST /Users answered %s.%s", len(crowd), a.shown(), a.detail())
			}
			crowd = append(crowd, who)
		}
		r.evidence = r.evidence[:mark]
	}
	return crowd, Finding{}
}

// disband removes a crowd as it was made, a few at a time.
func (r *run) disband(crowd []*account) {
	for batch := range slices.Chunk(crowd, crowdBatch) {
		var asks []ask
		for _, who := range batch {
			asks = append(asks, ask{method: http.MethodDelete, path: scim.Path("Users", who.id)})
		}
		mark := len(r.evidence)
		for i, a := range r.together(asks...) {
			if a.is2xx() {
				r.gone("Users", batch[i].id)
			}
		}
		r.evidence = r.evidence[:mark]
	}
}

// readLarge makes a group of the whole crowd and reads it, with its members and without. Then the first of the others joins.
func (r *run) readLarge(crowd, others []*account) {
	sent := r.names.group("large-"+itoa(len(crowd)), membersOf(crowd)...)
	one := massRead{size: len(crowd), created: r.create("Groups", sent)}
	defer func() { r.mass.reads = append(r.mass.reads, one) }()
	group := r.adopt("Groups", sent, one.created)
	if group == nil && one.created.err == nil {
		group = r.grown(crowd)
	}
	if group == nil {
		return
	}
	defer r.discard("Groups", group.id)
	var got []string
	one.read, _, _ = r.settle(func() (a *answer) { a, got = r.members(group.id); return a }, short(&got, len(crowd)))
	one.shown = distinct(got)
	if light := r.get(scim.Path("Groups", group.id), "excludedAttributes", "members"); light.is2xx() {
		r.mass.light = light
	}
	if len(others) > 0 && one.shown == one.size && r.patches() {
		r.join(group, others[0], got, &one)
	}
}

// join adds one member to a group that is shown whole, and looks whether the others are still there.
func (r *run) join(group, who *account, before []string, one *massRead) {
	one.joined = r.patch("Groups", group.id, addMember(who))
	if one.joined.err != nil {
		return
	}
	one.after, _, _ = r.settle(func() *answer {
		a, now := r.members(group.id)
		there := map[string]bool{}
		for _, id := range now {
			there[id] = true
		}
		one.lost, one.joinShown = 0, there[who.id]
		for _, id := range before {
			if !there[id] {
				one.lost++
			}
		}
		return a
	}, func(*answer) string {
		if one.lost > 0 || one.joined.is2xx() && !one.joinShown {
			return "Members are missing."
		}
		return ""
	})
}

func membersOf(crowd []*account) []any {
	var list []any
	for _, who := range crowd {
		list = append(list, member(who.id, who.name))
	}
	return list
}

// grown is a group that was made by a hundred members at a time, where all at once are refused; nil where that is as well.
func (r *run) grown(crowd []*account) *account {
	if !r.patches() {
		return nil
	}
	group, _ := r.troop("grown-" + itoa(len(crowd)))
	if group == nil {
		return nil
	}
	for some := range slices.Chunk(crowd, manyAtOnce) {
		if !r.patch("Groups", group.id, operation("add", "members", membersOf(some))).is2xx() {
			r.discard("Groups", group.id)
			return nil
		}
	}
	return group
}

// short has something to say as long as members are missing.
func short(got *[]string, want int) func(*answer) string {
	return func(*answer) string {
		if distinct(*got) < want {
			return "Members are missing."
		}
		return ""
	}
}

func distinct(list []string) int {
	list = slices.Clone(list)
	slices.Sort(list)
	return len(slices.Compact(list))
}

// addMany sends the whole crowd in one operation.
func (r *run) addMany(crowd []*account) {
	group, _ := r.troop("many-" + itoa(len(crowd)))
	if group == nil {
		return
	}
	defer r.discard("Groups", group.id)
	one := massAddition{size: len(crowd), patched: r.patch("Groups", group.id, operation("add", "members", membersOf(crowd)))}
	if one.patched.is2xx() {
		var got []string
		one.read, _, _ = r.settle(func() (a *answer) { a, got = r.members(group.id); return a }, short(&got, len(crowd)))
		one.shown = distinct(got)
	}
	r.mass.additions = append(r.mass.additions, one)
}

func (r *run) judgeLargeRead() Finding {
	m := r.massed()
	if m.failed != nil {
		return *m.failed
	}
	last := m.largest()
	if last == nil {
		return notApplicable("No group of %d members could be created: %s.%s", m.reads[0].size, m.reads[0].created.shown(), m.reads[0].created.detail())
	}
	r.cite(last.read)
	if f, bad := last.read.wantObject(http.StatusOK); bad {
		return f
	}
	took := last.read.exchange.Duration.Round(time.Millisecond)
	if took > largeLimit {
		return fails("Reading a group of %d members took %s.", last.size, took)
	}
	if m.light == nil {
		return passed("A group of %d members was read in %s.", last.size, took)
	}
	r.cite(m.light)
	if m.light.object.Get("members") != nil && r.outcomes["proj.excluded"].Outcome != report.Fail {
		return fails("With ?excludedAttributes=members the group of %d members is shown with its members all the same.", last.size)
	}
	if without := m.light.exchange.Duration.Round(time.Millisecond); without > largeLimit {
		return fails("Reading a group of %d members without its members took %s.", last.size, without)
	}
	return passed("A group of %d members was read in %s, without its members in %s.", last.size, took, m.light.exchange.Duration.Round(time.Millisecond))
}

func (r *run) judgeLargeWhole() Finding {
	m := r.massed()
	if m.failed != nil {
		return *m.failed
	}
	whole := 0
	var refused *massRead
	for _, one := range m.reads {
		if refused == nil && !one.created.is2xx() {
			refused = &one
		}
		if one.read == nil {
			continue
		}
		if one.shown < one.size {
			r.cite(one.read)
			return fails("A group that was given %d members is shown with %d, and nothing says that there are more.", one.size, one.shown)
		}
		whole = one.size
	}
	if refused != nil {
		r.cite(refused.created)
		return deviates("Groups of up to %d members are shown whole. POST of one with %d members is refused: %s.%s", whole, refused.size, refused.created.shown(), refused.created.detail())
	}
	return passed("Groups of up to %d members are shown whole.", whole)
}

// judgeAddOne also looks at a group whose server has refused the one: that may not cost the others their place.
func (r *run) judgeAddOne() Finding {
	m := r.massed()
	if m.failed != nil {
		return *m.failed
	}
	most := 0
	var full *massRead
	for _, one := range m.reads {
		if one.joined == nil {
			continue
		}
		r.evidence = nil
		r.cite(one.joined, one.after)
		switch {
		case one.joined.err != nil:
			return one.joined.trouble()
		case !one.after.is2xx():
			return expect(one.after, http.StatusOK)
		case one.lost > 0:
			return fails("PATCH added one member to a group of %d (%s). Of those who were in it, GET no longer shows %d; expected were all of them and the one.", one.size, one.joined.shown(), one.lost)
		case one.joined.is2xx() && !one.joinShown:
			return fails("PATCH added one member to a group of %d and was answered %s. GET shows the %d, and not the one; expected were %d members.", one.size, one.joined.shown(), one.size, one.size+1)
		case one.joined.status >= 500:
			return expect(one.joined, http.StatusOK, http.StatusNoContent)
		case !one.joined.is2xx():
			full = &one
		default:
			most = one.size
		}
		if full != nil {
			break
		}
	}
	switch {
	case full != nil:
		return deviates("A group of %d members takes no other: PATCH was refused with %s, and the group stays as it was.%s", full.size, full.joined.shown(), full.joined.detail())
	case most == 0:
		return notApplicable("There was no group of %d members that is shown whole, so that nobody could be missed. groups.large.members-paging tells more.", largeSizes[0])
	}
	return passed("One more was added to groups of up to %d members, and nobody was lost.", most)
}

// largest is the largest group that could be read, nil where there is none.
func (m *mass) largest() *massRead {
	for _, one := range slices.Backward(m.reads) {
		if one.read != nil {
			return &one
		}
	}
	return nil
}

// shownAtMost is where the list of members is cut, 0 where it is not.
func (m *mass) shownAtMost() int {
	for _, one := range m.reads {
		if one.read != nil && one.shown < one.size {
			return one.shown
		}
	}
	return 0
}

// judgeAddMany wants 100 members to be taken; a thousand at once may be more than a server allows, if it says so.
func (r *run) judgeAddMany() Finding {
	m := r.massed()
	if m.failed != nil {
		return *m.failed
	}
	most := 0
	for _, one := range m.additions {
		r.cite(one.patched)
		switch {
		case one.patched.err != nil:
			return one.patched.trouble()
		case !one.patched.is2xx() && one.size > manyAtOnce && one.patched.status < 500:
			return deviates("%d members in one operation are taken, %d are refused with %s.%s", most, one.size, one.patched.shown(), one.patched.detail())
		case !one.patched.is2xx():
			f := expect(one.patched, http.StatusOK, http.StatusNoContent)
			f.Message += " One operation added " + itoa(one.size) + " members."
			return f
		case one.shown < one.size && one.shown != m.shownAtMost():
			r.cite(one.read)
			return fails("One operation added %d members (%s); the group has %d.", one.size, one.patched.shown(), one.shown)
		}
		most, r.mostMembers = one.size, one.size
	}
	if most == 0 {
		return blockedBy(groupCreated)
	}
	return passed("%d members were added by one operation.", most)
}

const atOnce = 5

// judgeLostUpdate takes a refusal for an honest answer: the client tries again. What was confirmed has to be there.
func (r *run) judgeLostUpdate() Finding {
	crowd, f := r.gather("parallel", atOnce)
	defer r.disband(crowd)
	if len(crowd) < atOnce {
		return f
	}
	group, f := r.troop("parallel")
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	var asks []ask
	for _, who := range crowd {
		body := map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{addMember(who)}}
		asks = append(asks, ask{method: http.MethodPatch, path: scim.Path("Groups", group.id), body: body})
	}
	var confirmed []*account
	for i, a := range r.together(asks...) {
		switch {
		case a.is2xx():
			confirmed = append(confirmed, crowd[i])
		case a.err != nil:
			return a.trouble()
		case a.status >= 500 && a.status != http.StatusServiceUnavailable:
			return fails("%d members were added at the same time; one of the requests was answered %s.%s", atOnce, a.shown(), a.detail())
		}
	}
	return r.group(group.id, func(got []string) string {
		var lost []string
		for _, who := range confirmed {
			if !slices.Contains(got, who.id) {
				lost = append(lost, who.name)
			}
		}
		if len(lost) == 0 {
			return ""
		}
		return itoa(len(confirmed)) + " members were added at the same time, and each was confirmed. The group has " + itoa(len(got)) + "; missing are " + shownJSON(lost) + "."
	})
}
