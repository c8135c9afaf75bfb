package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"slipway/internal/require"
)

// The widths at which every page must work: a laptop and a telephone, in CSS pixels.
const (
	wide   = 1280
	narrow = 390
)

// view is one way to look at a page.
type view struct {
	width  int64
	scheme string // light or dark
}

var views = []view{{wide, "light"}, {wide, "dark"}, {narrow, "light"}, {narrow, "dark"}}

// Shot looks at the page in four ways, wide and narrow, light and dark. In each it writes NAME-WIDTH-SCHEME.png of the
// whole page into the folder that SLIPWAY_SHOTS names (without it, slipway-shots below the system's temporary folder),
// and the test fails if the page is wider than the window, does not follow the system's light or dark, or breaks a rule of WCAG 2.0 to 2.2 at A or AA.
func (tab *Tab) Shot(name string) {
	tab.t.Helper()
	defer tab.look(views[0])
	for _, v := range views {
		tab.look(v)
		tab.settle()
		title := fmt.Sprintf("%s-%d-%s", safe(name), v.width, v.scheme)
		tab.picture(title)
		tab.checkScheme(title, v.scheme)
		tab.checkWidth(title)
		tab.checkAccess(title)
	}
	tab.complain()
}

// look sets the window's width and what the system prefers. Motion is reduced, so that nothing is caught in the middle.
func (tab *Tab) look(v view) {
	tab.t.Helper()
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: v.width, Height: 900, DeviceScaleFactor: 1,
	})
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: v.scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// picture writes a picture of the whole page and returns its path.
func (tab *Tab) picture(title string) string {
	tab.t.Helper()
	beyond := true
	picture := call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond, FromSurface: &beyond,
	})
	folder := os.Getenv("SLIPWAY_SHOTS")
	if folder == "" {
		folder = filepath.Join(os.TempDir(), fmt.Sprintf("slipway-shots-%d", os.Getuid()))
	}
	path := filepath.Join(folder, title+".png")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		tab.t.Fatalf("write a screenshot: %v", err)
	}
	if err := os.WriteFile(path, picture.Data, 0o644); err != nil {
		tab.t.Fatalf("write a screenshot: %v", err)
	}
	return path
}

// checkScheme fails where the page does not follow the system. Tabler's colours hang on data-bs-theme.
func (tab *Tab) checkScheme(title, scheme string) {
	tab.t.Helper()
	if got := evaluate[string](tab, `document.documentElement.dataset.bsTheme ?? ""`); got != scheme {
		tab.t.Errorf("%s: the system is %s and the page's data-bs-theme is %q", title, scheme, got)
	}
}

// checkWidth fails where a reader would have to scroll sideways, and names the widest elements.
func (tab *Tab) checkWidth(title string) {
	tab.t.Helper()
	for _, culprit := range evaluate[[]string](tab, tooWide) {
		tab.t.Errorf("%s: wider than the window: %s", title, culprit)
	}
}

// tooWide lists the innermost elements that stick out of the window, by their box or by their text.
const tooWide = `(() => {
	const room = document.documentElement.clientWidth + 1;
	if (document.documentElement.scrollWidth <= room) return [];
	const end = (e) => {
		const box = e.getBoundingClientRect();
		return getComputedStyle(e).overflowX === "visible" ? Math.max(box.right, box.left + e.scrollWidth) : box.right;
	};
	const wide = [...document.body.querySelectorAll("*")].filter((e) => end(e) > room);
	const inner = wide.filter((e) => ![...e.children].some((child) => wide.includes(child)));
	return (inner.length ? inner : [document.body]).slice(0, 5).map((e) => e.outerHTML.slice(0, 160));
})()`

// violation is one broken rule as axe-core tells of it.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML, FailureSummary string
	}
}

// checkAccess asks axe-core.
func (tab *Tab) checkAccess(title string) {
	tab.t.Helper()
	if evaluate[string](tab, "typeof axe") == "undefined" {
		tab.do(chromedp.Evaluate[chromedp.Void](axe(tab)))
	}
	// As text: the page's JSON is decoded by rules of our own.
	report := evaluate[string](tab, `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
		.then((result) => JSON.stringify(result.violations))`)
	var violations []violation
	if err := json.Unmarshal([]byte(report), &violations); err != nil {
		tab.t.Fatalf("%s: read what axe-core says: %v", title, err)
	}
	for _, v := range violations {
		for _, n := range v.Nodes {
			tab.t.Errorf("%s: %s (%s): %s\n%s", title, v.Help, v.ID, n.HTML, n.FailureSummary)
		}
	}
}

var axeSource struct {
	sync.Mutex
	text string
}

// axe returns the text of axe-core, which is half a megabyte and read once.
func axe(tab *Tab) string {
	tab.t.Helper()
	axeSource.Lock()
	defer axeSource.Unlock()
	if axeSource.text == "" {
		text, err := os.ReadFile(require.File(tab.t, "internal/browser/npm/node_modules/axe-core/axe.min.js"))
		if err != nil {
			tab.t.Fatalf("read axe-core: %v", err)
		}
		axeSource.text = string(text)
	}
	return axeSource.text
}

// safe is a name as part of a file's name.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\: `, r) {
			return '-'
		}
		return r
	}, name)
}
