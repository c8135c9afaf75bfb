package battery

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/scim"
	"slipway/internal/target"
)

// schema is what a target says of its accounts' attributes.
type schema struct {
	properties []target.Property
	values     []target.Value
}

// knownSchema is the target's schema of users; nil where it has none, or none that can be read. It is asked for once.
func (r *run) knownSchema() *schema {
	if r.learnt || !r.can(userSchema) {
		return r.schema
	}
	r.learnt = true
	s := &schema{}
	var err error
	if s.properties, err = r.Target.(Schemas).Properties(r.ctx); err != nil || len(s.properties) == 0 {
		return nil
	}
	if r.can(userValues) {
		s.values, _ = r.Target.(Schemas).Values(r.ctx) // contract.schema.values says what is wrong with it
	}
	r.schema = s
	return s
}

// place is where a property stands in a SCIM user: an attribute, or a part of one, behind its URN where it is no core one.
func place(p target.Property) string {
	path, urn := cmp.Or(p.ExternalName, p.Name), p.ExternalNamespace
	if path, is := strings.CutPrefix(path, scim.SchemaUser+":"); is {
		return path
	}
	if urn == "" || strings.EqualFold(urn, scim.SchemaUser) || strings.HasPrefix(path, "urn:") {
		return path
	}
	return urn + ":" + path
}

// split takes a path apart: what stands before the last colon of a URN, and the rest.
func split(path string) (urn, rest string) {
	if i := strings.LastIndexByte(path, ':'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

// key is the path of a property as a target.Profile has it; "" where a profile cannot hold it.
func key(path string) string {
	urn, rest := split(path)
	switch {
	case urn == scim.SchemaEnterpriseUser:
		return path
	case urn != "":
		return ""
	}
	name, sub, dotted := strings.Cut(rest, ".")
	if multivalued(name) {
		if !dotted {
			return ""
		}
		return name + "[primary eq true]." + sub
	}
	return rest
}

func multivalued(name string) bool {
	user, _ := scim.SchemaOf(scim.SchemaUser)
	a, known := user.Attribute(name)
	return known && a.MultiValued
}

// declares reports whether the schema has the attribute at a profile's path, or what it is a part of.
func (s *schema) declares(path string) bool {
	_, is := s.covering(strings.Replace(path, "[primary eq true]", "", 1))
	return is
}

// covering is the property at a path, or above it.
func (s *schema) covering(path string) (target.Property, bool) {
	for _, p := range s.properties {
		at := place(p)
		if strings.EqualFold(at, path) || len(path) > len(at) && strings.EqualFold(path[:len(at)+1], at+".") {
			return p, true
		}
	}
	return target.Property{}, false
}

// options are the values that a property may have; nil where it is free.
func (s *schema) options(p target.Property) []string {
	var ids []string
	for _, v := range s.values {
		if v.Property == p.Name {
			ids = append(ids, v.ID)
		}
	}
	if list, is := p.Raw["enumConstraint"].([]any); is && ids == nil {
		for _, v := range list {
			if text, is := v.(string); is {
				ids = append(ids, text)
			}
		}
	}
	return ids
}

// kinds are the types of properties, with the form of their values.
var kinds = map[string]string{
	"STRING": "text", "URI": "text", "COUNTRY_CODE": "text", "TIMEZONE": "text", "LOCALE": "text", "LANGUAGE_CODE": "text", "EMAIL": "text", "DATE": "text",
	"NUMBER": "number", "INTEGER": "number", "BOOLEAN": "boolean", "ARRAY": "list", "OBJECT": "object",
}

// elsewhere are attributes that have checks of their own, or that nobody can make up a value for.
var elsewhere = []string{"id", "schemas", "meta", "active", "password", "groups", "roles", "entitlements", "x509certificates", "manager"}

// settable are the properties that a text can be written to, by their paths in a profile.
func (s *schema) settable() map[string]target.Property {
	out := map[string]target.Property{}
	for _, p := range s.properties {
		at := place(p)
		_, rest := split(at)
		name, sub, _ := strings.Cut(rest, ".")
		path := key(at)
		if path == "" || p.ReadOnly || kinds[p.Type] != "text" || p.Type == "DATE" || p.Raw["pattern"] != nil && p.Raw["pattern"] != "" ||
			slices.Contains(elsewhere, strings.ToLower(name)) || slices.Contains([]string{"display", "$ref", "primary"}, sub) {
			continue
		}
		if _, twice := out[path]; !twice {
			out[path] = p
		}
	}
	return out
}

// sample is a value for a property, different for everybody.
func (r *run) sample(who, path string, p target.Property) string {
	if options := r.schema.options(p); len(options) > 0 {
		return options[0]
	}
	_, rest := split(path)
	lower := strings.ToLower(rest)
	text := fmt.Sprintf("%s of %s %s", strings.Trim(lower[strings.LastIndexByte(lower, '.')+1:], "]"), who, r.names.tag)
	switch {
	case p.Type == "COUNTRY_CODE" || strings.HasSuffix(lower, ".country"):
		text = "US"
	case p.Type == "TIMEZONE" || lower == "timezone":
		text = "Europe/Berlin"
	case p.Type == "LOCALE" || lower == "locale":
		text = "en-US"
	case p.Type == "LANGUAGE_CODE" || lower == "preferredlanguage":
		text = "en"
	case p.Type == "EMAIL" || strings.HasPrefix(lower, "emails["):
		text = r.names.user(who)
	case p.Type == "URI":
		text = "https://example.com/" + r.names.tag + "/" + who
	case strings.HasPrefix(lower, "phonenumbers["):
		text = "+1555010" + r.names.digits
	}
	if most, is := p.Raw["maxLength"].(float64); is && most > 0 && len(text) > int(most) {
		text = text[:int(most)]
	}
	return text
}

// required is a profile with what provisioning always sends and what the schema marks as required.
func (r *run) required(who, given, family string) target.Profile {
	name := r.names.user(who)
	profile := target.Profile{
		"userName": name, "name.givenName": given, "name.familyName": family,
		"emails[primary eq true].value": name, "emails[primary eq true].type": "work",
	}
	if s := r.knownSchema(); s != nil {
		for path, p := range s.settable() {
			if p.Required && profile[path] == "" {
				profile[path] = r.sample(who, path, p)
			}
		}
	}
	return profile
}

// full is a profile with a value for everything that can be set; without a schema, with what most targets know.
func (r *run) full(who, given, family string) target.Profile {
	profile := r.required(who, given, family)
	s := r.knownSchema()
	if s == nil {
		profile["title"], profile["displayName"] = "Title of "+who+" "+r.names.tag, given+" "+family
		return profile
	}
	for path, p := range s.settable() {
		if profile[path] == "" {
			profile[path] = r.sample(who, path, p)
		}
	}
	return profile
}

// wellKnown are attributes that nothing else hangs on, the best first.
var wellKnown = []string{"title", "displayName", "nickName", "name.middleName", "userType", scim.SchemaEnterpriseUser + ":department"}

// optional is an attribute that may be changed and cleared freely; "" where the schema has none.
func (r *run) optional() string {
	s := r.knownSchema()
	if s == nil {
		return "title"
	}
	settable := s.settable()
	free := func(path string) bool {
		p, is := settable[path]
		return is && !p.Required && len(s.options(p)) == 0 && p.Type == "STRING"
	}
	if i := slices.IndexFunc(wellKnown, free); i >= 0 {
		return wellKnown[i]
	}
	for _, p := range s.properties {
		if path := key(place(p)); path != "" && path != "userName" && path != "externalId" && !strings.Contains(path, "[") && !strings.HasPrefix(path, "name.") && free(path) {
			return path
		}
	}
	return ""
}
