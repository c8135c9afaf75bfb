package manifest

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// contactValue checks a support contact for its type (L-030, L-031). The content is the row.
func contactValue(f Field, row Content, env Env) []Problem {
	v := row.Text(f.Key)
	if v == "" {
		return nil
	}
	switch row.Text("type") {
	case "email":
		return mailAddress("L-030", v)
	case "url":
		return webAddress("L-030")(v, env)
	case "phone":
		return phoneNumber("L-030")(v, env)
	}
	return nil
}

var mailLocal = regexp.MustCompile(`^[^\s"(),:;<>@\[\]\\]{1,64}$`)

// mailAddress accepts one address without a display name, at a domain that has a dot.
func mailAddress(rule, v string) []Problem {
	local, domain, _ := cutMail(v)
	parsed, err := mail.ParseAddress(v)
	ascii, idnaErr := idna.Lookup.ToASCII(domain)
	switch {
	case err != nil || parsed.Address != v || !mailLocal.MatchString(local):
		return blocks(rule, "This is not an e-mail address.", "Write it like name@acme.example.")
	case idnaErr != nil || !strings.Contains(ascii, ".") || !hostForm.MatchString(ascii):
		return blocks(rule, fmt.Sprintf("%q is not a domain that can receive mail.", cut(domain)), "Check the part after the @.")
	}
	return nil
}

func cutMail(v string) (local, domain string, ok bool) {
	at := strings.LastIndex(v, "@")
	if at < 0 {
		return v, "", false
	}
	return v[:at], strings.ToLower(v[at+1:]), true
}

var (
	phoneForm = regexp.MustCompile(`^\+?[0-9 ().\-/]*$`)
	e164      = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// digits returns a number without its punctuation: "+1 (202) 555-0143" becomes "+12025550143".
func digits(v string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, v)
}

// phoneNumber refuses what is no number at all, and warns where the country is missing (L-031).
func phoneNumber(rule string) func(string, Env) []Problem {
	return func(v string, _ Env) []Problem {
		number := digits(v)
		if n := len(strings.TrimPrefix(number, "+")); !phoneForm.MatchString(v) || n < 5 || n > 15 {
			return blocks(rule, "This is not a telephone number.", "Write it like +12025550143.")
		}
		if !e164.MatchString(number) {
			return warns("L-031", "The number does not begin with + and the country code.", "Write it like +12025550143.")
		}
		return nil
	}
}

var (
	tollFree = regexp.MustCompile(`^(\+?1?8(00|33|44|55|66|77|88)\d{7}|\+800\d{8}|00800\d{8}|\+(44|49|33|31|41|43|61|81|86|91)800\d{4,}|0800\d{4,})$`)

	genericLocal = []string{
		"abuse", "admin", "administrator", "billing", "care", "contact", "contactus", "customercare", "customerservice",
		"customersupport", "donotreply", "enquiries", "feedback", "hello", "help", "helpdesk", "hi", "hostmaster", "info",
		"inquiries", "mail", "marketing", "noreply", "office", "postmaster", "root", "sales", "service", "servicedesk",
		"services", "support", "supportteam", "techsupport", "webmaster",
	}

	freeMail = []string{
		"aol.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com",
		"live.com", "mail.com", "mail.ru", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com", "qq.com", "web.de",
		"yahoo.com", "yandex.com", "yandex.ru", "zoho.com", "163.com",
	}
)

const toDistributionList = "Give a distribution list whose members know this integration, such as network-escalations@acme.example."

// escalationMail is L-032 and L-033.
func escalationMail(v string, env Env) []Problem {
	if isTollFree(v) {
		return noTollFree(v, env)
	}
	if problems := mailAddress("L-032", v); problems != nil {
		return problems
	}
	local, _, _ := cutMail(v)
	local, _, _ = strings.Cut(strings.ToLower(local), "+")
	if slices.Contains(genericLocal, strings.NewReplacer(".", "", "-", "", "_", "").Replace(local)) {
		return blocks("L-033", fmt.Sprintf("%q is a general address. In an emergency nobody there knows what it is about.", cut(v)), toDistributionList)
	}
	return nil
}

func isTollFree(v string) bool { return phoneForm.MatchString(v) && tollFree.MatchString(digits(v)) }

// noTollFree is the other half of L-033.
func noTollFree(v string, _ Env) []Problem {
	if !isTollFree(v) {
		return nil
	}
	return blocks("L-033", "This is a toll-free line. In an emergency nobody there knows what it is about.", toDistributionList)
}

// notPublic is L-034: the way for emergencies is not the one that customers crowd.
func notPublic(f Field, c Content, _ Env) []Problem {
	v := c.Text(f.Key)
	if v == "" {
		return nil
	}
	for _, row := range c.Rows("supportContacts") {
		if sameContact(row["value"], v) {
			return blocks("L-034", "Customers use the same contact.", "Give one that only the network team knows.")
		}
	}
	return nil
}

func sameContact(a, b string) bool {
	if phoneForm.MatchString(a) && phoneForm.MatchString(b) {
		return digits(a) == digits(b)
	}
	return strings.EqualFold(strings.TrimPrefix(a, "mailto:"), b)
}

// vendorDomain is L-035, as far as the website tells whose domain is whose.
func vendorDomain(f Field, c Content, _ Env) []Problem {
	_, domain, ok := cutMail(c.Text(f.Key))
	if !ok {
		return nil
	}
	if slices.Contains(freeMail, domain) {
		return warns("L-035", fmt.Sprintf("%q gives addresses to everybody.", cut(domain)), "Use an address at your company's domain.")
	}
	site, mailSite := registrable(hostOf(c.Text("website"))), registrable(domain)
	if site != "" && mailSite != "" && site != mailSite {
		return warns("L-035", fmt.Sprintf("The address is at %s, the website at %s.", cut(mailSite), cut(site)),
			"Use your company's domain, or tell the reviewer how the two belong together.")
	}
	return nil
}

// registrable returns the domain that somebody registered, such as acme.co.uk for www.acme.co.uk; "" for an address.
func registrable(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}
