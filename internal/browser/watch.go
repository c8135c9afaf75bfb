package browser

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch follows one tab: what it complains about, and which requests are under way.
type watch struct {
	mu         sync.Mutex
	complaints []string
	underWay   map[network.RequestID]cdp.LoaderID // by the page that sent them
	document   map[network.RequestID]bool         // requests whose answer the page shows
	changed    time.Time                          // when a request last began or ended
}

func newWatch() *watch {
	return &watch{
		underWay: make(map[network.RequestID]cdp.LoaderID),
		document: make(map[network.RequestID]bool),
		changed:  time.Now(),
	}
}

// event takes note. chromedp calls it between two messages of the browser, so it must not call the browser.
func (w *watch) event(ev any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		w.begin(ev)
	case *network.EventLoadingFinished:
		w.end(ev.RequestID)
	case *network.EventLoadingFailed:
		w.end(ev.RequestID)
	case *network.EventResponseReceived:
		if ev.Type == network.ResourceTypeDocument {
			w.turn(ev.LoaderID)
		}
		if ev.Response.Status >= 500 {
			w.complain("%s answered %d", ev.Response.URL, ev.Response.Status)
		}
	case *log.EventEntryAdded:
		w.entry(ev.Entry)
	case *runtime.EventExceptionThrown:
		w.complain("uncaught exception: %s", exception(ev.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			w.complain("console: %s", spoken(ev.Args))
		}
	}
}

// begin counts a request, unless it is one that stays open.
func (w *watch) begin(ev *network.EventRequestWillBeSent) {
	switch ev.Type {
	case network.ResourceTypeEventSource, network.ResourceTypeWebSocket, network.ResourceTypePing:
		return
	case network.ResourceTypeDocument, network.ResourceTypeXHR, network.ResourceTypeFetch:
		w.document[ev.RequestID] = true
	}
	w.underWay[ev.RequestID] = ev.LoaderID
	w.changed = time.Now()
}

func (w *watch) end(id network.RequestID) {
	delete(w.underWay, id)
	w.changed = time.Now()
}

// turn forgets what an earlier page has sent: a request that outlives its page reports its end to nobody.
func (w *watch) turn(page cdp.LoaderID) {
	maps.DeleteFunc(w.underWay, func(_ network.RequestID, sender cdp.LoaderID) bool { return sender != page })
}

// entry judges a line of the browser's own log: a refusal by the policy, a file that is missing. That a page or a
// fragment was answered with 404 or 422 is for the test to judge, who sees it.
func (w *watch) entry(entry *log.Entry) {
	if entry.Level != log.EntryLevelError || w.document[entry.NetworkRequestID] {
		return
	}
	w.complain("%s: %s %s", entry.Source, entry.Text, entry.URL)
}

func (w *watch) complain(format string, args ...any) {
	w.complaints = append(w.complaints, fmt.Sprintf(format, args...))
}

// take returns the complaints and forgets them.
func (w *watch) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.complaints
	w.complaints = nil
	return taken
}

// quietFor tells whether nothing is under way, and has not been for a while.
func (w *watch) quietFor(d time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.underWay) == 0 && time.Since(w.changed) >= d
}

func exception(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text + " " + details.URL
}

func spoken(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		if arg.Description != "" {
			words = append(words, arg.Description)
		} else {
			words = append(words, string(arg.Value))
		}
	}
	return strings.Join(words, " ")
}
