package lab

import (
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var mediaChecks = []Check{
	{
		ID: "media.accept-json", Title: "Accept: application/json is answered with 200", Family: shapes, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §3.8 (SHOULD)",
		Why:   "Generic HTTP clients ask for JSON and know no other word for it.",
		Fix:   "Treat application/json as another name of application/scim+json.",
		judge: func(r *run) Finding { return r.negotiates(http.Header{"Accept": {"application/json"}}) },
	},
	{
		ID: "media.accept-any", Title: "No Accept, a wildcard and parameters are answered with 200", Family: shapes, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule; RFC 9110 §12.5.1",
		Why: "Clients send Accept-Charset and parameters of media types; a comparison by letter refuses them with 406.",
		Fix: "Parse Accept instead of comparing it; ignore Accept-Charset; without Accept send application/scim+json.",
		judge: func(r *run) Finding {
			return r.negotiates(http.Header{"Accept": nil}, http.Header{"Accept": {"*/*"}},
				http.Header{"Accept": {r.dialect.media + ";charset=utf-8"}, "Accept-Charset": {"utf-8"}})
		},
	},
	{
		ID: "media.get-with-content-type", Title: "A GET that names a Content-Type is answered with 200", Family: shapes, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule",
		Why: "Widespread clients put Content-Type on every request; a server that then wants to parse a body refuses every look-up.",
		Fix: "Do not parse the body of a GET: it has none, whatever Content-Type says.",
		judge: func(r *run) Finding {
			return r.negotiates(http.Header{"Content-Type": {r.dialect.media + "; charset=utf-8"}})
		},
	},
	{
		ID: "media.content-scim", Title: "Bodies of the type application/scim+json are accepted, with and without a charset", Family: shapes, Severity: report.RFC | report.Network, Feature: "update_users",
		Needs: []string{"users.get.200"}, takes: []string{put}, Reference: "RFC 7644 §3.1, §3.8",
		Why:   "A body parser that compares the type by letter hands on an empty body, and the change is lost or refused.",
		Fix:   "Register application/scim+json in the body parser, and ignore its parameters.",
		judge: (*run).judgeContentSCIM,
	},
	{
		ID: "media.content-unsupported", Title: "A body of a foreign type is refused with 415 or 400", Family: shapes, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 9110 §15.5.16",
		Why: "A client with a wrong setting learns by the 415 what is wrong; any other answer sends it looking elsewhere.",
		Fix: "Answer 415 where Content-Type is neither application/scim+json nor application/json.",
		judge: func(r *run) Finding {
			a := r.send(ask{method: http.MethodPost, path: "/Users", body: "<user/>", object: &report.Object{Resource: "Users"},
				header: func(h http.Header) { h.Set("Content-Type", "text/xml") }})
			return expect(a, http.StatusUnsupportedMediaType, http.StatusBadRequest)
		},
	},
}

// negotiates reads one user's worth of the list with each of the headers; a nil value takes the header away.
func (r *run) negotiates(headers ...http.Header) Finding {
	for _, changed := range headers {
		a := r.send(ask{method: http.MethodGet, path: "/Users", query: url.Values{"startIndex": {"1"}, "count": {"1"}}, header: func(h http.Header) {
			for name, values := range changed {
				h.Del(name)
				if values != nil {
					h[name] = values
				}
			}
		}})
		if f, bad := a.want(http.StatusOK); bad {
			f.Message += " The request was sent with " + described(changed) + "."
			return f
		}
	}
	return passes()
}

func described(header http.Header) string {
	var parts []string
	for name, values := range header {
		if values == nil {
			parts = append(parts, "no "+name)
			continue
		}
		parts = append(parts, name+": "+strings.Join(values, ", "))
	}
	return strings.Join(parts, " and ")
}

// judgeContentSCIM puts what was created, so that only the missing parameter of the media type is new.
func (r *run) judgeContentSCIM() Finding {
	a := r.send(ask{method: http.MethodPut, path: scim.Path("Users", r.ada.id), body: r.ada.sent,
		header: func(h http.Header) { h.Set("Content-Type", scim.MediaType) }})
	if a.err != nil {
		return a.trouble()
	}
	if a.is2xx() {
		return passes()
	}
	if !r.replace("Users", r.ada.id, r.ada.sent).is2xx() {
		return blockedBy(put)
	}
	return fails("PUT with %s answered %s; with %s; charset=utf-8 it works.", scim.MediaType, a.shown(), scim.MediaType)
}
