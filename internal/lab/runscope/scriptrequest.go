package runscope

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// scriptRequest is a request as scripts see it.
type scriptRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	Scheme      string    `json:"scheme"`
	Host        string    `json:"host"`
	Path        string    `json:"path"`
	Params      nameLists `json:"params"`
	Headers     nameLists `json:"headers"`
	Body        string    `json:"body"`
	Form        nameLists `json:"form"`
	ContentType string    `json:"content_type"`
	Size        int       `json:"size_bytes"`
}

// nameLists is an object of name → list. A script may put a single value in place of a list.
type nameLists map[string][]string

func (n *nameLists) UnmarshalJSON(data []byte) error {
	m, _ := readMembers(data)
	*n = nameLists{}
	for name, raw := range m.values {
		(*n)[name] = m.scalars(name, raw)
	}
	return nil
}

func listsOf(fields []Field) nameLists {
	out := nameLists{}
	for _, f := range fields {
		out[f.Name] = append(out[f.Name], f.Value)
	}
	return out
}

func (n nameLists) fields() []Field {
	var out []Field
	for _, name := range slices.Sorted(maps.Keys(n)) {
		for _, value := range n[name] {
			out = append(out, Field{name, value})
		}
	}
	return out
}

func (d *draft) forScript() *scriptRequest {
	s := &scriptRequest{Method: d.method, URL: strings.TrimSpace(d.url), Headers: listsOf(d.headers), Body: d.body, Form: listsOf(d.form), Size: len(d.body)}
	for _, h := range d.headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			s.ContentType = h.Value
		}
	}
	s.Params = listsOf(d.query)
	if u, err := url.Parse(encodeURL(d.url)); err == nil {
		s.Scheme, s.Host, s.Path = u.Scheme, u.Host, u.Path
		for name, values := range u.Query() {
			s.Params[name] = append(s.Params[name], values...)
		}
	}
	return s
}

// edit takes over what a script changed. The whole URL wins over its parts.
func (d *draft) edit(before, after *scriptRequest) {
	d.method = after.Method
	switch {
	case after.URL != before.URL:
		d.url = after.URL
	case after.Scheme != before.Scheme, after.Host != before.Host, after.Path != before.Path, !reflect.DeepEqual(after.Params, before.Params):
		u := url.URL{Scheme: after.Scheme, Host: after.Host, Path: after.Path}
		d.url, d.query = u.String(), after.Params.fields()
	}
	if !reflect.DeepEqual(after.Headers, before.Headers) {
		d.headers = after.Headers.fields()
	}
	d.body = after.Body
	if !reflect.DeepEqual(after.Form, before.Form) {
		d.form = after.Form.fields()
	}
}

// copy is what edit compares with: the script works on the original.
func (s *scriptRequest) copy() (*scriptRequest, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	out := new(scriptRequest)
	return out, json.Unmarshal(data, out)
}
