package manifest

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func query(t testing.TB, s string) url.Values {
	t.Helper()
	form, err := url.ParseQuery(s)
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// Covers, H-29.
func TestParseForm(t *testing.T) {
	rows := func(rows ...map[string]string) Content { return Content{"supportContacts": rows} }
	mail := map[string]string{"type": "email", "value": "a@acme.example"}
	phone := map[string]string{"type": "phone", "value": "+12025550143"}
	const twoRows = "supportContacts.0.type=email&supportContacts.0.value=a@acme.example&supportContacts.1.type=phone&supportContacts.1.value=%2B12025550143"
	for _, tt := range []struct {
		name, form string
		tab        Tab
		want       Content
	}{
		{"text is trimmed", "name=+Acme%09&website=%E2%80%8Bhttps://acme.example", TabGeneral, Content{"name": "Acme", "website": "https://acme.example"}},
		{"what is invalid is kept as typed", "website=not+a+url&existing=maybe", TabGeneral, Content{"website": "not a url", "existing": "maybe"}},
		{"an emptied field is there as empty", "name=", TabGeneral, Content{"name": ""}},
		{"a field that the form does not name is not there", "", TabGeneral, Content{}},
		{"a field of another tab is ignored", "scim.enabled=yes&name=Acme", TabGeneral, Content{"name": "Acme"}},
		{"what is not ours to set is ignored", "status=published&org_id=1&verified=true&logo=" + strings.Repeat("ab", 32) + "&testAccount.password=hunter22&scim.connection=x", TabGeneral, Content{}},
		{"a check box comes after its hidden no", "scim.enabled=no&scim.enabled=yes", TabSCIM, Content{"scim": map[string]any{"enabled": "yes"}}},
		{"check boxes of one name are a list", "scim.features=&scim.features=create_users&scim.features=group_push", TabSCIM, Content{"scim": map[string]any{"features": []string{CreateUsers, GroupPush}}}},
		{"no check box is an empty list", "scim.features=", TabSCIM, Content{"scim": map[string]any{"features": []string(nil)}}},
		{"numbered choices keep their order, and a blank one its place", "useCases.10=automation&useCases.2=zero_trust&useCases.3=", TabGeneral, Content{"useCases": []string{"zero_trust", "", "automation"}}},

		{"a name below a choice is ignored", "useCases.0.label=automation", TabGeneral, Content{}},

		{"rows are read in the order of their numbers", twoRows, TabGeneral, rows(mail, phone)},
		{"a gap in the numbers closes", strings.ReplaceAll(twoRows, ".1.", ".7."), TabGeneral, rows(mail, phone)},
		{"a blank row stays", "supportContacts.0.type=&supportContacts.0.value=", TabGeneral, rows(map[string]string{})},
		{"no row is an empty table", "supportContacts=", TabGeneral, rows()},
		{"an unknown column is ignored", twoRows + "&supportContacts.0.verified=true&supportContacts.2.verified=true", TabGeneral, rows(mail, phone)},
		{"a number that is none is ignored", twoRows + "&supportContacts.x.type=url&supportContacts.-1.type=url&supportContacts.007.type=url&supportContacts.99999999999999999999.type=url", TabGeneral, rows(mail, phone)},
		{"a huge number is a row like any other", "supportContacts.2147483647.type=email&supportContacts.2147483647.value=a@acme.example", TabGeneral, rows(mail)},
		{"the add button adds a row", twoRows + "&add=supportContacts", TabGeneral, rows(mail, phone, map[string]string{})},
		{"the add button adds a first row", "add=supportContacts", TabGeneral, rows(map[string]string{})},
		{"the add button of another list adds nothing here", twoRows + "&add=scim.variables", TabGeneral, rows(mail, phone)},
		{"the remove button removes its row", twoRows + "&remove=supportContacts.0", TabGeneral, rows(phone)},
		{"the remove button of a row that is not there removes nothing", twoRows + "&remove=supportContacts.2", TabGeneral, rows(mail, phone)},
		{"a use case is added", "useCases.0=automation&add=useCases", TabGeneral, Content{"useCases": []string{"automation", ""}}},
		{"no sixth use case is added", "useCases.0=&useCases.1=&useCases.2=&useCases.3=&useCases.4=&add=useCases", TabGeneral, Content{"useCases": make([]string, 5)}},
		{"a use case is removed", "useCases.0=automation&useCases.1=zero_trust&remove=useCases.0", TabGeneral, Content{"useCases": []string{"zero_trust"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ParseForm(tt.tab, query(t, tt.form))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAHostileFormIsCutOff(t *testing.T) {
	form := url.Values{}
	for i := range 1000 {
		form.Add("useCases", "automation")
		form.Set("supportContacts."+strings.Repeat("1", i%9+1)+".type", "email")
		form.Set("scim.variables."+strings.Repeat("9", i%9+1)+".label", "x")
	}
	if got := ParseForm(TabGeneral, form); len(got.List("useCases")) != entryLimit || len(got.Rows("supportContacts")) > entryLimit {
		t.Errorf("%d use cases, %d rows", len(got.List("useCases")), len(got.Rows("supportContacts")))
	}
}

// Covers R-076: the name is made once, and grows only while its label is being typed.
func TestTheFormNamesVariables(t *testing.T) {
	for _, tt := range []struct{ name, form, want string }{
		{"a new label gets a name", "scim.variables.0.label=Sub+domain&scim.variables.0.name=", "sub_domain"},
		{"a name that was made while typing grows", "scim.variables.0.label=Sub+domain&scim.variables.0.name=sub", "sub_domain"},
		{"a name that the address uses stays", "scim.variables.0.label=Sub+domain&scim.variables.0.name=sub&scim.baseUrlTemplate=https://${app.sub}.acme.example", "sub"},
		{"a name stays when its label becomes another", "scim.variables.0.label=Tenant&scim.variables.0.name=sub", "sub"},
		{"a row without a label has no name", "scim.variables.0.label=&scim.variables.0.type=string", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ParseForm(TabSCIM, query(t, tt.form)).Rows("scim.variables")[0]["name"]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Covers H-20, R-061.
func TestParseSecrets(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fields []Field
		form   string
		want   map[string]string
	}{
		{"a new password", Fields(), "testAccount.password=hunter22", map[string]string{"testAccount.password": "hunter22"}},
		{"a blank one keeps what is stored", Fields(), "testAccount.password=", nil},
		{"dots keep what is stored", Fields(), "testAccount.password=••••••••", nil},
		{"stars keep what is stored", Fields(), "testAccount.password=********", nil},
		{"the word for a secret keeps what is stored", Fields(), "testAccount.password=[redacted]", nil},
		{"a form that does not name it keeps what is stored", Fields(), "name=Acme", nil},
		{"a password keeps its blanks and loses a copied line end", Fields(), "testAccount.password=+a+b+%0D%0A", map[string]string{"testAccount.password": " a b "}},
		{"a token loses the blanks around it", ConnectionFields(acme()), "connection.token=+abc%0A", map[string]string{ConnectionToken: "abc"}},
		{"a variable's value is read too, and can be emptied", ConnectionFields(acme()), "connection.var.sub_domain=+&connection.token=", map[string]string{"connection.var.sub_domain": ""}},
		{"what the content does not ask for is ignored", ConnectionFields(acme()), "connection.var.other=x&connection.password=y", nil},
		{"a field that is no secret is not read", Fields(), "name=Acme&scim.connection=x", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := map[string]string{}
			for key, value := range ParseSecrets(tt.fields, query(t, tt.form)) {
				got[key] = value.Reveal()
			}
			if tt.want == nil {
				tt.want = map[string]string{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCleaned(t *testing.T) {
	for _, tt := range []struct {
		name       string
		kind       Type
		text, want string
	}{
		{"blanks around a text go", TypeText, "\u00a0 Acme \t", "Acme"},
		{"zero-width blanks and byte-order marks go", TypeText, "\ufeffAc\u200bme\u2060", "Acme"},
		{"marks that turn the direction around go", TypeText, "Acme\u202egnp.exe", "Acmegnp.exe"},
		{"tags that nobody sees go", TypeTextArea, "a\U000e0041\U000e0042b", "ab"},
		{"control characters go", TypeTextArea, "a\x00b\x1bc", "abc"},
		{"joiners stay inside of words", TypeText, "می\u200cخواهم 👩\u200d💻", "می\u200cخواهم 👩\u200d💻"},
		{"joiners go at the ends", TypeText, "\u200dAcme\u200c", "Acme"},
		{"joiners go in an address", TypeURL, "https://ac\u200dme.example", "https://acme.example"},
		{"line ends become one kind", TypeTextArea, " a\r\nb\rc\u2028d\n", "a\nb\nc\nd"},
		{"line ends become blanks in one line", TypeText, "a\r\nb\tc", "a b c"},
		{"bytes that are no UTF-8 become one sign", TypeText, "a\xffb", "a\ufffdb"},
		{"the normal form stays", TypeText, "e\u0301", "e\u0301"},
		{"a number sign that covers digits stays", TypeText, "\u06001", "\u06001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cleaned(Field{Type: tt.kind}, tt.text); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}
