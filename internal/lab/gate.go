package lab

import "slipway/internal/report"

// gate is a part of the protocol that a server may leave out (RFC 7643 §5). What is advertised is judged. What is not
// advertised is tried all the same, softly: where it works the report says so, and nothing of it can fail.
type gate string

const (
	offersFilter   gate = "filter"
	offersSort     gate = "sort"
	offersETag     gate = "etag"
	offersBulk     gate = "bulk"
	offersPassword gate = "changePassword"
	offersCursor   gate = "pagination.cursor" // RFC 9865 §4
	offersIndex    gate = "pagination.index"
)

// advertised is the service's own word on the part. Where it says nothing, filters count as offered, as lists by
// startIndex do: every client relies on them.
func (r *run) advertised(g gate) bool {
	path := string(g) + ".supported"
	if g == offersCursor || g == offersIndex {
		path = string(g)
	}
	offered, said := r.provider.object.Get(path).(bool)
	return offered || !said && (g == offersFilter || g == offersIndex)
}

// soften is what a finding is worth where nobody claimed that the part is there.
func soften(g gate, f Finding) Finding {
	switch f.Outcome {
	case report.Pass, report.Deviation:
		return Finding{Outcome: report.Info, Message: "Works, though ServiceProviderConfig does not offer " + string(g) + ".", stands: true}
	case report.Fail, report.Warn, report.Inconclusive:
		return notApplicable("ServiceProviderConfig does not offer %s.", g)
	}
	return f
}

// promised holds where the manifest itself claims the part: then it is judged, whatever the service says of itself.
func (r *run) promised(g gate) bool {
	return g == offersPassword && r.subject.Features != nil && r.declared(syncsPassword)
}

// syncsPassword is the manifest's feature.
const syncsPassword = "sync_password"

// ofPasswords narrows a finding to the RFC where nobody synchronises passwords: then it keeps no client from its work.
func (r *run) ofPasswords(f Finding) Finding {
	if r.declared(syncsPassword) {
		return f
	}
	return f.only(report.RFC)
}
