package manifest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
)

// change lays one value over a complete content.
func change(key string, value any) func(Content) Content {
	return func(c Content) Content { return c.With(key, value) }
}

func contacts(kind, value string) func(Content) Content {
	return change("supportContacts", []map[string]string{{"type": kind, "value": value}})
}

// Covers L-001, L-002, L-003, L-004, L-005, L-006, L-007, L-008, L-009, L-045, R-033, R-034, R-035, R-039, R-040, R-041,
//
func TestIdentityAndCatalogText(t *testing.T) {
	long := strings.Repeat("It creates users in Acme and deactivates them. ", 3)
	for _, tt := range []struct {
		name   string
		change func(Content) Content
		want   []string
	}{
		{"a name is required", change("name", nil), []string{"name L-001 E"}},
		{"a name of 64 characters is accepted", change("name", strings.Repeat("ä", 64)), nil},
		{"a name of 65 characters is refused", change("name", strings.Repeat("ä", 65)), []string{"name L-001 E"}},
		{"a name with a control character is refused", change("name", "Ac\x00me"), []string{"name L-001 E"}},
		{"a name with blanks around it is refused", change("name", " Acme"), []string{"name L-001 E"}},
		{"a name with markup is refused", change("name", "<b>Acme</b>"), []string{"name L-001 E"}},
		{"a name with an entity is refused", change("name", "R&amp;D"), []string{"name L-001 E"}},
		{"an ampersand is no markup", change("name", "R&D Cloud"), nil},
		{"a name in Cyrillic letters that look Latin is noticed", change("name", "Сontoso"), []string{"name L-002 W"}},
		{"a name one keystroke from another listing is noticed", change("name", "Contozo"), []string{"name L-002 W"}},
		{"a name with one letter more than another listing is noticed", change("name", "Contosos"), []string{"name L-002 W"}},
		{"a name with one letter less than another listing is noticed", change("name", "Cotoso"), []string{"name L-002 W"}},
		{"a name two keystrokes away is another name", change("name", "Contozzo"), nil},
		{"a name with a digit for a letter is noticed", change("name", "C0nt050"), []string{"name L-002 W"}},
		{"a short name is compared for equality only", change("name", "Bax"), nil},
		{"a short name that is taken is noticed", change("name", "bOX"), []string{"name L-002 W"}},
		{"a name with the network's own name in it is noticed", change("name", "Acme for Slipway"), []string{"name L-003 W"}},
		{"a mark inside a longer word is not meant", change("name", "Slipways"), nil},
		{"a description is required", change("description", nil), []string{"description L-004 E"}},
		{"a description of 1023 code points is accepted", change("description", "sync"+strings.Repeat("𝄞", 1019)), nil},
		{"a description of 1024 code points is refused", change("description", "sync"+strings.Repeat("𝄞", 1020)), []string{"description L-004 E"}},
		{"a short description is noticed", change("description", "Acme creates users."), []string{"description L-005 W"}},
		{"a description that repeats the name is noticed", change("description", "ACME!"), []string{"description L-005 W", "description L-006 I"}},
		{"a description that names no deed gets a hint", change("description", strings.Repeat("Acme is a good place to be. ", 4)), []string{"description L-006 I"}},
		{"HTML in a description is noticed", change("description", long+"<br>"), []string{"description L-007 W"}},
		{"a telephone number in a description is noticed", change("description", long+"Call +1 (202) 555-0143."), []string{"description L-007 W"}},
		{"a price in a description is noticed", change("description", long+"Only $4 a month."), []string{"description L-007 W"}},
		{"praise in a description is noticed", change("description", long+"The best of all."), []string{"description L-007 W"}},
		{"a year is no telephone number", change("description", long+"Since 2019-04-01."), nil},
		{"a password in a description is noticed", change("description", long+"password: hunter22"), []string{"description L-045 W"}},
		{"a token in the instructions is noticed", change("testAccount.instructions", "base URL: see the token Bearer abcdefghijklmnop"), []string{"testAccount.instructions L-045 W"}},
		{"an explanation of where the token lies is no secret", change("testAccount.instructions", "The token: see Settings. The password is sent by mail. URL likewise."), nil},

		{"a website is required", change("website", nil), []string{"website L-008 E"}},
		{"a word is no website", change("website", "notaurl"), []string{"website L-008 E"}},
		{"a website without a scheme is refused", change("website", "acme.example/provisioning"), []string{"website L-008 E"}},
		{"a website with a path is accepted", change("website", "https://acme.example/provisioning"), nil},
		{"a website by http is refused", change("website", "http://acme.example"), []string{"website L-008 E"}},
		{"a website that is a script is refused", change("website", "javascript:alert(1)"), []string{"website L-008 E"}},

		{"one use case is required", change("useCases", nil), []string{"useCases L-009 E", "useCases L-009 W"}},
		{"a blank entry is no use case", change("useCases", []string{""}), []string{"useCases L-009 E", "useCases L-009 W"}},
		{"five use cases are accepted", change("useCases", []string{LifecycleManagement, "automation", "zero_trust", "directory_hr_sync", "identity_governance"}), nil},
		{"six use cases are refused", change("useCases", []string{LifecycleManagement, "automation", "zero_trust", "directory_hr_sync", "identity_governance", "risk_signal_sharing"}), []string{"useCases L-009 E"}},
		{"a use case chosen twice is refused", change("useCases", []string{LifecycleManagement, "zero_trust", "zero_trust"}), []string{"useCases L-009 E"}},
		{"an unknown use case is refused", change("useCases", []string{LifecycleManagement, "single_sign_on"}), []string{"useCases L-009 E"}},
		{"SCIM without Lifecycle Management is noticed", change("useCases", []string{"zero_trust"}), []string{"useCases L-009 W"}},

		{"the first question must be answered", change("existing", nil), []string{"existing G-01 E"}},
		{"an answer that is neither yes nor no is refused", change("existing", "maybe"), []string{"existing G-01 E"}},
		{"an app that exists needs its name and a summary", change("existing", Yes), []string{"changeSummary G-03 E", "existingName G-02 E"}},
		{"a listing that is not the org's own is noticed", func(c Content) Content {
			return c.With("existing", Yes).With("existingName", "Elsewhere").With("changeSummary", "A new guide.")
		}, []string{"existingName G-02 W"}},
		{"a listing of the org's own is found whatever its case", func(c Content) Content {
			return c.With("existing", Yes).With("existingName", "acme CLASSIC").With("changeSummary", "A new guide.")
		}, nil},
		{"a summary of 5001 characters is refused", func(c Content) Content {
			return c.With("existing", Yes).With("existingName", "Acme Classic").With("changeSummary", strings.Repeat("x", 5001))
		}, []string{"changeSummary G-03 E"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := stored()
			env.Others, env.Own, env.Marks = []string{"Contoso", "Box"}, []string{"Acme Classic"}, []string{"Slipway"}
			assertProblems(t, tt.change(acme()), env, tt.want)
		})
	}
}

// Covers L-030, L-031, L-032, L-033, L-034, L-035, R-047, R-048, R-049, R-050, R-052, R-053.
func TestContacts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(Content) Content
		want   []string
	}{
		{"one support contact is required", change("supportContacts", nil), []string{"supportContacts L-030 E"}},
		{"a row that is still blank does not count", change("supportContacts", []map[string]string{{}}), []string{"supportContacts L-030 E"}},
		{"a blank second row is not held against anybody", change("supportContacts", []map[string]string{{"type": "email", "value": "faq@acme.example"}, {}}), nil},
		{"a row needs a type", contacts("", "faq@acme.example"), []string{"supportContacts.0.type L-030 E"}},
		{"a row needs a value", contacts("email", ""), []string{"supportContacts.0.value L-030 E"}},
		{"a type of our own making is refused", contacts("fax", "+12025550143"), []string{"supportContacts.0.type L-030 E"}},
		{"an address is no e-mail", contacts("email", "http://x"), []string{"supportContacts.0.value L-030 E"}},
		{"an e-mail with a name before it is refused", contacts("email", "Ada <ada@acme.example>"), []string{"supportContacts.0.value L-030 E"}},
		{"an e-mail at a name without a dot is refused", contacts("email", "ada@localhost"), []string{"supportContacts.0.value L-030 E"}},
		{"an e-mail in another script is accepted", contacts("email", "hilfe@bücher.example"), nil},
		{"a link by https is accepted", contacts("url", "https://acme.example/faq"), nil},
		{"a link without a scheme is refused", contacts("url", "acme.example/faq"), []string{"supportContacts.0.value L-030 E"}},
		{"a number with its country is accepted", contacts("phone", "+1 (202) 555-0143"), nil},
		{"a number without its country is noticed", contacts("phone", "0202 555 0143"), []string{"supportContacts.0.value L-031 W"}},
		{"a number of four digits is none", contacts("phone", "+1234"), []string{"supportContacts.0.value L-030 E"}},
		{"a number of sixteen digits is none", contacts("phone", "+1234567890123456"), []string{"supportContacts.0.value L-030 E"}},
		{"a number of fifteen digits is accepted", contacts("phone", "+999 999 999 999 999"), nil},
		{"a word is no number", contacts("phone", "call us"), []string{"supportContacts.0.value L-030 E"}},
		{"eleven contacts are refused", change("supportContacts", slices.Repeat([]map[string]string{{"type": "email", "value": "faq@acme.example"}}, 11)), []string{"supportContacts L-030 E"}},

		{"an escalation contact is required", change("escalationContact", nil), []string{"escalationContact L-032 E"}},
		{"an escalation contact must be an e-mail", change("escalationContact", "Ada"), []string{"escalationContact L-032 E"}},
		{"a general address is refused", change("escalationContact", "support@acme.example"), []string{"escalationContact L-033 E", "escalationContact L-034 E"}},
		{"a general address is refused whatever its spelling", change("escalationContact", "Customer.Support+x@acme.example"), []string{"escalationContact L-033 E"}},
		{"a toll-free number is refused as what it is", change("escalationContact", "1-800-555-0100"), []string{"escalationContact L-033 E"}},
		{"a team whose name begins like a general one is accepted", change("escalationContact", "support-engineering-oncall@acme.example"), nil},
		{"a free-mail address is noticed", change("escalationContact", "ada.oncall@gmail.com"), []string{"escalationContact L-035 W"}},
		{"another company's domain is noticed", change("escalationContact", "oncall@contoso.example"), []string{"escalationContact L-035 W"}},
		{"a sub-domain of the website's is the same company", change("escalationContact", "oncall@eu.acme.example"), nil},
		{"an escalation phone is optional and accepted", change("escalationPhone", "+49 30 5550143"), nil},
		{"a word is no escalation phone", change("escalationPhone", "call us"), []string{"escalationPhone L-033 E"}},
		{"a toll-free escalation phone is refused", change("escalationPhone", "+1 888 555 0143"), []string{"escalationPhone L-033 E"}},
		{"an escalation phone that customers use is refused", func(c Content) Content {
			return contacts("phone", "+1 202 555 0143")(c).With("escalationPhone", "+12025550143")
		}, []string{"escalationPhone L-034 E"}},
	} {
		t.Run(tt.name, func(t *testing.T) { assertProblems(t, tt.change(acme()), stored(), tt.want) })
	}
}

// Covers L-040, L-041, L-043, R-056, R-058, R-062.
func TestTestAccount(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(Content) Content
		want   []string
	}{
		{"its URL is required", change("testAccount.url", nil), []string{"testAccount.url L-040 E"}},
		{"a URL with a variable is refused", change("testAccount.url", "https://acme.example/${app.tenant}/login"), []string{"testAccount.url L-040 E"}},
		{"a URL with a place holder is refused", change("testAccount.url", "https://acme.example/{tenant}/login"), []string{"testAccount.url L-040 E"}},
		{"localhost is refused", change("testAccount.url", "https://localhost/login"), []string{"testAccount.url L-040 E"}},
		{"a URL of 513 characters is refused", change("testAccount.url", "https://acme.example/"+strings.Repeat("x", 492)), []string{"testAccount.url L-040 E"}},
		{"its user name is required", change("testAccount.username", nil), []string{"testAccount.username L-041 E"}},
		{"instructions may be left out, which is noticed while SCIM is on", change("testAccount.instructions", nil), []string{"testAccount.instructions L-043 W"}},
		{"instructions that say nothing about the token are noticed", change("testAccount.instructions", "Have fun."), []string{"testAccount.instructions L-043 W"}},
		{"instructions of 2049 characters are refused", change("testAccount.instructions", "url token"+strings.Repeat("x", 2040)), []string{"testAccount.instructions G-14 E"}},
	} {
		t.Run(tt.name, func(t *testing.T) { assertProblems(t, tt.change(acme()), stored(), tt.want) })
	}
	t.Run("its password is required, and is looked for among what is stored", func(t *testing.T) {
		env := stored()
		delete(env.Stored, "testAccount.password")
		assertProblems(t, acme(), env, []string{"testAccount.password L-041 E"})
	})
	t.Run("a password that found its way into the content does not count", func(t *testing.T) {
		env := stored()
		delete(env.Stored, "testAccount.password")
		assertProblems(t, acme().With("testAccount.password", "hunter22"), env, []string{"testAccount.password L-041 E"})
	})
}

// Covers L-080, L-081, L-083, L-084, L-088, R-066, R-067, R-071, R-074, R-075, R-076, R-077, R-078, R-080, R-082, R-083, R-085.
func TestSCIMSection(t *testing.T) {
	rows := func(rows ...map[string]string) func(Content) Content { return change("scim.variables", rows) }
	sub := map[string]string{"label": "Sub domain", "name": "sub_domain", "type": VariableString}
	base := map[string]string{"label": "Base", "name": "base", "type": VariableHTTPS}
	header := func(name, format string) func(Content) Content {
		return func(c Content) Content {
			return c.With("scim.auth.mode", "header").With("scim.auth.headerName", name).With("scim.auth.headerFormat", format)
		}
	}
	nine := []map[string]string{sub}
	for _, r := range "abcdefgh" {
		nine = append(nine, map[string]string{"label": string(r), "name": string(r), "type": VariableString})
	}
	for _, tt := range []struct {
		name   string
		change func(Content) Content
		want   []string
	}{
		{"without any protocol nothing can be submitted", change("scim.enabled", nil), []string{"scim.enabled R-067 E"}},
		{"connectors are not offered", change("connector.enabled", Yes), []string{"connector.enabled C-01 E"}},
		{"a version is required", change("scim.version", nil), []string{"scim.version S-03 E"}},
		{"version 1.1 is accepted with a warning", change("scim.version", "1.1"), []string{"scim.version S-03 W"}},
		{"version 3 is refused", change("scim.version", "3.0"), []string{"scim.version S-03 E"}},
		{"a guide is required", change("scim.guideUrl", nil), []string{"scim.guideUrl S-04 E"}},
		{"a guide by http is refused", change("scim.guideUrl", "http://acme.example/guide"), []string{"scim.guideUrl S-04 E"}},
		{"a feature is required", change("scim.features", nil), []string{"scim.features S-05 E"}},
		{"an unknown feature is refused", change("scim.features", []string{"make_coffee"}), []string{"scim.features S-05 E"}},
		{"profile sourcing is refused until it is opened", change("scim.features", []string{ImportUsers, ProfileSourcing}), []string{"scim.features S-05 E"}},
		{"whether the address varies must be answered", change("scim.perTenant", nil), []string{"scim.perTenant S-06 E"}},

		{"a varying address needs variables", rows(), []string{"scim.baseUrlTemplate L-084 E", "scim.variables L-083 E"}},
		{"nine variables are refused", rows(nine...), append([]string{"scim.variables L-083 E"},
			"scim.variables.1.name L-083 W", "scim.variables.2.name L-083 W", "scim.variables.3.name L-083 W", "scim.variables.4.name L-083 W",
			"scim.variables.5.name L-083 W", "scim.variables.6.name L-083 W", "scim.variables.7.name L-083 W", "scim.variables.8.name L-083 W")},
		{"a variable needs a label", rows(map[string]string{"name": "sub_domain", "type": VariableString}), []string{"scim.variables.0.label L-083 E"}},
		{"a variable needs a type", rows(map[string]string{"label": "Sub domain", "name": "sub_domain"}), []string{"scim.variables.0.type L-083 E"}},
		{"a variable's name is made of small letters", rows(sub, map[string]string{"label": "X", "name": "X", "type": VariableString}), []string{"scim.variables.1.name L-083 E", "scim.variables.1.name L-083 W"}},
		{"a reserved name is refused", rows(sub, map[string]string{"label": "X", "name": "scim_base_url", "type": VariableString}), []string{"scim.variables.1.name L-083 E", "scim.variables.1.name L-083 W"}},
		{"two variables of one name are refused", rows(sub, map[string]string{"label": "Other", "name": "sub_domain", "type": VariableString}), []string{"scim.variables.1.name L-083 E"}},
		{"two variables of one label are refused", rows(sub, map[string]string{"label": "SUB domain", "name": "other", "type": VariableString}), []string{"scim.variables.1.label L-083 E", "scim.variables.1.name L-083 W"}},
		{"a variable that is not used is noticed", rows(sub, map[string]string{"label": "Other", "name": "other", "type": VariableString}), []string{"scim.variables.1.name L-083 W"}},

		{"a varying address needs a template", change("scim.baseUrlTemplate", nil), []string{"scim.baseUrlTemplate L-084 E", "scim.variables.0.name L-083 W"}},
		{"a variable that does not exist is refused", change("scim.baseUrlTemplate", "https://${app.sub}.acme.example/scim"), []string{"scim.baseUrlTemplate L-084 E", "scim.variables.0.name L-083 W"}},
		{"a reference without app is refused", change("scim.baseUrlTemplate", "https://${sub_domain}.acme.example/scim"), []string{"scim.baseUrlTemplate L-083 E", "scim.variables.0.name L-083 W"}},
		{"a scheme without slashes is refused", change("scim.baseUrlTemplate", "https:${app.sub_domain}/scim"), []string{"scim.baseUrlTemplate L-084 E"}},
		{"a template without variables is refused, also while a variable has no name", func(c Content) Content {
			return rows(map[string]string{"label": "Sub domain", "type": VariableURL})(c).With("scim.baseUrlTemplate", "https://acme.example/scim")
		}, []string{"scim.baseUrlTemplate S-08 E", "scim.variables.0.name L-083 E"}},
		{"a template without variables is refused", change("scim.baseUrlTemplate", "https://acme.example/scim"), []string{"scim.baseUrlTemplate S-08 E", "scim.variables.0.name L-083 W"}},
		{"a template by http is refused", change("scim.baseUrlTemplate", "http://${app.sub_domain}.acme.example/scim"), []string{"scim.baseUrlTemplate L-084 E"}},
		{"a template with a query is refused", change("scim.baseUrlTemplate", "https://acme.example/scim?t=${app.sub_domain}"), []string{"scim.baseUrlTemplate L-084 E"}},
		{"a template with a user name is refused", change("scim.baseUrlTemplate", "https://${app.sub_domain}@acme.example/scim"), []string{"scim.baseUrlTemplate L-084 E"}},
		{"a template to a private host is refused", change("scim.baseUrlTemplate", "https://${app.sub_domain}.acme.internal/scim"), []string{"scim.baseUrlTemplate L-084 E"}},
		{"a template to an address of the own network is refused", change("scim.baseUrlTemplate", "https://10.0.0.1/${app.sub_domain}"), []string{"scim.baseUrlTemplate L-084 E"}},
		{"a text can be a whole host", change("scim.baseUrlTemplate", "https://${app.sub_domain}/scim"), nil},
		{"a text can be a port", change("scim.baseUrlTemplate", "https://acme.example:${app.sub_domain}/scim"), nil},
		{"a text can be a part of a label", change("scim.baseUrlTemplate", "https://api-${app.sub_domain}.acme.example/scim"), nil},
		{"a text cannot be the beginning", change("scim.baseUrlTemplate", "${app.sub_domain}/scim"), []string{"scim.baseUrlTemplate L-084 E"}},
		{"a whole address can be the beginning", func(c Content) Content {
			return rows(base)(c).With("scim.baseUrlTemplate", "${app.base}/scim")
		}, nil},
		{"a whole address by http is noticed", func(c Content) Content {
			return rows(map[string]string{"label": "Base", "name": "base", "type": VariableURL})(c).With("scim.baseUrlTemplate", "${app.base}/scim")
		}, []string{"scim.baseUrlTemplate L-084 W"}},
		{"a whole address cannot be a part of a host", func(c Content) Content {
			return rows(base)(c).With("scim.baseUrlTemplate", "https://${app.base}.acme.example/scim")
		}, []string{"scim.baseUrlTemplate L-084 E"}},
		{"the address of a resource is noticed", change("scim.baseUrlTemplate", "https://${app.sub_domain}.acme.example/scim/v2/Users"), []string{"scim.baseUrlTemplate L-084 W"}},

		{"whether PATCH is supported must be answered", change("scim.patch", nil), []string{"scim.patch S-09 E"}},
		{"an authentication mode is required", change("scim.auth.mode", nil), []string{"scim.auth.mode S-10 E", "scim.connection S-02 E"}},
		{"Basic is accepted with a warning", change("scim.auth.mode", "basic"), []string{"scim.auth.mode L-088 W"}},
		{"a header needs a format", header("X-Api-Key", ""), []string{"scim.auth.headerFormat S-10a E"}},
		{"a raw token is accepted", header("X-Api-Key", "{token}"), nil},
		{"a header's name may be left out", header("", "Token {token}"), nil},
		{"a format without the token is shared by all customers", header("", "Bearer abc"), []string{"scim.auth.headerFormat L-080 E"}},
		{"a secret beside the token is shared by all customers", header("", "key=a8f5f167f44f4964e6c998de {token}"), []string{"scim.auth.headerFormat L-081 E"}},
		{"the token twice is refused", header("", "{token} {token}"), []string{"scim.auth.headerFormat S-10a E"}},
		{"a line end in a format is refused", header("", "Bearer {token}\r\nX: y"), []string{"scim.auth.headerFormat S-10a E"}},
		{"a header's name with a blank is refused", header("X Api", "{token}"), []string{"scim.auth.headerName S-10a E"}},
		{"a header that the client sets itself is refused", header("Host", "{token}"), []string{"scim.auth.headerName S-10a E"}},
		{"OAuth needs its endpoints and a key", change("scim.auth.mode", "oauth"), []string{
			"scim.auth.authorizeUrl S-10b E", "scim.auth.clientId S-10d E", "scim.auth.mode S-10 W", "scim.auth.tokenUrl S-10c E"}},
		{"OAuth endpoints may hold variables, in a query too", func(c Content) Content {
			return c.With("scim.auth.mode", "oauth").With("scim.auth.clientId", "acme").
				With("scim.auth.authorizeUrl", "https://${app.sub_domain}.acme.example/authorize?t=${app.sub_domain}").
				With("scim.auth.tokenUrl", "https://acme.example/token")
		}, []string{"scim.auth.mode S-10 W"}},

		{"whether names are e-mails must be answered", change("scim.usernameIsEmail", nil), []string{"scim.usernameIsEmail S-11 E"}},
		{"the attestation is required", change("scim.attributesCleaned", nil), []string{"scim.attributesCleaned S-12 E"}},
		{"the attestation must be yes", change("scim.attributesCleaned", No), []string{"scim.attributesCleaned S-12 E"}},
		{"a domain of test users is a domain", change("scim.testDomain", "people.acme.example"), nil},
		{"a domain of test users is no address", change("scim.testDomain", "ada@acme.example"), []string{"scim.testDomain S-17 E"}},
		{"a domain of test users is no word", change("scim.testDomain", "localhost"), []string{"scim.testDomain S-17 E"}},
		{"100 changes per PATCH are accepted", change("scim.groupPatchMax", "100"), nil},
		{"1000 changes per PATCH are accepted", change("scim.groupPatchMax", "1000"), nil},
		{"99 changes per PATCH are too few", change("scim.groupPatchMax", "99"), []string{"scim.groupPatchMax S-13 E"}},
		{"1001 changes per PATCH are too many", change("scim.groupPatchMax", "1001"), []string{"scim.groupPatchMax S-13 E"}},
		{"a word is no number of changes", change("scim.groupPatchMax", "abc"), []string{"scim.groupPatchMax S-13 E"}},
		{"the number of changes may be left out", change("scim.groupPatchMax", nil), nil},
		{"a demo by http is refused", change("scim.demoUrl", "http://acme.example/demo"), []string{"scim.demoUrl S-14 E"}},
		{"a demo by https is accepted", change("scim.demoUrl", "https://acme.example/demo"), nil},
		{"evidence elsewhere by https is accepted", change("scim.specEvidence", "https://results.example/1"), nil},
		{"evidence elsewhere that is no address is refused", change("scim.crudEvidence", "see mail"), []string{"scim.crudEvidence S-16 E"}},
	} {
		t.Run(tt.name, func(t *testing.T) { assertProblems(t, tt.change(acme()), storedFor(tt.change(acme())), tt.want) })
	}
}

// Covers L-084, R-075.
func TestStaticBaseURL(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		want      []string
	}{
		{"an address is required", "", []string{"scim.baseUrl L-084 E"}},
		{"a port is accepted", "https://acme.example:8443/scim/v2/", nil},
		{"http is refused", "http://acme.example/scim", []string{"scim.baseUrl L-084 E"}},
		{"a query is refused", "https://acme.example/scim?x=1", []string{"scim.baseUrl L-084 E"}},
		{"a fragment is refused", "https://acme.example/scim#x", []string{"scim.baseUrl L-084 E"}},
		{"a variable is refused", "https://${app.sub_domain}.acme.example/scim", []string{"scim.baseUrl L-084 E"}},
		{"a resource is noticed", "https://acme.example/scim/Users", []string{"scim.baseUrl L-084 W"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assertProblems(t, static().With("scim.baseUrl", tt.url), stored(), tt.want)
		})
	}
}

func TestWhatIsOpenedIsValidWithAWarning(t *testing.T) {
	c := static().With("scim.baseUrl", "http://127.0.0.1:8080/scim/v2").With("website", "http://acme.example")
	for _, tt := range []struct {
		name          string
		http, private bool
		want          []string
	}{
		{"nothing is open", false, false, []string{"scim.baseUrl L-084 E", "scim.baseUrl L-084 E", "website L-008 E"}},
		{"http is open", true, false, []string{"scim.baseUrl L-084 E", "scim.baseUrl L-084 W", "website L-008 W"}},
		{"both are open", true, true, []string{"scim.baseUrl L-084 W", "scim.baseUrl L-084 W", "website L-008 W"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := stored()
			env.AllowHTTP, env.AllowPrivate = tt.http, tt.private
			assertProblems(t, c, env, tt.want)
			if got, want := Complete(c, env), tt.http && tt.private; got != want {
				t.Errorf("complete: got %v, want %v", got, want)
			}
		})
	}
}

func TestProfileSourcingCountsOnceItIsOpened(t *testing.T) {
	env := stored()
	env.Opened = []string{ProfileSourcing}
	assertProblems(t, acme().With("scim.features", []string{ImportUsers, ProfileSourcing}), env, nil)
}

func TestTheTestConnectionMustBeStored(t *testing.T) {
	for _, tt := range []struct {
		name string
		mode AuthMode
		gone string
		want []string
	}{
		{"a token is asked for with a bearer token", AuthBearer, ConnectionToken, []string{"scim.connection S-02 E"}},
		{"a variable's value is asked for", AuthBearer, VariablePrefix + "sub_domain", []string{"scim.connection S-02 E"}},
		{"a password is asked for with Basic", AuthBasic, ConnectionPassword, []string{"scim.auth.mode L-088 W", "scim.connection S-02 E"}},
		{"a password is not asked for with a bearer token", AuthBearer, ConnectionPassword, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := stored()
			delete(env.Stored, tt.gone)
			assertProblems(t, acme().With("scim.auth.mode", string(tt.mode)), env, tt.want)
		})
	}
}

func TestASwitchedOffSectionIsNotLookedAt(t *testing.T) {
	c := acme().With("scim.enabled", No).With("scim.baseUrlTemplate", "nonsense").With("scim.groupPatchMax", "7")
	assertProblems(t, c, stored(), []string{"scim.enabled R-067 E"})
}

func TestRefusalNamesWhatIsWrongAndNotWhatIsMissing(t *testing.T) {
	c := acme().With("name", nil).With("scim.groupPatchMax", "7")
	err := Refusal(Validate(c, stored()))
	if fault.CodeOf(err) != fault.Invalid {
		t.Fatalf("code: %v", err)
	}
	if fields := fault.Show(err).Fields; len(fields) != 1 || fields[0].Key != "scim.groupPatchMax" || fields[0].Rule != "S-13" ||
		fields[0].Message != "This must be a whole number from 100 to 1000. Leave it empty for 100." {
		t.Errorf("fields: %+v", fields)
	}
	if err := Refusal(Validate(Content{}, Env{})); err != nil {
		t.Errorf("an empty draft is incomplete, not wrong: %v", err)
	}
}

func TestEveryProblemSaysWhatToDo(t *testing.T) {
	wild := acme()
	for _, f := range fields {
		wild = wild.With(f.Key, "\\ <nonsense>")
	}
	for _, c := range []Content{{}, wild, wild.With("scim.enabled", Yes).With("existing", Yes).With("scim.perTenant", Yes), acme().With("scim.auth.mode", "oauth")} {
		for _, p := range Validate(c, Env{}) {
			if _, known := Find(p.Key); !known || p.Rule == "" || p.Severity == "" || !strings.HasSuffix(p.Message, ".") || p.Fix == "" {
				t.Errorf("half a problem: %+v", p)
			}
		}
	}
}

func assertProblems(t *testing.T, c Content, env Env, want []string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	slices.Sort(want)
	problems := Validate(c, env)
	if diff := cmp.Diff(want, brief(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s%+v", diff, problems)
	}
}
