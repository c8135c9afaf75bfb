package engine

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// branching says whether a number is large: an If/Else whose branches meet in a join.
func branching() *program.Flow {
	f := flow("branching",
		node("control/callable", fields("n", of{value.Num, 0.0}), outs("n")...),
		&program.Node{ID: "if", Op: "control/if", In: []program.Input{wired("left-operand", value.Num, 0, "n"), {Key: key("operator"), Const: ">"}, {Key: key("right-operand"), Const: 9.0}}},
		&program.Node{ID: "yes", Op: "control/noop", Hidden: true, Branch: &program.Branch{If: 1, Value: true}},
		&program.Node{ID: "large", Op: "control/let", In: fields("word", "large"), After: []int{2}},
		&program.Node{ID: "no", Op: "control/noop", Hidden: true, Branch: &program.Branch{If: 1, Value: false}},
		&program.Node{ID: "small", Op: "control/throw", In: fields("message", "It is small."), After: []int{4}},
		&program.Node{ID: "join", Op: "control/join", After: []int{3, 5}, Joins: map[program.Key]program.Key{key("said"): key("word")}, In: []program.Input{{Key: key("word"), Wires: []program.Wire{{Node: 3, From: key("word")}}}}},
	)
	return f
}

func TestOneBranchRunsAndTheOtherIsPassedOver(t *testing.T) {
	f := branching()
	result, err := machine(f).Run(t.Context(), f, Named(map[string]any{"n": "80"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gives{"said": "large"}, gives(shown(result.Outputs))); diff != "" {
		t.Errorf("a flow without a Return card gives what its last card gave (- want, + got):\n%s", diff)
	}
	if _, err := machine(f).Run(t.Context(), f, Named(map[string]any{"n": 3.0})); err == nil || !strings.Contains(err.Error(), "It is small.") {
		t.Errorf("the other branch did not run for 3: %v", err)
	}
}

func TestContinueIfInABlockEndsTheBlockAlone(t *testing.T) {
	try := node("control/tryCatch", fields("flo", calls("")))
	try.Sub = []program.Sub{scope("flo", node("control/continueIf", operands(1.0, "==", 2.0, "otherwise|message", "not now")), node("control/throw", nil))}
	f := flow("main", try, node("control/return", fields("went", "on")))
	result, err := machine(f).Run(t.Context(), f, nil)
	if err != nil || result.Halted || result.Outputs[key("went")] != "on" {
		t.Errorf("got %v, halted %v, %v; want the flow to go on", shown(result.Outputs), result.Halted, err)
	}
}

func TestContinueIfHaltsItsFlow(t *testing.T) {
	f := flow("main", node("control/continueIf", operands(1.0, "==", 2.0, "otherwise|message", "not now")), node("control/throw", nil))
	result, err := machine(f).Run(t.Context(), f, nil)
	if err != nil || !result.Halted || result.Message != "not now" {
		t.Errorf("got halted %v with %q, %v; want it halted with its message", result.Halted, result.Message, err)
	}
}

func TestABlockSeesWhatItsCardWasGiven(t *testing.T) {
	catch := scope("catch",
		node("control/callable", nil, outs("context|error", "context|abc")...),
		&program.Node{ID: "m", Op: "object/get", In: []program.Input{wired("object", value.Object, 0, "context|error"), {Key: key("path"), Const: "errors.message"}}},
		&program.Node{ID: "r", Op: "control/return", In: []program.Input{wired("said", value.String, 1, "output"), wired("who", value.String, 0, "context|abc")}},
	)
	try := node("control/tryCatch", []program.Input{{Key: key("flo"), Type: value.Flow}, wired("context|abc", value.String, 0, "name")})
	try.Sub = []program.Sub{scope("flo", node("control/throw", fields("message", "No."))), catch}
	try.Policy.Then = program.Handle
	f := flow("main", node("control/let", fields("name", "Ann")), try)
	result, err := machine(f).Run(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gives{"said": "No.", "who": "Ann"}, gives(shown(result.Outputs))); diff != "" {
		t.Errorf("the handler does not see error and context (- want, + got):\n%s", diff)
	}
}

// troubled is an API that answers with the statuses one after the other, then with 200.
func troubled(header http.Header, statuses ...int) (answering, *int) {
	asked := new(int)
	return func(Request) Response {
		status := 200
		if *asked < len(statuses) {
			status = statuses[*asked]
		}
		*asked++
		return Response{Status: status, Header: header}
	}, asked
}

func TestAPolicyRetries(t *testing.T) {
	minute := program.Policy{Retries: 3, MinWait: 60_000, MaxWait: 60_000}
	for _, tt := range []struct {
		says     string
		policy   program.Policy
		header   http.Header
		statuses []int
		asked    int
		slept    []time.Duration
		fails    bool
	}{
		{"as long as Retry-After says", minute, http.Header{"Retry-After": {"7"}}, []int{429, 504}, 3, []time.Duration{7 * time.Second, 7 * time.Second}, false},
		{"as long as it says itself, without Retry-After", minute, nil, []int{429}, 2, []time.Duration{time.Minute}, false},
		{"until a date that the API names", minute, http.Header{"Retry-After": {noon.Add(30 * time.Second).Truncate(time.Second).Format(http.TimeFormat)}}, []int{429}, 2, []time.Duration{29750 * time.Millisecond}, false},
		{"no longer than five minutes", minute, http.Header{"Retry-After": {"86400"}}, []int{429}, 2, []time.Duration{5 * time.Minute}, false},
		{"not after other errors", minute, nil, []int{500}, 1, nil, true},
		{"after all errors where it says so", program.Policy{Retries: 1, OnAny: true, MinWait: 1000, MaxWait: 1000}, nil, []int{500}, 2, []time.Duration{time.Second}, false},
		{"only so often", program.Policy{Retries: 1, MinWait: 1000, MaxWait: 1000}, nil, []int{429, 429, 429}, 2, []time.Duration{time.Second}, true},
	} {
		t.Run(tt.says, func(t *testing.T) {
			n := node("http/raw", fields("url", "https://api.example.com/"))
			n.Policy = tt.policy
			f := flow("main", n)
			m := machine(f)
			api, asked := troubled(tt.header, tt.statuses...)
			clock := &movedClock{at: noon}
			m.API, m.Clock = api, clock
			_, err := m.Run(t.Context(), f, nil)
			if *asked != tt.asked || (err != nil) != tt.fails {
				t.Errorf("asked %d times and ended with %v; want %d times, an error: %v", *asked, err, tt.asked, tt.fails)
			}
			if diff := cmp.Diff(tt.slept, clock.slept); diff != "" {
				t.Errorf("it waited otherwise (- want, + got):\n%s", diff)
			}
		})
	}
}

func TestAPolicyGoesOnWithTheError(t *testing.T) {
	n := node("http/raw", fields("url", "https://api.example.com/"), outs("message", "statusCode")...)
	n.Policy.Then = program.Continue
	f := flow("main", n)
	m := machine(f)
	always(404, nil, "")(m)
	result, err := m.Run(t.Context(), f, nil)
	if err != nil || result.Outputs[key("statusCode")] != 404.0 || result.Outputs[key("message")] != "The API answered 404 Not Found." {
		t.Errorf("got %v, %v; want the error as what the card gives", shown(result.Outputs), err)
	}
}

func TestAPolicyCallsAFlowAndEnds(t *testing.T) {
	told := ""
	helper := flow("tell", node("control/callable", nil, outs("context|error")...), &program.Node{ID: "g", Op: "object/get", In: []program.Input{wired("object", value.Object, 0, "context|error"), {Key: key("path"), Const: "message"}}})
	n := node("control/throw", fields("message", "No."))
	n.Policy.Then, n.Policy.Flow = program.CallFlow, "tell"
	f := flow("main", n, node("control/return", fields("went", "on")))
	m := machine(f, helper)
	m.Observe = func(s Step) {
		if s.Op == "object/get" {
			told, _ = s.Outputs[key("output")].(string)
		}
	}
	result, err := m.Run(t.Context(), f, nil)
	if err != nil || len(result.Outputs) > 0 || told != "No." {
		t.Errorf("got %v, %v, and the helper was told %q; want nothing, and the message", shown(result.Outputs), err, told)
	}
}

// inBlock is a flow that would handle every error of n.
func inBlock(n *program.Node) *program.Flow {
	try := node("control/tryCatch", fields("flo", calls("")))
	try.Sub = []program.Sub{scope("flo", n), scope("catch", node("control/return", fields("caught", true)))}
	try.Policy = program.Policy{Then: program.Handle, Retries: 2, OnAny: true}
	return flow("main", try)
}

func TestWhatAFlowCannotHandleEndsItsRun(t *testing.T) {
	for _, tt := range []struct {
		says   string
		n      *program.Node
		caught bool
	}{
		{"an error of its own is handled", node("control/throw", nil), true},
		{"an input that does not fit is handled", node("json/parse", fields("string", "{")), true},
		{"a refused request is not", node("http/raw", fields("url", "http://api.example.com/")), false},
		{"an unknown card is not", node("xml/parse", nil), false},
		{"a card of an app that is not here is not", node("app/slack/sendMessage", nil), false},
		{"a pattern that takes too long is not", node("string/match", fields("string", strings.Repeat("a", 5000)+"!", "target", "^(a+)+$")), false},
	} {
		t.Run(tt.says, func(t *testing.T) {
			f := inBlock(tt.n)
			result, err := machine(f).Run(t.Context(), f, nil)
			if caught := err == nil && result.Outputs[key("caught")] == true; caught != tt.caught {
				t.Errorf("got %v, %v; want it handled: %v", shown(result.Outputs), err, tt.caught)
			}
		})
	}
}

// Covers H-33: a run ends at its limits, and says at which, where.
func TestARunEndsAtItsLimits(t *testing.T) {
	self := flow("self", node("control/spawn", fields("flo", calls("self"))))
	wide := flow("wide", node("control/times", fields("count", 1000.0, "flo", calls("doubled"))))
	ask := flow("ask", node("http/raw", fields("url", "https://api.example.com/")))
	asking := flow("asking", node("control/times", fields("count", 9.0, "flo", calls("ask"))))
	text := strings.Repeat("a", 1<<20)
	filling := flow("filling", node("list/map", fields("list", make([]any, 200), "flo", calls("megabyte"))))
	megabyte := flow("megabyte", node("string/concat", fields("string1", text, "string2", "b")))
	for _, tt := range []struct {
		says  string
		f     *program.Flow
		set   func(*Limits)
		fails string
	}{
		{"of depth", self, nil, "Flows call each other more than 40 deep."},
		{"of cards", wide, func(l *Limits) { l.Steps = 100 }, "More than 100 cards ran."},
		{"of items", wide, func(l *Limits) { l.Items = 10 }, "It repeats 1000 times, more than 10."},
		{"of requests", asking, func(l *Limits) { l.Requests = 3 }, "More than 3 requests were sent."},
		{"of memory, also of what a loop gathers", filling, nil, "The values of this run take more than 64 MiB."},
		{"of a text", megabyte, func(l *Limits) { l.Text = 1 << 20 }, "A text of 1048577 bytes is more than a run may hold (1048576)."},
	} {
		t.Run(tt.says, func(t *testing.T) {
			m := machine(self, wide, doubled, ask, asking, filling, megabyte)
			if tt.set != nil {
				tt.set(&m.Limits)
			}
			result, err := m.Run(t.Context(), tt.f, nil)
			if tt.f == filling && result.Steps > 140 {
				t.Errorf("%d cards ran until the limit was noticed, each of which gave a megabyte", result.Steps)
			}
			if err == nil || !strings.Contains(err.Error(), tt.fails) || asError(err).Kind != Limit {
				t.Fatalf("got %v, want the limit %q", err, tt.fails)
			}
			if asError(err).Src.Card == "" && tt.says != "of depth" {
				t.Errorf("the error %q does not name its card", err)
			}
		})
	}
}

func TestARunEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waiting := flow("wait", node("control/wait", fields("delay", 30.0, "unit", "seconds")))
		f := flow("main", node("control/times", fields("count", 9.0, "flo", calls("wait"))))
		m := machine(f, waiting)
		m.Clock = Wall{}
		_, err := m.Run(t.Context(), f, nil)
		if err == nil || !strings.Contains(err.Error(), "The run took longer than its limit of 1m0s.") {
			t.Errorf("got %v, want the limit of time", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = m.Run(ctx, f, nil)
		if e := asError(err); err == nil || e.Kind != Stopped {
			t.Errorf("got %v, want a run that was stopped", err)
		}
	})
}

func TestItemsRunAtTheSameTimeAndRunsShareAMachine(t *testing.T) {
	keep := flow("keep",
		node("control/callable", fields("n", of{value.Num, 0.0}), outs("n")...),
		&program.Node{ID: "row", Op: "app/stash/createRow", In: []program.Input{{Key: parseKey("parameters|stash"), Const: "t"}, wired("Fields|n", value.Num, 0, "n")}},
		&program.Node{ID: "id", Op: "string/uuid"},
		&program.Node{ID: "zone", Op: "date/format", In: fields("start", noon, "format", "z", "zone", "Europe/Paris")},
		&program.Node{ID: "match", Op: "string/match", In: fields("string", "abc", "target", "c")},
		&program.Node{ID: "r", Op: "control/return", In: []program.Input{wired("n", value.Num, 0, "n"), wired("id", value.String, 2, "output")}},
	)
	items := make([]any, 200)
	for i := range items {
		items[i] = float64(i)
	}
	f := flow("main", node("list/map", fields("list", items, "flo", calls("keep"), "concurrency", 50.0, "n", item(""))))
	m := machine(f, keep)
	m.Tables = &Tables{}
	var steps atomic.Int64
	m.Observe = func(Step) { steps.Add(1) }
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			result, err := m.Run(t.Context(), f, nil)
			list, _ := result.Outputs[key("new list")].([]any)
			if err != nil || len(list) != len(items) {
				t.Errorf("got %d items, %v; want %d", len(list), err, len(items))
				return
			}
			for i, got := range list {
				if got.(map[string]any)["n"] != items[i] {
					t.Errorf("item %d is %v", i, got)
				}
			}
		})
	}
	group.Wait()
	if m.Tables.count != 4*len(items) {
		t.Errorf("the table has %d rows, want %d", m.Tables.count, 4*len(items))
	}
}

func TestARunDrawsTheSameAgain(t *testing.T) {
	f := flow("main", node("string/random", nil))
	draw := func() any {
		m := machine(f)
		m.Random = rand.New(rand.NewPCG(7, 7))
		result, err := m.Run(t.Context(), f, nil)
		if err != nil {
			t.Fatal(err)
		}
		return result.Outputs[key("output")]
	}
	if a, b := draw(), draw(); a != b {
		t.Errorf("two runs with the same chance drew %q and %q", a, b)
	}
}

func TestTablesAreOfOneRunUnlessTheMachineKeepsThem(t *testing.T) {
	add := flow("add", node("app/stash/createRow", onTable("Fields|a", 1.0)), node("app/stash/searchRows2", onTable("parameters|resultSet", "all")))
	count := func(m *Machine) int {
		result, err := m.Run(t.Context(), add, nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := result.Outputs[parseKey("Result|Rows")].([]any)
		return len(rows)
	}
	m := machine(add)
	if first, second := count(m), count(m); first != 1 || second != 1 {
		t.Errorf("runs of a machine without tables see %d and %d rows, want 1 each", first, second)
	}
	m.Tables = &Tables{}
	if first, second := count(m), count(m); first != 1 || second != 2 {
		t.Errorf("runs of a machine with tables see %d and %d rows, want 1 and 2", first, second)
	}
}

func TestARowChangesAndGoes(t *testing.T) {
	f := flow("main",
		node("app/stash/updateRow", onTable("Update By|Row ID", "1", "parameters|updateEmptyInputs", "No", "Fields|name", "", "Fields|age", 10.0)),
		node("app/stash/deleteRow", onTable("Delete By|Row ID", "2")),
		node("app/stash/searchRows2", onTable("parameters|resultSet", "all")),
		node("app/stash/clearTable", onTable()),
	)
	m := machine(f)
	made(ann, bob)(m)
	var seen any
	m.Observe = func(s Step) {
		if s.Op == "app/stash/searchRows2" {
			seen = s.Outputs[parseKey("Result|Rows")]
		}
	}
	if _, err := m.Run(t.Context(), f, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(list{rowOf("1", object{"name": "Ann", "age": 10.0})}), seen); diff != "" {
		t.Errorf("the table is not what it should be (- want, + got):\n%s", diff)
	}
	if len(m.Tables.rows["t"]) != 0 || m.Tables.count != 0 {
		t.Errorf("after Clear Table there are %d rows", m.Tables.count)
	}
}

func TestAnRSATokenCanBeVerified(t *testing.T) {
	f := flow("main", node("jwt/sign", fields("key", ofRSA, "payload", object{"a": int64(9007199254740993)},
		"options|algorithm", "RS256", "options|expiresIn", "1h", "options|issuer", "us", "options|keyid", "k1")))
	result, err := machine(f).Run(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(result.Outputs[key("token")].(string), ".")
	decoded := make([][]byte, len(parts))
	for i, p := range parts {
		if decoded[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			t.Fatal(err)
		}
	}
	if want := `{"alg":"RS256","kid":"k1","typ":"JWT"}`; string(decoded[0]) != want {
		t.Errorf("the header is %s, want %s", decoded[0], want)
	}
	if want := fmt.Sprintf(`{"a":9007199254740993,"exp":%d,"iat":%d,"iss":"us"}`, noon.Unix()+3600, noon.Unix()); string(decoded[1]) != want {
		t.Errorf("the claims are %s, want %s", decoded[1], want)
	}
	block, _ := pem.Decode([]byte(ofRSA))
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&private.(*rsa.PrivateKey).PublicKey, crypto.SHA256, sum[:], decoded[2]); err != nil {
		t.Errorf("the signature cannot be verified: %v", err)
	}
}

// bearer puts a token on requests.
type bearer string

func (b bearer) Authorize(_ context.Context, q *Request) error {
	q.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

func (bearer) Renew(Request) bool { return false }

func TestCardsOfAConnectionUseItAndNoOther(t *testing.T) {
	f := flow("main", node("app/httpfunctions/get", request()))
	own := machine(f)
	own.Authorize = bearer("of the connector")
	headersOf := func() any {
		result, err := own.Run(t.Context(), f, nil)
		if err != nil {
			t.Fatal(err)
		}
		return value.Get(result.Outputs[parseKey("Response|Body")], "headers.authorization")
	}
	if got := headersOf(); got != nil {
		t.Errorf("the connector's own credentials went along: %v", got)
	}
	other := machine()
	other.Authorize = bearer("of the connection")
	own.Apps = map[string]*Machine{httpFunctions: other}
	if got := headersOf(); got != "Bearer of the connection" {
		t.Errorf("the request had %v, want the connection's credentials", got)
	}
	other.Rules.Hosts = []string{"other.example.com"}
	if _, err := own.Run(t.Context(), f, nil); err == nil || asError(err).Kind != Refused {
		t.Errorf("got %v, want a host refused before credentials are put on the request", err)
	}
}

func TestAnErrorShowsNoKey(t *testing.T) {
	for _, n := range []*program.Node{
		node("jwt/sign", fields("key", "hunter2hunter2", "payload", object{}, "options|algorithm", "RS256")),
		node("crypto/hmac", fields("key", "hunter2hunter2", "algorithm", "none")),
		node("http/raw", fields("url", "https://a:hunter2hunter2@api.example.com/")),
		node("http/raw", fields("url", "https://api.example.com/", "headers", object{"Authorization": "Bearer hunter2hunter2\r\n"})),
	} {
		f := flow("main", n)
		if _, err := machine(f).Run(t.Context(), f, nil); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the key, or there is none: %v", n.Op, err)
		}
	}
}

func BenchmarkCards(b *testing.B) {
	nodes := []*program.Node{node("control/callable", fields("n", of{value.Num, 0.0}), outs("n")...)}
	for i := range 99 {
		nodes = append(nodes, &program.Node{ID: fmt.Sprint(i), Op: "math/add", In: []program.Input{wired("a", value.Num, i, map[bool]string{true: "n", false: "output"}[i == 0]), {Key: key("b"), Const: 1.0}}})
	}
	f := flow("main", nodes...)
	m := machine(f)
	for b.Loop() {
		if _, err := m.Run(context.Background(), f, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(nodes)*b.N)/b.Elapsed().Seconds(), "cards/s")
}
