// Package directory holds the people of an org: who they are, as the org itself says it.
//
// Its one rule: a person changes only by a save that names the version it was made from, so that two
// editors never overwrite each other unseen. The package knows no target and no assignment: what follows
// from a change is provision's business, and the store starts it in the transaction of the change.
package directory

import (
	"crypto/rand"
	"strings"
	"time"
)

// Person is one human being in an org's directory. What is not known is "".
type Person struct {
	ID      string // "per_" and 20 base32 characters; it never changes and is the externalId in every target
	OrgID   string
	Active  bool  // an inactive person has no account in any target, whatever is assigned
	Version int64 // 0 before the first save
	Profile
	UpdatedAt time.Time // UTC
}

// Profile is what an org knows about a person. attributes.go declares label and limit of every field.
type Profile struct {
	UserName          string `json:"userName"`
	GivenName         string `json:"givenName,omitempty"`
	FamilyName        string `json:"familyName,omitempty"`
	MiddleName        string `json:"middleName,omitempty"`
	HonorificPrefix   string `json:"honorificPrefix,omitempty"`
	HonorificSuffix   string `json:"honorificSuffix,omitempty"`
	DisplayName       string `json:"displayName,omitempty"`
	NickName          string `json:"nickName,omitempty"`
	Email             string `json:"email,omitempty"`
	ProfileURL        string `json:"profileUrl,omitempty"`
	PrimaryPhone      string `json:"primaryPhone,omitempty"`
	StreetAddress     string `json:"streetAddress,omitempty"`
	City              string `json:"city,omitempty"`
	State             string `json:"state,omitempty"`
	ZipCode           string `json:"zipCode,omitempty"`
	CountryCode       string `json:"countryCode,omitempty"`
	PostalAddress     string `json:"postalAddress,omitempty"`
	PreferredLanguage string `json:"preferredLanguage,omitempty"`
	Locale            string `json:"locale,omitempty"`
	Timezone          string `json:"timezone,omitempty"`
	Title             string `json:"title,omitempty"`
	UserType          string `json:"userType,omitempty"`
	EmployeeNumber    string `json:"employeeNumber,omitempty"`
	CostCenter        string `json:"costCenter,omitempty"`
	Organization      string `json:"organization,omitempty"`
	Division          string `json:"division,omitempty"`
	Department        string `json:"department,omitempty"`
	ManagerID         string `json:"managerId,omitempty"`
	Manager           string `json:"manager,omitempty"`
}

// Name is how pages call the person: the display name, else the two names, else the user name.
func (p Profile) Name() string {
	if p.DisplayName != "" {
		return p.DisplayName
	}
	if full := strings.TrimSpace(p.GivenName + " " + p.FamilyName); full != "" {
		return full
	}
	return p.UserName
}

// NewID returns a fresh, unguessable person id.
func NewID() string { return "per_" + strings.ToLower(rand.Text()[:20]) }

// Key folds a user name or an address for comparing: within an org, names that differ only in case are one.
func Key(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
