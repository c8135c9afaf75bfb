package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"slipway/internal/manifest"
)

const contentSchema = "Content"

// Schema is made from the declaration of the fields, which is the only place where a field is described. Nothing in
// it is required: a draft may be incomplete.
func (Content) Schema(r huma.Registry) *huma.Schema {
	if r.Map()[contentSchema] == nil {
		r.Map()[contentSchema] = schemaOf(manifest.Fields())
	}
	return &huma.Schema{Ref: "#/components/schemas/" + contentSchema}
}

func schemaOf(fields []manifest.Field) *huma.Schema {
	root := object("The content of a submission. What a draft's author has typed wrong into the form is read back as text, whatever its field's type.")
	for _, f := range fields {
		if f.Type == manifest.TypeSecret || f.Type == manifest.TypeConnection {
			continue
		}
		at, path := root, strings.Split(f.Key, ".")
		for _, group := range path[:len(path)-1] {
			if at.Properties[group] == nil {
				at.Properties[group] = object("")
			}
			at = at.Properties[group]
		}
		at.Properties[path[len(path)-1]] = fieldSchema(f)
	}
	return root
}

func object(description string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Description: description, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
}

func fieldSchema(f manifest.Field) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Title: f.Label, Description: f.Help}
	switch f.Type {
	case manifest.TypeYesNo, manifest.TypeSwitch:
		s.Type = huma.TypeBoolean
	case manifest.TypeInteger:
		s.Type = huma.TypeInteger
		low, high := float64(f.Min), float64(f.Max)
		s.Minimum, s.Maximum = &low, &high
	case manifest.TypeChoice:
		s.Enum = optionValues(f)
	case manifest.TypeChoices:
		s.Type, s.MaxItems, s.UniqueItems = huma.TypeArray, &f.Max, true
		s.Items = &huma.Schema{Type: huma.TypeString, Enum: optionValues(f)}
	case manifest.TypeRows:
		s.Type, s.MaxItems, s.Items = huma.TypeArray, &f.Max, schemaOf(f.Columns)
		s.Items.Description = ""
	case manifest.TypeLogo:
		s.Description = "SHA-256 of the icon that was uploaded. It cannot be set here."
	default:
		if f.Max > 0 {
			s.MaxLength = &f.Max
		}
	}
	return s
}

func optionValues(f manifest.Field) []any {
	return each(f.Options, func(o manifest.Option) any { return o.Value })
}

// takesContent documents a body that is read by its own rules.
func takesContent(types ...string) func(*huma.OpenAPI, *huma.Operation) {
	return func(doc *huma.OpenAPI, op *huma.Operation) {
		op.RequestBody.Content = map[string]*huma.MediaType{}
		for _, contentType := range types {
			op.RequestBody.Content[contentType] = &huma.MediaType{Schema: Content{}.Schema(doc.Components.Schemas)}
		}
	}
}
