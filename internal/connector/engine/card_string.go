package engine

import (
	"regexp"
	"strings"

	"slipway/internal/connector/value"
)

// stringCards make texts.
var stringCards = []Card{
	{"string/compose", "Compose", "a text with placeholders, …", "output", "each {{{name}}} becomes the input of that name", compose},
	{"string/concat", "Concatenate", "string1, string2, …", "output", "", concatenate},
}

// placeholder is what compose replaces: three braces, always.
var placeholder = regexp.MustCompile(`\{\{\{([^{}]*)\}\}\}`)

func compose(c *call) (Values, error) {
	text, err := c.filled()
	if err != nil {
		return nil, err
	}
	return output(text)
}

// filled is the card's text with its placeholders replaced.
func (c *call) filled() (string, error) {
	texts := map[string]string{}
	for _, in := range c.custom("_text_") {
		texts[in.key.Name] = value.Text(in.value)
	}
	var b strings.Builder
	template, last := c.text("_text_"), 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		b.WriteString(template[last:m[0]])
		b.WriteString(texts[template[m[2]:m[3]]])
		last = m[1]
		if b.Len() > c.limits.Text {
			break
		}
	}
	b.WriteString(template[last:])
	text := b.String()
	if err := c.within(text); err != nil {
		return "", err
	}
	return text, nil
}

func concatenate(c *call) (Values, error) {
	var b strings.Builder
	for _, in := range c.custom() {
		b.WriteString(value.Text(in.value))
		if b.Len() > c.limits.Text {
			break
		}
	}
	text := b.String()
	if err := c.within(text); err != nil {
		return nil, err
	}
	return output(text)
}
