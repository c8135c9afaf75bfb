package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// addressTemplate is L-083 and L-084 for an address in which variables may stand.
func addressTemplate(f Field, c Content, env Env) []Problem {
	v := c.Text(f.Key)
	if v == "" {
		return nil
	}
	t, err := parseTemplate(v)
	if err != nil {
		return blocks("L-083", "This is not written as it should be: "+err.Error()+".", "Refer to a variable as ${app.name}, with its generated name.")
	}
	if why := t.misplaced(variables(c)); why != "" {
		return blocks("L-084", why, "Compare it with the example ${app.subdomain} in https://${app.subdomain}.acme.example/scim/v2.")
	}
	all := variables(c)
	expanded, wrong := t.expand(t.samples(all))
	if wrong != nil {
		return blocks("L-084", "With sample values this is no address. "+wrong.why, "Write it like https://${app.subdomain}.acme.example/scim/v2.")
	}
	problems := webAddress("L-084")(expanded, env)
	if f.Key == "scim.baseUrlTemplate" {
		problems = append(append(problems, baseAddress(expanded)...), varies(t, all)...)
	}
	return problems
}

// varies looks at the variables of a base URL that is said to vary.
func varies(t template, all []Variable) []Problem {
	for _, p := range t {
		if v, ok := named(all, p.variable); ok && p.variable != "" {
			return opensHTTP(v)
		}
	}
	return blocks("S-08", "No variable stands in the address, so it is the same for all customers.", "Insert one, or answer No to the question above.")
}

func opensHTTP(v Variable) []Problem {
	if v.Type != VariableURL {
		return nil
	}
	return warns("L-084", "A customer may enter an address that begins with http://, which is refused when installing.", "Give the variable the type HTTPS URL.")
}

// modeAdvice speaks about modes that exist and are not what a new integration should choose.
func modeAdvice(v string, _ Env) []Problem {
	switch AuthMode(v) {
	case AuthBasic:
		// The rule list calls Basic an error for new integrations (L-088). Here it is a warning: installations
		// have to work with Basic, and whether a new one may use it is for the reviewer to decide.
		return warns("L-088", "Basic authentication sends a password with every call.", "Use a token if your server takes one.")
	case AuthOAuth:
		return warns("S-10", "OAuth 2.0 comes with a later version. The fields are kept, but the lab cannot sign in yet.",
			"Use a bearer token if your server takes one.")
	}
	return nil
}

var headerNameForm = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") // a token of RFC 9110 §5.6.2

// ownHeaders are those that our client sets itself, or that change what a request is.
var ownHeaders = []string{
	"accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie", "expect",
	"forwarded", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
}

func headerName(v string, _ Env) []Problem {
	name := strings.ToLower(v)
	switch {
	case !headerNameForm.MatchString(v):
		return blocks("S-10a", fmt.Sprintf("%q is not the name of a header.", cut(v)), "Use letters, digits and hyphens, such as X-Api-Key.")
	case slices.Contains(ownHeaders, name) || strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-"):
		return blocks("S-10a", fmt.Sprintf("The header %s has a meaning of its own and cannot carry a token.", cut(v)), "Use Authorization, or a header of your own.")
	}
	return nil
}

// TokenPlaceholder stands in a header's format for the token of the customer.
const TokenPlaceholder = "{token}"

var (
	printable   = regexp.MustCompile(`^[\x20-\x7e]*$`)
	longLiteral = regexp.MustCompile(`[A-Za-z0-9+/_=-]{16,}`)
)

// headerFormat is L-080 and L-081: every customer has a token of its own, and nothing secret is shared by all.
func headerFormat(v string, _ Env) []Problem {
	fixed := strings.ReplaceAll(v, TokenPlaceholder, " ")
	switch n := strings.Count(v, TokenPlaceholder); {
	case !printable.MatchString(v):
		return blocks("S-10a", "A header can hold only plain letters, digits and signs.", "Write it like Bearer {token}.")
	case n == 0:
		return blocks("L-080", "The format has no {token}: all customers would send the same.", "Write {token} where the customer's token goes.")
	case n > 1:
		return blocks("S-10a", "The format contains {token} more than once.", "Write it once.")
	case longLiteral.MatchString(fixed) || looksSecret(fixed):
		return blocks("L-081", "Beside {token} the format contains what looks like a secret, the same for all customers.", "Leave only {token} and a word such as Bearer.")
	}
	return nil
}

// connectionStored asks for a value of every field of the test connection (S-02).
func connectionStored(_ Field, c Content, env Env) []Problem {
	var missing []string
	for _, f := range ConnectionFields(c) {
		if !env.Stored[f.Key] {
			missing = append(missing, f.Label)
		}
	}
	p := Problem{Severity: SeverityError, Missing: true}
	switch {
	case c.Text("scim.auth.mode") == "":
		p.Message, p.Fix = "The test connection is missing.", "Choose the authentication mode first."
	case missing != nil:
		p.Message, p.Fix = "The test connection has no value for: "+strings.Join(missing, ", ")+".", "Fill it in and save it."
	default:
		return nil
	}
	return []Problem{p}
}
