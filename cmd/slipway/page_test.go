package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// element is a part of a page, as somebody finds it who reads the page or has it read out.
type element struct{ *html.Node }

// page reads an answer, which must be a page with this status, and returns its main part.
func (a answer) page(t *testing.T, status int) element {
	t.Helper()
	if a.Status != status {
		t.Fatalf("the answer is %d to %q, want %d", a.Status, a.Location, status)
	}
	root, err := html.Parse(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	return element{root}.only(t, "main", "")
}

// read opens one of our pages and returns its main part.
func (c *client) read(path string) element {
	c.t.Helper()
	return c.get(path).page(c.t, http.StatusOK)
}

// all returns the elements of these kinds whose name contains the words, in the page's order.
func (e element) all(kinds, words string) []element {
	var found []element
	for n := range e.Descendants() {
		inner := element{n}
		if n.Type == html.ElementNode && slices.Contains(strings.Fields(kinds), n.Data) && strings.Contains(inner.name(), words) {
			found = append(found, inner)
		}
	}
	return found
}

// only returns the one element of these kinds whose name contains the words.
func (e element) only(t *testing.T, kinds, words string) element {
	t.Helper()
	found := e.all(kinds, words)
	if len(found) != 1 {
		t.Fatalf("%d of %q are called %q, want one; here stands: %.400s", len(found), kinds, words, e.text())
	}
	return found[0]
}

// name is what an element is called: its label, its text alternative, or else its text.
func (e element) name() string {
	for _, key := range []string{"aria-label", "alt"} {
		if value := e.attr(key); value != "" {
			return value
		}
	}
	return e.text()
}

// flowing elements stand in the middle of a line; every other one begins a line of its own.
const flowing = "a abbr b code em span strong time"

// text is what can be read in an element, with single blanks between the words.
func (e element) text() string {
	var b strings.Builder
	e.write(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (e element) write(b *strings.Builder) {
	apart := e.Type == html.ElementNode && !slices.Contains(strings.Fields(flowing), e.Data)
	if e.Type == html.TextNode {
		b.WriteString(e.Data)
	}
	if apart {
		b.WriteByte(' ')
	}
	for inner := range e.ChildNodes() {
		element{inner}.write(b)
	}
	if apart {
		b.WriteByte(' ')
	}
}

func (e element) attr(key string) string {
	for _, a := range e.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// has reports whether an attribute is there, whatever its value.
func (e element) has(key string) bool {
	return slices.ContainsFunc(e.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// controls returns the names of everything that can be clicked here.
func (e element) controls() []string {
	var names []string
	for _, c := range e.all("a button summary", "") {
		if c.Data != "a" && !c.has("disabled") || c.has("href") {
			names = append(names, c.name())
		}
	}
	return names
}

// offers reports whether a control whose name begins with the word can be clicked here.
func (e element) offers(word string) bool {
	return slices.ContainsFunc(e.controls(), func(name string) bool { return strings.HasPrefix(name, word) })
}

// anchor returns the element with this id, nil where there is none.
func (e element) anchor(id string) *element {
	for n := range e.Descendants() {
		if inner := (element{n}); inner.attr("id") == id {
			return &inner
		}
	}
	return nil
}

// section returns the innermost part of the page that begins with this heading.
func (e element) section(t *testing.T, heading string) element {
	t.Helper()
	headings := slices.DeleteFunc(e.all("h1 h2 h3", heading), func(h element) bool { return h.text() != heading })
	if len(headings) != 1 {
		t.Fatalf("%d parts are headed %q, want one; here stands: %.400s", len(headings), heading, e.text())
	}
	for n := range headings[0].Ancestors() {
		if n.Data == "section" || n.Data == "main" {
			return element{n}
		}
	}
	return e
}
