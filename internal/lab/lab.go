// Package lab proves that a target does what its manifest claims.
//
// It owns the catalogue of checks, the run that applies them to a live SCIM server, and the report. Its one rule:
// it leaves a target as it found it; every object it makes is announced before, removed after, and named if it
// could not be removed, and an object of others is only ever read. It needs no database: who keeps a report, and
// what follows from a verdict, is decided by others.
package lab

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// CatalogueVersion names the catalogue in every report. A check that is added or that judges differently moves it.
const CatalogueVersion = "2026.11.4"

// Severity says who asks for what a check looks at. The bits combine.
type Severity uint8

const (
	RFC         Severity = 1 << iota // RFC 7643 or 7644 says MUST, SHALL or REQUIRED, or a protocol table does
	Network                          // the engine that provisions needs it, as do widespread clients
	Recommended                      // SHOULD, security practice, experience
)

var severityWords = []string{"RFC", "network rule", "recommended"}

// String is how a report shows it: "RFC, network rule".
func (s Severity) String() string {
	var words []string
	for bit, word := range severityWords {
		if s&(1<<bit) != 0 {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// MarshalText writes the words of String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Severity) UnmarshalText(text []byte) error {
	*s = 0
	for word := range strings.SplitSeq(string(text), ", ") {
		bit := slices.Index(severityWords, word)
		if bit < 0 && word != "" {
			return fmt.Errorf("read severity: %q is none", word)
		}
		if bit >= 0 {
			*s |= 1 << bit
		}
	}
	return nil
}

// Profile decides which failed checks block a run.
type Profile string

const (
	ProfileNetwork Profile = "network" // what the engine needs to run, and to run safely
	ProfileRFC     Profile = "rfc"     // that, and the letter of the RFCs
)

// Check is one rule of the catalogue.
type Check struct {
	ID        string
	Title     string // the rule, as a statement that holds where the check passes
	Family    string
	Severity  Severity
	Safety    bool     // security or data safety: blocks in profile network, whatever its severity
	Needs     []string // ids of checks without which this one proves nothing
	Feature   string   // the manifest's feature that it belongs to; "" for every target
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
func (c Check) Blocks(p Profile) bool {
	if p == ProfileRFC {
		return c.Severity&(RFC|Network) != 0
	}
	return c.Severity&Network != 0 || c.Safety
}

// Families in the order of reports.
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
		inputChecks, etagChecks, bulkChecks, meChecks, textChecks, securityChecks,
		flowChecks, entitlementChecks, customChecks,
		scaleChecks, concurrencyChecks, rateChecks,
		deleteChecks, afterlifeChecks, entraEndChecks, hindsightChecks, shapeChecks, wireChecks, securityHindsight, backoffChecks, cleanChecks)
}

// Outcome is what became of a check.
type Outcome string

const (
	Pass          Outcome = "PASS"
	Deviation     Outcome = "DEVIATION"      // works; allowed but unusual, or tolerated: the message says what
	Fail          Outcome = "FAIL"           //
	Warn          Outcome = "WARN"           // a recommendation is not followed
	NotApplicable Outcome = "NOT_APPLICABLE" // the feature is neither declared nor there
	Info          Outcome = "INFO"           // works, though nobody claimed it: counts for neither
	Blocked       Outcome = "BLOCKED"        // what it needs did not stand
	Skipped       Outcome = "SKIPPED"        // the run was stopped before
	Inconclusive  Outcome = "INCONCLUSIVE"   // could not be proved either way
	Broken        Outcome = "ERROR"          // our own fault
	Waived        Outcome = "WAIVED"         // failed, and a reviewer accepted that
)

// Verdict is the three-valued answer; a check may also be warned.
type Verdict string

const (
	Passed Verdict = "passed"
	Failed Verdict = "failed"
	Warned Verdict = "warned" // of a check only
	NotRun Verdict = "not_run"
)

// Verdict folds the outcome for reports.
func (o Outcome) Verdict() Verdict {
	switch o {
	case Pass, Deviation:
		return Passed
	case Fail, Waived:
		return Failed
	case Warn:
		return Warned
	}
	return NotRun
}

// Open reports that nothing is proved, though the run came by: the check was blocked, or could not decide.
func (o Outcome) Open() bool { return o == Blocked || o == Inconclusive }

// Finding is what a check says about the target.
type Finding struct {
	Outcome  Outcome
	Message  string
	Severity Severity // narrower than the check's, where only a part of it is broken; 0 for the check's own

	stands   bool // failed, but what others need of it is there
	declined bool // the server said that it does not offer what was asked
}
