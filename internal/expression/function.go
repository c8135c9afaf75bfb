package expression

import (
	"fmt"
	"slices"
	"strings"
)

// Function is what an expression may call: "lower", or "String.len" with the object that it belongs to.
type Function struct {
	// Signature is the name with its parameters: "substring(text: text, start: number, end?: number)",
	// "join(list: list, separator?: text)", "max(...numbers: number|list)". A kind is null, bool, number, text, time,
	// list, object or any; arguments of another kind are refused before the call.
	Signature string
	Sentence  string // what comes back
	Example   string // an expression, and
	Result    string // what it gives, as JSON
	// Call computes the result from as many arguments as were written. It must not change them, must not block, and
	// what it returns is as in Env. Its error is shown, after the function's name.
	Call func(args []any) (any, error)

	call     func(r *run, args []any) (any, error) // instead of Call, for those that account for their work
	volatile bool                                  // not always the same for the same arguments
	pattern  int                                   // 1-based: the argument that is a regular expression
}

// Name is what the function is called by.
func (f Function) Name() string {
	name, _, _ := strings.Cut(f.Signature, "(")
	return name
}

type parameter struct {
	name               string
	kinds              []string
	optional, variadic bool
}

// parameters reads the signature.
func (f Function) parameters() []parameter {
	_, list, _ := strings.Cut(strings.TrimSuffix(f.Signature, ")"), "(")
	if list == "" {
		return nil
	}
	var params []parameter
	for one := range strings.SplitSeq(list, ", ") {
		name, kinds, typed := strings.Cut(one, ": ")
		if !typed {
			kinds = "any"
		}
		p := parameter{kinds: strings.Split(kinds, "|")}
		name, p.variadic = strings.CutPrefix(name, "...")
		p.name, p.optional = strings.CutSuffix(name, "?")
		params = append(params, p)
	}
	return params
}

// arity returns how many arguments there may be; most is -1 for any number.
func arity(params []parameter) (least, most int) {
	for _, p := range params {
		switch {
		case p.variadic:
			return least, -1
		case !p.optional:
			least++
		}
		most++
	}
	return least, most
}

// accept refuses arguments of kinds that the signature does not name.
func accept(params []parameter, args []any) error {
	for i, arg := range args {
		p := params[min(i, len(params)-1)]
		kind := kindOf(arg)
		if slices.Contains(p.kinds, "any") || slices.Contains(p.kinds, kind) {
			continue
		}
		advice := ""
		if kind == "null" {
			advice = "; write ?? and what shall stand instead"
		}
		return fmt.Errorf("“%s” must be %s, not %s%s", p.name, someKind(p.kinds...), someKind(kind), advice)
	}
	return nil
}
