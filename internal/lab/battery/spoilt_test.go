package battery_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"slipway/internal/lab/battery"
	"slipway/internal/require"
	"slipway/internal/scim"
	"slipway/internal/target"
)

// spoilt is a connector that does one thing wrong for which Acme HR has no switch.
type spoilt struct {
	all
	find    func(hits []scim.Resource) []scim.Resource
	users   func(page target.Page, l target.List) target.List
	active  func(active bool) error
	groups  func(l target.List) target.List
	group   func(name string) string
	kinds   func([]target.Property) []target.Property
	options func([]target.Value) []target.Value
	update  func(changes []target.Change) []target.Change
	logout  func(done bool) bool
}

func (s *spoilt) FindUsers(ctx context.Context, by target.Attribute, value string) ([]scim.Resource, error) {
	hits, err := s.all.FindUsers(ctx, by, value)
	if s.find != nil {
		hits = s.find(hits)
	}
	return hits, err
}

func (s *spoilt) Users(ctx context.Context, page target.Page) (target.List, error) {
	l, err := s.all.Users(ctx, page)
	if s.users != nil {
		l = s.users(page, l)
	}
	return l, err
}

func (s *spoilt) Groups(ctx context.Context, page target.Page) (target.List, error) {
	l, err := s.all.Groups(ctx, page)
	if s.groups != nil {
		l = s.groups(l)
	}
	return l, err
}

func (s *spoilt) CreateGroup(ctx context.Context, name, description string) (scim.Resource, error) {
	if s.group != nil {
		name = s.group(name)
	}
	made, err := s.all.CreateGroup(ctx, name, description)
	if err == nil {
		delete(made, "displayName")
	}
	return made, err
}

func (s *spoilt) SetActive(ctx context.Context, id string, active bool) error {
	if s.active != nil {
		if err := s.active(active); err != nil {
			return err
		}
	}
	return s.all.SetActive(ctx, id, active)
}

func (s *spoilt) Entitlements(ctx context.Context) ([]target.Property, error) {
	kinds, err := s.all.Entitlements(ctx)
	if s.kinds != nil {
		kinds = s.kinds(kinds)
	}
	return kinds, err
}

func (s *spoilt) EntitlementValues(ctx context.Context) ([]target.Value, error) {
	options, err := s.all.EntitlementValues(ctx)
	if s.options != nil {
		options = s.options(options)
	}
	return options, err
}

func (s *spoilt) UpdateUser(ctx context.Context, id string, changes []target.Change, active bool) error {
	if s.update != nil {
		changes = s.update(changes)
	}
	return s.all.UpdateUser(ctx, id, changes, active)
}

func (s *spoilt) LogOut(ctx context.Context, id, userName string) (bool, error) {
	done, err := s.all.LogOut(ctx, id, userName)
	if s.logout != nil {
		done = s.logout(done)
	}
	return done, err
}

// isRole tells changes of entitlements.
func isRole(c target.Change) bool { return strings.HasPrefix(c.Attribute, "roles") }

func TestWhatNoSwitchShowsIsFoundToo(t *testing.T) {
	require.Proof(t)
	proven := map[string]bool{}
	for _, ids := range defects {
		for _, id := range ids {
			proven[id] = true
		}
	}
	for _, row := range scimDefects {
		for _, id := range row.want {
			proven[id] = true
		}
	}
	activations, asked := 0, map[string]int{}
	for _, tt := range []struct {
		name  string
		spoil func(p *place, s *spoilt)
		want  []string
	}{
		{"the credentials are wrong", func(p *place, s *spoilt) { s.all = p.subject.Junk.(all) }, []string{"contract.connect"}},
		{"any credentials will do", func(p *place, _ *spoilt) { p.subject.Junk = p.subject.Target }, []string{"contract.connect.wrong"}},
		{"look-ups give another id than the list", func(_ *place, s *spoilt) {
			s.find = func(hits []scim.Resource) []scim.Resource {
				for i := range hits {
					hits[i] = hits[i].Clone()
					hits[i]["id"] = "x" + hits[i].ID()
				}
				return hits
			}
		}, []string{"contract.create.find", "contract.list.read"}},
		{"the list forgets who is new", func(_ *place, s *spoilt) {
			s.users = func(_ target.Page, l target.List) target.List {
				l.Resources = slices.DeleteFunc(l.Resources, func(u scim.Resource) bool { return strings.Contains(u.UserName(), "-bea@") })
				return l
			}
		}, []string{"contract.list"}},
		{"the list shows everybody as active", func(_ *place, s *spoilt) {
			s.users = func(_ target.Page, l target.List) target.List {
				for _, u := range l.Resources {
					u["active"] = true
				}
				return l
			}
		}, []string{"contract.deactivate.list"}},
		{"who is active cannot be activated", func(_ *place, s *spoilt) {
			s.active = func(active bool) error {
				if active {
					if activations++; activations > 1 {
						return target.NewFailure(target.Rejected, 409, "The user is active already.", nil)
					}
				}
				return nil
			}
		}, []string{"contract.activate.twice"}},
		{"a cursor works once", func(_ *place, s *spoilt) {
			s.users = func(page target.Page, l target.List) target.List {
				if asked[page.Cursor]++; page.Limit == 1 && page.Cursor != "" && asked[page.Cursor] > 1 {
					l.Resources = nil
				}
				return l
			}
		}, []string{"contract.page.cursor"}},
		{"groups are called something else", func(_ *place, s *spoilt) {
			s.group = func(name string) string { return name + " (new)" }
		}, []string{"contract.group.create"}},
		{"the list forgets the first new group", func(_ *place, s *spoilt) {
			s.groups = func(l target.List) target.List {
				l.Resources = slices.DeleteFunc(l.Resources, func(g scim.Resource) bool { return g.ID() == "502" })
				return l
			}
		}, []string{"contract.group.list"}},
		{"a kind of entitlement has no type", func(_ *place, s *spoilt) {
			s.kinds = func(kinds []target.Property) []target.Property { kinds[0].Type = "ROLE"; return kinds }
		}, []string{"contract.entitlement.schema"}},
		{"entitlements are of a kind that is not listed", func(_ *place, s *spoilt) {
			s.options = func(options []target.Value) []target.Value { options[2].Property = "plans"; return options }
		}, []string{"contract.entitlement.values"}},
		{"there are no entitlements", func(_ *place, s *spoilt) {
			s.options = func([]target.Value) []target.Value { return nil }
		}, []string{"contract.entitlement.values"}},
		{"entitlements are not written", func(_ *place, s *spoilt) {
			s.update = func(changes []target.Change) []target.Change { return slices.DeleteFunc(changes, isRole) }
		}, []string{"contract.entitlement.assign"}},
		{"the first entitlement stays", func(_ *place, s *spoilt) {
			s.update = func(changes []target.Change) []target.Change {
				return slices.DeleteFunc(changes, func(c target.Change) bool { return isRole(c) && c.To != "viewer" })
			}
		}, []string{"contract.entitlement.change", "contract.entitlement.remove"}},
		{"nobody is ever logged out", func(_ *place, s *spoilt) { s.logout = func(bool) bool { return false } }, []string{"contract.logout"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t)
			s := &spoilt{all: p.subject.Target.(all)}
			tt.spoil(p, s)
			p.subject.Target = s
			out := battery.Run(t.Context(), p.subject)
			if got := found(out); !slices.Equal(got, tt.want) {
				t.Errorf("found %v\nwant  %v\n%s", got, tt.want, explain(out))
			}
			if after := p.others(); after != p.before {
				t.Errorf("what was there before is changed:\n%s\nbefore:\n%s", after, p.before)
			}
		})
		for _, id := range tt.want {
			proven[id] = true
		}
	}
	for _, c := range battery.Checks() {
		if !proven[c.ID] {
			t.Errorf("nothing proves that %s can fail", c.ID)
		}
	}
}
