package lab

import (
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// attributeChecks fill a profile as far as the server says that it can be filled.
var attributeChecks = []Check{
	{
		ID: "okta.attr.roundtrip-all", Title: "Every attribute that the server publishes comes back", Family: flows, Severity: report.Network, Feature: "create_users",
		Needs: []string{okta.asks, "users.create.body", "users.create.readback"}, Reference: "Network rule; RFC 7643 §7",
		Why:   "Admins map what /Schemas offers. A value that is accepted and dropped is sent again with every synchronisation, and never arrives.",
		Fix:   `Store what /Schemas lists as readWrite. Take out of /Schemas what you do not store, or mark it "mutability": "readOnly".`,
		judge: (*run).judgeEveryAttribute,
	},
}

// mappedByDefault are attributes of a new user that a client sends without anybody having mapped them.
var mappedByDefault = []string{"username", "name", "emails", "displayname", "active"}

// granted are attributes whose values are rights. What may stand there is the server's to say: see entitlements.user.create.
var granted = []string{"entitlements", "roles"}

// judgeEveryAttribute blocks for what clients always send. What an admin has to map first is lost less badly.
func (r *run) judgeEveryAttribute() Finding {
	attributes := r.declaredBy(scim.SchemaUser)
	if attributes == nil {
		return notApplicable("/Schemas does not describe users.")
	}
	f := r.flow(okta, "When an admin maps an attribute that /Schemas offers, its values never arrive.", full)
	sent := r.names.plainUser("polly", "Polly", "Filled")
	delete(sent, "title")
	for _, about := range attributes {
		if value := r.sample(about); value != nil && !slices.Contains(slices.Concat(mappedByDefault, granted), strings.ToLower(about.String("name"))) {
			sent[about.String("name")] = value
		}
	}
	who := f.make("the create of a user with every attribute", "Users", sent)
	if who == nil {
		return f.orLost()
	}
	defer r.discard("Users", who.id)
	var lost []string
	got := f.read("the reading of that user", "Users", who.id, anything)
	for _, about := range attributes {
		if name := about.String("name"); sent.Get(name) != nil && got.Get(name) == nil {
			lost = append(lost, name)
		}
	}
	if len(lost) == 0 || f.broken != nil {
		return f.finding()
	}
	slices.Sort(lost)
	f.end("the reading of that user", report.Fail, strings.Join(lost, ", ")+" did not come back, though /Schemas publishes it as readWrite.")
	found := f.finding()
	if !slices.ContainsFunc(lost, func(name string) bool { return slices.Contains(mappedByDefault, strings.ToLower(name)) }) {
		found.Severity = report.Recommended
	}
	return found
}

// published are the attributes of a schema as the server describes them, nil where it does not.
func (r *run) declaredBy(urn string) []scim.Resource {
	for _, schema := range r.schemas.list.Resources {
		if !strings.EqualFold(schema.ID(), urn) {
			continue
		}
		return objectsOf(schema.Get("attributes"))
	}
	return nil
}

// sample is a value for an attribute that a client may set and read, nil where there is none that is sure to be good:
// references to resources and binaries are somebody's, and what has canonical values gets the first of them.
func (r *run) sample(about scim.Resource) any {
	if m := about.String("mutability"); m != "" && m != "readWrite" || about.String("returned") == "never" || about.String("returned") == "request" {
		return nil
	}
	one := r.sampleOne(about)
	if about.String("multiValued") == "true" && one != nil {
		return []any{one}
	}
	return one
}

func (r *run) sampleOne(about scim.Resource) any {
	if choices, _ := about.Get("canonicalValues").([]any); len(choices) > 0 {
		return choices[0]
	}
	switch name := about.String("name"); about.String("type") {
	case "string":
		if fixed, known := wellFormed[strings.ToLower(name)]; known {
			return fixed
		}
		return "Lab " + r.names.tag
	case "boolean":
		return true
	case "integer":
		return 7
	case "reference":
		if kinds, _ := about.Get("referenceTypes").([]any); len(kinds) > 0 && kinds[0] == "external" {
			return "https://example.com/" + r.names.tag
		}
	case "complex":
		object := map[string]any{}
		for _, sub := range objectsOf(about.Get("subAttributes")) {
			value, isValue := r.sample(sub), strings.EqualFold(sub.String("name"), "value")
			if value == nil && isValue {
				return nil
			}
			if value != nil && !strings.EqualFold(sub.String("name"), "$ref") {
				object[sub.String("name")] = value
			}
		}
		if len(object) > 0 {
			return object
		}
	}
	return nil
}

// wellFormed are values for attributes of the core schema whose form the RFC rules (RFC 7643 §4.1).
var wellFormed = map[string]string{
	"locale": "en-US", "preferredlanguage": "en-US", "timezone": "Europe/Stockholm", "country": "SE",
}
