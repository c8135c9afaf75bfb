package runscope

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/fault"
)

const (
	maxFile  = 5 << 20
	maxSteps = 500 // of one suite, nested ones included
	maxDepth = 10  // of conditions within conditions
)

// Import reads a file with one suite, or with an array of them. It refuses only what is no JSON, has no steps,
// has more than 500 steps or more than 5 MB; everything else that it does not understand is in the Warnings of the
// suite and in the Problems of the steps concerned. Errors are *fault.Error.
func Import(data []byte) ([]Suite, error) {
	if len(data) > maxFile {
		return nil, fault.New(fault.TooLarge, "The suite is larger than 5 MB.")
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if !json.Valid(text) {
		return nil, fault.New(fault.Invalid, "The suite is not valid JSON. Export it again as a JSON file.")
	}
	elements := []json.RawMessage{text}
	if text[0] == '[' {
		elements = nil
		if err := json.Unmarshal(text, &elements); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "The suite is not valid JSON. Export it again as a JSON file.")
		}
	}
	suites, err := readSuites(elements)
	if err != nil {
		return nil, err
	}
	if len(suites) == 1 {
		suites[0].fileHash = hexHash(data)
	}
	return suites, nil
}

func hexHash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// importer collects what cannot be taken as it is written, in one suite or one environment.
type importer struct {
	unknown  map[string]bool
	warnings []string
	steps    int
}

func newImporter() *importer { return &importer{unknown: map[string]bool{}} }

func (in *importer) warn(format string, args ...any) {
	in.warnings = append(in.warnings, fmt.Sprintf(format, args...))
}

// learn takes over what is left of an object after reading.
func (in *importer) learn(where string, m *members) {
	for _, key := range m.unknown() {
		in.unknown[where+"."+key] = true
	}
}

// told are the warnings, and what nobody here knows in one more.
func (in *importer) told() []string {
	if len(in.unknown) == 0 {
		return in.warnings
	}
	return append(in.warnings, fmt.Sprintf("Settings that are not known here are not applied: %s. A pass says nothing about them.",
		strings.Join(slices.Sorted(maps.Keys(in.unknown)), ", ")))
}

func readSuites(elements []json.RawMessage) ([]Suite, error) {
	if len(elements) == 0 {
		return nil, fault.New(fault.Invalid, "The file holds no suite.")
	}
	var out []Suite
	for _, raw := range elements {
		s, err := newImporter().suite(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (in *importer) suite(raw json.RawMessage) (Suite, error) {
	m, ok := readMembers(raw)
	steps, hasSteps := m.get("steps")
	if !ok || !hasSteps || bytes.TrimSpace(steps)[0] != '[' {
		if _, environment := m.get("initial_variables"); environment {
			return Suite{}, fault.New(fault.Invalid, "This is an environment, not a suite. Import the suite, and give the environment beside it.")
		}
		return Suite{}, fault.New(fault.Invalid, `The file has no "steps". Export the test from Runscope (API Monitoring) as JSON.`)
	}
	s := Suite{
		Name: m.text("name"), Description: m.text("description"), Version: m.text("version"),
		UUID: triggerUUID(m.text("trigger_url")), Disabled: m.flag("is_skipped_at_bucket_level"),
		defaultEnvironment: m.text("default_environment_id"),
		original:           append(json.RawMessage(nil), raw...),
	}
	if s.Name == "" {
		s.Name = "Unnamed suite"
		in.warn("The suite has no name. That decides nothing.")
	}
	s.Steps = in.stepList(m.list("steps"), "", 1)
	if len(s.Steps) == 0 {
		return Suite{}, fault.Newf(fault.Invalid, "The suite %q has no steps.", s.Name)
	}
	if in.steps > maxSteps {
		return Suite{}, fault.Newf(fault.TooLarge, "The suite %q has more than %d steps.", s.Name, maxSteps)
	}
	in.container(&s, m)
	s.Warnings = in.told()
	return s, nil
}

// container reads what stands beside the steps.
func (in *importer) container(s *Suite, m *members) {
	for _, raw := range m.list("environments") {
		s.Environments = append(s.Environments, in.environment(raw))
	}
	s.Library = m.library("script_library")
	if !strings.HasPrefix(s.Version, "1.") && s.Version != "1" {
		in.warn("The format's version is %q, not 1.x. It was read as 1.0: a pass holds only as far as the two are alike.", s.Version)
	}
	if s.Disabled {
		in.warn("Its author had switched this suite off. It is run all the same, and its verdict counts.")
	}
	if count := m.text("step_count"); count != "" && count != fmt.Sprint(len(s.Steps)) {
		in.warn("The file announces %s steps and holds %d. A pass proves only what is there.", count, len(s.Steps))
	}
	m.ignore("exported_at", "id", "uuid", "schedules", "created_at", "created_by", "last_run", "last_run_created_at",
		"test_usage_90_days", "test_usage_billing_period")
	for _, problem := range m.problems {
		in.warn("Of the suite itself, %s. It is run without that.", problem)
	}
	in.learn("suite", m)
}

// triggerUUID takes the test's UUID out of its trigger URL. The URL itself lets anybody start the test in its
// owner's account, so nothing else keeps or calls it.
func triggerUUID(trigger string) string {
	u, err := url.Parse(trigger)
	if err != nil {
		return ""
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if len(part) == 36 && strings.Count(part, "-") == 4 {
			return strings.ToLower(part)
		}
	}
	return ""
}
