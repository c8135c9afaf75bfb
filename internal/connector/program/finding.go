package program

import (
	"cmp"
	"fmt"
	"slices"

	"slipway/internal/connector/value"
)

// Level says what a finding stops.
type Level string

const (
	Error   Level = "error"   // the connector is not accepted
	Warning Level = "warning" // it is, and somebody should look
)

// Finding is one thing that is wrong with a connector, found without running it.
type Finding struct {
	Code    string `json:"code"` // "SW108", "CBDE000001H"; see Rules
	Level   Level  `json:"level"`
	Message string `json:"message"` // what is wrong, and what to do
	Src     Src    `json:"src"`
}

// String is one line: place, code, message.
func (f Finding) String() string {
	place := f.Src.String()
	if place != "" {
		place += ": "
	}
	return fmt.Sprintf("%s%s %s: %s", place, f.Level, f.Code, f.Message)
}

// Findings collects them.
type Findings []Finding

// MaxFindings is how many findings are kept; one more says that there are others. Who reads so many has seen enough.
const MaxFindings = 1000

// Add notes a breach of the rule. The rule's level counts. Texts of others are shortened: a name may have a megabyte.
func (f *Findings) Add(r Rule, at Src, format string, args ...any) {
	switch {
	case len(*f) < MaxFindings:
	case len(*f) == MaxFindings:
		r, format, args = TooMuch, "There are more than %d findings; the others are left out.", []any{MaxFindings}
	default:
		return
	}
	shown := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			shown[i] = shorten(arg)
		case Key:
			shown[i] = shorten(arg.String())
		default:
			shown[i] = arg
		}
	}
	*f = append(*f, Finding{Code: r.Code, Level: r.Level, Message: fmt.Sprintf(format, shown...), Src: at})
}

func shorten(text string) string { return value.Shorten(text, 600) }

// Errors counts those that stop a connector.
func (f Findings) Errors() (n int) {
	for _, finding := range f {
		if finding.Level == Error {
			n++
		}
	}
	return n
}

// Sorted returns them by file, line, flow and code, and each once: what several steps use is wrong in one place.
func (f Findings) Sorted() Findings {
	sorted := slices.Clone(f)
	slices.SortStableFunc(sorted, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Src.File, b.Src.File), cmp.Compare(a.Src.Line, b.Src.Line), cmp.Compare(a.Src.Flow, b.Src.Flow), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(sorted)
}

// Rule is something that a connector must not do, whoever checks it.
type Rule struct {
	Code  string
	Level Level
	Says  string // the rule, as a sentence that holds where it is kept
	Fix   string // what to do
}

// Rules of a file as it is imported. Codes from SW100 on are for exported files.
var (
	Unreadable    = Rule{"SW100", Error, "The file is JSON of at most 10 MB, no deeper than 200, in which nothing can be read in two ways.", "Export the flow or folder again, and do not edit the file."}
	WrongEnvelope = Rule{"SW101", Error, "The file is an export of flows: type, version, data.", "Use Export flow or Export folder in the editor."}
	WrongKey      = Rule{"SW102", Error, "Every flow, connection, table and group lies under its own id.", "Export again."}
	WrongUUID     = Rule{"SW103", Error, "A flow's data bears the id of the flow.", "Export again."}
	SecretInside  = Rule{"SW104", Error, "No connection's data is in the file.", "Remove the connection's data: a secret has no place in an export. Replace the secret where it is used."}
	WrongAddress  = Rule{"SW105", Error, "A card's address consists of its parents and its key.", "Export again."}
	FieldTwice    = Rule{"SW106", Error, "A field's id occurs once in a flow.", "Export again."}
	NoList        = Rule{"SW107", Error, "A field that is a list holds a list or nothing.", "Empty the field, or turn its value into a list."}
	LooseWire     = Rule{"SW108", Error, "Every wire leads from an output of its card to an input of a card of the flow.", "Draw the connection again."}
	NoBranchHead  = Rule{"SW109", Error, "Every branch of an If has a first card.", "Export again."}
	LooseJoin     = Rule{"SW110", Error, "Every join brings one of its inputs to one of its outputs.", "Draw the output of the If/Else again."}
	NotOneStart   = Rule{"SW111", Error, "A flow starts with one card.", "Leave one event card or Helper Flow card, and connect the others."}
	LooseCard     = Rule{"SW112", Error, "Every card can be reached from the first.", "Move the card into the flow, or delete it."}
	NoPlaceholder = Rule{"SW113", Error, "Every placeholder of a text has an input.", "Drag the value into the text again."}
	NoSuchFlow    = Rule{"SW114", Error, "A flow that is called is in one of the files.", "Export the folder with its helper flows, or give all files together."}
	FlowIsStub    = Rule{"SW115", Warning, "A flow that is called has its cards in one of the files.", "Give the file of that flow as well; it is found by its name."}
	NeverReturned = Rule{"SW116", Error, "What is taken from a called flow is something that it returns.", "Add the output to the Return card of the called flow, or take one that it has."}
	NeverTaken    = Rule{"SW117", Error, "What is passed to a called flow is something that it takes.", "Add the input to the called flow's first card, or choose the flow again in the Call Flow card."}
	RequiredEmpty = Rule{"SW118", Warning, "A required input has a value or a wire.", "Fill it in."}
	NoSuchTable   = Rule{"SW119", Warning, "A table that is used is in the file.", "Export the folder with its tables."}
	Cycle         = Rule{"SW120", Error, "No card waits for itself.", "Remove the connection that leads back."}
	TooMuch       = Rule{"SW121", Error, "At most 400 flows, 20,000 cards, 1 MB in one text, and 1,000 findings.", "Split the folder."}
	UnknownEvent  = Rule{"SW122", Warning, "Each kind of a connector's card is known here.", "Nothing, if it is not needed to run; tell us, if it is."}
	NewerVersion  = Rule{"SW123", Warning, "The file's version is known here: 1.0 to 1.6.", "Nothing, if all goes well; tell us, if it does not."}
)

// ImportRules are the rules above, in the order of their codes.
func ImportRules() []Rule {
	return []Rule{
		Unreadable, WrongEnvelope, WrongKey, WrongUUID, SecretInside, WrongAddress, FieldTwice, NoList, LooseWire, NoBranchHead,
		LooseJoin, NotOneStart, LooseCard, NoPlaceholder, NoSuchFlow, FlowIsStub, NeverReturned, NeverTaken, RequiredEmpty,
		NoSuchTable, Cycle, TooMuch, UnknownEvent, NewerVersion,
	}
}
