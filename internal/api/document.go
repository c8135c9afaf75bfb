package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// document begins the OpenAPI document; operations add themselves to it.
func document() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Slipway", Version: "1", Description: introduction},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					tokenScheme: {Type: "http", Scheme: "bearer", Description: "A personal token, as `slipway token` prints it."},
				},
			},
		},
		Formats: formats, DefaultFormat: "application/json", RejectUnknownQueryParameters: true,
	}
}

const tokenScheme = "token"

// introduction is what a reader of the document must know before the first call.
const introduction = `Everything that a vendor, a reviewer or a customer admin does on Slipway's pages, for programs.

**Who asks.** Send a personal token: ` + "`Authorization: Bearer slw_…`" + `. It acts as the user it belongs to, with the roles that the user has at that moment. What belongs to another org answers 404.

**What goes wrong** is a problem (RFC 9457): ` + "`code`" + ` says which kind, ` + "`detail`" + ` what to do, and ` + "`errors`" + ` names each input concerned. A request that is refused has changed nothing. Bodies are read strictly: unknown keys, keys that occur twice and values of another type are refused with 422.

**Who was faster.** Whoever changes a submission names the version they have seen in ` + "`If-Match`" + `; answers carry it as ` + "`ETag`" + `. When content or state have changed since then, the answer is 412 or 409.

**How often.** 25 requests a second for each token, after a burst of 50. Above that the answer is 429 with ` + "`Retry-After`" + `.
`

// schemaName names a type in the document. Those of other rooms carry the room's name, for two rooms may use one word;
// what a room is called after carries it once.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	room := path.Base(t.PkgPath())
	if t.PkgPath() == "" || room == "api" {
		return name
	}
	room = strings.ToUpper(room[:1]) + room[1:]
	if name == room { // report.Report
		return name
	}
	return room + name
}

// serveDocument answers with the document, which does not change any more.
func serveDocument(doc *huma.OpenAPI) http.HandlerFunc {
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("write OpenAPI document: %v", err)) // it is made of our own types
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(append(text, '\n'))
	}
}
