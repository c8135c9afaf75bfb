package directory

import (
	"context"
	"time"
)

// Store keeps people. Every question names the org; a person of another org is fault.NotFound.
type Store interface {
	// Person finds one person.
	Person(ctx context.Context, orgID, id string) (Person, error)
	// PersonByEmail finds the person with that address, in any case of letters.
	PersonByEmail(ctx context.Context, orgID, email string) (Person, error)
	// People returns a page of people by user name.
	People(ctx context.Context, orgID string, q Query) ([]Person, error)
	// SavePerson is the one write. Version 0 adds a person; any other must be the stored one, or the answer is
	// fault.Conflict, as it is for a user name that another person of the org has. In the same transaction it
	// asks for a new plan of the person's installations.
	SavePerson(ctx context.Context, p Person) error
}

// Query asks for a page of people.
type Query struct {
	Prefix     string // of user name, given name, family name, display name or address, in any case; "" for all
	After      string // the last user name of the page before, "" for the first page
	Limit      int    // at most this many; 50 unless between 1 and 500
	ActiveOnly bool
}

const (
	defaultPage = 50
	largestPage = 500
)

// Count returns the page size to use.
func (q Query) Count() int {
	if q.Limit < 1 || q.Limit > largestPage {
		return defaultPage
	}
	return q.Limit
}

// Directory is the people of all orgs, behind the rules of a person.
type Directory struct{ store Store }

// New returns the directory kept in store.
func New(store Store) *Directory { return &Directory{store} }

// Person finds one person of an org; fault.NotFound otherwise.
func (d *Directory) Person(ctx context.Context, orgID, id string) (Person, error) {
	return d.store.Person(ctx, orgID, id)
}

// PersonByEmail finds the person behind a sign-in; fault.NotFound if the directory has none.
func (d *Directory) PersonByEmail(ctx context.Context, orgID, email string) (Person, error) {
	return d.store.PersonByEmail(ctx, orgID, email)
}

// People returns a page of an org's people.
func (d *Directory) People(ctx context.Context, orgID string, q Query) ([]Person, error) {
	return d.store.People(ctx, orgID, q)
}

// Save adds a person (ID "" and Version 0) or changes one, and returns what is stored now.
// It answers fault.Invalid with the broken fields, or fault.Conflict when somebody else was faster.
func (d *Directory) Save(ctx context.Context, p Person, now time.Time) (Person, error) {
	p.Profile = p.Tidy()
	if err := p.Validate(); err != nil {
		return Person{}, err
	}
	if p.ID == "" {
		p.ID = NewID()
	}
	p.UpdatedAt = now
	if err := d.store.SavePerson(ctx, p); err != nil {
		return Person{}, err
	}
	p.Version++
	return p, nil
}
