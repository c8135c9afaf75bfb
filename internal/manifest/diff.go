package manifest

import (
	"slices"
	"strings"
)

// Class says what a change is to those who have installed an earlier version.
type Class string

const (
	CatalogOnly Class = "catalog-only" // only people read it
	Compatible  Class = "compatible"   // the engine works differently, and earlier installations go on
	Breaking    Class = "breaking"     // an earlier installation has to do something, or stops working
)

// Break is one reason why a change breaks earlier installations.
type Break struct {
	Rule string `json:"rule"` // L-085, L-086 or L-087
	Why  string `json:"why"`
}

// Change is one field that differs between two versions.
type Change struct {
	Key    string  `json:"field"`
	Label  string  `json:"label"`
	Old    string  `json:"old"` // as a person reads it
	New    string  `json:"new"`
	Class  Class   `json:"class"`
	Breaks []Break `json:"breaks,omitempty"`
}

// Diff returns the fields in which what is submitted differs, in the order of the form. Secrets and evidence are
// not content and are not compared.
func Diff(was, is Content) []Change {
	was, is = was.Submitted(), is.Submitted()
	var changes []Change
	for _, f := range fields {
		if f.bytes(was) != f.bytes(is) {
			changes = append(changes, f.change(was, is))
		}
	}
	return changes
}

// ClassOf returns the weightiest class of the changes, "" for none.
func ClassOf(changes []Change) Class {
	weight := []Class{"", CatalogOnly, Compatible, Breaking}
	worst := 0
	for _, c := range changes {
		worst = max(worst, slices.Index(weight, c.Class))
	}
	return weight[worst]
}

func (f Field) change(was, is Content) Change {
	c := Change{Key: f.Key, Label: f.Label, Old: f.Display(was), New: f.Display(is), Class: f.class}
	// A version that did not speak SCIM has no installations that could break.
	if f.breaks != nil && f.Tab.On(was) {
		c.Breaks = f.breaks(f, was, is)
	}
	if c.Breaks != nil {
		c.Class = Breaking
	}
	return c
}

// breaks looks at one field that has changed and says why that breaks earlier installations; nil if it does not.
type breaks func(f Field, was, is Content) []Break

// anyChange makes every change of an answer that was given a breaking one.
func anyChange(why string) breaks {
	return func(f Field, was, _ Content) []Break {
		if was.Get(f.Key) == nil {
			return nil
		}
		return []Break{{"L-087", why}}
	}
}

func switchedOff(Field, Content, Content) []Break {
	return []Break{{"L-087", "Installations provision people through it."}}
}

func featuresRemoved(_ Field, was, is Content) []Break {
	var breaks []Break
	for _, feature := range was.List("scim.features") {
		if !slices.Contains(is.List("scim.features"), feature) {
			breaks = append(breaks, Break{"L-087", "The feature " + optionLabel(features, feature) + " is no longer offered."})
		}
	}
	return breaks
}

func emailsDemanded(_ Field, _, is Content) []Break {
	if !is.Yes("scim.usernameIsEmail") {
		return nil
	}
	return []Break{{"L-087", "Installations may have created user names that are no e-mail addresses."}}
}

// variablesChanged is L-085 and L-086.
func variablesChanged(_ Field, was, is Content) []Break {
	var breaks []Break
	before, after := variables(was), variables(is)
	for _, v := range before {
		switch now, ok := named(after, v.Name); {
		case !ok:
			breaks = append(breaks, Break{"L-085", "Installations hold a value for " + v.Reference() + ", which is gone or has another name."})
		case now.Type != v.Type && now.Type != VariableURL:
			breaks = append(breaks, Break{"L-085", "Values that were entered for " + v.Reference() + " may not be of its new type."})
		case now.Type != v.Type && !v.whole():
			breaks = append(breaks, Break{"L-085", "Values that were entered for " + v.Reference() + " are no addresses."})
		}
	}
	used := usedIn(is)
	for _, v := range after {
		if _, ok := named(before, v.Name); !ok && used[v.Name] {
			breaks = append(breaks, Break{"L-086", "Earlier installations have no value for " + v.Reference() + "."})
		}
	}
	return breaks
}

func named(all []Variable, name string) (Variable, bool) {
	at := slices.IndexFunc(all, func(v Variable) bool { return v.Name == name })
	if at < 0 {
		return Variable{}, false
	}
	return all[at], true
}

// hostChanged is the part of L-087 that looks at where calls go. Of the keys one at most has a value. A path may
// change: what lies where on a host is the vendor's own.
func hostChanged(keys ...string) breaks {
	return func(_ Field, was, is Content) []Break {
		before, after := origin(firstText(was, keys)), origin(firstText(is, keys))
		if before == "" || after == "" || before == after {
			return nil
		}
		return []Break{{"L-087", "Calls go to " + after + " instead of " + before + "."}}
	}
}

func firstText(c Content, keys []string) string {
	for _, key := range keys {
		if v := c.Text(key); v != "" {
			return v
		}
	}
	return ""
}

// origin returns the beginning of an address or template up to its path, in lower case.
func origin(address string) string {
	scheme, rest, absolute := strings.Cut(strings.ToLower(address), "://")
	if !absolute {
		first, _, _ := strings.Cut(address, "/") // a variable that holds the beginning
		return first
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}
