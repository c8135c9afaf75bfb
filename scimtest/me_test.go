package scimtest

import "testing"

func TestMeObeysRFC7644(t *testing.T) {
	expectError(t, "a client that is no user", start(t).get("/Me"), 501, "")
	w := start(t, WithSubject("Jane"))
	expectError(t, "a user who is not there", w.get("/Me"), 404, "")
	id := jane(w)
	for _, r := range []reply{
		w.get("/Me"), w.call("PATCH", "/Me", patchBody(`{"op":"replace","path":"title","value":"Chief"}`)), w.call("PUT", "/Me", "{"), w.call("DELETE", "/Me", ""),
	} {
		expect(t, "Location", r.header.Get("Location"), w.base+"/Users/"+id)
	}
	expect(t, "it was jane", w.get("/Users/"+id).status, 404)
	expectError(t, "below it", w.get("/Me/x"), 404, "")
}

var meRows = []row{
	{"me.supported-or-501", func(w *wire) string { jane(w); r := w.get("/Me"); return short(r) + r.header.Get("Location") }, "501 501", "200 "},
}
