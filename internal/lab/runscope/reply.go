package runscope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The parts of a response that extractors and assertions can look at.
const (
	sourceStatus = "response_status"
	sourceHeader = "response_headers"
	sourceJSON   = "response_json"
	sourceText   = "response_text"
	sourceSize   = "response_size"
	sourceTime   = "response_time"
)

func sourceOf(name string) string {
	if name == "response_header" {
		return sourceHeader
	}
	return name
}

// needsProperty reports a source whose property cannot be left out. Without one, JSON means the whole document
// to an assertion; an extractor without one is a blank row of the vendor's editor.
func needsProperty(source string) bool {
	return source == "" || source == sourceJSON || source == sourceHeader || source == "response_xml"
}

// reply is a response as it was received. Scripts get a copy: what they change is not asserted.
type reply struct {
	status  int
	reason  string
	header  http.Header
	body    []byte
	elapsed time.Duration
	redact  func(text string, n int) string // nil: there is nothing to hide in it

	parsed   bool
	document any
	parseErr string // why the body is no JSON, for people
}

// finding is what a source and a property name: the candidates, of which one must satisfy an assertion, or why
// there are none.
type finding struct {
	values      []any
	problem     string
	unsupported bool // the fault is not the response's
}

const noSuchProperty = "no such property"

func found(values ...any) finding { return finding{values: values} }

func (r *reply) find(source, property string) finding {
	switch source {
	case sourceStatus:
		return found(json.Number(strconv.Itoa(r.status)))
	case sourceHeader:
		return r.findHeader(property)
	case sourceJSON:
		return r.findJSON(property)
	case sourceText:
		return found(string(r.body))
	case sourceSize:
		return found(json.Number(strconv.Itoa(len(r.body))))
	case sourceTime:
		return found(json.Number(strconv.FormatInt(r.elapsed.Milliseconds(), 10)))
	}
	return finding{problem: fmt.Sprintf("the source %q is not supported", source), unsupported: true}
}

func (r *reply) findHeader(name string) finding {
	var out finding
	for _, value := range r.header.Values(name) {
		out.values = append(out.values, value)
	}
	if len(out.values) == 0 {
		out.problem = fmt.Sprintf("the response has no header %q", name)
	}
	return out
}

func (r *reply) findJSON(property string) finding {
	p, err := parsePath(property)
	if err != nil {
		return finding{problem: err.Error(), unsupported: true}
	}
	if r.parse(); r.parseErr != "" {
		return finding{problem: r.parseErr}
	}
	value, ok := p.find(r.document)
	if !ok {
		return finding{problem: noSuchProperty}
	}
	return found(value)
}

func (r *reply) parse() {
	if r.parsed {
		return
	}
	r.parsed = true
	body := bytes.TrimPrefix(r.body, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(body)) == 0 {
		r.parseErr = "the body is empty, not JSON"
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err := decoder.Decode(&r.document)
	if err == nil {
		if _, err = decoder.Token(); err == io.EOF {
			return
		}
	}
	r.document, r.parseErr = nil, fmt.Sprintf("the body is not JSON; it begins with %q", r.head(string(body), 40))
}

// head is the beginning of a part of the reply, without secrets.
func (r *reply) head(text string, n int) string {
	if r.redact == nil {
		return clip(text, n)
	}
	return r.redact(text, n)
}

// clip cuts text to at most n bytes, at a character's boundary.
func clip(text string, n int) string {
	if len(text) <= n {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return strings.ToValidUTF8(text[:n], "\uFFFD") + "…"
}
