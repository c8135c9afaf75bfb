package runscope

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"modernc.org/quickjs"
)

const (
	scriptMemory  = 32 << 20
	scriptTime    = 20 * time.Second // the format's own limit
	maxLogLines   = 100
	maxLogLine    = 2 << 10
	maxAssertions = 200 // kept of one script; all are counted
)

//go:embed prelude.js
var prelude string

// asynchronous finds code whose outcome nobody would wait for. The format's engine does not know it.
var asynchronous = regexp.MustCompile(`\basync\s*(?:function\b|\(|[A-Za-z_$][\w$]*\s*=>)|\bimport\s*\(`)

// ScriptResult is one script with what it asserted and logged.
type ScriptResult struct {
	When       string            `json:"when"` // "initial", "before" or "after" the request
	Outcome    Outcome           `json:"outcome"`
	Message    string            `json:"message,omitempty"`
	Assertions []ScriptAssertion `json:"assertions,omitempty"`
	Passed     int               `json:"passed"` // assertions
	Failed     int               `json:"failed"`
	Log        []string          `json:"log,omitempty"`
	LogCut     bool              `json:"log_cut,omitempty"` // there was more
}

// ScriptAssertion is one call of assert or expect.
type ScriptAssertion struct {
	Passed  bool   `json:"passed"`
	Message string `json:"message"`
}

// script is one evaluation in a fresh engine: scripts share variables and nothing else.
type script struct {
	when    string
	code    string
	request *scriptRequest // as the script sees it; writable before the request is sent
	reply   *reply
	run     *run

	held        int    // within a function that is expected to throw
	failure     string // the first failed assertion
	unsupported []string
	missing     []string // parts of the suite's script library that its file does not hold
	absent      string   // the last member that it looked for in what the format provides, and that is not there
	noSecret    string   // a secret that it asked for and nobody has given
	tooMuch     bool     // it set more variables than a run keeps
	started     time.Time
	result      ScriptResult
}

// scriptInput is what the prelude makes visible.
type scriptInput struct {
	Request          *scriptRequest    `json:"request,omitempty"`
	Response         *scriptResponse   `json:"response,omitempty"`
	Context          map[string]string `json:"context"`
	IgnoreAssertions bool              `json:"ignoreAssertions"`
}

type scriptResponse struct {
	Body    string              `json:"body"`
	Headers map[string][]string `json:"headers"`
	Status  int                 `json:"status"`
	Reason  string              `json:"reason"`
	Time    int64               `json:"response_time_ms"`
	Size    int                 `json:"size_bytes"`
}

// evaluate runs the script under its limits of memory and time. It never panics and never returns early: a
// script that ctx ends has the outcome Error.
func (s *script) evaluate(ctx context.Context) ScriptResult {
	s.result = ScriptResult{When: s.when, Outcome: Passed}
	if asynchronous.MatchString(s.code) {
		return s.end(Unsupported, "The script runs asynchronous code, which the format does not know.")
	}
	vm, err := quickjs.NewVM()
	if err != nil {
		return s.end(Error, "The script engine did not start.")
	}
	defer func() { _ = vm.Close() }()
	stop := context.AfterFunc(ctx, vm.Interrupt)
	defer stop()
	if err := s.prepare(vm); err != nil {
		return s.end(Error, "The script engine did not start: "+err.Error())
	}
	if !s.loadLibraries(ctx, vm, s.run.libraries()) {
		return s.result
	}
	err = s.evaluateIn(vm, s.code)
	if err == nil && s.when == "before" && s.readRequest(vm) != nil {
		return s.end(Unsupported, "The script left a request that cannot be read.")
	}
	return s.explain(ctx, err)
}

func (s *script) prepare(vm *quickjs.VM) error {
	vm.SetMemoryLimit(scriptMemory)
	vm.SetCanBlock(false)
	input, err := json.Marshal(s.input())
	if err != nil {
		return err
	}
	name, err := vm.NewAtom("__input")
	if err != nil {
		return err
	}
	global := vm.GlobalObject()
	defer global.Free()
	if err := vm.SetProperty(global, name, string(input)); err != nil {
		return err
	}
	if err := vm.RegisterHostFunc("__call", s.call); err != nil {
		return err
	}
	if err := evalDiscarding(vm, prelude); err != nil {
		return err
	}
	s.started = time.Now() // the prelude is ours and takes none of the script's time
	return nil
}

// evaluateIn gives code what is left of the script's time, which its libraries share.
func (s *script) evaluateIn(vm *quickjs.VM, code string) error {
	left := s.run.options.ScriptTimeout - time.Since(s.started)
	if err := vm.SetEvalTimeout(max(left, time.Millisecond)); err != nil {
		return err
	}
	return evalDiscarding(vm, code)
}

// evalDiscarding never converts the result: a script may end with any value, however large.
func evalDiscarding(vm *quickjs.VM, code string) error {
	value, err := vm.EvalValue(code, quickjs.EvalGlobal)
	if err == nil {
		value.Free()
	}
	return err
}

func (s *script) input() scriptInput {
	in := scriptInput{Request: s.request, Context: s.run.builtins.context, IgnoreAssertions: s.when == "initial"}
	if r := s.reply; r != nil {
		in.Response = &scriptResponse{string(r.body), r.header, r.status, r.reason, r.elapsed.Milliseconds(), len(r.body)}
	}
	return in
}

func (s *script) readRequest(vm *quickjs.VM) error {
	text, err := vm.Eval("JSON.stringify(request)", quickjs.EvalGlobal)
	if err != nil {
		return err
	}
	edited, _ := text.(string)
	return json.Unmarshal([]byte(edited), s.request)
}

// call is the one function through which a script reaches us.
func (s *script) call(args []any) (any, error) {
	text := func(i int) string {
		if i >= len(args) {
			return ""
		}
		value, _ := args[i].(string)
		return value
	}
	switch text(0) {
	case "get":
		if value, ok := s.run.lookup(text(1)); ok {
			return value, nil
		}
		return nil, nil
	case "set":
		err := s.run.set(text(1), text(2))
		s.tooMuch = s.tooMuch || err != nil
		return nil, err
	case "get_secret":
		if value, ok := s.run.secretNamed(text(1)); ok {
			return value, nil
		}
		s.noSecret = clip(text(1), 60)
		return nil, fmt.Errorf("no secret %q was given", text(1))
	case "encode_base64":
		return base64.StdEncoding.EncodeToString([]byte(text(1))), nil
	case "decode_base64":
		return decodeBase64(text(1))
	case "library":
		return bundled(text(1))
	case "random":
		return s.run.rand.Float64(), nil
	}
	return nil, s.record(text(0), args[1:], text)
}

// record keeps what the script reports about itself.
func (s *script) record(op string, args []any, text func(int) string) error {
	first := len(args) > 0 && args[0] == true
	switch op {
	case "log":
		s.log(text(1))
	case "assert":
		if s.held == 0 {
			s.assert(first, text(2))
		}
	case "hold":
		if first {
			s.held++
		} else {
			s.held--
		}
	case "absent":
		s.absent = clip(text(1), 60)
	case "unsupported":
		s.unsupported = append(s.unsupported, clip(text(1), 60))
	}
	return nil
}

func (s *script) log(line string) {
	if len(s.result.Log) == maxLogLines {
		s.result.LogCut = true
		return
	}
	s.result.Log = append(s.result.Log, s.run.redactor.head(line, maxLogLine))
}

func (s *script) assert(ok bool, message string) {
	message = s.run.redactor.head(message, maxLogLine)
	if ok {
		s.result.Passed++
	} else {
		s.result.Failed++
		s.failure = cmp.Or(s.failure, message)
	}
	if len(s.result.Assertions) < maxAssertions {
		s.result.Assertions = append(s.result.Assertions, ScriptAssertion{ok, message})
	}
}

// decodeBase64 accepts both alphabets, with or without padding.
func decodeBase64(text string) (string, error) {
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
	out, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", errors.New("the text is not base64")
	}
	return string(out), nil
}

// explain turns the end of an evaluation into an outcome. What is not available outweighs a failure: without it
// the script cannot tell anything about the target. A script that breaks down by itself tells nothing either; what it
// throws of its own accord, or for what it found in the answer, is a failure.
func (s *script) explain(ctx context.Context, err error) ScriptResult {
	thrown, _ := errors.AsType[*quickjs.Error](err)
	switch {
	case ctx.Err() != nil:
		return s.end(Error, "The run was stopped during the script.")
	case len(s.unsupported) > 0:
		return s.end(Unsupported, fmt.Sprintf("The script uses %s, which is not available here.", strings.Join(s.unsupported, ", ")))
	case s.result.Failed > 0 && s.when != "initial":
		return s.end(Failed, "An assertion in the script failed: "+s.failure)
	case err == nil:
		return s.end(Passed, "")
	case s.noSecret != "":
		return s.end(Blocked, fmt.Sprintf("The script asks for the secret %s, which nobody has given. Give it with --var '%[1]s=…'.", s.noSecret))
	}
	if why := s.breakdown(thrown); why != "" {
		return s.end(Unsupported, why+" That is no fault of the server.")
	}
	return s.end(Failed, fmt.Sprintf("The script failed%s: %s", lineOf(thrown), s.run.redactor.head(err.Error(), 300)))
}

// undefined finds the name that nothing defines in the engine's message.
var undefined = regexp.MustCompile(`^'(.{1,60})' is not defined$`)

// breakdown says why a script could not do its work whatever the target answers, "" where that may be the answer's doing.
func (s *script) breakdown(thrown *quickjs.Error) string {
	switch {
	case s.tooMuch:
		return "The script sets more variables than a run keeps."
	case thrown == nil:
		return ""
	case thrown.Name == "InternalError" && thrown.Message == "interrupted":
		return fmt.Sprintf("The script did not end within %s.", s.run.options.ScriptTimeout)
	case thrown.Name == "InternalError" && thrown.Message == "out of memory":
		return fmt.Sprintf("The script needed more than %d MB of memory.", scriptMemory>>20)
	case thrown.Name == "InternalError" && thrown.Message == "stack overflow":
		return "The script calls itself without end."
	case thrown.Name == "ReferenceError" && undefined.MatchString(thrown.Message):
		return s.lacks(undefined.FindStringSubmatch(thrown.Message)[1] + lineOf(thrown))
	case thrown.Name == "TypeError" && s.absent != "":
		return s.lacks(s.absent + lineOf(thrown))
	case thrown.Name == "SyntaxError" && strings.HasPrefix(strings.TrimSpace(thrown.Stack), "at <eval>:"): // JSON.parse stands elsewhere
		return fmt.Sprintf("The script is not valid%s: %s.", lineOf(thrown), thrown.Message)
	}
	return ""
}

func (s *script) lacks(name string) string {
	text := fmt.Sprintf("The script needs %s, which is not defined here.", name)
	if len(s.missing) > 0 {
		text += fmt.Sprintf(" The suite's script library (%s) is only named in its file: put its code there.", strings.Join(s.missing, ", "))
	}
	return text
}

// stackLine finds a frame's line. The last frame is the script's own top level; earlier ones may be the prelude's.
var stackLine = regexp.MustCompile(`<eval>:(\d+)`)

func lineOf(thrown *quickjs.Error) string {
	if thrown == nil {
		return ""
	}
	frames := stackLine.FindAllStringSubmatch(thrown.Stack, -1)
	if len(frames) == 0 {
		return ""
	}
	return " in line " + frames[len(frames)-1][1]
}

func (s *script) end(outcome Outcome, message string) ScriptResult {
	s.result.Outcome, s.result.Message = outcome, s.run.redactor.head(message, maxMessage)
	return s.result
}
