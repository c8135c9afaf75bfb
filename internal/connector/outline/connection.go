package outline

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/credential"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
)

// connection writes how a customer's system is reached, and what goes along with every request. Exported flows do all that
// by themselves, but for the fields.
func (p *printer) connection(c *connector.Connector) {
	if len(c.Methods) == 0 {
		return
	}
	p.line(0, "connection")
	if d := c.Definition; d != nil {
		p.said(1, "base URL", d.BaseURL)
		p.line(1, "may ask  %s", oneLine(strings.Join(d.Hosts, ", "), longText))
		p.retry(d.Retry)
		for _, status := range slices.Sorted(maps.Keys(d.Errors)) {
			e := d.Errors[status]
			p.line(1, "status %d  %s", status, oneLine(strings.Join(slices.DeleteFunc([]string{e.Type, e.Code, e.Summary}, func(s string) bool { return s == "" }), ", "), longText))
		}
	}
	for _, m := range c.Methods {
		p.way(m)
	}
	p.line(0, "")
}

func (p *printer) way(m definition.Method) {
	p.line(1, "way to connect  %s, %s (%s)", oneLine(m.ID, shortText), quote(m.Label), string(m.Kind))
	for _, f := range m.Fields {
		said := f.Type
		if f.Optional {
			said += ", optional"
		}
		if f.Pattern != "" {
			said += ", of the form " + f.Pattern
		}
		if len(f.Choices) > 0 {
			said += ", one of " + strings.Join(f.Choices, ", ")
		}
		switch {
		case f.Default != "" && f.Type == "secret":
			said += `, "•••" unless said`
		case f.Default != "":
			said += ", " + quote(credential.Mask(f.Default)) + " unless said"
		}
		p.line(2, "asks for  %s: %s", oneLine(f.Key, shortText), oneLine(said, longText))
	}
	p.puts(m.Headers, "header")
	p.puts(m.Query, "query")
	p.said(2, "token from", m.TokenURL)
	p.said(2, "renewed at", m.RefreshURL)
	p.said(2, "agreed to at", m.AuthorizeURL)
	if len(m.Scopes) > 0 {
		p.line(2, "scopes  %s", oneLine(strings.Join(m.Scopes, " "), longText))
	}
}

// puts writes what goes along with every request.
func (p *printer) puts(applied map[string]program.Formula, where string) {
	for _, name := range slices.Sorted(maps.Keys(applied)) {
		text := formula(applied[name])
		if len(applied[name].Uses()) == 0 && credential.Named(name) {
			text = `"•••"`
		}
		p.line(2, "puts  %s → %s %s", text, where, oneLine(name, shortText))
	}
}

// said writes what a formula makes, where there is one.
func (p *printer) said(depth int, what string, f program.Formula) {
	if f == nil {
		return
	}
	if text := formula(f); text != "a constant" {
		p.line(depth, "%s  %s", what, text)
	}
}

func (p *printer) retry(r engine.Retry) {
	if r.Max == 0 || len(r.On) == 0 {
		p.line(1, "! no request is sent again")
		return
	}
	on := make([]string, len(r.On))
	for i, status := range r.On {
		on[i] = strconv.Itoa(status)
	}
	when := "at most " + r.MaxWait.String() + " later"
	if r.Honor {
		when = "when the API says, " + when
	}
	p.line(1, "! sends again up to %d times after %s, %s", r.Max, strings.Join(on, ", "), when)
}

// event writes what an event is, then its flows.
func (p *printer) event(e *definition.Event) {
	kind := "polling"
	if e.Webhook {
		kind = "webhook"
	}
	p.line(0, "event %s (%s) in %s", quote(e.Name), kind, place(e.Src))
	if e.Description != "" {
		p.line(1, "%s", oneLine(e.Description, longText))
	}
	if e.MinInterval > 0 {
		p.line(1, "at most every %s", e.MinInterval)
	}
	p.said(1, "begins with", e.Initial)
	p.said(1, "once for each", e.DedupeBy)
	switch {
	case e.HMAC != nil:
		how := strings.Join(slices.DeleteFunc([]string{e.HMAC.Algorithm, e.HMAC.Encoding}, func(s string) bool { return s == "" }), ", ")
		if how != "" {
			how = fmt.Sprintf(" (%s)", how)
		}
		secret := `"•••"`
		if len(e.HMAC.Secret.Uses()) > 0 {
			secret = formula(e.HMAC.Secret)
		}
		p.line(1, "signed in  %s%s, with %s", oneLine(e.HMAC.Header, shortText), how, secret)
	case e.Webhook:
		p.line(1, "! whoever knows its address may deliver to it")
	}
	for _, f := range e.Flows() {
		p.line(0, "")
		p.flow(f)
	}
}
