package value

import (
	"fmt"
	"time"
)

// Type is what a field is declared to hold. Any value fits into Any.
type Type string

const (
	Any     Type = ""
	String  Type = "text"
	Num     Type = "number"
	Boolean Type = "boolean"
	Instant Type = "date"
	Object  Type = "object"
	Binary  Type = "file"
	Flow    Type = "flow" // a reference to a flow: a parameter of cards, never computed with
	List    Type = "list" // of anything
	Secret  Type = "secret"
	Choice  Type = "choice"
)

// Convert makes v one of the type. nil stays nil; text that holds no number is refused, as is an object where a list is due.
func (t Type) Convert(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch t {
	case String, Secret, Choice:
		return Text(v), nil
	case Num:
		if isNumber(v) {
			return v, nil
		}
		if text, is := v.(string); is && text == "" {
			return nil, nil
		}
		if n, ok := Number(v); ok {
			return n, nil
		}
		return nil, t.refuse(v)
	case Boolean:
		return Truth(v), nil
	case Instant:
		if text, is := v.(string); is && text == "" {
			return nil, nil
		}
		if at, ok := Date(v); ok {
			return at, nil
		}
		return nil, t.refuse(v)
	case Object:
		return t.object(v)
	case List:
		if list, ok := v.([]any); ok {
			return list, nil
		}
		return []any{v}, nil // as JavaScript's editors do when one thing is dropped on a list
	}
	return v, nil
}

// object takes text as JSON: a body that came as text is dropped on an object all the time.
func (t Type) object(v any) (any, error) {
	text, is := v.(string)
	if !is {
		switch v.(type) {
		case map[string]any, []any, File, time.Time: // lists are objects in JavaScript
			return v, nil
		}
		return nil, t.refuse(v)
	}
	if text == "" {
		return map[string]any{}, nil
	}
	read, err := Decode([]byte(text))
	if err != nil {
		return nil, t.refuse(v)
	}
	return read, nil
}

func (t Type) refuse(v any) error {
	const shown = 40
	return fmt.Errorf("%q is no %s", Shorten(Text(v), shown), t)
}

// alike converts for a comparison, where what does not fit is left as it is.
func (t Type) alike(v any) any {
	if t == Object || t == Any {
		return v
	}
	if converted, err := t.Convert(v); err == nil {
		return converted
	}
	return v
}
