package runscope

import (
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
			return h.Hint
		}
	}
	return Hint{}
}

// hint is a row of the table: it applies to a step as a whole, or is about one failed assertion.
type hint struct {
	step      func(StepResult) bool
	assertion func(AssertionResult, StepResult) bool
	Hint
}

func (h hint) applies(s StepResult) bool { return h.step != nil && h.step(s) }
func (h hint) about(a AssertionResult, s StepResult) bool {
	return h.assertion != nil && h.assertion(a, s)
}

// hints are asked in this order: the root of a trouble before its consequences.
var hints = []hint{
	{step: func(s StepResult) bool { return s.Outcome == Unsupported }, Hint: Hint{
		Why: "The suite asks for something that is not run here, so the step proves nothing either way.",
		Fix: "Rewrite the step with what is supported, or judge it by hand."}},
	{step: func(s StepResult) bool {
		return s.Outcome == Blocked && strings.Contains(s.Message, "needs the variable")
	}, Hint: Hint{
		Why: "A step can only be sent once all its variables have values.",
		Fix: "Look at the step that should have set the variable, or give its value with --var NAME=VALUE or in an environment. Suites also need their initial script: --initial-script FILE."}},
	{step: func(s StepResult) bool {
		return s.Outcome == Blocked && strings.Contains(s.Message, "nobody has named")
	}, Hint: Hint{
		Why: "A suite comes from somebody else, and its requests carry your credentials.",
		Fix: "If the host is right, name it with --host HOST, or in a variable or an environment that you give."}},
	{assertion: statusWanted(refusedCredentials), Hint: Hint{
		Why:       "The server did not accept the Authorization header.",
		Fix:       "Give the complete value of the header, with its scheme: --var 'auth=Bearer …'. Check that the token is valid and may read and write accounts.",
		Reference: "RFC 7644 §2"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "401" }), Hint: Hint{
		Why:       "A request without valid credentials must be refused.",
		Fix:       "Answer 401 where the credentials are missing or wrong, with a SCIM error as the body, also from a gateway in front of the application.",
		Reference: "RFC 7644 §3.12"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "404" }), Hint: Hint{
		Why:       "An id that belongs to nobody is no mistake of the client's spelling.",
		Fix:       "Answer 404 for every id that does not exist, also for one that is not of the form of your own ids.",
		Reference: "RFC 7644 §3.12"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "409" }), Hint: Hint{
		Why:       "A second account with the same userName must be refused, or one person ends up with two.",
		Fix:       "Answer 409 with scimType uniqueness where the userName is taken, without regard to case.",
		Reference: "RFC 7644 §3.3"}},
	{assertion: statusWanted(func(target string, _ int) bool { return target == "201" }), Hint: Hint{
		Why: "Only 201 tells that an account was created.", Fix: "Answer 201 with the whole account, its id and its Location.", Reference: "RFC 7644 §3.3"}},
	{assertion: func(a AssertionResult, _ StepResult) bool { return strings.Contains(a.Message, "not JSON") }, Hint: Hint{
		Why: "SCIM speaks JSON only, also in errors.", Fix: "Answer with application/scim+json. An HTML page often comes from a gateway or a sign-in in front of the server.", Reference: "RFC 7644 §3.1"}},
	{assertion: func(a AssertionResult, _ StepResult) bool { return strings.HasPrefix(a.Property, "Resources[0].") }, Hint: Hint{
		Why:       "The suite looks at the first account that the server lists. RFC 7643 makes most attributes optional; the suite asks for them all the same.",
		Fix:       "Let the first account in the list be complete (name, active, e-mail), or run the suite on a test tenant.",
		Reference: "RFC 7643 §4.1"}},
	{assertion: property("schemas"), Hint: Hint{
		Why: "A client tells by schemas what it has been given.", Fix: "Put the URN that the message names into schemas.", Reference: "RFC 7643 §3"}},
	{assertion: property("totalResults", "startIndex", "itemsPerPage", "Resources"), Hint: Hint{
		Why: "A client pages by these numbers.", Fix: "Answer a list with totalResults, startIndex, itemsPerPage and Resources. Nothing found is 200 with totalResults 0.", Reference: "RFC 7644 §3.4.2"}},
	{assertion: property("detail"), Hint: Hint{
		Why: "RFC 7644 makes detail optional; the suite asks for it.", Fix: "Put a sentence into detail that says what was wrong.", Reference: "RFC 7644 §3.12"}},
	{assertion: property("status"), Hint: Hint{
		Why: "The status stands in the body of an error too.", Fix: "Put the HTTP status into the error's status, as a string.", Reference: "RFC 7644 §3.12"}},
	{assertion: func(a AssertionResult, _ StepResult) bool {
		return a.Property == "userName" && strings.EqualFold(a.Actual, a.Target)
	}, Hint: Hint{
		Why: "RFC 7643 compares userName without regard to case and does not ask to keep it; the suite does.", Fix: "Store userName as it was sent, and compare it without regard to case.", Reference: "RFC 7643 §4.1.1"}},
	{assertion: func(a AssertionResult, _ StepResult) bool { return a.Source == sourceTime }, Hint: Hint{
		Why: "No RFC sets a limit of time. The measured time includes the way to the server and back.", Fix: "Run the suite from a place near the server. If it stays slow there, look at the server."}},
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
