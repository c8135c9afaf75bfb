package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestConnectorInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "desk")
	var out, said bytes.Buffer
	init := connectorInitCmd{Dir: dir, OpenAPI: "../../examples/acmehr/openapi.yaml", Key: "desk", stdout: &out, stderr: &said}
	if err := init.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The key is desk;", "22 contracts were guessed: Create User, ", "Further actions: 4. Operations that only a comment names: 1."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it says\n%s\nand not %q", &out, want)
		}
	}
	if err := init.Run(context.Background()); !errors.Is(err, exitStatus(exitUsage)) || !strings.Contains(said.String(), "nothing is overwritten") {
		t.Errorf("in a folder that has the files: %v, %s; want to be told", err, &said)
	}
	missing := connectorInitCmd{Dir: filepath.Join(dir, "x"), OpenAPI: filepath.Join(dir, "none.yaml"), stdout: &out, stderr: &said}
	if err := missing.Run(context.Background()); !errors.Is(err, exitStatus(exitUsage)) || !strings.Contains(said.String(), "none.yaml cannot be opened") {
		t.Errorf("without the document: %v, %s; want to be told", err, &said)
	}
}

// A document without an operation gives a connector that lint has nothing to say about, in a folder of any name.
func TestConnectorInitOfAnEmptyDocument(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "9 Bob's!")
	document := filepath.Join(t.TempDir(), "openapi.yaml")
	put(t, document, []byte("openapi: 3.0.0\ninfo: { title: X, version: '1' }\npaths: {}\n"))
	var out, said bytes.Buffer
	init := connectorInitCmd{Dir: dir, OpenAPI: document, stdout: &out, stderr: &said}
	if err := init.Run(context.Background()); err != nil || !strings.Contains(out.String(), `9 Bob'\''s!'`) {
		t.Errorf("%v, %s%s; want the folder in quotation marks", err, &out, &said)
	}
	if status, found, errOut := connectorRun(t, "", "lint", dir); status != 0 || found != "0 errors, 0 warnings\n" {
		t.Errorf("lint: exit %d\n%s%s", status, found, errOut)
	}
}
