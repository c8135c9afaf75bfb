// Package icon holds the icons that the pages use, as SVG text for inlining.
//
// Its one rule: an icon is decoration. Each is hidden from screen readers and takes its colour and size from
// the text around it, so the page must say in words what the icon shows. scripts/assets fetches the files;
// where an icon stands and how it is written into a page is left to the views.
package icon

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed svg/*.svg
var files embed.FS

var byName = load()

// Named returns the icon as one <svg> element with class "icon" and without inline style, so that it may stand
// in a page whose Content-Security-Policy forbids that. ok is false for a name that no file carries.
func Named(name string) (svg string, ok bool) {
	svg, ok = byName[name]
	return svg, ok
}

// load reads the embedded files once. They are part of the program, so one that cannot be read is a broken build.
func load() map[string]string {
	entries, err := files.ReadDir("svg")
	if err != nil {
		panic(fmt.Sprintf("list icons: %v", err))
	}
	icons := make(map[string]string, len(entries))
	for _, entry := range entries {
		data, err := files.ReadFile("svg/" + entry.Name())
		if err != nil {
			panic(fmt.Sprintf("read icon %s: %v", entry.Name(), err))
		}
		icons[strings.TrimSuffix(entry.Name(), ".svg")] = strings.TrimSpace(string(data))
	}
	return icons
}
