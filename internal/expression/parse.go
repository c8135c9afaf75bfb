package expression

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// parse reads src with the grammar of expr, in which functions may have the names of its builtins.
func parse(src string, functions map[string]Function) (root ast.Node, err error) {
	switch {
	case len(src) > MaxSource:
		return nil, at(0, "the expression is longer than %d bytes; compute parts of it in steps before", MaxSource)
	case !utf8.ValidString(src):
		return nil, at(0, "the expression is not valid UTF-8")
	case strings.TrimSpace(src) == "":
		return nil, at(0, "the expression is empty")
	}
	defer func() {
		// The parser is not ours: what it does not expect must not end the process.
		if recover() != nil {
			root, err = nil, at(0, "the expression cannot be read")
		}
	}()
	src, err = nameCalls(src)
	if err != nil {
		return nil, unread(err)
	}
	tree, err := parser.ParseWithConfig(src, grammar(functions))
	if err != nil {
		return nil, unread(err)
	}
	return tree.Node, nil
}

func grammar(functions map[string]Function) *conf.Config {
	config := conf.CreateNew()
	config.MaxNodes = MaxNodes
	config.DisableIfOperator = true
	for name := range config.Builtins {
		config.Disabled[name] = true
	}
	for name := range functions {
		config.Functions[name] = &builtin.Function{Name: name}
	}
	return config
}

// callable are words that are operators to the parser, and also names of functions; callMark makes them names.
var callable = []string{"contains", "startsWith", "endsWith", "matches"}

const callMark = 'ǃ' // a letter, as the lexer sees it

// nameCalls marks such words where a value starts and a parenthesis follows: contains(a, b), but not a contains (b).
// Every place of the source stays as it is.
func nameCalls(src string) (string, error) {
	tokens, err := lexer.Lex(file.NewSource(src))
	if err != nil {
		return "", err
	}
	letters := []rune(src)
	for i, token := range tokens {
		if token.Is(lexer.Operator, callable...) && startsValue(tokens[:i]) && i+1 < len(tokens) && tokens[i+1].Is(lexer.Bracket, "(") {
			letters[token.From] = callMark
		}
	}
	return string(letters), nil
}

// calledName is the name that nameCalls marked.
func calledName(name string) string {
	for _, word := range callable {
		if strings.HasPrefix(name, string(callMark)) && strings.HasSuffix(name, word[1:]) {
			return word
		}
	}
	return name
}

// startsValue tells whether a value is expected after the tokens, rather than an operator or a member's name.
func startsValue(before []lexer.Token) bool {
	if len(before) == 0 {
		return true
	}
	last := before[len(before)-1]
	switch {
	case last.Is(lexer.Operator, ".", "?."):
		return false
	case last.Is(lexer.Operator, "not"): // not contains(a, b), but a not contains b
		return startsValue(before[:len(before)-1])
	default:
		return last.Kind == lexer.Operator || last.Is(lexer.Bracket, "(", "[", "{")
	}
}

var unexpected = regexp.MustCompile(`^unexpected token (\w+)(?:\("(.*)"\))?$`)

// unread says in our words why the parser could not go on.
func unread(err error) error {
	e, ok := errors.AsType[*file.Error](err)
	if !ok {
		return at(0, "the expression cannot be read")
	}
	message := e.Message
	if parts := unexpected.FindStringSubmatch(message); parts != nil {
		switch {
		case parts[1] == "EOF":
			message = "the expression ends too early"
		case parts[1] == "String":
			message = "a text does not belong here; an operator or a comma may be missing"
		case parts[2] == "let" || parts[2] == ";":
			message = "an expression holds no variables and no second expression; compute parts of it in steps before"
		case parts[2] == "=":
			message = "“=” does not belong here; “==” compares"
		case parts[2] == "#":
			message = "there are no loops in an expression, so “#” means nothing"
		default:
			message = fmt.Sprintf("“%s” does not belong here", parts[2])
		}
		return at(e.From, "%s", message)
	}
	for _, known := range sentences {
		if strings.HasPrefix(message, known.prefix) {
			return at(e.From, "%s", known.sentence)
		}
	}
	return at(e.From, "the expression cannot be read from here on")
}

var sentences = []struct{ prefix, sentence string }{
	{"compilation failed: expression exceeds", fmt.Sprintf("the expression has more than %d parts; compute some of them in steps before", MaxNodes)},
	{"literal not terminated", "a text has no closing quote"},
	{"invalid char escape", "after a backslash stands a character that means nothing there; write \\\\ for a backslash"},
	{"unclosed comment", "a comment has no end"},
	{"unrecognized character", "this character means nothing here"},
	{"bad number", "this is no number"},
	{"invalid ", "this number cannot be read; the largest integer is 9223372036854775807"},
	{"integer literal", "this number cannot be read; the largest integer is 9223372036854775807"},
	{"float literal", "this number is too large"},
	{"expected name", "after the dot stands a member's name"},
	{"a map key must", "a key is a word, a text, a number, or an expression in parentheses"},
	{"Operator (", "put one side into parentheses: ?? stands beside no other operator without them"},
	{"expected at least", "there are no loops in an expression; a template's $each and a step's forEach go through lists"},
	{"wrap predicate", "there are no loops in an expression; a template's $each and a step's forEach go through lists"},
	{"unexpected end", "the expression ends too early"},
}
