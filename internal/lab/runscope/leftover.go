package runscope

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// remember keeps the address of what a POST created, and forgets what a DELETE removed. No suite cleans up after
// itself, so its caller must be able to.
func (r *run) remember(req *http.Request, answer *reply, step string) {
	switch {
	case req.Method == http.MethodPost && answer.status == http.StatusCreated:
		shown := r.redactor.text(created(req.URL, answer))
		if shown == "" || slices.ContainsFunc(r.result.Leftovers, func(l Leftover) bool { return l.URL == shown }) {
			return
		}
		r.result.Leftovers = append(r.result.Leftovers, Leftover{Step: step, URL: shown})
		r.claim(req, answer, shown)
	case req.Method == http.MethodGet && answer.status == http.StatusOK:
		r.see(req.URL, answer)
	case req.Method == http.MethodDelete && answer.status/100 == 2:
		gone := r.redactor.text(withoutQuery(req.URL))
		r.result.Leftovers = slices.DeleteFunc(r.result.Leftovers, func(l Leftover) bool { return l.URL == gone })
	}
}

// created is the Location, if it lies on the same host, or the id below the collection.
func created(collection *url.URL, answer *reply) string {
	if location, err := collection.Parse(answer.header.Get("Location")); err == nil && answer.header.Get("Location") != "" && location.Host == collection.Host {
		return withoutQuery(location)
	}
	var body struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(answer.body, &body) != nil || body.ID == "" {
		return ""
	}
	return strings.TrimSuffix(withoutQuery(collection), "/") + "/" + url.PathEscape(body.ID)
}

func withoutQuery(u *url.URL) string {
	bare := *u
	bare.RawQuery, bare.Fragment = "", ""
	return bare.String()
}
