package manifest

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// lookalikes maps letters and digits that people mistake for others: Cyrillic and Greek to Latin, digits to letters.
var lookalikes = strings.NewReplacer(
	"а", "a", "в", "b", "с", "c", "ԁ", "d", "е", "e", "һ", "h", "і", "i", "ј", "j", "к", "k", "ӏ", "l", "м", "m", "н", "h",
	"о", "o", "р", "p", "ԛ", "q", "г", "r", "ѕ", "s", "т", "t", "у", "y", "ԝ", "w", "х", "x", "ь", "b",
	"α", "a", "β", "b", "ε", "e", "η", "n", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x",
	"ı", "i", "ł", "l", "ø", "o", "0", "o", "1", "l", "3", "e", "5", "s", "|", "l", "$", "s", "@", "a",
)

// skeleton reduces a name to what the eye compares: no case, no accents, no punctuation, lookalikes as one.
func skeleton(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	folded := lookalikes.Replace(b.String())
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, folded)
}

// confusable reports whether two names look alike: equal skeletons, or one keystroke apart. Names of three
// letters and less are compared for equality only; they are all neighbours of each other.
func confusable(a, b string) bool {
	x, y := []rune(skeleton(a)), []rune(skeleton(b))
	if len(x) > 3 && len(y) > 3 {
		return oneEdit(x, y)
	}
	return len(x) > 0 && string(x) == string(y)
}

// oneEdit reports whether at most one letter was changed, added or removed.
func oneEdit(x, y []rune) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) {
		return i == len(x) || string(x[i+1:]) == string(y[i+1:])
	}
	return string(x[i:]) == string(y[i+1:])
}
