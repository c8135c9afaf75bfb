package api

import (
	"strconv"
	"strings"

	"slipway/internal/registry"
)

// Seen is what a request says about the version its sender has seen.
type Seen struct {
	IfMatch string `header:"If-Match" required:"true" pattern:"^\"[1-9][0-9]{0,17}\"$" patternDescription:"a version in quotes" example:"\"7\"" doc:"The version that you have seen, as ETag or the submission's version tells it."`
}

// version returns it. Its form has been checked, so it is a number that fits.
func (s Seen) version() int64 {
	v, _ := strconv.ParseInt(strings.Trim(s.IfMatch, `"`), 10, 64)
	return v
}

// tag is a version as ETag and If-Match write it.
func tag(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }

// tagged is an answer about one version of a submission.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"The version, for If-Match."`
	Body T
}

// plain is an answer that is only a body.
type plain[T any] struct{ Body T }

// noContent is an answer without a body about one version.
type noContent struct {
	ETag string `header:"ETag" doc:"The version, for If-Match."`
}

// OnSubmission is the path of what belongs to a submission.
type OnSubmission struct {
	ID string `path:"id" example:"sub_k3v5n7q2w4x6y8z2a4c6" doc:"The submission's id."`
}

// fresh reports whether content and state are still those of the version. What changes neither, such as a lab run,
// makes a newer version that does not count.
func fresh(d registry.Dossier, version int64) bool {
	return version >= d.Submission.ContentVersion && version <= d.Submission.Version
}
