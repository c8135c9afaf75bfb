package engine

var urlRows = []row{
	{says: "takes an address apart", op: "url/parse", in: fields("url", "https://a.example.com/b%20c/d?e=f&g#h"), want: gives{"protocol": "https", "host": "a.example.com", "port": 443.0, "path": "/b%20c/d", "query": "e=f&g"}},
	{says: "knows a port that is said", op: "url/parse", in: fields("url", "http://a.example.com:8080"), want: gives{"protocol": "http", "host": "a.example.com", "port": 8080.0, "path": "/", "query": ""}},
	{says: "refuses a port that there is not", op: "url/parse", in: fields("url", "http://a.example.com:99999"), fails: "url: there is no port 99999."},
	{says: "refuses what is no address", op: "url/parse", in: fields("url", "http://[::1"), fails: `"http://[::1" is no address.`},
	{says: "escapes as JavaScript does", op: "url/encodeComponent", in: fields("component", "é /?&=+!~*'()"), want: gives{"output": "%C3%A9%20%2F%3F%26%3D%2B!~*'()"}},
	{says: "says where there is nothing to escape", op: "url/encodeComponent", fails: "The card has 0 inputs, and takes one."},
	{says: "undoes escapes", op: "url/decodeComponent", in: fields("component", "%C3%A9+%2F"), want: gives{"output": "é+/"}},
	{says: "says where an escape is broken", op: "url/decodeComponent", in: fields("component", "%zz"), fails: `"%zz" holds a % that is no escape.`},
}
