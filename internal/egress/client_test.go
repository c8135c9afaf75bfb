package egress

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"slipway/internal/fault"
	"slipway/internal/secret"
)

// vendor is an httptest server; its log is silent because handlers here break on purpose.
func vendor(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = silent
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func send(t *testing.T, c *Client, method, rawURL, body string) (*http.Response, error) {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, rawURL, content)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer canary-7f3a91")
	return c.Do(r)
}

// Covers H-08, H-09.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere, hits := listener(t, "127.0.0.1:0")
	for _, tt := range []struct{ name, location, says string }{
		{"to a private address", "http://10.0.0.1/admin", "http://10.0.0.1"},
		{"to a metadata service", "http://169.254.169.254/latest", "http://169.254.169.254"},
		{"to another port", "http://" + elsewhere + "/", "http://127.0.0.1"},
		{"to a file", "file:///etc/passwd", "an address that cannot be read"},
		{"to gopher", "gopher://evil.example/", "gopher://evil.example"},
		{"to itself", "", ""},
		{"to a path", "/login", "http://127.0.0.1"},
		{"to text that is no address", "https://ev il/", "an address that cannot be read"},
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			var record []Exchange
			s := vendor(t, func(w http.ResponseWriter, r *http.Request) {
				location := tt.location
				if tt.name == "to itself" {
					location = r.URL.Path
				}
				w.Header().Set("Location", location)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, "the body of an inner page")
			})
			c := New(AllowPrivate(), Options{Record: func(e Exchange) { record = append(record, e) }})
			_, err := send(t, c, http.MethodGet, s.URL+"/Users", "")
			if KindOf(err) != Redirected || !strings.Contains(fault.Show(err).Message, tt.says) {
				t.Errorf("%s, %d: %v; want a redirect that names %q", tt.name, status, err, tt.says)
			}
			if len(record) != 1 || record[0].Status != status || record[0].ResponseBody != "" {
				t.Errorf("%s, %d: recorded %+v; want one exchange without its body", tt.name, status, record)
			}
		}
	}
	if hits() != 0 {
		t.Errorf("%d connections followed a redirect", hits())
	}
}

// Covers H-17.
func TestNothingTalksUsIntoAnotherHost(t *testing.T) {
	proxy, hits := listener(t, "127.0.0.1:0")
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://"+proxy)
	}
	s := vendor(t, func(w http.ResponseWriter, r *http.Request) {})
	c := New(AllowPrivate(), Options{})
	if _, err := send(t, c, http.MethodGet, s.URL, ""); err != nil || hits() != 0 {
		t.Errorf("with a proxy in the environment: %v, %d connections to it", err, hits())
	}
	for name, change := range map[string]func(*http.Request){
		"CONNECT":                func(r *http.Request) { r.Method = http.MethodConnect },
		"another Host":           func(r *http.Request) { r.Host = "inside.example" },
		"another Host as header": func(r *http.Request) { r.Header.Set("Host", "inside.example") },
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		if _, err := c.Do(r); KindOf(err) != NotAllowed {
			t.Errorf("%s: %v; want not allowed", name, err)
		}
	}
}

func TestEachTroubleHasOneSentence(t *testing.T) {
	plain := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hang":
			<-r.Context().Done()
		case "/half":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		case "/slow-body":
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/drop":
			panic(http.ErrAbortHandler)
		case "/huge":
			_, _ = w.Write(make([]byte, 2<<20))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 50<<20))
			_ = z.Close()
		case "/header":
			w.Header().Set("X-Long", strings.Repeat("a", maxHeader+1000))
		}
	})
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	untrusted.Config.ErrorLog = silent
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS, old.Config.ErrorLog = &tls.Config{MaxVersion: tls.VersionTLS11}, silent
	old.StartTLS()
	t.Cleanup(old.Close)
	dns := startDNS(t, map[string][][]string{})
	for _, tt := range []struct {
		name, url string
		kind      Kind
		says      string
	}{
		{"no such name", "https://missing.example", NoSuchHost, "missing.example does not exist"},
		{"nobody listens", "http://127.0.0.1:1", Refused, "refused the connection"},
		{"no answer", plain.URL + "/hang", TimedOut, "in time"},
		{"an answer without an end", plain.URL + "/slow-body", TimedOut, "in time"},
		{"the connection is dropped", plain.URL + "/drop", Dropped, "closed the connection"},
		{"half an answer", plain.URL + "/half", Dropped, "closed the connection"},
		{"a body above the limit", plain.URL + "/huge", TooLarge, "more than 1 MiB"},
		{"a small body that unpacks above the limit", plain.URL + "/bomb", TooLarge, "more than 1 MiB"},
		{"a header above the limit", plain.URL + "/header", TooLarge, "header"},
		{"another protocol", "http://" + greeter(t, "220 mail.example ESMTP\r\n"), NotHTTP, "not in HTTP"},
		{"an unknown authority", untrusted.URL, TLSDefect, "not signed by an authority"},
		{"http where https was asked for", strings.Replace(plain.URL, "http", "https", 1), TLSDefect, "does not speak TLS"},
		{"an old TLS version", old.URL, TLSDefect, "TLS 1.2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limit := 20 * time.Second
			if tt.kind == TimedOut {
				limit = 100 * time.Millisecond
			}
			c := New(AllowPrivate(), Options{Timeout: limit, MaxBody: 1 << 20, Resolver: dns.resolver()})
			started := time.Now()
			_, err := send(t, c, http.MethodGet, tt.url, "")
			if KindOf(err) != tt.kind || !strings.Contains(fault.Show(err).Message, tt.says) {
				t.Errorf("%v (kind %q); want kind %q and %q", err, KindOf(err), tt.kind, tt.says)
			}
			if fault.CodeOf(err) != fault.Unavailable || time.Since(started) > limit+5*time.Second {
				t.Errorf("code %s after %s; want unavailable, soon", fault.CodeOf(err), time.Since(started))
			}
		})
	}
}

// greeter speaks first, as mail servers do.
func greeter(t *testing.T, greeting string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, greeting)
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

func TestAnswersAreWholeAndNeedNoClosing(t *testing.T) {
	s := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNotModified - 4) // 300 without a Location is an answer like any other
		_, _ = w.Write(append([]byte("got "), body...))
	})
	for _, retries := range []bool{false, true} {
		resp, err := send(t, New(AllowPrivate(), Options{Retry: retries, MaxParallel: 1}), http.MethodPost, s.URL, "hello")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "got hello" || resp.StatusCode != 300 {
			t.Errorf("retry %v: %d %q, %v", retries, resp.StatusCode, body, err)
		}
	}
}

func TestCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := vendor(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(AllowPrivate(), Options{Retry: true}).Do(r); KindOf(err) != Canceled || !errors.Is(err, ctx.Err()) {
		t.Errorf("%v; want canceled, with the context's error inside", err)
	}
}

// Covers H-18, H-22.
func TestRecordedExchangesHoldNoSecret(t *testing.T) {
	const token, password = "canary-7f3a91/+&\"<ü", "pass word'9"
	answer := ""
	for _, form := range forms(token) {
		answer += "[" + form + "]"
	}
	for _, form := range append(forms(password), forms("ada:"+password)...) {
		answer += "[" + form + "]"
	}
	for _, tt := range []struct {
		name string
		body string
		max  int64
	}{
		{"echoed in every form", answer, 0},
		{"64 MB of it", strings.Repeat(answer, 64<<20/len(answer)), 0},
		{"cut in the middle of a secret", strings.Repeat("x", 1000) + token, 1000 + int64(len(token)) - 3},
		{"at the edge of what is kept", strings.Repeat("x", keptBody-5) + token, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := vendor(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Echo", r.Header.Get("X-Api-Key"))
				w.Header().Set("Set-Cookie", "session=abcdef")
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, tt.body)
			})
			var record []Exchange
			c := New(AllowPrivate(), Options{MaxBody: tt.max, Record: func(e Exchange) { record = append(record, e) },
				Redact: []secret.Text{secret.NewText(token), secret.NewText(password), secret.NewText("ada:" + password)}})
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/?access_token=canary-7f3a91%2f%2B%26%22%3c%C3%BC", strings.NewReader(`{"password":"`+password+`"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer something-else-1")
			r.Header.Set("X-Api-Key", token)
			_, _ = c.Do(r)
			if len(record) != 1 {
				t.Fatalf("%d exchanges recorded", len(record))
			}
			shown := strings.Join([]string{record[0].URL, record[0].RequestBody, record[0].ResponseBody, record[0].Err, record[0].Curl()}, "\n")
			for _, h := range []http.Header{record[0].RequestHeader, record[0].ResponseHeader} {
				for name, values := range h {
					shown += name + strings.Join(values, " ")
				}
			}
			for _, leak := range append(forms(token), "canary", "something-else", "pass word", "pass+word", "pass%20word", "abcdef", forms("ada:" + password)[6]) {
				if strings.Contains(shown, leak) {
					t.Errorf("%q is in the record:\n%.2000s", leak, shown)
				}
			}
			if len(record[0].ResponseBody) > keptBody {
				t.Errorf("%d bytes kept; want at most %d", len(record[0].ResponseBody), keptBody)
			}
			if !strings.Contains(shown, "Bearer "+secret.Redacted) {
				t.Errorf("the scheme of the authorization is gone:\n%.500s", shown)
			}
		})
	}
}

func TestShortSecretsAreRedactedInHeadersOnly(t *testing.T) {
	d := newRedactor([]secret.Text{secret.NewText("T")})
	if got := d.header(http.Header{"X-Api-Key": {"T"}})["X-Api-Key"][0]; got != secret.Redacted {
		t.Errorf("header: %q", got)
	}
	if got, _ := d.body([]byte("The Title"), true); got != "The Title" {
		t.Errorf("body: %q", got)
	}
}

func TestCurl(t *testing.T) {
	e := Exchange{Method: "POST", URL: "https://vendor.example/Users?filter=a+eq+%22b%22", RequestBody: `{"name":"O'Hara $HOME"}`,
		RequestHeader: http.Header{"Authorization": {"Bearer " + secret.Redacted}, "Accept": {"application/scim+json"}}}
	want := `curl -sS -X 'POST' -H 'Accept: application/scim+json' -H 'Authorization: Bearer '"$TOKEN"''` +
		` --data-raw '{"name":"O'\''Hara $HOME"}' 'https://vendor.example/Users?filter=a+eq+%22b%22'`
	if got := e.Curl(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
