package suite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/egress"
)

// Generated runs the cases that nobody has to write: they follow from the connector and from what was recorded (connectors
// §3.7, G01 to G06 and G09; see Overall). Those that change the vendor's data run only where changes
// says that they may.
func (r *Runner) Generated(ctx context.Context, changes bool) []Result {
	var results []Result
	add := func(id string, run func() (Result, bool)) {
		if !r.wants(id) {
			return
		}
		if result, applies := run(); applies {
			results = append(results, r.told(result))
		}
	}
	always := func(result Result) (Result, bool) { return result, true }
	add("G01", func() (Result, bool) { return always(r.pingWorks(ctx)) })
	add("G02", func() (Result, bool) { return always(r.pingRefused(ctx)) })
	for _, f := range r.Connector.Program.OfKind(program.Action) {
		add("G03-"+slug(f.Name), func() (Result, bool) { return r.emptyInputs(ctx, f) })
	}
	for _, c := range r.replays() {
		add("G04-"+c.id, func() (Result, bool) { return always(r.faults(ctx, "G04", c, statusFaults(r.patience()))) })
		add("G05-"+c.id, func() (Result, bool) { return always(r.faults(ctx, "G05", c, brokenFaults)) })
	}
	for _, f := range r.Connector.Program.OfKind(program.Action) {
		if pages(f) {
			add("G06-"+slug(f.Name), func() (Result, bool) { return always(r.pages(ctx, f, changes)) })
		}
	}
	if changes {
		add("G09", func() (Result, bool) { return always(r.twice(ctx)) })
	}
	return results
}

// wants reports whether a case is among those that the run is confined to: by its id, a generated one also by its kind.
func (r *Runner) wants(id string) bool {
	return len(r.Only) == 0 || slices.ContainsFunc(r.Only, func(only string) bool { return only == id || only == caseKind(id) })
}

func generated(id, title string, status Status, message string) Result {
	return Result{ID: id, Title: title, Source: "generated", Status: status, Message: message}
}

// label makes a session's result one of a generated case.
func label(result Result, id, title string, covers ...string) Result {
	result.ID, result.Title, result.Source, result.Covers = id, title, "generated", covers
	return result
}

// pingWorks is G01.
func (r *Runner) pingWorks(ctx context.Context) Result {
	result := r.one(ctx, "G01", r.Seed+1001, func(ctx context.Context, s *session) Result {
		status, err := r.Connector.Ping(ctx, s.machine)
		return s.pinged(status, err, true)
	})
	return label(result, "G01", "Good credentials work")
}

// pinged judges a ping. One that got no answer says nothing about the credentials.
func (s *session) pinged(status connector.Status, err error, want bool) Result {
	s.notice("the message of the ping", status.Message)
	switch {
	case !status.Working && s.deaf():
		return Result{Status: NotRun, Message: "The API did not answer the ping. " + status.Message}
	case err != nil:
		e, is := errors.AsType[*engine.Error](err)
		if is && (e.Kind == engine.Unsupported || e.Kind == engine.Stopped) {
			return Result{Status: NotRun, Message: err.Error()}
		}
		return Result{Status: Fail, Message: "The ping ended with an error, and must say working or not: " + err.Error()}
	case status.Working != want && want:
		return Result{Status: Fail, Message: "The ping says that the connection does not work: " + status.Message}
	case status.Working != want:
		return Result{Status: Fail, Message: "The ping says that a connection works whose secrets were replaced by junk. It must use the credentials, and look at the answer."}
	}
	return Result{Status: Pass, Message: status.Message}
}

// pingRefused is G02: the same connection with every secret replaced.
func (r *Runner) pingRefused(ctx context.Context) Result {
	junk, secrets := *r, 0
	junk.Entered, secrets = junked(r, r.Entered)
	if secrets == 0 {
		return generated("G02", "Junk instead of secrets does not work", Aside, "The connection has no secret.")
	}
	result := junk.one(ctx, "G02", r.Seed+1002, func(ctx context.Context, s *session) Result {
		status, err := r.Connector.Ping(ctx, s.machine)
		return s.pinged(status, err, false)
	})
	return label(result, "G02", "Junk instead of secrets does not work")
}

// silent is an API that nobody may ask.
type silent struct{ asked []string }

func (s *silent) Call(_ context.Context, q engine.Request) (engine.Response, error) {
	s.asked = append(s.asked, q.Method+" "+q.URL)
	return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: "Nothing may be asked in this case."}
}

// emptyInputs is G03: each required input left empty, the others filled.
func (r *Runner) emptyInputs(ctx context.Context, f *program.Flow) (Result, bool) {
	title := "Empty required inputs of " + f.Name + " are refused without a request"
	var wrong []string
	tried := 0
	for _, empty := range f.Inputs {
		if ctx.Err() != nil {
			return label(ended(ctx), "G03-"+slug(f.Name), title, f.Name), true
		}
		if !empty.Required || empty.Key.Group == "auth" {
			continue
		}
		tried++
		api := &silent{}
		s := &session{Runner: r, cards: map[string]bool{}, entered: r.filled(), clock: &clock{now: r.began()}}
		if err := s.connect(api); err != nil {
			return label(Result{Status: NotRun, Message: err.Error()}, "G03-"+slug(f.Name), title, f.Name), true
		}
		given := map[string]any{}
		for _, p := range f.Inputs {
			if p.Key != empty.Key && p.Key.Group != "auth" {
				given[p.Key.String()] = sample(p)
			}
		}
		_, err := connector.Run(ctx, s.machine, f, given)
		e, is := errors.AsType[*engine.Error](err)
		switch {
		case len(api.asked) > 0:
			wrong = append(wrong, fmt.Sprintf("without %s it asks the API (%s)", empty.Label, api.asked[0]))
		case err == nil:
			wrong = append(wrong, fmt.Sprintf("without %s it succeeds", empty.Label))
		case !is || e.Status != 400:
			wrong = append(wrong, fmt.Sprintf("without %s it ends with %q, and must with status 400", empty.Label, err))
		}
	}
	result := Result{Status: Pass}
	if len(wrong) > 0 {
		result = Result{Status: Fail, Message: sentence(strings.Join(wrong, "; "))}
	}
	return label(result, "G03-"+slug(f.Name), title, f.Name), tried > 0
}

func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

func slug(name string) string { return strings.ReplaceAll(name, " ", "") }

// began is when a case without a recording begins.
func (r *Runner) began() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Unix(0, 0).UTC()
}

// filled is the connection with something in every field, for cases that ask nothing.
func (r *Runner) filled() map[string]string {
	entered := map[string]string{}
	if r.Mode == Replay {
		first := "G01" // of a suite without cases
		if len(r.Suite.Cases) > 0 {
			first = r.Suite.Cases[0].ID
		}
		if recorded, err := r.cassette(first); err == nil {
			maps.Copy(entered, recorded.Connection)
		}
	}
	maps.Copy(entered, r.Entered)
	way, _ := r.Connector.Way(r.Method)
	for _, f := range way.Fields {
		if entered[f.Key] == "" && f.Default == "" && len(f.Choices) == 0 && f.Pattern == "" {
			entered[f.Key] = "sample"
		}
	}
	return entered
}

func sample(p program.Parameter) any {
	if len(p.Choices) > 0 {
		return p.Choices[0]
	}
	var v any
	switch p.Type {
	case value.Num:
		v = 1.0
	case value.Boolean:
		v = true
	case value.Instant:
		v = "2026-01-01T00:00:00.000Z"
	case value.Object:
		v = map[string]any{"id": "sample", "userName": "sample@example.com", "displayName": "Sample", "value": "sample"}
	case value.List:
		v = []any{"sample"}
	default:
		v = "sample"
	}
	if p.List {
		return []any{v}
	}
	return v
}

// twice is G09: the same person created twice is an error or the same person, and switched off twice is switched off.
func (r *Runner) twice(ctx context.Context) Result {
	const id, title = "G09", "Creating and deactivating twice changes nothing the second time"
	create, off := r.Connector.Implementing("provisioning.createUser"), r.Connector.Implementing("provisioning.deactivateUser")
	if create == nil || off == nil {
		return generated(id, title, Aside, "The connector does not both create and deactivate people.")
	}
	result := r.one(ctx, id, r.Seed+1009, func(ctx context.Context, s *session) Result {
		person := somebody("slipway-"+s.machine.ID+"@example.com", "Twice")
		failed := func(format string, args ...any) Result {
			return Result{Status: Fail, Message: fmt.Sprintf(format, args...)}
		}
		first, err := s.run(ctx, create, person)
		if err != nil {
			return s.unlike(Step{Action: create, Src: create.Src}, err, failed)
		}
		made := value.Text(value.Get(first.Outputs, "user.id"))
		second, err := s.run(ctx, create, person)
		result := Result{Status: Pass}
		if err == nil {
			if again := value.Text(value.Get(second.Outputs, "user.id")); again != made {
				result = failed("The same person was created a second time: %s, then %s.", made, again)
				_, _ = s.run(ctx, off, map[string]any{"userId": again})
			}
		}
		for range 2 {
			if _, err := s.run(ctx, off, map[string]any{"userId": made}); err != nil && result.Status == Pass {
				result = s.unlike(Step{Action: off, Src: off.Src}, err, failed)
			}
		}
		return result
	})
	return label(result, id, title, create.Name, off.Name)
}

// somebody is a person to create.
func somebody(name, family string) map[string]any {
	return map[string]any{"user": map[string]any{
		"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": name, "active": true, "name": map[string]any{"givenName": "Sample", "familyName": family},
		"emails": []any{map[string]any{"value": name, "primary": true}},
	}}
}

// Overall runs the generated cases that look at all of a run, G07 and G08: at its results, at the sessions of others, and at
// the recordings that it made or was replayed from.
func (r *Runner) Overall(results []Result, recordings map[string][]byte) []Result {
	results = slices.Concat(results, r.sessions)
	if r.Mode == Replay {
		recordings = r.recordings()
	}
	var all []Result
	if r.wants("G07") {
		all = append(all, r.told(promises(results)))
	}
	if r.wants("G08") {
		all = append(all, r.told(r.leaks(results, recordings)))
	}
	return all
}

// recordings are the files that a replay may use.
func (r *Runner) recordings() map[string][]byte {
	all := map[string][]byte{}
	if r.Cassettes == nil {
		return all
	}
	names, _ := fs.Glob(r.Cassettes, "*.yaml")
	for _, name := range names {
		if content, err := fs.ReadFile(r.Cassettes, name); err == nil {
			all[name] = content
		}
	}
	return all
}

// promises is G07: what came out of actions was what they promise, by their contract or by the outputs that they declare.
func promises(results []Result) Result {
	const id, title = "G07", "Answers are what the actions promise"
	kept, broken := 0, []string{}
	for _, result := range results {
		kept += result.Kept
		broken = append(broken, result.Broken...)
	}
	slices.Sort(broken)
	switch broken = slices.Compact(broken); {
	case len(broken) > 0:
		return generated(id, title, Fail, few(broken))
	case kept == 0:
		return generated(id, title, Aside, "No action has answered.")
	}
	return generated(id, title, Pass, fmt.Sprintf("%d answers.", kept))
}

// leaks is G08: it looks for secrets in everything that a run says and keeps, and for places where one was taken out.
func (r *Runner) leaks(results []Result, recordings map[string][]byte) Result {
	redact := egress.Redact(r.Secrets())
	var where []string
	look := func(place, text string) {
		if redact(text) != text {
			where = append(where, place)
		}
	}
	for _, result := range results {
		for _, place := range result.Shown {
			where = append(where, place+" in "+result.ID)
		}
		look("the message of "+result.ID, result.Message)
		for _, e := range result.Exchanges {
			look("an exchange of "+result.ID, fmt.Sprintf("%s %s %v %s %v %s", e.Request.Method, e.Request.URL, e.Request.Header, e.Request.Body, e.Response.Header, e.Response.Body))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(recordings)) {
		look("the recording "+name, string(recordings[name]))
	}
	slices.Sort(where)
	if where = slices.Compact(where); len(where) > 0 {
		return generated("G08", "No secret is shown or kept", Fail, "A secret stands in "+some(where)+". Slipway hides it; others may not.")
	}
	return generated("G08", "No secret is shown or kept", Pass, "")
}

// some names the first of many.
func some(places []string) string {
	const shown = 5
	if len(places) > shown {
		return fmt.Sprintf("%s, and %d places more", strings.Join(places[:shown], ", "), len(places)-shown)
	}
	return strings.Join(places, ", ")
}
