package scimtest

import (
	"net/url"
	"regexp"

	"slipway/internal/scim"
)

// queryIDs are the checks of the lab that look for a defect of filters, sorting, paging, searches and projections.
const queryIDs = `
filter.eq.id filter.eq.externalId filter.eq.active filter.valuepath filter.ne filter.co filter.sw filter.ew filter.pr filter.gt filter.ge filter.lt filter.le
filter.gt-boolean-400 filter.and filter.or filter.not filter.paren filter.unknown-attr filter.urn-path filter.schemas filter.pr-semantics filter.null-literal
filter.number-literals filter.escape-literals filter.whitespace filter.plus-decoding filter.toomany
sort.asc sort.desc sort.case sort.missing-last sort.multi sort.nested sort.unsupported
page.count-negative page.count-huge page.non-numeric page.startindex-echo page.default-size page.order-stable page.filter+page page.under-change
proj.sub proj.excluded-members proj.both proj.urn proj.on-writes search.post search.schema search.sensitive root.query
cursor.first cursor.next-until-end cursor.no-previous-first cursor.charset cursor.walk-complete cursor.invalid cursor.expired cursor.count-invalid cursor.other-query
cursor.total-optional cursor.default-method cursor.only cursor.search cursor.not-supported
`

func filtered(filter string) turn {
	return turn{"GET", "/Users?filter=" + url.PathEscape(filter), "", nil}
}

func listed(query string) turn { return turn{"GET", "/Users?" + query, "", nil} }

func searchedFor(members string) turn {
	return turn{"POST", "/Users/.search", `{"schemas":["` + scim.SchemaSearchRequest + `"],` + members + `}`, nil}
}

// queryTurns are the part of the conversation that asks for several users at once.
var queryTurns = []turn{
	{"GET", "/ServiceProviderConfig", "", nil},
	{"POST", "/Users", userBody("q-cesar", `"emails":[{"value":"q-cc@example.com","type":"work"}],"name":{"familyName":"Lind"}`), nil},
	{"POST", "/Users", userBody("q-BERTIL", `"title":"Beta","emails":[{"value":"q-mm@example.com","type":"work"}],"name":{"familyName":"Ek"},"`+
		scim.SchemaEnterpriseUser+`":{"employeeNumber":"Q-1"}`), nil},
	{"POST", "/Users", userBody("q-anna", `"externalId":"Q-Anna","title":"Alpha","name":{"givenName":"Anna","familyName":"Wester"},`+
		`"emails":[{"value":"q-zz@example.com","type":"home"},{"value":"q-aa@example.com","type":"work","primary":true}]`), nil},
	listed("filter=id%20eq%20%22{other}%22"), filtered(`externalId eq "q-anna"`), filtered(`active eq true`), filtered(`active gt true`),
	filtered(`emails[type eq "home" and value eq "q-aa@example.com"]`), filtered(`userName ne "q-anna"`), filtered(`userName co "ann"`), filtered(`userName sw "ann"`),
	filtered(`userName ew "ann"`), filtered(`title pr`), filtered(`phoneNumbers pr`), filtered(`userName gt "q-anna"`), filtered(`userName ge "q-cesar"`),
	filtered(`meta.lastModified lt "2099-02-03T04:05:06Z"`), filtered(`userName le "q-anna"`), filtered(`userName eq "q-anna" and userName eq "q-cesar"`),
	filtered(`userName eq "q-anna" or userName eq "q-cesar"`), filtered(`not (userName eq "q-anna")`),
	filtered(`(userName eq "q-anna" or userName eq "q-cesar") and userName eq "q-cesar"`), filtered(`shoeSize eq "43"`),
	filtered(scim.SchemaUser + `:userName eq "q-anna"`), filtered(`schemas eq "` + scim.SchemaEnterpriseUser + `"`), filtered(`title eq null`), filtered(`userName eq 43`),
	filtered(`userName eq "\u0071-anna"`), filtered(`userName   eq "q-anna"`), filtered(`id pr`), listed(`filter=userName+eq+%22q-anna%22`),
	listed("sortBy=userName"), listed("sortBy=userName&sortOrder=descending"), listed("sortBy=userName&sortOrder=ascending"), listed("sortBy=title&sortOrder=ascending"),
	listed("sortBy=emails.value&sortOrder=ascending"), listed("sortBy=name.familyName&sortOrder=ascending"), listed("sortBy=shoeSize"),
	listed("count=-1"), listed("count=100000"), listed("count=many"), listed("startIndex=2&count=1"), listed("count=10"), listed("count=10"), listed(""),
	listed("filter=userName%20sw%20%22q-%22&startIndex=2&count=1"), listed("startIndex=1&count=2"),
	{"GET", "/Users/{other}?attributes=name.givenName,emails.value", "", nil},
	{"GET", "/Users/{other}?attributes=userName&excludedAttributes=emails", "", nil},
	{"GET", "/Users/{other}?attributes=" + scim.SchemaUser + ":userName", "", nil},
	{"PUT", "/Groups/{group}", `{"schemas":["` + scim.SchemaGroup + `"],"displayName":"Crew","members":[{"value":"{other}"}]}`, nil},
	{"GET", "/Groups/{group}?excludedAttributes=members", "", nil},
	{"PUT", "/Users/{other}?attributes=userName", userBody("ottilie", `"title":"Boss"`), nil},
	searchedFor(`"filter":"userName eq \"q-anna\""`),
	{"POST", "/Users/.search", `{"filter":"userName eq \"q-anna\""}`, nil},
	{"GET", "/?filter=userName%20eq%20%22q-anna%22", "", nil},
	listed("cursor=&count=2"), listed("cursor={next}&count=2"), listed("cursor={next}&count=2"), listed("cursor={next}&count=2"), listed("cursor=&count=2"), listed("cursor={next}&count=1"), listed("cursor=nonsense&count=2"),
	{"GET", "/Users?cursor={next}&count=2", "", []string{"Authorization", ""}},
	searchedFor(`"cursor":"","count":2`),
	listed("startIndex=1&count=1"), {"DELETE", "/Users/{other}", "", nil}, listed("startIndex=2&count=1"),
}

// aCursor is what differs from run to run in a page by cursor.
var aCursor = regexp.MustCompile(`"nextCursor":"[\w-]{60,}`)
