package runscope

import (
	"encoding/base64"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/egress"
	"slipway/internal/secret"
)

const (
	shortestSecret = 4    // "on" in a body is a word
	maxSecrets     = 2000 // that a run learns: a script could invent them without end
)

var (
	secretName   = regexp.MustCompile(`(?i)auth|token|passw|pwd|secret|api[-_]?key|credential|cookie|private[-_]?key`)
	secretValue  = regexp.MustCompile(`(?i)^\s*(?:bearer|basic|ssws|digest)\s+\S{8,}\s*$`)
	secretScheme = regexp.MustCompile(`(?i)^\s*(bearer|basic|ssws|digest|token|apikey)\s+(\S.*?)\s*$`)
	// A member with such a name is redacted wherever it stands: a suite may carry its own sample password. The
	// second form is JSON within a JSON string.
	secretMember = regexp.MustCompile(`(?i)((?:password|secret|token)[\w-]{0,40}"\s*:\s*(?:\{\s*"value"\s*:\s*)?")((?:[^"\\]|\\.)+)`)
	secretNested = regexp.MustCompile(`(?i)((?:password|secret|token)[\w-]{0,40}\\+"\s*:\s*(?:\{\s*\\+"value\\+"\s*:\s*)?\\+")([^"\\]+)`)
	secretParam  = regexp.MustCompile(`(?i)((?:password|secret|token)[\w-]{0,40}=)([^&#\s"\\…][^&#\s"\\]*)`) // our own advice writes NAME=…
)

// isSecretName reports a variable or header whose value is a secret by its name.
func isSecretName(name string) bool { return secretName.MatchString(name) }

// redactor replaces what must not be stored. It learns during the run: a token that a step fetches is a secret too.
type redactor struct {
	known   map[string]bool
	replace func(string) string // nil after something was learnt
	longest int                 // that a spelling of a secret can be
}

func newRedactor(secrets []secret.Text) *redactor {
	r := &redactor{known: map[string]bool{}}
	for _, s := range secrets {
		r.learn(s.Reveal())
	}
	return r
}

// learn takes a secret and what is secret within it: the part after Bearer, the two parts behind Basic.
func (r *redactor) learn(value string) {
	value = strings.TrimSpace(value)
	if len(value) < shortestSecret || r.known[value] || len(r.known) >= maxSecrets {
		return
	}
	r.known[value], r.replace = true, nil
	match := secretScheme.FindStringSubmatch(value)
	if match == nil {
		return
	}
	r.learn(match[2])
	if decoded, err := base64.StdEncoding.DecodeString(match[2]); err == nil && strings.EqualFold(match[1], "basic") {
		r.learn(string(decoded))
		_, password, _ := strings.Cut(string(decoded), ":")
		r.learn(password)
	}
}

// consider learns a variable that is secret by its name or by the look of its value.
func (r *redactor) consider(name, value string) {
	if isSecretName(name) || secretValue.MatchString(value) {
		r.learn(value)
	}
}

func (r *redactor) text(s string) string {
	if s == "" {
		return s
	}
	r.build()
	s = r.replace(s)
	if lower := strings.ToLower(s); !strings.Contains(lower, "password") && !strings.Contains(lower, "secret") && !strings.Contains(lower, "token") {
		return s // the expressions are slow on a long body
	}
	s = secretMember.ReplaceAllString(s, "${1}"+secret.Redacted)
	s = secretNested.ReplaceAllString(s, "${1}"+secret.Redacted)
	return secretParam.ReplaceAllString(s, "${1}"+secret.Redacted)
}

// head is the redacted beginning of s, at most n bytes and an ellipsis. It redacts before it cuts, or half a secret
// would remain; of a long text it looks only at what may be kept.
func (r *redactor) head(s string, n int) string {
	r.build()
	window := n + 2*r.longest + 1<<10
	if len(s) <= window {
		return clip(r.text(s), n)
	}
	redacted := r.text(s[:window])
	redacted = redacted[:max(0, len(redacted)-r.longest)] // it may end in half a secret
	return clip(redacted+"…", n)
}

// body is head without the ellipsis; cut reports that there was more.
func (r *redactor) body(s string) (kept string, cut bool) {
	kept = r.head(s, keptBody)
	if strings.HasSuffix(kept, "…") && !strings.HasSuffix(s, "…") {
		return strings.TrimSuffix(kept, "…"), true
	}
	return kept, len(s) > keptBody
}

// build makes the replacement anew after something was learnt. egress knows the spellings of a secret; a suite's
// messages and scripts add JSON within JSON.
func (r *redactor) build() {
	if r.replace != nil {
		return
	}
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	var all []secret.Text
	for _, value := range slices.Sorted(maps.Keys(r.known)) {
		for range 3 {
			all = append(all, secret.NewText(value))
			r.longest = max(r.longest, 6*len(value)) // a character becomes \u0026 at worst
			value = escape.Replace(value)
		}
	}
	r.replace = egress.Redact(all)
}

// header redacts credentials by the header's name, everything else by value.
func (r *redactor) header(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		for _, value := range values {
			if isSecretName(name) && !strings.EqualFold(name, "WWW-Authenticate") {
				value = credential(value)
			}
			out[name] = append(out[name], r.text(value))
		}
	}
	return out
}

// credential keeps the word that names the scheme: it tells how the request was authorized.
func credential(value string) string {
	if match := secretScheme.FindStringSubmatch(value); match != nil {
		return match[1] + " " + secret.Redacted
	}
	if value == "" {
		return ""
	}
	return secret.Redacted
}

// step cleans a step of secrets and cuts what is kept of it.
func (r *redactor) step(out *StepResult) {
	for i := range out.Exchanges {
		e := &out.Exchanges[i]
		e.URL, e.Err = r.head(e.URL, keptURL), r.head(e.Err, maxMessage)
		e.RequestHeader, e.ResponseHeader = r.header(e.RequestHeader), r.header(e.ResponseHeader)
		var cut bool
		e.RequestBody, e.Truncated = r.body(e.RequestBody)
		e.ResponseBody, cut = r.body(e.ResponseBody)
		e.Truncated = e.Truncated || cut
	}
	for i := range out.Assertions {
		a := &out.Assertions[i]
		a.Target, a.Actual = r.head(a.Target, maxActual), r.head(a.Actual, maxActual)
		a.Message = r.head(a.Message, maxMessage)
	}
	for i := range out.Extractors {
		out.Extractors[i].Message = r.head(out.Extractors[i].Message, maxMessage)
	}
	for i := range out.Warnings {
		out.Warnings[i] = r.head(out.Warnings[i], maxMessage)
	}
	out.Title, out.Message = r.head(out.Title, maxTitle), r.head(out.Message, maxMessage)
}
