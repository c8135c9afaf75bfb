package scimtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/scim"
)

// checkIDs are the checks of the lab that look for one of our defects.
const checkIDs = `
conn.reach conn.no-cross-redirect conn.latency.max
auth.missing-401 auth.bad-token-401 auth.malformed-401 auth.www-authenticate auth.error-body auth.no-leak auth.all-methods auth.no-side-effect auth.scheme-case
discovery.spc.present discovery.spc.schema discovery.spc.required discovery.spc.types discovery.spc.single-object discovery.spc.truthful.patch
discovery.rt.present discovery.rt.required discovery.schemas.present discovery.schemas.id-name-attrs discovery.list-numbers
users.list.200 users.list.types users.list.resources-key users.get.okta-required users.get.200 users.get.404 users.create.201 users.create.201-location
users.create.body users.create.okta-shape users.create.echo users.create.readback users.create.readonly-ignored users.create.externalid
users.create.unique users.create.duplicate-409 users.create.duplicate-scimtype users.create.duplicate-case users.create.username-not-email users.put.200 users.put.readback
users.put.no-upsert users.put.okta-roundtrip users.active.deactivate-patch users.active.deactivate-put users.active.reactivate users.list.includes-inactive
users.password.never-returned users.delete.204 users.delete.then-404 repr.id-string repr.booleans repr.multi-array repr.meta media.response-type media.content-json
filter.eq.username filter.eq.username-case filter.eq.none filter.eq.really-filters filter.attr-name-case filter.eq.special filter.eq.emails-value filter.injection filter.syntax-error
filter.unknown-operator filter.count-interplay page.count page.startindex page.startindex-lt1 page.count-zero page.beyond-end page.itemsperpage page.total-stable
page.walk-complete proj.attributes proj.excluded
patch.status patch.readback patch.op-case patch.op-unknown patch.replace.path patch.replace.pathless patch.replace.subattr patch.replace.valuepath
patch.add.multi-append patch.remove.single patch.multi-op.atomic patch.404 patch.noop
patch.attributes-200 patch.replace.pathless-dotted patch.replace.complex-merge patch.replace.multivalue-all patch.replace.valuepath-record
patch.replace.valuepath-nomatch patch.replace.absent-as-add patch.replace.extension patch.replace.boolean-native patch.replace.readonly
patch.replace.username-conflict patch.replace.wrong-type patch.add.single patch.add.duplicate patch.add.pathless patch.add.complex patch.add.primary-flip
patch.remove.multi-all patch.remove.valuepath patch.remove.subattr-filter patch.remove.last-value patch.remove.no-path patch.remove.required
patch.remove.readonly patch.schemas-required patch.operations-required patch.op-missing patch.add.value-missing patch.path-syntax patch.path-unknown
groups.create.empty-members groups.create.no-displayname groups.create.duplicate-name groups.create.unknown-member groups.name.special groups.put.full
groups.patch.rename-path groups.patch.204 groups.patch.remove-absent groups.patch.combined groups.patch.add-many groups.patch.no-lost-update
groups.members.ref-type groups.members.nested groups.members.user-view groups.members.deactivated groups.large.read groups.large.members-paging groups.large.add-one
groups.id-reuse patch.remove.value-array idem.put idem.delete idem.patch idem.create-retry users.create.duplicate-immediate
patch.path-case patch.path-array-index patch.multi-op.order patch.password patch.unsupported users.active.string-false
groups.list.200 groups.create.201 groups.create.members groups.get.404 groups.patch.rename-pathless groups.patch.add-member groups.patch.add-existing
groups.patch.remove-valuepath groups.patch.filter-honoured groups.patch.replace-members groups.delete.204 groups.filter.displayname
error.json-body error.schema error.status-string error.detail error.not-200 error.invalid-json error.array-body error.missing-required error.404-endpoint error.5xx-none
media.accept-json media.accept-any media.get-with-content-type media.content-scim media.content-unsupported media.utf8
repr.schemas repr.schemas-extension repr.id repr.id-urlsafe repr.meta-location repr.meta-times repr.datetime repr.integers repr.primary-once repr.null-equivalence
repr.ref-resolvable repr.country repr.locale-tz repr.binary repr.enterprise repr.no-foreign-top repr.json-valid
error.scimtype error.404-resource error.405-501 error.wrong-type error.missing-schemas error.wrong-schemas error.unknown-attr error.long-url
users.create.full users.create.multi-emails users.create.enterprise users.create.visible-now
users.create.no-email users.create.minimal users.create.active-default users.create.inactive users.create.duplicate-email users.create.attributes-param
users.create.trailing-slash users.case.attr-names users.case.schemas-urn users.get.id-case users.list.unknown-param users.password.not-filterable
users.put.rename users.put.readonly-ignored users.put.id-mismatch users.put.required-missing users.put.conflict users.put.removes users.put.nulls
users.put.extension-omitted users.password.change users.groups-readonly users.active.no-side-loss users.delete.not-in-lists users.delete.recreate users.delete.group-cleanup
auth.spc-scheme auth.discovery discovery.spc.auth-schemes discovery.spc.pagination discovery.spc.truthful.filter discovery.spc.truthful.sort discovery.spc.truthful.etag
discovery.spc.truthful.bulk discovery.spc.maxresults discovery.rt.get-one discovery.rt.schema-known discovery.rt.ext-required-flag discovery.rt.endpoint-alive discovery.rt.user
discovery.schemas.get-one discovery.schemas.attr-complete discovery.schemas.enums discovery.schemas.names discovery.schemas.reference-types discovery.schemas.core-fidelity
discovery.schemas.no-messages discovery.schemas.truthful.required discovery.schemas.truthful.known
discovery.query.filter-403 discovery.query.ignored discovery.media discovery.readonly
conn.base-url.version conn.keepalive conn.compression conn.head-options auth.token-in-query auth.rate-of-failures auth.tenant-isolation auth.forbidden-403
etag.header etag.weak-prefix etag.meta-version etag.changes etag.if-none-match-304 etag.if-match-412 etag.if-match-ok etag.if-match-star
etag.absent-tolerated etag.delete etag.unadvertised-consistent
bulk.unsupported bulk.basic bulk.result-shape bulk.bulkid-ref bulk.circular bulk.failonerrors bulk.partial bulk.max-413 me.supported-or-501
text.unicode-roundtrip text.precis-username text.turkish-i text.trim text.long-values text.html text.control-chars text.json-escapes text.empty-string
sec.headers sec.cors sec.mass-assignment sec.method-override sec.externalid sec.json-bomb sec.no-pii-in-url sec.idor sec.cookie sec.error-no-stack
rate.sustained rate.429-shape rate.retry-after-int rate.recover scale.create-100 scale.filter-index scale.import-walk scale.page-depth
conc.create-same conc.patch-diff conc.read-your-write clean.no-leftovers`

func TestEveryCheckHasItsDefect(t *testing.T) {
	var have []string
	for _, d := range Defects() {
		have = append(have, d.Check())
		if !strings.HasSuffix(d.Doc, ".") || strings.Count(d.Doc, ". ") > 0 {
			t.Errorf("%s: %q is not one sentence", d.Name, d.Doc)
		}
	}
	want := strings.Fields(checkIDs + queryIDs + flowIDs + entitlementIDs)
	slices.Sort(want)
	slices.Sort(have)
	have = slices.Compact(have)
	if !slices.Equal(have, want) {
		t.Errorf("defects and checks differ:\nhave %v\nwant %v", have, want)
	}
}

// A row shows one defect on the wire. It looks at a sound server and at one with the defect.
type row struct {
	name          string
	look          func(w *wire) string
	sound, broken string
}

const person = `"displayName":"Jane Doe","title":"Boss","externalId":"e1","password":"Secret-1","name":{"givenName":"Jane","familyName":"Doe"},` +
	`"emails":[{"value":"jane@example.com","type":"work","primary":true}]`

// jane is the id of a user who is there, alone.
func jane(w *wire) string { return w.user("jane", person).ID() }

// three makes three users and returns their ids.
func three(w *wire) [3]string {
	return [3]string{w.user("ann", "").ID(), w.user("bob", "").ID(), w.user("cid", "").ID()}
}

// short is status and body, with what differs from run to run left out.
func short(r reply) string {
	if r.err != nil {
		return "no answer"
	}
	return fmt.Sprint(r.status, " ", r.object.String("status"), r.scimType())
}

func read(path string, show func(r scim.Resource) string) func(*wire) string {
	return func(w *wire) string { jane(w); return show(w.get(path).object) }
}

// patched tells what an attribute of Jane is after operations, and the status of the PATCH.
func patched(ops, attribute string) func(*wire) string {
	return func(w *wire) string {
		id := jane(w)
		r := w.call("PATCH", "/Users/"+id, patchBody(ops))
		return fmt.Sprint(r.status, " ", w.get("/Users/"+id).object.String(attribute))
	}
}

// crew patches a group with the members ann and bob; cid is there too. ANN, BOB and CID stand for their ids.
func crew(ops string) func(*wire) string {
	return func(w *wire) string {
		ids := three(w)
		name := strings.NewReplacer("ANN", ids[0], "BOB", ids[1], "CID", ids[2])
		g := w.group("Crew", ids[0], ids[1])
		r := w.call("PATCH", "/Groups/"+g.ID(), patchBody(name.Replace(ops)))
		back := strings.NewReplacer(ids[0], "ann", ids[1], "bob", ids[2], "cid")
		after := w.get("/Groups/" + g.ID()).object
		return fmt.Sprint(r.status, " ", after.String("displayName"), " ", back.Replace(members(after)))
	}
}

func page(query string) func(*wire) string {
	return func(w *wire) string {
		three(w)
		r := w.get("/Users?" + query)
		return fmt.Sprint(r.status, " ", userNames(r.resources()), " ", r.object.String("itemsPerPage"), " of ", r.total())
	}
}

func found(filter string) func(*wire) string {
	return func(w *wire) string {
		three(w)
		w.user(`d\"e`, "")
		r := w.filter(filter)
		return fmt.Sprint(r.status, " ", userNames(r.resources()), " ", r.total())
	}
}

func posted(path, body string) func(*wire) string {
	return func(w *wire) string { return short(w.call("POST", path, body)) }
}

var wireRows = append([]row{
	{"conn.reach", func(w *wire) string { return short(w.get("/Users")) }, "200 ", "no answer"},
	{"conn.no-cross-redirect", func(w *wire) string { r := w.get("/Users"); return short(r) + r.header.Get("Location") },
		"200 ", "302 https://login.example.com/?next=/Users"},
	{"conn.latency.max", func(w *wire) string {
		began := time.Now()
		r := w.get("/Schemas")
		return fmt.Sprint(r.status, time.Since(began) > 200*time.Millisecond)
	}, "200 false", "200 true"},
	{"auth.missing-401", func(w *wire) string { return short(w.call("GET", "/Users", "", "Authorization", "")) }, "401 401", "200 "},
	{"auth.bad-token-401", func(w *wire) string { return short(w.call("GET", "/Users", "", "Authorization", "Bearer x")) }, "401 401", "403 403"},
	{"auth.malformed-401", func(w *wire) string { return short(w.call("GET", "/Users", "", "Authorization", "non-token")) }, "401 401", "400 400"},
	{"auth.www-authenticate", func(w *wire) string {
		return w.call("GET", "/Users", "", "Authorization", "").header.Get("WWW-Authenticate")
	}, `Bearer realm="scim"`, ""},
	{"auth.error-body", func(w *wire) string { return w.call("GET", "/Users", "", "Authorization", "").object.String("message") }, "", "Unauthorized"},
	{"auth.no-leak", func(w *wire) string {
		r := w.call("GET", "/Users", "", "Authorization", "Bearer canary")
		return fmt.Sprint(strings.Contains(r.text, "canary"), strings.Contains(r.text, ".java"))
	}, "false false", "true true"},
	{"auth.all-methods", func(w *wire) string {
		r := ""
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			path := "/Users/nope"
			if method == "POST" {
				path = "/Users"
			}
			r += fmt.Sprint(w.call(method, path, patchBody(`{"op":"remove","path":"title"}`), "Authorization", "").status, " ")
		}
		return r
	}, "401 401 401 401 401 ", "401 401 404 404 404 "},
	{"auth.no-side-effect", func(w *wire) string {
		return fmt.Sprint(short(w.call("POST", "/Users", userBody("x", ""), "Authorization", "")), w.get("/Users").total())
	}, "401 4010", "401 4011"},
	{"auth.scheme-case", func(w *wire) string { return short(w.call("GET", "/Users", "", "Authorization", "bearer "+token)) }, "200 ", "401 401"},

	{"discovery.spc.present", func(w *wire) string { return short(w.get("/ServiceProviderConfig")) }, "200 ", "404 404"},
	{"discovery.spc.schema", func(w *wire) string { return strings.Join(w.get("/ServiceProviderConfig").object.Schemas(), " ") },
		scim.SchemaSPC, "urn:scim:schemas:core:1.0"},
	{"discovery.spc.required", read("/ServiceProviderConfig", func(r scim.Resource) string { return fmt.Sprint(r["etag"], r["changePassword"]) }),
		"map[supported:true] map[supported:true]", "<nil> <nil>"},
	{"discovery.spc.types", read("/ServiceProviderConfig", func(r scim.Resource) string { return fmt.Sprintf("%#v %v", r.Get("sort.supported"), r["bulk"]) }),
		"true map[maxOperations:1000 maxPayloadSize:1.048576e+06 supported:true]", `"true" map[supported:true]`},
	{"discovery.spc.single-object", read("/ServiceProviderConfig", func(r scim.Resource) string { return fmt.Sprint(r["patch"], r["totalResults"]) }),
		"map[supported:true] <nil>", "<nil> 1"},
	{"discovery.spc.truthful.patch", func(w *wire) string {
		return w.get("/ServiceProviderConfig").object.String("patch.supported") + patched(`{"op":"replace","path":"title","value":"x"}`, "title")(w)
	}, "true200 x", "false200 x"},
	{"discovery.rt.present", func(w *wire) string { return short(w.get("/ResourceTypes")) }, "200 ", "404 404"},
	{"discovery.rt.required", func(w *wire) string { return w.get("/ResourceTypes").resources()[0].String("endpoint") }, "/Users", ""},
	{"discovery.schemas.present", func(w *wire) string { return short(w.get("/Schemas")) }, "200 ", "404 404"},
	{"discovery.schemas.id-name-attrs", func(w *wire) string {
		r := w.get("/Schemas").resources()[2]
		return fmt.Sprint(r.ID(), len(r["attributes"].([]any)))
	}, scim.SchemaEnterpriseUser + "6", "EnterpriseUser0"},
	{"discovery.list-numbers", func(w *wire) string { return fmt.Sprint(w.get("/Schemas").total(), w.get("/ResourceTypes").total()) }, "6 2", "0 0"},

	{"users.list.200", func(w *wire) string { return w.get("/Users").text[:1] + w.filter("title pr").text[:1] }, "{{", "[{"},
	{"users.list.types", func(w *wire) string { return fmt.Sprintf("%#v", w.get("/Users").object["totalResults"]) }, "0", `"0"`},
	{"users.list.resources-key", read("/Users", func(r scim.Resource) string { return fmt.Sprint(r["Resources"] != nil, r["resources"] != nil) }),
		"true false", "false true"},
	{"users.get.okta-required", func(w *wire) string {
		id := jane(w)
		return w.get("/Users").resources()[0].String("name.familyName") + w.get("/Users/"+id).object.String("name.familyName")
	}, "DoeDoe", "Doe"},
	{"users.get.200", func(w *wire) string {
		r := w.get("/Users/" + jane(w)).object
		return fmt.Sprint(r.UserName(), r["totalResults"])
	},
		"jane<nil>", "1"},
	{"users.get.404", func(w *wire) string {
		id := jane(w)
		w.call("DELETE", "/Users/"+id, "")
		return fmt.Sprint(w.get("/Users/nope").status, w.get("/Users/"+id).status)
	}, "404 404", "400 404"},
	{"users.create.201", posted("/Users", userBody("x", "")), "201 ", "200 "},
	{"users.create.201-location", func(w *wire) string {
		return fmt.Sprint(w.call("POST", "/Users", userBody("x", "")).header.Get("Location") != "")
	}, "true", "false"},
	{"users.create.body", func(w *wire) string {
		r := w.call("POST", "/Users", userBody("x", ""))
		return fmt.Sprint(r.status, r.object.UserName(), w.get("/Users").total())
	}, "201x1", "2011"},
	{"users.create.okta-shape", func(w *wire) string {
		return posted("/Users", userBody("x", `"groups":[],"password":"p"`))(w) + posted("/Users", userBody("y", `"groups":[{"value":"g"}]`))(w)
	}, "201 201 ", "400 400invalidValue201 "},
	{"users.create.echo", func(w *wire) string { return w.user("Jane", person).String("name.familyName") }, "Doe", "DOE"},
	{"users.create.readback", func(w *wire) string {
		u := w.user("jane", person)
		return u.String("displayName") + "/" + w.get("/Users/"+u.ID()).object.String("displayName")
	}, "Jane Doe/Jane Doe", "Jane Doe/"},
	{"users.create.readonly-ignored", func(w *wire) string { return fmt.Sprint(w.user("x", `"id":"forged"`).ID() == "forged") }, "false", "true"},
	{"users.create.externalid", func(w *wire) string { return fmt.Sprint(w.user("x", `"externalId":"e"`).ExternalID() == "e") }, "true", "false"},
	{"users.create.unique", func(w *wire) string {
		w.user("ann", "")
		return short(w.call("POST", "/Users", userBody("ANN", ""))) + " " + short(w.call("POST", "/Users", userBody("ann", "")))
	}, "409 409uniqueness 409 409uniqueness", "409 409uniqueness 201 "},
	{"users.create.duplicate-409", func(w *wire) string {
		jane(w)
		return posted("/Users", userBody("jane", ""))(w) + posted("/Users", userBody("JANE", ""))(w)
	},
		"409 409uniqueness409 409uniqueness", "400 400uniqueness409 409uniqueness"},
	{"users.create.duplicate-scimtype", func(w *wire) string { jane(w); return posted("/Users", userBody("jane", ""))(w) }, "409 409uniqueness", "409 409"},
	{"users.create.duplicate-case", func(w *wire) string {
		jane(w)
		return posted("/Users", userBody("JANE", ""))(w) + posted("/Users", userBody("jane", ""))(w)
	},
		"409 409uniqueness409 409uniqueness", "201 409 409uniqueness"},
	{"users.create.username-not-email", posted("/Users", userBody("jane", "")), "201 ", "400 400invalidValue"},
	{"users.put.200", func(w *wire) string {
		r := w.call("PUT", "/Users/"+jane(w), userBody("joe", ""))
		return fmt.Sprint(r.status, r.text == "", w.get("/Users").resources()[0].UserName())
	}, "200 falsejoe", "204 truejoe"},
	{"users.put.readback", func(w *wire) string {
		id := jane(w)
		r := w.call("PUT", "/Users/"+id, userBody("joe", `"title":"Chief"`)).object
		return r.String("title") + w.get("/Users/"+id).object.String("title") + w.get("/Users/"+id).object.UserName()
	}, "ChiefChiefjoe", "ChiefBossjoe"},
	{"users.put.no-upsert", func(w *wire) string {
		return fmt.Sprint(w.call("PUT", "/Users/nope", userBody("joe", "")).status, w.get("/Users").total())
	}, "404 0", "201 1"},
	{"users.put.okta-roundtrip", func(w *wire) string {
		id := jane(w)
		return short(w.call("PUT", "/Users/"+id, w.get("/Users/"+id).text)) + short(w.call("PUT", "/Users/"+id, userBody("joe", "")))
	}, "200 200 ", "400 400mutability200 "},
	{"users.active.deactivate-patch", patched(`{"op":"replace","value":{"active":false}}`, "active"), "200 false", "200 true"},
	{"users.active.deactivate-put", func(w *wire) string {
		id := jane(w)
		w.call("PUT", "/Users/"+id, userBody("jane", `"active":false`))
		return w.get("/Users/" + id).object.String("active")
	}, "false", "true"},
	{"users.active.reactivate", func(w *wire) string {
		id := jane(w)
		for _, active := range []string{"false", "true"} {
			w.call("PATCH", "/Users/"+id, patchBody(`{"op":"replace","value":{"active":`+active+`}}`))
		}
		return w.get("/Users/" + id).object.String("active")
	}, "true", "false"},
	{"users.list.includes-inactive", func(w *wire) string {
		id := w.user("x", `"active":false`).ID()
		return fmt.Sprint(w.get("/Users").total(), w.filter(`userName eq "x"`).total(), w.get("/Users/"+id).status)
	}, "1 1 200", "0 0 200"},
	{"users.password.never-returned", func(w *wire) string {
		return w.user("x", person).String("password") + w.get("/Users").resources()[0].String("password")
	}, "", "Secret-1Secret-1"},
	{"users.delete.204", func(w *wire) string {
		r := w.call("DELETE", "/Users/"+jane(w), "")
		return fmt.Sprint(r.status, r.text)
	}, "204", `200{"deleted":true}`},
	{"users.delete.then-404", func(w *wire) string {
		id := jane(w)
		return fmt.Sprint(w.call("DELETE", "/Users/"+id, "").status, w.get("/Users/"+id).status, w.get("/Users/"+id).object.String("active"))
	}, "204 404", "204 200false"},

	{"repr.id-string", func(w *wire) string {
		r := w.call("POST", "/Users", userBody("x", ""))
		return fmt.Sprintf("%T %d", r.object["id"], w.get("/Users/"+r.object.ID()).status)
	}, "string 200", "float64 200"},
	{"repr.booleans", func(w *wire) string { return fmt.Sprintf("%#v", w.get("/Users/" + jane(w)).object["active"]) }, "true", `"True"`},
	{"repr.multi-array", func(w *wire) string { jane(w); return fmt.Sprintf("%T", w.get("/Users").resources()[0]["emails"]) },
		"[]interface {}", "map[string]interface {}"},
	{"repr.meta", func(w *wire) string {
		return fmt.Sprint(len(w.get("/Users/" + jane(w)).object["meta"].(map[string]any)))
	}, "5", "3"},
	{"media.response-type", func(w *wire) string { return w.get("/Users").header.Get("Content-Type") }, "application/scim+json", "text/html; charset=utf-8"},
	{"media.content-json", func(w *wire) string {
		return short(w.call("POST", "/Users", userBody("x", ""), "Content-Type", "application/json"))
	}, "201 ", "415 415"},

	{"filter.eq.username", found(`userName eq "ann"`), "200 ann 1", "200 ann ann 2"},
	{"filter.eq.username-case", func(w *wire) string {
		return found(`userName eq "ANN"`)(w) + w.filter(`userName eq "ann"`).resources()[0].UserName()
	}, "200 ann 1ann", "200  0ann"},
	{"filter.eq.none", found(`userName eq "nobody"`), "200  0", "404  0"},
	{"filter.eq.really-filters", found(`userName eq "ann"`), "200 ann 1", `200 ann bob cid d"e 4`},
	{"filter.attr-name-case", found(`USERNAME EQ "ann"`), "200 ann 1", "200  0"},
	{"filter.eq.special", found(`userName eq "d\"e"`), `200 d"e 1`, "200  0"},
	{"filter.eq.emails-value", func(w *wire) string { jane(w); return short(w.filter(`emails eq "jane@example.com"`)) }, "200 ", "no answer"},
	{"filter.injection", found(`userName eq "x\" or \"\"=\""`), "200  0", `200 ann bob cid d"e 4`},
	{"filter.syntax-error", func(w *wire) string { return found(`userName eq "ann`)(w) + short(w.filter(`userName regex "x"`)) }, "400  0400 400invalidFilter", `200 ann bob cid d"e 4400 400invalidFilter`},
	{"filter.unknown-operator", func(w *wire) string { return found(`userName regex "ann"`)(w) + short(w.filter(`userName eq`)) }, "400  0400 400invalidFilter", `200 ann bob cid d"e 4400 400invalidFilter`},
	{"filter.count-interplay", func(w *wire) string {
		three(w)
		return fmt.Sprint(w.get("/Users?count=1&filter=" + url.QueryEscape(`userName pr`)).total())
	}, "3", "1"},
	{"page.count", page("count=1"), "200 ann 1 of 3", "200 ann bob cid 3 of 3"},
	{"page.startindex", page("startIndex=2&count=1"), "200 bob 1 of 3", "200 cid 1 of 3"},
	{"page.startindex-lt1", page("startIndex=0&count=1"), "200 ann 1 of 3", "400   of 0"},
	{"page.count-zero", page("count=0"), "200  0 of 3", "200 ann bob cid 3 of 3"},
	{"page.beyond-end", page("startIndex=4"), "200  0 of 3", "400   of 0"},
	{"page.itemsperpage", page("count=7"), "200 ann bob cid 3 of 3", "200 ann bob cid 7 of 3"},
	{"page.total-stable", page("startIndex=3&count=1"), "200 cid 1 of 3", "200 cid 1 of 1"},
	{"page.walk-complete", page("startIndex=2&count=2"), "200 bob cid 2 of 3", "200 bob 1 of 3"},
	{"proj.attributes", read("/Users?attributes=userName", func(r scim.Resource) string { return fmt.Sprint(len(reply{object: r}.resources()[0])) }), "3", "10"},
	{"proj.excluded", read("/Users?excludedAttributes=emails", func(r scim.Resource) string { return fmt.Sprint(reply{object: r}.resources()[0]["emails"] != nil) }), "false", "true"},

	{"patch.status", func(w *wire) string {
		r := w.call("PATCH", "/Users/"+jane(w), patchBody(`{"op":"replace","path":"title","value":"x"}`))
		return fmt.Sprint(r.status, r.text == "", w.get("/Users").resources()[0].String("title"))
	}, "200 falsex", "200 truex"},
	{"patch.readback", patched(`{"op":"replace","value":{"displayName":"x"}}`, "displayName"), "200 x", "200 Jane Doe"},
	{"patch.op-case", patched(`{"op":"Replace","path":"title","value":"x"}`, "title"), "200 x", "400 Boss"},
	{"patch.op-unknown", patched(`{"op":"move","path":"title","value":"x"}`, "title"), "400 Boss", "200 Boss"},
	{"patch.replace.path", patched(`{"op":"replace","path":"title","value":"x"}`, "title"), "200 x", "200 Boss"},
	{"patch.replace.pathless", func(w *wire) string {
		return patched(`{"op":"replace","value":{"title":"x"}}`, "title")(w) + short(w.call("PATCH", "/Users/"+w.get("/Users").resources()[0].ID(), patchBody(`{"op":"replace","value":{"active":false}}`)))
	}, "200 x200 ", "400 Boss200 "},
	{"patch.replace.subattr", patched(`{"op":"replace","path":"name.familyName","value":"x"}`, "name.givenName"), "200 Jane", "200 "},
	{"patch.replace.valuepath", patched(`{"op":"add","path":"emails","value":[{"value":"home","type":"home"}]},{"op":"replace","path":"emails[type eq \"home\"].value","value":"x"}`, "emails.value"),
		"200 jane@example.com", "200 x"},
	{"patch.add.multi-append", patched(`{"op":"add","path":"emails","value":[{"value":"home","type":"home"}]}`, "emails.value"), "200 jane@example.com", "200 home"},
	{"patch.remove.single", patched(`{"op":"remove","path":"title"}`, "title"), "200 ", "200 Boss"},
	{"patch.multi-op.atomic", patched(`{"op":"replace","path":"title","value":"x"},{"op":"remove","path":"userName"}`, "title"), "400 Boss", "400 x"},
	{"patch.404", func(w *wire) string {
		return short(w.call("PATCH", "/Users/nope", patchBody(`{"op":"remove","path":"title"}`)))
	}, "404 404", "204 "},
	{"patch.noop", patched(`{"op":"replace","path":"title","value":"Boss"}`, "title"), "200 Boss", "400 Boss"},

	{"groups.list.200", func(w *wire) string { return w.get("/Groups").text[:1] + w.get("/Users").text[:1] }, "{{", "[{"},
	{"groups.create.201", posted("/Groups", groupBody("x")), "201 ", "200 "},
	{"groups.create.members", func(w *wire) string {
		g := w.group("x", jane(w))
		return fmt.Sprint(len(membersOf(g)), len(membersOf(w.get("/Groups/"+g.ID()).object)))
	}, "1 1", "1 0"},
	{"groups.get.404", func(w *wire) string {
		g := w.group("x")
		w.call("DELETE", "/Groups/"+g.ID(), "")
		return short(w.get("/Groups/nope")) + short(w.get("/Groups/"+g.ID()))
	}, "404 404404 404", "400 400404 404"},
	{"groups.patch.rename-pathless", crew(`{"op":"replace","value":{"id":"x","displayName":"Staff"}}`), "200 Staff ann bob", "400 Crew ann bob"},
	{"groups.patch.add-member", crew(`{"op":"add","path":"members","value":[{"value":"CID"}]}`), "200 Crew ann bob cid", "200 Crew ann bob"},
	{"groups.patch.add-existing", crew(`{"op":"add","path":"members","value":[{"value":"ANN"}]}`), "200 Crew ann bob", "409 Crew ann bob"},
	{"groups.patch.remove-valuepath", crew(`{"op":"remove","path":"members[value eq \"ANN\"]"}`), "200 Crew bob", "200 Crew ann bob"},
	{"groups.patch.filter-honoured", crew(`{"op":"remove","path":"members[value eq \"ANN\"]"}`), "200 Crew bob", "200 Crew "},
	{"groups.patch.replace-members", crew(`{"op":"replace","path":"members","value":[{"value":"CID"}]}`), "200 Crew cid", "200 Crew ann bob cid"},
	{"groups.delete.204", func(w *wire) string {
		r := w.call("DELETE", "/Groups/"+w.group("x").ID(), "")
		return fmt.Sprint(r.status, r.text)
	}, "204", `200{"deleted":true}`},
	{"groups.filter.displayname", func(w *wire) string {
		w.group("Crew")
		return fmt.Sprint(w.get("/Groups?filter="+url.QueryEscape(`displayName eq "Crew"`)).total(), w.get("/Groups").total())
	}, "1 1", "0 1"},

	{"error.json-body", func(w *wire) string { return w.get("/Users/nope").header.Get("Content-Type") }, "application/scim+json", "text/html; charset=utf-8"},
	{"error.schema", func(w *wire) string { return fmt.Sprint(w.get("/Users/nope").object.HasSchema(scim.SchemaError)) }, "true", "false"},
	{"error.status-string", func(w *wire) string { return fmt.Sprintf("%#v", w.get("/Users/nope").object["status"]) }, `"404"`, "404"},
	{"error.detail", func(w *wire) string { return fmt.Sprint(w.get("/Users/nope").object.String("detail") != "") }, "true", "false"},
	{"error.not-200", func(w *wire) string { return short(w.get("/Users/nope")) }, "404 404", "200 404"},
	{"error.invalid-json", func(w *wire) string { return posted("/Users", `{`)(w) + posted("/Users", `[]`)(w) }, "400 400invalidSyntax400 400invalidSyntax", "422 422400 400invalidSyntax"},
	{"error.array-body", func(w *wire) string { return posted("/Users", `[]`)(w) + posted("/Users", `{`)(w) }, "400 400invalidSyntax400 400invalidSyntax", "422 422400 400invalidSyntax"},
	{"error.missing-required", posted("/Users", `{"schemas":["`+scim.SchemaUser+`"]}`), "400 400invalidValue", "201 "},
	{"error.404-endpoint", func(w *wire) string { return short(w.get("/Nope")) + short(w.get("/Users/nope")) }, "404 404404 404", "403 403404 404"},
	{"error.5xx-none", func(w *wire) string { return short(w.filter(`userName regex "x"`)) }, "400 400invalidFilter", "500 500"},
}, slices.Concat(patchRows, groupRows)...)

// protocolRows are those of parts that have files of their own.
func protocolRows() []row {
	return slices.Concat(guardRows, etagRows, bulkRows, meRows, textRows, securityRows, loadRows)
}

func TestDefectsAreVisibleOnTheWire(t *testing.T) {
	for _, r := range slices.Concat(wireRows, protocolRows(), flowRows) { // the others: TestDefectsAreHeardInConversation
		t.Run(r.name, func(t *testing.T) {
			if got := r.look(start(t)); got != r.sound {
				t.Errorf("a sound server: got %q, want %q", got, r.sound)
			}
			w := start(t, WithDefects(r.name), WithSlowness(300*time.Millisecond))
			if got := r.look(w); got != r.broken {
				t.Errorf("with the defect: got %q, want %q", got, r.broken)
			}
		})
	}
}

// Defects of different steps do not disturb each other.
func TestTwoDefectsAtOnce(t *testing.T) {
	pairs := [][2]string{
		{"auth.www-authenticate", "users.create.201"}, {"users.create.echo", "users.create.readback"}, {"filter.eq.username", "page.count"},
		{"patch.op-case", "patch.add.multi-append"}, {"groups.patch.filter-honoured", "groups.patch.replace-members"}, {"repr.id-string", "repr.booleans"},
		{"error.status-string", "error.404-endpoint"}, {"page.count-zero", "page.startindex"}, {"users.get.404", "users.password.never-returned"},
		{"filter.eq.username-case", "filter.attr-name-case"}, {"media.response-type", "users.list.types"}, {"users.list.types", "page.walk-complete"}, {"users.create.duplicate-case", "users.put.no-upsert"},
	}
	for _, pair := range pairs {
		for _, name := range pair {
			row := wireRows[slices.IndexFunc(wireRows, func(r row) bool { return r.name == name })]
			if got := row.look(start(t, WithDefects(pair[0], pair[1]))); got != row.broken {
				t.Errorf("%s with %s on: got %q, want %q", name, pair, got, row.broken)
			}
		}
	}
}

func TestUnknownDefectPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a defect that does not exist was accepted")
		}
	}()
	New(WithDefects("users.create.purple"))
}
