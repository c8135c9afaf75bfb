package contract

import (
	"fmt"
	"slices"
	"strings"

	"slipway/internal/connector/value"
)

// Types of errors that a contract's answer may bear.
const (
	NotFound    = "RESOURCE_NOT_FOUND"
	TooOften    = "RATE_LIMIT_EXCEEDED"
	Credentials = "INVALID_CREDENTIALS"
	Expired     = "TOKEN_EXPIRED"
	Generic     = "GENERIC_FAILURE"
)

// ErrorTypes are all of them.
var ErrorTypes = []string{NotFound, TooOften, Credentials, Expired, Generic}

// Check returns what an answer lacks of what the contract promises, "" where nothing.
func (c Contract) Check(answer map[string]any) string {
	switch c.Returns {
	case User:
		return person(answer["user"], "user")
	case Group:
		return lacks(answer["group"], "group", "id", "displayName")
	case UserList:
		return each(answer, "resources", person)
	case GroupList:
		return each(answer, "resources", func(v any, at string) string { return lacks(v, at, "id", "displayName") })
	case Members:
		return each(answer, "resources", func(v any, at string) string { return lacks(v, at, "value") })
	case Properties:
		return each(answer, "schemaProperties", func(v any, at string) string { return lacks(v, at, "name", "propertyType") })
	case Options:
		return each(answer, "schemaPropertyValues", func(v any, at string) string { return lacks(v, at, "id", "displayName", "schemaPropertyName") })
	case LogoutDone:
		if s := answer["logoutStatus"]; s != "SUCCESS" && s != "FAILURE" {
			return "logoutStatus is neither SUCCESS nor FAILURE"
		}
	}
	return ""
}

// Declares reports whether an answer of the contract may have a member of that name, as exported flows may label it.
func (c Contract) Declares(name string) bool {
	name = strings.ReplaceAll(name, " ", "")
	return strings.EqualFold(name, "executionStatus") || slices.ContainsFunc(returned[c.Returns], func(member string) bool { return strings.EqualFold(member, name) })
}

// returned are the members of an answer of each shape.
var returned = map[Shape][]string{
	User: {"user"}, UserList: {"resources", "pagination"}, Group: {"group"}, GroupList: {"resources", "pagination"}, Members: {"resources", "pagination"},
	Properties: {"schemaProperties", "pagination"}, Options: {"schemaPropertyValues", "pagination"}, LogoutDone: {"logoutStatus"},
}

func person(v any, at string) string { return lacks(v, at, "id", "userName") }

// lacks names the first member that is missing or empty; the RFCs want these as texts.
func lacks(v any, at string, members ...string) string {
	object, is := v.(map[string]any)
	if !is {
		return at + " is missing"
	}
	for _, m := range members {
		switch member := object[m].(type) {
		case nil:
			return fmt.Sprintf("%s has no %s", at, m)
		case string:
			if member == "" {
				return fmt.Sprintf("%s has an empty %s", at, m)
			}
		default:
			return fmt.Sprintf("%s.%s is no text but %s", at, m, value.Encode(member))
		}
	}
	return ""
}

func each(answer map[string]any, list string, check func(any, string) string) string {
	items, is := answer[list].([]any)
	if !is {
		return list + " is no list"
	}
	for i, item := range items {
		if lack := check(item, fmt.Sprintf("%s[%d]", list, i)); lack != "" {
			return lack
		}
	}
	return ""
}

// Succeeded is the answer with how it went, as the engine hands it on.
func Succeeded(answer map[string]any) map[string]any {
	out := map[string]any{"executionStatus": map[string]any{"status": "SUCCEEDED", "errors": []any{}}}
	for name, v := range answer {
		out[name] = v
	}
	return out
}

// Failure is one error of a contract's answer.
type Failure struct {
	Type, Code, Summary string
	Status              int
}

// Failed is the answer of an action that did not do as asked.
func Failed(f Failure) map[string]any {
	return map[string]any{"executionStatus": map[string]any{"status": "FAILED", "errors": []any{map[string]any{
		"type": f.Type, "code": f.Code, "summary": f.Summary, "httpStatusCode": float64(f.Status), "details": []any{}, "requestId": "",
	}}}}
}

// TypeOf is the type that a status has where the connector does not say otherwise.
func TypeOf(status int) string {
	switch status {
	case 401:
		return Credentials
	case 404:
		return NotFound
	case 429:
		return TooOften
	}
	return Generic
}
