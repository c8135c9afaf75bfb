package target

import (
	"context"
	"strconv"

	"slipway/internal/scim"
)

// Page is which part of a list is wanted: at most Limit items, as many as the target likes where it is 0, from the Cursor
// that the page before gave.
type Page struct {
	Cursor string
	Limit  int
}

// List is one page; Next is "" on the last.
type List struct {
	Resources []scim.Resource
	Next      string
}

// User returns one account; Gone where the target says in so many words that there is none.
func (t *SCIM) User(ctx context.Context, id string) (scim.Resource, error) { return t.read(ctx, id) }

// Users returns one page of all accounts. SCIM counts: a cursor is the index at which the page begins.
func (t *SCIM) Users(ctx context.Context, page Page) (List, error) {
	return t.list(ctx, users, page, "")
}

// from is where a page begins: a cursor of SCIM's target counts, and begins with first.
func (p Page) from(first int) (int, error) {
	if p.Cursor == "" {
		return first, nil
	}
	n, err := strconv.Atoi(p.Cursor)
	if err != nil || n < first {
		return 0, &Failure{Kind: Rejected, Detail: "the cursor is none of this target's"}
	}
	return n, nil
}

func (t *SCIM) list(ctx context.Context, resource string, page Page, filter string) (List, error) {
	start, err := page.from(1)
	if err != nil {
		return List{}, err
	}
	answer, err := t.client.List(ctx, resource, scim.Query{Filter: filter, StartIndex: start, Count: page.Limit})
	if filter != "" && isMissing(err) {
		return List{}, nil // as with accounts: some targets answer a miss with 404
	}
	if err != nil {
		return List{}, readFailure(err)
	}
	l := List{Resources: answer.Resources}
	if next := start + len(answer.Resources); len(answer.Resources) > 0 && next <= answer.TotalResults {
		l.Next = strconv.Itoa(next)
	}
	return l, nil
}
