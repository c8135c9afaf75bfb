package manifest

import (
	"strings"
	"unicode"
)

// joiners are format characters that scripts and emoji need inside of words.
const joiners = "\u200c\u200d"

// cleaned forgives how text gets into a form: blanks around it and characters that cannot be seen go, line ends
// become one kind. In a single line a line end becomes a blank. Everything else stays as it was typed, in the
// Unicode normal form in which it was typed.
func cleaned(f Field, v string) string {
	if f.Type == TypeTextArea {
		v = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(v, "\ufffd"))
		return trimmed(strings.Map(keepVisible("\n\t"+joiners), v))
	}
	v = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ", "\u2028", " ", "\u2029", " ").Replace(strings.ToValidUTF8(v, "\ufffd"))
	switch f.Type {
	case TypeText:
		return trimmed(strings.Map(keepVisible(joiners), v))
	default: // an address, a number, an option: joiners mean nothing in it
		return trimmed(strings.Map(keepVisible(""), v))
	}
}

// keepVisible drops control and format characters, but for those named: zero-width and soft-hyphen characters,
// byte-order marks, tags, and the marks that turn the direction of text around.
func keepVisible(but string) func(rune) rune {
	return func(r rune) rune {
		hidden := unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
		if hidden && !strings.ContainsRune(but, r) {
			return -1
		}
		return r
	}
}

func trimmed(v string) string {
	return strings.TrimFunc(v, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(joiners, r) })
}
