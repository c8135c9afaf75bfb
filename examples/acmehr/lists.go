package acmehr

import (
	"encoding/base64"
	"slices"
	"strconv"
)

// Sizes of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// list answers with one page: of at most limit items, those behind the cursor in after. The cursor names the last item of
// the page before, so what others add meanwhile moves nothing.
func list[T any](s *Server, x *exchange, all []T, show func(T) (key string, shown any)) answer {
	query, limit := x.URL.Query(), defaultLimit
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxLimit {
			return invalid("limit must be a number from 1 to 200.")
		}
		limit = n
	}
	if s.has(ListIgnoresLimit) {
		limit = maxLimit
	}
	from := 0
	if after := query.Get("after"); after != "" {
		last, err := base64.RawURLEncoding.DecodeString(after)
		if err != nil {
			return invalid("after must be what next was in the answer before.")
		}
		from = 1 + slices.IndexFunc(all, func(item T) bool { key, _ := show(item); return key == string(last) })
		if from == 0 {
			return invalid("after is of a list that has changed; begin again.")
		}
	}
	page := all[from:min(from+limit, len(all))]
	items := []any{}
	for _, item := range page {
		_, shown := show(item)
		items = append(items, shown)
	}
	body := map[string]any{"items": items, "next": nil}
	if from+limit < len(all) {
		body["next"] = cursor(page[len(page)-1], show)
		s.spoilPage(x, body, items)
	}
	return answer{status: 200, body: body}
}

func cursor[T any](item T, show func(T) (string, any)) string {
	key, _ := show(item)
	return base64.RawURLEncoding.EncodeToString([]byte(key))
}

// spoilPage is what can be wrong with a page that is not the last.
func (s *Server) spoilPage(x *exchange, body map[string]any, items []any) {
	if s.has(ListSkipsOne) {
		body["items"] = items[:len(items)-1]
	}
	if after := x.URL.Query().Get("after"); s.has(ListRepeatsCursor) && after != "" {
		body["next"] = after
	}
}
