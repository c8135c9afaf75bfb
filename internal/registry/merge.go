package registry

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// Clash is a field that two people changed at the same time, to different values.
type Clash struct {
	manifest.Conflict
	By Person // who saved the other value
}

// MergeConflict is what SaveDraft answers to the second of two people who changed one field. Nothing was saved.
// It unwraps to the fault that doors show.
type MergeConflict struct {
	Clashes []Clash
	fault   *fault.Error
}

func (c *MergeConflict) Error() string { return c.fault.Error() }
func (c *MergeConflict) Unwrap() error { return c.fault }

func mergeConflict(clashes []Clash) *MergeConflict {
	f := fault.New(fault.Conflict, "Somebody else changed the same field while you were editing. Nothing of yours was saved yet: choose which text to keep.")
	for _, c := range clashes {
		f = f.With(fault.Field{Key: c.Key, Message: fmt.Sprintf("%s saved %q here; you wrote %q.", c.By.Name, c.Theirs, c.Mine)})
	}
	return &MergeConflict{Clashes: clashes, fault: f}
}

// merge brings what somebody sent into what is stored. sent holds the fields of a form that was opened at an earlier
// version, changed or not; since holds the edits made after that version, oldest first. What its sender did not
// touch stays as it is stored; what nobody else touched becomes what was sent; where both changed one field, to
// different values, it is a clash.
func merge(stored, sent manifest.Content, since []FieldEdit) (manifest.Content, []Clash) {
	base := asOf(stored, since)
	merged, conflicts := manifest.Merge(base, base.Overlay(typed(sent)), stored)
	var clashes []Clash
	for _, c := range conflicts {
		if names(sent, c.Key) { // what Overlay adds by itself is nobody's typing
			clashes = append(clashes, Clash{c, lastEditor(since, c.Key)})
		}
	}
	return merged, clashes
}

// asOf returns a content as it was before the edits.
func asOf(stored manifest.Content, since []FieldEdit) manifest.Content {
	base := stored
	for _, e := range slices.Backward(since) {
		base = base.With(e.Key, e.Was)
	}
	return base
}

// typed returns what was sent without the logo, which only an upload changes.
func typed(sent manifest.Content) manifest.Content {
	return sent.With("logo", nil)
}

func lastEditor(since []FieldEdit, key string) Person {
	for _, e := range slices.Backward(since) {
		if e.Key == key {
			return e.By
		}
	}
	return Person{}
}

// editsBetween returns a record for each field in which two contents differ.
func editsBetween(was, is manifest.Content, next Submission, by Person) []FieldEdit {
	var edits []FieldEdit
	for _, f := range manifest.Fields() {
		if before := was.Get(f.Key); !reflect.DeepEqual(before, is.Get(f.Key)) {
			edits = append(edits, FieldEdit{Version: next.Version, Key: f.Key, Was: before, By: by, At: next.UpdatedAt})
		}
	}
	return edits
}

// names reports whether a content speaks of a key at all; an empty value means that the field was emptied.
func names(c manifest.Content, key string) bool {
	object, path := map[string]any(c), strings.Split(key, ".")
	for _, name := range path[:len(path)-1] {
		object, _ = object[name].(map[string]any)
	}
	_, ok := object[path[len(path)-1]]
	return ok
}
