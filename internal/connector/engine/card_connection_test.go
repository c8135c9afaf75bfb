package engine

import (
	"net/http"
	"strings"

	"slipway/internal/connector/program"
)

func request(more ...any) []program.Input {
	return fields(append([]any{"Request|URL", "https://api.example.com/x"}, more...)...)
}

func echoed(method, url, body string) gives {
	headers := object{}
	if strings.HasPrefix(body, "{") {
		headers["content-type"] = "application/json"
	}
	return gives{
		"Response.Status Code": 200.0, "Response.Headers": object{"content-type": "application/json"},
		"Response.Body": object{"method": method, "url": url, "headers": headers, "body": body},
	}
}

var connectionRows = []row{
	{says: "asks, with a query as an object", op: "app/httpfunctions/get", in: request("Request|Query", object{"a": "b"}), want: echoed("GET", "https://api.example.com/x?a=b", "")},
	{says: "asks, with a query as text", op: "app/httpfunctions/get", in: request("Request|Query", "?a=b&a=c"), want: echoed("GET", "https://api.example.com/x?a=b&a=c", "")},
	{says: "takes keys in any case and group", op: "app/httpfunctions/get", in: fields("url", "https://api.example.com/x"), out: outs("statusCode", "body"), set: always(200, nil, "plain"), want: gives{"statusCode": 200.0, "body": "plain"}},
	{says: "takes 400 and more for an error", op: "app/httpfunctions/get", in: request(), set: always(500, nil, ""), fails: "The API answered 500 Internal Server Error.", kind: Answered},
	{says: "keeps to the connector's hosts", op: "app/httpfunctions/get", in: request(), set: func(m *Machine) { m.Rules.Hosts = []string{"other.example.com"} }, fails: "is not among those", kind: Refused},
	{says: "refuses headers that are no object", op: "app/httpfunctions/get", in: request("Request|Headers", "a: b"), fails: "Headers is no object."},
	{says: "sends an object as JSON", op: "app/httpfunctions/post", in: request("Request|Body", object{"a": 1.0}), want: echoed("POST", "https://api.example.com/x", `{"a":1}`)},
	{says: "sends a text as it is", op: "app/httpfunctions/put", in: request("Request|Body", "a=1"), want: echoed("PUT", "https://api.example.com/x", "a=1")},
	{says: "sends", op: "app/httpfunctions/patch", in: request("Request|Body", object{}), want: echoed("PATCH", "https://api.example.com/x", "")},
	{says: "sends", op: "app/httpfunctions/delete", in: request(), want: echoed("DELETE", "https://api.example.com/x", "")},
	{says: "gives the answer as text", op: "app/httpfunctions/raw", in: request("Request|Method", "DELETE"), set: always(200, http.Header{"X-A": {"1", "2"}}, `{"a":1}`), want: gives{"Response.Status Code": 200.0, "Response.Headers": object{"x-a": "1, 2"}, "Response.Body": `{"a":1}`}},
	{says: "answers the caller, and the flow goes on", op: "app/httpfunctions/close", in: fields("Response|Status Code", 202.0, "Response|Body", "later"), want: gives{"statusCode": 202.0, "headers": nil, "body": "later"}},
}
