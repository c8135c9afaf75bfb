package lint

import (
	"slices"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// Compare returns what a new version takes away from those who use the old one (SW030).
func Compare(old, updated *connector.Connector) program.Findings {
	c := &comparison{}
	c.key(old, updated)
	c.ways(old, updated)
	c.events(old, updated)
	c.actions(old.Program, updated.Program)
	return c.found.Sorted()
}

type comparison struct{ found program.Findings }

func (c *comparison) key(old, updated *connector.Connector) {
	if old.Key != "" && updated.Key != old.Key { // exported flows have none
		c.found.Add(Incompatible, at(updated, "/metadata/key"), "The key was %q, and is %q: it never changes.", old.Key, updated.Key)
	}
}

// at is where something stands in connector.yaml; nowhere for exported flows.
func at(c *connector.Connector, path string) program.Src {
	if c.Definition == nil {
		return program.Src{}
	}
	return c.Definition.Document.Src(path)
}

// ways compares the ways to connect: a connection that somebody has made must go on working.
func (c *comparison) ways(old, updated *connector.Connector) {
	for _, was := range old.Methods {
		i := slices.IndexFunc(updated.Methods, func(m definition.Method) bool { return m.ID == was.ID })
		if i < 0 {
			c.found.Add(Incompatible, was.Src, "The way to connect %q (%s) is gone.", was.Label, was.ID)
			continue
		}
		is := updated.Methods[i]
		if is.Kind != was.Kind {
			c.found.Add(Incompatible, is.Src, "The way to connect %q was of type %s, and is %s.", is.ID, string(was.Kind), string(is.Kind))
			continue
		}
		c.fields(was, is)
	}
}

func (c *comparison) fields(was, is definition.Method) {
	find := func(m definition.Method, key string) *definition.Field {
		i := slices.IndexFunc(m.Fields, func(f definition.Field) bool { return f.Key == key })
		if i < 0 {
			return nil
		}
		return &m.Fields[i]
	}
	wanted := func(f *definition.Field) bool { return !f.Optional && f.Default == "" }
	for _, f := range was.Fields {
		now := find(is, f.Key)
		switch {
		case now == nil:
			c.found.Add(Incompatible, is.Src, "The way to connect %q no longer has the field %q.", is.ID, f.Key)
		case wanted(now) && !wanted(&f):
			c.found.Add(Incompatible, is.Src, "The way to connect %q requires the field %q now.", is.ID, f.Key)
		case f.Type == "secret" && now.Type != "secret":
			c.found.Add(Incompatible, is.Src, "The field %q of %q was secret, and is shown now.", f.Key, is.ID)
		case len(now.Choices) > 0:
			lost := slices.DeleteFunc(slices.Clone(f.Choices), func(choice string) bool { return slices.Contains(now.Choices, choice) })
			if len(f.Choices) == 0 {
				c.found.Add(Incompatible, is.Src, "The field %q of %q took anything, and takes only %s.", f.Key, is.ID, listed(now.Choices))
			} else if len(lost) > 0 {
				c.found.Add(Incompatible, is.Src, "The field %q of %q no longer takes %s.", f.Key, is.ID, listed(lost))
			}
		}
	}
	for _, f := range is.Fields {
		if wanted(&f) && find(was, f.Key) == nil {
			c.found.Add(Incompatible, is.Src, "The way to connect %q has a new required field %q, which nobody has entered.", is.ID, f.Key)
		}
	}
}

func (c *comparison) events(old, updated *connector.Connector) {
	kind := func(webhook bool) string {
		if webhook {
			return "webhook"
		}
		return "polling"
	}
	for _, was := range old.Events() {
		is := updated.Event(was.Name)
		switch {
		case is == nil:
			c.found.Add(Incompatible, was.Src, "The event %q is gone.", was.Name)
		case is.Webhook != was.Webhook:
			c.found.Add(Incompatible, is.Src, "The event %q was %s, and is %s.", is.Name, kind(was.Webhook), kind(is.Webhook))
		}
	}
}

func (c *comparison) actions(old, updated *program.Program) {
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
}

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
