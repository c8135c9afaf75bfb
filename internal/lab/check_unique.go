package lab

import (
	"net/http"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// judgeUnique sends the very same document again. That the answer is the first user is no second one; its status is
// for users.create.duplicate-409 to judge.
func (r *run) judgeUnique() Finding {
	r.duplicate = r.create("Users", r.ada.sent)
	if r.duplicate.err != nil {
		return r.duplicate.trouble()
	}
	if !r.duplicate.is2xx() {
		return passed("Refused with %s.", r.duplicate.shown())
	}
	twin := r.twin(r.duplicate)
	if twin == "" {
		return passed("Answered %s, but there is still one user only.", r.duplicate.shown())
	}
	r.discard("Users", twin)
	return fails("%s with a userName that is taken was answered %s: there were two users %s.", r.duplicate.request(), r.duplicate.shown(), quote(r.ada.name))
}

// twin returns the id of a second ada: from the answer that made her, or by a look-up where that does not tell; "" where
// there is none.
func (r *run) twin(made *answer) string {
	if id := r.idOfOurs(made); id == r.ada.id {
		return ""
	} else if id != "" {
		return id
	}
	ids, err := r.idsOf(report.Object{Resource: "Users", Name: r.ada.name})
	if err != nil {
		return ""
	}
	for _, id := range ids {
		if id != r.ada.id {
			r.identify("Users", r.ada.name, id)
			return id
		}
	}
	return ""
}

func (r *run) judgeDuplicate() Finding {
	r.cite(r.duplicate)
	return expect(r.duplicate, http.StatusConflict)
}

func (r *run) judgeDuplicateType() Finding {
	r.cite(r.duplicate)
	if got := r.duplicate.object.String("scimType"); got != scim.Uniqueness {
		return fails("scimType in the body of the 409 is %s; it must be %q.", shownJSON(r.duplicate.object.Get("scimType")), scim.Uniqueness)
	}
	return passes()
}

// judgeDuplicateCase sends another e-mail address, so that only the userName can be the reason of a refusal.
func (r *run) judgeDuplicateCase() Finding {
	twin := r.names.plainUser("ada-twin", "Ada", "Twin")
	twin["userName"] = strings.ToUpper(r.ada.name)
	a := r.create("Users", twin)
	r.undo("Users", a)
	return expect(a, http.StatusConflict).saying("The userName was that of another user, in another case.")
}
