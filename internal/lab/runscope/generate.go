package runscope

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// reserved is a domain that belongs to nobody: some servers write to the accounts that they are given.
const reserved = "example.com"

// generators make what the initial scripts of published suites set, by the suite's name. given are the values that the
// caller has named, from which the others follow.
var generators = map[string]func(values, given map[string]string, r *rand.Rand){
	"Okta SCIM 2.0 SPEC Test": generateSpec,
	spec11:                    generateSpec,
	"Okta SCIM 2.0 CRUD Test": generateCRUD,
	crud11:                    generateCRUD,
	grants:                    generateCRUD,
}

func generateSpec(values, given map[string]string, r *rand.Rand) {
	first, last := cmp.Or(given["randomGivenName"], firstName(r)), cmp.Or(given["randomFamilyName"], lastName(r))
	// The address has capitals and is the userName too: a server must keep it, and compare it without regard to case.
	email := cmp.Or(given["randomEmail"], given["randomUsername"], first+last+"@"+reserved)
	user := cmp.Or(given["randomUsername"], email)
	maps.Copy(values, map[string]string{
		"randomGivenName": first, "randomFamilyName": last, "randomEmail": email,
		"randomUsername": user, "randomUsernameCaps": strings.ToUpper(user),
		"InvalidUserEmail":       "nobody" + pick(r, "0123456789", 8) + "@" + reserved,
		"UserIdThatDoesNotExist": pick(r, "01", 30), // no UUID: a server that takes every id for one breaks here
	})
}

func generateCRUD(values, given map[string]string, r *rand.Rand) {
	first, last := cmp.Or(given["okta_user_firstname"], firstName(r)), cmp.Or(given["okta_user_lastname"], lastName(r))
	update := cmp.Or(given["okta_user_firstname_update"], first+"update")
	maps.Copy(values, map[string]string{
		"okta_user_firstname": first, "okta_user_lastname": last, "okta_user_fullname": first + " " + last,
		"okta_user_firstname_update": update, "okta_user_fullname_update": update + " " + last,
		"okta_user_email": first + last + "@" + reserved, "okta_user_title": "Engineer", "okta_user_primaryphone": "202-555-0100",
	})
}

func firstName(r *rand.Rand) string { return "Slipway" + pick(r, "0123456789", 3) }

func lastName(r *rand.Rand) string {
	const small = "abcdefghijklmnopqrstuvwxyz"
	return pick(r, strings.ToUpper(small), 1) + pick(r, small, 8) + pick(r, "0123456789", 3)
}

func pick(r *rand.Rand, from string, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = from[r.IntN(len(from))]
	}
	return string(out)
}

// generated returns values in place of the initial script that s is published with: for the variables that it needs and
// given does not hold. There are none where scripts set one of them: two halves would not go together.
func (s Suite) generated(given map[string]string, scripts []string, seed uint64) map[string]string {
	generate := generators[s.Name]
	if generate == nil {
		return nil
	}
	all := map[string]string{}
	generate(all, given, rand.New(rand.NewPCG(seed, 1))) // a stream of its own: scripts and templates draw from another
	for _, code := range scripts {
		if slices.ContainsFunc(scriptSets(code), func(name string) bool { _, ours := all[name]; return ours }) {
			return nil
		}
	}
	needs := s.needs()
	maps.DeleteFunc(all, func(name, _ string) bool {
		_, has := given[name]
		return has || !slices.Contains(needs, name)
	})
	return all
}

// generate sets such values before the first script, and tells them.
func (r *run) generate() {
	scripts := slices.Concat(r.environment.scripts(), r.libraries().code(), []string{r.options.InitialScript})
	values := r.suite.generated(r.values, scripts, r.options.Seed)
	var told []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if r.set(name, values[name]) == nil {
			told = append(told, fmt.Sprintf("%s = %s", name, values[name]))
		}
	}
	if len(told) > 0 {
		r.note("The initial script that goes with this suite was not given. Values were made in its place: %s. --initial-script FILE or --var NAME=VALUE outweigh them.", strings.Join(told, ", "))
	}
}
