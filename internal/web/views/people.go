package views

import (
	"slipway/internal/directory"
	"slipway/internal/fault"
)

// PeoplePage lists an org's directory.
type PeoplePage struct {
	Page
	People []directory.Person
	Search string
	Next   string // path of the next page, "" on the last
}

// PersonPage is the form of one person.
type PersonPage struct {
	Page
	Person   directory.Person
	Sections []PersonSection
	Fault    *fault.Error
}

// PersonSection is a heading with its attributes.
type PersonSection struct {
	Title  string
	Fields []PersonField
}

// PersonField is one attribute with what was typed.
type PersonField struct {
	directory.Attribute
	Value, Problem string
}

func personPath(p directory.Person) string {
	if p.ID == "" {
		return "/people"
	}
	return "/people/" + p.ID
}
