package acmehr_test

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/examples/acmehr"
	"slipway/internal/connector"
	"slipway/internal/connector/driver"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/suite"
	"slipway/internal/lab/battery"
	"slipway/internal/report"
	"slipway/internal/require"
)

// recordedAt is the address of the recordings. Nothing listens there: see inside.
const recordedAt = "http://127.0.0.1:8090"

// inside is the API without a network between, so that a run is the same whenever and wherever.
type inside struct{ server *acmehr.Server }

// patience is how long one waits for an answer.
const patience = 30 * time.Second

func (i inside) Call(ctx context.Context, q engine.Request) (engine.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, q.Method, q.URL, bytes.NewReader(q.Body))
	r.Header = q.Header
	w := httptest.NewRecorder()
	i.server.ServeHTTP(w, r)
	if ctx.Err() != nil {
		return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: "The API did not answer in time."}
	}
	return engine.Response{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}, nil
}

// loaded is the connector with changed pieces of its definition, and its suite.
func loaded(t *testing.T, changes ...string) (*connector.Connector, *suite.Suite) {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{connector.File, suite.File} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	definition := string(files[connector.File].Data)
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(definition, changes[i]) {
			t.Fatalf("connector.yaml has no %q any more", changes[i])
		}
		definition = strings.ReplaceAll(definition, changes[i], changes[i+1])
	}
	files[connector.File].Data = []byte(definition)
	c, err := connector.Load(files)
	if err != nil || c.Findings.Errors() > 0 {
		t.Fatal(err, c.Findings)
	}
	s, found := suite.Read(suite.File, files[suite.File].Data, c)
	if len(found) > 0 {
		t.Fatal(found)
	}
	return c, s
}

// all runs the suite and the generated cases.
func all(ctx context.Context, r *suite.Runner) []suite.Result {
	results := r.Run(ctx)
	results = append(results, r.Generated(ctx, true)...)
	return append(results, r.Overall(results, nil)...)
}

// live is a run against the server, which remembers other runs.
func live(c *connector.Connector, s *suite.Suite, server *acmehr.Server, seed uint64) *suite.Runner {
	return &suite.Runner{
		Connector: c, Suite: s, Mode: suite.Live, API: inside{server}, HTTP: true, Now: time.Now, Seed: seed,
		Entered: map[string]string{"address": recordedAt, "api_token": acmehr.Token},
	}
}

func replay(c *connector.Connector, s *suite.Suite, cassettes fs.FS) *suite.Runner {
	return &suite.Runner{Connector: c, Suite: s, Mode: suite.Replay, Cassettes: cassettes, HTTP: true}
}

// ids of the results that ended so, each with what was said of it.
func ids(results []suite.Result, status suite.Status) map[string]string {
	out := map[string]string{}
	for _, r := range results {
		if r.Status == status {
			out[r.ID] = r.Message
		}
	}
	return out
}

// names gives the ids of a row: "TC001 G04-TC001".
func names(row string) []string { return slices.Sorted(slices.Values(strings.Fields(row))) }

// expect tells what is missing and what is there beside it.
func expect(t *testing.T, what string, got map[string]string, want string) {
	t.Helper()
	wanted := names(want)
	for _, id := range wanted {
		if _, is := got[id]; !is {
			t.Errorf("%s: %s did not fail", what, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if !slices.Contains(wanted, id) {
			t.Errorf("%s: %s failed too: %s", what, id, got[id])
		}
	}
}

func TestTheSuitePassesTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := loaded(t)
		server := acmehr.New()
		for run := range uint64(2) {
			r := live(c, s, server, 1000*(run+1))
			rep := r.Report(all(t.Context(), r), r.Target(), time.Now(), 0)
			if rep.Verdict != report.Passed || rep.Counts.NotRun > 0 {
				t.Errorf("run %d: %s, %+v: %s", run+1, rep.Verdict, rep.Counts, rep.Reason)
			}
		}
		for _, u := range server.Users() {
			if u.State != acmehr.Inactive {
				t.Errorf("%s is left active", u.Email)
			}
		}
		if teams := server.Teams(); len(teams) > 0 {
			t.Errorf("%d teams are left, such as %q", len(teams), teams[0].Name)
		}
	})
}

// found is which cases each defect fails. Most fail one that is about it; a defect of what other cases build on fails these, too.
var found = map[acmehr.Defect]string{
	acmehr.CreateDropsLastName:     "TC001 TC007 TC009 TC023 TC040", // Acme HR lets nobody change who has no last name
	acmehr.CreateAcceptsDuplicates: "TC005 G09",
	acmehr.CreateAcceptsEmpty:      "TC004 TC020 G06-ListUsers G07", // and then lists somebody without a user name
	acmehr.CreateWithoutID:         "@Create-User G06-ListGroupMembers G07 G09",
	acmehr.DeactivateDoesNothing:   "TC012",
	acmehr.DeactivateDeletes:       "TC012 G09",
	acmehr.DeactivateTwiceFails:    "TC013 G09",
	acmehr.ActivateDoesNothing:     "TC015",
	acmehr.UpdateNotSaved:          "TC006 TC007 TC023 TC040",
	acmehr.UpdateClearsOthers:      "TC006",
	acmehr.EmptyValueIgnored:       "TC007",
	acmehr.FindMatchesPrefix:       "TC018 TC033",
	acmehr.FindIgnoresFilter:       "TC018 TC019 TC043",
	acmehr.UnknownIDAsEmpty:        "TC008 TC014 TC016 TC017 TC028 TC029 TC030 TC031 TC037 TC039 TC043 TC048 G07",
	acmehr.ListSkipsOne:            "TC020 TC032",
	acmehr.ListRepeatsCursor:       "TC020 G06-ListUsers",
	acmehr.ListIgnoresLimit:        "TC020 TC032",
	acmehr.TeamRenameLost:          "TC027",
	acmehr.TeamDeleteIgnored:       "TC029",
	acmehr.TeamDeleteRemovesUsers:  "TC029",
	acmehr.TeamFindIgnoresFilter:   "TC033",
	acmehr.MembersAddReplaces:      "TC035",
	acmehr.MemberRemoveIgnored:     "TC038 TC045",
	acmehr.MembersListEmpty:        "TC035 TC038 TC045 TC046",
	acmehr.PasswordEchoed:          "TC010",
	acmehr.TokenInError:            "G08",
	acmehr.MeWithoutToken:          "G02",
	acmehr.ErrorsAsHTML:            "TC004 TC008 TC011 TC014 TC016 TC017 TC021 TC025 TC028 TC030 TC031 TC036 TC037 TC039 TC041",
	acmehr.ErrorsAs200: "TC004 TC005 TC008 TC009 TC011 TC014 TC016 TC017 TC021 TC025 TC026 TC028 TC029 TC030 TC031 TC036 TC037 " +
		"TC039 TC041 TC043 TC048 G07",
	acmehr.SchemaIncomplete:   "TC022",
	acmehr.LogoutIgnored:      "TC043",
	acmehr.Slow:               "", // nothing is proved: see below
	acmehr.HooksSignedWrongly: "TC051",
}

// Each defect fails exactly the cases of its row, and without one none fails.
func TestDefectsAreFoundByTheSuite(t *testing.T) {
	require.Proof(t)
	t.Parallel()
	for _, defect := range append([]acmehr.Defect{"none"}, acmehr.Defects()...) {
		t.Run(string(defect), func(t *testing.T) {
			t.Parallel()
			want, listed := found[defect]
			if !listed && defect != "none" {
				t.Fatal("the table does not have it")
			}
			synctest.Test(t, func(t *testing.T) {
				c, s := loaded(t)
				server := acmehr.New()
				if listed {
					server.Switch(defect)
				}
				results := all(t.Context(), live(c, s, server, 1000))
				expect(t, string(defect), ids(results, suite.Fail), expanded(s, want))
				for _, r := range results {
					asked := len(r.Exchanges) > 0
					if silent := r.Status == suite.NotRun; silent != (asked && defect == acmehr.Slow) {
						t.Errorf("%s is %s after %d requests: %s", r.ID, r.Status, len(r.Exchanges), r.Message)
					}
				}
			})
		})
	}
}

// expanded writes out what stands for many: "@Create-User" for the cases in which that action succeeds, "G04" for those of
// each case that is no negative one.
func expanded(s *suite.Suite, row string) string {
	var out []string
	for _, word := range strings.Fields(row) {
		action, creates := strings.CutPrefix(word, "@")
		if !creates && word != "G04" {
			out = append(out, word)
		}
		for _, c := range s.Cases {
			if word == "G04" && !c.Negative {
				out = append(out, "G04-"+c.ID)
			}
			if creates && slices.ContainsFunc(c.Steps, func(step suite.Step) bool {
				return step.Action != nil && step.Action.Name == strings.ReplaceAll(action, "-", " ") && step.Error == nil
			}) {
				out = append(out, c.ID)
			}
		}
	}
	return strings.Join(out, " ")
}

// bugs are mistakes that authors of connectors make, and the cases that find them: against the API, and in a replay with its
// faults, which shows what an API that is well does not.
var bugs = []struct {
	name         string
	changes      []string // in connector.yaml: a text, and what stands in its place
	live, replay string
}{
	{"a status is expected that the API does not give", []string{"password: \"${ input.password }\" }, expect: [204] }", "password: \"${ input.password }\" }, expect: [200] }"}, "TC010", "TC010"},
	{"errors are expected like successes", []string{"/deactivate\", expect: [204] }", "/deactivate\", expect: [204, 404, 500] }"}, "TC014", "TC014 G04-TC012 G04-TC013"},
	{"whatever goes wrong is caught", []string{"          - rethrow: true\n      - return: { logoutStatus: SUCCESS }", "      - return: { logoutStatus: SUCCESS }"}, "", "G04-TC042 G04-TC043 G05-TC042 G05-TC043"},
	{"a refused token is an error like any other", []string{"401: { type: INVALID_CREDENTIALS }", "401: { type: GENERIC_FAILURE }"}, "", "G04"},
	{"a refusal for a time is final", []string{"retry: { on: [429, 502, 503, 504], max: 3,", "retry: { on: [502, 503, 504], max: 3,"}, "", "G04"},
	{"nothing is asked again", []string{"retry: { on: [429, 502, 503, 504], max: 3,", "retry: { on: [], max: 0,"}, "", "G04"},
	{"Retry-After is not heeded", []string{"honorRetryAfter: true", "honorRetryAfter: false"}, "", "G04"},
	{"a page that cannot be read counts for an empty one", []string{"next: ${ res.body.next }\n          items: ${ res.body.items }\n      - return: { count",
		"next: \"${ matches(string(res.body), '^.\\x22items') ? res.body.next : null }\"\n          items: \"${ matches(string(res.body), '^.\\x22items') ? res.body.items : [] }\"\n      - return: { count"}, "", "G05-TC049"},
	{"a cursor leads to itself", []string{"path: /users\n          query: { limit: \"${ input.pagination?.limit ?? 100 }\", after: \"${ input.pagination?.cursor }\" }\n      - return:\n          resources: { $map: user, $each: \"${ steps.page.body.items }\" }\n          pagination: { nextCursor: \"${ steps.page.body.next }\" }",
		"path: /users\n          query: { limit: \"${ input.pagination?.limit ?? 100 }\", after: \"${ input.pagination?.cursor }\" }\n      - return:\n          resources: { $map: user, $each: \"${ steps.page.body.items }\" }\n          pagination: { nextCursor: \"${ input.pagination?.cursor ?? steps.page.body.next }\" }"}, "TC020 G06-ListUsers", "TC020 G06-ListUsers"},
	{"the cursor goes where the API does not look", []string{"limit: 200, updated_since: \"${ input.since }\" } }\n          by: cursor\n          param: after", "limit: 1, updated_since: \"${ input.since }\" } }\n          by: cursor\n          param: cursor"}, "TC049 G06-CountUsers", "-"},
	{"the ping works with a token of the author's", []string{"Bearer ${ conn.api_token }", "Bearer " + acmehr.Token}, "G02", ""}, // no recording holds credentials
	{"a message holds the token", []string{"message: \"Nobody in Acme HR has the email ${ input.userName }.\"", "message: \"Nobody has the email, says ${ conn.api_token }.\""}, "G08", "G08"},
	{"an output holds the token", []string{"joined: \"${ len(input.teams) }\"", "joined: 1, by: \"${ conn.api_token }\""}, "G08", "G08"},
	{"an output is a number where the contract says text", []string{"member: { value: \"${ string(it.id) }\"", "member: { value: \"${ it.id }\""}, "TC035 TC038 TC045 TC046 G06-ListGroupMembers G07", "TC035 TC038 TC045 TC046 G06-ListGroupMembers G07"},
	{"a contract's answer has more than it may", []string{"- return: { logoutStatus: SUCCESS }", "- return: { logoutStatus: SUCCESS, by: us }"}, "G07", "G07"},
	{"an input is not marked as required", []string{"label: Teams, type: text, list: true, required: true", "label: Teams, type: text, list: true"}, "TC047", "TC047"},
	{"the second time is an error", []string{"implements: provisioning.deactivateUser\n    steps:\n", "implements: provisioning.deactivateUser\n    steps:\n      - id: who\n        http: { method: GET, path: \"/users/${ input.userId }\" }\n      - if: ${ steps.who.body.state == 'inactive' }\n        then:\n          - fail: { status: 409, message: Already so. }\n"}, "TC013 G09", "-"},
	{"a path is misspelt", []string{"/sessions/${ vars.id }/revoke", "/session/${ vars.id }/revoke"}, "TC042", "TC042 TC043"},
}

func TestBugsOfConnectorsAreFound(t *testing.T) {
	require.Proof(t)
	if testing.Short() {
		t.Skip("thousands of spoilt answers")
	}
	t.Parallel()
	for _, tt := range bugs {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := loaded(t, tt.changes...)
				expect(t, "live", ids(all(t.Context(), live(c, s, acmehr.New(), 1000)), suite.Fail), expanded(s, tt.live))
				if tt.replay != "-" { // it asks for something else altogether
					expect(t, "replay", ids(all(t.Context(), replay(c, s, os.DirFS("cassettes"))), suite.Fail), expanded(s, tt.replay))
				}
			})
		})
	}
}

// Where no data may be changed, the members of a group are listed that is there; where none is, a recording knows that, too.
func TestPagesOfAGroupThatIsThere(t *testing.T) {
	t.Parallel()
	for _, teams := range []int{0, 1} {
		want := map[int]suite.Status{0: suite.Aside, 1: suite.Pass}[teams]
		kept := fstest.MapFS{}
		c, s := loaded(t)
		synctest.Test(t, func(t *testing.T) {
			server := acmehr.New()
			for range teams {
				server.AddTeam("Night")
			}
			r := live(c, s, server, 1)
			r.Mode, r.Only = suite.Record, []string{"G06-ListGroupMembers", "G06-ListGroupsbyDisplayName"}
			r.Keep = func(name string, content []byte) error { kept[name] = &fstest.MapFile{Data: content}; return nil }
			if got := ids(r.Generated(t.Context(), false), want); len(got) != 2 {
				t.Errorf("with %d teams %s: %q", teams, want, got)
			}
			for _, e := range server.Journal() {
				if e.Method != http.MethodGet {
					t.Errorf("it asked %s %s, and may change nothing", e.Method, e.Path)
				}
			}
		})
		r := replay(c, s, kept)
		r.Only = []string{"G06-ListGroupMembers", "G06-ListGroupsbyDisplayName"}
		if got := ids(r.Generated(t.Context(), true), want); len(got) != 2 {
			t.Errorf("replayed with %d teams %s: %q", teams, want, got)
		}
	}
}

// contracts runs the contract battery as the command does.
func contracts(ctx context.Context, r *suite.Runner) {
	r.InSession(ctx, "contracts", battery.Family, r.Seed+3000, true, func(s *suite.Session) ([]report.Result, []report.Object) {
		out := battery.Run(ctx, battery.Subject{
			Target: driver.New(r.Connector, s.Machine), Junk: driver.New(r.Connector, s.Junk), Changes: s.Changes, Seed: s.Seed,
			Clock: s.Machine.Clock, Wire: s.Exchanges,
		})
		return out.Results, out.Leftovers
	})
}

var (
	times  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d(?::|%3A)\d\d(?::|%3A)\d\d(?:\.\d+)?Z`)
	millis = regexp.MustCompile(`(?m)^  ms: \d+$`)
)

// plain is a recording without what the clock says.
func plain(text []byte) string {
	return millis.ReplaceAllString(times.ReplaceAllString(string(text), "TIME"), "  ms: 0")
}

// What is recorded is what the API and the connector do today.
func TestTheRecordingsAreOfToday(t *testing.T) {
	t.Parallel()
	first, found := suite.ReadCassette("TC001.yaml", read(t, "cassettes/TC001.yaml"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	kept := map[string]string{}
	synctest.Test(t, func(t *testing.T) {
		c, s := loaded(t)
		r := live(c, s, acmehr.New(), first.Seed)
		r.Mode, r.Keep = suite.Record, func(name string, content []byte) error { kept[name] = plain(content); return nil }
		all(t.Context(), r)
		contracts(t.Context(), r)
	})
	recorded := map[string]string{}
	entries, err := os.ReadDir("cassettes")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		recorded[e.Name()] = plain(read(t, "cassettes/"+e.Name()))
	}
	if diff := cmp.Diff(recorded, kept); diff != "" {
		t.Errorf("the recordings are old: start examples/acmehr/serve on %s and run slipway connector record --changes (recorded -, now +):\n%s", recordedAt, diff)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// There is no API here that anybody could ask.
func TestTheRecordingsReplayTwiceAlike(t *testing.T) {
	t.Parallel()
	c, s := loaded(t)
	first := all(t.Context(), replay(c, s, os.DirFS("cassettes")))
	second := all(t.Context(), replay(c, s, os.DirFS("cassettes")))
	expect(t, "replay", ids(first, suite.Fail), "")
	expect(t, "replay", ids(first, suite.NotRun), "")
	for i := range min(len(first), len(second)) {
		first[i].Took, second[i].Took = 0, 0
		if !reflect.DeepEqual(first[i], second[i]) {
			t.Errorf("two replays of %s differ: %+v, then %+v", first[i].ID, first[i], second[i])
		}
	}
	if len(first) != len(second) {
		t.Errorf("%d cases, then %d", len(first), len(second))
	}
}

// With OAuth a token is asked for on the way, in a recording as well, and stands in none.
func TestTheSuiteRunsOverOAuth(t *testing.T) {
	t.Parallel()
	kept := fstest.MapFS{}
	c, s := loaded(t)
	synctest.Test(t, func(t *testing.T) {
		r := live(c, s, acmehr.New(), 77)
		r.Mode, r.Method = suite.Record, "oauth"
		r.Entered = map[string]string{"address": recordedAt, "client_id": acmehr.ClientID, "client_secret": acmehr.ClientSecret}
		r.Keep = func(name string, content []byte) error { kept[name] = &fstest.MapFile{Data: content}; return nil }
		if failed := ids(r.Run(t.Context()), suite.Fail); len(failed) > 0 {
			t.Errorf("recorded: %v", failed)
		}
	})
	asked := 0
	for name, file := range kept {
		text := string(file.Data)
		if strings.Contains(text, acmehr.ClientSecret) {
			t.Errorf("%s shows the secret", name)
		}
		for _, given := range regexp.MustCompile(`access_token: "?([^"\n]*)`).FindAllStringSubmatch(text, -1) {
			if asked++; !strings.HasPrefix(given[1], "{{secret:") {
				t.Errorf("%s shows a token: %s", name, given[0])
			}
		}
	}
	if asked < 20 {
		t.Errorf("%d of %d recordings ask for a token", asked, len(kept))
	}
	synctest.Test(t, func(t *testing.T) {
		r := replay(c, s, kept)
		r.Method = "oauth"
		results := r.Run(t.Context())
		for _, status := range []suite.Status{suite.Fail, suite.NotRun} {
			if bad := ids(results, status); len(bad) > 0 {
				t.Errorf("replayed, %s: %v", status, bad)
			}
		}
	})
}
