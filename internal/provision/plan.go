package provision

import (
	"cmp"
	"maps"
	"slices"

	"slipway/internal/target"
)

// Draft is what would have to be sent to make a target's accounts equal to what they should be.
type Draft struct {
	Operations []Operation // deactivations first; without id, state and times
	Withheld   []Withheld
}

// Withheld is a change that is needed and not sent, because the integration does not declare that it can do it.
type Withheld struct {
	PersonID string
	Kind     Kind
	Changes  []target.Change
	Reason   string // a sentence for people
}

const (
	noCreate     = "This integration does not create accounts. Create the account in the app by hand."
	noUpdate     = "This integration does not update accounts. Change the account in the app by hand."
	noDeactivate = "This integration does not deactivate accounts. Switch the account off in the app by hand."
	noReactivate = "This integration does not reactivate accounts. Switch the account on in the app by hand."
)

// Plan compares wanted accounts with links, and is all that decides what is sent. It is pure, and the same
// input gives the same draft in the same order. A person who is not wanted keeps the account if it is not ours.
func Plan(installationID string, desired []Desired, links []Link, features Features) Draft {
	p := planner{installationID: installationID, features: features, links: map[string]Link{}}
	for _, l := range links {
		p.links[l.PersonID] = l
	}
	wanted := map[string]bool{}
	for _, d := range desired {
		wanted[d.PersonID] = true
		p.keep(d)
	}
	for _, l := range links {
		if !wanted[l.PersonID] {
			p.drop(l)
		}
	}
	slices.SortFunc(p.draft.Operations, inOrder)
	slices.SortFunc(p.draft.Withheld, func(a, b Withheld) int {
		return cmp.Or(cmp.Compare(a.PersonID, b.PersonID), cmp.Compare(a.Kind, b.Kind))
	})
	return p.draft
}

func inOrder(a, b Operation) int {
	return cmp.Or(cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)), cmp.Compare(a.PersonID, b.PersonID))
}

type planner struct {
	installationID string
	features       Features
	links          map[string]Link
	draft          Draft
}

// keep plans for a person who shall have an account.
func (p *planner) keep(d Desired) {
	link, linked := p.links[d.PersonID]
	if !linked || link.Gone {
		p.add(p.features.Create, Create, d.PersonID, "", diff(nil, d.Profile), noCreate)
		return
	}
	if !link.ours() {
		return
	}
	changes := diff(link.Sent, d.Profile)
	if link.Active == On || link.Active == Unknown && !p.features.Deactivate {
		p.update(link, changes)
		return
	}
	if !p.features.Deactivate {
		p.add(false, Reactivate, d.PersonID, "", []target.Change{switchTo(link.Active, "true")}, noReactivate)
		return
	}
	if !p.features.Update {
		p.update(link, changes) // says that it is withheld
		changes = nil
	}
	p.add(true, Reactivate, d.PersonID, link.RemoteID, append([]target.Change{switchTo(link.Active, "true")}, changes...), "")
}

func (p *planner) update(link Link, changes []target.Change) {
	if len(changes) > 0 {
		p.add(p.features.Update, Update, link.PersonID, link.RemoteID, changes, noUpdate)
	}
}

// drop plans for a link whose person shall have no account any more.
func (p *planner) drop(link Link) {
	if link.ours() && !link.Gone && link.Active != Off {
		p.add(p.features.Deactivate, Deactivate, link.PersonID, link.RemoteID, []target.Change{switchTo(link.Active, "false")}, noDeactivate)
	}
}

func (p *planner) add(can bool, kind Kind, personID, remoteID string, changes []target.Change, reason string) {
	if !can {
		p.draft.Withheld = append(p.draft.Withheld, Withheld{personID, kind, changes, reason})
		return
	}
	p.draft.Operations = append(p.draft.Operations, Operation{
		InstallationID: p.installationID, PersonID: personID, Kind: kind, Changes: changes, RemoteID: remoteID,
	})
}

// switchTo is the change of the active flag.
func switchTo(was Switch, to string) target.Change {
	from := map[Switch]string{On: "true", Off: "false"}[was]
	return target.Change{Attribute: activeAttribute, From: from, To: to}
}

// diff returns the attributes that differ from what was sent, in the order of the mapping.
func diff(sent, wanted target.Profile) []target.Change {
	paths := slices.Collect(maps.Keys(wanted))
	for path := range sent {
		if _, ok := wanted[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	})
	var changes []target.Change
	for _, path := range paths {
		if sent[path] == wanted[path] {
			continue
		}
		change := target.Change{Attribute: path, From: sent[path], To: wanted[path]}
		if change.From == unsure {
			change.From = ""
		}
		changes = append(changes, change)
	}
	return changes
}

// places is each attribute's row in the mapping; attributes of older mappings come last.
var places = func() map[string]int {
	out := make(map[string]int, len(rules))
	for i, r := range rules {
		out[r.Attribute] = i
	}
	return out
}()

func place(attribute string) int {
	if i, ok := places[attribute]; ok {
		return i
	}
	return len(places)
}
