// Package scaffold writes the first connector.yaml and suite.yaml of a connector, from nothing or from an OpenAPI document.
//
// It owns the guesses: which operation is which contract, which member of an answer is which attribute of a user. Its one
// rule: what it writes loads without an error, and says by a comment where a person has to decide; what it cannot guess
// becomes a step that fails and says what to fill in. It never overwrites a file, and it reads nothing but the document it
// was given. What the files mean is left to packages definition and suite.
package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"slipway/internal/connector"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/document"
	"slipway/internal/connector/suite"
	"slipway/internal/fault"
)

// Options is what somebody said about the connector to be.
type Options struct {
	Folder  string // its name, for the key where nothing else gives one
	Key     string // "" to guess
	Name    string // "" to guess
	OpenAPI []byte // YAML or JSON; nil for none
}

// Files are the texts of both files, and what was guessed.
type Files struct {
	Connector, Suite []byte
	Report           Report
}

// Report says how far the guesses went.
type Report struct {
	Key     string
	Guessed []string // names of contracts that have steps
	Stubs   []string // names of contracts that belong to them and fail until somebody fills them in
	Actions int      // further actions
	Left    int      // operations that are named in a comment only
}

// Make writes both files. Its error is a fault: a key that is none, a document that cannot be read.
func Make(o Options) (Files, error) {
	if o.Key != "" && !properKey.MatchString(o.Key) {
		return Files{}, fault.Newf(fault.Invalid, "%q is no key. A key has 2 to 50 small letters and digits, begins with a letter, and never changes.", o.Key)
	}
	if r := []rune(o.Name); len(r) > 100 {
		return Files{}, fault.Newf(fault.Invalid, "The name has %d characters, more than 100.", len(r))
	}
	var files Files
	if o.OpenAPI == nil {
		files = small(o)
	} else {
		spec, err := readSpec(o.OpenAPI)
		if err != nil {
			return Files{}, err
		}
		files = fromSpec(o, spec)
	}
	if _, found := definition.Read(connector.File, files.Connector); found.Errors() > 0 {
		return Files{}, fault.Wrap(fmt.Errorf("scaffold a connector: %s", found[0]), fault.Internal, "What was made of the document does not load. Please report this, with the document.")
	}
	if len(files.Suite) > document.MaxBytes {
		return Files{}, fault.New(fault.TooLarge, "The suite would have more than 1 MB. Cut the document down to the operations that matter.")
	}
	return files, nil
}

var properKey = regexp.MustCompile(`^[a-z][a-z0-9]{1,49}$`)

// Write puts both files into a folder, which it makes where it is missing. A folder that has either of them is a conflict,
// and nothing is written.
func Write(dir string, f Files) error {
	for _, name := range []string{connector.File, suite.File} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return there(name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be used as a folder: %s.", dir, cause(err)))
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fault.Wrap(err, fault.Invalid, fmt.Sprintf("The folder %s cannot be made: %s.", dir, cause(err)))
	}
	if err := create(dir, connector.File, f.Connector); err != nil {
		return err
	}
	return create(dir, suite.File, f.Suite)
}

// create writes a file that is not there yet, also when another program makes it at the same time.
func create(dir, name string, text []byte) error {
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return there(name)
	}
	if err == nil {
		_, err = file.Write(text)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be written: %s.", name, cause(err)))
	}
	return nil
}

func there(name string) error {
	return fault.Newf(fault.Conflict, "The folder has a %s already, and nothing is overwritten. Choose another folder, or move the file away.", name)
}

// cause is what the system said, without the path that the sentence names already.
func cause(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}
