// Package manual holds a connector's public pages against the connector.
//
// It owns one rule, SW031: the pages can be read by anybody, and the one for customers speaks of every action and of what
// each takes. It looks for words, not for sense: whether a page is good, a reviewer decides. How a page is fetched is handed
// in, for only egress dials.
package manual

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
)

// Incomplete is the rule.
var Incomplete = program.Rule{
	Code: "SW031", Level: program.Warning, Says: "The connector's public pages can be read, and the user guide names a version, its actions, and what they take and give.",
	Fix: "Publish the page, and write about what is missing: what it is for, and what goes into it.",
}

// Check reads both pages. Where one cannot be read, that is a finding and not an error.
func Check(ctx context.Context, api engine.API, c *connector.Connector) program.Findings {
	var found program.Findings
	if c.Definition == nil {
		return nil
	}
	docs := c.Definition.Metadata.Docs
	for _, page := range []struct{ name, address string }{{"userGuide", docs.UserGuide}, {"apiReference", docs.APIReference}} {
		at := c.Definition.Document.Src("/metadata/docs/" + page.name)
		if page.address == "" {
			found.Add(Incomplete, at, "The connector names no %s under metadata.docs.", page.name)
			continue
		}
		text, problem := read(ctx, api, page.address)
		if problem != "" {
			found.Add(Incomplete, at, "%s %s", page.address, problem)
			continue
		}
		if page.name == "userGuide" {
			missing(&found, c, text)
		}
	}
	return found
}

// read fetches a page and returns its words, or what is wrong with it.
func read(ctx context.Context, api engine.API, address string) (text, problem string) {
	answer, err := api.Call(ctx, engine.Request{Method: http.MethodGet, URL: address, Header: http.Header{"Accept": {"text/html, text/plain, text/markdown"}}})
	if err != nil {
		return "", "cannot be read: " + err.Error()
	}
	if answer.Status != http.StatusOK {
		return "", fmt.Sprintf("cannot be read: it answers %d %s.", answer.Status, http.StatusText(answer.Status))
	}
	if !strings.Contains(answer.Header.Get("Content-Type"), "html") {
		return normal(string(answer.Body)), ""
	}
	words, err := visible(answer.Body)
	if err != nil {
		return "", "is no HTML that can be read."
	}
	return normal(words), ""
}

// hidden are elements whose text no reader sees.
var hidden = map[string]bool{"script": true, "style": true, "template": true, "noscript": true}

// visible is the text of a page as a reader sees it.
func visible(page []byte) (string, error) {
	root, err := html.Parse(strings.NewReader(string(page)))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && (n.Parent == nil || !hidden[n.Parent.Data]) {
			b.WriteString(n.Data + " ")
		}
	}
	return b.String(), nil
}

// normal is text without case and with single spaces.
func normal(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// version is how a guide says of which version it speaks: "Version 2", "v1.4", "0.3.0". Which one it is, the connector does not
// know: the network counts its versions.
var version = regexp.MustCompile(`\bversion:? +v?[0-9]|\bv[0-9]+(\.[0-9]+)*\b|\b[0-9]+\.[0-9]+\.[0-9]+\b`)

// missing names the actions that a guide does not speak of, and the fields that it leaves out of those that it does. What
// implements a contract is called by the network, not by people: its fields are the contract's.
func missing(found *program.Findings, c *connector.Connector, guide string) {
	if !version.MatchString(guide) {
		found.Add(Incomplete, c.Definition.Document.Src("/metadata/docs/userGuide"), "The user guide does not say of which version of the connector it speaks.")
	}
	for _, f := range c.Program.OfKind(program.Action) {
		if f.Implements != "" {
			continue
		}
		if !strings.Contains(guide, normal(f.Name)) {
			found.Add(Incomplete, f.Src, "The user guide does not speak of the action %q.", f.Name)
			continue
		}
		var fields []string
		for _, p := range slices.Concat(f.Inputs, f.Outputs) {
			if p.Key.Group != "auth" && p.Key.Group != "selectedOutputs" && p.Label != "" && !strings.Contains(guide, normal(p.Label)) {
				fields = append(fields, fmt.Sprintf("%q", p.Label))
			}
		}
		if len(fields) > 0 {
			found.Add(Incomplete, f.Src, "The user guide speaks of %q, and not of %s.", f.Name, strings.Join(fields, ", "))
		}
	}
}
