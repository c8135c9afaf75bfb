package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words splits a name of an API into words of ASCII letters and digits: "userId", "user_id", "UserID" are two.
func words(name string) []string {
	var all []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			all = append(all, string(word))
			word = nil
		}
	}
	runes := []rune(norm.NFD.String(cut(name, 300)))
	for i, r := range runes {
		upper := r >= 'A' && r <= 'Z'
		switch {
		case unicode.Is(unicode.Mn, r): // an accent
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			if r != '\'' {
				end()
			}
		default:
			next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if upper && len(word) > 0 && (!unicode.IsUpper(word[len(word)-1]) || next) {
				end()
			}
			word = append(word, r)
		}
	}
	end()
	return all
}

// plain is a name without case and separators, to compare by.
func plain(name string) string { return strings.ToLower(strings.Join(words(name), "")) }

// reserved are words that an expression cannot use as a name.
var reserved = strings.Fields("in not and or let if else matches contains true false nil null")

// keys gives field keys, each once.
type keys map[string]bool

// of makes a key of the form that the schema wants.
func (k keys) of(name string) string {
	key := strings.ToLower(strings.Join(words(name), "_"))
	if key == "" {
		key = "field"
	}
	if key[0] < 'a' || key[0] > 'z' {
		key = "n" + key
	}
	if slices.Contains(reserved, key) {
		key += "_value"
	}
	key = strings.TrimRight(key[:min(len(key), 58)], "_")
	unique := key
	for n := 2; k[unique]; n++ {
		unique = fmt.Sprintf("%s_%d", key, n)
	}
	k[unique] = true
	return unique
}

// labelOf is what people call a field.
func labelOf(name string) string {
	all := words(name)
	for i, w := range all {
		switch lower := strings.ToLower(w); {
		case lower == "id" || lower == "url" || lower == "uri" || lower == "api":
			all[i] = strings.ToUpper(w)
		case i == 0:
			all[i] = strings.ToUpper(lower[:1]) + lower[1:]
		default:
			all[i] = lower
		}
	}
	if len(all) == 0 {
		return "Field"
	}
	return cut(strings.Join(all, " "), 60)
}

// cut is at most so many characters of a text.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return strings.TrimRight(string(runes[:most-1]), " ") + "…"
}

// line is a text of the document on one line, without what cannot be printed.
func line(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return ' '
	}, cut(s, 4*most))
	return cut(strings.Join(strings.Fields(s), " "), most)
}

// sentence is the first sentence of a text.
func sentence(s string) string {
	s = line(s, 400)
	if end := strings.Index(s, ". "); end >= 0 {
		s = s[:end+1]
	}
	return cut(s, 200)
}

// printable reports whether a name can be written and read without doubt.
func printable(name string) bool {
	return name != "" && len(name) <= 100 && name == line(name, 100)
}

// nameable reports whether a member or parameter can be called that: what a key of a definition says is no expression.
func nameable(name string) bool { return printable(name) && !strings.Contains(name, "${") }

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// member is an expression for a member of a value.
func member(of, name string) string {
	if identifier.MatchString(name) && !slices.Contains(reserved, name) {
		return of + "." + name
	}
	return of + "[" + literal(name) + "]"
}

// literal is a text in an expression.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// memberName is a name before a colon in an expression's object.
func memberName(name string) string {
	if identifier.MatchString(name) && !slices.Contains(reserved, name) {
		return name
	}
	return literal(name)
}

// verbs are words that an action's name may start with.
var verbs = strings.Fields(`accept activate add approve archive assign authenticate authorize block cancel change check clear close
	complete confirm connect convert copy count create deactivate decline delete deny disable disconnect download enable end execute
	expire export fetch find force generate get grant import invite invoke join leave link list lock log make mark merge modify move
	notify open parse pause ping post publish put read refresh register reject release remove rename reopen replace request resend
	reset resolve restore resume retrieve retry revoke rotate run schedule search send set share start stop submit subscribe suspend
	swap sync synchronize tag test transfer trigger unassign unblock unlink unlock unpublish unregister unshare unsubscribe unsuspend
	untag update upload upsert validate verify view wipe write`)

func verb(word string) bool { return slices.Contains(verbs, strings.ToLower(word)) }

// titled writes words as the name of an action.
func titled(all []string) string {
	out := make([]string, len(all))
	for i, w := range all {
		if lower := strings.ToLower(w); lower == "id" || lower == "api" || lower == "url" {
			out[i] = strings.ToUpper(w)
		} else {
			out[i] = strings.ToUpper(lower[:1]) + lower[1:]
		}
	}
	name := strings.Join(out, " ")
	return strings.TrimRight(name[:min(len(name), 80)], " ")
}
