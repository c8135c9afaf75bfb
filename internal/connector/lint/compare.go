package lint

import (
	"slices"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// Compare returns what a new version takes away from those who use the old one (SW030).
func Compare(old, updated *program.Program) program.Findings {
	c := &comparison{}
	now := updated.OfKind(program.Action)
	for _, was := range old.OfKind(program.Action) {
		is := slices.IndexFunc(now, func(f *program.Flow) bool { return strings.EqualFold(f.Name, was.Name) })
		if is >= 0 {
			c.action(was, now[is])
			continue
		}
		renamed := slices.IndexFunc(now, func(f *program.Flow) bool { return was.Method != "" && f.Method == was.Method })
		if renamed >= 0 {
			c.found.Add(Incompatible, now[renamed].Src, "The action %q is now called %q.", was.Name, now[renamed].Name)
			c.action(was, now[renamed])
			continue
		}
		c.found.Add(Incompatible, was.Src, "The action %q is gone.", was.Name)
	}
	return c.found.Sorted()
}

type comparison struct{ found program.Findings }

func (c *comparison) action(was, is *program.Flow) {
	if was.Implements != "" && was.Implements != is.Implements {
		c.found.Add(Incompatible, is.Src, "The action %q no longer implements %q.", is.Name, was.Implements)
	}
	for _, p := range was.Inputs {
		c.input(is, p)
	}
	for _, p := range is.Inputs {
		if p.Required && p.Key.Group != "auth" && named(was.Inputs, p) == nil {
			c.found.Add(Incompatible, is.Src, "The action %q has a new required %s %q.", is.Name, kind(p), p.Label)
		}
	}
	for _, p := range was.Outputs {
		now := named(is.Outputs, p)
		switch {
		case now == nil:
			c.gone(is, p, "output", is.Outputs)
		case now.List != p.List || now.Type != p.Type && p.Type != value.Any:
			c.found.Add(Incompatible, is.Src, "The output %q of %q was %s, and is %s.", p.Label, is.Name, typeOf(p), typeOf(*now))
		}
	}
}

func (c *comparison) input(is *program.Flow, p program.Parameter) {
	now := named(is.Inputs, p)
	switch {
	case now == nil:
		c.gone(is, p, kind(p), is.Inputs)
	case now.List != p.List || !takes(now.Type, p.Type):
		c.found.Add(Incompatible, is.Src, "The %s %q of %q was %s, and is %s.", kind(p), p.Label, is.Name, typeOf(p), typeOf(*now))
	case now.Required && !p.Required:
		c.found.Add(Incompatible, is.Src, "The %s %q of %q is required now.", kind(p), p.Label, is.Name)
	case len(now.Choices) > 0 && len(p.Choices) == 0:
		c.found.Add(Incompatible, is.Src, "The %s %q of %q took anything, and takes only %s.", kind(p), p.Label, is.Name, listed(now.Choices))
	case len(now.Choices) > 0:
		if lost := slices.DeleteFunc(slices.Clone(p.Choices), func(choice string) bool { return slices.Contains(now.Choices, choice) }); len(lost) > 0 {
			c.found.Add(Incompatible, is.Src, "The %s %q of %q no longer takes %s.", kind(p), p.Label, is.Name, listed(lost))
		}
	}
}

// gone says that a field is missing, and which new one bears its label.
func (c *comparison) gone(f *program.Flow, p program.Parameter, what string, now []program.Parameter) {
	for _, other := range now {
		if strings.EqualFold(other.Label, p.Label) && other.Key != p.Key {
			c.found.Add(Incompatible, f.Src, "The %s %q of %q has another key: it was %q, and is %q.", what, p.Label, f.Name, p.Key, other.Key)
			return
		}
	}
	c.found.Add(Incompatible, f.Src, "The %s %q of %q is gone.", what, p.Label, f.Name)
}

func named(all []program.Parameter, p program.Parameter) *program.Parameter {
	for i := range all {
		if all[i].Key == p.Key && all[i].Option == p.Option {
			return &all[i]
		}
	}
	return nil
}

// takes reports whether a field of the type takes all that one of the other type took.
func takes(now, was value.Type) bool {
	if now == was || now == value.Any {
		return true
	}
	switch now {
	case value.String, value.Secret:
		return was == value.String || was == value.Secret || was == value.Num || was == value.Boolean || was == value.Instant || was == value.Choice
	case value.Choice: // whose choices are compared
		return was == value.String
	}
	return false
}

func kind(p program.Parameter) string {
	if p.Option {
		return "option"
	}
	return "input"
}

func typeOf(p program.Parameter) string {
	text := string(p.Type)
	if text == "" {
		text = "anything"
	}
	if p.List {
		return "a list of " + text
	}
	return text
}

func listed(words []string) string {
	const most = 6
	if len(words) > most {
		words = append(slices.Clone(words[:most]), "others")
	}
	return strings.Join(words, ", ")
}
