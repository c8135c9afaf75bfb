package runscope

import (
	"net/url"
	"slices"
	"strings"

	"slipway/internal/egress"
)

// defect is a demand of a published suite that is wrong, or goes beyond the version of SCIM that it is for. A server
// that keeps to SCIM fails there, and its vendor must not look for a mistake of theirs.
type defect struct {
	suite  string
	method string
	path   string // how the address ends, without the query; "" for any
	fails  func(StepResult, egress.Exchange) bool
	says   string
}

const (
	spec11 = "Okta SCIM 1.1 SPEC Test"
	crud11 = "Okta SCIM 1.1 CRUD Test"
	grants = "Okta SCIM 2.0 with entitlements CRUD test"
)

var defects = []defect{
	{spec11, "GET", "/ServiceProviderConfigs", answered(406, 415), "it sends Content-Type application/scim+json, which SCIM 1.1 does not have"},
	{spec11, "POST", "/ServiceProviderConfigs", answered(400, 403, 404, 415, 501), "SCIM 1.1 does not ask for 405 there, and the body that it sends is not JSON"},
	{spec11, "GET", "/ResourceTypes", answered(200, 400, 403, 404, 405, 501), "SCIM 1.1 has no /ResourceTypes"},
	{spec11, "POST", "/ResourceTypes", answered(400, 403, 404, 415, 501), "SCIM 1.1 has no /ResourceTypes, and the body that it sends is not JSON"},
	{spec11, "GET", "/Schemas", lacks("schemas"), "a list of SCIM 1.1 has urn:scim:schemas:core:1.0 in schemas; the URN that the suite wants does not exist"},
	{spec11, "POST", "/Schemas", answered(400, 403, 404, 415, 501), "SCIM 1.1 does not ask for 405 there"},
	{spec11, "GET", "", func(s StepResult, e egress.Exchange) bool { return e.Status == 404 && lacks("detail")(s, e) },
		"an error of SCIM 1.1 has no detail, it says what was wrong in Errors[0].description; to pass, a server must send both"},
	{spec11, "GET", "/Groups", func(s StepResult, _ egress.Exchange) bool {
		return s.foundNobody() && slices.ContainsFunc(s.Scripts, func(x ScriptResult) bool { return x.Outcome == Failed })
	}, "a server without groups is right to answer an empty list; to pass, create a group"},
	{crud11, "GET", "", answered(406, 415), "it asks for application/scim+json, which SCIM 1.1 does not have"},
	{grants, "POST", "/grants", answered(201), "201 is the documented answer; the suite wants 200"},
}

// knownDefect says what is wrong with the step of a suite that failed, "" if nothing is known.
func knownDefect(suite string, s StepResult) string {
	if s.Outcome != Failed || len(s.Exchanges) == 0 {
		return ""
	}
	last := s.Exchanges[len(s.Exchanges)-1]
	u, err := url.Parse(last.URL)
	if err != nil {
		return ""
	}
	for _, d := range defects {
		if d.suite == suite && d.method == last.Method && strings.HasSuffix(u.Path, d.path) && d.fails(s, last) {
			return d.says
		}
	}
	return ""
}

func answered(statuses ...int) func(StepResult, egress.Exchange) bool {
	return func(_ StepResult, e egress.Exchange) bool { return slices.Contains(statuses, e.Status) }
}

// lacks reports that nothing failed but assertions on that property.
func lacks(property string) func(StepResult, egress.Exchange) bool {
	return func(s StepResult, _ egress.Exchange) bool {
		failed := false
		for _, a := range s.Assertions {
			if a.Outcome == Failed && a.Property != property && a.Source != sourceTime {
				return false
			}
			failed = failed || a.Outcome == Failed && a.Property == property
		}
		return failed
	}
}
