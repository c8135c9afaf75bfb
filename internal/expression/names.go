package expression

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Names is what an expression may speak of. What is not declared is an error when it is compiled.
//
//	Names{Values: Members{"conn": Only("subdomain", "api_token"), "steps": {"create": Anything}, "input": Anything}}
type Names struct {
	Values    Members
	Functions []Function // besides those of the language, which they may replace
}

// Members are the members of an object that are known beforehand, each with its own. Anything, which is nil, means
// that they are not known; an empty Members that there are none.
type Members map[string]Members

// Anything are the members of a value of which nothing is known.
var Anything Members

// Only returns exactly these members, with anything in them.
func Only(names ...string) Members {
	m := make(Members, len(names))
	for _, name := range names {
		m[name] = Anything
	}
	return m
}

// With returns the names and one more, or with other members: a loop's variable, the result of a step.
func (n Names) With(name string, members Members) Names {
	n.Values = maps.Clone(n.Values)
	if n.Values == nil {
		n.Values = Members{}
	}
	n.Values[name] = members
	return n
}

// unknown is the sentence about a word that is none of those there are: it names the nearest, or all if they are few.
func unknown(what, word string, there []string) string {
	slices.Sort(there)
	sentence := fmt.Sprintf("unknown %s “%s”", what, word)
	if near := nearest(word, there); near != "" {
		return sentence + fmt.Sprintf("; did you mean “%s”?", near)
	}
	switch {
	case len(there) == 0:
		return sentence + "; there is none here"
	case len(there) <= 12:
		return sentence + "; there is " + strings.Join(there, ", ")
	default:
		return sentence
	}
}

// Nearest returns the one of the words that somebody may have meant who wrote another; "" if there is none.
func Nearest(word string, there []string) string { return nearest(word, there) }

// nearest returns the word of which a third of the letters at most differ, or only case; "" if there is none.
func nearest(word string, there []string) string {
	best, least := "", len([]rune(word))/3+1
	for _, candidate := range there {
		if strings.EqualFold(candidate, word) {
			return candidate
		}
		if d := distance([]rune(word), []rune(candidate)); d <= least && d < max(len(word), len(candidate)) {
			if d < least || best == "" {
				best, least = candidate, d
			}
		}
	}
	return best
}

// distance is how many letters must be put in, left out, replaced, or swapped with their neighbour.
func distance(a, b []rune) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
