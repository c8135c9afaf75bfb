// Package runscope imports and runs suites in the Runscope (BlazeMeter API Monitoring) export format.
//
// It owns that format: its steps, templates, property paths, comparisons and scripts, and what a run of them
// proves. Its one rule: what it cannot run as written is reported and never counts as passed. A suite is
// foreign content, so its scripts see no network and its requests go only to hosts that somebody named.
// Dialling is left to the Doer it is given, and what a verdict means for a submission to the lab.
package runscope

import (
	"encoding/json"
	"time"
)

// Suite is one imported test. Its parsed form is for running; Export gives back what was imported.
type Suite struct {
	Name         string
	Description  string
	Version      string
	UUID         string // by which a subtest step of another suite calls this one; "" if the file does not tell
	Disabled     bool   // the author had switched it off; it can still be run
	Steps        []Step
	Environments []Environment
	Library      Library  // stands before each script
	Warnings     []string // what could not be taken as it is written, and what that means for a verdict

	defaultEnvironment string
	original           json.RawMessage
	fileHash           string // of the whole file, where the file holds this suite alone
}

// Export returns the suite as it was imported, with all that this package does not know or use.
// Values given to a run are never part of it.
func (s Suite) Export() []byte { return append([]byte(nil), s.original...) }

// Kind is what a step does.
type Kind string

const (
	RequestStep   Kind = "request"
	PauseStep     Kind = "pause"
	ConditionStep Kind = "condition"
	LoopStep      Kind = "loop"
	SubtestStep   Kind = "subtest"
	OtherStep     Kind = "other" // known to the vendor or to nobody, but not to us: unsupported
)

// Step is one entry of a suite. Which of the parts are set follows from its Kind.
type Step struct {
	Number   string // its place in the file, from 1: "3"; the second step within it "3.2"
	Kind     Kind
	Type     string // as written in the file
	Note     string // its title, shown as written: a {{name}} in it is text
	Skipped  bool
	Problems []string // why it cannot be run as written

	Pause     time.Duration
	Request   *Request
	Condition *Condition
	Subtest   *Subtest
	Steps     []Step // of a condition or a loop
}

// Request is one HTTP exchange with what is expected of it. Its texts are templates.
type Request struct {
	Method    string
	URL       string
	Query     []Field // legacy "args", added to the URL
	Headers   []Field
	Auth      Auth
	Body      string
	Form      []Field // sent where Body is empty
	Multipart []Field // text parts; sent where Body and Form are empty
	GraphQL   *GraphQL
	Before    []string // scripts that may edit the request
	Expect
}

// Field is a name with a value; a name may occur several times.
type Field struct{ Name, Value string }

// GraphQL is a query that is sent as JSON.
type GraphQL struct {
	Query     string
	Variables string // JSON, or "" for none
}

// Auth is how a request is authorized besides its headers. The zero value adds nothing.
type Auth struct {
	Type               string // "", "basic", "oauth2" (client credentials) or certificateAuth
	User, Password     string
	ClientID, Secret   string
	TokenURL, Audience string
	Scope              string
}

// Condition compares two templates.
type Condition struct{ Left, Comparison, Right string }

// Subtest runs another suite and looks at its result as if it were a response.
type Subtest struct {
	UUID   string
	Params []Field // variables for the other suite
	Shared bool    // it also gets the environment of this run
	Expect
}

// Expect is what happens with a response, in this order.
type Expect struct {
	Extractors []Extractor
	After      []string // scripts
	Assertions []Assertion
}

// Extractor keeps a part of the response as a variable.
type Extractor struct{ Source, Property, Name string }

// Assertion compares a part of the response with Target, a template.
type Assertion struct{ Source, Property, Comparison, Target string }
