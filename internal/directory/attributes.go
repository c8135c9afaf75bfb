package directory

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"slipway/internal/fault"
)

// Attribute is one thing that an org can know about a person.
type Attribute struct {
	Key      string // as in the profile's JSON, and as mappings name it
	Label    string
	Section  string // heading under which the person's page shows it
	Required bool
	Max      int // characters
	field    func(*Profile) *string
}

// Get returns the attribute's value for this profile.
func (a Attribute) Get(p Profile) string { return *a.field(&p) }

// Set changes the attribute's value.
func (a Attribute) Set(p *Profile, value string) { *a.field(p) = value }

const (
	sectionName    = "Name"
	sectionContact = "Contact"
	sectionAddress = "Address"
	sectionWork    = "Work"
)

// attributes is every attribute, in the order in which pages show them (lcm §3.1).
var attributes = []Attribute{
	{"userName", "User name", sectionName, true, 100, func(p *Profile) *string { return &p.UserName }},
	{"givenName", "Given name", sectionName, true, 50, func(p *Profile) *string { return &p.GivenName }},
	{"familyName", "Family name", sectionName, true, 50, func(p *Profile) *string { return &p.FamilyName }},
	{"middleName", "Middle name", sectionName, false, 50, func(p *Profile) *string { return &p.MiddleName }},
	{"honorificPrefix", "Honorific prefix", sectionName, false, 50, func(p *Profile) *string { return &p.HonorificPrefix }},
	{"honorificSuffix", "Honorific suffix", sectionName, false, 50, func(p *Profile) *string { return &p.HonorificSuffix }},
	{"displayName", "Display name", sectionName, false, 100, func(p *Profile) *string { return &p.DisplayName }},
	{"nickName", "Nickname", sectionName, false, 100, func(p *Profile) *string { return &p.NickName }},
	{"email", "Email", sectionContact, true, 100, func(p *Profile) *string { return &p.Email }},
	{"primaryPhone", "Primary phone", sectionContact, false, 100, func(p *Profile) *string { return &p.PrimaryPhone }},
	{"profileUrl", "Profile address", sectionContact, false, 1024, func(p *Profile) *string { return &p.ProfileURL }},
	{"preferredLanguage", "Preferred language", sectionContact, false, 100, func(p *Profile) *string { return &p.PreferredLanguage }},
	{"locale", "Locale", sectionContact, false, 100, func(p *Profile) *string { return &p.Locale }},
	{"timezone", "Time zone", sectionContact, false, 100, func(p *Profile) *string { return &p.Timezone }},
	{"streetAddress", "Street address", sectionAddress, false, 1024, func(p *Profile) *string { return &p.StreetAddress }},
	{"city", "City", sectionAddress, false, 128, func(p *Profile) *string { return &p.City }},
	{"state", "State or region", sectionAddress, false, 128, func(p *Profile) *string { return &p.State }},
	{"zipCode", "Postal code", sectionAddress, false, 50, func(p *Profile) *string { return &p.ZipCode }},
	{"countryCode", "Country code", sectionAddress, false, 2, func(p *Profile) *string { return &p.CountryCode }},
	{"postalAddress", "Postal address", sectionAddress, false, 1024, func(p *Profile) *string { return &p.PostalAddress }},
	{"title", "Title", sectionWork, false, 100, func(p *Profile) *string { return &p.Title }},
	{"userType", "User type", sectionWork, false, 100, func(p *Profile) *string { return &p.UserType }},
	{"employeeNumber", "Employee number", sectionWork, false, 100, func(p *Profile) *string { return &p.EmployeeNumber }},
	{"costCenter", "Cost center", sectionWork, false, 100, func(p *Profile) *string { return &p.CostCenter }},
	{"organization", "Organization", sectionWork, false, 100, func(p *Profile) *string { return &p.Organization }},
	{"division", "Division", sectionWork, false, 100, func(p *Profile) *string { return &p.Division }},
	{"department", "Department", sectionWork, false, 100, func(p *Profile) *string { return &p.Department }},
	{"managerId", "Manager's id", sectionWork, false, 100, func(p *Profile) *string { return &p.ManagerID }},
	{"manager", "Manager", sectionWork, false, 100, func(p *Profile) *string { return &p.Manager }},
}

// Attributes returns every attribute, in the order in which pages show them.
func Attributes() []Attribute { return attributes }

// Value returns the value of the attribute with that key; "" for a key that is not declared.
func (p Profile) Value(key string) string {
	for _, a := range attributes {
		if a.Key == key {
			return a.Get(p)
		}
	}
	return ""
}

// Tidy returns the profile without the spaces around its values.
func (p Profile) Tidy() Profile {
	for _, a := range attributes {
		a.Set(&p, strings.TrimSpace(a.Get(p)))
	}
	return p
}

// Validate returns a fault.Invalid that names every broken field, or nil. It expects a tidy profile.
func (p Profile) Validate() error {
	var broken []fault.Field
	for _, a := range attributes {
		if message := a.problem(a.Get(p)); message != "" {
			broken = append(broken, fault.Field{Key: a.Key, Message: message})
		}
	}
	if len(broken) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "This person cannot be saved yet. Correct the marked fields.").With(broken...)
}

// problem says what is wrong with a value, "" for nothing.
func (a Attribute) problem(value string) string {
	switch {
	case value == "" && a.Required:
		return "Fill this in."
	case utf8.RuneCountInString(value) > a.Max:
		return fmt.Sprintf("Use at most %d characters.", a.Max)
	case !utf8.ValidString(value) || strings.ContainsFunc(value, a.forbidden):
		return "Remove the control characters."
	case a.Key == "email" && value != "" && !isAddress(value):
		return "Write an e-mail address, like jane@example.com."
	}
	return ""
}

// forbidden keeps line breaks out of everything but postal addresses, and other control characters out of all:
// a value may end up in a header or a log of somebody else's system (H-37).
func (a Attribute) forbidden(r rune) bool {
	lines := a.Section == sectionAddress && (r == '\n' || r == '\r')
	return unicode.IsControl(r) && !lines
}

func isAddress(value string) bool {
	parsed, err := mail.ParseAddress(value)
	return err == nil && parsed.Address == value
}
