package scimtest

import (
	"fmt"
	"testing"
)

func TestUserNamesObeyPRECIS(t *testing.T) {
	w := start(t)
	expect(t, "stored in one spelling", w.user("a\u030angstrom", "").UserName(), "\u00e5ngstrom")
	for _, other := range []string{"\u00e5ngstrom", "A\u030aNGSTROM", "\u00e5\uff4egstrom"} {
		expectError(t, other, w.call("POST", "/Users", userBody(other, "")), 409, "uniqueness")
		expect(t, other, w.filter(`userName eq "`+other+`"`).total(), 1)
	}
	expect(t, "another name", w.call("POST", "/Users", userBody("angstrom", "")).status, 201)
}

// stored tells what a GET shows of a text that a POST was sent.
func stored(attribute, text string) func(*wire) string {
	return func(w *wire) string {
		r := w.call("POST", "/Users", userBody("jane", `"`+attribute+`":"`+text+`"`))
		return fmt.Sprint(r.status, " ", w.get("/Users/"+r.object.ID()).object.String(attribute))
	}
}

var textRows = []row{
	{"text.unicode-roundtrip", stored("displayName", "山 😀"), "201 山 😀", "201 山 ?"},
	{"text.precis-username", func(w *wire) string {
		w.user("\u00e5", "")
		return short(w.call("POST", "/Users", userBody("a\u030a", "")))
	}, "409 409uniqueness", "201 "},
	{"text.turkish-i", func(w *wire) string {
		w.user("d\u0131lek", "")
		return fmt.Sprint(w.filter(`userName eq "dilek"`).total())
	}, "0", "1"},
	{"text.trim", func(w *wire) string {
		return w.get("/Users/" + w.user("jane", `"name":{"familyName":" Doe "}`).ID()).object.String("name.familyName")
	}, " Doe ", "Doe"},
	{"text.long-values", func(w *wire) string { return fmt.Sprint(len(stored("title", fmt.Sprintf("%300d", 1))(w))) }, "304", "259"},
	{"text.html", stored("displayName", "<b>"), "201 <b>", "201 &lt;b&gt;"},
	{"text.control-chars", stored("displayName", `a\u0000b`), "201 a\x00b", "201 a"},
	{"text.json-escapes", stored("displayName", `a\/b`), "201 a/b", "400 "},
	{"text.empty-string", func(w *wire) string {
		u := w.user("jane", `"nickName":""`)
		return fmt.Sprint(u["nickName"], w.get("/Users/" + u.ID()).object["nickName"])
	}, "", "<nil>"},
}
