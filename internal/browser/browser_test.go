package browser

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/require"
)

// site serves a page under the policy that the product's pages have: testdata/page.html, or one with this body.
func site(t *testing.T, body string) string {
	t.Helper()
	mux := http.NewServeMux()
	static := http.FileServer(http.Dir(filepath.Join(require.Root(t), "internal", "web", "static")))
	mux.Handle("GET /static/", http.StripPrefix("/static/", static))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if body == "" {
			http.ServeFile(w, r, "testdata/page.html")
			return
		}
		answer(w, http.StatusOK, body)
	})
	mux.HandleFunc("GET /theme.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/theme.js") })
	mux.HandleFunc("POST /save", save)
	mux.HandleFunc("POST /greet", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "Ahoy, %s!", html.EscapeString(r.FormValue("who")))
	})
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusInternalServerError, "broken") })
	for path, script := range faults {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte(script))
		})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// faults are scripts with something wrong.
var faults = map[string]string{
	"/throw.js":      `throw new Error("planted exception")`,
	"/grumble.js":    `console.error("planted grumble", 7)`,
	"/stay-light.js": `system.removeEventListener("change", follow)`,
}

func answer(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><title>Page</title><meta name="viewport" content="width=device-width">`+
		`<link rel="icon" href="data:,"><script src="/theme.js"></script></head><body><main><h1>Page</h1>%s</main></body></html>`, body)
}

// save shows what a form brought; without a name it answers 422, which is no fault of the page.
func save(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("picture")
	if err == nil {
		defer func() { _ = file.Close() }()
	}
	if r.FormValue("name") == "" {
		answer(w, http.StatusUnprocessableEntity, "<p>A name is needed.</p>")
		return
	}
	answer(w, http.StatusOK, fmt.Sprintf("<p>%s, %s, rank %s, born %s, aboard %q, picture %t</p>",
		html.EscapeString(r.FormValue("name")), html.EscapeString(r.FormValue("note")),
		r.FormValue("rank"), r.FormValue("birthday"), r.FormValue("aboard"), err == nil))
}

func TestAPersonFillsAForm(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "ada.png")
	if err := os.WriteFile(picture, []byte("not looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab := Start(t).Open(site(t, ""))
	tab.Go("/")
	tab.See("CREW") // in whatever case
	tab.Fill("Name", "Ada <Lovelace>")
	tab.Fill("Note", "")
	tab.Fill("Rank", "Captain")
	tab.Fill("Birthday", "1815-12-10")
	tab.Tick("Aboard", true)
	tab.Tick("Aboard", true)
	tab.Upload("Picture", picture)
	if name, rank := tab.Value("Name"), tab.Value("Rank"); name != "Ada <Lovelace>" || rank != "Captain" || !tab.Ticked("Aboard") {
		t.Errorf("the form holds name %q, rank %q, aboard %v", name, rank, tab.Ticked("Aboard"))
	}
	tab.Click("Save")
	tab.See(`Ada <Lovelace>, , rank c, born 1815-12-10, aboard "on", picture true`)
	tab.Gone("Crew")
	if path := tab.Path(); path != "/save" {
		t.Errorf("the page is %s, want /save", path)
	}
}

func TestAPersonClicksTheButtonNearAName(t *testing.T) {
	tab := Start(t).Open(site(t, ""))
	tab.Go("/")
	tab.Near("Bob").Click("Greet")
	tab.See("Ahoy, Bob!")
	tab.Near("Ada").Click("Greet")
	tab.See("Ahoy, Ada!")
}

func TestEveryTabIsAnotherPerson(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if who, err := r.Cookie("who"); err == nil {
			answer(w, http.StatusOK, "<p>Hello "+who.Value+"</p>")
			return
		}
		answer(w, http.StatusOK, "<p>Hello stranger</p>")
	})
	mux.HandleFunc("GET /theme.js", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("GET /in", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.FormValue("who"), Path: "/"})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	chromium := Start(t)
	ada, bob := chromium.Open(server.URL), chromium.Open(server.URL)
	ada.Go("/in?who=Ada")
	bob.Go(server.URL + "/in?who=Bob")
	ada.Go("/")
	ada.See("Hello Ada")
	bob.See("Hello Bob")
	ada.ForgetCookies()
	ada.Go("/")
	ada.See("Hello stranger")
}

func TestAShotIsTakenInFourWays(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("SLIPWAY_SHOTS", folder)
	tab := Start(t).Open(site(t, "<p>Nothing wrong here.</p>"))
	tab.Go("/")
	tab.Shot("plain")
	for _, name := range []string{"plain-1280-light", "plain-1280-dark", "plain-390-light", "plain-390-dark"} {
		if info, err := os.Stat(filepath.Join(folder, name+".png")); err != nil || info.Size() < 1000 {
			t.Errorf("%s.png is missing or empty: %v", name, err)
		}
	}
}

// What the harness must notice. Each page has one thing wrong, and the test that shows it must fail for that.
func TestWhatAPersonWouldNoticeFailsTheTest(t *testing.T) {
	chromium := Start(t)
	for _, tt := range []struct {
		name, body string
		do         func(*Tab)
		want       string // in the failure
	}{
		{"nothing", `<p>fine</p>`, func(tab *Tab) { tab.Shot("fine") }, ""},
		{"an answer of 422 is for the test to judge", `<form method="post" action="/save"><button>Save</button></form>`,
			func(tab *Tab) { tab.Click("Save"); tab.See("A name is needed") }, ""},
		{"a style that the policy refuses", `<p style="color:red">x</p>`, nil, "Content Security Policy"},
		{"a script that the policy refuses", `<script>document.title = "x"</script>`, nil, "Content Security Policy"},
		{"a picture that is missing", `<img src="/none.png" alt="none">`, nil, "404"},
		{"a picture from elsewhere", `<img src="http://elsewhere.example.com/x.png" alt="x">`, nil, "Content Security Policy"},
		{"an uncaught exception", `<script src="/throw.js"></script>`, nil, "planted exception"},
		{"an error on the console", `<script src="/grumble.js"></script>`, nil, "planted grumble"},
		{"a page that broke down", `<a href="/broken">Go</a>`, func(tab *Tab) { tab.Click("Go") }, "answered 500"},
		{"a picture without a text", `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, func(tab *Tab) { tab.Shot("x") }, "image-alt"},
		{"a field without a label", `<input name="x">`, func(tab *Tab) { tab.Shot("x") }, "(label)"},
		{"a page wider than the telephone", "<pre>" + strings.Repeat("wide ", 20) + "</pre>",
			func(tab *Tab) { tab.Shot("x") }, "x-390-light: wider than the window: <pre>"},
		{"a page that does not turn dark", `<script src="/stay-light.js"></script>`, func(tab *Tab) { tab.Shot("x") }, `the system is dark and the page's data-bs-theme is "light"`},
		{"a text that does not come", `<p>fine</p>`, func(tab *Tab) { tab.SeeWithin(100*time.Millisecond, "gold") }, `does not show "gold"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("SLIPWAY_SHOTS", t.TempDir())
			base := site(t, tt.body)
			failures := suffer(t, func(tb testing.TB) {
				tab := (&Browser{t: tb, ctx: chromium.ctx}).Open(base)
				tab.Go("/")
				if tt.do != nil {
					tt.do(tab)
				}
			})
			switch {
			case tt.want == "" && failures != "":
				t.Errorf("a page with nothing wrong failed: %s", failures)
			case !strings.Contains(failures, tt.want):
				t.Errorf("failures %q, want one with %q", failures, tt.want)
			}
		})
	}
}

// sufferer fails in the place of the test that it is part of.
type sufferer struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

// suffer runs a test that may fail, to its end, and returns what it says.
func suffer(t *testing.T, test func(testing.TB)) string {
	s := &sufferer{TB: t}
	inBackground(func() { test(s) })
	for _, cleanup := range slices.Backward(s.cleanups) {
		cleanup()
	}
	return strings.Join(s.failures, "\n")
}

// inBackground waits for f, which may end its goroutine as Fatalf does.
func inBackground(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func (s *sufferer) Helper()          {}
func (s *sufferer) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *sufferer) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

func (s *sufferer) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}
