package lab

import (
	"net/http"

	"slipway/internal/egress"
	"slipway/internal/report"
)

var meChecks = []Check{
	{
		ID: "me.supported-or-501", Title: "/Me names the user that it stands for, or is refused with 501", Family: bulkAndMe, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.11",
		Why:   "A client that does not learn who it is keeps an account under an address that is somebody else's tomorrow.",
		Fix:   "Send the permanent address of the user in the header Location, such as https://scim.example.com/Users/2819c223, or redirect to it with 308. Where there is no /Me answer 501.",
		judge: (*run).judgeMe,
	},
}

// judgeMe asks aside: what answers where there is no /Me is often the router.
func (r *run) judgeMe() Finding {
	a := r.send(ask{method: http.MethodGet, path: "/Me", aside: true})
	location := a.exchange.ResponseHeader.Get("Location")
	switch {
	case egress.KindOf(a.err) == egress.Redirected && a.exchange.Status == http.StatusPermanentRedirect:
		return passed("Redirected with 308.")
	case egress.KindOf(a.err) == egress.Redirected:
		return deviates("GET /Me was redirected with %s; the RFC has 308 for it.", a.shown())
	case a.err != nil:
		return a.trouble()
	case a.status == http.StatusNotImplemented:
		return passes()
	case a.is2xx() && location == "":
		return fails("GET /Me answered %s without Location. It must hold the permanent address of the user.", a.shown())
	case a.is2xx() && a.object.ID() != "" && lastSegment(location) != a.object.ID():
		return fails("GET /Me answered with the user %s; Location is %s.", quote(excerpt(a.object.ID())), quote(excerpt(location)))
	case a.is2xx():
		return passes()
	case a.status >= 500:
		f := fails("GET /Me answered %s. Where it is not supported, the answer is 501.%s", a.shown(), a.detail())
		f.Outcome = report.Warn // §3.11 has a SHOULD for it
		return f
	}
	return deviates("GET /Me answered %s; 501 would say that it is not supported.", a.shown())
}
