package lab

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	cleanUpLimit    = time.Minute
	cleanUpPatience = 10 * time.Second
)

// announce makes the intent to create o durable, before the request.
func (r *run) announce(o report.Object) error {
	if r.broken != nil {
		return r.broken
	}
	if err := r.observer.Creating(o); err != nil {
		r.broken = err
		return err
	}
	r.objects = append(r.objects, o)
	return nil
}

// made settles what became of the announced o: it has an id now, or it was refused, or nobody knows.
func (r *run) made(o report.Object, a *answer, doubtful bool) {
	at := slices.Index(r.objects, o)
	if at < 0 {
		return
	}
	switch id := r.idOfOurs(a); {
	case a.is2xx() && id != "":
		r.objects[at].ID = id
		if err := r.observer.Created(r.objects[at]); err != nil && r.broken == nil {
			r.broken = err
		}
	case a.err == nil && a.status >= 400 && a.status < 500 && !a.disguised && !doubtful:
		r.forget(at) // refused: nothing was made
	}
}

// idOfOurs returns the id in the answer to a creation, "" where it does not belong to what was sent: a server may
// answer with somebody else's account, or with an id that would lead a request astray (H-63).
func (r *run) idOfOurs(a *answer) string {
	id := a.object.ID()
	if !isPlainID(id) || !mayBeOurs(a.object) {
		return ""
	}
	if r.probe != nil {
		for _, other := range r.probe.resources() {
			if other.ID() == id {
				return "" // was there before the run
			}
		}
	}
	return id
}

// isPlainID refuses the two segments that a server would resolve to another path.
func isPlainID(id string) bool { return id != "" && id != "." && id != ".." }

// bearsOurName reports whether one of the texts by which accounts are told apart begins as ours do.
func bearsOurName(r scim.Resource) bool {
	return slices.ContainsFunc(tellTale, func(path string) bool {
		return strings.HasPrefix(strings.ToLower(r.String(path)), Prefix)
	})
}

var tellTale = []string{"userName", "displayName", "emails.value"}

// mayBeOurs also takes an answer that says nothing about whose account it is.
func mayBeOurs(r scim.Resource) bool {
	silent := !slices.ContainsFunc(tellTale, func(path string) bool { return r.String(path) != "" })
	return silent || bearsOurName(r)
}

// forget drops an object that is gone, or that never came to be.
func (r *run) forget(at int) {
	o := r.objects[at]
	r.objects = slices.Delete(r.objects, at, at+1)
	if err := r.observer.Removed(o); err != nil && r.broken == nil {
		r.broken = err
	}
}

// identify notes an id that another answer than that to the creation told.
func (r *run) identify(resource, name, id string) {
	for i, o := range r.objects {
		if o.Resource == resource && o.Name == name && o.ID == "" {
			r.objects[i].ID = id
			if err := r.observer.Created(r.objects[i]); err != nil && r.broken == nil {
				r.broken = err
			}
			return
		}
	}
}

// gone notes that a check has removed an object itself.
func (r *run) gone(resource, id string) {
	if at := slices.IndexFunc(r.objects, func(o report.Object) bool { return o.Resource == resource && o.ID == id }); at >= 0 {
		r.forget(at)
	}
}

// undo removes at once what came into being against expectation, before it disturbs later checks.
func (r *run) undo(resource string, a *answer) {
	if id := r.idOfOurs(a); a.is2xx() && id != "" {
		r.discard(resource, id)
	}
}

func (r *run) discard(resource, id string) {
	mark := len(r.evidence)
	if r.delete(resource, id).is2xx() {
		r.gone(resource, id)
	}
	r.evidence = r.evidence[:mark]
}

// removeOld removes what an earlier run, killed in the middle, left behind. Objects whose names do not show that
// they are ours stay: a broken record must not cost anybody an account.
func (r *run) removeOld(leftovers []report.Object) {
	for _, o := range leftovers {
		if strings.HasPrefix(strings.ToLower(o.Name), Prefix) || o.Name == "" && isPlainID(o.ID) && bearsOurName(r.get(scim.Path(o.Resource, o.ID)).object) {
			r.objects = append(r.objects, o)
		}
	}
	if len(r.objects) == 0 {
		return
	}
	r.patience = min(r.subject.Patience, cleanUpPatience)
	if left := r.remove(); len(left) > 0 && r.stopped == "" {
		r.warn("%d objects of an earlier run could not be removed.", len(left))
	}
	r.stopped, r.dead, r.limits, r.patience = "", 0, 0, r.subject.Patience // whether the target can be reached is for conn.reach to say
	r.answers = nil
}

// removeAll removes what the run made, also after its context has ended, and returns what stays.
func (r *run) removeAll(ctx context.Context) []report.Object {
	r.ctx, r.clock = within(context.WithoutCancel(ctx), cleanUpLimit, LongestCleanUp)
	defer r.clock.stop()
	r.dead, r.limits, r.stopped = 0, 0, ""
	r.patience = min(r.subject.Patience, cleanUpPatience)
	left := r.remove()
	for i := range left {
		left[i].ID = r.redact(left[i].ID)
	}
	return left
}

// remove goes backwards: groups before their members. It returns what stays, each with the reason.
func (r *run) remove() []report.Object {
	left := []report.Object{}
	for _, o := range slices.Backward(slices.Clone(r.objects)) {
		if r.stopped != "" {
			o.Why = r.stopped
			left = append(left, o)
			continue
		}
		for _, one := range r.identities(o) {
			if one.Why == "" {
				one.Why = r.removeOne(one)
			}
			if one.Why != "" {
				one.Why = r.redact(one.Why)
				left = append(left, one)
			}
		}
		if !slices.ContainsFunc(left, func(l report.Object) bool { return l.Resource == o.Resource && l.Name == o.Name }) {
			if at := slices.Index(r.objects, o); at >= 0 {
				r.forget(at)
			}
		}
	}
	return left
}

// identities returns o with its id; where only the name is known, everything that bears exactly that name.
func (r *run) identities(o report.Object) []report.Object {
	if o.ID != "" {
		return []report.Object{o}
	}
	if o.Name == "" {
		return nil
	}
	ids, err := r.idsOf(o)
	if err != nil {
		o.Why = "Its id is not known. " + fault.Show(err).Message
		return []report.Object{o}
	}
	var found []report.Object
	for _, id := range ids {
		found = append(found, report.Object{Resource: o.Resource, Name: o.Name, ID: id})
	}
	return found
}

// idsOf looks a name up. The filter may be ignored or broken, so each hit is compared again, and a filter that
// finds nothing is not believed before the list has been read.
func (r *run) idsOf(o report.Object) ([]string, error) {
	attribute := "userName"
	if o.Resource == "Groups" {
		attribute = "displayName"
	}
	a := r.get("/"+o.Resource, "filter", attribute+" eq "+quote(o.Name), "startIndex", "1", "count", "100")
	if a.err != nil {
		return nil, a.err
	}
	if ids := namedIn(a, attribute, o.Name); len(ids) > 0 {
		return ids, nil
	}
	return r.idsInList(o.Resource, attribute, o.Name)
}

const maxCleanUpPages = 20

func (r *run) idsInList(resource, attribute, name string) ([]string, error) {
	var ids []string
	for start, pages := 1, 0; pages < maxCleanUpPages; pages++ {
		a := r.get("/"+resource, "startIndex", itoa(start), "count", "100")
		if a.err != nil {
			return nil, a.err
		}
		list, ok := a.list()
		if !ok || len(list.Resources) == 0 {
			break
		}
		ids = append(ids, namedIn(a, attribute, name)...)
		start += len(list.Resources)
		if start > list.TotalResults {
			break
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func namedIn(a *answer, attribute, name string) []string {
	var ids []string
	for _, resource := range a.resources() {
		if strings.EqualFold(resource.String(attribute), name) && isPlainID(resource.ID()) {
			ids = append(ids, resource.ID())
		}
	}
	return ids
}

// removeOne deletes o, or deactivates it where the target deletes nothing. It returns why o stays, "" if it does not.
func (r *run) removeOne(o report.Object) string {
	a := r.delete(o.Resource, o.ID)
	if a.is2xx() || a.err == nil && (a.status == http.StatusNotFound || a.status == http.StatusGone) {
		return ""
	}
	if a.err != nil {
		if egress.KindOf(a.err) == egress.TimedOut {
			r.stopped = fault.Show(a.err).Message
		}
		return fault.Show(a.err).Message
	}
	why := "DELETE answered " + a.shown() + "."
	if o.Resource == "Users" && r.setActive(o.ID, false, true) {
		why += " The account was deactivated instead."
	}
	return why
}

// setActive deactivates or activates by PATCH, or by PUT where that does not work, and reports whether a GET shows
// it. An answer that does not tell counts as done when anyAnswer is set.
func (r *run) setActive(id string, active, anyAnswer bool) bool {
	shows := func() bool {
		got, known := r.get(scim.Path("Users", id)).object.Active()
		return known && got == active || !known && anyAnswer
	}
	if r.patches() && r.patchActive(id, active).is2xx() && shows() {
		return true
	}
	current := r.get(scim.Path("Users", id))
	if current.object == nil || !current.is2xx() {
		return false
	}
	body := current.object.Clone()
	body["active"] = active
	return r.replace("Users", id, body).is2xx() && shows()
}
