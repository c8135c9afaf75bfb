// Package browser lets a test use the pages as a person does, in headless Chromium.
//
// Its one rule: what a person would notice fails the test. An uncaught exception, a refusal by the page's
// Content-Security-Policy, an error on the console, a missing file or an answer of 500 fails it even where nobody
// looked for one. Things are found as a reader with a screen reader finds them, by role and accessible name, never
// by selector. What the pages should say is left to the tests.
//
//	chromium := browser.Start(t)
//	vendor := chromium.Open(server.URL)
//	vendor.Join("/join/…", "a few good words")
//	vendor.Click("Add new submission")
//	vendor.Fill("Display name", "Acme")
//	vendor.See("Saved")
//	vendor.Shot("submission-general")
package browser

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"slipway/internal/require"
)

// patience is how long a page may take to show what a test waits for. A slow machine needs it, a quick one does not
// notice: nothing here waits longer than it must.
const patience = 90 * time.Second

// Browser is one running Chromium.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Start starts Chromium, which ends with the test. Without Chromium, see require.Part.
func Start(t testing.TB) *Browser {
	t.Helper()
	require.Slow(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(require.Program(t, "chromium", "chromium-browser", "google-chrome")),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		// A page of ours needs nothing from elsewhere. One that asks for it does not get it, and that is an error.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("lang", "en-US"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to start as root with it
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// The browser lives as long as the context of its first call, so that one has no deadline.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

// Tab is a window of its own, with cookies of its own: one person who is signed in, or none. Its methods end the
// test when the page is not as they need it. They are for one goroutine.
type Tab struct {
	t     testing.TB
	ctx   context.Context
	base  string
	watch *watch
	near  string
}

// Open opens an empty tab for the pages below base, which has no slash at its end.
func (b *Browser) Open(base string) *Tab {
	b.t.Helper()
	watch := newWatch()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(watch.event))
	tab := &Tab{t: b.t, ctx: ctx, base: base, watch: watch}
	b.t.Cleanup(func() {
		tab.complain()
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatalf("open a tab: %v", err)
	}
	call(tab, log.Enable, cdp.Empty{})
	call(tab, network.Enable, network.EnableParams{})
	tab.look(view{wide, "light"})
	return tab
}

// Go opens a page by its path, or by an address below the tab's base.
func (tab *Tab) Go(path string) {
	tab.t.Helper()
	address := tab.base + strings.TrimPrefix(path, tab.base)
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		tab.t.Fatalf("open %s: %v", path, err)
	}
	tab.settle()
}

// Path returns the path and query of the page that is shown.
func (tab *Tab) Path() string {
	tab.t.Helper()
	location, err := url.Parse(evaluate[string](tab, "location.href"))
	if err != nil {
		tab.t.Fatalf("read the page's address: %v", err)
	}
	return location.RequestURI()
}

// Join follows a one-time link and sets the password, which signs in.
func (tab *Tab) Join(link, password string) {
	tab.t.Helper()
	tab.Go(link)
	tab.Fill("New password", password)
	tab.Click("Set password and sign in")
}

// ForgetCookies is what an expired sign-in looks like to the page.
func (tab *Tab) ForgetCookies() {
	tab.t.Helper()
	call(tab, network.ClearBrowserCookies, cdp.Empty{})
}

// settle waits until the page is loaded, asks the server for nothing, and does not say that it is saving. A page that never rests, because it polls,
// is settled enough after a while.
func (tab *Tab) settle() {
	tab.t.Helper()
	const quiet, enough = 60 * time.Millisecond, 5 * time.Second
	ctx, cancel := context.WithTimeout(tab.ctx, enough)
	defer cancel()
	for poll(ctx) && (!tab.watch.quietFor(quiet) || !tab.loaded(ctx)) {
	}
	tab.complain()
}

func (tab *Tab) loaded(ctx context.Context) bool {
	rests, err := chromedp.Run(ctx, chromedp.Evaluate[bool](atRest))
	return err == nil && rests
}

const atRest = `document.readyState === "complete" && !document.querySelector("[role=status]#saved")?.textContent.startsWith("Saving")`

// complain fails the test with what the page complained about since the last time.
func (tab *Tab) complain() {
	tab.t.Helper()
	for _, complaint := range tab.watch.take() {
		tab.t.Errorf("the page complained: %s", complaint)
	}
}

// poll waits a moment and tells whether there is time for another.
func poll(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(15 * time.Millisecond):
		return true
	}
}

// call sends a command of the browser's protocol and ends the test on an error.
func call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		tab.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// evaluate returns the value of a JavaScript expression in the page, or of the promise that it is.
func evaluate[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("evaluate in the page: %v", err)
	}
	return value
}

// run calls a function in the page with the element as this.
func (tab *Tab) run(object runtime.RemoteObjectID, function string, arguments ...any) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	on := func(params *runtime.CallFunctionOnParams) { params.ObjectID = object }
	if err := chromedp.Do(ctx, chromedp.CallFunctionOn[chromedp.Void](function, on, arguments...)); err != nil {
		tab.t.Fatalf("call in the page: %v", err)
	}
}
