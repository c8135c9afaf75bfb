package scim

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ListResponse is one page of a list (RFC 7644 §3.4.2). A counter that the target left out is -1.
// ItemsPerPage must not be used to advance: some targets repeat what was asked. Count Resources instead.
type ListResponse struct {
	TotalResults int
	StartIndex   int // 1-based
	ItemsPerPage int
	Resources    []Resource
}

// MarshalJSON writes the list with its schema URN; Resources is [] rather than null.
func (l ListResponse) MarshalJSON() ([]byte, error) {
	resources := l.Resources
	if resources == nil {
		resources = []Resource{}
	}
	return json.Marshal(struct {
		Schemas      []string   `json:"schemas"`
		TotalResults int        `json:"totalResults"`
		StartIndex   int        `json:"startIndex"`
		ItemsPerPage int        `json:"itemsPerPage"`
		Resources    []Resource `json:"Resources"`
	}{[]string{SchemaListResponse}, l.TotalResults, l.StartIndex, l.ItemsPerPage, resources})
}

// UnmarshalJSON reads leniently: keys in any case, counters as integers or as strings of digits, Resources
// absent or null. An object with neither Resources nor totalResults is no list, nor is anything else.
func (l *ListResponse) UnmarshalJSON(data []byte) error {
	return l.read(objectIn(data))
}

// ListOf is UnmarshalJSON for an object that was read already. The list shares the object's resources.
func ListOf(object Resource) (ListResponse, error) {
	var l ListResponse
	err := l.read(object)
	return l, err
}

func (l *ListResponse) read(object Resource) error {
	if object == nil {
		return fmt.Errorf("read list: %w", errNoObject)
	}
	_, hasResources := keyOf(object, "Resources")
	_, hasTotal := keyOf(object, "totalResults")
	if !hasResources && !hasTotal {
		return fmt.Errorf("read list: %w: neither Resources nor totalResults", ErrShape)
	}
	page := ListResponse{}
	var err error
	if page.TotalResults, err = counter(object, "totalResults"); err != nil {
		return err
	}
	if page.StartIndex, err = counter(object, "startIndex"); err != nil {
		return err
	}
	if page.ItemsPerPage, err = counter(object, "itemsPerPage"); err != nil {
		return err
	}
	if page.Resources, err = resources(lookup(object, "Resources")); err != nil {
		return err
	}
	*l = page
	return nil
}

func counter(object map[string]any, name string) (int, error) {
	switch v := lookup(object, name).(type) {
	case nil:
		return -1, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v), nil
		}
	case string:
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("read list: %w: %s is no integer", ErrShape, name)
}

func resources(value any) ([]Resource, error) {
	if value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("read list: %w: Resources is no array", ErrShape)
	}
	out := make([]Resource, 0, len(list))
	for i, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("read list: %w: Resources[%d] is no object", ErrShape, i)
		}
		out = append(out, object)
	}
	return out, nil
}
