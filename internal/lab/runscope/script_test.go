package runscope

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// evaluate runs one script against the fake server's document, as a step would.
func evaluate(t *testing.T, ctx context.Context, code string) ScriptResult {
	t.Helper()
	limit := time.Duration(0)
	if strings.Contains(code, "for(;;)") {
		limit = 300 * time.Millisecond
	}
	r := newRun(Suite{Name: "scripts"}, Options{ScriptTimeout: limit, Seed: 1}.withDefaults())
	answer := &reply{status: 200, reason: "OK", header: map[string][]string{"Content-Type": {"application/scim+json"}}, body: []byte(document), elapsed: 42 * time.Millisecond}
	s := script{when: "after", code: code, reply: answer, request: (&draft{method: "GET", url: "https://scim.example.com/Users?a=1&a=2"}).forScript(), run: r}
	return s.evaluate(ctx)
}

// Covers C13: the sentences that a person reads.
func TestScriptMessages(t *testing.T) {
	for _, tt := range []struct {
		name, code string
		outcome    Outcome
		message    string
	}{
		{"an assertion with a message", `assert.equal(1, 2, "count")`, Failed, "An assertion in the script failed: count: expected 1 to be equal to 2"},
		{"an assertion without", `assert.isAbove(1, 2)`, Failed, "An assertion in the script failed: expected 1 to be above 2"},
		{"an expectation", `expect({a: 1}).to.have.property("b")`, Failed, `An assertion in the script failed: expected {"a":1} property "b"`},
		{"a negated one", `expect([1]).to.not.include(1)`, Failed, "An assertion in the script failed: expected [1] not include 1"},
		{"assert.fail", `assert.fail("no way")`, Failed, "An assertion in the script failed: no way: assert.fail()"},
		{"an exception", "var a = 1;\n\nnope()", Failed, "The script failed in line 3: ReferenceError: 'nope' is not defined"},
		{"a thrown text", `throw "just text"`, Failed, "The script failed: just text"},
		{"a syntax error", "var = 1", Failed, "The script failed in line 1: SyntaxError: variable name expected"},
		{"no end", "for(;;);", Failed, "The script did not end within 300ms."},
		{"too much memory", `var s = "x".repeat(100 * 1024 * 1024); log(s)`, Failed, "The script needed more than 32 MB of memory."},
		{"a missing library", `CryptoJS.MD5("a")`, Unsupported, "The script uses CryptoJS, which is not available here."},
		{"a missing assertion", `assert.containsAllKeys({}, [])`, Unsupported, "The script uses assert.containsAllKeys, which is not available here."},
		{"no secret", `get_secret("k")`, Failed, `The script failed in line 1: TypeError: no secret "k" was given`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := evaluate(t, t.Context(), tt.code)
			if got.Outcome != tt.outcome || got.Message != tt.message {
				t.Errorf("%s\ngot  %s: %s\nwant %s: %s", tt.code, got.Outcome, got.Message, tt.outcome, tt.message)
			}
		})
	}
}

// The assertions in the manner of Chai: each line holds, and fails when it is negated.
func TestScriptAssertions(t *testing.T) {
	lines := []string{
		`assert(1)`, `assert.ok("a")`, `assert.isOk([])`, `assert.notOk(0)`, `assert.isNotOk("")`,
		`assert.equal("1", 1)`, `assert.notEqual(1, 2)`, `assert.strictEqual(1, 1)`, `assert.notStrictEqual("1", 1)`,
		`assert.deepEqual({a: [1, {b: null}]}, {a: [1, {b: null}]})`, `assert.notDeepEqual({a: 1}, {a: 1, b: 2})`, `assert.notDeepEqual([1], {0: 1})`,
		`assert.isTrue(true)`, `assert.isFalse(false)`, `assert.isNull(null)`, `assert.isNotNull(0)`, `assert.isUndefined(undefined)`, `assert.isDefined(null)`,
		`assert.isArray([])`, `assert.isObject({})`, `assert.isNotObject([])`, `assert.isString("")`, `assert.isNumber(0)`, `assert.isBoolean(false)`,
		`assert.isAbove(2, 1)`, `assert.isAtLeast(1, 1)`, `assert.isBelow(1, 2)`, `assert.isAtMost(2, 2)`,
		`assert.include("abc", "b")`, `assert.include([1, 2], 2)`, `assert.include({a: 1, b: 2}, {a: 1})`, `assert.notInclude([1], "1")`, `assert.deepInclude([{a: 1}], {a: 1})`,
		`assert.property({a: undefined}, "a")`, `assert.notProperty({}, "a")`, `assert.propertyVal({a: 1}, "a", 1)`, `assert.lengthOf([1, 2], 2)`, `assert.lengthOf("ab", 2)`,
		`assert.match("abc", /b/)`, `assert.notMatch("abc", /d/)`, `assert.typeOf([], "array")`, `assert.instanceOf(new Date(), Date)`, `assert.exists(0)`, `assert.notExists(null)`,
		`assert.throws(function () { throw new Error("bad thing") }, "bad")`, `assert.throws(function () { assert(false) })`, `assert.throws(function () { null.x }, TypeError)`, `assert.doesNotThrow(function () {})`,
		`assert.isEmpty([])`, `assert.isNotEmpty({a: 1})`, `assert.oneOf(1, [1, 2])`, `assert.closeTo(1, 1.05, 0.1)`, `assert.sameMembers([1, 2], [2, 1])`,
		`expect(1).to.equal(1)`, `expect(1).to.not.equal(2)`, `expect({a: 1}).to.eql({a: 1})`, `expect({a: 1}).to.deep.equal({a: 1})`, `expect(true).to.be.true`, `expect(null).to.be.null`,
		`expect("a").to.be.a("string")`, `expect([]).to.be.an("array").that.is.empty`, `expect([1]).to.be.an("array").and.not.empty`, `expect([1, 2]).to.have.length(2)`, `expect([1, 2]).to.have.lengthOf.above(1)`,
		`expect([1, 2]).to.include(2)`, `expect("abc").to.contain("b")`, `expect({a: {b: 1}}).to.have.property("a").that.has.property("b", 1)`, `expect({a: 1, b: 2}).to.have.keys("a", "b")`, `expect({a: 1, b: 2}).to.have.any.keys("a", "z")`,
		`expect(2).to.be.above(1).and.below(3)`, `expect(2).to.be.within(1, 2)`, `expect("abc").to.match(/c$/)`, `expect(1).to.be.oneOf([1])`, `expect([1, 2]).to.have.members([2, 1])`, `expect(function () { throw new TypeError("x") }).to.throw(TypeError, "x")`,
		`expect(undefined).to.not.exist`, `"abc".should.be.a("string")`, `[1].should.have.length(1)`, `(5).should.be.above(4)`, `JSON.parse(response.body).object.should.have.property("key").that.equals("value")`,
		`assert.equal(response.status, 200); assert.equal(response.reason, "OK"); assert.equal(response.response_time_ms, 42); assert.isAbove(response.size_bytes, 100)`,
		`assert.equal(response.headers["content-TYPE"], "application/scim+json"); assert("Content-Type" in response.headers)`,
		`assert.equal(request.method, "GET"); assert.equal(request.host, "scim.example.com"); assert.deepEqual(request.params.a, ["1", "2"]); assert.equal(request.path, "/Users")`,
		`assert.equal(runscope_test_name, "scripts"); assert.isFunction(console.log)`,
	}
	// In one engine: to start one for each line takes long under the race detector.
	got := evaluate(t, t.Context(), eachLine(lines, `log(line + ": " + e)`))
	if got.Outcome != Passed || got.Passed < len(lines) || len(got.Log) > 0 {
		t.Errorf("%s, %s: %d lines, %d assertions passed and %d failed\n%s", got.Outcome, got.Message, len(lines), got.Passed, got.Failed, strings.Join(got.Log, "\n"))
	}
}

// eachLine runs every line as a function of its own; what it throws is the e of caught.
func eachLine(lines []string, caught string) string {
	code := ""
	for _, line := range lines {
		quoted, _ := json.Marshal(line)
		code += fmt.Sprintf("(function (line) { try { %s } catch (e) { %s } })(%s);\n", line, caught, quoted)
	}
	return code
}

func TestScriptMayNameItsOwnThingsAlike(t *testing.T) {
	code := `var data = JSON.parse(response.body); var response = 1; var _ = 2; function log() { return 3 }; assert.equal(response + _ + log(), 6)`
	if got := evaluate(t, t.Context(), code); got.Outcome != Passed || got.Passed != 1 {
		t.Errorf("%s, %s", got.Outcome, got.Message)
	}
}

// A rule that cannot fail proves nothing, so every assertion is also seen to fail.
func TestScriptAssertionsFail(t *testing.T) {
	var lines []string
	for _, line := range []string{
		`assert(0)`, `assert.ok("")`, `assert.notOk(1)`, `assert.equal(1, 2)`, `assert.notEqual("1", 1)`, `assert.strictEqual("1", 1)`, `assert.notStrictEqual(1, 1)`,
		`assert.deepEqual({a: 1}, {a: 2})`, `assert.deepEqual([1], {0: 1})`, `assert.notDeepEqual([], [])`, `assert.isTrue(1)`, `assert.isFalse(0)`, `assert.isNull(undefined)`, `assert.isNotNull(null)`,
		`assert.isUndefined(null)`, `assert.isDefined(undefined)`, `assert.isArray({})`, `assert.isObject([])`, `assert.isString(1)`, `assert.isNumber("1")`, `assert.isBoolean(0)`,
		`assert.isAbove(1, 1)`, `assert.isAbove("2", 1)`, `assert.isAtLeast(0, 1)`, `assert.isBelow(1, 1)`, `assert.isAtMost(3, 2)`, `assert.include("abc", "d")`, `assert.include([1], "1")`, `assert.include({a: 1}, {a: 2})`, `assert.notInclude([1], 1)`,
		`assert.property({}, "a")`, `assert.property(null, "a")`, `assert.notProperty({a: 1}, "a")`, `assert.propertyVal({a: 1}, "a", 2)`, `assert.lengthOf([], 1)`, `assert.match("a", /b/)`, `assert.typeOf(null, "object")`, `assert.instanceOf({}, Date)`,
		`assert.exists(null)`, `assert.throws(function () {})`, `assert.throws(function () { throw new Error("x") }, "y")`, `assert.throws(function () { throw new Error("x") }, TypeError)`, `assert.doesNotThrow(function () { throw 1 })`, `assert.isEmpty([1])`, `assert.fail()`,
		`expect(1).to.equal("1")`, `expect(1).to.not.equal(1)`, `expect({a: 1}).to.equal({a: 1})`, `expect(1).to.be.true`, `expect([]).to.be.a("object")`, `expect([1]).to.be.empty`, `expect([1]).to.have.length(2)`, `expect([1]).to.have.length.above(1)`,
		`expect([1]).to.include(2)`, `expect({}).to.have.property("a")`, `expect({a: 1}).to.have.property("a", 2)`, `expect({a: 1}).to.have.keys("a", "b")`, `expect({a: 1}).to.have.any.keys("b")`, `expect(1).to.be.above(1)`, `expect("a").to.match(/b/)`, `expect([1]).to.have.members([1, 2])`,
		`expect(function () {}).to.throw()`, `expect(null).to.exist`, `"a".should.equal("b")`,
	} {
		lines = append(lines, line+`; log(line + " held")`)
	}
	got := evaluate(t, t.Context(), eachLine(lines, `if (e.name !== "AssertionError") log(line + ": " + e)`))
	if got.Outcome != Failed || got.Failed != len(lines) || len(got.Log) > 0 {
		t.Errorf("%s, %s: %d lines, %d assertions failed\n%s", got.Outcome, got.Message, len(lines), got.Failed, strings.Join(got.Log, "\n"))
	}
}

func TestScriptIsStoppedWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if got := evaluate(t, ctx, "while (true) {}"); got.Outcome != Error { // not by its limit of 20 s
		t.Errorf("%s: %s", got.Outcome, got.Message)
	}
}

func TestScriptLogIsBounded(t *testing.T) {
	got := evaluate(t, t.Context(), `for (var i = 0; i < 1000; i++) { log("x".repeat(5000)); assert(true) }`)
	if len(got.Log) != maxLogLines || !got.LogCut || len(got.Log[0]) > maxLogLine+3 || got.Passed != 1000 || len(got.Assertions) != maxAssertions {
		t.Errorf("%d lines of %d bytes, %d assertions kept of %d", len(got.Log), len(got.Log[0]), len(got.Assertions), got.Passed)
	}
}

// The same seed gives the same random values, so that a run can be repeated.
func TestScriptRandomness(t *testing.T) {
	code := `log(Math.random(), Math.random())`
	one, two := evaluate(t, t.Context(), code).Log[0], evaluate(t, t.Context(), code).Log[0]
	parts := strings.Fields(one)
	if one != two || parts[0] == parts[1] || !strings.HasPrefix(parts[0], "0.") {
		t.Errorf("%s, then %s", one, two)
	}
}
