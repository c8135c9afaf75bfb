package flopack

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"slipway/internal/connector/program"
)

// face says how a flow looks to those who call it: what it takes and what it gives.
func (b *builder) face(d *flowData) {
	f := b.flow
	meta := d.Method.is
	f.Kind, f.Method = b.kind(d), string(meta.Key)
	described := map[program.Key]faceField{}
	for _, side := range []lax[faceSide]{meta.Inputs, meta.Outputs, meta.Options} {
		for _, group := range side.is.Groups {
			for _, field := range group.Fields {
				described[program.Key{Group: group.Name, Name: field.Key}] = field
			}
		}
	}
	given := map[program.Key]bool{}
	for _, n := range f.Body.Nodes {
		switch n.Op {
		case "control/callable":
			for _, in := range n.In {
				if in.Key.Group != "context" {
					f.Inputs = append(f.Inputs, parameter(f, in, described))
				}
			}
		case "control/return":
			for _, in := range n.In {
				if !given[in.Key] {
					given[in.Key] = true
					f.Outputs = append(f.Outputs, parameter(f, in, described))
				}
			}
		}
	}
}

// unnamed are the groups of an action's first card that every action has.
var unnamed = []string{"auth", "selectedOutputs"}

// Options is the group of what is fixed when a flow is designed.
const Options = "Options"

func parameter(f *program.Flow, in program.Input, described map[program.Key]faceField) program.Parameter {
	p := program.Parameter{Key: in.Key, Label: in.Label, Type: in.Type, List: in.List, Required: in.Required, Default: in.Const, Option: in.Key.Group == Options}
	if field, ok := described[in.Key]; ok {
		p.Label, p.Required, p.List = string(field.Label), bool(field.Required), p.List || bool(field.Collection)
		for _, choice := range field.Choices {
			p.Choices = append(p.Choices, string(choice.Value))
			if choice.Default {
				p.Default = string(choice.Value)
			}
		}
	} else {
		p.Loose = f.Kind == program.Action && !slices.Contains(unnamed, in.Key.Group)
	}
	if p.Label == "" {
		p.Label = in.Key.Name
	}
	return p
}

// Credential is one field of a connection, as a connector's flows describe it.
type Credential struct {
	Key, Label string
	Secret     bool
	Choices    []string
	Default    string
}

// Credentials reads what the file's flows want of a connection: each starts with a card that holds its shape (connectors §1.2).
func Credentials(text []byte) []Credential {
	var e envelope
	if _, err := scan(text); err != nil || json.Unmarshal(text, &e) != nil || e.Data == nil {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(e.Data.Flows)) {
		if f := e.Data.Flows[id]; f != nil && f.Data != nil {
			if fields := f.Data.credentials(); fields != nil {
				return fields
			}
		}
	}
	return nil
}

func (d *flowData) credentials() []Credential {
	for _, c := range d.Methods {
		if c == nil || c.op() != "control/callable" {
			continue
		}
		for _, f := range c.Node.Model.Inputs.Data {
			if f != nil && len(f.Metadata.is.Auth) > 0 {
				return readCredentials(f.Metadata.is.Auth)
			}
		}
	}
	return nil
}

func readCredentials(text []byte) []Credential {
	var schema struct {
		Params map[string]struct {
			Type    word   `json:"type"`
			Label   word   `json:"displayname"`
			Index   figure `json:"index"`
			Choices []struct {
				Default loose `json:"default"`
				Value   word  `json:"optionValue"`
			} `json:"choices"`
		} `json:"authparams"`
	}
	if json.Unmarshal(text, &schema) != nil {
		return nil
	}
	keys := slices.Sorted(maps.Keys(schema.Params))
	slices.SortStableFunc(keys, func(a, b string) int {
		return cmp.Compare(schema.Params[a].Index.is, schema.Params[b].Index.is)
	})
	fields := make([]Credential, 0, len(keys))
	for _, key := range keys {
		p := schema.Params[key]
		field := Credential{Key: key, Label: string(p.Label), Secret: p.Type == "password"}
		for _, choice := range p.Choices {
			field.Choices = append(field.Choices, string(choice.Value))
			if choice.Default {
				field.Default = string(choice.Value)
			}
		}
		fields = append(fields, field)
	}
	return fields
}
