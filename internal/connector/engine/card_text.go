package engine

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"slipway/internal/connector/value"
)

// textCards look into texts and change them. Lengths and positions count as JavaScript does, in units of UTF-16.
var textCards = []Card{
	{"string/split", "Split", "string, delimiter", "output", "into single characters where the delimiter is empty", splitText},
	{"string/substr", "Segment", "string, start, end", "output", "from start up to, and without, end; to the text's end where that is empty; a negative position counts from the end", segment},
	{"string/trim", "Trim", "string", "output", "", func(c *call) (Values, error) { return output(strings.TrimFunc(c.text("string"), isSpace)) }},
	{"string/toLowerCase", "To Lower Case", "string", "output", "", func(c *call) (Values, error) { return output(strings.ToLower(c.text("string"))) }},
	{"string/toUpperCase", "To Upper Case", "string", "output", "", func(c *call) (Values, error) { return output(strings.ToUpper(c.text("string"))) }},
	{"string/length", "Length", "string", "length", "in units of UTF-16, as in JavaScript", func(c *call) (Values, error) { return one("length", float64(utf16Length(c.text("string")))), nil }},
	{"string/replace", "Replace", "string, src, dest, global, sensitive", "output", "src is text as it stands, no pattern; only the first place unless global, without regard to case unless sensitive", replaceText},
	{"string/find", "Find", "string, substr", "output", "the position, -1 where it is not", func(c *call) (Values, error) { return c.position(strings.Index) }},
	{"string/indexOf", "Find", "string, substr", "output", "as string/find", func(c *call) (Values, error) { return c.position(strings.Index) }},
	{"string/lastIndexOf", "Find Last", "string, substr", "output", "the position, -1 where it is not", func(c *call) (Values, error) { return c.position(strings.LastIndex) }},
	{"string/startsWith", "Starts With", "string, substr", "output", "", func(c *call) (Values, error) { return output(strings.HasPrefix(c.text("string"), c.needle())) }},
	{"string/endsWith", "Ends With", "string, substr", "output", "", func(c *call) (Values, error) { return output(strings.HasSuffix(c.text("string"), c.needle())) }},
	{"string/match", "Match Pattern", "string, target", "output", "the position; target is a regular expression of JavaScript; -1 where it matches nowhere", matchPattern},
	{"string/replaceAny", "Replace Any", "text, replacement, global, case sensitive, patterns", "output", "patterns are regular expressions of JavaScript, applied one after the other; $1 and $& mean what they mean there", replaceAny},
	{"string/base64", "Base64 Encode", "string", "output", "of the text in UTF-8, or of a file's bytes", toBase64},
	{"string/base64Decode", "Base64 Decode", "string", "output", "text; also in the alphabet of URLs; bytes that are no text are an error", fromBase64},
	{"string/random", "Random", "length", "output", "letters and digits; 16 unless told, at most 10,000", randomText},
	{"string/uuid", "UUID", "", "output", "a random one (version 4)", func(c *call) (Values, error) { return output(c.dice.uuid()) }},
	{"string/email", "Extract Email", "string", "email", "the first address in the text, nothing where there is none", extractEmail},
}

// isSpace holds for what JavaScript trims.
func isSpace(r rune) bool { return unicode.IsSpace(r) && r != 0x85 || r == 0xfeff }

// utf16Length is the length of a text in JavaScript.
func utf16Length(text string) (n int) {
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

func splitText(c *call) (Values, error) {
	text, delimiter := c.text("string"), c.text("delimiter")
	pieces := utf8.RuneCountInString(text)
	if delimiter != "" {
		pieces = strings.Count(text, delimiter) + 1
	}
	if pieces > c.limits.Items {
		return nil, fail(Limit, "The text splits into %d pieces, more than %d.", pieces, c.limits.Items)
	}
	return output(textList(strings.Split(text, delimiter)))
}

func segment(c *call) (Values, error) {
	text := utf16.Encode([]rune(c.text("string")))
	within := func(at int64) int64 {
		if at < 0 {
			at += int64(len(text))
		}
		return min(max(at, 0), int64(len(text)))
	}
	const far = 1 << 40
	start := within(c.whole("start", 0, -far, far))
	end := within(c.whole("end", int64(len(text)), -far, far))
	if end < start {
		return output("")
	}
	return output(string(utf16.Decode(text[start:end])))
}

func (c *call) needle() string {
	if c.field("substr") == nil && c.field("target") != nil {
		return c.text("target")
	}
	return c.text("substr")
}

func (c *call) position(index func(text, part string) int) (Values, error) {
	text := c.text("string")
	at := index(text, c.needle())
	if at < 0 {
		return output(-1.0)
	}
	return output(float64(utf16Length(text[:at])))
}

func replaceText(c *call) (Values, error) {
	text, src, dest := c.text("string"), c.text("src"), c.text("dest")
	if src == "" {
		return output(text)
	}
	find := func(rest string) []int {
		if at := strings.Index(rest, src); at >= 0 {
			return []int{at, at + len(src)}
		}
		return nil
	}
	if !c.truth("sensitive") {
		pattern, err := regexp.Compile("(?i)" + regexp.QuoteMeta(src))
		if err != nil {
			return nil, fail(Unfit, "src: %q cannot be searched for without regard to case.", shorten(src))
		}
		find = pattern.FindStringIndex
	}
	var b strings.Builder
	for all := c.truth("global"); ; {
		place := find(text)
		if place == nil {
			break
		}
		b.WriteString(text[:place[0]])
		b.WriteString(dest)
		text = text[place[1]:]
		if !all {
			break
		}
		if b.Len() > c.limits.Text {
			break
		}
	}
	b.WriteString(text)
	return c.textOutput(b.String())
}

// textOutput gives a text that may have become too long.
func (c *call) textOutput(text string) (Values, error) {
	if err := c.within(text); err != nil {
		return nil, err
	}
	return output(text)
}

func toBase64(c *call) (Values, error) {
	bytes := []byte(c.text("string"))
	if file, is := c.get("string").(value.File); is {
		bytes = file.Bytes
	}
	return c.textOutput(base64.StdEncoding.EncodeToString(bytes))
}

func fromBase64(c *call) (Values, error) {
	text := strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "").Replace(c.text("string"))
	bytes, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil, fail(Unfit, "string: %q is no Base64.", shorten(text))
	}
	if !utf8.Valid(bytes) {
		return nil, fail(Unfit, "string: the %d bytes are no text in UTF-8.", len(bytes))
	}
	return output(string(bytes))
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func randomText(c *call) (Values, error) {
	const longest = 10_000
	text := make([]byte, c.whole("length", 16, 0, longest))
	for i := range text {
		text[i] = alphabet[c.dice.below(len(alphabet))]
	}
	return output(string(text))
}

// uuid draws one of version 4 (RFC 9562 §5.4).
func (d *dice) uuid() string {
	var b [16]byte
	_, _ = d.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// address is what is taken for an e-mail address within a text: what people write, not all that RFC 5322 allows.
var address = regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+`)

func extractEmail(c *call) (Values, error) {
	if found := address.FindString(c.text("string")); found != "" {
		return one("email", found), nil
	}
	return one("email", nil), nil
}
