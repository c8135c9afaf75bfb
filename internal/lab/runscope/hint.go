package runscope

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Hint is what to make of a step that did not pass. A suite's demands are its author's: where no RFC asks for the
// same, Why says so.
type Hint struct{ Why, Fix, Reference string }

// Hint returns the advice for the first thing about s that has one; the zero Hint where there is none.
func (s StepResult) Hint() Hint {
	if s.Outcome == Passed || s.Outcome == Skipped {
		return Hint{}
	}
	for _, h := range hints {
		if h.applies(s) || slices.ContainsFunc(s.Assertions, func(a AssertionResult) bool { return a.Outcome == Failed && h.about(a, s) }) {
			return h.advice(s)
		}
	}
	return Hint{}
}

// hint is a row of the table: it applies to a step as a whole, or is about one failed assertion.
type hint struct {
	step      func(StepResult) bool
	assertion func(AssertionResult, StepResult) bool
	Hint
	older Hint                  // what is otherwise in SCIM 1.1
	make  func(StepResult) Hint // where the advice depends on the step
}

func (h hint) applies(s StepResult) bool { return h.step != nil && h.step(s) }
func (h hint) about(a AssertionResult, s StepResult) bool {
	return h.assertion != nil && h.assertion(a, s)
}

func (h hint) advice(s StepResult) Hint {
	out := h.Hint
	if h.make != nil {
		out = h.make(s)
	}
	if s.subject().SCIM == "1.1" {
		out = Hint{cmp.Or(h.older.Why, out.Why), cmp.Or(h.older.Fix, out.Fix), h.older.Reference}
	}
	if s.subject().Elsewhere != "" {
		out.Reference = "" // another server may keep to other rules
	}
	return out
}

func (s StepResult) subject() Subject {
	if s.Subject == nil {
		return Subject{}
	}
	return *s.Subject
}

// hints are asked in this order: the root of a trouble before its consequences.
var hints = []hint{
	{step: func(s StepResult) bool { return s.Outcome == Unsupported }, Hint: Hint{
		Why: "The suite asks for something that is not run here, so the step proves nothing either way.",
		Fix: "Rewrite the step with what is supported, or judge it by hand."}},
	{step: blockedFor("needs the variable"), Hint: Hint{
		Why: "A step can only be sent once all its variables have values.",
		Fix: "Look at the step that should have set the variable, or give its value with --var NAME=VALUE or in an environment. Some suites come with an initial script: --initial-script FILE."}},
	{step: blockedFor("it follows from step"), Hint: Hint{
		Why: "What this step looks for was never sent, so its answer would say nothing about the server.",
		Fix: "Make the earlier step run, then this one runs too."}},
	{step: blockedFor("nobody has named"), Hint: Hint{
		Why: "A suite comes from somebody else, and its requests carry your credentials.",
		Fix: "If the host is right, name it with --host HOST, or in a variable or an environment that you give."}},
	{step: func(s StepResult) bool { return s.Outcome == Failed && s.SuiteDefect }, Hint: Hint{
		Why: "The published suite is known to be wrong here. To pass it as it is, a server has to do what the suite wants all the same.",
		Fix: "Leave the server as it is, and say so where you hand in the report; or do both, where the two do not exclude each other."},
		older: Hint{Reference: "SCIM 1.1 core schema; SCIM 1.1 protocol"}},
	{assertion: statusWanted(refusedCredentials), make: refusedHint, older: Hint{Reference: "SCIM 1.1 protocol §2"}},
	{step: func(s StepResult) bool { return s.Outcome == Failed && s.subject().Elsewhere != "" }, make: elsewhereHint},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "401" }), Hint: Hint{
		Why:       "A request without valid credentials must be refused.",
		Fix:       "Answer 401 where the credentials are missing or wrong, with a SCIM error as the body, also from a gateway in front of the application.",
		Reference: "RFC 7644 §3.12"}, older: Hint{Reference: "SCIM 1.1 protocol §3.9, table 7"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "404" }), Hint: Hint{
		Why:       "An id that belongs to nobody is no mistake of the client's spelling.",
		Fix:       "Answer 404 for every id that does not exist, also for one that is not of the form of your own ids.",
		Reference: "RFC 7644 §3.12"}, older: Hint{Reference: "SCIM 1.1 protocol §3.9, table 7"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "409" }), Hint: Hint{
		Why:       "A second account with the same userName must be refused, or one person ends up with two.",
		Fix:       "Answer 409 with scimType uniqueness where the userName is taken, without regard to case.",
		Reference: "RFC 7644 §3.3"}, older: Hint{
		Fix: "Answer 409 where the userName is taken, without regard to case.", Reference: "SCIM 1.1 protocol §3.1"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "201" }), Hint: Hint{
		Why: "Only 201 tells that an account was created.", Fix: "Answer 201 with the whole account, its id and its Location.", Reference: "RFC 7644 §3.3"},
		older: Hint{Reference: "SCIM 1.1 protocol §3.1"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "400" }), Hint: Hint{
		Why: "A filter that does not follow the grammar must be refused, or a client takes everybody for those that it asked for.", Fix: "Answer 400 where a filter cannot be read.", Reference: "RFC 7644 §3.4.2.2"},
		older: Hint{Reference: "SCIM 1.1 protocol §3.9, table 7"}},
	{assertion: func(a AssertionResult, _ StepResult) bool { return strings.Contains(a.Message, "not JSON") }, Hint: Hint{
		Why: "SCIM speaks JSON only, also in errors.", Fix: "Answer with application/scim+json. An HTML page often comes from a gateway or a sign-in in front of the server.", Reference: "RFC 7644 §3.1"},
		older: Hint{Why: "The suite reads JSON, also in errors.", Fix: "Answer with application/json. An HTML page often comes from a gateway or a sign-in in front of the server.", Reference: "SCIM 1.1 protocol §3.6"}},
	{assertion: func(a AssertionResult, s StepResult) bool {
		return strings.HasPrefix(a.Property, "Resources[0]") && s.foundNobody()
	}, make: nobodyHint, older: Hint{Reference: "SCIM 1.1 protocol §3.2.2"}},
	{assertion: func(a AssertionResult, _ StepResult) bool {
		return strings.HasPrefix(a.Property, "Resources[0].") || isCustomary(a)
	}, Hint: Hint{
		Why:       "The suite looks at the first account that the server lists. RFC 7643 makes most attributes optional; the suite asks for them all the same.",
		Fix:       "Let the first account in the list be complete (name, active, e-mail), or run the suite on a test tenant.",
		Reference: "RFC 7643 §4.1"}, older: Hint{
		Why: "The suite looks at the first account that the server lists. SCIM 1.1 makes most attributes optional; the suite asks for them all the same.", Reference: "SCIM 1.1 core schema §6"}},
	{assertion: property("schemas"), Hint: Hint{
		Why: "A client tells by schemas what it has been given.", Fix: "Put the URN that the message names into schemas.", Reference: "RFC 7643 §3"},
		older: Hint{Reference: "SCIM 1.1 core schema §5.2"}},
	{assertion: property("totalResults", "startIndex", "itemsPerPage", "Resources"), Hint: Hint{
		Why: "A client pages by these numbers.", Fix: "Answer a list with totalResults, startIndex, itemsPerPage and Resources. Nothing found is 200 with totalResults 0.", Reference: "RFC 7644 §3.4.2"},
		older: Hint{Reference: "SCIM 1.1 protocol §3.2.2.3, table 6"}},
	{assertion: property("detail"), Hint: Hint{
		Why: "RFC 7644 makes detail optional; the suite asks for it.", Fix: "Put a sentence into detail that says what was wrong.", Reference: "RFC 7644 §3.12"},
		older: Hint{Why: "SCIM 1.1 has no detail: an error says what was wrong in Errors[0].description. The suite asks for detail all the same.", Fix: "Send both to pass the suite.", Reference: "SCIM 1.1 protocol §3.9"}},
	{assertion: property("status"), Hint: Hint{
		Why: "The status stands in the body of an error too.", Fix: "Put the HTTP status into the error's status, as a string.", Reference: "RFC 7644 §3.12"},
		older: Hint{Why: "SCIM 1.1 has the status in Errors[0].code. The suite asks for status all the same.", Fix: "Send both to pass the suite.", Reference: "SCIM 1.1 protocol §3.9"}},
	{assertion: func(a AssertionResult, _ StepResult) bool {
		return a.Property == "userName" && strings.EqualFold(a.Actual, a.Target)
	}, Hint: Hint{
		Why: "RFC 7643 compares userName without regard to case and does not ask to keep it; the suite does.", Fix: "Store userName as it was sent, and compare it without regard to case.", Reference: "RFC 7643 §4.1.1"},
		older: Hint{Why: "SCIM 1.1 compares userName without regard to case and does not ask to keep it; the suite does.", Reference: "SCIM 1.1 core schema §6.1"}},
	{assertion: func(a AssertionResult, _ StepResult) bool { return a.Source == sourceTime }, Hint: Hint{
		Why: "No RFC sets a limit of time. The measured time includes the way to the server and back.", Fix: "Run the suite from a place near the server. If it stays slow there, look at the server."},
		older: Hint{Why: "SCIM sets no limit of time. The measured time includes the way to the server and back."}},
}

func blockedFor(reason string) func(StepResult) bool {
	return func(s StepResult) bool { return s.Outcome == Blocked && strings.Contains(s.Message, reason) }
}

// refusedHint names the variable that the credentials stand in, and whose they are.
func refusedHint(s StepResult) Hint {
	about := s.subject()
	out := Hint{Why: "The server did not accept the Authorization header.", Reference: "RFC 7644 §2"}
	rights := "Check that the token is valid and may read and write accounts."
	if about.Elsewhere != "" {
		out.Why = fmt.Sprintf("%s did not accept the Authorization header. It is not the server that is verified: this says nothing about that one.", about.Elsewhere)
		rights = "Check that it is valid there and has the rights that the step needs."
	}
	switch {
	case about.Credential == "":
		out.Fix = "The suite sends no credentials of yours here. Put an Authorization header into the step, or into an environment. " + rights
	case about.Scheme != "":
		out.Fix = fmt.Sprintf("Give the value alone: --var '%s=…'. The suite itself writes %s before it. %s", about.Credential, about.Scheme, rights)
	default:
		out.Fix = fmt.Sprintf("Give the complete value of the header, with its scheme: --var '%s=Bearer …'. %s", about.Credential, rights)
	}
	return out
}

func elsewhereHint(s StepResult) Hint {
	about := s.subject()
	out := Hint{
		Why: fmt.Sprintf("This step asks %s, which is not the server that is verified: its answer says nothing about that one.", about.Elsewhere),
		Fix: "Read its answer below, and correct what the suite sends there.",
	}
	if len(about.Inputs) > 0 {
		out.Fix = fmt.Sprintf("Read its answer below, and check what the suite sends there: %s.", strings.Join(about.Inputs, ", "))
	}
	return out
}

// foundNobody reports an answer that is a list without entries.
func (s StepResult) foundNobody() bool {
	if len(s.Exchanges) == 0 {
		return false
	}
	var list struct {
		Resources []json.RawMessage `json:"Resources"`
		Total     *int              `json:"totalResults"`
	}
	body := s.Exchanges[len(s.Exchanges)-1].ResponseBody
	return json.Unmarshal([]byte(body), &list) == nil && len(list.Resources) == 0 && (list.Resources != nil || list.Total != nil)
}

func nobodyHint(s StepResult) Hint {
	if strings.Contains(s.Exchanges[len(s.Exchanges)-1].URL, "filter=") {
		return Hint{
			Why:       "The suite asked for one account by a filter, and the server found nobody.",
			Fix:       "Look whether the account was created: by an earlier step, or by the identity provider that the earlier steps asked to. If it takes longer to arrive, that is a finding of its own; if it is there, look at the filter.",
			Reference: "RFC 7644 §3.4.2.2"}
	}
	return Hint{Why: "The suite looks at the first account that the server lists, and the list is empty.", Fix: "Create a complete account first (name, active, e-mail).", Reference: "RFC 7644 §3.4.2"}
}

// isCustomary is about an attribute that suites ask of any account they find.
func isCustomary(a AssertionResult) bool {
	return a.Comparison == "not_empty" && slices.Contains([]string{"name.familyName", "name.givenName", "emails[0].value", "active"}, a.Property)
}

// statusWanted is about an assertion on the status that wanted one and got another.
func statusWanted(test func(target string, got int) bool) func(AssertionResult, StepResult) bool {
	return func(a AssertionResult, s StepResult) bool {
		return a.Source == sourceStatus && len(s.Exchanges) > 0 && test(a.Target, s.Exchanges[len(s.Exchanges)-1].Status)
	}
}

func refusedCredentials(target string, got int) bool {
	return (got == 401 || got == 403) && target != "401" && target != "403"
}

func property(names ...string) func(AssertionResult, StepResult) bool {
	return func(a AssertionResult, _ StepResult) bool { return slices.Contains(names, a.Property) }
}
