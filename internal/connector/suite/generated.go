package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/egress"
	"slipway/internal/secret"
)

// Generated runs the cases that nobody has to write: they follow from the connector and from what was recorded (connectors
// §3.7, G01 to G09). Those that change the vendor's data run only where changes says that they may.
func (r *Runner) Generated(ctx context.Context, changes bool) []Result {
	var results []Result
	add := func(result Result) { results = append(results, r.told(result)) }
	add(r.pingWorks(ctx))
	add(r.pingRefused(ctx))
	for _, f := range r.Connector.Program.OfKind(program.Action) {
		if result, any := r.emptyInputs(ctx, f); any {
			add(result)
		}
	}
	for _, c := range r.Suite.Cases {
		if r.Mode == Replay && !c.Negative && (len(r.Only) == 0 || slices.Contains(r.Only, c.ID)) {
			add(r.faults(ctx, "G04", c, "an answer of", statusFaults))
			add(r.faults(ctx, "G05", c, "", brokenFaults))
		}
	}
	for _, f := range r.Connector.Program.OfKind(program.Action) {
		if kept, is := contract.Of(f.Implements); is && f.Implements != "" && paged(kept) {
			add(r.pages(ctx, f, kept))
		}
	}
	if changes {
		add(r.twice(ctx))
	}
	return results
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
	result := r.one(ctx, "G01", r.Seed+1001, func(s *session) Result {
		status, err := r.Connector.Ping(ctx, s.machine)
		return pinged(status, err, true)
	})
	return label(result, "G01", "Good credentials work")
}

func pinged(status connector.Status, err error, want bool) Result {
	switch {
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
	result := junk.one(ctx, "G02", r.Seed+1002, func(s *session) Result {
		status, err := r.Connector.Ping(ctx, s.machine)
		return pinged(status, err, false)
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
	var wrong []string
	tried := 0
	for _, empty := range f.Inputs {
		if !empty.Required || empty.Key.Group == "auth" {
			continue
		}
		tried++
		api := &silent{}
		s := &session{Runner: r, cards: map[string]bool{}, entered: r.filled(), clock: &clock{now: r.began()}}
		if err := s.connect(api); err != nil {
			return label(Result{Status: NotRun, Message: err.Error()}, "G03", "Empty inputs of "+f.Name, f.Name), true
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
	return label(result, "G03-"+slug(f.Name), "Empty required inputs of "+f.Name+" are refused without a request", f.Name), tried > 0
}

func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
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
	if r.Mode == Replay && len(r.Suite.Cases) > 0 {
		if recorded, err := r.cassette(r.Suite.Cases[0].ID); err == nil {
			maps.Copy(entered, recorded.Connection)
		}
	}
	maps.Copy(entered, r.Entered)
	for _, m := range r.Connector.Methods {
		if m.ID != r.Method && r.Method != "" {
			continue
		}
		for _, f := range m.Fields {
			if entered[f.Key] == "" && f.Default == "" && len(f.Choices) == 0 && f.Pattern == "" {
				entered[f.Key] = "sample"
			}
		}
		break
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

// faults is G04 and G05: the case replayed, each of its answers spoilt in each way.
func (r *Runner) faults(ctx context.Context, id string, c Case, what string, kinds []faultKind) Result {
	title := fmt.Sprintf("%s: spoilt answers are errors, not successes", c.ID)
	if what != "" {
		title = fmt.Sprintf("%s: answers of 401, 403, 404, 429, 500 and 503 are errors of the right type", c.ID)
	}
	id += "-" + c.ID
	cassette, err := r.cassette(c.ID)
	if err != nil {
		return label(Result{Status: NotRun, Message: err.Error()}, id, title, c.Covers...)
	}
	var wrong []string
	struck := 0
	for at, e := range cassette.Exchanges {
		for _, kind := range kinds {
			if ctx.Err() != nil {
				return label(Result{Status: NotRun, Message: "The run was stopped."}, id, title, c.Covers...)
			}
			if !kind.spoils(e) {
				continue
			}
			hits, broken := r.spoilt(ctx, c, cassette, at, kind)
			struck += hits
			if broken != "" {
				wrong = append(wrong, fmt.Sprintf("%s %s, %s: %s", e.Request.Method, pathOf(e.Request.URL), kind.name, broken))
			}
		}
	}
	switch {
	case struck == 0:
		return label(Result{Status: Aside, Message: "Nothing was recorded that could be spoilt."}, id, title, c.Covers...)
	case len(wrong) > 0:
		return label(Result{Status: Fail, Message: few(wrong)}, id, title, c.Covers...)
	}
	return label(Result{Status: Pass, Message: fmt.Sprintf("%d spoilt answers.", struck)}, id, title, c.Covers...)
}

// few names the first of many.
func few(wrong []string) string {
	const shown = 5
	if len(wrong) > shown {
		return sentence(strings.Join(wrong[:shown], "; ") + fmt.Sprintf("; and %d more", len(wrong)-shown))
	}
	return sentence(strings.Join(wrong, "; "))
}

func pathOf(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}

// manyTries is what no connector needs to find out that an API stays as it is.
const manyTries = 10

// spoilt replays a case with one answer spoilt, and says what is wrong with how it ended, "" where nothing is.
func (r *Runner) spoilt(ctx context.Context, c Case, cassette *Cassette, at int, kind faultKind) (int, string) {
	s := &session{Runner: r, cards: map[string]bool{}, random: cassette.Seed, start: cassette.Clock, entered: map[string]string{}}
	s.stand(cassette)
	f := &fault{kind: kind, at: at}
	s.play, s.clock = &player{recorded: cassette.Exchanges, fault: f}, &clock{now: cassette.Clock}
	if err := s.connect(s.play); err != nil {
		return 0, err.Error()
	}
	steps := map[string]any{}
	vars, err := r.Suite.vars.Eval(s.scene(nil, steps))
	if err != nil {
		return 0, err.Error()
	}
	for _, step := range c.Steps {
		if step.Assert != nil {
			continue
		}
		with, err := step.With.Eval(s.scene(vars, steps))
		if err != nil {
			return f.hits, "" // an earlier step ended otherwise, and that was looked at
		}
		before := f.hits
		answer, err := connector.Run(ctx, s.machine, step.Action, members(with))
		if f.hits > before {
			return f.hits, s.spoiltEnd(step, f, err)
		}
		if err == nil && step.ID != "" {
			steps[step.ID] = contract.Succeeded(answer.Outputs)
		}
	}
	return f.hits, "" // it struck in the cleanup, or not at all
}

func (s *session) spoiltEnd(step Step, f *fault, err error) string {
	e, is := errors.AsType[*engine.Error](err)
	switch {
	case f.hits > manyTries:
		return fmt.Sprintf("it was asked for %d times", f.hits)
	case f.kind.status == 429 && s.clock.Now().Sub(s.start) < f.kind.after && f.hits > 1:
		return fmt.Sprintf("it was asked for again after %s, and Retry-After said %s", s.clock.Now().Sub(s.start), f.kind.after)
	case err == nil && (f.kind.benign || f.kind.status == 404):
		return ""
	case err == nil && f.kind.status > 0:
		return fmt.Sprintf("%q succeeded all the same", step.Action.Name)
	case err == nil:
		if step.Action.Implements != "" { // what the contract promises was checked
			return ""
		}
		return ""
	case !is:
		return err.Error()
	case e.Kind == engine.Limit:
		return "it ran into a limit: " + e.Message
	case f.kind.status > 0 && e.Kind == engine.Answered && e.Status != f.kind.status:
		return fmt.Sprintf("the error says status %d", e.Status)
	case f.kind.status > 0 && e.Type != "" && contract.TypeOf(f.kind.status) != contract.Generic && e.Type != contract.TypeOf(f.kind.status):
		return fmt.Sprintf("the error is of type %s, and must be %s", e.Type, contract.TypeOf(f.kind.status))
	case f.kind.benign:
		return "members that nobody knows must not matter: " + e.Message
	}
	return ""
}

func paged(c contract.Contract) bool {
	return slices.ContainsFunc(c.Inputs, func(p program.Parameter) bool { return p.Key.Name == "pagination" }) && !slices.ContainsFunc(c.Inputs, func(p program.Parameter) bool { return p.Required })
}

// mostPages is how far G06 walks.
const mostPages = 30

// pages is G06: two at a time, everything once, and an end.
func (r *Runner) pages(ctx context.Context, f *program.Flow, kept contract.Contract) Result {
	id := "G06-" + slug(f.Name)
	result := r.one(ctx, id, r.Seed+1006, func(s *session) Result {
		seen, cursor := map[string]bool{}, ""
		for page := 1; page <= mostPages; page++ {
			pagination := map[string]any{"limit": 2.0}
			if cursor != "" {
				pagination["cursor"] = cursor
			}
			answer, err := connector.Run(ctx, s.machine, f, map[string]any{"pagination": pagination})
			if err != nil {
				return s.unlike(Step{Action: f, Src: f.Src}, err, func(format string, args ...any) Result {
					return Result{Status: Fail, Message: fmt.Sprintf("Page %d: ", page) + fmt.Sprintf(format, args...)}
				})
			}
			items := listOf(answer.Outputs)
			for _, item := range items {
				key := string(value.Encode(firstOf(item, "id", "value", "name")))
				if seen[key] {
					return Result{Status: Fail, Message: fmt.Sprintf("Page %d has %s again, which was on a page before.", page, key)}
				}
				seen[key] = true
			}
			next := value.Text(value.Get(answer.Outputs, "pagination.nextCursor"))
			if next == "" {
				return Result{Status: Pass, Message: fmt.Sprintf("%d on %d pages.", len(seen), page)}
			}
			if next == cursor {
				return Result{Status: Fail, Message: fmt.Sprintf("Page %d names the cursor by which it was asked for: this list has no end.", page)}
			}
			if len(items) == 0 {
				return Result{Status: Fail, Message: fmt.Sprintf("Page %d is empty, and says that there is more.", page)}
			}
			cursor = next
		}
		return Result{Status: Pass, Message: fmt.Sprintf("The first %d pages; there are more.", mostPages)}
	})
	return label(result, id, f.Name+" gives everything once and comes to an end", f.Name)
}

func listOf(answer map[string]any) []any {
	for _, name := range []string{"resources", "schemaProperties", "schemaPropertyValues"} {
		if list, is := answer[name].([]any); is {
			return list
		}
	}
	return nil
}

func firstOf(v any, names ...string) any {
	for _, name := range names {
		if member := value.Member(v, name); member != nil {
			return member
		}
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
	result := r.one(ctx, id, r.Seed+1009, func(s *session) Result {
		name := "slipway-" + s.machine.ID + "@example.com"
		person := map[string]any{"user": map[string]any{
			"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": name, "active": true, "name": map[string]any{"givenName": "Sample", "familyName": "Twice"},
			"emails": []any{map[string]any{"value": name, "primary": true}},
		}}
		failed := func(format string, args ...any) Result {
			return Result{Status: Fail, Message: fmt.Sprintf(format, args...)}
		}
		first, err := connector.Run(ctx, s.machine, create, person)
		if err != nil {
			return s.unlike(Step{Action: create, Src: create.Src}, err, failed)
		}
		made := value.Text(value.Get(first.Outputs, "user.id"))
		second, err := connector.Run(ctx, s.machine, create, person)
		result := Result{Status: Pass}
		if err == nil {
			if again := value.Text(value.Get(second.Outputs, "user.id")); again != made {
				result = failed("The same person was created a second time: %s, then %s.", made, again)
			}
		}
		for range 2 {
			if _, err := connector.Run(ctx, s.machine, off, map[string]any{"userId": made}); err != nil && result.Status == Pass {
				result = s.unlike(Step{Action: off, Src: off.Src}, err, failed)
			}
		}
		return result
	})
	return label(result, id, title, create.Name, off.Name)
}

// Leaks is G08: it looks for secrets in everything that a run says and keeps.
func Leaks(secrets []secret.Text, results []Result, cassettes map[string][]byte) Result {
	redact := egress.Redact(secrets)
	var where []string
	look := func(place, text string) {
		if redact(text) != text {
			where = append(where, place)
		}
	}
	for _, result := range results {
		look("the message of "+result.ID, result.Message)
		for _, e := range result.Exchanges {
			look("an exchange of "+result.ID, fmt.Sprintf("%s %s %v %s %v %s", e.Request.Method, e.Request.URL, e.Request.Header, e.Request.Body, e.Response.Header, e.Response.Body))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cassettes)) {
		look("the recording "+name, string(cassettes[name]))
	}
	slices.Sort(where)
	if where = slices.Compact(where); len(where) > 0 {
		return generated("G08", "No secret is shown or kept", Fail, "A secret stands in "+strings.Join(where, ", ")+".")
	}
	return generated("G08", "No secret is shown or kept", Pass, "")
}
