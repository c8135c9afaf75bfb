package lab

import (
	"net/http"
	"regexp"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const tags = "etag.header"

var etagChecks = []Check{
	{
		ID: tags, Title: "A resource comes with an ETag", Family: versions, Severity: report.RFC, gate: offersETag, Feature: "update_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.14",
		Why:   "Without a tag a client can neither ask for what has changed nor avoid overwriting what another has written.",
		Fix:   `Send a header such as ETag: W/"3694e05e" with every answer that shows one resource: it names the version of the resource.`,
		judge: (*run).judgeETag,
	},
	{
		ID: "etag.weak-prefix", Title: "The ETag is in quotes, and W/ before them marks a weak one", Family: versions, Severity: report.RFC, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 9110 §8.8.3; RFC 7643 §3.1",
		Why:   "HTTP libraries and proxies drop a tag without quotes, and the precondition with it.",
		Fix:   `Write ETag: "3694e05e" for a strong tag, ETag: W/"3694e05e" for a weak one.`,
		judge: (*run).judgeTagForm,
	},
	{
		ID: "etag.meta-version", Title: "meta.version is the ETag", Family: versions, Severity: report.Recommended, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 7644 §3.14 (SHOULD); RFC 7643 §3.1",
		Why:   "A list has one header and many resources: there meta.version is the only tag that a client sees.",
		Fix:   `Write the same text into both: ETag: W/"3694e05e" and "version": "W/\"3694e05e\"" inside meta.`,
		judge: (*run).judgeMetaVersion,
	},
	{
		ID: "etag.changes", Title: "The ETag changes with the resource, and only with it", Family: versions, Severity: report.RFC, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 9110 §8.8.1, §8.8.3",
		Why:   "With a tag that stays, changes are overwritten unseen; with one that moves by itself, every conditional write fails.",
		Fix:   "Derive the tag from the content, or from a revision that every write increments.",
		judge: (*run).judgeTagChanges,
	},
	{
		ID: "etag.if-none-match-304", Title: "If-None-Match with the current tag is answered with 304", Family: versions, Severity: report.RFC, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 7644 §3.14",
		Why:   "Clients that ask whether something is new get all of it again.",
		Fix:   "Compare If-None-Match with the current tag, and ignore W/ in both; where they agree answer 304 without a body.",
		judge: (*run).judgeNotModified,
	},
	{
		ID: "etag.if-match-412", Title: "A write with a stale tag is refused with 412", Family: versions, Severity: report.RFC, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 7644 §3.14; §3.12, table 8",
		Why:   "The client asked not to overwrite what it has not seen, and overwrote it.",
		Fix:   "Compare If-Match with the current tag before anything is stored; answer 412 where they differ.",
		judge: (*run).judgeStaleWrite,
	},
	{
		ID: "etag.if-match-ok", Title: "A write with the current tag succeeds", Family: versions, Severity: report.RFC, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 7644 §3.14",
		Why:   "SCIM's tags may be weak, and its examples send weak ones in If-Match; a strong comparison refuses every write.",
		Fix:   "Accept in If-Match the tag that you have sent, with W/ and without it.",
		judge: (*run).judgeCurrentWrite,
	},
	{
		ID: "etag.if-match-star", Title: "If-Match: * holds for what exists", Family: versions, Severity: report.Recommended, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 9110 §13.1.1",
		Why:   "It is how a client says: change it, but do not create it.",
		Fix:   "Let * match every resource that exists.",
		judge: func(r *run) Finding { return r.writesWith("*") },
	},
	{
		ID: "etag.absent-tolerated", Title: "A write without If-Match works", Family: versions, Severity: report.Network, Feature: "update_users",
		Needs: []string{"users.get.200", put}, takes: []string{tags, "etag.if-match-ok"}, Reference: "Network rule",
		Why:   "Widespread clients send no precondition; a server that wants one refuses every change.",
		Fix:   "Check If-Match only where it is sent.",
		judge: (*run).judgeUnconditional,
	},
	{
		ID: "etag.delete", Title: "If-Match is heeded by DELETE as well", Family: versions, Severity: report.Recommended, gate: offersETag,
		Needs: []string{tags}, Reference: "RFC 7644 §3.6, §3.14",
		Why:   "An account that was given a new life in between is deleted all the same.",
		Fix:   "Check the precondition before you delete.",
		judge: (*run).judgeConditionalDelete,
	},
	{
		ID: "etag.unadvertised-consistent", Title: "A server that sends ETags says so in ServiceProviderConfig", Family: versions, Severity: report.Recommended,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §5",
		Why:   "A client that goes by the tags finds out too late that nobody compares them.",
		Fix:   "Set etag.supported to true and compare If-Match; or switch the tags of your framework off.",
		judge: (*run).judgeUnadvertisedTags,
	},
}

// tagOf is the entity tag of an answer, "" where there is none.
func tagOf(a *answer) string {
	if a.header == nil {
		return ""
	}
	return a.header.Get("ETag")
}

// judgeETag makes the user that the checks of this family work with. Where nobody claims that there are tags, it looks
// first whether there are.
func (r *run) judgeETag() Finding {
	if !r.advertised(offersETag) && tagOf(r.user(r.ada.id)) == "" {
		return notApplicable("ServiceProviderConfig does not offer etag, and no ETag is sent.")
	}
	body := r.names.plainUser("tagged", "Tag", "Ged")
	made := r.create("Users", body)
	if r.tagged = r.adopt("Users", body, made); r.tagged == nil {
		return blockedBy(created)
	}
	read := r.user(r.tagged.id)
	if f, bad := read.wantObject(http.StatusOK); bad {
		return f
	}
	if tagOf(read) == "" {
		return fails("%s answered without the header ETag, though ServiceProviderConfig offers etag.", read.request())
	}
	answers := []*answer{made, r.replace("Users", r.tagged.id, titled(body, "put"))}
	if r.patches() {
		answers = append(answers, r.patch("Users", r.tagged.id, replaceOp("title", "patch")))
	}
	for _, a := range answers {
		if a.is2xx() && a.object != nil && tagOf(a) == "" {
			return deviates("GET is answered with an ETag, %s is not: the client has to read again before it can write with a precondition.", a.request())
		}
	}
	return passes()
}

func titled(body scim.Resource, title string) scim.Resource {
	body = body.Clone()
	body["title"] = title
	return body
}

// tagNow reads the tagged user and its tag.
func (r *run) tagNow() (*answer, string) {
	a := r.user(r.tagged.id)
	return a, tagOf(a)
}

var entityTag = regexp.MustCompile(`^(W/)?"[\x21\x23-\x7e\x80-\xff]*"$`)

func (r *run) judgeTagForm() Finding {
	a, tag := r.tagNow()
	if a.err != nil {
		return a.trouble()
	}
	if !entityTag.MatchString(tag) {
		return fails("%s answered with ETag: %s. A tag is a text in quotes, with W/ before them where it is weak.", a.request(), excerpt(tag))
	}
	return passes()
}

func (r *run) judgeMetaVersion() Finding {
	a, tag := r.tagNow()
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	version := a.object.String("meta.version")
	switch {
	case version == tag:
		return passes()
	case version == "":
		return fails("The header says ETag: %s, the resource has no meta.version.", excerpt(tag))
	case strings.Trim(strings.TrimPrefix(version, "W/"), `"`) == strings.Trim(strings.TrimPrefix(tag, "W/"), `"`):
		return deviates("The header says ETag: %s, meta.version is %s: the same tag in another spelling.", excerpt(tag), quote(excerpt(version)))
	}
	return fails("The header says ETag: %s, meta.version is %s. They must be the same.", excerpt(tag), quote(excerpt(version)))
}

func (r *run) judgeTagChanges() Finding {
	_, first := r.tagNow()
	a, again := r.tagNow()
	if a.err != nil {
		return a.trouble()
	}
	if first != again {
		return fails("Two GETs of a user whom nobody has changed show ETag: %s and ETag: %s.", excerpt(first), excerpt(again))
	}
	if a := r.replace("Users", r.tagged.id, titled(r.tagged.sent, "changed "+r.names.tag)); !a.is2xx() {
		return blockedBy(put)
	}
	a, waited, wrong := r.settle(func() *answer { return r.user(r.tagged.id) }, func(a *answer) string {
		if a.object.String("title") != "" && tagOf(a) == first {
			return "The title was changed by PUT; the user still has ETag: " + excerpt(first) + "."
		}
		return ""
	})
	r.staleTag = first
	return settled(a, waited, wrong)
}

func (r *run) judgeNotModified() Finding {
	_, tag := r.tagNow()
	a := r.conditional(ask{method: http.MethodGet}, "If-None-Match", tag)
	f := expect(a, http.StatusNotModified)
	if f.Outcome != report.Pass {
		f.Message += " If-None-Match held the tag that a GET had just shown."
	}
	return f
}

// conditional asks for the tagged user under a precondition.
func (r *run) conditional(q ask, header, tag string) *answer {
	q.path = scim.Path("Users", r.tagged.id)
	q.header = func(h http.Header) { h.Set(header, tag) }
	return r.send(q)
}

// stale is a tag that the user had, or that nothing ever had.
func (r *run) stale(current string) string {
	if r.staleTag != "" && r.staleTag != current {
		return r.staleTag
	}
	return `W/"slipway-lab-` + r.names.tag + `"`
}

func (r *run) judgeStaleWrite() Finding {
	before, current := r.tagNow()
	title := "overwritten " + r.names.tag
	a := r.conditional(ask{method: http.MethodPut, body: titled(r.tagged.sent, title)}, "If-Match", r.stale(current))
	if a.err != nil {
		return a.trouble()
	}
	after := r.user(r.tagged.id)
	if after.object.String("title") == title {
		return fails("PUT with If-Match: %s answered %s and changed a user whose ETag is %s.", excerpt(r.stale(current)), a.shown(), excerpt(current))
	}
	if after.object.String("title") != before.object.String("title") {
		return fails("PUT with a stale If-Match answered %s; the title was %s and is %s.", a.shown(), shownJSON(before.object.Get("title")), shownJSON(after.object.Get("title")))
	}
	if a.status/100 == 4 && a.status != http.StatusPreconditionFailed {
		return deviates("PUT with a stale If-Match is refused with %s; 412 would say why.", a.shown())
	}
	return expect(a, http.StatusPreconditionFailed)
}

func (r *run) judgeCurrentWrite() Finding {
	_, tag := r.tagNow()
	return r.writesWith(tag)
}

// writesWith puts the tagged user under If-Match, and wants that to work.
func (r *run) writesWith(tag string) Finding {
	a := r.conditional(ask{method: http.MethodPut, body: titled(r.tagged.sent, "current")}, "If-Match", tag)
	if a.err != nil {
		return a.trouble()
	}
	if a.is2xx() {
		return passes()
	}
	if again := r.replace("Users", r.tagged.id, titled(r.tagged.sent, "current")); !again.is2xx() {
		return blockedBy(put)
	}
	return fails("PUT with If-Match: %s, which matches, answered %s; without If-Match it works.%s", excerpt(tag), a.shown(), a.detail())
}

func (r *run) judgeUnconditional() Finding {
	one := r.tagged
	if one == nil {
		one = r.ada
	}
	a := r.replace("Users", one.id, one.sent)
	if a.err == nil && (a.status == http.StatusPreconditionRequired || a.status == http.StatusPreconditionFailed) {
		return fails("%s without If-Match answered %s. Clients send no precondition.%s", a.request(), a.shown(), a.detail())
	}
	if !a.is2xx() {
		return blockedBy(put)
	}
	return passes()
}

func (r *run) judgeConditionalDelete() Finding {
	_, current := r.tagNow()
	a := r.conditional(ask{method: http.MethodDelete}, "If-Match", r.stale(current))
	if a.err != nil {
		return a.trouble()
	}
	if a.is2xx() {
		r.gone("Users", r.tagged.id)
		return fails("DELETE with If-Match: %s answered %s for a user whose ETag is %s.", excerpt(r.stale(current)), a.shown(), excerpt(current))
	}
	if refusal := expect(a, http.StatusPreconditionFailed); refusal.Outcome != report.Pass {
		return refusal
	}
	if a = r.conditional(ask{method: http.MethodDelete}, "If-Match", current); !a.is2xx() {
		return fails("DELETE with If-Match: %s, which is the user's ETag, answered %s.%s", excerpt(current), a.shown(), a.detail())
	}
	r.gone("Users", r.tagged.id)
	return passes()
}

func (r *run) judgeUnadvertisedTags() Finding {
	a, f, bad := r.ownUser()
	if bad {
		return f
	}
	offered, said := r.provider.object.Get("etag.supported").(bool)
	if tag := tagOf(a); tag != "" && said && !offered {
		return deviates("The answer to GET of a user has an ETag, and ServiceProviderConfig does not offer etag. Clients do not rely on it.")
	}
	return passes()
}
