package engine

import (
	"net/url"
	"strings"

	"slipway/internal/connector/value"
)

// urlCards take addresses apart and escape parts of them.
var urlCards = []Card{
	{"url/parse", "Parse", "url", "protocol, host, port, path, query", "protocol without colon; the port that the protocol implies where none is said; query as text", parseURL},
	{"url/encodeComponent", "Encode Component", "one text", "output", "encodeURIComponent of JavaScript", encodeComponent},
	{"url/decodeComponent", "Decode Component", "one text", "output", "decodeURIComponent of JavaScript; a broken escape is an error", decodeComponent},
}

func parseURL(c *call) (Values, error) {
	text := c.text("url")
	u, err := url.Parse(text)
	if err != nil {
		return nil, fail(Unfit, "url: %q is no address.", shorten(text))
	}
	port := map[string]float64{"http": 80, "https": 443}[u.Scheme]
	if said := u.Port(); said != "" {
		port = 0
		for _, digit := range said { // Parse lets only digits through
			port = min(port*10+float64(digit-'0'), 1<<17)
		}
	}
	if port > 65535 {
		return nil, fail(Unfit, "url: there is no port %s.", shorten(u.Port()))
	}
	gave := Values{key("protocol"): u.Scheme, key("host"): u.Hostname(), key("port"): nil, key("path"): u.EscapedPath(), key("query"): u.RawQuery}
	if port > 0 {
		gave[key("port")] = port
	}
	if u.Host != "" && u.Path == "" {
		gave[key("path")] = "/"
	}
	return gave, nil
}

// theInput is the card's only input, as text: no file is known that would tell its name.
func (c *call) theInput() (string, error) {
	all := c.custom()
	if len(all) != 1 {
		return "", fail(Unfit, "The card has %d inputs, and takes one.", len(all))
	}
	return value.Text(all[0].value), nil
}

func encodeComponent(c *call) (Values, error) {
	const kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()"
	const hex = "0123456789ABCDEF"
	text, err := c.theInput()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(kept, text[i]) >= 0 {
			b.WriteByte(text[i])
			continue
		}
		b.WriteString(string([]byte{'%', hex[text[i]>>4], hex[text[i]&15]}))
	}
	return c.textOutput(b.String())
}

func decodeComponent(c *call) (Values, error) {
	text, err := c.theInput()
	if err != nil {
		return nil, err
	}
	decoded, err := url.PathUnescape(text)
	if err != nil {
		return nil, fail(Unfit, "%q holds a %% that is no escape.", shorten(text))
	}
	return output(strings.ToValidUTF8(decoded, "\uFFFD"))
}
