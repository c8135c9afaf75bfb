package scimtest

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// kind is a resource type of this service (RFC 7643 §6).
type kind struct {
	name      string // "User"
	endpoint  string // "/Users"
	schema    string
	unique    string // the attribute under which a collection indexes, and by which a user is unique
	extension string // "" where there is none
	about     string
}

var (
	userKind  = &kind{"User", "/Users", scim.SchemaUser, "userName", scim.SchemaEnterpriseUser, "User account"}
	groupKind = &kind{"Group", "/Groups", scim.SchemaGroup, "displayName", "", "Group"}
	kinds     = []*kind{userKind, groupKind}
)

// deed is what a request asks for.
type deed string

const (
	list     deed = "list"
	search   deed = "search" // POST …/.search (RFC 7644 §3.4.3)
	create   deed = "create"
	get      deed = "get"
	replace  deed = "replace"
	patch    deed = "patch"
	remove   deed = "remove"
	bulk     deed = "bulk"     // several writes in one request (RFC 7644 §3.7)
	offering deed = "offering" // what users may hold: see WithEntitlements
	discover deed = "discover" // one of the three documents of RFC 7644 §4
	reject   deed = "reject"   // there is no such route
)

// route is where a request leads.
type route struct {
	deed   deed
	kind   *kind  // nil for discovery, for a search over everything, and where there is no route
	id     string // of one resource or discovery document; "" for all
	topic  string // discover: "/ServiceProviderConfig", …; offering: its endpoint
	alias  bool   // it was asked for as /Me
	reason *answer
}

// is reports whether the request does one of the deeds to resources of kind k.
func (r route) is(k *kind, deeds ...deed) bool { return r.kind == k && slices.Contains(deeds, r.deed) }

func (r route) writes() bool {
	return r.deed == create || r.deed == replace || r.deed == patch || r.deed == remove || r.deed == bulk
}

func routeOf(x *exchange) route {
	under, isOurs := strings.CutPrefix(x.r.URL.Path, x.s.basePath())
	segments := strings.Split(strings.Trim(under, "/"), "/")
	if !isOurs || len(segments) > 2 {
		return nowhere()
	}
	head, id := "/"+segments[0], ""
	if len(segments) == 2 {
		id = segments[1]
	}
	if x.s.version11 {
		return routeOf11(x, head, id)
	}
	switch head {
	case "/": // everything at once (RFC 7644 §3.4.2.1)
		return byMethod(x, route{}, map[string]deed{http.MethodGet: list})
	case bulkPath:
		if id == "" {
			return byMethod(x, route{}, map[string]deed{http.MethodPost: bulk})
		}
	case mePath:
		if id == "" {
			return x.s.routeOfMe(x)
		}
	case "/.search":
		return byMethod(x, route{}, map[string]deed{http.MethodPost: search})
	case providerPath, typesPath, schemasPath:
		return byMethod(x, route{topic: head, id: id}, map[string]deed{http.MethodGet: discover})
	}
	if _, is := x.s.offerAt(head); is {
		return byMethod(x, route{topic: head, id: id}, map[string]deed{http.MethodGet: offering})
	}
	return routeAmong(x, head, id)
}

// routeAmong leads to the resources of one kind.
func routeAmong(x *exchange, head, id string) route {
	for _, k := range kinds {
		if head == k.endpoint {
			return routeWithin(x, k, id)
		}
	}
	return nowhere()
}

func routeWithin(x *exchange, k *kind, id string) route {
	switch id {
	case "":
		return byMethod(x, route{kind: k}, map[string]deed{http.MethodGet: list, http.MethodPost: create})
	case ".search":
		if x.s.version11 {
			return nowhere()
		}
		return byMethod(x, route{kind: k}, map[string]deed{http.MethodPost: search})
	}
	return byMethod(x, route{kind: k, id: id}, map[string]deed{
		http.MethodGet: get, http.MethodPut: replace, http.MethodPatch: patch, http.MethodDelete: remove,
	})
}

func byMethod(x *exchange, r route, deeds map[string]deed) route {
	if deed, allowed := deeds[x.r.Method]; allowed {
		r.deed = deed
		return r
	}
	no := rejected(http.StatusMethodNotAllowed, "The method %s is not allowed here.", x.r.Method)
	for method := range deeds {
		no.reason.header.Add("Allow", method)
	}
	return no
}

func nowhere() route { return rejected(http.StatusNotFound, "There is no such endpoint.") }

func rejected(status int, format string, args ...any) route {
	a := refusal(scim.Refuse(status, "", format, args...))
	return route{deed: reject, reason: &a}
}

// serve is the sound way of doing what the route asks for. It runs under the server's lock.
func (s *Server) serve(x *exchange) answer {
	switch x.route.deed {
	case create:
		return orRefused(s.create(x))
	case get:
		return orRefused(s.get(x))
	case list:
		return orRefused(s.list(x))
	case search:
		return orRefused(s.search(x))
	case replace:
		return orRefused(s.replace(x))
	case bulk:
		return orRefused(s.bulk(x))
	case patch:
		return orRefused(s.patch(x))
	case remove:
		return orRefused(s.remove(x))
	case offering:
		return orRefused(s.offered(x))
	case discover:
		return orRefused(s.discover(x))
	}
	return *x.route.reason
}
