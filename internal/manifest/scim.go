package manifest

import (
	"slices"
	"strconv"
	"strings"

	"slipway/internal/fault"
)

// AuthMode is how calls to a target are authorised.
type AuthMode string

const (
	AuthBearer AuthMode = "bearer"
	AuthHeader AuthMode = "header"
	AuthBasic  AuthMode = "basic"
	AuthOAuth  AuthMode = "oauth"
)

// SCIM is the part of a content that the engine works with, typed and valid.
type SCIM struct {
	Version         string // "2.0" or "1.1"
	Features        []string
	Patch           bool // updates go by PATCH, or else by PUT
	UsernameIsEmail bool
	TestDomain      string // of the addresses of users that the lab makes; "" is the lab's own
	GroupPatchMax   int    // members that one PATCH may add or remove
	AuthMode        AuthMode
	HeaderName      string // of AuthBearer and AuthHeader: the header that carries the token
	HeaderFormat    string // and its value, with TokenPlaceholder where the token goes
	Variables       []Variable

	base template
}

// engineKeys are the fields without which the engine cannot work.
var engineKeys = []string{
	"scim.version", "scim.features", "scim.perTenant", "scim.variables", "scim.baseUrlTemplate", "scim.baseUrl",
	"scim.auth.mode", "scim.auth.headerName", "scim.auth.headerFormat", "scim.patch", "scim.usernameIsEmail", "scim.testDomain", "scim.groupPatchMax",
}

// SCIM returns the typed view of the SCIM tab. What only people read (guide, evidence, attestation) may be
// missing; whatever the engine needs must be there and well-formed, or the fault names it. Which addresses and
// features are allowed here and now is left to Validate and to the room that dials.
func (c Content) SCIM() (SCIM, error) {
	if !TabSCIM.On(c) {
		return SCIM{}, fault.New(fault.Invalid, "SCIM support is off. Switch it on and fill in its section.")
	}
	if faults := engineFaults(c); faults != nil {
		return SCIM{}, fault.New(fault.Invalid, "The SCIM section is not complete. Fill in what is named here.").With(faults...)
	}
	auth := authOf(c)
	groupPatchMax, err := strconv.Atoi(or(c.Text("scim.groupPatchMax"), "100"))
	return SCIM{
		Version:         c.Text("scim.version"),
		Features:        withoutBlankTexts(c.List("scim.features")),
		Patch:           c.Yes("scim.patch"),
		UsernameIsEmail: c.Yes("scim.usernameIsEmail"),
		TestDomain:      c.Text("scim.testDomain"),
		GroupPatchMax:   groupPatchMax,
		AuthMode:        auth.mode,
		HeaderName:      auth.name,
		HeaderFormat:    auth.format,
		Variables:       variables(c),
		base:            baseOf(c),
	}, err
}

func engineFaults(c Content) []fault.Field {
	open := Env{AllowHTTP: true, AllowPrivate: true, Opened: []string{ProfileSourcing}}
	var faults []fault.Field
	for _, p := range Validate(c, open) {
		if f, ok := Find(p.Key); ok && p.blocking() && slices.Contains(engineKeys, f.Key) {
			faults = append(faults, p.fault())
		}
	}
	return faults
}

// Has reports whether a feature is declared.
func (s SCIM) Has(feature string) bool { return slices.Contains(s.Features, feature) }

// BaseURL returns the address under which the target's endpoints lie, without a slash at its end. The values
// are the variables' by name; each is checked for its type and escaped for its place, so none of them changes
// the host that the vendor has written. The error is a fault that names the value.
func (s SCIM) BaseURL(values map[string]string) (string, error) {
	open := Env{AllowHTTP: true, AllowPrivate: true}
	for _, v := range s.Variables {
		for _, p := range v.check(values[v.Name], open) {
			if p.blocking() {
				return "", s.refuse(misfit{variable: v.Name, why: p.Message})
			}
		}
	}
	base, wrong := s.base.expand(values)
	if wrong != nil {
		return "", s.refuse(*wrong)
	}
	return strings.TrimRight(base, "/"), nil
}

func (s SCIM) refuse(m misfit) error {
	return fault.New(fault.Invalid, "The base URL cannot be made. "+m.why).
		With(fault.Field{Key: m.key(s.base), Rule: "L-084", Message: m.why})
}

// baseOf returns the template of the base URL; a static one is a template without variables. It is nil as long
// as the question is not answered, or what was typed is no template.
func baseOf(c Content) template {
	switch c.Text("scim.perTenant") {
	case Yes:
		t, err := parseTemplate(c.Text("scim.baseUrlTemplate"))
		if err == nil {
			return t
		}
	case No:
		if v := c.Text("scim.baseUrl"); v != "" {
			return template{{literal: v}}
		}
	}
	return nil
}

// auth is where a token is put.
type auth struct {
	mode         AuthMode
	name, format string
}

func authOf(c Content) auth {
	a := auth{mode: AuthMode(c.Text("scim.auth.mode"))}
	switch a.mode {
	case AuthBearer:
		a.name, a.format = "Authorization", "Bearer "+TokenPlaceholder
	case AuthHeader:
		a.name, a.format = or(c.Text("scim.auth.headerName"), "Authorization"), c.Text("scim.auth.headerFormat")
	}
	return a
}

func withoutBlankTexts(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
