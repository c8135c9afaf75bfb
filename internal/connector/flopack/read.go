package flopack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/connector/program"
)

// File is one file that was read: its flows, and what is wrong with them.
type File struct {
	Name     string
	Version  string
	Flows    []*program.Flow // those with cards, and stubs; by name
	Findings program.Findings
	Needs    []App // other apps whose cards it uses

	tables  map[string]bool
	refused map[string]bool // ids of flows that are there and cannot be taken
}

// App is an app whose cards a flow uses, with the connection that they want.
type App struct {
	Name   string // of the app, as the file calls it
	Nature string // the nickname of the connection
}

// Lacks says why not all of the file's flows are there, "" where they are.
func (f *File) Lacks() string {
	if len(f.Flows) > 0 && len(f.refused) == 0 {
		return ""
	}
	for _, found := range f.Findings {
		if found.Level == program.Error {
			return found.String()
		}
	}
	return "There are no flows in it."
}

// Read reads one file. It never fails: what is wrong is a finding, and a file that cannot be taken at all has no flows.
func Read(name string, text []byte) *File {
	f := &File{Name: name, tables: map[string]bool{}, refused: map[string]bool{}}
	src := program.Src{File: name}
	if len(text) > MaxBytes {
		f.Findings.Add(program.Unreadable, src, "The file has %d bytes, more than %d.", len(text), MaxBytes)
		return f
	}
	look, err := scan(text)
	if err != nil {
		f.Findings.Add(program.Unreadable, src, "%s", sentence(err))
		return f
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		f.Findings.Add(program.Unreadable, src, "%s", explain(err))
		return f
	}
	f.Version = e.Version
	if !f.checkEnvelope(e) {
		return f
	}
	for _, id := range slices.Sorted(maps.Keys(e.Data.Flows)) {
		f.read(id, e.Data.Flows[id])
	}
	slices.SortStableFunc(f.Flows, func(a, b *program.Flow) int { return strings.Compare(a.Name, b.Name) })
	if long := func(found program.Finding) bool { return found.Code == program.TooMuch.Code }; look.long != "" && !slices.ContainsFunc(f.Findings, long) {
		f.Findings.Add(program.TooMuch, src, "A text has more than %d bytes, at %s.", MaxString, look.long)
	}
	return f
}

// explain says where JSON is not what it should be.
func explain(err error) string {
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s is a %s, where another kind of value belongs (byte %d).", cmp.Or(mismatch.Field, "The file"), mismatch.Value, mismatch.Offset)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("It is no JSON: %s at byte %d.", syntax, syntax.Offset)
	}
	return sentence(err)
}

func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// checkEnvelope checks the file around its flows, and whether there is something to go on with.
func (f *File) checkEnvelope(e envelope) bool {
	src := program.Src{File: f.Name}
	if e.Type != "flopack" || e.Data == nil || e.Data.Flows == nil {
		f.Findings.Add(program.WrongEnvelope, src, "This is no export of flows: its type is %q, not \"flopack\", or it holds no flows.", e.Type)
		return false
	}
	major, minor, ok := version(e.Version)
	switch {
	case !ok || major != 1:
		f.Findings.Add(program.WrongEnvelope, src, "Version %q is none of this format; there are 1.0 to 1.6.", e.Version)
		return false
	case minor > 6:
		f.Findings.Add(program.NewerVersion, src, "The file has version %s; the newest known here is 1.6.", e.Version)
	}
	if len(e.Data.Flows) > MaxFlows {
		f.Findings.Add(program.TooMuch, src, "The file has %d flows, more than %d.", len(e.Data.Flows), MaxFlows)
		return false
	}
	if n := countCards(e.Data.Flows); n > MaxCards {
		f.Findings.Add(program.TooMuch, src, "The file has %d cards, more than %d.", n, MaxCards)
		return false
	}
	for _, id := range slices.Sorted(maps.Keys(e.Data.Configs)) {
		c := e.Data.Configs[id]
		if c == nil {
			continue
		}
		f.checkKey("connection", id, c.ID)
		if len(c.Data) > 0 && string(c.Data) != "null" {
			f.Findings.Add(program.SecretInside, src, "Connection %q brings its data along, perhaps a secret. Remove it from the file.", c.Name)
		}
		f.Needs = append(f.Needs, App{string(c.Module), string(c.Name)})
	}
	f.checkKeys("table", e.Data.Tables)
	f.checkKeys("folder", e.Data.Groups)
	for id := range e.Data.Tables {
		f.tables[id] = true
	}
	slices.SortFunc(f.Needs, func(a, b App) int { return strings.Compare(a.Name+a.Nature, b.Name+b.Nature) })
	return true
}

func (f *File) checkKeys(what string, entries map[string]*entry) {
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		if entries[id] != nil {
			f.checkKey(what, id, entries[id].ID)
		}
	}
}

func (f *File) checkKey(what, key, id string) {
	if key != id {
		f.Findings.Add(program.WrongKey, program.Src{File: f.Name}, "The %s under %q calls itself %q.", what, key, id)
	}
}

func version(text string) (major, minor int, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return 0, 0, false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	_, err3 := strconv.Atoi(parts[2])
	return major, minor, errors.Join(err1, err2, err3) == nil
}

func countCards(flows map[string]*flow) (n int) {
	for _, f := range flows {
		if f != nil && f.Data != nil {
			n += f.Data.cards()
		}
	}
	return n
}

// cards counts the cards, those of inline flows too.
func (d *flowData) cards() (n int) {
	for _, c := range d.Methods {
		if c == nil {
			continue
		}
		n++
		for _, in := range c.Node.Model.Inputs.Data {
			if in == nil {
				continue
			}
			if ref, _ := in.flow(); ref.Inline != nil {
				n += ref.Inline.cards()
			}
		}
		if inline := c.Node.Model.Policy.Error.Flow.Inline; inline != nil {
			n += inline.cards()
		}
	}
	return n
}

// read takes one flow, or says why not.
func (f *File) read(key string, raw *flow) {
	if raw == nil {
		f.Findings.Add(program.WrongKey, program.Src{File: f.Name}, "There is nothing under the flow id %q.", key)
		return
	}
	f.checkKey("flow", key, raw.ID)
	name := string(raw.Name)
	flow := &program.Flow{ID: key, Name: name, Description: string(raw.Description), Src: program.Src{File: f.Name, Flow: shorten(name)}}
	if raw.Data == nil {
		f.Flows = append(f.Flows, flow)
		return
	}
	if raw.Data.UUID != raw.ID {
		f.Findings.Add(program.WrongUUID, flow.Src, "The flow has id %q, its data %q.", raw.ID, raw.Data.UUID)
	}
	b := &builder{file: f, flow: flow, fields: map[string]bool{}, inputs: map[*field]int{}}
	body, err := b.scope(raw.Data, "")
	if err != nil {
		f.refused[key] = true // why was said
		return
	}
	flow.Body = body
	b.face(raw.Data)
	f.Flows = append(f.Flows, flow)
}
