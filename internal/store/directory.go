package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/provision"
)

var _ directory.Store = (*Store)(nil)

const personColumns = `id, org_id, profile, active, version, updated_at`

type personRow struct {
	ID        string    `db:"id"`
	OrgID     string    `db:"org_id"`
	Profile   []byte    `db:"profile"`
	Active    bool      `db:"active"`
	Version   int64     `db:"version"`
	UpdatedAt time.Time `db:"updated_at"`
}

func (r personRow) person() (directory.Person, error) {
	p := directory.Person{ID: r.ID, OrgID: r.OrgID, Active: r.Active, Version: r.Version, UpdatedAt: r.UpdatedAt.UTC()}
	if err := json.Unmarshal(r.Profile, &p.Profile); err != nil {
		return directory.Person{}, fmt.Errorf("read person %s: %w", r.ID, err)
	}
	return p, nil
}

func persons(rows []personRow) ([]directory.Person, error) {
	list := make([]directory.Person, 0, len(rows))
	for _, row := range rows {
		p, err := row.person()
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// Person finds a person of the org.
func (s *Store) Person(ctx context.Context, orgID, id string) (directory.Person, error) {
	return s.onePerson(ctx, `SELECT `+personColumns+` FROM people WHERE org_id = $1 AND id = $2`, orgID, id)
}

// PersonByEmail finds the person with that address; of several, the first by user name.
func (s *Store) PersonByEmail(ctx context.Context, orgID, email string) (directory.Person, error) {
	return s.onePerson(ctx, `SELECT `+personColumns+` FROM people WHERE org_id = $1 AND email_key = $2 ORDER BY user_name_key LIMIT 1`,
		orgID, directory.Key(email))
}

func (s *Store) onePerson(ctx context.Context, query string, args ...any) (directory.Person, error) {
	var row personRow
	if err := s.get(ctx, &row, query, args...); err != nil {
		return directory.Person{}, err
	}
	return row.person()
}

// People pages by user name, which is unique in the org.
func (s *Store) People(ctx context.Context, orgID string, q directory.Query) ([]directory.Person, error) {
	var rows []personRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+personColumns+` FROM people p
		 WHERE org_id = $1 AND user_name_key > $2 AND (active OR NOT $3) AND `+matchesPrefix+`
		 ORDER BY user_name_key LIMIT $5`,
		orgID, directory.Key(q.After), q.ActiveOnly, searchWord(q.Prefix), q.Count())
	if err != nil {
		return nil, fmt.Errorf("list people of %s: %w", orgID, err)
	}
	return persons(rows)
}

// matchesPrefix compares the beginnings of the names of person p with $4. It looks at every person of the org:
// an index for it pays above some 100,000 people.
const matchesPrefix = `($4 = '' OR replace(p.words, $4, '') <> p.words)`

// searchWord is a prefix as it stands in the words of a person.
func searchWord(prefix string) string {
	if prefix = directory.Key(prefix); prefix == "" {
		return ""
	}
	visible := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) { // no name has one, and PostgreSQL takes no NUL
			return '|'
		}
		return r
	}, strings.ToValidUTF8(prefix, "|"))
	return "|" + strings.ReplaceAll(visible, "|", " ")
}

// words is what a search looks through.
func words(p directory.Profile) string {
	var b strings.Builder
	for _, value := range []string{p.UserName, p.GivenName, p.FamilyName, p.DisplayName, p.Email} {
		b.WriteString("|" + strings.ReplaceAll(directory.Key(value), "|", " "))
	}
	return b.String()
}

// SavePerson adds a person, or replaces the one at p.Version, and asks for a new plan wherever the person has an
// account or shall have one.
func (s *Store) SavePerson(ctx context.Context, p directory.Person) error {
	profile, err := json.Marshal(p.Profile)
	if err != nil {
		return fmt.Errorf("save person %s: %w", p.ID, err)
	}
	err = s.tx(ctx, func(tx *Tx) error {
		n, err := tx.exec(ctx, savePerson, p.ID, p.OrgID, directory.Key(p.UserName), directory.Key(p.Email), words(p.Profile),
			string(profile), p.Active, p.Version, p.UpdatedAt)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "This person changed while you were editing. Reload to see the newer values.")
		}
		return tx.planEverywhere(ctx, p.ID)
	})
	if isUnique(err) {
		return fault.New(fault.Conflict, "Another person has this user name.").With(fault.Field{Key: "userName", Message: "Choose another user name."})
	}
	return err
}

// savePerson inserts at version 0 and replaces at any other: no row changes when somebody was faster, or when the
// person is another org's.
const savePerson = `
	INSERT INTO people (id, org_id, user_name_key, email_key, words, profile, active, version, updated_at)
	SELECT $1, $2, $3, $4, $5, $6, $7, $8 + 1, $9
	 WHERE $8 = 0 OR EXISTS (SELECT 1 FROM people WHERE id = $1)
	ON CONFLICT (id) DO UPDATE
	   SET user_name_key = excluded.user_name_key, email_key = excluded.email_key, words = excluded.words,
	       profile = excluded.profile, active = excluded.active, version = excluded.version, updated_at = excluded.updated_at
	 WHERE people.version = excluded.version - 1 AND people.org_id = excluded.org_id`

// planEverywhere asks for a new plan of one person in all installations where something can follow from it. The
// cost grows with what the person has, not with the size of the org.
func (t *Tx) planEverywhere(ctx context.Context, personID string) error {
	var installations []string
	err := t.selectAll(ctx, &installations, `
		SELECT i.id FROM installations i
		 WHERE i.stage <> 'testing'
		   AND (i.id IN (SELECT installation_id FROM assignments WHERE person_id = $1)
		     OR i.id IN (SELECT installation_id FROM links WHERE person_id = $1))
		 ORDER BY i.id`, personID)
	if err != nil {
		return fmt.Errorf("find installations of %s: %w", personID, err)
	}
	for _, id := range installations {
		if err := t.enqueue(ctx, provision.PlanPeople{InstallationID: id, PersonIDs: []string{personID}}, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}
