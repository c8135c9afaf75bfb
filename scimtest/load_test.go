package scimtest

import (
	"fmt"
	"strings"
	"time"
)

// rush asks the same thing ten times, and tells the statuses that are not 200 and what they say of waiting.
func rush(w *wire) string {
	var odd []string
	for range 10 {
		if r := w.get("/Users?count=1"); r.status != 200 {
			odd = append(odd, fmt.Sprint(r.status, r.header.Get("Content-Type") == "application/scim+json", len(r.header.Get("Retry-After"))))
		}
	}
	return strings.Join(odd, " ")
}

// crowded makes so many users, and tells whether the last request took as long as a slow one.
func crowded(n int, last func(*wire) reply) func(*wire) string {
	return func(w *wire) string {
		for i := range n {
			w.user(fmt.Sprint("user-", i), "")
		}
		began := time.Now()
		r := last(w)
		return fmt.Sprint(r.status, time.Since(began) >= sluggish)
	}
}

var loadRows = []row{
	{"rate.sustained", rush, "", "503 true 0"},
	{"rate.429-shape", rush, "", "429 false 1"},
	{"rate.retry-after-int", rush, "", "429 true 29"},
	{"rate.recover", rush, "", "429 true 1 429 true 1 429 true 1 429 true 1"},
	{"scale.create-100", crowded(86, func(w *wire) reply { return w.call("POST", "/Users", userBody("last", "")) }), "201 false", "201 true"},
	{"scale.filter-index", crowded(61, func(w *wire) reply { return w.filter(`userName eq "user-7"`) }), "200 false", "200 true"},
	{"scale.import-walk", crowded(101, func(w *wire) reply { return w.get("/Users?startIndex=101&count=100") }), "200 false", "400 false"},
	{"scale.page-depth", crowded(61, func(w *wire) reply { return w.get("/Users?startIndex=61&count=1") }), "200 false", "200 true"},
	{"conc.create-same", func(w *wire) string {
		one := func() reply { return w.call("POST", "/Users", userBody("jane", "")) }
		return atOnce(one, one)
	}, "[201 409]", "[201 201]"},
	{"conc.patch-diff", func(w *wire) string {
		path := "/Users/" + jane(w)
		set := func(attribute string) func() reply {
			return func() reply {
				return w.call("PATCH", path, patchBody(`{"op":"replace","path":"`+attribute+`","value":"new"}`))
			}
		}
		statuses := atOnce(set("title"), set("displayName"))
		now := w.get(path).object
		return fmt.Sprint(statuses, now.String("title") == now.String("displayName"))
	}, "[200 200]true", "[200 200]false"},
	{"conc.read-your-write", func(w *wire) string {
		path, title := "/Users/"+jane(w), ""
		for i := range keptUp + 2 {
			w.call("PUT", path, userBody("jane", fmt.Sprintf(`"title":"%d"`, i)))
			title = w.get(path).object.String("title")
		}
		return title
	}, "13", "12"},
	{"clean.no-leftovers", func(w *wire) string {
		path := "/Users/" + w.user("jane", `"addresses":[{"country":"SE"}]`).ID()
		return fmt.Sprint(w.call("DELETE", path, "").status, w.get(path).status)
	}, "204 404", "204 200"},
}
