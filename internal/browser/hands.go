package browser

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Click presses the button, link, tab or box with this name, and waits until the page has reacted.
func (tab *Tab) Click(name string) {
	tab.t.Helper()
	tab.press(tab.find("thing to click", name, pressable))
}

// Fill replaces what is in the field with this label by the text, and leaves the field. Of a list of options it
// chooses the one that is called so.
func (tab *Tab) Fill(label, value string) {
	tab.t.Helper()
	field := tab.find("field", label, fillable)
	object := tab.object(field)
	switch field.role() {
	case "textbox", "searchbox", "spinbutton":
		call(tab, dom.Focus, dom.FocusParams{BackendNodeID: field.backend()})
		tab.run(object, `function() { this.select() }`)
		if value == "" {
			tab.do(chromedp.KeyEvent("\b"))
		} else {
			call(tab, input.InsertText, input.InsertTextParams{Text: value})
		}
		tab.run(object, `function() { this.blur() }`)
	default:
		tab.run(object, setValue, value)
	}
	tab.settle()
}

// setValue chooses an option by what it says, or sets a date, and tells the page so.
const setValue = `function(text) {
	const option = [...(this.options ?? [])].find((option) => option.text.trim() === text);
	if (this.options && !option) throw new Error("no option " + text + " among " + [...this.options].map((o) => o.text.trim()));
	this.value = option ? option.value : text;
	this.dispatchEvent(new Event("input", { bubbles: true }));
	this.dispatchEvent(new Event("change", { bubbles: true }));
}`

// Value returns what is in the field with this label.
func (tab *Tab) Value(label string) string {
	tab.t.Helper()
	object := tab.object(tab.find("field", label, fillable))
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	on := func(params *runtime.CallFunctionOnParams) { params.ObjectID = object }
	value, err := chromedp.Run(ctx, chromedp.CallFunctionOn[string](
		`function() { return this.options ? this.selectedOptions[0]?.text.trim() ?? "" : this.value }`, on))
	if err != nil {
		tab.t.Fatalf("read the field %q: %v", label, err)
	}
	return value
}

// Tick switches the checkbox with this label on or off.
func (tab *Tab) Tick(label string, on bool) {
	tab.t.Helper()
	box := tab.find("checkbox", label, tickable)
	if (box.property(accessibility.PropertyNameChecked) == "true") != on {
		tab.press(box)
	}
}

// Ticked tells whether the checkbox or radio button with this label is on.
func (tab *Tab) Ticked(label string) bool {
	tab.t.Helper()
	box := tab.find("checkbox", label, append([]string{"radio"}, tickable...))
	return box.property(accessibility.PropertyNameChecked) == "true"
}

// Upload puts a file of this machine into the file field with this label.
func (tab *Tab) Upload(label, path string) {
	tab.t.Helper()
	found := call(tab, runtime.Evaluate, runtime.EvaluateParams{Expression: fmt.Sprintf(
		`[...document.querySelectorAll("input[type=file]")].find((field) =>
			[...field.labels].some((label) => label.innerText.replace("*", "").trim() === %q) || field.ariaLabel === %[1]q)`, label)})
	if found.Result.ObjectID == "" {
		tab.t.Fatalf("no file field %q on %s\n%s", label, tab.Path(), tab.failed())
	}
	call(tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, ObjectID: found.Result.ObjectID})
	tab.settle()
}

// Hurry runs a script: for what somebody does faster than the page settles.
func (tab *Tab) Hurry(script string) {
	tab.t.Helper()
	evaluate[bool](tab, script+"; true")
	tab.settle()
}

// See waits until the page shows the text, in whatever case and spacing.
func (tab *Tab) See(text string) {
	tab.t.Helper()
	tab.SeeWithin(patience, text)
}

// SeeWithin is See for what takes its time, such as a run of the lab.
func (tab *Tab) SeeWithin(limit time.Duration, text string) {
	tab.t.Helper()
	if !tab.shows(limit, text, true) {
		tab.t.Fatalf("%s does not show %q within %s\n%s", tab.Path(), text, limit, tab.failed())
	}
}

// Gone waits until the page no longer shows the text.
func (tab *Tab) Gone(text string) {
	tab.t.Helper()
	if !tab.shows(patience, text, false) {
		tab.t.Fatalf("%s still shows %q\n%s", tab.Path(), text, tab.failed())
	}
}

// Text returns what the page shows now, with single spaces.
func (tab *Tab) Text() string {
	tab.t.Helper()
	return spaced(evaluate[string](tab, visible))
}

const visible = `document.body ? document.body.innerText : ""`

func (tab *Tab) shows(limit time.Duration, text string, want bool) bool {
	ctx, cancel := context.WithTimeout(tab.ctx, limit)
	defer cancel()
	for poll(ctx) {
		shown, err := chromedp.Run(ctx, chromedp.Evaluate[string](visible))
		if err == nil && strings.Contains(folded(shown), folded(text)) == want {
			tab.settle()
			return true
		}
	}
	return false
}

// press clicks into the middle of a thing, as a mouse does.
func (tab *Tab) press(thing *node) {
	tab.t.Helper()
	call(tab, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: thing.backend()})
	quads := call(tab, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: thing.backend()}).Quads
	if len(quads) == 0 {
		tab.t.Fatalf("%s %q on %s has no size to click on\n%s", thing.role(), thing.name(), tab.Path(), tab.failed())
	}
	corner, opposite := quads[0][:2], quads[0][4:6]
	tab.do(chromedp.MouseClickXY((corner[0]+opposite[0])/2, (corner[1]+opposite[1])/2))
	tab.settle()
}

func (tab *Tab) do(action chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		tab.t.Fatalf("use the page %s: %v", tab.Path(), err)
	}
}

func (tab *Tab) object(thing *node) runtime.RemoteObjectID {
	tab.t.Helper()
	return call(tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: thing.backend()}).Object.ObjectID
}

// failed tells what the page looks like when a test gives up on it.
func (tab *Tab) failed() string {
	tab.t.Helper()
	shown := tab.Text()
	if len(shown) > 1500 {
		shown = shown[:1500] + " …"
	}
	return fmt.Sprintf("screenshot: %s\nthe page shows: %s", tab.picture("failed-"+safe(tab.t.Name())), shown)
}
