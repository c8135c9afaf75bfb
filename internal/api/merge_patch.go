package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/manifest"
)

// takeNulls splits a JSON merge patch (RFC 7396) into what it sets and the keys of the fields that it empties: null
// does, and so does a value that is empty. A group of fields that is null empties all of them. What is left holds
// everything that is none of this, right or wrong, for manifest.ParseJSON to judge.
func takeNulls(patch []byte) (rest []byte, emptied []string, err error) {
	var object map[string]json.RawMessage
	if err := readStrictly(patch, &object); err != nil {
		key := "body"
		if twice, ok := errors.AsType[*occursTwice](err); ok {
			key = twice.path
		}
		return nil, nil, refuse(key, sentence(err.Error()))
	}
	if emptied, err = dropNulls(object, ""); err != nil {
		return nil, nil, fmt.Errorf("read patch: %w", err)
	}
	rest, err = json.Marshal(object)
	return rest, emptied, err
}

func dropNulls(object map[string]json.RawMessage, path string) (emptied []string, err error) {
	for member, value := range object {
		if strings.Contains(member, ".") {
			continue // no field is written so
		}
		if slices.Contains([]string{"null", `""`, "[]"}, string(value)) {
			if fields := fieldsUnder(path + member); fields != nil {
				emptied = append(emptied, fields...)
				delete(object, member)
			}
			continue
		}
		var inner map[string]json.RawMessage
		if value[0] != '{' {
			continue
		}
		if err := json.Unmarshal(value, &inner); err != nil {
			return nil, err
		}
		below, err := dropNulls(inner, path+member+".")
		if err != nil {
			return nil, err
		}
		emptied = append(emptied, below...)
		if object[member], err = json.Marshal(inner); err != nil {
			return nil, err
		}
	}
	return emptied, nil
}

// fieldsUnder returns the keys of the fields that a content can empty: the one with this key, or those of this group;
// all of them for "". What is sealed, and the logo, have operations of their own.
func fieldsUnder(key string) []string {
	var keys []string
	for _, f := range manifest.Fields() {
		own := f.Type == manifest.TypeSecret || f.Type == manifest.TypeConnection || f.Type == manifest.TypeLogo
		if !own && (key == "" || f.Key == key || strings.HasPrefix(f.Key, key+".")) {
			keys = append(keys, f.Key)
		}
	}
	return keys
}
