package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
)

// acceptable refuses what was made from an older content, a logo that was not uploaded, and what breaks a rule.
func (s *Server) acceptable(ctx context.Context, d registry.Dossier, version int64, sent manifest.Content) error {
	if !fresh(d, version) {
		return stale(d.Submission.Content, sent)
	}
	if logo := sent.Text("logo"); logo != "" && logo != d.Submission.LogoHash() {
		return refuse("logo", "Upload the icon on its own, with PUT to …/logo.")
	}
	before, err := s.Registry.Readiness(ctx, d)
	if err != nil {
		return err
	}
	d.Submission.Content = d.Submission.Content.Overlay(sent)
	after, err := s.Registry.Readiness(ctx, d)
	if err != nil {
		return err
	}
	broken := slices.DeleteFunc(after.Problems, func(p manifest.Problem) bool {
		return !names(sent, p.Key) && slices.Contains(before.Problems, p)
	})
	hidden, err := s.hidden(ctx, d, sent)
	if err != nil {
		return err
	}
	return manifest.Refusal(union(broken, hidden))
}

// union is both lists, and each problem once.
func union(a, b []manifest.Problem) []manifest.Problem {
	for _, p := range b {
		if !slices.Contains(a, p) {
			a = append(a, p)
		}
	}
	return a
}

// hidden is what is wrong with fields that are sent while their section is off. A form does not show them, so no rule
// speaks of them; a program that sends them means them.
func (s *Server) hidden(ctx context.Context, d registry.Dossier, sent manifest.Content) ([]manifest.Problem, error) {
	d.Submission.Content = d.Submission.Content.With("scim.enabled", manifest.Yes)
	shown, err := s.Registry.Readiness(ctx, d)
	return slices.DeleteFunc(shown.Problems, func(p manifest.Problem) bool {
		f, _ := manifest.Find(p.Key)
		return f.Tab != manifest.TabSCIM || !names(sent, p.Key)
	}), err
}

// stale names each field in which what was sent differs from what is stored by now.
func stale(stored, sent manifest.Content) error {
	err := fault.Wrap(errStale, fault.Conflict, "The content has changed since the version that you have seen. Read it again, and decide about each field that is named.")
	for _, c := range manifest.Diff(stored, stored.Overlay(sent)) {
		err = err.With(fault.Field{Key: c.Key, Message: fmt.Sprintf("%s is %q now; you sent %q.", c.Label, c.Old, c.New)})
	}
	return err
}

// name makes a content speak of a key that it does not hold: the field is emptied.
func name(c manifest.Content, key string) {
	at, path := map[string]any(c), strings.Split(key, ".")
	for _, group := range path[:len(path)-1] {
		inner, ok := at[group].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[group] = inner
		}
		at = inner
	}
	if last := path[len(path)-1]; at[last] == nil {
		at[last] = ""
	}
}

// names reports whether a content speaks of the field to which a problem's key belongs.
func names(c manifest.Content, key string) bool {
	f, ok := manifest.Find(key)
	if !ok {
		return false
	}
	at, path := map[string]any(c), strings.Split(f.Key, ".")
	for _, group := range path[:len(path)-1] {
		at, _ = at[group].(map[string]any)
	}
	_, ok = at[path[len(path)-1]]
	return ok
}
