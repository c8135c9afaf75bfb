package suite

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"slipway/internal/connector/document"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// Cassette is what went over the wire in one case, without secrets: enough to run the case again without the API.
type Cassette struct {
	Case       string
	Clock      time.Time // when the case began; it goes on from there
	Seed       uint64    // of what was random
	Changes    bool      // of what is no case: data could be changed
	Connection map[string]string
	Exchanges  []Exchange
}

// Exchange is one request with its answer.
type Exchange struct {
	Request  engine.Request
	Response engine.Response
	Began    time.Time // zero of one that was replayed
	Took     time.Duration
}

// kept are the headers of answers that a connector may depend on; others say nothing or too much.
var kept = []string{"Content-Type", "Retry-After", "Link", "Location", "Etag", "Www-Authenticate", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "X-Request-Id"}

// sent are the headers of requests that are written down.
var sent = []string{"Accept", "Content-Type", "If-Match"}

// The file's form, in its order.
type (
	cassetteFile struct {
		APIVersion string            `yaml:"apiVersion"`
		Kind       string            `yaml:"kind"`
		Case       string            `yaml:"case"`
		Clock      string            `yaml:"clock"`
		Seed       string            `yaml:"seed"`
		Changes    bool              `yaml:"changes,omitempty"`
		Connection map[string]string `yaml:"connection,omitempty"`
		Exchanges  []exchangeFile    `yaml:"exchanges"`
	}
	exchangeFile struct {
		Request  messageFile `yaml:"request"`
		Response messageFile `yaml:"response"`
		Millis   int64       `yaml:"ms"`
	}
	messageFile struct {
		Method  string            `yaml:"method,omitempty"`
		URL     string            `yaml:"url,omitempty"`
		Status  int               `yaml:"status,omitempty"`
		Headers map[string]string `yaml:"headers,omitempty"`
		JSON    any               `yaml:"json,omitempty"`
		Text    string            `yaml:"text,omitempty"`
	}
)

// Encode writes the cassette as YAML. mask takes secrets out of any text. What would not be read back as it was is an error.
func (c *Cassette) Encode(mask func(string) string) ([]byte, error) {
	var wrong string
	for _, how := range []struct{ literal, text bool }{{true, false}, {false, false}, {false, true}} {
		content, err := yaml.MarshalWithOptions(c.file(mask, how.text), yaml.Indent(2), yaml.UseLiteralStyleIfMultiline(how.literal))
		if err != nil {
			return nil, err
		}
		if wrong = c.unlike(content, mask); wrong == "" {
			return content, nil
		}
	}
	return nil, fmt.Errorf("%s is nothing that a recording can hold", wrong)
}

// file is the cassette in its form; bodies of JSON stand there as they came where they shall be text.
func (c *Cassette) file(mask func(string) string, text bool) cassetteFile {
	f := cassetteFile{APIVersion: "slipway.dev/v1", Kind: "Cassette", Case: c.Case, Clock: c.Clock.UTC().Format(time.RFC3339Nano), Seed: strconv.FormatUint(c.Seed, 10), Changes: c.Changes, Connection: c.Connection}
	for _, e := range c.Exchanges {
		request, response := messageFile{Method: e.Request.Method, URL: mask(e.Request.URL)}, messageFile{Status: e.Response.Status}
		request.fill(e.Request.Header, sent, e.Request.Body, mask, text)
		response.fill(e.Response.Header, kept, e.Response.Body, mask, text)
		f.Exchanges = append(f.Exchanges, exchangeFile{request, response, e.Took.Milliseconds()})
	}
	return f
}

// unlike names the first body that is another when it is read back, "" where none is.
func (c *Cassette) unlike(content []byte, mask func(string) string) string {
	read, found := ReadCassette("", content)
	for i, e := range c.Exchanges {
		name := fmt.Sprintf("%s %s", e.Request.Method, mask(e.Request.URL))
		switch {
		case read == nil || len(found) > 0 || len(read.Exchanges) != len(c.Exchanges):
			return name
		case !same([]byte(mask(string(e.Request.Body))), read.Exchanges[i].Request.Body):
			return "the body of " + name
		case !same([]byte(mask(string(e.Response.Body))), read.Exchanges[i].Response.Body):
			return "the answer to " + name
		}
	}
	return ""
}

func same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := value.Decode(a)
	y, errY := value.Decode(b)
	return errX == nil && errY == nil && value.Equal(x, y)
}

func (m *messageFile) fill(h http.Header, names []string, body []byte, mask func(string) string, asText bool) {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			if m.Headers == nil {
				m.Headers = map[string]string{}
			}
			m.Headers[name] = mask(v)
		}
	}
	if read, err := value.Decode([]byte(mask(string(body)))); err == nil && read != nil && !asText {
		m.JSON = plain(read)
	} else {
		m.Text = mask(string(body))
	}
}

// plain writes whole numbers without a fraction, which YAML would show.
func plain(v any) any {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = plain(item)
		}
		return out
	case map[string]any:
		out := yaml.MapSlice{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out = append(out, yaml.MapItem{Key: key, Value: plain(v[key])})
		}
		return out
	}
	return v
}

// ReadCassette reads what Encode wrote. It is nil where the file is none.
func ReadCassette(file string, content []byte) (*Cassette, program.Findings) {
	doc, found := document.Read(file, content)
	if doc == nil {
		return nil, found
	}
	raw := members(doc.Value)
	object := func(path, format string, args ...any) {
		found.Add(document.AgainstSchema, doc.Src(path), format, args...)
	}
	clock, errClock := time.Parse(time.RFC3339Nano, text(raw["clock"]))
	seed, errSeed := strconv.ParseUint(text(raw["seed"]), 10, 64)
	if raw["kind"] != "Cassette" || errClock != nil || errSeed != nil {
		object("", "This is no cassette: kind, clock or seed is missing. Record it again.")
		return nil, found
	}
	c := &Cassette{Case: text(raw["case"]), Clock: clock, Seed: seed, Changes: raw["changes"] == true, Connection: map[string]string{}}
	for name, v := range members(raw["connection"]) {
		c.Connection[name] = value.Text(v)
	}
	for i, item := range items(raw["exchanges"]) {
		m := members(item)
		request, response := members(m["request"]), members(m["response"])
		status, _ := value.Number(response["status"])
		ms, _ := value.Number(m["ms"])
		if text(request["method"]) == "" || text(request["url"]) == "" || status == 0 {
			object(document.Join("/exchanges", i), "The exchange lacks method, url or status.")
			continue
		}
		c.Exchanges = append(c.Exchanges, Exchange{
			Request:  engine.Request{Method: text(request["method"]), URL: text(request["url"]), Header: header(request), Body: contentOf(request)},
			Response: engine.Response{Status: int(status), Header: header(response), Body: contentOf(response)},
			Took:     time.Duration(ms) * time.Millisecond,
		})
	}
	return c, found
}

func header(message map[string]any) http.Header {
	h := http.Header{}
	for name, v := range members(message["headers"]) {
		h.Set(name, value.Text(v))
	}
	return h
}

func contentOf(message map[string]any) []byte {
	if v, is := message["json"]; is {
		return value.Encode(v)
	}
	return []byte(text(message["text"]))
}

// differs says how a request differs from a recorded one, "" where it does not: in method, path, query set or body.
func differs(asked, recorded engine.Request) string {
	if asked.Method != recorded.Method {
		return fmt.Sprintf("the method is %s, recorded was %s", asked.Method, recorded.Method)
	}
	a, errA := url.Parse(asked.URL)
	b, errB := url.Parse(recorded.URL)
	if errA != nil || errB != nil {
		if asked.URL == recorded.URL {
			return ""
		}
		return fmt.Sprintf("the address is %s, recorded was %s", asked.URL, recorded.URL)
	}
	if a.Scheme != b.Scheme || a.Host != b.Host || a.EscapedPath() != b.EscapedPath() {
		return fmt.Sprintf("the address is %s, recorded was %s", a.Redacted(), b.Redacted())
	}
	q, errQ := url.ParseQuery(a.RawQuery)
	p, errP := url.ParseQuery(b.RawQuery)
	if errQ != nil || errP != nil {
		if a.RawQuery != b.RawQuery {
			return fmt.Sprintf("the query is %s, recorded was %s", shorten(a.RawQuery), shorten(b.RawQuery))
		}
	} else if diff := differ("the query", flat(q), flat(p)); diff != "" {
		return diff
	}
	x, errX := value.Decode(asked.Body)
	y, errY := value.Decode(recorded.Body)
	if errX == nil && errY == nil {
		return differ("the body", x, y)
	}
	if form := "application/x-www-form-urlencoded"; strings.HasPrefix(asked.Header.Get("Content-Type"), form) {
		x, errX := url.ParseQuery(string(asked.Body))
		y, errY := url.ParseQuery(string(recorded.Body))
		if errX == nil && errY == nil {
			return differ("the form", flat(x), flat(y))
		}
	}
	if string(asked.Body) != string(recorded.Body) {
		return fmt.Sprintf("the body is %q, recorded was %q", shorten(string(asked.Body)), shorten(string(recorded.Body)))
	}
	return ""
}

func flat(values url.Values) any {
	out := map[string]any{}
	for name, all := range values {
		if out[name] = value.Of(all); len(all) == 1 {
			out[name] = all[0]
		}
	}
	return out
}

// differ names the first place where two values differ.
func differ(at string, a, b any) string {
	if value.Equal(a, b) {
		return ""
	}
	x, okX := a.(map[string]any)
	y, okY := b.(map[string]any)
	if okX && okY {
		for _, key := range slices.Sorted(maps.Keys(x)) {
			if _, has := y[key]; !has {
				return fmt.Sprintf("%s has %s, which was not recorded", at, key)
			}
			if diff := differ(at+"."+key, x[key], y[key]); diff != "" {
				return diff
			}
		}
		for _, key := range slices.Sorted(maps.Keys(y)) {
			if _, has := x[key]; !has {
				return fmt.Sprintf("%s lacks %s", at, key)
			}
		}
	}
	return fmt.Sprintf("%s is %s, recorded was %s", at, shorten(string(value.Encode(a))), shorten(string(value.Encode(b))))
}

func shorten(text string) string { return value.Shorten(text, 120) }
