package lab

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const flows = "Client flows"

// clientDialect is how one client words its requests. User-Agent stays ours: nobody shall take a run for somebody else.
type clientDialect struct {
	asks   string // the check without which no request of it is answered; "" for none
	header func(http.Header)
	paging []string // parameters that go with every look-up
	soft   bool     // a flow that fails for a reason found elsewhere proves nothing more, and blocks nobody
}

// okta is how clients written for Okta's API speak: a media type on every request, and paging on every look-up.
var okta = clientDialect{
	asks:   "media.get-with-content-type",
	paging: []string{"startIndex", "1", "count", "100"},
	header: func(h http.Header) {
		h.Set("Accept", scim.MediaType)
		h.Set("Accept-Charset", "utf-8")
		h.Set("Content-Type", scim.MediaType+"; charset=utf-8")
	},
}

// entra is how the client of Microsoft Entra ID speaks: look-ups carry the filter and nothing else.
var entra = clientDialect{
	soft: true,
	header: func(h http.Header) {
		h.Set("Accept", scim.MediaType)
		h.Del("Accept-Charset")
	},
}

// flow is what one client sends for one event in a customer's directory: a chain of requests, of which each builds on
// those before. It ends with the first step that fails.
type flow struct {
	r     *run
	as    clientDialect
	event string   // a sentence: what breaks for the customer
	see   []string // checks that may have found the reason already

	steps   int
	waited  time.Duration
	unusual string // what works, though not as it usually does
	broken  *Finding
}

func (r *run) flow(as clientDialect, event string, see ...string) *flow {
	return &flow{r: r, as: as, event: event, see: see}
}

// flowFixtures are what flows hand to later ones.
type flowFixtures struct {
	hired    *account        // somebody whom a client assigned
	synced   *account        // the same, by the client of Entra ID
	pushed   *account        // a group that a client pushed
	newcomer *account        // somebody made in the target, and imported
	imported map[string]bool // ids that the first import met
	offers   []offer         // what users may hold
	holds    *account        // somebody with entitlements
	badge    *badge          // what the server's own extension of users keeps
}

// step sends one request; problem says what is wrong with the answer, "" where nothing is. What is read may take its
// time to be right. Once a step has failed, the others are not sent, and answer with nothing.
func (f *flow) step(what string, q ask, problem func(*answer) string) *answer {
	if f.broken != nil {
		return &answer{}
	}
	f.steps++
	q.header = f.as.header
	var a *answer
	var wrong string
	if q.method == http.MethodGet {
		var waited time.Duration
		a, waited, wrong = f.r.settle(func() *answer { return f.r.send(q) }, problem)
		f.waited = max(f.waited, waited)
	} else if a = f.r.send(q); a.err == nil {
		wrong = problem(a)
	}
	switch {
	case a.err != nil:
		found := a.trouble()
		f.end(what, found.Outcome, found.Message)
	case wrong != "":
		f.end(what, report.Fail, q.shape()+": "+wrong+f.sent(q))
	}
	return a
}

// shape names the request without the id that it is about, which differs from run to run.
func (q ask) shape() string {
	resource, id, _ := strings.Cut(strings.TrimPrefix(q.path, "/"), "/")
	if id == "" || id == ".search" {
		return q.method + " " + q.path
	}
	return q.method + " /" + resource + "/{id}"
}

// sent quotes the operations of a PATCH, without ids.
func (f *flow) sent(q ask) string {
	body, isPatch := q.body.(map[string]any)
	if !isPatch || q.method != http.MethodPatch {
		return ""
	}
	text := shownJSON(body["Operations"])
	for _, o := range f.r.objects {
		if o.ID != "" {
			text = strings.ReplaceAll(text, o.ID, "{id}")
		}
	}
	return " Sent was " + text + "."
}

// end keeps what failed, in words that a person without the RFCs can act on.
func (f *flow) end(what string, outcome report.Outcome, wrong string) {
	found := Finding{Outcome: outcome, Message: "Step " + itoa(f.steps) + ", " + what + ". " + wrong + " " + f.event}
	for _, id := range f.see {
		if o := f.r.outcomes[id].Outcome; o == report.Fail || o == report.Warn {
			found.Message += " See " + id + ", which has found the reason."
			if f.as.soft {
				found.Outcome = report.Blocked
			}
			break
		}
	}
	f.broken = &found
}

// finding is the verdict on the whole chain.
func (f *flow) finding() Finding {
	switch {
	case f.broken != nil:
		return *f.broken
	case f.unusual != "":
		return deviates("%s", f.unusual)
	case f.waited > 0: // a deviation of the checks that look for it
		return passed("All %d steps went as they should, one only after %s.", f.steps, f.waited.Round(10*time.Millisecond))
	}
	return passed("All %d steps went as they should.", f.steps)
}

// The requests of the flows.

func (f *flow) get(what, path string, query []string, problem func(*answer) string) *answer {
	return f.step(what, ask{method: http.MethodGet, path: path, query: values(query)}, problem)
}

// lookUp asks whether somebody or something of that name is there; "" for id expects nobody.
func (f *flow) lookUp(what, resource, filter, id string, query ...string) *answer {
	query = append(append([]string{"filter", filter}, f.as.paging...), query...)
	return f.get(what, "/"+resource, query, func(a *answer) string {
		if id == "" && a.err == nil && a.status == http.StatusNotFound {
			return ""
		}
		if wrong := saysList(a); wrong != "" {
			return wrong
		}
		list, _ := a.list()
		switch {
		case id == "" && len(list.Resources) > 0:
			return "it returns " + itoa(len(list.Resources)) + " for " + filter + ", though there is none."
		case id != "" && len(list.Resources) != 1:
			return "it returns " + itoa(len(list.Resources)) + " for " + filter + " instead of one."
		case id != "" && list.Resources[0].ID() != id:
			return "it returns the id " + shownJSON(list.Resources[0].Get("id")) + " instead of " + quote(id) + "."
		}
		return ""
	})
}

// make sends the creation and takes the new object in. It is nil where the flow has ended. What a client cannot do without
// is the id; that the status is 201 is another check's concern.
func (f *flow) make(what, resource string, body scim.Resource) *account {
	name := body.UserName()
	if resource == "Groups" {
		name = body.String("displayName")
	}
	q := ask{method: http.MethodPost, path: "/" + resource, body: body, object: &report.Object{Resource: resource, Name: name}}
	a := f.step(what, q, func(a *answer) string {
		wrong := succeeds(http.StatusCreated)(a)
		if wrong == "" && a.object.ID() == "" {
			wrong = "the answer has no id, and the client gives up."
		}
		return wrong
	})
	if f.broken != nil {
		f.r.undo(resource, a)
		return nil
	}
	return f.r.adopt(resource, body, a)
}

// read reads one object and looks at it.
func (f *flow) read(what, resource, id string, problem func(scim.Resource) string) scim.Resource {
	return f.get(what, scim.Path(resource, id), nil, func(a *answer) string {
		if wrong := saysObject(a); wrong != "" {
			return wrong
		}
		return problem(a.object)
	}).object
}

func (f *flow) patch(what, resource, id string, ops ...map[string]any) *answer {
	body := map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": ops}
	return f.step(what, ask{method: http.MethodPatch, path: scim.Path(resource, id), body: body}, says(http.StatusOK, http.StatusNoContent))
}

func (f *flow) put(what, resource, id string, body scim.Resource) *answer {
	return f.step(what, ask{method: http.MethodPut, path: scim.Path(resource, id), body: body}, says(http.StatusOK, http.StatusNoContent))
}

// What answers may be wrong about.

func says(statuses ...int) func(*answer) string {
	return func(a *answer) string {
		if slices.Contains(statuses, a.status) {
			return ""
		}
		var wanted []string
		for _, s := range statuses {
			wanted = append(wanted, itoa(s))
		}
		return "the answer is " + a.shown() + " instead of " + strings.Join(wanted, " or ") + "." + a.detail()
	}
}

// succeeds wants any status of success: that it is this one is another check's concern.
func succeeds(status int) func(*answer) string {
	return func(a *answer) string {
		if a.is2xx() {
			return ""
		}
		return says(status)(a)
	}
}

func saysObject(a *answer) string {
	if wrong := says(http.StatusOK)(a); wrong != "" {
		return wrong
	}
	if a.object == nil {
		return "the body is " + a.nature() + "."
	}
	return ""
}

func saysList(a *answer) string {
	if wrong := saysObject(a); wrong != "" {
		return wrong
	}
	if _, ok := a.list(); !ok {
		return "the answer is no list."
	}
	return ""
}

func anything(scim.Resource) string { return "" }

// like wants these attributes as they are in other.
func like(other scim.Resource, paths ...string) func(scim.Resource) string {
	return func(got scim.Resource) string {
		if wrong := differences(other, got, paths); wrong != "" {
			return wrong
		}
		return ""
	}
}

// isActive wants the account in that state.
func isActive(want bool) func(scim.Resource) string {
	return func(got scim.Resource) string {
		if active, known := got.Active(); !known || active != want {
			return "active is " + shownJSON(got.Get("active")) + " instead of " + strconv.FormatBool(want) + "."
		}
		return ""
	}
}

// flowChecks are chains of requests exactly as widespread clients send them.
var flowChecks = slices.Concat(assignChecks, leaveChecks, importChecks, pushChecks, attributeChecks, entraChecks)
