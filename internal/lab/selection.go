package lab

import (
	"slices"

	"slipway/internal/fault"
)

// selected is the part of the catalogue that a run is asked for: the checks that only names by id or by family, and all
// that they need. An empty only selects everything.
func selected(v Version, only []string) []Check {
	all := Catalogue(v)
	if len(only) == 0 {
		return all
	}
	wanted := map[string]bool{}
	var want func(id string)
	want = func(id string) {
		if wanted[id] {
			return
		}
		wanted[id] = true
		for _, c := range all {
			if c.ID == id {
				for _, need := range append(slices.Clone(c.Needs), c.takes...) {
					want(need)
				}
			}
		}
	}
	for _, c := range all {
		if slices.Contains(only, c.ID) || slices.Contains(only, c.Family) {
			want(c.ID)
		}
	}
	for _, id := range groundwork {
		want(id)
	}
	return slices.DeleteFunc(all, func(c Check) bool { return !wanted[c.ID] })
}

// groundwork leaves what most checks work with: the discovery documents, and a few users.
var groundwork = []string{
	root, "v11.spc", "v11.schemas", "discovery.spc.present", "discovery.rt.present", "discovery.schemas.present", created, "users.create.okta-shape", "users.create.username-not-email",
}

// Selectable refuses a name that is neither a check nor a family.
func Selectable(v Version, only []string) error {
	for _, name := range only {
		if !slices.ContainsFunc(Catalogue(v), func(c Check) bool { return c.ID == name || c.Family == name }) {
			return fault.Newf(fault.Invalid, "%q is neither a check nor a family of SCIM %s. docs/checks.md lists both.", name, v)
		}
	}
	return nil
}
