package lint

import (
	"slices"
	"strings"

	"slipway/internal/connector/definition"
	"slipway/internal/connector/document"
	"slipway/internal/connector/manual"
	"slipway/internal/connector/program"
)

// Rules of a whole connector. Those with H are the catalogue's own, with the same meaning (connectors §1.6).
var (
	SameName      = program.Rule{Code: "CBDE000001H", Level: program.Error, Says: "Each action has a name of its own.", Fix: "Rename one of the two."}
	NoEvent       = program.Rule{Code: "CBDE000002H", Level: program.Error, Says: "A flow of a connector starts with one of the connector's event cards.", Fix: "Start it with Connector Action, Connector Authping or Helper Flow, or leave it out of the connector."}
	BadName       = program.Rule{Code: "CBDE000003H", Level: program.Error, Says: "An action's name has letters, digits and single spaces between them.", Fix: "Rename it."}
	TwoPings      = program.Rule{Code: "CBDE000004H", Level: program.Error, Says: "There is one authping flow at most.", Fix: "Remove all but one."}
	FalsePing     = program.Rule{Code: "CBDE000005H", Level: program.Error, Says: "Only the authping flow is called _authping.", Fix: "Rename the flow, or start it with Connector Authping."}
	TwoRevokes    = program.Rule{Code: "CBDE000006H", Level: program.Error, Says: "There is one revoke flow at most.", Fix: "Remove all but one."}
	FalseRevoke   = program.Rule{Code: "CBDE000007H", Level: program.Error, Says: "Only the revoke flow is called _revoke.", Fix: "Rename the flow, or start it with Connector Revoke."}
	NoField       = program.Rule{Code: "CBDE000008H", Level: program.Error, Says: "Each input and output of an action is defined.", Fix: "Define it in the action's card, or remove it from the first card or the Return card."}
	NoOption      = program.Rule{Code: "CBDE000009H", Level: program.Error, Says: "Each option of an action is defined.", Fix: "Define it in the action's card, or remove it from the first card."}
	BadPing       = program.Rule{Code: "SW010", Level: program.Error, Says: "A ping asks the API with the connection, and its answer depends on what the API says.", Fix: "Call a small endpoint that needs authorisation, and take working from its answer."}
	NoAction      = program.Rule{Code: "SW011", Level: program.Error, Says: "There is an action.", Fix: "Add one."}
	UnknownCard   = program.Rule{Code: "SW014", Level: program.Error, Says: "Each card is supported, and allowed in a connector.", Fix: "Use another card; the list of supported cards has them all."}
	Credential    = program.Rule{Code: "SW015", Level: program.Error, Says: "No text looks like a credential.", Fix: "Replace the credential at its issuer, and take it from the connection."}
	BadHost       = program.Rule{Code: "SW016", Level: program.Error, Says: "Requests go over https to hosts that the connector names, and no input chooses the host.", Fix: "Write the host down, or take it from the connection; let inputs give a path that begins with /."}
	Endless       = program.Rule{Code: "SW018", Level: program.Error, Says: "No helper calls itself before it can end.", Fix: "Let the steps before the call decide whether it is needed, or use paginate or forEach."}
	NotChecked    = program.Rule{Code: "SW020", Level: program.Warning, Says: "Before the first request an action refuses empty required inputs with status 400.", Fix: "Add a Return Error If card: \"No … input provided. Enter a valid …\", 400."}
	NoRetry       = program.Rule{Code: "SW021", Level: program.Warning, Says: "A request is sent again where the API was asked too often (429), and nothing waits longer than five minutes.", Fix: "Set the card's error handling to retry for rate limits; in connector.yaml, name 429 under connection.retry.on."}
	NoPages       = program.Rule{Code: "SW022", Level: program.Warning, Says: "An action that lists reads all pages.", Fix: "Ask for the next page until there is none, or give a cursor to the caller."}
	BadWords      = program.Rule{Code: "SW023", Level: program.Warning, Says: "An action's name starts with a verb, and action and fields say what they are.", Fix: "Name it as what it does, \"Create User\"; describe it; label its fields."}
	TooLarge      = program.Rule{Code: "SW024", Level: program.Warning, Says: "At most 3 If Error in each other, 200 cards in a flow, 10 items of a loop at a time, and no circle of helpers.", Fix: "Move a part into a helper flow."}
	Doubtful      = program.Rule{Code: "SW025", Level: program.Warning, Says: "Nothing is there in vain: no card that is never reached, no result that is not used, no empty reference to a flow, no order of texts where numbers are meant.", Fix: "Remove it, or connect it; compare numbers as numbers."}
	Unsigned      = program.Rule{Code: "SW026", Level: program.Warning, Says: "A webhook knows by a signature who delivers to it.", Fix: "Let the vendor sign what it sends, and say how under hmac."}
	Unproven      = program.Rule{Code: "SW027", Level: program.Warning, Says: "A way to connect puts its secret on requests, so that a ping proves it.", Fix: "Name the secret under apply, or use the type none."}
	Incompatible  = program.Rule{Code: "SW030", Level: program.Error, Says: "A new version takes and gives all that the one before it did: its key, ways to connect, events and actions.", Fix: "Keep what was there, and add the new beside it."}
	WrongContract = definition.WrongContract
)

// Rules are all rules that a connector is held against without being run, by code.
func Rules() []program.Rule {
	all := append(program.ImportRules(),
		SameName, NoEvent, BadName, TwoPings, FalsePing, TwoRevokes, FalseRevoke, NoField, NoOption, BadPing, NoAction, UnknownCard, Credential,
		BadHost, WrongContract, Endless, NotChecked, NoRetry, NoPages, BadWords, TooLarge, Doubtful, Unsigned, Unproven, Incompatible,
		manual.Incomplete, document.NotYAML, document.AgainstSchema, definition.WrongStep, definition.NameTwice, definition.BadExpression, definition.BrokenName)
	slices.SortFunc(all, func(a, b program.Rule) int { return strings.Compare(a.Code, b.Code) })
	return all
}
