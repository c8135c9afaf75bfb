package engine

import (
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// httpFunctions is the key of the app whose cards ask any API over a connection of its own.
const httpFunctions = "httpfunctions"

const (
	requestFields  = "URL, Query, Headers, Body"
	responseFields = "Status Code, Headers, Body"
	connectionSays = "the body of the answer is what its JSON says, and text where it is none; asks over the connection of the app httpfunctions, and without credentials where there is none"
)

// connectionCards ask APIs over a connection that is not the connector's. Exports have their fields in the groups Request and
// Response; what counts is the name, without regard to case and spaces.
var connectionCards = []Card{
	{"app/httpfunctions/get", "Get", "URL, Query, Headers", responseFields, connectionSays, askWith(http.MethodGet)},
	{"app/httpfunctions/post", "Post", requestFields, responseFields, "as app/httpfunctions/get", askWith(http.MethodPost)},
	{"app/httpfunctions/put", "Put", requestFields, responseFields, "as app/httpfunctions/get", askWith(http.MethodPut)},
	{"app/httpfunctions/patch", "Patch", requestFields, responseFields, "as app/httpfunctions/get", askWith(http.MethodPatch)},
	{"app/httpfunctions/delete", "Delete", requestFields, responseFields, "as app/httpfunctions/get", askWith(http.MethodDelete)},
	{"app/httpfunctions/raw", "Raw Request", "URL, Method, Query, Headers, Body", responseFields, "as app/httpfunctions/get, but the body is always text", askWith("")},
	{"app/httpfunctions/close", "Close", "Status Code, Headers, Body", "", "answers whoever called the flow over HTTP: that is what the run gives, and the flow goes on", closeAnswer},
}

// normal is a name as the cards of a connection compare names: "Status Code" and "statusCode" are one.
func normal(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// loose returns the value of an input by its normal name, in whatever group.
func (c *call) loose(name string) any {
	for i := range c.node.In {
		if in := &c.node.In[i]; normal(in.Key.Name) == name {
			return c.value(in)
		}
	}
	return nil
}

// askWith makes the card of a method; "" takes it from an input.
func askWith(method string) func(*call) (Values, error) {
	return func(c *call) (Values, error) {
		q, err := c.asking(method)
		if err != nil {
			return nil, err
		}
		over := c.over(httpFunctions)
		if over.Authorize != nil && over.Machine != c.Machine {
			if err := over.Rules.check(&q); err != nil { // before a credential is put on it
				return nil, err
			}
			if err := over.Authorize.Authorize(c.ctx, &q); err != nil {
				return nil, err
			}
		}
		answer, given, err := over.exchange(q)
		if err != nil {
			return nil, err
		}
		var body any = string(answer.Body)
		if read, err := value.Decode(answer.Body); err == nil && method != "" {
			body = read
		}
		return c.response(map[string]any{"statuscode": float64(answer.Status), "headers": given, "body": body}), nil
	}
}

// over is the run as one of another app's connection, where there is one.
func (c *call) over(app string) *run {
	machine := c.Apps[app]
	if machine == nil {
		return c.run
	}
	return &run{Machine: machine, ctx: c.ctx, limits: c.limits, dice: c.dice, used: c.used}
}

// asking makes the request of a card.
func (c *call) asking(method string) (Request, error) {
	q := Request{Method: method, URL: value.Text(c.loose("url")), Header: http.Header{}}
	if method == "" {
		q.Method = value.Text(c.loose("method"))
		if q.Method == "" {
			q.Method = http.MethodGet
		}
	}
	switch query := c.loose("query").(type) {
	case nil:
	case map[string]any:
		q.URL = withQuery(q.URL, query)
	default:
		text := strings.TrimPrefix(value.Text(query), "?")
		values, err := url.ParseQuery(text)
		if err != nil {
			return q, fail(Unfit, "Query: %q is no query of an address.", shorten(text))
		}
		q.URL = withQuery(q.URL, queryObject(values))
	}
	switch given := c.loose("headers").(type) {
	case nil:
	case map[string]any:
		q.Header = headers(given)
	default:
		if given != "" {
			return q, fail(Unfit, "Headers is no object.")
		}
	}
	c.fill(&q)
	if c.err != nil {
		return q, c.err
	}
	return q, nil
}

func queryObject(values url.Values) map[string]any {
	object := make(map[string]any, len(values))
	for name, all := range values {
		object[name] = textList(all)
	}
	return object
}

// fill puts the body into a request: text as it is, anything else as JSON. GET has none.
func (c *call) fill(q *Request) {
	v := c.loose("body")
	if value.Empty(v) || q.Method == http.MethodGet {
		return
	}
	if text, is := v.(string); is {
		q.Body = []byte(text)
	} else if file, is := v.(value.File); is {
		q.Body = file.Bytes
	} else {
		q.Body = value.Encode(v)
	}
	if q.Header.Get("Content-Type") == "" && looksLikeJSON(string(q.Body)) {
		q.Header.Set("Content-Type", "application/json")
	}
}

// response gives an answer under the keys that the card declares; in the group Response where it declares none.
func (c *call) response(answer map[string]any) Values {
	gave := Values{}
	for _, out := range c.node.Out {
		v, is := answer[normal(out.Key.Name)]
		if text, wasText := v.(map[string]any); wasText && out.Type == value.String && normal(out.Key.Name) == "body" {
			v = string(value.Encode(text))
		}
		if is {
			gave[out.Key] = v
		}
	}
	if len(gave) == 0 {
		for name, label := range map[string]string{"statuscode": "Status Code", "headers": "Headers", "body": "Body"} {
			gave[program.Key{Group: "Response", Name: label}] = answer[name]
		}
	}
	return gave
}

// closeAnswer answers the caller; of several the first does.
func closeAnswer(c *call) (Values, error) {
	answer := Values{key("statusCode"): c.loose("statuscode"), key("headers"): c.loose("headers"), key("body"): c.loose("body")}
	if c.err != nil {
		return nil, c.err
	}
	c.used.answer.CompareAndSwap(nil, &answer)
	return Values{}, nil
}
