package runscope

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/report"
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
		{"a name that nothing defines", "var a = 1;\n\nnope()", Unsupported, "The script needs nope in line 3, which is not defined here. That is no fault of the server."},
		{"a member that the format may have", "\nresponse.json()", Unsupported, "The script needs response.json in line 2, which is not defined here. That is no fault of the server."},
		{"a thrown text", `throw "just text"`, Failed, "The script failed: just text"},
		{"a thrown error", `throw new ReferenceError("no such account")`, Failed, "The script failed in line 1: ReferenceError: no such account"},
		{"an answer that lacks something", `JSON.parse(response.body).Resources.length`, Failed, "The script failed in line 1: TypeError: cannot read property 'length' of undefined"},
		{"an answer that is no JSON", `JSON.parse("<html>")`, Failed, "The script failed in line 1: SyntaxError: unexpected token: '<'"},
		{"an assertion before it breaks", `try { assert.equal(1, 2) } catch (e) {} nope()`, Failed, "An assertion in the script failed: expected 1 to be equal to 2"},
		{"a syntax error", "var = 1", Unsupported, "The script is not valid in line 1: variable name expected. That is no fault of the server."},
		{"no end", "for(;;);", Unsupported, "The script did not end within 300ms. That is no fault of the server."},
		{"no end of calls", "(function f() { f() })()", Unsupported, "The script calls itself without end. That is no fault of the server."},
		{"too much memory", `var s = "x".repeat(100 * 1024 * 1024); log(s)`, Unsupported, "The script needed more than 32 MB of memory. That is no fault of the server."},
		{"a missing library", `xmltojson("<a/>")`, Unsupported, "The script uses xmltojson, which is not available here."},
		{"a missing part of one", `chai.use(null)`, Unsupported, "The script uses chai.use, which is not available here."},
		{"a missing assertion", `assert.containsAllKeys({}, [])`, Unsupported, "The script uses assert.containsAllKeys, which is not available here."},
		{"no secret", `get_secret("k")`, Blocked, "The script asks for the secret k, which nobody has given. Give it with --var 'k=…'."},
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

// A suite's own library stands before each of its scripts. What of it is not in the file, or breaks by itself, is
// nobody's failure but the suite's.
func TestScriptLibrary(t *testing.T) {
	const fails = "An assertion in the script failed: not ok: expected false to be truthy"
	for _, tt := range []struct {
		name, library, code string
		outcome             Outcome
		message             string
	}{
		{"a text", `["function isOk(x) { assert(x, 'not ok') }"]`, `isOk(true)`, Passed, ""},
		{"and it can fail", `["function isOk(x) { assert(x, 'not ok') }"]`, `isOk(false)`, Failed, fails},
		{"an object", `[{"name": "helpers", "script": "var isOk = function (x) { assert(x, 'not ok') };"}]`, `isOk(false)`, Failed, fails},
		{"an object by name", `{"helpers": "const isOk = x => assert(x, 'not ok')"}`, `isOk(false)`, Failed, fails},
		{"one builds on another", `["function a() { return 1 }", "var two = a() + 1;"]`, `assert.equal(two, 2)`, Passed, ""},
		{"a script's own lines are counted", `["\n\nfunction isOk() {}"]`, "\nthrow 'x'; isOk()", Failed, "The script failed: x"},
		{"only named", `["helpers"]`, "\nisOk(true)", Unsupported, "The script needs isOk in line 2, which is not defined here. The suite's script library (helpers) is only named in its file: put its code there. That is no fault of the server."},
		{"only named, and not needed", `["helpers"]`, "assert(true)", Passed, ""},
		{"one that breaks", `[{"name": "helpers", "code": "nope()"}]`, "assert(true)", Unsupported, `The suite's script library "helpers" cannot be loaded. The script needs nope in line 1, which is not defined here. That is no fault of the server.`},
		{"one that throws", `["throw 'x';"]`, "assert(true)", Unsupported, `The suite's script library "number 1" cannot be loaded. The script failed: x`},
		{"one without end", `["for(;;);"]`, "assert(true)", Unsupported, `The suite's script library "number 1" cannot be loaded. The script did not end within 300ms. That is no fault of the server.`},
	} {
		for where, text := range map[string]string{
			"the suite's":       `{"name":"x","version":"1.0","script_library":LIBRARY,"steps":[{"step_type":"pause","duration":1}]}`,
			"its environment's": `{"name":"x","version":"1.0","environments":[{"name":"e","script_library":LIBRARY}],"steps":[{"step_type":"pause","duration":1}]}`,
		} {
			t.Run(tt.name+", "+where, func(t *testing.T) {
				s := parse(t, strings.Replace(text, "LIBRARY", tt.library, 1))
				limit := time.Duration(0)
				if strings.Contains(tt.library, "for(;;)") {
					limit = 300 * time.Millisecond
				}
				r := newRun(s, Options{ScriptTimeout: limit}.withDefaults())
				got := (&script{when: "after", code: tt.code, reply: &reply{status: 200}, run: r}).evaluate(t.Context())
				if got.Outcome != tt.outcome || got.Message != tt.message {
					t.Errorf("got  %s: %s\nwant %s: %s", got.Outcome, got.Message, tt.outcome, tt.message)
				}
			})
		}
	}
}

// A library that is missing is told before the first step, and the verdict is not run.
func TestScriptLibraryIsMissing(t *testing.T) {
	f := newFake(t)
	s := parse(t, `{"name":"x","version":"1.0","script_library":["helpers"],"steps":[
		{"step_type":"request","note":"unsupported: needs it","url":"{{base}}/doc","headers":{},"scripts":["isOk(response)"]}]}`)
	result := Run(t.Context(), s, options(t, f, nil), nil)
	verify(t, result)
	if said := strings.Join(result.Warnings, "\n"); result.Verdict != report.NotRun || !strings.Contains(said, "The script library (helpers) is only named in the file.") || strings.Contains(said, "not known here") {
		t.Errorf("verdict %s (%s), notes %s", result.Verdict, result.Reason, said)
	}
}

// The libraries of others work in the engine, stay within its limits, and give way to a script's own names.
func TestScriptBundledLibraries(t *testing.T) {
	for _, tt := range []struct {
		code    string
		outcome Outcome
		message string
	}{
		{`assert.equal(_([3, 1, 2]).chain().sortBy().map(function (n) { return n * 2 }).value().join(), "2,4,6"); assert.equal(_.template("<%= a %>!")({a: "x"}), "x!")`, Passed, ""},
		{`assert.equal(moment.utc(0).format("dddd, MMMM Do YYYY"), "Thursday, January 1st 1970"); assert.equal(moment("2026-01-31", "YYYY-MM-DD", true).add(1, "month").date(), 28); assert.isTrue(moment().isAfter("2020-01-01"))`, Passed, ""},
		{`assert.equal(CryptoJS.enc.Base64.stringify(CryptoJS.HmacSHA256("text", "key")), "avqQRqlXnK0UOjhMG1ZLmiUNJ9b2pj+fIL86dZTJ4sY=")`, Passed, ""},
		{`var sealed = CryptoJS.AES.encrypt("text", "key").toString(); assert.equal(CryptoJS.AES.decrypt(sealed, "key").toString(CryptoJS.enc.Utf8), "text")`, Passed, ""},
		{`chai.assert.equal(1, 1); chai.expect(1).to.equal(1); chai.should(); "a".should.equal("a")`, Passed, ""},
		{`var moment = 1, CryptoJS = 2; assert.equal(moment + CryptoJS, 3)`, Passed, ""},
		{`assert.equal(typeof moment, "function"); assert.equal(_.size(response.body.match(/hello/g)), 1)`, Passed, ""},
		{`CryptoJS.MD5("x"); for(;;);`, Unsupported, "The script did not end within 300ms. That is no fault of the server."},
		{`_.times(1e9, function (n) { return "xxxxxxxxxxxxxxxx" + n })`, Unsupported, "The script needed more than 32 MB of memory. That is no fault of the server."},
		{`assert.equal(_.first([1]), 2)`, Failed, "An assertion in the script failed: expected 1 to be equal to 2"},
	} {
		if got := evaluate(t, t.Context(), tt.code); got.Outcome != tt.outcome || got.Message != tt.message {
			t.Errorf("%s\ngot  %s: %s\nwant %s: %s", tt.code, got.Outcome, got.Message, tt.outcome, tt.message)
		}
	}
}
