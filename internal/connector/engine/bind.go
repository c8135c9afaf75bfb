package engine

import (
	"fmt"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// bind returns the value of an input: what arrives by wire, else what was typed in, as one of its type. A wire wins also
// where nothing comes along it.
func (r *run) bind(f *frame, in *program.Input) (any, *Error) {
	v := in.Const
	if len(in.Wires) > 0 {
		var err error
		if v, err = f.arrived(in); err != nil {
			return nil, fail(Unfit, "%s: %s", in.Key, sentence(err.Error()))
		}
	}
	return convert(in.Key, in.Type, in.List, v)
}

// arrived takes the value of the wire whose card ran.
func (f *frame) arrived(in *program.Input) (any, error) {
	for i := len(in.Wires) - 1; i >= 0; i-- {
		w := in.Wires[i]
		if !f.ran[w.Node] {
			continue
		}
		v, err := transform(w.Convert, f.gave[w.Node][w.From])
		if err != nil {
			return nil, err
		}
		if _, is := v.([]any); w.Wrap && !is && v != nil {
			v = []any{v}
		}
		return v, nil
	}
	return nil, nil
}

// convert makes v one of a field's type.
func convert(k program.Key, t value.Type, list bool, v any) (any, *Error) {
	if v == nil {
		return nil, nil
	}
	if !list {
		out, err := t.Convert(v)
		if err != nil {
			return nil, fail(Unfit, "%s: %s", k, sentence(err.Error()))
		}
		return out, nil
	}
	items, is := v.([]any)
	if !is {
		if text, is := v.(string); is {
			if read, err := value.Decode([]byte(text)); err == nil {
				items, _ = read.([]any)
			}
		}
		if items == nil {
			items = []any{v}
		}
	}
	if t == value.Any || t == value.Object {
		return items, nil
	}
	out := make([]any, len(items))
	for i, item := range items {
		converted, err := t.Convert(item)
		if err != nil {
			return nil, fail(Unfit, "%s, item %d: %s", k, i, sentence(err.Error()))
		}
		out[i] = converted
	}
	return out, nil
}

// transform applies a conversion that the editor put on a wire (connectors §2.5).
func transform(name string, v any) (any, error) {
	switch name {
	case "", "wrapArray":
		if _, is := v.([]any); name == "wrapArray" && !is && v != nil {
			return []any{v}, nil
		}
		return v, nil
	case "parse":
		text, is := v.(string)
		if !is || text == "" {
			return v, nil
		}
		return value.Decode([]byte(text))
	case "stringify":
		if v == nil {
			return nil, nil
		}
		if _, is := v.(string); is {
			return v, nil
		}
		return string(value.Encode(v)), nil
	case "toString", "isoString", "booleanToString":
		if v == nil {
			return nil, nil
		}
		return value.Text(v), nil
	case "parseFloat":
		return value.Num.Convert(v)
	case "dateTime":
		return value.Instant.Convert(v)
	}
	return nil, fmt.Errorf("the conversion %q is not known", name)
}
