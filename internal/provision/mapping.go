package provision

import (
	"slipway/internal/directory"
	"slipway/internal/scim"
	"slipway/internal/target"
)

// Rule says where one attribute of an account comes from.
type Rule struct {
	Attribute string // path in a target.Profile
	Label     string
	Source    string // as a person would say it, for the plan page
	value     func(directory.Person) string
}

const (
	primaryEmail   = "emails[primary eq true]."
	primaryPhone   = "phoneNumbers[primary eq true]."
	primaryAddress = "addresses[primary eq true]."
	enterprise     = scim.SchemaEnterpriseUser + ":"
)

// rules is the default mapping from a person to an account (lcm §3.2), and the one place where it stands.
// The plan page shows its rows in this order.
var rules = []Rule{
	from("userName", "User name", "userName"),
	from("name.givenName", "Given name", "givenName"),
	from("name.familyName", "Family name", "familyName"),
	from("name.middleName", "Middle name", "middleName"),
	from("name.honorificPrefix", "Honorific prefix", "honorificPrefix"),
	from("name.honorificSuffix", "Honorific suffix", "honorificSuffix"),
	from(primaryEmail+"value", "Primary email", "email"),
	work(primaryEmail+"type", "Primary email type", "email"),
	from("title", "Title", "title"),
	{"displayName", "Display name", "displayName, or given and family name", directory.Person.Name},
	from("nickName", "Nickname", "nickName"),
	from("profileUrl", "Profile URL", "profileUrl"),
	from(primaryPhone+"value", "Primary phone", "primaryPhone"),
	work(primaryPhone+"type", "Primary phone type", "primaryPhone"),
	work(primaryAddress+"type", "Address type", "streetAddress"),
	from(primaryAddress+"streetAddress", "Street address", "streetAddress"),
	from(primaryAddress+"locality", "Locality", "city"),
	from(primaryAddress+"region", "Region", "state"),
	from(primaryAddress+"postalCode", "Postal code", "zipCode"),
	from(primaryAddress+"country", "Country", "countryCode"),
	from(primaryAddress+"formatted", "Formatted address", "postalAddress"),
	from("preferredLanguage", "Preferred language", "preferredLanguage"),
	from("locale", "Locale", "locale"),
	from("timezone", "Time zone", "timezone"),
	from("userType", "User type", "userType"),
	from(enterprise+"employeeNumber", "Employee number", "employeeNumber"),
	from(enterprise+"costCenter", "Cost center", "costCenter"),
	from(enterprise+"organization", "Organization", "organization"),
	from(enterprise+"division", "Division", "division"),
	from(enterprise+"department", "Department", "department"),
	from(enterprise+"manager.value", "Manager's id", "managerId"),
	from(enterprise+"manager.displayName", "Manager", "manager"),
	{"externalId", "External id", "the person's id", func(p directory.Person) string { return p.ID }},
}

// from maps an attribute of the person as it is.
func from(attribute, label, key string) Rule {
	return Rule{attribute, label, key, func(p directory.Person) string { return p.Value(key) }}
}

// work is "work" where the person has a value for key.
func work(attribute, label, key string) Rule {
	return Rule{attribute, label, `"work" where there is a ` + key, func(p directory.Person) string {
		if p.Value(key) == "" {
			return ""
		}
		return "work"
	}}
}

// Rules returns the mapping, in the order in which pages show it.
func Rules() []Rule { return rules }

// LabelOf returns the name of an attribute for people; the path itself where the mapping has none.
func LabelOf(attribute string) string {
	if attribute == activeAttribute {
		return "Active"
	}
	for _, r := range rules {
		if r.Attribute == attribute {
			return r.Label
		}
	}
	return attribute
}

// Features is what an integration declares that it can do. What is not declared is not sent.
type Features struct {
	Create     bool
	Update     bool
	Deactivate bool // and reactivate
	Password   bool // accounts are created with a random one-time password
}

// Desired is the account that a person shall have.
type Desired struct {
	PersonID string
	Profile  target.Profile
}

// Want maps a person to the account that is wanted. With userNameIsEmail the user name is the person's address,
// because the target takes no other form (S-11).
func Want(p directory.Person, userNameIsEmail bool) Desired {
	profile := target.Profile{}
	for _, rule := range rules {
		if v := rule.value(p); v != "" {
			profile[rule.Attribute] = v
		}
	}
	if userNameIsEmail && p.Email != "" {
		profile["userName"] = p.Email
	}
	return Desired{PersonID: p.ID, Profile: profile}
}
