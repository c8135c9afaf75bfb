package views

import (
	"slipway/internal/lab"
	"slipway/internal/manifest"
)

// RequirementsPage is everything that is asked of a submission: each field of the form and each check of the lab.
type RequirementsPage struct {
	Page
	Tabs     []RequirementTab
	Families []RequirementFamily
	Checks   int
	Version  string
}

// RequirementTab is the fields of one tab.
type RequirementTab struct {
	Title  string
	Fields []manifest.Field
}

// RequirementFamily is the checks of one part of the protocol.
type RequirementFamily struct {
	Title  string
	Checks []lab.Check
}

var readers = map[manifest.Visibility]string{
	manifest.VisPublic: "Everybody", manifest.VisInstall: "Customers who install", manifest.VisInternal: "You and the network's team", manifest.VisSecret: "Nobody; sealed",
}
