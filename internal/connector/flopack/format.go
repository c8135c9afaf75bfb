// Package flopack reads flows as Okta Workflows exports them: .flow, .folder and .flopack files, which are one JSON format.
//
// It owns the format, the checks that an import has to pass, and the way from there to a program. Its one rule: a file is
// taken as it is or refused with the place and the reason; what it does not know it keeps quiet about only where nothing
// depends on it. The bytes themselves are kept by whoever has them; nothing here writes a file of this format.
package flopack

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// Limits of one file.
const (
	MaxBytes  = 10 << 20
	MaxFlows  = 400
	MaxCards  = 20_000
	MaxString = 1 << 20
)

// envelope is the whole file.
type envelope struct {
	Type    string `json:"type"`
	Version string `json:"version"`
	Data    *struct {
		Flows   map[string]*flow   `json:"flos"`
		Configs map[string]*config `json:"configs"`
		Tables  map[string]*entry  `json:"tables"`
		Groups  map[string]*entry  `json:"groups"`
	} `json:"data"`
}

// flow is one flow; Data is nil of one that was referred to and not exported.
type flow struct {
	ID          string    `json:"id"`
	Name        word      `json:"name"`
	Description word      `json:"description"`
	Data        *flowData `json:"data"`
}

// flowData is what a flow consists of. An inline flow is one of these without the wrapper.
type flowData struct {
	UUID      string              `json:"uuid"`
	Methods   []*card             `json:"methods"`
	Orderings map[string][]string `json:"orderings"` // always pairs: from, to
	Scheduled loose               `json:"scheduled"`
	Method    lax[methodMeta]     `json:"connector_method_meta"`
}

// methodMeta is the face of a connector's action: what its card shows.
type methodMeta struct {
	Key     word          `json:"methodkey"`
	Inputs  lax[faceSide] `json:"inputs"`
	Outputs lax[faceSide] `json:"outputs"`
	Options lax[faceSide] `json:"options"`
}

type faceSide struct {
	Groups []struct {
		Name   string      `json:"group_name"`
		Fields []faceField `json:"fields"`
	} `json:"groups"`
}

type faceField struct {
	Key        string `json:"_key"`
	Label      word   `json:"label"`
	Required   loose  `json:"required"`
	Collection loose  `json:"collection"`
	Choices    []struct {
		Default loose `json:"default"`
		Value   word  `json:"value"`
	} `json:"static_options"`
}

type config struct {
	ID     string          `json:"id"`
	Name   word            `json:"name"`
	Module word            `json:"module"`
	Data   json.RawMessage `json:"data"`
}

// entry is a table or a folder, of which only the id matters.
type entry struct {
	ID string `json:"id"`
}

// card is one card, which the format calls a method.
type card struct {
	UUID    string `json:"uuid"`
	Address string `json:"address"`
	Parents struct {
		Version struct {
			Address string `json:"address"`
		} `json:"version"`
	} `json:"parents"`
	Node struct {
		Key  string `json:"key"`
		Data struct {
			Name word `json:"name"`
		} `json:"data"`
		Model model `json:"model"`
	} `json:"node"`
	Pins     map[string]map[string][]pin `json:"pins"`     // output field → target card → wires
	Joins    map[string][]pin            `json:"joins"`    // input field → outputs
	Branches map[string]loose            `json:"branches"` // first card of a branch → the value for which it runs
}

type pin struct {
	Input     string               `json:"input"`
	Output    string               `json:"output"`
	Transform map[string]transform `json:"transform"`
}

type transform struct {
	Convert word  `json:"convert"`
	Wrap    loose `json:"forceWrapArray"`
}

type model struct {
	Displayed json.RawMessage `json:"displayed"`
	Inputs    side            `json:"inputs"`
	Outputs   side            `json:"outputs"`
	Policy    policy          `json:"policy"`
	Meta      json.RawMessage `json:"meta"`
	Comments  json.RawMessage `json:"comments"` // text, or title and markdown of a comment card
}

type side struct {
	Data   map[string]*field           `json:"data"`
	Groups map[string]lax[placeInList] `json:"groupRules"`
}

type placeInList struct {
	Index figure `json:"index"`
}

type policy struct {
	Error struct {
		Type      word            `json:"type"`
		Retry     figure          `json:"retry"`
		Delay     json.RawMessage `json:"delay"` // milliseconds, or a list of least and most
		Condition word            `json:"retryCondition"`
		Flow      reference       `json:"flo"`
	} `json:"error"`
}

type field struct {
	ID    string `json:"id"`
	Group word   `json:"group"`
	Key   word   `json:"key"`
	Value struct {
		Type       json.RawMessage `json:"type"` // a word, or a map of members for an object of known shape
		Collection loose           `json:"collection"`
		Data       json.RawMessage `json:"data"`
		Proxy      json.RawMessage `json:"proxy"`
	} `json:"value"`
	Required loose         `json:"required"`
	Flags    word          `json:"flags"`
	Metadata lax[metadata] `json:"metadata"`

	ref *reference // what flow has read
	bad error      // why it could not
}

type metadata struct {
	Index   figure          `json:"index"`
	Display word            `json:"displayname"`
	Path    json.RawMessage `json:"path"`
	Auth    json.RawMessage `json:"authSchema"`
	Table   loose           `json:"table"` // it names a table by its id
}

// flow is the flow that the field refers to, nothing where it is no such field or none was chosen.
func (f *field) flow() (reference, error) {
	if f.ref == nil {
		f.ref = &reference{}
		if string(f.Value.Type) == `"flo"` && len(f.Value.Data) > 0 {
			f.bad = json.Unmarshal(f.Value.Data, f.ref)
		}
	}
	return *f.ref, f.bad
}

// lax is a part whose shape is the editor's business: where it is another one than we know, it is empty.
type lax[T any] struct{ is T }

func (l *lax[T]) UnmarshalJSON(text []byte) error {
	var part T
	if json.Unmarshal(text, &part) == nil {
		l.is = part
	}
	return nil
}

// word is a text that some exports write as a number or null; a list or an object is none.
type word string

func (w *word) UnmarshalJSON(text []byte) error {
	switch text[0] {
	case '"':
		return json.Unmarshal(text, (*string)(w))
	case '{', '[', 'n':
		*w = ""
	default:
		*w = word(text)
	}
	return nil
}

// figure is a number that some exports write as text; anything else is none.
type figure struct {
	is    float64
	known bool
}

func (f *figure) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseFloat(string(bytes.Trim(text, `"`)), 64)
	*f = figure{n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)}
	return nil
}

// loose is a truth that some exports write as text or null.
type loose bool

func (l *loose) UnmarshalJSON(text []byte) error {
	*l = loose(bytes.Equal(text, []byte("true")) || bytes.Equal(text, []byte(`"true"`)))
	return nil
}

// reference is a flow that is referred to: by id, or as a whole flow inside of the card.
type reference struct {
	ID     string
	Inline *flowData
}

func (r *reference) UnmarshalJSON(text []byte) error {
	switch text = bytes.TrimSpace(text); {
	case len(text) == 0 || bytes.Equal(text, []byte("null")):
		return nil
	case text[0] == '"':
		return json.Unmarshal(text, &r.ID)
	case text[0] == '{':
		var inline flowData
		if err := json.Unmarshal(text, &inline); err != nil {
			return err
		}
		if inline.Methods != nil {
			r.Inline = &inline
		}
	}
	return nil // "{}" and the like: no flow was chosen
}
