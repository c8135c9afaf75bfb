package lab

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"

	"golang.org/x/text/unicode/norm"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var textChecks = []Check{
	{
		ID: "text.unicode-roundtrip", Title: "Names of every script come back as they were sent", Family: texts, Severity: report.RFC, Feature: "create_users",
		Needs: []string{"users.create.readback"}, Reference: "RFC 7644 §3.8; RFC 7643 §2.3.1",
		Why:   "People find their names with question marks in them, or cut off before the first character that a column does not hold.",
		Fix:   "Use UTF-8 from the parser to the table; in MySQL utf8mb4.",
		judge: (*run).judgeUnicode,
	},
	{
		ID: "text.precis-username", Title: "Two spellings of one userName are one userName", Family: texts, Severity: report.RFC, Feature: "create_users",
		Needs: []string{"users.get.200", "users.create.unique"}, Reference: "RFC 7644 §5; RFC 8265 §3.3",
		Why:   "Two names that look the same would be two accounts, and one person is mistaken for the other.",
		Fix:   "Normalise a userName to Unicode NFC, and map full-width letters to the usual ones, before you compare or store it.",
		judge: (*run).judgePrecis,
	},
	{
		ID: "text.turkish-i", Title: "The letters i and ı are told apart in every locale", Family: texts, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.get.200", "filter.eq.username"}, Reference: "RFC 7644 §7.8; RFC 8265 §3.3",
		Why:   "A service that folds case by the locale of its machine finds somebody else, or nobody.",
		Fix:   "Fold case without a locale; in a database choose a collation that tells ı from i.",
		judge: (*run).judgeTurkish,
	},
	{
		ID: "text.trim", Title: "Blanks at the ends of a value are kept, cut or refused, always alike", Family: texts, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.create.readback"}, takes: []string{"filter.eq.special"}, Reference: "Experience",
		Why:   "A client that is shown one value and later another takes the account for changed, or does not find it again.",
		Fix:   "Choose one rule, and apply it alike when you store, compare and answer.",
		judge: (*run).judgeTrim,
	},
	{
		ID: "text.long-values", Title: "Long values are stored whole or refused", Family: texts, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.create.readback"}, Reference: "RFC 7644 §3.12, table 9 (invalidValue)",
		Why:   "A value that was cut differs from the client's at every comparison, and is written again and again.",
		Fix:   `Check the length of your column before you store; answer 400 with "scimType": "invalidValue", and name the attribute.`,
		judge: (*run).judgeLongValues,
	},
	{
		ID: "text.html", Title: "Markup in a name is stored as the text that it is", Family: texts, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.create.readback"}, Reference: "Security practice",
		Why:   "What is escaped when it is stored is wrong everywhere but on one page, and a page that relies on it is open to what came another way.",
		Fix:   "Store what was sent; escape where you write HTML.",
		judge: (*run).judgeMarkup,
	},
	{
		ID: "text.control-chars", Title: "Control characters are refused or stored, and break nothing", Family: texts, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.create.readback"}, Reference: "RFC 8259 §7; security practice",
		Why:   "A NUL ends a text in some layers and not in others: two parts of a service see two names.",
		Fix:   `Answer 400 with "scimType": "invalidValue" to a NUL; let no other control character reach a log unescaped.`,
		judge: (*run).judgeControls,
	},
	{
		ID: "text.json-escapes", Title: "Every escape of JSON is understood", Family: texts, Severity: report.RFC, Feature: "create_users",
		Needs: []string{"text.unicode-roundtrip"}, Reference: "RFC 8259 §7",
		Why:   "Clients in other languages write \\/ and \\ud83d\\ude00 where yours writes the character.",
		Fix:   "Use a complete JSON parser.",
		judge: (*run).judgeEscapes,
	},
	{
		ID: "text.empty-string", Title: "An empty text is treated alike in every answer", Family: texts, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.create.readback"}, Reference: "RFC 7643 §2.5",
		Why:   "A client that sees \"\" once and nothing the next time takes the account for changed.",
		Fix:   "Keep the empty text, or treat the attribute as unassigned: one of the two, everywhere.",
		judge: (*run).judgeEmptyText,
	},
}

// specimen is a user who was made to see what becomes of some texts, read, and removed.
type specimen struct {
	made, read *answer // read is nil where made was refused
}

// sampled creates a user, reads it until it is there, and removes it.
func (r *run) sampled(body scim.Resource) (specimen, Finding, bool) {
	return r.sampledAs(ask{method: http.MethodPost, path: "/Users", body: body, object: &report.Object{Resource: "Users", Name: body.UserName()}}, body)
}

func (r *run) sampledAs(q ask, body scim.Resource) (specimen, Finding, bool) {
	made := r.send(q)
	if made.err != nil {
		return specimen{}, made.trouble(), true
	}
	if !made.is2xx() {
		return specimen{made: made}, Finding{}, false
	}
	one := r.adopt("Users", body, made)
	if one == nil {
		return specimen{}, blockedBy(created), true
	}
	read, _, _ := r.settle(func() *answer { return r.user(one.id) }, func(a *answer) string {
		if !a.is2xx() {
			return "not there yet"
		}
		return ""
	})
	r.discard("Users", one.id)
	if f, bad := read.wantObject(http.StatusOK); bad {
		return specimen{}, f, true
	}
	return specimen{made, read}, Finding{}, false
}

// refusal is what to say of a specimen that was refused: with 400 that is the server's right.
func (s specimen) refusal(what string) Finding {
	if s.made.status == http.StatusBadRequest {
		return deviates("A user with %s is refused with 400.%s", what, s.made.detail())
	}
	f := expect(s.made, http.StatusCreated)
	f.Message += " The body had " + what + "."
	return f
}

// altered compares texts with what a GET shows of them, "" where they are the same. What the server does not keep at all
// is none of it.
func (s specimen) altered(texts map[string]string, same func(sent, got string) bool) string {
	for path, sent := range texts {
		got, isText := s.read.object.Get(path).(string)
		if s.read.object.Get(path) == nil && s.made.object.Get(path) == nil {
			continue
		}
		if !isText || !same(sent, got) {
			return fmt.Sprintf("%s was sent as %s; GET shows %s.", path, quote(excerpt(sent)), shownJSON(s.read.object.Get(path)))
		}
	}
	return ""
}

func toTheLetter(sent, got string) bool { return sent == got }

func inNormalForm(sent, got string) bool { return norm.NFC.String(sent) == norm.NFC.String(got) }

// withTexts is a plain user with some attributes replaced; paths have one dot at most.
func (n names) withTexts(who string, texts map[string]string) scim.Resource {
	body := n.plainUser(who, "Text", "Sample")
	for path, text := range texts {
		name, sub, dotted := strings.Cut(path, ".")
		if !dotted {
			body[name] = text
		} else if object, ok := body[name].(map[string]any); ok {
			object[sub] = text
		}
	}
	return body
}

func (r *run) judgeUnicode() Finding {
	sent := map[string]string{
		"name.givenName": "Zoë Ærø", "name.familyName": "山田 太郎", "displayName": "דנה עבד 👩🏽‍🚀 𝒳", "title": "Cafe\u0301 " + r.names.tag,
	}
	s, f, bad := r.sampled(r.names.withTexts("scripts", sent))
	switch {
	case bad:
		return f
	case s.read == nil:
		return s.refusal("names in Latin, Japanese, Hebrew and with an emoji")
	}
	if wrong := s.altered(sent, inNormalForm); wrong != "" {
		return fails("%s", wrong)
	}
	if wrong := s.altered(sent, toTheLetter); wrong != "" {
		return deviates("%s It is the same text in another normal form.", wrong)
	}
	return passes()
}

// otherwise is a plain user under a userName that is not plain. Its address is: what an address may hold is another rule.
func (n names) otherwise(who, userName string) scim.Resource {
	body := n.plainUser(who, "Other", "Spelling")
	body["userName"] = userName
	return body
}

// judgePrecis creates a user whose name has an å in one character, and then tries the same name with a and a ring, and
// with a letter of double width.
func (r *run) judgePrecis() Finding {
	name := r.names.userName("\u00e5ngstrom")
	first := r.create("Users", r.names.otherwise("composed", name))
	if first.err != nil {
		return first.trouble()
	}
	if !first.is2xx() {
		return notApplicable("A userName with å is refused with %s: there are no two spellings of one.", first.shown())
	}
	defer r.undo("Users", first)
	for _, other := range []struct{ name, how string }{
		{strings.Replace(name, "\u00e5", "a\u030a", 1), "å written as a and a ring"}, {strings.Replace(name, "ngstrom", "\uff4egstrom", 1), "n in double width"},
	} {
		again := r.create("Users", r.names.otherwise("spelled", other.name))
		if again.err != nil {
			return again.trouble()
		}
		if again.is2xx() && r.idOfOurs(again) != r.idOfOurs(first) {
			r.undo("Users", again)
			return fails("There is a user %s. The same name with %s makes a second one (%s); 409 was expected.", quote(name), other.how, again.shown())
		}
	}
	return passes()
}

func (r *run) judgeTurkish() Finding {
	name := r.names.userName("d\u0131lek")
	made := r.create("Users", r.names.otherwise("turkish", name))
	if made.err != nil {
		return made.trouble()
	}
	if !made.is2xx() {
		return notApplicable("A userName with ı is refused with %s.", made.shown())
	}
	defer r.undo("Users", made)
	plain := strings.Replace(name, "\u0131", "i", 1)
	for _, asked := range []string{plain, strings.ToUpper(plain)} {
		a := r.find("userName eq " + quote(asked))
		if a.err != nil {
			return a.trouble()
		}
		for _, user := range a.resources() {
			if strings.Contains(user.UserName(), "\u0131") {
				return fails("There is a user %s. A filter for %s, which is another name, finds that user.", quote(name), quote(asked))
			}
		}
	}
	return passes()
}

// judgeTrim has blanks at the end of the userName only: its beginning has to show that the account is ours.
func (r *run) judgeTrim() Finding {
	body := r.names.withTexts("blank", map[string]string{"name.familyName": " Blank "})
	body["userName"] = body.UserName() + " "
	made := r.create("Users", body)
	if made.err != nil {
		return made.trouble()
	}
	if !made.is2xx() {
		if made.status == http.StatusBadRequest {
			return passed("Refused with 400.")
		}
		return expect(made, http.StatusCreated)
	}
	one := r.adopt("Users", body, made)
	if one == nil {
		return blockedBy(created)
	}
	defer r.discard("Users", one.id)
	read := r.user(one.id)
	for _, path := range []string{"userName", "name.familyName"} {
		if promised, kept := made.object.Get(path), read.object.Get(path); read.is2xx() && promised != nil && promised != kept {
			return fails("%s was sent as %s; POST answered %s, GET shows %s.", path, quote(textOf(body, path)), shownJSON(promised), shownJSON(kept))
		}
	}
	shown := read.object.UserName()
	filters := r.outcomes["filter.eq.special"].Outcome == report.Pass // else it fails there already
	if filters && read.is2xx() && len(namedIn(r.find("userName eq "+quote(shown)), "userName", shown)) == 0 {
		return fails("A user is shown with the userName %s; a filter for exactly that finds nobody.", quote(shown))
	}
	if shown != body.UserName() {
		return deviates("A userName with a blank at its end is cut to %s.", quote(shown))
	}
	return passes()
}

func (r *run) judgeLongValues() Finding {
	sent := map[string]string{"displayName": strings.Repeat("Lab ", 64)[:255], "title": strings.Repeat("Long title ", 94)[:1024]}
	s, f, bad := r.sampled(r.names.withTexts("long", sent))
	switch {
	case bad:
		return f
	case s.read == nil && s.made.status == http.StatusBadRequest:
		return passed("Refused with 400.%s", s.made.detail())
	case s.read == nil:
		return s.refusal("a displayName of 255 and a title of 1,024 letters")
	}
	for path, text := range sent {
		if got := s.read.object.String(path); got != text && (got != "" || s.made.object.Get(path) != nil) {
			return fails("%s was sent with %d letters; GET shows %d of them.", path, len(text), len(got))
		}
	}
	return passes()
}

func (r *run) judgeMarkup() Finding {
	sent := map[string]string{"displayName": `<script>alert("lab")</script> & <b>Co</b>`}
	s, f, bad := r.sampled(r.names.withTexts("markup", sent))
	switch {
	case bad:
		return f
	case s.read == nil:
		return s.refusal("markup in displayName")
	}
	if wrong := s.altered(sent, toTheLetter); wrong != "" {
		if got := s.read.object.String("displayName"); html.UnescapeString(got) == sent["displayName"] {
			wrong += " It was escaped for HTML before it was stored."
		}
		return fails("%s", wrong)
	}
	return passes()
}

func (r *run) judgeControls() Finding {
	sent := map[string]string{"displayName": "Nul\x00Byte and\x07Bell"}
	s, f, bad := r.sampled(r.names.withTexts("control", sent))
	switch {
	case bad:
		return f
	case s.read == nil && s.made.status == http.StatusBadRequest:
		return passed("Refused with 400.%s", s.made.detail())
	case s.read == nil:
		return s.refusal("a NUL in displayName")
	}
	wrong := s.altered(sent, toTheLetter)
	switch got := s.read.object.String("displayName"); {
	case wrong == "":
		return passes()
	case strings.Contains(got, "Nul") && strings.Contains(got, "Bell"):
		return deviates("%s The control characters were taken out.", wrong)
	}
	return fails("%s", wrong)
}

// judgeEscapes writes the body by hand: what writes JSON for us uses few of the escapes.
func (r *run) judgeEscapes() Finding {
	sent := map[string]string{"displayName": "Ada \U0001f600 a/b \"q\" \\ \u00e9"}
	body := r.furnished(r.names.withTexts("escapes", map[string]string{"displayName": "DISPLAYNAME"}))
	text, err := json.Marshal(body)
	if err != nil {
		return unproved("The request could not be written.")
	}
	raw := strings.Replace(string(text), `"DISPLAYNAME"`, `"\u0041da \ud83d\ude00 a\/b \"q\" \\ \u00E9"`, 1)
	s, f, bad := r.sampledAs(ask{method: http.MethodPost, path: "/Users", body: raw, object: &report.Object{Resource: "Users", Name: body.UserName()}}, body)
	switch {
	case bad:
		return f
	case s.read == nil:
		f := expect(s.made, http.StatusCreated)
		f.Message += ` In the body displayName was "\u0041da \ud83d\ude00 a\/b \"q\" \\ \u00E9".`
		return f
	}
	if wrong := s.altered(sent, inNormalForm); wrong != "" {
		return fails(`%s In the body it was written with the escapes \u0041, \ud83d\ude00, \/, \" and \\.`, wrong)
	}
	return passes()
}

func (r *run) judgeEmptyText() Finding {
	body := r.names.plainUser("empty", "Emp", "Ty")
	body["nickName"] = ""
	s, f, bad := r.sampled(body)
	switch {
	case bad:
		return f
	case s.read == nil:
		return s.refusal(`nickName: ""`)
	}
	promised, kept := s.made.object.Get("nickName"), s.read.object.Get("nickName")
	if s.made.object != nil && promised != kept {
		return fails(`nickName was sent as ""; POST answered %s, GET shows %s.`, shownJSON(promised), shownJSON(kept))
	}
	return passes()
}
