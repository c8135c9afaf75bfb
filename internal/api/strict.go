package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// formats is how bodies are written and read: JSON only, and strictly.
var formats = map[string]huma.Format{
	"application/json": {Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: readStrictly},
	"json":             {Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: readStrictly}, // also what ends in +json, as problems do
}

// readStrictly reads one JSON value without keys that occur twice (H-30). Which keys there may be, and of what type
// their values are, the schema of the operation says. Errors do not repeat what was sent.
func readStrictly(data []byte, into any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not UTF-8")
	}
	if !json.Valid(data) { // it also limits the depth
		return errNotJSON
	}
	if err := oneOfEachKey(json.NewDecoder(bytes.NewReader(data)), ""); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return errNotJSON
	}
	return nil
}

var errNotJSON = errors.New("the body is not one JSON value of the kind that this operation takes")

// occursTwice says which key of which object does.
type occursTwice struct{ path string }

func (o *occursTwice) Error() string { return fmt.Sprintf("the key %q occurs twice", o.path) }

// oneOfEachKey reads one value, which is valid, to its end.
func oneOfEachKey(d *json.Decoder, path string) error {
	token, err := d.Token()
	if err != nil || token != json.Delim('{') && token != json.Delim('[') {
		return err
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		member := strconv.Itoa(i)
		if token == json.Delim('{') {
			key, err := d.Token()
			if err != nil {
				return err
			}
			member, _ = key.(string)
		}
		member = strings.TrimPrefix(path+"."+member, ".")
		if seen[member] {
			return &occursTwice{member}
		}
		seen[member] = true
		if err := oneOfEachKey(d, member); err != nil {
			return err
		}
	}
	_, err = d.Token() // the bracket that closes
	return err
}
