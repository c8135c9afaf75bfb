package scim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// scimTypes of RFC 7644 table 9.
const (
	InvalidFilter = "invalidFilter"
	TooMany       = "tooMany"
	Uniqueness    = "uniqueness"
	Mutability    = "mutability"
	InvalidSyntax = "invalidSyntax"
	InvalidPath   = "invalidPath"
	NoTarget      = "noTarget"
	InvalidValue  = "invalidValue"
	InvalidVers   = "invalidVers"
	Sensitive     = "sensitive"
)

// Error is a refusal in SCIM's words (RFC 7644 §3.12). A target that refuses without a SCIM body gives an
// Error with the HTTP status alone.
type Error struct {
	Status   int    // HTTP status
	ScimType string // of table 9, or whatever the target sent; often ""
	Detail   string // for people; at most maxDetail bytes, secrets redacted

	// RetryAfter is the wait that a 429 or 503 asks for; 0 where it named none in whole seconds.
	RetryAfter time.Duration
}

// Refuse returns an Error with a formatted detail.
func Refuse(status int, scimType, format string, args ...any) *Error {
	return &Error{Status: status, ScimType: scimType, Detail: fmt.Sprintf(format, args...)}
}

// Error names status, scimType and the start of the detail, in one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "scim: %d", e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.ScimType != "" {
		b.WriteString(" (" + excerpt(e.ScimType, 40) + ")")
	}
	if e.Detail != "" {
		b.WriteString(": " + excerpt(e.Detail, 300))
	}
	return b.String()
}

// MarshalJSON writes the body of RFC 7644 §3.12: status is a string there.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Schemas  []string `json:"schemas"`
		ScimType string   `json:"scimType,omitempty"`
		Detail   string   `json:"detail,omitempty"`
		Status   string   `json:"status"`
	}{[]string{SchemaError}, e.ScimType, e.Detail, strconv.Itoa(e.Status)})
}

// StatusOf returns the HTTP status of the first Error in err's chain, 0 where there is none.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// What an answer can lack. An AnswerError wraps one of them.
var (
	ErrTooLarge = errors.New("the answer is larger than the limit")
	ErrNotJSON  = errors.New("the answer is not JSON")
	ErrNoBody   = errors.New("the answer has no body")
	ErrShape    = errors.New("the answer is JSON of another shape")
)

var errNoObject = fmt.Errorf("%w: not an object", ErrShape)

// AnswerError says that a target answered, but with something that cannot be read. errors.Is finds the
// reason; where the status is a refusal too, errors.As finds an Error with it.
type AnswerError struct {
	Status  int
	Reason  error  // wraps ErrTooLarge, ErrNotJSON, ErrNoBody or ErrShape
	Excerpt string // the first characters of the body, cleaned and redacted; "" where there is none
}

func (e *AnswerError) Error() string {
	text := fmt.Sprintf("status %d, %v", e.Status, e.Reason)
	if e.Excerpt != "" {
		text += fmt.Sprintf(": %q", e.Excerpt)
	}
	return text
}

// Unwrap gives the reason, and an Error for a status that is not 2xx.
func (e *AnswerError) Unwrap() []error {
	if e.Status >= 200 && e.Status < 300 {
		return []error{e.Reason}
	}
	return []error{e.Reason, &Error{Status: e.Status}}
}

const (
	maxDetail  = 1000 // bytes of a target's detail that are kept
	maxExcerpt = 120  // bytes of an unreadable body that are shown
)

// excerpt is the start of text in one line: no control characters, no broken UTF-8.
func excerpt(text string, limit int) string {
	cut := len(text) > limit
	if cut {
		text = text[:limit]
	}
	text = strings.ToValidUTF8(text, "")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	if cut {
		text += "…"
	}
	return text
}
