package access

import "context"

// Places remembers where somebody was in something that takes several sittings, so that they find themselves there
// again. It is theirs alone: a colleague who works on the same thing has a place of their own.
type Places interface {
	// Place returns the place, "" where none was kept.
	Place(ctx context.Context, userID, thing string) (string, error)
	// KeepPlace replaces the place.
	KeepPlace(ctx context.Context, userID, thing, place string) error
}
