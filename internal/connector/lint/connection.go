package lint

import (
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector/credential"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// methods looks for secrets in the ways to connect: what they put on every request, and what they fill in for a customer.
func (l *linter) methods() {
	for _, m := range l.connector.Methods {
		for _, f := range m.Fields {
			if f.Type == "secret" && f.Default != "" {
				l.found.Add(Credential, m.Src, "The field %q is secret, and its default stands in the file for everybody.", f.Key)
			} else if what, _, _ := credential.Find(f.Default + "\n" + f.Help); what != "" {
				l.found.Add(Credential, m.Src, "The field %q holds what looks like %s.", f.Key, what)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(m.Extra)) {
			if what, _, _ := credential.Find(m.Extra[name]); what != "" {
				l.found.Add(Credential, m.Src, "%s of authorizeParams holds what looks like %s.", name, what)
			}
		}
		for _, applied := range []map[string]program.Formula{m.Headers, m.Query} {
			for _, name := range slices.Sorted(maps.Keys(applied)) {
				l.literal(applied[name], m.Src, name+", which goes along with every request,")
			}
		}
		l.endpoint(m.TokenURL, m, "tokenUrl", true)
		l.endpoint(m.RefreshURL, m, "refreshUrl", true)
		l.endpoint(m.AuthorizeURL, m, "authorizeUrl", false) // a browser asks it, and may be sent anywhere
	}
}

// literal objects to a formula in which a secret stands.
func (l *linter) literal(f program.Formula, at program.Src, name string) {
	for _, text := range formulaTexts(f) {
		if what, _, _ := credential.Find(text); what != "" {
			l.found.Add(Credential, at, "%s holds what looks like %s.", name, what)
			return
		}
	}
}

func (l *linter) endpoint(f program.Formula, m definition.Method, name string, guarded bool) {
	if f != nil {
		l.root(f, m.Src, name, guarded)
	}
}

// base checks where requests go whose steps give a path alone.
func (l *linter) base() {
	if l.definition.BaseURL != nil {
		l.root(l.definition.BaseURL, l.definition.Document.Src("/connection/baseUrl"), "baseUrl", true)
	}
}

// entered stands in an address for what a customer enters.
const entered = "entered-by-a-customer"

// root checks an address that is made of a connection, as far as the customer does not decide it. The engine asks those that
// are guarded, which are among the allowed hosts or refused. An expression has no side effects, so it is evaluated with a word
// for each field.
func (l *linter) root(f program.Formula, at program.Src, what string, guarded bool) {
	conn := map[string]any{}
	for _, m := range l.connector.Methods {
		for _, field := range m.Fields {
			conn[field.Key] = entered
		}
	}
	made, err := f.Eval(expression.Env{Values: map[string]any{"conn": conn}})
	scheme, rest, absolute := strings.Cut(value.Text(made), "://")
	name := rest
	if end := strings.IndexAny(rest, "/?#:"); end >= 0 { // the port may be a word here
		name = rest[:end]
	}
	switch {
	case err != nil || !absolute || strings.Contains(scheme, entered): // the customer enters all of it
	case strings.EqualFold(scheme, "http"):
		l.found.Add(BadHost, at, "%s is plain http, to %q.", what, strings.ReplaceAll(name, entered, "…"))
	case guarded && !mayBe(name, l.hosts()):
		l.found.Add(BadHost, at, "%s leads to %q, which is not among allowedHosts.", what, strings.ReplaceAll(name, entered, "…"))
	}
}

// mayBe reports whether a host may be among the allowed ones, whatever a customer enters for a part of it.
func mayBe(name string, hosts []string) bool {
	i := strings.LastIndex(name, entered)
	if i < 0 {
		return engine.Rules{Hosts: hosts}.Allows(name)
	}
	known := strings.ToLower(name[i+len(entered):])
	return slices.ContainsFunc(hosts, func(h string) bool {
		bare, wild := strings.CutPrefix(strings.ToLower(h), "*")
		return strings.HasSuffix("."+strings.TrimPrefix(bare, "."), known) || wild && strings.HasSuffix(known, bare)
	})
}

// retries checks when requests are sent again.
func (l *linter) retries() {
	at, r := l.definition.Document.Src("/connection/retry"), l.definition.Retry
	switch {
	case r.Max == 0:
		l.found.Add(NoRetry, at, "No request is sent again: max is 0.")
	case !slices.Contains(r.On, 429):
		l.found.Add(NoRetry, at, "No request is sent again where the API was asked too often: on leaves 429 out.")
	case r.MaxWait > longestWait*time.Millisecond:
		l.found.Add(NoRetry, at, "Between two tries it waits up to %s, more than %d s.", r.MaxWait, longestWait/1000)
	}
}

// events looks at what events compute outside of their steps, and at who may deliver to them.
func (l *linter) events() {
	for _, e := range l.connector.Events() {
		l.literal(e.Initial, e.Src, "cursor.initial")
		l.literal(e.DedupeBy, e.Src, "dedupeBy")
		switch {
		case !e.Webhook:
		case e.HMAC == nil:
			l.found.Add(Unsigned, e.Src, "The webhook %q believes whoever knows its address: it has no hmac.", e.Name)
		case len(e.HMAC.Secret.Uses()) == 0:
			l.found.Add(Credential, e.HMAC.Src, "The secret of hmac stands in the file for everybody; take it from conn or from the registration.")
		default:
			l.literal(e.HMAC.Secret, e.HMAC.Src, "hmac.secret")
		}
	}
}
