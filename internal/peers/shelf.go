package peers

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/elimity-com/scim"
	scimerrors "github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

// shelf stores the resources of one type, in the order of their making. A record on it is never changed: a write
// puts another in its place, so that an answer that is still being written stays as it was.
type shelf struct {
	prefix     string        // of the ids
	unique     string        // the attribute that no two resources share, compared without regard to case; "" if none
	core       schema.Schema // with the common attributes
	extensions map[string]schema.Schema

	mu      sync.RWMutex
	records []record
	lastID  int
}

type record struct {
	id                    string
	attributes            map[string]any
	created, lastModified time.Time
}

func newShelf(prefix, unique string, core schema.Schema, extensions ...schema.Schema) *shelf {
	core.Attributes = slices.Concat(core.Attributes, schema.CommonAttributes())
	s := &shelf{prefix: prefix, unique: unique, core: core, extensions: make(map[string]schema.Schema)}
	for _, extension := range extensions {
		s.extensions[extension.ID] = extension
	}
	return s
}

// Create implements scim.ResourceHandler.
func (s *shelf) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().UTC()
	made := record{id: fmt.Sprintf("%s-%d", s.prefix, s.lastID+1), attributes: attributes, created: now, lastModified: now}
	if s.taken(made) {
		return scim.Resource{}, scimerrors.ScimErrorUniqueness
	}
	s.lastID++
	s.records = append(s.records, made)
	return made.resource(), nil
}

// Get implements scim.ResourceHandler.
func (s *shelf) Get(_ *http.Request, id string) (scim.Resource, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, err := s.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return s.records[at].resource(), nil
}

// GetAll implements scim.ResourceHandler; startIndex counts from 1 (RFC 7644 §3.4.2.4).
func (s *shelf) GetAll(_ *http.Request, params scim.ListRequestParams) (scim.Page, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	page := scim.Page{Resources: []scim.Resource{}}
	for _, r := range s.records {
		if params.FilterValidator != nil && params.FilterValidator.PassesFilter(r.filterable()) != nil {
			continue
		}
		page.TotalResults++
		if page.TotalResults >= params.StartIndex && len(page.Resources) < params.Count {
			page.Resources = append(page.Resources, r.resource())
		}
	}
	return page, nil
}

// Replace implements scim.ResourceHandler.
func (s *shelf) Replace(_ *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	return s.change(id, func(map[string]any) (map[string]any, error) { return attributes, nil })
}

// Patch implements scim.ResourceHandler.
func (s *shelf) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	return s.change(id, func(old map[string]any) (map[string]any, error) { return s.patched(old, operations) })
}

// Delete implements scim.ResourceHandler.
func (s *shelf) Delete(_ *http.Request, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := s.find(id)
	if err != nil {
		return err
	}
	s.records = slices.Delete(s.records, at, at+1)
	return nil
}

func (s *shelf) change(id string, to func(old map[string]any) (map[string]any, error)) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := s.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	changed := s.records[at]
	if changed.attributes, err = to(changed.attributes); err != nil {
		return scim.Resource{}, err
	}
	if s.taken(changed) {
		return scim.Resource{}, scimerrors.ScimErrorUniqueness
	}
	changed.lastModified = time.Now().UTC()
	s.records[at] = changed
	return changed.resource(), nil
}

func (s *shelf) find(id string) (int, error) {
	at := slices.IndexFunc(s.records, func(r record) bool { return r.id == id })
	if at < 0 {
		return 0, scimerrors.ScimErrorResourceNotFound(id)
	}
	return at, nil
}

// taken tells whether another resource carries the same unique name.
func (s *shelf) taken(r record) bool {
	name := r.text(s.unique)
	return s.unique != "" && slices.ContainsFunc(s.records, func(other record) bool {
		return other.id != r.id && strings.EqualFold(other.text(s.unique), name)
	})
}

func (r record) text(attribute string) string {
	text, _ := r.attributes[attribute].(string)
	return text
}

// resource is what the library may show. It leaves the password out (RFC 7643 §4.1.1: never returned), which the
// library leaves to its host.
func (r record) resource() scim.Resource {
	shown := maps.Clone(r.attributes)
	delete(shown, "password")
	var externalID optional.String
	if text := r.text(schema.CommonAttributeExternalID); text != "" {
		externalID = optional.NewString(text)
	}
	return scim.Resource{
		ID:         r.id,
		ExternalID: externalID,
		Attributes: shown,
		Meta:       scim.Meta{Created: &r.created, LastModified: &r.lastModified},
	}
}

// filterable is the resource as a filter sees it: with the attributes that the library adds to its answers.
func (r record) filterable() map[string]any {
	seen := maps.Clone(r.attributes)
	delete(seen, "password")
	seen[schema.CommonAttributeID] = r.id
	seen[schema.CommonAttributeMeta] = map[string]any{
		"created":      r.created.Format(time.RFC3339),
		"lastModified": r.lastModified.Format(time.RFC3339),
	}
	return seen
}
