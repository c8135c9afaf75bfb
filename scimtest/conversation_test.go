package scimtest

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/scim"
)

// A turn of the conversation is one request. {user}, {other} and {group} in it stand for the ids of the objects made first.
type turn struct {
	method, path, body string
	headers            []string
}

const richMembers = person + `,"locale":"en-US","nickName":null,"phoneNumbers":[],"addresses":[{"type":"work","country":"SE","locality":"Lund"}],` +
	`"x509Certificates":[{"value":"MA=="}],"` + scim.SchemaEnterpriseUser + `":{"employeeNumber":"7","department":"Orbits","manager":{"value":"1"}}`

// conversation asks of a server whatever one of the defects might answer otherwise.
var conversation = []turn{
	{"GET", "/ServiceProviderConfig", "", nil},
	{"POST", "/ServiceProviderConfig", "{}", nil},
	{"GET", "/ResourceTypes", "", nil},
	{"GET", "/ResourceTypes/User", "", nil},
	{"GET", "/Schemas", "", nil},
	{"GET", "/Schemas/" + scim.SchemaUser, "", nil},
	{"GET", "/Schemas?filter=id%20pr", "", nil},
	{"GET", "/Schemas?startIndex=2&count=1", "", nil},
	{"POST", "/Schemas", "{}", nil},
	{"GET", "/Schemas", "", []string{"Authorization", ""}},
	{"GET", "/Users?startIndex=1&count=1", "", []string{"Accept", "application/json"}},
	{"GET", "/Users?startIndex=1&count=1", "", []string{"Accept", scim.MediaType + ";charset=utf-8"}},
	{"GET", "/Users?startIndex=1&count=1", "", []string{"Content-Type", scim.MediaType}},
	{"POST", "/Users", "<user/>", []string{"Content-Type", "text/xml"}},
	{"GET", "/Users/{user}", "", nil},
	{"GET", "/Users/" + strings.Repeat("x", 200), "", nil},
	{"GET", "/Users?filter=userName%20eq%20%22" + strings.Repeat("x", 8000) + "%22", "", nil},
	{"PUT", "/Users/{user}", userBody("jane", `"title":"Chief"`), nil},
	{"GET", "/Users/{user}", "", nil},
	{"POST", "/Users", userBody("kate", richMembers), nil},
	{"GET", "/Users?filter=userName%20eq%20%22kate%22", "", nil},
	{"POST", "/Users", userBody("ken", `"userType":"Employee"`), nil},
	{"GET", "/Users?filter=userName%20eq%20%22ken%22", "", nil},
	{"POST", "/Users", userBody("kit", `"emails":[{"value":"a@example.com","type":"home"},{"value":"b@example.com","type":"work","primary":true}]`), nil},
	{"POST", "/Users", userBody("typo", `"active":"maybe"`), nil},
	{"POST", "/Users", `{"userName":"bare"}`, nil},
	{"POST", "/Users", `{"schemas":["` + scim.SchemaGroup + `"],"userName":"misled"}`, nil},
	{"POST", "/Users", userBody("odd", `"slipwayLabUnheardOf":"x"`), nil},
	{"GET", "/Groups/{group}", "", nil},
	{"POST", "/Users", userBody("mute", `"name":{"givenName":"No"}`), nil},
	{"POST", "/Users", userBody("early", `"active":false`), nil},
	{"POST", "/Users", userBody("twin", person), nil},
	{"POST", "/Users?attributes=userName", userBody("terse", person), nil},
	{"POST", "/Users/", userBody("slash", person), nil},
	{"POST", "/Users", `{"schemas":["` + scim.SchemaUser + `"],"USERNAME":"caps"}`, nil},
	{"POST", "/Users", `{"schemas":["` + strings.ToUpper(scim.SchemaUser) + `"],"userName":"urn"}`, nil},
	{"GET", "/Users/{upper}", "", nil},
	{"GET", "/Users?count=1&colour=red", "", nil},
	{"GET", "/Users?filter=password%20eq%20%22Secret-1%22", "", nil},
	{"PUT", "/Users/{other}", userBody("kate", ""), nil},
	{"PUT", "/Users/{other}", userBody("ottilie", `"id":"{user}","title":"Chief","password":"Secret-2"`), nil},
	{"GET", "/Users/{user}", "", nil},
	{"PUT", "/Users/{other}", userBody("ottilie", `"meta":{"created":"1999-12-31T23:59:59Z"},"groups":[{"value":"{group}"}]`), nil},
	{"PUT", "/Users/{other}", userBody("ottilie", `"title":"Boss","`+scim.SchemaEnterpriseUser+`":{"employeeNumber":"7"}`), nil},
	{"PUT", "/Users/{other}", userBody("ottilie", ""), nil},
	{"GET", "/Users/{other}", "", nil},
	{"PUT", "/Users/{other}", userBody("ottilie", `"title":"Boss"`), nil},
	{"PUT", "/Users/{other}", userBody("ottilie", `"title":null,"active":false,"emails":[{"value":"o@example.com"}]`), nil},
	{"PUT", "/Users/{other}", `{"schemas":["` + scim.SchemaUser + `"],"active":false,"emails":[{"value":"o@example.com"}]}`, nil},
	{"GET", "/Users/{other}", "", nil},
	{"GET", "/Groups/{group}", "", nil},
	{"DELETE", "/Users/{user}", "", nil},
	{"GET", "/Groups/{group}", "", nil},
	{"GET", "/Users?filter=userName%20eq%20%22jane%22", "", nil},
	{"POST", "/Users", userBody("jane", person), nil},
}

// transcript holds the conversation with a server, with what differs from run to run left out.
func transcript(t *testing.T, about []turn, opts ...Option) string {
	var ticks atomic.Int64
	clock := func() time.Time { return time.Unix(ticks.Add(1), 0) }
	w := start(t, append(opts, WithClock(clock))...)
	user, other := w.user("jane", person).ID(), w.user("otto", strings.ReplaceAll(person, "jane@", "otto@")).ID()
	names := strings.NewReplacer("{user}", user, "{other}", other, "{group}", w.group("Crew", user).ID(), "{upper}", strings.ToUpper(user))
	var b strings.Builder
	next := ""
	for _, one := range about {
		r := w.call(one.method, strings.ReplaceAll(names.Replace(one.path), "{next}", next), names.Replace(one.body), one.headers...)
		fmt.Fprintln(&b, one.method, one.path, r.err != nil, r.status, r.header.Get("Content-Type"), r.header.Get("Location"), r.text)
		if cursor := r.object.String("nextCursor"); cursor != "" {
			next = url.QueryEscape(cursor)
		}
	}
	seen := map[string]string{}
	text := aCursor.ReplaceAllString(strings.ReplaceAll(b.String(), w.base, "BASE"), `"nextCursor":"…`)
	return uuid.ReplaceAllStringFunc(text, func(id string) string {
		if seen[id] == "" {
			seen[id] = fmt.Sprint("id", len(seen))
		}
		return seen[id]
	})
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|W/\\?"[0-9a-f]{16}`) // or an entity tag

// TestDefectsAreHeardInConversation looks at those defects that have no row of their own: whoever talks to the server
// hears the difference.
func TestDefectsAreHeardInConversation(t *testing.T) {
	asked := func(d Defect) bool { return slices.Contains(strings.Fields(queryIDs), d.Check()) }
	hears(t, conversation, func(d Defect) bool { return !hasRow(d.Name) && !asked(d) })
	hears(t, queryTurns, asked)
}

func hears(t *testing.T, about []turn, of func(Defect) bool) {
	sound := transcript(t, about)
	if again := transcript(t, about); again != sound {
		t.Fatalf("two sound servers say different things:\n%s\n%s", sound, again)
	}
	for _, d := range Defects() { // those between tenants: TestTenantsAndReaders
		if of(d) && !slices.ContainsFunc(tenantDefects, func(other Defect) bool { return other.Name == d.Name }) && transcript(t, about, WithDefects(d.Name)) == sound {
			t.Errorf("%s: nothing is heard of it", d.Name)
		}
	}
}

func hasRow(name string) bool {
	for _, r := range slices.Concat(protocolRows(), wireRows, flowRows, entitledRows) {
		if r.name == name {
			return true
		}
	}
	return false
}
