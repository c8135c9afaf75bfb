package runscope

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const cleanUpLimit = time.Minute

// made is a user or a group that a step created on the server that is verified.
type made struct {
	url    string      // below the collection that it was created in, whatever Location says
	header http.Header // that it was created with: what may create may remove
	shown  string      // the address under which it is among the leftovers
	doubt  string      // why it may be somebody else's, and is left alone
}

// resource is what an answer says about whose it is.
type resource struct {
	ID          string     `json:"id"`
	UserName    string     `json:"userName"`
	DisplayName string     `json:"displayName"`
	Resources   []resource `json:"Resources"`
}

// claim takes a created object for the run's own, unless something about the answer does not fit. Only /Users and
// /Groups of the server that is verified are ever cleaned up.
func (r *run) claim(req *http.Request, answer *reply, shown string) {
	collection := strings.TrimSuffix(withoutQuery(req.URL), "/")
	if !slices.ContainsFunc(r.bases(), func(base *url.URL) bool {
		root := strings.TrimSuffix(withoutQuery(base), "/")
		return collection == root+"/Users" || collection == root+"/Groups"
	}) {
		return
	}
	var sent, got resource
	_ = json.Unmarshal(bodyOf(req), &sent) // what is not JSON names nobody
	_ = json.Unmarshal(answer.body, &got)
	located := answer.header.Get("Location")
	id := got.ID
	if id == "" {
		id, _ = url.PathUnescape(located[strings.LastIndex(located, "/")+1:])
	}
	m := made{url: collection + "/" + url.PathEscape(id), header: req.Header.Clone(), shown: shown}
	switch {
	case id == "" || id == "." || id == "..":
		return // it cannot be addressed
	case r.count.seen[kindOf(req.URL)+id]:
		m.doubt = "its id was there before that step"
	case located != "" && !strings.HasSuffix(located, "/"+url.PathEscape(id)) && !strings.HasSuffix(located, "/"+id):
		m.doubt = "Location and id name different objects"
	case sent.UserName != "" && got.UserName != "" && !strings.EqualFold(sent.UserName, got.UserName),
		sent.DisplayName != "" && got.DisplayName != "" && strings.HasSuffix(collection, "/Groups") && sent.DisplayName != got.DisplayName:
		m.doubt = "the server answered with another name than was sent"
	}
	r.count.made = append(r.count.made, m)
}

// see remembers whom the server knew already.
func (r *run) see(u *url.URL, answer *reply) {
	var got resource
	if json.Unmarshal(answer.body, &got) != nil {
		return
	}
	for _, one := range append(got.Resources, got) {
		if one.ID != "" && len(r.count.seen) < maxSeen {
			r.count.seen[kindOf(u)+one.ID] = true
		}
	}
}

// kindOf keeps the ids of users and groups apart: a server may count both from 1.
func kindOf(u *url.URL) string {
	if strings.Contains(u.Path+"/", "/Groups/") {
		return "Groups/"
	}
	return "Users/"
}

const maxSeen = 100_000 // of ids: a target could list them without end

func bodyOf(req *http.Request) []byte {
	if req.GetBody == nil {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return nil
	}
	return bytes.TrimSpace(data)
}

// cleanUp deletes what the run has created, the latest first, and says what became of it. A run that was stopped
// cleans up as well.
func (r *run) cleanUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	var removed []string
	for _, m := range slices.Backward(r.count.made) {
		at := slices.IndexFunc(r.result.Leftovers, func(l Leftover) bool { return l.URL == m.shown })
		switch {
		case at < 0:
		case m.doubt != "":
			r.result.Leftovers[at].Why = "It is left alone: " + m.doubt + "."
		case !r.options.CleanUp:
			r.result.Leftovers[at].Why = "With --clean-up, a run removes it at its end."
		default:
			if why := r.remove(ctx, m); why != "" {
				r.result.Leftovers[at].Why = "It could not be removed: " + why
				continue
			}
			removed = append(removed, fmt.Sprintf("%s (step %s)", m.shown, r.result.Leftovers[at].Step))
			r.result.Leftovers = slices.Delete(r.result.Leftovers, at, at+1)
		}
	}
	if len(removed) > 0 {
		r.result.Warnings = append(r.result.Warnings, "Removed at the end, as --clean-up asks: "+strings.Join(removed, ", ")+".")
	}
}

// remove returns why m is still there, "" if it is gone.
func (r *run) remove(ctx context.Context, m made) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, m.url, http.NoBody)
	if err != nil {
		return sentence(err.Error())
	}
	req.Header = m.header
	req.Header.Del("Content-Type")
	start := r.options.Now()
	answer, err := receive(r.options.Client.Do(req))
	r.result.Requests++
	r.result.TargetTime += r.options.Now().Sub(start)
	switch {
	case err != nil:
		return r.redactor.head(reason(err), maxMessage)
	case answer.status/100 == 2, answer.status == http.StatusNotFound, answer.status == http.StatusGone:
		return ""
	}
	return fmt.Sprintf("DELETE answered %d.", answer.status)
}
