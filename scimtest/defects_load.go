package scimtest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"sync"
	"time"

	"slipway/internal/scim"
)

var loadDefects = []Defect{
	{"rate.sustained", "Breaks down when the same thing is asked quickly.",
		rushed(false, func(*exchange) answer { return *refused(http.StatusServiceUnavailable, "Overloaded.") })},
	{"rate.429-shape", "Lets its gateway send a page with the 429.",
		rushed(false, func(*exchange) answer {
			a := plain(http.StatusTooManyRequests, "text/html; charset=utf-8", htmlPage(http.StatusTooManyRequests))
			a.header.Set("Retry-After", "0")
			return a
		})},
	{"rate.retry-after-int", "Writes Retry-After as a date.",
		rushed(false, func(x *exchange) answer { return tooMany(x.s.now().UTC().Format(http.TimeFormat)) })},
	{"rate.recover", "Refuses for longer than it says.", rushed(true, func(*exchange) answer { return tooMany("0") })},
	{"scale.create-100", "Reads through everybody before it creates somebody.",
		slowing(on(userKind, create), func(_ *exchange, there int) bool { return there > 85 })},
	{"scale.filter-index", "Reads through everybody for a filter.",
		slowing(onFilter, func(_ *exchange, there int) bool { return there > 60 })},
	{"scale.import-walk", "Lists no more than the first hundred users.",
		windowing(func(x *exchange, w window, total int) (window, error) {
			if total > 100 && w.start > 100 {
				return w, scim.Refuse(http.StatusBadRequest, scim.TooMany, "There are too many users.")
			}
			return w, nil
		})},
	{"scale.page-depth", "Counts off all users before a page.",
		slowing(onPages, func(x *exchange, _ int) bool {
			start, err := number(x.query, "startIndex", 1)
			return err == nil && start > 60
		})},
	{"conc.create-same", "Looks for a name that is taken before others have stored theirs.", hasty},
	{"conc.patch-diff", "Changes the user that it read before the request had its turn.", forgetful},
	{"conc.read-your-write", "Reads from a replica that does not keep up with many changes.", lagged},
	{"clean.no-leftovers", "Says that a user with a postal address is deleted, and keeps the user.",
		serving(on(userKind, remove), func(x *exchange, sound func() answer) answer {
			if rec := x.s.users.byID[x.route.id]; rec != nil && rec.resource["addresses"] != nil {
				return answer{status: http.StatusNoContent, header: http.Header{}}
			}
			return sound()
		})},
}

func tooMany(after string) answer {
	a := *refused(http.StatusTooManyRequests, "Too many requests.")
	a.header.Set("Retry-After", after)
	return a
}

const inARow = 6 // equal requests that count as a rush

// rushed answers otherwise where the same is read too often in a row: once, or for as long as nothing else is asked.
func rushed(forGood bool, otherwise func(*exchange) answer) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		var mu sync.Mutex
		var last string
		var row int
		arriving(func(s *Server, x *exchange) *answer {
			if s.admit(x) != nil {
				return nil // wrong credentials are refused as ever, and count for nothing
			}
			mu.Lock()
			defer mu.Unlock()
			if what := x.r.Method + x.r.URL.RequestURI(); what != last {
				last, row = what, 0
			}
			if row++; row <= inARow || x.r.Method != http.MethodGet {
				return nil
			}
			if !forGood {
				row = 0
			}
			a := otherwise(x)
			return &a
		})(s, st)
	}
}

const sluggish = 150 * time.Millisecond

// slowing takes its time where slow says so. there is how many users there are.
func slowing(concerned when, slow func(x *exchange, there int) bool) func(*Server, *steps) {
	return serving(concerned, func(x *exchange, sound func() answer) answer {
		if slow(x, len(x.s.users.order)) {
			x.pause(sluggish)
		}
		return sound()
	})
}

const headStart = 40 * time.Millisecond // between the arrival of a request and the work: others arrive in it

// hasty lets the creations of one name that were under way at the same time all pass.
func hasty(s *Server, st *steps) {
	var mu sync.Mutex
	underWay, met := map[string]int{}, map[string]bool{} // by name
	nameOf := func(x *exchange) string {
		var body scim.Resource
		_ = json.Unmarshal(x.body, &body) // a body that is none has no name
		return scim.Fold(body.UserName())
	}
	arriving(func(_ *Server, x *exchange) *answer {
		if x.route.is(userKind, create) {
			mu.Lock()
			underWay[nameOf(x)]++
			met[nameOf(x)] = underWay[nameOf(x)] > 1
			mu.Unlock()
			x.pause(headStart)
		}
		return nil
	})(s, st)
	next := st.taken
	st.taken = func(x *exchange, id string, r scim.Resource) bool {
		mu.Lock()
		defer mu.Unlock()
		return next(x, id, r) && (x.route.deed != create || !met[nameOf(x)])
	}
	lastly(func(x *exchange, _ *answer) {
		if x.route.is(userKind, create) {
			mu.Lock()
			defer mu.Unlock()
			if underWay[nameOf(x)]--; underWay[nameOf(x)] == 0 {
				delete(met, nameOf(x))
			}
		}
	})(s, st)
}

// forgetful patches what a user was when the request arrived.
func forgetful(s *Server, st *steps) {
	var mu sync.Mutex
	read := map[*exchange]scim.Resource{}
	arriving(func(s *Server, x *exchange) *answer {
		if x.route.is(userKind, patch) {
			s.mu.RLock()
			rec := s.users.byID[x.route.id]
			if rec != nil {
				mu.Lock()
				read[x] = rec.resource.Clone()
				mu.Unlock()
			}
			s.mu.RUnlock()
			x.pause(headStart)
		}
		return nil
	})(s, st)
	next := st.patch
	st.patch = func(x *exchange, r scim.Resource, ops []scim.PatchOp) (scim.Resource, error) {
		mu.Lock()
		before := read[x]
		delete(read, x)
		mu.Unlock()
		if before == nil {
			return next(x, r, ops)
		}
		if password, told := r["password"]; told {
			before["password"] = password
		}
		return next(x, before, ops)
	}
}

const keptUp = 12 // changes of nothing but a title that the replica follows

// lagged shows a user as it was before the last change, once, after many changes of the title in a row.
func lagged(_ *Server, st *steps) {
	var mu sync.Mutex
	row, old := map[string]int{}, map[string]scim.Resource{} // by id
	forgetting(on(userKind, replace), func(x *exchange, before, kept scim.Resource) {
		mu.Lock()
		defer mu.Unlock()
		if !onlyTitleDiffers(before, kept) {
			row[x.route.id] = 0
		} else if row[x.route.id]++; row[x.route.id] > keptUp {
			old[x.route.id] = before
		}
	})(nil, st)
	serving(on(userKind, get), func(x *exchange, sound func() answer) answer {
		mu.Lock()
		before := old[x.route.id]
		delete(old, x.route.id)
		mu.Unlock()
		if before == nil {
			return sound()
		}
		return x.s.shown(x, http.StatusOK, &record{resource: before})
	})(nil, st)
}

func onlyTitleDiffers(before, after scim.Resource) bool {
	plain := func(r scim.Resource) scim.Resource {
		r = r.Clone()
		without(r, "title", "meta")
		return r
	}
	return before.String("title") != after.String("title") && reflect.DeepEqual(plain(before), plain(after))
}
