package registry

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"slipway/internal/fault"
	"slipway/internal/manifest"
)

func TestMerge(t *testing.T) {
	stored := manifest.Content{"name": "Acme", "description": "Old text"}
	for _, tt := range []struct {
		name    string
		since   []FieldEdit // made by Bob after Ann opened her form
		sent    manifest.Content
		want    map[string]string
		clashes []string
	}{
		{"nobody else was there", nil, manifest.Content{"name": "Acme 2"}, map[string]string{"name": "Acme 2", "description": "Old text"}, nil},
		{"the other field was changed", []FieldEdit{{Key: "description", Was: "Older"}}, manifest.Content{"name": "Acme 2"},
			map[string]string{"name": "Acme 2", "description": "Old text"}, nil},
		{"a whole form, in which the other field is as it was", []FieldEdit{{Key: "description", Was: "Older"}},
			manifest.Content{"name": "Acme 2", "description": "Older"}, map[string]string{"name": "Acme 2", "description": "Old text"}, nil},
		{"both typed the same", []FieldEdit{{Key: "name", Was: "Ac"}}, manifest.Content{"name": "Acme"}, map[string]string{"name": "Acme"}, nil},
		{"both typed something else", []FieldEdit{{Key: "name", Was: "Ac"}}, manifest.Content{"name": "Acne"}, map[string]string{"name": "Acme"}, []string{"name"}},
		{"emptied what the other changed", []FieldEdit{{Key: "name", Was: "Ac"}}, manifest.Content{"name": ""}, map[string]string{"name": "Acme"}, []string{"name"}},
		{"emptied what nobody touched", nil, manifest.Content{"description": ""}, map[string]string{"name": "Acme", "description": ""}, nil},
		{"changed there and back", []FieldEdit{{Key: "name", Was: "Acme"}, {Key: "name", Was: "Other"}}, manifest.Content{"name": "Mine"}, map[string]string{"name": "Mine"}, nil},
		{"a logo is not typed", nil, manifest.Content{"logo": "0000"}, map[string]string{"logo": ""}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, clashes := merge(stored, tt.sent, tt.since)
			for key, want := range tt.want {
				if got.Text(key) != want {
					t.Errorf("%s is %q, want %q", key, got.Text(key), want)
				}
			}
			var keys []string
			for _, c := range clashes {
				keys = append(keys, c.Key)
			}
			if !slices.Equal(keys, tt.clashes) {
				t.Errorf("clashes %v, want %v", keys, tt.clashes)
			}
		})
	}
}

// The other half of switching SCIM on is that its use case is chosen. That is nobody's typing, and no clash.
func TestMergeDoesNotClashOnWhatNobodyTyped(t *testing.T) {
	stored := manifest.Content{"useCases": []string{"zero_trust"}}
	since := []FieldEdit{{Key: "useCases", Was: nil}}
	got, clashes := merge(stored, manifest.Content{"scim": map[string]any{"enabled": "yes"}}, since)
	if len(clashes) > 0 || !got.Yes("scim.enabled") || !slices.Contains(got.List("useCases"), "zero_trust") {
		t.Errorf("got %v, clashes %v", got, clashes)
	}
}

// Covers and "nothing typed is ever lost": however several people save one draft, every value that
// was typed is stored, or was replaced by somebody who had seen it, or was given back to its author in a conflict
// that shows both values.
func TestNoTypedValueIsEverLost(t *testing.T) {
	keys := []string{"name", "website", "description", "escalationContact"}
	rapid.Check(t, func(t *rapid.T) {
		service, _ := inMemory()
		sub, err := service.StartSubmission(t.Context(), ann)
		if err != nil {
			t.Fatal(err)
		}
		type form struct {
			base  int64
			shown map[string]string
		}
		open := func() form {
			d, err := service.Get(t.Context(), ann, sub.ID)
			if err != nil {
				t.Fatal(err)
			}
			shown := map[string]string{}
			for _, key := range keys {
				shown[key] = d.Submission.Content.Text(key)
			}
			return form{d.Submission.Version, shown}
		}
		forms := []form{open(), open(), open()}
		typed := 0
		for range rapid.IntRange(1, 25).Draw(t, "saves") {
			i := rapid.IntRange(0, len(forms)-1).Draw(t, "who")
			if rapid.Bool().Draw(t, "reload") {
				forms[i] = open()
			}
			mine := maps.Clone(forms[i].shown)
			changed := map[string]bool{}
			for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom(keys), rapid.ID).Draw(t, "fields") {
				typed++
				mine[key], changed[key] = fmt.Sprintf("typed %d", typed), true
			}
			sent := manifest.Content{}
			for key, value := range mine { // a form without JavaScript sends all of its fields
				sent[key] = value
			}
			before := open().shown
			_, err := service.SaveDraft(t.Context(), people[i], sub.ID, forms[i].base, sent)
			after := open()
			var conflict *MergeConflict
			switch {
			case err == nil:
				for _, key := range keys {
					if changed[key] && after.shown[key] != mine[key] {
						t.Fatalf("%s: typed %q, saved without complaint, stored %q", key, mine[key], after.shown[key])
					}
					if !changed[key] && after.shown[key] != before[key] {
						t.Fatalf("%s: nobody typed it, and it went from %q to %q", key, before[key], after.shown[key])
					}
					if changed[key] && before[key] != forms[i].shown[key] && before[key] != mine[key] {
						t.Fatalf("%s: %q was replaced by somebody who had seen only %q", key, before[key], forms[i].shown[key])
					}
				}
				forms[i] = after
			case errors.As(err, &conflict):
				if !maps.Equal(before, after.shown) {
					t.Fatalf("a refused save changed %v to %v", before, after.shown)
				}
				for _, c := range conflict.Clashes {
					if c.Mine != mine[c.Key] || c.Theirs != before[c.Key] || !changed[c.Key] {
						t.Fatalf("clash %+v; typed %q, stored %q", c, mine[c.Key], before[c.Key])
					}
				}
				if fault.CodeOf(err) != fault.Conflict || len(conflict.Clashes) == 0 {
					t.Fatalf("conflict without a clash: %v", err)
				}
			default:
				t.Fatal(err)
			}
		}
	})
}

func TestMergeConflictNamesFieldAndBothValues(t *testing.T) {
	service, _ := inMemory()
	sub := start(t, service)
	save := func(who int, base int64, value string) error {
		_, err := service.SaveDraft(t.Context(), people[who], sub.ID, base, manifest.Content{"name": value})
		return err
	}
	if err := save(0, sub.Version, "Acme One"); err != nil {
		t.Fatal(err)
	}
	err := save(1, sub.Version, "Acme Two")
	shown := fault.Show(err)
	if shown.Code != fault.Conflict || len(shown.Fields) != 1 || shown.Fields[0].Key != "name" {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"Acme One", "Acme Two", "Ann"} {
		if !strings.Contains(shown.Fields[0].Message, part) {
			t.Errorf("%q does not name %s", shown.Fields[0].Message, part)
		}
	}
}
