package suite

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/internal/connector/engine"
	"slipway/internal/secret"
)

func request(method, url, body string) engine.Request {
	return engine.Request{Method: method, URL: url, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

func TestDiffers(t *testing.T) {
	recorded := request("POST", "https://api.example.com/users?a=1&b=2", `{"email":"ada@example.com","tags":["x"]}`)
	for _, tt := range []struct {
		name  string
		asked engine.Request
		want  string // "" where both are one request
	}{
		{"the order of query and members does not matter", request("POST", "https://api.example.com/users?b=2&a=1", `{"tags":["x"], "email":"ada@example.com"}`), ""},
		{"a number is its value, not its digits", request("POST", "https://api.example.com/users?a=1&b=2", `{"email":"ada@example.com","tags":["x"]}`), ""},
		{"another method", request("PUT", recorded.URL, string(recorded.Body)), "the method is PUT, recorded was POST"},
		{"another path", request("POST", "https://api.example.com/people?a=1&b=2", string(recorded.Body)), "the address is https://api.example.com/people"},
		{"a member more", request("POST", recorded.URL, `{"email":"ada@example.com","tags":["x"],"admin":true}`), "the body has admin, which was not recorded"},
		{"a member less", request("POST", recorded.URL, `{"email":"ada@example.com"}`), "the body lacks tags"},
		{"another value", request("POST", recorded.URL, `{"email":"bob@example.com","tags":["x"]}`), `the body.email is "bob@example.com", recorded was "ada@example.com"`},
		{"another query", request("POST", "https://api.example.com/users?a=1&b=3", string(recorded.Body)), `the query.b is "3"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := differs(tt.asked, recorded)
			if got != tt.want && (tt.want == "" || !strings.HasPrefix(got, tt.want)) {
				t.Errorf("differs: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestACassetteHoldsNoSecret(t *testing.T) {
	mask := masking([]named{{"conn.api_token", secret.NewText("tok/en+very=secret")}})
	c := &Cassette{Case: "TC001", Clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seed: 7, Connection: map[string]string{"subdomain": "acme"}, Exchanges: []Exchange{{
		Request:  engine.Request{Method: "POST", URL: "https://api.example.com/x?t=tok%2Fen%2Bvery%3Dsecret", Header: http.Header{"Authorization": {"Bearer tok/en+very=secret"}}, Body: []byte(`{"echo":"tok/en+very=secret"}`)},
		Response: engine.Response{Status: 401, Header: http.Header{"Set-Cookie": {"sid=1"}, "Retry-After": {"7"}}, Body: []byte(`{"error":"bad token tok\/en+very=secret","id":12345678901234567}`)},
		Took:     12 * time.Millisecond,
	}}}
	text, err := c.Encode(mask)
	if err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{"very=secret", "very%3Dsecret", "sid=1", "Authorization"} {
		if strings.Contains(string(text), leak) {
			t.Errorf("the cassette holds %q:\n%s", leak, text)
		}
	}
	read, found := ReadCassette("TC001.yaml", text)
	if len(found) > 0 || read == nil {
		t.Fatalf("read back: %v\n%s", found, text)
	}
	got := read.Exchanges[0]
	if want := "https://api.example.com/x?t={{secret:conn.api_token}}"; got.Request.URL != want {
		t.Errorf("the address is %q, want %q", got.Request.URL, want)
	}
	if want := `{"error":"bad token {{secret:conn.api_token}}","id":12345678901234567}`; string(got.Response.Body) != want {
		t.Errorf("the answer is %s, want %s", got.Response.Body, want)
	}
	if got.Response.Header.Get("Retry-After") != "7" || got.Response.Status != 401 || read.Seed != 7 || !read.Clock.Equal(c.Clock) || read.Connection["subdomain"] != "acme" {
		t.Errorf("read back as %+v", read)
	}
}

func TestAPlayerNamesWhatWasNotRecorded(t *testing.T) {
	p := &player{mask: func(s string) string { return s }, recorded: []Exchange{
		{Request: request("GET", "https://api.example.com/me", ""), Response: engine.Response{Status: 200}},
		{Request: request("POST", "https://api.example.com/users", `{"a":1}`), Response: engine.Response{Status: 201}},
	}}
	if answer, err := p.Call(t.Context(), request("GET", "https://api.example.com/me", "")); err != nil || answer.Status != 200 {
		t.Errorf("a recorded request: %v, %v", answer, err)
	}
	_, err := p.Call(t.Context(), request("POST", "https://api.example.com/users", `{"a":2}`))
	if err == nil || !strings.Contains(err.Error(), "the body.a is 2, recorded was 1") {
		t.Errorf("a request with another body: %v", err)
	}
	if _, err := p.Call(t.Context(), request("GET", "https://api.example.com/me", "")); err == nil {
		t.Error("a request that was recorded once is answered twice")
	}
	if left := p.left(); len(left) != 1 || !strings.HasPrefix(left[0], "POST") {
		t.Errorf("left over: %q", left)
	}
}

func TestDiffersWhereAddressesOnlyLookAlike(t *testing.T) {
	for _, tt := range []struct{ name, asked, recorded string }{
		{"an escaped slash is no slash", "/users/a%2Fb", "/users/a/b"},
		{"a parameter twice is not one with a comma", "/users?id=1&id=2", "/users?id=1%2C2"},
		{"a query that cannot be read is not left out", "/users?a=1;b=2", "/users?a=1;b=3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if differs(request("GET", "https://api.example.com"+tt.asked, ""), request("GET", "https://api.example.com"+tt.recorded, "")) == "" {
				t.Errorf("%s is taken for %s", tt.asked, tt.recorded)
			}
		})
	}
}

func TestACassetteGivesBodiesBackAsTheyWere(t *testing.T) {
	for _, body := range []string{"--part\r\nContent-Disposition: form-data\r\n\r\nx\r\n--part--\r\n", "  indented\nx", "\n\nx\n\n", `{"n":1e30,"small":1e-9}`, `{"a":"line\r\n next\n"}`, `{"a":9007199254740993}`} {
		c := &Cassette{Case: "TC001", Exchanges: []Exchange{{Request: request("POST", "https://api.example.com/x", body), Response: engine.Response{Status: 200, Body: []byte(body)}}}}
		content, err := c.Encode(func(text string) string { return text })
		if err != nil {
			t.Errorf("%q: %v", body, err)
			continue
		}
		read, found := ReadCassette("TC001.yaml", content)
		if read == nil || len(found) > 0 || !same(read.Exchanges[0].Response.Body, []byte(body)) || differs(c.Exchanges[0].Request, read.Exchanges[0].Request) != "" {
			t.Errorf("%q is something else when it is read: %v\n%s", body, found, content)
		}
	}
	c := &Cassette{Exchanges: []Exchange{{Request: request("GET", "https://api.example.com/x", ""), Response: engine.Response{Status: 200, Body: []byte{0xff, 0xfe, 0}}}}}
	if _, err := c.Encode(func(text string) string { return text }); err == nil {
		t.Error("bytes that are no text were kept as if they were")
	}
}

func TestNoTailOfASecretIsLeftBehindAnother(t *testing.T) {
	mask := masking([]named{{"conn.password", secret.NewText("open")}, {"conn.1", secret.NewText("open-sesame-7731")}})
	if got := mask("token open-sesame-7731"); strings.Contains(got, "7731") {
		t.Errorf("got %q", got)
	}
}
