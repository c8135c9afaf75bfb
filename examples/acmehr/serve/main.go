// Command serve runs Acme HR on this machine, for trying the connector over it.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"slipway/examples/acmehr"
)

func main() {
	address := flag.String("address", "127.0.0.1:8090", "where to listen")
	defects := flag.String("defects", "", "defects to switch on, with commas between them; list prints all")
	flag.Parse()
	if *defects == "list" {
		for _, d := range acmehr.Defects() {
			fmt.Printf("%-24s %s\n", d, d.Sentence())
		}
		return
	}
	var on []acmehr.Defect
	for name := range strings.SplitSeq(*defects, ",") {
		if name != "" {
			on = append(on, acmehr.Defect(name))
		}
	}
	server := &http.Server{Addr: *address, Handler: acmehr.New(acmehr.WithDefects(on...)), ReadHeaderTimeout: 10 * time.Second}
	fmt.Printf("Acme HR listens on http://%s. The token is %s.\n", *address, acmehr.Token)
	if err := server.ListenAndServe(); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}
