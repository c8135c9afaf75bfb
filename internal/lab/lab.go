// Package lab proves that a target does what its manifest claims.
//
// It owns the catalogue of checks and the run that applies them to a live SCIM server. Its one rule: it leaves a target
// as it found it; every object it makes is announced before, removed after, and named if it could not be removed, and
// an object of others is only ever read. What a report says, and in which forms, is for package report. It needs no
// database: who keeps a report, and what follows from a verdict, is decided by others.
package lab

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"slipway/internal/report"
)

// CatalogueVersion names the catalogue in every report. A check that is added, or that judges more strictly, moves it and has
// it as its Since: it does not block what an earlier catalogue has proven, until that is submitted anew.
const CatalogueVersion = "2026.11.5"

// Check is one rule of the catalogue.
type Check struct {
	ID        string
	Title     string // the rule, as a statement that holds where the check passes
	Family    string
	Severity  report.Severity
	Safety    bool     // security or data safety: blocks in profile network, whatever its severity
	Needs     []string // ids of checks without which this one proves nothing
	Feature   string   // the manifest's feature that it belongs to; "" for every target
	Promise   string   // the manifest's feature that, where it is declared, makes this a network rule; "" for none
	Since     string   // the catalogue that brought it, or lets it judge as it does now; "" for one before 2026.11.5
	Reference string   // section of the RFC, or "network rule"
	Why       string   // what goes wrong in practice
	Fix       string   // what to do on the server

	judge      func(*run) Finding
	takes      []string // ids of checks whose objects it works with: they come before it, and need not pass
	gate       gate     // the part of the protocol that it belongs to; "" for what every server must have
	expensive  bool     // many requests, large ones, or long waits: only where the run was told to
	needsPatch bool     // does not apply where PATCH is not offered
	retrospect bool     // looks at what is there already, and sends nothing
}

// Blocks reports whether the run fails when this check does.
func (c Check) Blocks(p report.Profile) bool {
	if p == report.ProfileRFC {
		return c.Severity&(report.RFC|report.Network) != 0
	}
	return c.Severity&report.Network != 0 || c.Safety
}

// newer compares versions of the catalogue.
func newer(one, other string) bool {
	numbers := func(version string) (all []int) {
		for part := range strings.SplitSeq(version, ".") {
			n, _ := strconv.Atoi(part) // "" is before all others
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(one), numbers(other)) > 0
}

// Families of checks.
const (
	connection = "Connection and authentication"
	discovery  = "Discovery"
	users      = "Users"
	filters    = "Filter and paging"
	patches    = "PATCH"
	groups     = "Groups"
	shapes     = "Representation"
	errorsFam  = "Errors"
	versions   = "ETags"
	bulkAndMe  = "Bulk and /Me"
	texts      = "Text"
	security   = "Security"
	load       = "Load"
)

// families is the order in which they are told where the running order is not wanted.
var families = []string{
	connection, discovery, users, filters, patches, groups, shapes, errorsFam, versions, bulkAndMe, texts, security, flows, entitled, load,
}

// Checks returns the catalogue of SCIM 2.0 in running order. What destroys its object, and what looks back at the whole run,
// comes last.
func Checks() []Check {
	built.once20.Do(func() { built.v20 = joined() })
	return slices.Clone(built.v20)
}

// built are the catalogues. They are put together once: a run asks for them often, and tests all the time.
var built struct {
	once20, once11 sync.Once
	v20, v11       []Check
}

func joined() []Check {
	return slices.Concat(
		connectionChecks, secureChecks, authChecks, credentialChecks, addressChecks,
		discoveryChecks, providerChecks, resourceTypeChecks, schemaChecks, documentChecks,
		userChecks, representationChecks, putChecks, filterChecks, pageChecks, createChecks, richChecks, activeChecks,
		patchChecks, patchReplaceChecks, patchAddChecks, patchRemoveChecks, patchRefusalChecks,
		groupChecks, tenantChecks, groupPatchChecks, groupRuleChecks, groupMemberChecks, groupLargeChecks,
		repeatChecks, truthfulChecks, mediaChecks, agreeChecks, putRuleChecks, requestErrorChecks, queryChecks,
		inputChecks, etagChecks, bulkChecks, meChecks, textChecks, securityChecks, externalChecks,
		flowChecks, entitlementChecks, customChecks,
		scaleChecks, concurrencyChecks, rateChecks,
		deleteChecks, afterlifeChecks, entraEndChecks, hindsightChecks, shapeChecks, wireChecks, securityHindsight, backoffChecks, cleanChecks)
}

// Finding is what a check says about the target.
type Finding struct {
	Outcome  report.Outcome
	Message  string
	Severity report.Severity // narrower than the check's, where only a part of it is broken; 0 for the check's own

	stands   bool // failed, but what others need of it is there
	declined bool // the server said that it does not offer what was asked
}
