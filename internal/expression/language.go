package expression

// group is the functions of one kind, as the reference shows them.
type group struct {
	title, sentence string
	functions       []Function
}

// groups is every function of the language.
var groups = []group{
	{"Values", "", valueFunctions},
	{"Texts", "", textFunctions},
	{"Lists and objects", "", listFunctions},
	{"Numbers", "", numberFunctions},
	{"Times", "", timeFunctions},
	{"As in Okta's expression language", "For expressions that were written there; elsewhere take the functions above. Null is an empty text or an empty list.", oktaFunctions},
}

var language = byName(groups)

func byName(groups []group) map[string]Function {
	all := map[string]Function{}
	for _, g := range groups {
		for _, f := range g.functions {
			all[f.Name()] = f
		}
	}
	return all
}
