package battery

import (
	"fmt"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

const (
	kindsListed   = "contract.entitlement.schema"
	optionsListed = "contract.entitlement.values"
	assigned      = "contract.entitlement.assign"
	regranted     = "contract.entitlement.change"
)

var entitlementChecks = []Check{
	{
		ID: kindsListed, Title: "The kinds of entitlements are listed, each with a name and a known type", Contracts: []string{entitlementSchema},
		Needs: []string{"contract.connect"}, Severity: report.Network, Plan: []string{"C9370"},
		Why: "What is not listed cannot be granted.",
		Fix: "List each kind with name and propertyType, and with the externalName under which users show it.",
		judge: func(r *run) finding {
			kinds, err := r.entitlements().Entitlements(r.ctx)
			if err != nil {
				return r.trouble("Listing the kinds of entitlements", err)
			}
			return judgeProperties(kinds)
		},
	},
	{
		ID: optionsListed, Title: "Entitlements are listed, each of a kind, once", Contracts: []string{entitlementSchema, entitlementValues},
		Needs: []string{kindsListed}, Severity: report.Network, Plan: []string{"C9370"},
		Why:   "Customers choose from this list.",
		Fix:   "List every entitlement with id and displayName; schemaPropertyName is the kind's name.",
		judge: (*run).judgeOptions,
	},
	{
		ID: assigned, Title: "An entitlement that is granted shows with the user", Contracts: []string{entitlementValues, updateUser, getUser},
		Needs: []string{optionsListed, updated}, Changes: true, Severity: report.Network, Plan: []string{"C9371", "C9373"},
		Why:   "Somebody is granted something and does not have it.",
		Fix:   "Write entitlements in Update User, and map them in Get User by ID.",
		judge: func(r *run) finding { return r.judgeGrant(0) },
	},
	{
		ID: regranted, Title: "An entitlement that is changed takes the place of the one before", Contracts: []string{entitlementValues, updateUser, getUser},
		Needs: []string{assigned}, Changes: true, Severity: report.Network, Plan: []string{"C9372", "C9373"},
		Why: "What was taken away would still be held.",
		Fix: "Let Update User replace a user's entitlements by those that it is given.",
		judge: func(r *run) finding {
			if len(r.granted.options) < 2 {
				return aside("There is one entitlement only.")
			}
			return r.judgeGrant(1)
		},
	},
	{
		ID: "contract.entitlement.remove", Title: "An entitlement that is taken away is gone", Contracts: []string{entitlementValues, updateUser, getUser},
		Needs: []string{assigned}, Changes: true, Severity: report.Network, Plan: []string{"C9372"},
		Why:   "What was taken away would still be held.",
		Fix:   "Take an empty list in Update User for none.",
		judge: func(r *run) finding { return r.judgeGrant(-1) },
	},
}

// grant is a kind of entitlement with what may be granted of it.
type grant struct {
	path    string // in a profile
	place   string // in a user
	options []string
}

func (r *run) judgeOptions() finding {
	kinds, err := r.entitlements().Entitlements(r.ctx)
	if err != nil {
		return r.trouble("Listing the kinds of entitlements", err)
	}
	values, err := r.entitlements().EntitlementValues(r.ctx)
	if err != nil {
		return r.trouble("Listing the entitlements", err)
	}
	if len(values) == 0 {
		return fails("There are kinds of entitlements, and none to be granted.")
	}
	for _, kind := range kinds {
		g := &grant{place: place(kind)}
		if g.path = key(g.place); kindOfList(kind) {
			g.path = g.place + "[primary eq true].value"
		}
		for _, v := range values {
			if v.Property == kind.Name {
				g.options = append(g.options, v.ID)
			}
		}
		if r.granted == nil && g.path != "" && len(g.options) > 0 {
			r.granted = g
		}
	}
	return judgeValues(kinds, values)
}

// kindOfList reports that a user may hold several of a kind.
func kindOfList(kind target.Property) bool {
	urn, rest := split(place(kind))
	return urn == "" && !strings.Contains(rest, ".") && (kind.Type == "ARRAY" || multivalued(rest))
}

// judgeGrant gives the user one entitlement in the place of what was there; -1 is none.
func (r *run) judgeGrant(which int) finding {
	g := r.granted
	if g == nil {
		return aside("Where users show entitlements cannot be told from the schema.")
	}
	wanted := ""
	if which >= 0 {
		wanted = g.options[which]
	}
	who := r.richest()
	if err := r.Target.UpdateUser(r.ctx, who.id, []target.Change{{Attribute: g.path, To: wanted}}, true); err != nil {
		return r.trouble(fmt.Sprintf("Setting %s to %q", g.path, wanted), err)
	}
	return r.reads(who.id, func(user scim.Resource) string {
		held := heldBy(user, g)
		for i, option := range g.options {
			switch has := slices.Contains(held, option); {
			case has && i != which:
				return fmt.Sprintf("The user holds %q, which was not granted, or taken away.", option)
			case !has && i == which:
				return fmt.Sprintf("%q was granted, and the user holds %q.", option, held)
			}
		}
		return ""
	})
}

// heldBy are the ids of the entitlements that a user shows at a place.
func heldBy(user scim.Resource, g *grant) []string {
	var held []string
	base := strings.TrimSuffix(g.place, ".value")
	for _, l := range leavesOf(user) {
		if text, is := l.value.(string); is && (strings.EqualFold(l.path, g.place) || strings.EqualFold(l.path, base+".value") || strings.EqualFold(l.path, base+".id")) {
			held = append(held, text)
		}
	}
	return held
}
