package api

import (
	"context"
	"slices"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
)

// OnSecret is the path of one secret of a submission.
type OnSecret struct {
	OnSubmission
	Key string `path:"key" example:"testAccount.password" doc:"The key of the field, or of a value of the test connection."`
}

type putSecretRequest struct {
	OnSecret
	Body struct {
		Value string `json:"value" minLength:"1" writeOnly:"true"`
	} `nameHint:"PutSecretRequest"`
}

func (s *Server) putSecret(ctx context.Context, who access.Actor, in *putSecretRequest) (*noContent, error) {
	sub, err := s.Registry.SaveSecret(ctx, who, in.ID, in.Key, secret.NewText(in.Body.Value))
	return &noContent{tag(sub.Version)}, err
}

func (s *Server) removeSecret(ctx context.Context, who access.Actor, in *OnSecret) (*noContent, error) {
	sub, err := s.Registry.RemoveSecret(ctx, who, in.ID, in.Key)
	return &noContent{tag(sub.Version)}, err
}

// Connection is with what the lab reaches the vendor's own tenant. Of secrets it only says that they are stored.
type Connection struct {
	Values  []ConnectionValue `json:"values" doc:"What the authentication mode and the variables of the content ask for."`
	Cleared []string          `json:"cleared,omitempty" doc:"Stored credentials that were removed, because the address that they are sent to has changed. Send them again."`
}

// ConnectionValue is one value of a connection.
type ConnectionValue struct {
	Key    string `json:"key" example:"connection.token"`
	Label  string `json:"label"`
	Secret bool   `json:"secret" doc:"It cannot be read back."`
	Stored bool   `json:"stored"`
	Value  string `json:"value,omitempty" doc:"Never that of a secret."`
}

func (s *Server) getConnection(ctx context.Context, who access.Actor, in *OnSubmission) (*tagged[Connection], error) {
	d, shown, err := s.connection(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &tagged[Connection]{tag(d.Submission.Version), connectionOf(d, shown)}, nil
}

func (s *Server) connection(ctx context.Context, who access.Actor, id string) (d registry.Dossier, shown map[string]string, err error) {
	if d, err = s.Registry.Get(ctx, who, id); err != nil {
		return d, nil, err
	}
	c, err := s.Registry.Connection(ctx, who, d)
	return d, c.Shown, err
}

func connectionOf(d registry.Dossier, shown map[string]string) Connection {
	return Connection{Values: each(manifest.ConnectionFields(d.Submission.Content), func(f manifest.Field) ConnectionValue {
		return ConnectionValue{Key: f.Key, Label: f.Label, Secret: f.Type == manifest.TypeSecret, Stored: d.Has(f.Key), Value: shown[f.Key]}
	})}
}

type putConnectionRequest struct {
	OnSubmission
	Body struct {
		Values map[string]string `json:"values" writeOnly:"true" doc:"By key, such as connection.token or connection.var.tenant. What is not named stays as it is; a secret that is empty, too."`
	} `nameHint:"PutConnectionRequest"`
}

func (s *Server) putConnection(ctx context.Context, who access.Actor, in *putConnectionRequest) (*tagged[Connection], error) {
	d, shown, err := s.connection(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	given := manifest.Connection{}
	for key, value := range in.Body.Values {
		given[key] = secret.NewText(value)
	}
	if err := s.usable(d, shown, given); err != nil {
		return nil, err
	}
	saved, err := s.Registry.SaveConnection(ctx, who, in.ID, given)
	if err != nil {
		return nil, err
	}
	if d, shown, err = s.connection(ctx, who, in.ID); err != nil {
		return nil, err
	}
	connection := connectionOf(d, shown)
	connection.Cleared = saved.Cleared
	return &tagged[Connection]{tag(saved.Submission.Version), connection}, nil
}

// usable refuses keys that the content does not ask for, and values that break a rule together with those that are
// stored.
func (s *Server) usable(d registry.Dossier, shown map[string]string, given manifest.Connection) error {
	fields, all := manifest.ConnectionFields(d.Submission.Content), manifest.Connection{}
	var unknown []fault.Field
	for key, value := range shown {
		all[key] = secret.NewText(value)
	}
	for key, value := range given {
		if !slices.ContainsFunc(fields, func(f manifest.Field) bool { return f.Key == key }) {
			unknown = append(unknown, fault.Field{Key: key, Message: "The content does not ask for this value."})
		}
		all[key] = value
	}
	if unknown != nil {
		return refusals(unknown)
	}
	env := s.Registry.Env
	env.Stored = map[string]bool{}
	for _, f := range fields {
		env.Stored[f.Key] = true // what is missing is not wrong, and must not keep the address from being checked
	}
	return manifest.Refusal(manifest.ValidateConnection(d.Submission.Content, all, env))
}
