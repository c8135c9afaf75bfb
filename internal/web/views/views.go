// Package views is how Slipway's pages look: one struct a page, one templ file a noun.
//
// A view shows and loops, and computes nothing: all it may use stands in its page's struct. Which page is
// shown, and to whom, is web's business.
package views

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/web/icon"
)

// Page is what every page shows besides its own content.
type Page struct {
	Title   string
	Actor   access.Actor // the zero Actor for a visitor
	Path    string       // the page's own path, to mark its place in the menu
	Banner  string       // a sentence on every page, "" for none
	Flash   string       // a sentence about what was just done
	Contact string       // mail address of the network's team, "" where none is set
	Now     time.Time    // when the page was asked for
}

// menuItem is one entry of the bar on top.
type menuItem struct {
	label, path, icon string
	action            access.Action
}

// menu lists every entry; each is shown to those who may open it.
var menu = []menuItem{
	{"My integrations", "/submissions", "package", access.EditSubmissions},
	{"Review queue", "/reviews", "list-check", access.ReadQueue},
	{"Listings", "/listings", "file-text", access.ReadQueue},
	{"Catalog", "/catalog", "world", access.Anyone},
	{"Installed", "/installations", "plug", access.Install},
	{"People", "/people", "users", access.Install},
	{"My apps", "/apps", "home", access.UseApps},
	{"Orgs", "/orgs", "building", access.Operate},
	{"Outbox", "/outbox", "mail", access.Operate},
}

// Menu returns the entries that the page's actor may open.
func (p Page) Menu() []menuItem {
	var shown []menuItem
	for _, item := range menu {
		if access.Can(p.Actor, item.action) {
			shown = append(shown, item)
		}
	}
	return shown
}

// Own is the first page that is the actor's own: where their work begins. A visitor's is the network's first page.
func (p Page) Own() string {
	for _, item := range p.Menu() {
		if item.action != access.Anyone {
			return item.path
		}
	}
	return "/"
}

func (p Page) at(path string) bool { return p.Path == path || strings.HasPrefix(p.Path, path+"/") }

// Icon writes a decorative icon; a name that does not exist writes nothing.
func Icon(name string) templ.Component {
	svg, _ := icon.Named(name)
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, svg)
		return err
	})
}

// KeptPrefix marks the hidden inputs that carry an interrupted form through the sign-in page.
const KeptPrefix = "kept."

// Kept is a form that an expired sign-in interrupted.
type Kept struct {
	Action string     // where it was going; "" for none
	Values url.Values // what was typed
}

// SignInPage is everything the sign-in page shows.
type SignInPage struct {
	Page
	Next  string // our own path to go to afterwards
	Email string
	Fault *fault.Error
	Kept  Kept
}

// JoinPage is everything the page of a one-time link shows.
type JoinPage struct {
	Page
	Token string
	User  access.User
	Fault *fault.Error
}

// HomePage is everything the first page shows.
type HomePage struct {
	Page
	Tour []TourStep // empty where there is no tour
}

// TourStep is one step of the demo's tour.
type TourStep struct {
	Title, Text, Link, LinkText string
	Role                        string // who does it
	Done                        bool
}

// TourDone counts the ticked steps.
func (p HomePage) TourDone() (n int) {
	for _, step := range p.Tour {
		if step.Done {
			n++
		}
	}
	return n
}

// FaultPage is everything an error page shows.
type FaultPage struct {
	Page
	Fault  *fault.Error
	Status int
}

// FaultTitle is the heading of a fault's page.
func FaultTitle(f *fault.Error) string {
	switch f.Code {
	case fault.NotFound:
		return "Not found"
	case fault.Forbidden:
		return "Access denied"
	case fault.Conflict:
		return "Somebody was faster"
	case fault.Invalid, fault.TooLarge:
		return "There is a problem"
	case fault.TooMany:
		return "Too many at once"
	case fault.Unavailable:
		return "No answer"
	}
	return "Something broke"
}

// When writes a time for people: the day and the minute, in UTC.
func When(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 Jan 2006, 15:04") + " UTC"
}

// Day writes a date for people.
func Day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// Ago writes how many days lie between, as long as that says more than a date.
func Ago(t, now time.Time) string {
	switch days := int(now.Sub(t) / (24 * time.Hour)); {
	case days < 1:
		return "today"
	case days == 1:
		return "yesterday"
	case days <= 60:
		return strconv.Itoa(days) + " days ago"
	}
	return "on " + Day(t)
}

// Machine writes a time for the datetime attribute.
func Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// title ends with the product's name, and says first what is wrong where something is.
func title(p Page) string {
	if p.Title == "" || p.Title == "Slipway" {
		return "Slipway"
	}
	return p.Title + " – Slipway"
}

// fieldID is the id of the input that edits a key.
func fieldID(key string) string { return "f-" + strings.ReplaceAll(key, ".", "-") }

// initial is the first letter of a name, which stands where an icon is missing.
func initial(name string) string {
	for _, r := range name {
		return strings.ToUpper(string(r))
	}
	return "?"
}
