package report

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says who asks for what a check looks at. The bits combine.
type Severity uint8

const (
	RFC         Severity = 1 << iota // RFC 7643 or 7644 says MUST, SHALL or REQUIRED, or a protocol table does
	Network                          // the engine that provisions needs it, as do widespread clients
	Recommended                      // SHOULD, security practice, experience
)

var severityWords = []string{"RFC", "network rule", "recommended"}

// String is how a report shows it: "RFC, network rule".
func (s Severity) String() string {
	var words []string
	for bit, word := range severityWords {
		if s&(1<<bit) != 0 {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// MarshalText writes the words of String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Severity) UnmarshalText(text []byte) error {
	*s = 0
	for word := range strings.SplitSeq(string(text), ", ") {
		bit := slices.Index(severityWords, word)
		if bit < 0 && word != "" {
			return fmt.Errorf("read severity: %q is none", word)
		}
		if bit >= 0 {
			*s |= 1 << bit
		}
	}
	return nil
}

// Profile decides which failed checks block a run.
type Profile string

const (
	ProfileNetwork Profile = "network" // what the engine needs to run, and to run safely
	ProfileRFC     Profile = "rfc"     // that, and the letter of the RFCs
)
