package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var markup = regexp.MustCompile(`[<>]|&#?[a-zA-Z0-9]+;`)

// plainName is L-001 beyond length: a title is plain text.
func plainName(v string, _ Env) []Problem {
	switch {
	case v != strings.TrimSpace(v) || strings.ContainsFunc(v, unicode.IsControl):
		return blocks("L-001", "The name has blanks around it or characters that cannot be seen.", "Type it again.")
	case markup.MatchString(v):
		return blocks("L-001", "The name contains markup.", "Write it as plain text, without < and >.")
	}
	return nil
}

// confusableName is L-002: a customer must not take this listing for somebody else's.
func confusableName(v string, env Env) []Problem {
	for _, other := range env.Others {
		if confusable(v, other) {
			return warns("L-002", fmt.Sprintf("The name can be mistaken for the listing %q of another vendor.", cut(other)),
				"Choose a name that is clearly yours, or tell the reviewer why it is right.")
		}
	}
	return nil
}

// listedAlready proposes an update where the org would list one app twice.
func listedAlready(v string, env Env) []Problem {
	for _, own := range env.Own {
		if env.First && skeleton(own) == skeleton(v) {
			return warns("R-030", fmt.Sprintf("Your org has the listing %q already.", cut(own)),
				"To change it, choose Update on My integrations: it keeps its address and its customers. As a new listing it stands beside the other, and the reviewer is told.")
		}
	}
	return nil
}

// protectedName is L-003.
func protectedName(v string, env Env) []Problem {
	words := strings.FieldsFunc(strings.ToLower(v), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, mark := range env.Marks {
		if slices.Contains(words, strings.ToLower(mark)) {
			return warns("L-003", fmt.Sprintf("The name contains %q, which belongs to somebody else.", cut(mark)),
				"Take it out, or show the reviewer that you may use it.")
		}
	}
	return nil
}

// knownListing warns where nothing of this org's has the name that is to be updated (G-02).
func knownListing(f Field, c Content, env Env) []Problem {
	name := c.Text(f.Key)
	sameName := func(own string) bool { return skeleton(own) == skeleton(name) }
	if name == "" || env.Own == nil || slices.ContainsFunc(env.Own, sameName) {
		return nil
	}
	return warns("G-02", "None of your org's listings has this name.", "Write it as it stands in the catalog.")
}

// lifecycleUseCase is the second half of L-009.
func lifecycleUseCase(f Field, c Content, _ Env) []Problem {
	if !TabSCIM.On(c) || slices.Contains(c.List(f.Key), LifecycleManagement) {
		return nil
	}
	return warns("L-009", "SCIM support is on, but Lifecycle Management is not among the use cases.",
		"Choose it: customers look there for such an app.")
}

// longEnough is L-005.
func longEnough(f Field, c Content, _ Env) []Problem {
	v, name := c.Text(f.Key), c.Text("name")
	switch {
	case v == "":
		return nil
	case name != "" && skeleton(v) == skeleton(name):
		return warns("L-005", "The description only repeats the name.", "Say what the app is and what the integration does.")
	case utf8.RuneCountInString(v) < 80:
		return warns("L-005", "The description is very short.", "Use at least 80 characters: what the app is, and what the integration does.")
	}
	return nil
}

var deeds = regexp.MustCompile(`(?i)provision|deactivat|sync|import|creat|updat|workflow|\bflows?\b|assign|group|lifecycle|board`)

// saysWhatItDoes is L-006.
func saysWhatItDoes(v string, _ Env) []Problem {
	if deeds.MatchString(v) {
		return nil
	}
	return hints("L-006", "The description does not say what the integration does.", "Name it: it creates users, deactivates them, imports groups …")
}

var (
	phoneInText  = regexp.MustCompile(`(\+\d|\(\d{2,}\)|\b\d)([ ().\-/]*\d){8,}`)
	priceInText  = regexp.MustCompile(`(?i)[$€£¥] ?\d|\d ?([$€£¥]|(usd|eur|gbp|dollars|euros?)\b)|\bper (user|seat) per (month|year)\b`)
	praiseInText = regexp.MustCompile(`(?i)\b(best|fastest|easiest|greatest|leading|world[- ]class|unrivall?ed|unparallell?ed|ultimate|revolutionary|cutting[- ]edge|number one|market leader)\b|#1\b`)
)

// plainPraise is L-007.
func plainPraise(v string, _ Env) []Problem {
	for _, bad := range []struct {
		pattern *regexp.Regexp
		what    string
		fix     string
	}{
		{markup, "HTML", "It is shown as plain text. Take the markup out."},
		{priceInText, "a price", "Prices change. Leave them to your website."},
		{phoneInText, "a telephone number", "Put it among the support contacts."},
		{praiseInText, "praise", "Say what the app does instead."},
	} {
		if found := bad.pattern.FindString(v); found != "" {
			return warns("L-007", fmt.Sprintf("The description contains %s: %q.", bad.what, cut(found)), bad.fix)
		}
	}
	return nil
}

var secretShapes = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(password|passwd|pwd|secret|token|api[ _-]?key)\b["']?\s*(:|=|\bis\b)\s*["']?[^\s"']{6,}`),
	regexp.MustCompile(`(?i)\b(bearer|basic)\s+[a-z0-9+/._~-]{12,}=*`),
	regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`),
	regexp.MustCompile(`\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk_(live|test)_[A-Za-z0-9]{10,})`),
	regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`),
	regexp.MustCompile(`://[^\s/:@]+:[^\s/@]+@`),
}

// noSecretsInside is L-045. The finding does not repeat what it found.
func noSecretsInside(v string, _ Env) []Problem {
	if !looksSecret(v) {
		return nil
	}
	return warns("L-045", "This looks as if it contains a password or a token.",
		"Take it out. Secrets belong into the test account and the test connection, where they are sealed.")
}

func looksSecret(v string) bool {
	return slices.ContainsFunc(secretShapes, func(shape *regexp.Regexp) bool { return shape.MatchString(v) })
}

var (
	mentionsBase  = regexp.MustCompile(`(?i)base|url|address|endpoint`)
	mentionsToken = regexp.MustCompile(`(?i)token|key|credential|password|secret`)
)

// helpfulInstructions is L-043: a reviewer must be able to connect to a fresh tenant.
func helpfulInstructions(f Field, c Content, _ Env) []Problem {
	v := c.Text(f.Key)
	if !TabSCIM.On(c) || mentionsBase.MatchString(v) && mentionsToken.MatchString(v) {
		return nil
	}
	return warns("L-043", "The instructions do not say how to get the SCIM base URL and a token.",
		"Write down where in your app a reviewer finds both.")
}

// preferVersion2 says what becomes of SCIM 1.1 (S-03).
func preferVersion2(v string, _ Env) []Problem {
	if v != "1.1" {
		return nil
	}
	return warns("S-03", "SCIM 1.1 is old. The lab verifies it, but installations provision people over 2.0 only, for now.", "Use 2.0 if your server speaks it.")
}

// preferredAccount suggests the name that the team likes best; any other is as good.
func preferredAccount(f Field, c Content, env Env) []Problem {
	if env.TestAccount == "" || c.Text(f.Key) != "" {
		return nil
	}
	return []Problem{{Severity: SeverityHint, Message: "The network's team likes to sign in as " + env.TestAccount + ".", Fix: "Another name does as well."}}
}

// gatedOption is R-074: some options are opened for an org on request.
func gatedOption(f Field, c Content, env Env) []Problem {
	for _, o := range f.Options {
		if o.Gated && !slices.Contains(env.Opened, o.Value) && slices.Contains(c.List(f.Key), o.Value) {
			return blocks("S-05", o.Label+" is not opened for your org.", "Ask the network's team to open it, or leave it out.")
		}
	}
	return nil
}

// attested is S-12.
var plainDomain = regexp.MustCompile(`(?i)^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)

func domainAlone(v string, _ Env) []Problem {
	if plainDomain.MatchString(v) {
		return nil
	}
	return blocks("S-17", fmt.Sprintf("%q is no domain of e-mail addresses.", cut(v)), "Write what follows the @, such as acme.example.")
}

func attested(v string, _ Env) []Problem {
	if v != No {
		return nil
	}
	return blocks("S-12", "Unused attributes are still there.", "Delete their mappings, then the attributes, and answer Yes.")
}

func notOffered(v string, _ Env) []Problem {
	if v != Yes {
		return nil
	}
	return blocks("C-01", "Connectors are not offered yet.", "Switch this off.")
}
