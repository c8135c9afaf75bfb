package runscope

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	maxVariables     = 1000
	maxVariableBytes = 4 << 20 // of all values together: scripts are bounded, so what they keep must be too
)

// variables are the values of a run.
type variables struct {
	values   map[string]string
	bytes    int
	redactor *redactor
}

func newVariables(r *redactor) *variables {
	return &variables{values: map[string]string{}, redactor: r}
}

func (v *variables) lookup(name string) (string, bool) {
	value, ok := v.values[name]
	return value, ok
}

// secretNamed is the format's secret store: the same variables, but their values are secrets whatever their name.
func (v *variables) secretNamed(key string) (string, bool) {
	value, ok := v.values[strings.TrimSpace(key)]
	if ok {
		v.redactor.learn(value)
	}
	return value, ok
}

var errTooManyVariables = errors.New("the suite sets more variables than a run keeps")

func (v *variables) set(name, value string) error {
	old, exists := v.values[name]
	grown := v.bytes + len(value) - len(old)
	if !exists {
		grown += len(name)
	}
	if grown > maxVariableBytes || !exists && len(v.values) >= maxVariables {
		return errTooManyVariables
	}
	v.values[name], v.bytes = value, grown
	v.redactor.consider(name, value)
	return nil
}

// initial sets variables whose values may be templates, also of each other. Each is evaluated once, so a random value
// stays the same for the whole run. What cannot be resolved stays as it was typed.
func (v *variables) initial(values map[string]string, s scope) {
	begun := map[string]bool{}
	var resolve func(name string) (string, bool)
	s.lookup = func(name string) (string, bool) {
		if _, ok := values[name]; ok {
			return resolve(name)
		}
		return v.lookup(name)
	}
	resolve = func(name string) (string, bool) {
		if begun[name] { // already set, or a circle
			return v.lookup(name)
		}
		begun[name] = true
		value, err := s.expand(values[name])
		if err != nil {
			value = values[name]
		}
		_ = v.set(name, value) // over the limit it is missing, and the step that needs it says so
		return value, true
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		_, _ = resolve(name)
	}
}

// explain says for each missing variable where its value should have come from.
func (r *run) explain(missing *missingError) string {
	var out, homeless []string
	for _, name := range missing.names {
		if origin := r.origin(name); origin != "" {
			out = append(out, fmt.Sprintf("It needs the variable %s, %s", name, origin))
			continue
		}
		homeless = append(homeless, name)
	}
	switch len(homeless) {
	case 0:
	case 1:
		out = append(out, fmt.Sprintf("It needs the variable %s, which nothing in the suite sets. Give it a value: --var '%[1]s=…', or the initial script that goes with the suite.", homeless[0]))
	default:
		out = append(out, fmt.Sprintf("It needs the variables %s, which nothing in the suite sets. Give each a value, as in --var '%s=…', or the initial script that goes with the suite.", strings.Join(homeless, ", "), homeless[0]))
	}
	return strings.Join(out, " ")
}

// origin says what should have set a variable, "" if nothing in sight does.
func (r *run) origin(name string) string {
	if number := producer(r.suite.Steps, name); number != "" {
		return fmt.Sprintf("which step %s should have set.", number)
	}
	scripts := append(r.environment.scripts(), r.options.InitialScript)
	if slices.ContainsFunc(scripts, func(code string) bool { return slices.Contains(scriptSets(code), name) }) {
		return "which the initial script should have set."
	}
	return ""
}

// producer returns the number of the first step that sets the variable.
func producer(steps []Step, name string) string {
	for _, s := range steps {
		if slices.Contains(s.sets(), name) {
			return s.Number
		}
		if number := producer(s.Steps, name); number != "" {
			return number
		}
	}
	return ""
}
