package battery

import (
	"fmt"
	"maps"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

const updated = "contract.update"

var updateChecks = []Check{
	{
		ID: updated, Title: "A change of one attribute arrives, and all others stay", Contracts: []string{updateUser, getUser}, Needs: []string{"contract.create.readback"},
		Changes: true, Severity: report.Network, Plan: []string{"C9291", "C9310"},
		Why:   "A change that wipes what it does not name is noticed weeks later, by the people concerned.",
		Fix:   "Write what Update User is given, and leave everything else alone.",
		judge: func(r *run) finding { return r.judgeChange(r.changeable(), "changed "+r.names.tag) },
	},
	{
		ID: "contract.update.clear", Title: "An empty value clears the attribute, and all others stay", Contracts: []string{updateUser, getUser}, Needs: []string{updated},
		Changes: true, Severity: report.Network, Plan: []string{"C9337"},
		Why: "Who loses a title in the directory keeps it in the app for ever.",
		Fix: "Take an empty text in Update User for “remove”, and what is left out for “leave alone”.",
		judge: func(r *run) finding {
			path := r.optional()
			if path == "" {
				return aside("The schema has no attribute that could be cleared.")
			}
			return r.judgeChange(path, "")
		},
	},
}

// richest is the account with the most attributes.
func (r *run) richest() *account {
	if r.bea != nil {
		return r.bea
	}
	return r.ada
}

// changeable is an attribute that may be changed.
func (r *run) changeable() string {
	if path := r.optional(); path != "" {
		return path
	}
	return "name.givenName"
}

// judgeChange changes one attribute and compares all that was shown before.
func (r *run) judgeChange(path, to string) finding {
	who := r.richest()
	before, err := r.accounts().User(r.ctx, who.id)
	if err != nil {
		return r.trouble("Reading the user by id", err)
	}
	expected := shownOf(before, who.sent)
	change := target.Change{Attribute: path, From: expected[path], To: to}
	expected[path] = to
	if err := r.Target.UpdateUser(r.ctx, who.id, []target.Change{change}, true); err != nil {
		return r.trouble(fmt.Sprintf("Setting %s to %q", path, to), err)
	}
	return r.reads(who.id, func(user scim.Resource) string {
		if still := target.Differences(user, target.Profile{path: to}); len(still) > 0 {
			return fmt.Sprintf("%s was set to %q, and is %q.", path, to, still[0].From)
		}
		if lost := target.Differences(user, expected); len(lost) > 0 {
			return fmt.Sprintf("Only %s was changed, and %s is %q now instead of %q.", path, lost[0].Attribute, lost[0].From, lost[0].To)
		}
		return ""
	})
}

const (
	deactivated = "contract.deactivate"
	activated   = "contract.activate"
)

var activeChecks = []Check{
	{
		ID: deactivated, Title: "A deactivated user is there, and inactive", Contracts: []string{createUser, deactivateUser, getUser}, Needs: []string{created},
		Changes: true, Severity: report.Network, Plan: []string{"C9292"},
		Why:   "Who has left must not get in; and who comes back shall find the old account.",
		Fix:   "Deactivate, do not delete; and show active: false.",
		judge: (*run).judgeDeactivate,
	},
	{
		ID: "contract.deactivate.list", Title: "A deactivated user is in the list as inactive, or not at all", Contracts: []string{deactivateUser, listUsers},
		Needs: []string{deactivated}, Changes: true, Severity: report.Network, Plan: []string{"C9303", "C9292"},
		Why:   "An import would bring back who has left.",
		Fix:   "Map active in List Users as in Get User by ID.",
		judge: (*run).judgeInactiveInList,
	},
	{
		ID: "contract.deactivate.twice", Title: "Deactivating once more changes nothing, and is no error", Contracts: []string{deactivateUser, getUser},
		Needs: []string{deactivated}, Changes: true, Severity: report.Network, Plan: []string{"C9300"},
		Why:   "A deactivation whose answer was lost is sent again.",
		Fix:   "Answer with success where the user is inactive already.",
		judge: func(r *run) finding { return r.judgeSwitch(false, "Deactivating once more") },
	},
	{
		ID: activated, Title: "An activated user is active again, under the old id", Contracts: []string{activateUser, getUser}, Needs: []string{deactivated},
		Changes: true, Severity: report.Network, Plan: []string{"C9293", "C9300"},
		Why:   "Who comes back cannot get in.",
		Fix:   "Let Activate User do what Deactivate User did, back.",
		judge: func(r *run) finding { return r.judgeSwitch(true, "Activating") },
	},
	{
		ID: "contract.activate.twice", Title: "Activating once more changes nothing, and is no error", Contracts: []string{activateUser, getUser},
		Needs: []string{activated}, Changes: true, Severity: report.Network, Plan: []string{"C9300"},
		Why:   "An activation whose answer was lost is sent again.",
		Fix:   "Answer with success where the user is active already.",
		judge: func(r *run) finding { return r.judgeSwitch(true, "Activating once more") },
	},
}

// judgeDeactivate makes somebody for it: where deactivation deletes, nobody else shall be missing.
func (r *run) judgeDeactivate() finding {
	var err error
	if r.eve, err = r.create(r.required("eve", "Eve", "Battery")); err != nil {
		return r.trouble("Creating one more user", err)
	}
	return r.judgeSwitch(false, "Deactivating")
}

func (r *run) judgeSwitch(active bool, deed string) finding {
	if err := r.Target.SetActive(r.ctx, r.eve.id, active); err != nil {
		return r.trouble(deed+" a user", err)
	}
	wrong, err := r.eventually(func() (string, error) {
		user, err := r.accounts().User(r.ctx, r.eve.id)
		if err != nil {
			return "", err
		}
		switch is, known := user.Active(); {
		case !known:
			return "The user does not show whether they are active.", nil
		case is != active:
			return fmt.Sprintf("%s was answered with success, and the user shows active: %t.", deed, is), nil
		}
		return "", nil
	})
	switch {
	case kindOf(err) == target.Gone:
		return fails("After it, there is no such user any more. Whoever comes back would get a second account.")
	case err != nil:
		return r.trouble("Reading the user by id", err)
	case wrong != "":
		return fails("%s", wrong)
	}
	return passes()
}

func (r *run) judgeInactiveInList() finding {
	silent := false
	wrong, err := r.eventually(func() (string, error) {
		found, err := r.all(roll{"users", r.accounts().Users})
		if err != nil {
			return "", err
		}
		for _, user := range found.of(r.eve.id) {
			active, known := user.Active()
			silent = !known
			if known && active {
				return fmt.Sprintf("%s was deactivated, and the list shows the user as active.", r.eve.name), nil
			}
		}
		return "", nil
	})
	switch {
	case err != nil:
		return r.trouble("Listing the users", err)
	case wrong != "":
		return fails("%s", wrong)
	case silent:
		return deviates("The list does not say who is active.")
	}
	return passes()
}

var passwordChecks = []Check{
	{
		ID: "contract.password", Title: "A new password is accepted", Contracts: []string{setPassword, getUser}, Needs: []string{created},
		Changes: true, Severity: report.Network, Plan: []string{"C9301", "C9302"},
		Why:   "Whoever changes the password in the directory cannot sign in to the app any more.",
		Fix:   "Accept a password of sixteen characters and more, with letters, digits and signs.",
		judge: (*run).judgePassword,
	},
	{
		ID: "contract.password.kept", Title: "No answer shows a password", Contracts: []string{setPassword, getUser}, Needs: []string{created},
		Changes: true, Severity: report.Network, Plan: []string{"C9301", "C9302"},
		Why:   "It would stand in logs, in reports and in the ledger.",
		Fix:   "Never send a password back, neither with a user nor as the answer to its change.",
		judge: (*run).judgePasswordKept,
	},
}

func (r *run) judgePassword() finding {
	r.passwords = true
	if err := r.Target.(Passwords).SetPassword(r.ctx, r.ada.id, r.names.password); err != nil {
		return r.trouble("Setting a password", err)
	}
	return r.reads(r.ada.id, func(scim.Resource) string { return "" })
}

// judgePasswordKept looks at the user, and at all that has come over the wire.
func (r *run) judgePasswordKept() finding {
	if !r.passwords {
		return blocked("contract.password")
	}
	user, err := r.accounts().User(r.ctx, r.ada.id)
	if err != nil {
		return r.trouble("Reading the user by id", err)
	}
	for _, key := range slices.Sorted(maps.Keys(user)) {
		if text := fmt.Sprint(user[key]); r.redact(text) != text {
			return fails("The user shows the password, as %s.", key)
		}
	}
	r.gather()
	for _, e := range r.wire {
		if r.redact(e.ResponseBody) != e.ResponseBody {
			return fails("The answer to %s %s shows the password.", e.Method, e.URL)
		}
	}
	return passes()
}
