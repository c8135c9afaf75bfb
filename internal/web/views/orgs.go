package views

import (
	"time"

	"slipway/internal/access"
)

// OrgsPage lists every org for operators.
type OrgsPage struct {
	Page
	Orgs    []OrgItem
	Until   string // the last day that the form proposes, "2026-12-31"
	Problem *Problem
}

// OrgItem is one org with what can be opened for it.
type OrgItem struct {
	access.OrgLine
	Features []OrgFeature
}

// OrgFeature is one thing that is closed unless it was opened.
type OrgFeature struct {
	Value, Label string
	Until        time.Time // the zero time while it is closed
	By           string
}

func (f OrgFeature) id(org OrgItem) string { return fieldID("until." + org.ID + "." + f.Value) }
