package engine

import (
	"net/http"
)

// answered makes an API that always answers so.
func always(status int, header http.Header, body string) func(*Machine) {
	return func(m *Machine) {
		m.API = answering(func(Request) Response { return Response{Status: status, Header: header, Body: []byte(body)} })
	}
}

var httpRows = []row{
	{says: "sends a request and gives the answer as text", op: "http/raw", in: fields("url", "https://api.example.com/users?x=1", "method", "post", "headers", object{"X-A": 1.0}, "query", object{"q": list{"a b", "c"}, "none": nil}, "body", `{"a":1}`), want: gives{
		"statusCode": 200.0, "headers": object{"content-type": "application/json"},
		"body": `{"body":"{\"a\":1}","headers":{"content-type":"application/json","x-a":"1"},"method":"POST","url":"https://api.example.com/users?x=1&q=a+b&q=c"}`,
	}},
	{says: "takes 400 and more for an error, with what the API says", op: "http/raw", in: fields("url", "https://api.example.com/"), set: always(404, nil, `{"error":{"message":"no such user"}}`), fails: "The API answered 404: no such user.", kind: Answered},
	{says: "refuses plain HTTP", op: "http/raw", in: fields("url", "http://api.example.com/"), fails: "is not asked over http; use https", kind: Refused},
	{says: "refuses a host that the connector did not name", op: "http/raw", in: fields("url", "https://evil.example/"), set: func(m *Machine) { m.Rules.Hosts = []string{"api.example.com", "*.example.org"} }, fails: "The host evil.example is not among those", kind: Refused},
	{says: "refuses a host that only ends like one", op: "http/raw", in: fields("url", "https://evilexample.org/"), set: func(m *Machine) { m.Rules.Hosts = []string{"*.example.org"} }, fails: "is not among those", kind: Refused},
	{says: "asks a host below a domain", op: "http/raw", in: fields("url", "https://A.example.org./"), set: func(m *Machine) { m.Rules.Hosts = []string{"*.example.org"}; always(204, nil, "")(m) }, want: gives{"statusCode": 204.0, "headers": object{}, "body": ""}},
	{says: "refuses a line break in a header", op: "http/raw", in: fields("url", "https://api.example.com/", "headers", object{"X-A": "1\r\nX-B: 2"}), fails: "would hold a line break", kind: Refused},
	{says: "refuses a name of a header that is none", op: "http/raw", in: fields("url", "https://api.example.com/", "headers", object{"X A": "1"}), fails: "is no name of a header", kind: Refused},
	{says: "refuses the headers that are not a connector's to set", op: "http/raw", in: fields("url", "https://api.example.com/", "headers", object{"host": "evil.example"}), fails: "The header Host is not a connector's to set.", kind: Refused},
	{says: "refuses a user in the address", op: "http/raw", in: fields("url", "https://a:b@api.example.com/"), fails: "holds a user name or password", kind: Refused},
	{says: "refuses a method that is none", op: "http/raw", in: fields("url", "https://api.example.com/", "method", "CONNECT"), fails: `The method "CONNECT" is none of`, kind: Refused},
	{says: "says where the address is none", op: "http/raw", in: fields("url", "/users"), fails: `"/users" is no address`},
	{says: "refuses a body that is too large", op: "http/raw", in: fields("url", "https://api.example.com/", "method", "POST", "body", "0123456789"), set: func(m *Machine) { m.Rules.MaxBody = 5 }, fails: "The request has 10 bytes, more than 5.", kind: Refused},
	{says: "starts a flow that is called over HTTP", op: "http/accept", out: outs("raw|body", "query|name"), args: Values{parseKey("query|name"): "Ann"}, want: gives{"raw.body": nil, "query.name": "Ann"}},
	{says: "starts a flow that a person calls", op: "http/delegated", in: fields("name", ""), args: Values{key("name"): "Ann"}, want: gives{"name": "Ann"}},
}
