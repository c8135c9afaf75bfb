package registry

import (
	"context"
	"slices"
	"strings"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/secret"
)

// connectionPrefix begins the keys of a test connection's values.
const connectionPrefix = "connection."

// SaveSecret stores one of the form's secrets, such as the test account's password. It cannot be read back.
// A blank value, or the mask that pages show, keeps what is stored (H-20).
func (s *Service) SaveSecret(ctx context.Context, actor access.Actor, id, key string, value secret.Text) (Submission, error) {
	field, ok := manifest.Find(key)
	if !ok || field.Type != manifest.TypeSecret {
		return Submission{}, fault.New(fault.Invalid, "There is no such secret.").With(fault.Field{Key: key, Message: "This field holds no secret."})
	}
	if len(value.Reveal()) > field.Max {
		return Submission{}, fault.New(fault.Invalid, "This secret is too long.").With(fault.Field{Key: key, Message: "Copy it again: it is longer than any we can store."})
	}
	saved, err := s.edit(ctx, actor, id, func(_ context.Context, t *turn) error {
		if !masked(value) {
			t.setSecret(key, value)
		}
		return nil
	})
	return saved.Submission, err
}

// masked reports whether a value is blank, or only stands for a secret that is stored.
func masked(value secret.Text) bool {
	return value.Reveal() == secret.Redacted || strings.Trim(value.Reveal(), "•●∙·*") == ""
}

// RemoveSecret forgets a stored secret of the form or of the test connection. The latter ends the daily look at what is
// published.
func (s *Service) RemoveSecret(ctx context.Context, actor access.Actor, id, key string) (Submission, error) {
	do := editing
	if isConnection(key) {
		do = connecting
	}
	saved, err := s.editAs(ctx, actor, id, do, func(_ context.Context, t *turn) error {
		if t.dossier.Has(key) {
			t.setSecret(key, secret.Text{})
		}
		return nil
	})
	return saved.Submission, err
}

func (t *turn) setSecret(key string, value secret.Text) {
	t.change.Secrets = append(t.change.Secrets, Secret{Key: key, Value: value, SetAt: t.now, SetBy: personOf(t.actor)})
}

// SaveConnection stores values of the test connection, by the keys of manifest.ConnectionFields. A credential that is
// blank or masked stays as it is stored; a variable's value that is blank is removed; what is not named is kept.
// When a value changes the address, stored credentials that were not given anew are removed, and Saved names them
// (H-21). A credential that no header can carry is refused with fault.Invalid. What is published can be connected anew,
// for the daily look at it.
func (s *Service) SaveConnection(ctx context.Context, actor access.Actor, id string, values manifest.Connection) (Saved, error) {
	return s.editAs(ctx, actor, id, connecting, func(ctx context.Context, t *turn) error {
		given := manifest.Connection{}
		for _, f := range manifest.ConnectionFields(t.before.Content) {
			value, ok := values[f.Key]
			if ok && (f.Type != manifest.TypeSecret || !masked(value)) {
				given[f.Key] = value
			}
		}
		if err := t.refuseCredentials(given); err != nil {
			return err
		}
		return t.clearMoved(ctx, t.before.Content, given)
	})
}

// refuseCredentials refuses secrets that cannot be sent. Unlike a text, a bad secret cannot be shown to its author
// again, so it is not kept.
func (t *turn) refuseCredentials(given manifest.Connection) error {
	var bad []manifest.Problem
	for _, p := range manifest.ValidateConnection(t.before.Content, given, manifest.Env{AllowHTTP: true, AllowPrivate: true}) {
		if !strings.HasPrefix(p.Key, manifest.VariablePrefix) {
			bad = append(bad, p)
		}
	}
	return manifest.Refusal(bad)
}

// clearMoved puts the given values into the change, and removes what must not be kept because the address it is sent
// to has changed: by the content, or by the values.
func (t *turn) clearMoved(ctx context.Context, content manifest.Content, given manifest.Connection) error {
	stored, err := t.connection(ctx)
	if err != nil {
		return err
	}
	next := manifest.Connection{}
	for key, value := range stored {
		next[key] = value
	}
	for key, value := range given {
		if next[key] != value {
			t.setSecret(key, value)
		}
		next[key] = value
	}
	for _, key := range manifest.Reenter(t.before.Content, content, stored, next) {
		if _, again := given[key]; !again && t.dossier.Has(key) {
			t.setSecret(key, secret.Text{})
			t.cleared = append(t.cleared, secretLabel(content, key))
		}
	}
	return nil
}

func secretLabel(c manifest.Content, key string) string {
	for _, f := range slices.Concat(manifest.Fields(), manifest.ConnectionFields(c)) {
		if f.Key == key {
			return f.Label
		}
	}
	return "Credentials"
}

// connection opens the stored values of the test connection. It asks the store only where there are any.
func (t *turn) connection(ctx context.Context) (manifest.Connection, error) {
	if !slices.ContainsFunc(t.dossier.Secrets, func(m SecretMark) bool { return strings.HasPrefix(m.Key, connectionPrefix) }) {
		return manifest.Connection{}, nil
	}
	return t.s.openConnection(ctx, scopeOf(t.actor), t.before.ID)
}

func (s *Service) openConnection(ctx context.Context, scope Scope, id string) (manifest.Connection, error) {
	secrets, err := s.Store.Secrets(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	values := manifest.Connection{}
	for _, v := range secrets {
		if strings.HasPrefix(v.Key, connectionPrefix) {
			values[v.Key] = v.Value
		}
	}
	return values, nil
}

// Connection is the test connection as its form shows it: values of variables and the user name, but of secrets only
// whether they are stored.
type Connection struct {
	Shown    map[string]string
	Problems []manifest.Problem
}

// Connection returns the test connection of a submission that the actor may see.
func (s *Service) Connection(ctx context.Context, actor access.Actor, d Dossier) (Connection, error) {
	values, err := s.openConnection(ctx, scopeOf(actor), d.Submission.ID)
	if err != nil {
		return Connection{}, err
	}
	env, err := s.env(ctx, d)
	if err != nil {
		return Connection{}, err
	}
	c := Connection{Shown: map[string]string{}, Problems: manifest.ValidateConnection(d.Submission.Content, values, env)}
	for _, f := range manifest.ConnectionFields(d.Submission.Content) {
		if f.Type != manifest.TypeSecret {
			c.Shown[f.Key] = values[f.Key].Reveal()
		}
	}
	return c, nil
}

// Subject is what the lab needs to verify a submission.
type Subject struct {
	Submission Submission
	Connection manifest.Connection // opened: hand it to the lab and to nobody else
	Waivers    Waivers             // in force
}

// Subject is for the worker: it opens the test connection of any submission.
func (s *Service) Subject(ctx context.Context, id string) (Subject, error) {
	d, err := s.Store.Dossier(ctx, Scope{All: true}, id)
	if err != nil {
		return Subject{}, err
	}
	values, err := s.openConnection(ctx, Scope{All: true}, id)
	return Subject{Submission: d.Submission, Connection: values, Waivers: d.Waivers.Holding(s.Clock())}, err
}

// Reveal shows a stored secret to a reviewer while the submission is under review. The history says who looked
// before the value is given out.
func (s *Service) Reveal(ctx context.Context, actor access.Actor, id, key string) (secret.Text, error) {
	_, err := s.take(ctx, actor, id, latest, Reveal, func(_ context.Context, t *turn) error {
		if !t.dossier.Has(key) {
			return fault.New(fault.NotFound, "This secret is not stored. It may have been purged.")
		}
		t.setReason("", "%s", secretLabel(t.before.Content, key))
		return nil
	}, nil)
	if err != nil {
		return secret.Text{}, err
	}
	secrets, err := s.Store.Secrets(ctx, scopeOf(actor), id)
	if err != nil {
		return secret.Text{}, err
	}
	i := slices.IndexFunc(secrets, func(v Secret) bool { return v.Key == key })
	if i < 0 {
		return secret.Text{}, fault.New(fault.NotFound, "This secret is not stored. It may have been purged.")
	}
	return secrets[i].Value, nil
}

// forgetSecrets removes every stored secret: when a submission is withdrawn or rejected.
func (t *turn) forgetSecrets() { t.forget(func(string) bool { return true }) }
