// What a script of a suite finds: variables, log, encoders, assert and expect in the manner of Chai, and, in
// steps, request and response. Evaluated before each script in a fresh engine; `call` is the only way out of it.
(function (global) {
  "use strict";
  var call = global.__call, input = JSON.parse(global.__input);
  delete global.__call;
  delete global.__input;
  // The engine of the format is synchronous. Work that outlives its script would be asserted by nobody.
  delete global.Promise;
  delete global.SharedArrayBuffer;
  delete global.Atomics;

  function define(name, value) {
    Object.defineProperty(global, name, { value: value, writable: true, configurable: true, enumerable: false });
  }
  function unsupported(what) {
    call("unsupported", what);
    throw new Error(what + " is not available here");
  }
  function text(value) {
    if (typeof value === "string") return value;
    if (value !== null && typeof value === "object") {
      try { return JSON.stringify(value); } catch (e) { return String(value); }
    }
    return String(value);
  }
  function show(value) {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "function") return "a function";
    return text(value);
  }

  // Header names are looked up in any case, as on the wire.
  function headers(map) {
    function actual(target, name) {
      if (typeof name !== "string" || name in target) return name;
      var lower = name.toLowerCase();
      for (var key in target) if (key.toLowerCase() === lower) return key;
      return name;
    }
    return new Proxy(map, {
      get: function (target, name) { return target[actual(target, name)]; },
      has: function (target, name) { return actual(target, name) in target; },
      set: function (target, name, value) { target[actual(target, name)] = value; return true; },
      deleteProperty: function (target, name) { return delete target[actual(target, name)]; }
    });
  }
  // Looking for a member that the format may have and we have not is harmless; what breaks for it afterwards is not the
  // target's fault.
  function provided(object, prefix) {
    return new Proxy(object, {
      get: function (target, name) {
        if (typeof name !== "symbol" && !(name in target) && name !== "toJSON") call("absent", prefix + name);
        return target[name];
      }
    });
  }
  ["request", "response"].forEach(function (name) {
    if (!input[name]) return;
    input[name].headers = headers(input[name].headers || {});
    define(name, provided(input[name], name + "."));
  });
  Object.keys(input.context).forEach(function (name) { define(name, input.context[name]); });

  define("variables", provided({
    get: function (name) { var r = call("get", String(name)); return r === null ? undefined : r; },
    set: function (name, value) { call("set", String(name), text(value)); }
  }, "variables."));
  function log() { call("log", Array.prototype.map.call(arguments, text).join(" ")); }
  define("log", log);
  define("console", provided({ log: log, info: log, warn: log, error: log, debug: log }, "console."));
  ["encode_base64", "decode_base64", "get_secret"].forEach(function (name) {
    define(name, function (value) { return call(name, String(value)); });
  });
  define("btoa", global.encode_base64);
  define("atob", global.decode_base64);
  Math.random = function () { return call("random"); };

  // What stands behind a name is fetched when a script first looks at it; a script may also use the name for its own.
  function later(name, get) {
    Object.defineProperty(global, name, { configurable: true, get: get, set: function (value) { define(name, value); } });
  }
  var evaluate = global.eval; // called by another name it sees globals only, as a script of its own does
  ["_", "moment", "CryptoJS"].forEach(function (name) {
    later(name, function () {
      define(name, undefined); // the library looks whether its name is taken
      evaluate(call("library", name));
      return global[name];
    });
  });
  ["tv4", "runscope_xml2json", "xmltojson", "marknote", "XMLHttpRequest"].forEach(function (name) {
    later(name, function () { unsupported(name); });
  });

  // ---- assertions ----

  function AssertionError(message) {
    var e = new Error(message);
    e.name = "AssertionError";
    return e;
  }
  // An initial script's assertions are ignored by the format, so there a failed one does not end the script.
  function check(ok, given, fallback) {
    var message = given === undefined ? fallback : text(given);
    call("assert", !!ok, ok ? message : given === undefined ? fallback : message + ": " + fallback);
    if (!ok && !input.ignoreAssertions) throw AssertionError(message);
  }
  function typeName(value) {
    return value === null ? "null" : Array.isArray(value) ? "array" : value instanceof RegExp ? "regexp"
      : value instanceof Date ? "date" : typeof value;
  }
  function deepEqual(a, b, depth) {
    depth = depth || 0;
    if (a === b) return true;
    if (a !== a && b !== b) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || depth > 200) return false;
    if (typeName(a) !== typeName(b)) return false;
    if (a instanceof Date) return a.getTime() === b.getTime();
    if (a instanceof RegExp) return String(a) === String(b);
    var keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every(function (key) {
      return Object.prototype.hasOwnProperty.call(b, key) && deepEqual(a[key], b[key], depth + 1);
    });
  }
  function includes(container, value, equal) {
    equal = equal || function (a, b) { return a === b || a !== a && b !== b; };
    if (typeof container === "string") return container.indexOf(value) >= 0;
    if (Array.isArray(container)) return container.some(function (x) { return equal(x, value); });
    if (container && typeof container === "object" && value && typeof value === "object") {
      return Object.keys(value).every(function (key) { return key in container && equal(container[key], value[key]); });
    }
    return false;
  }
  function isEmpty(value) {
    if (value === null || value === undefined) return false;
    if (typeof value === "string" || Array.isArray(value)) return value.length === 0;
    return typeof value === "object" && Object.keys(value).length === 0;
  }
  function has(object, name) { return object !== null && object !== undefined && name in Object(object); }
  function lengthOf(value) { return has(value, "length") ? value.length : undefined; }
  function numbers(a, b) { return typeof a === "number" && typeof b === "number"; }
  // Assertions within a function that is expected to throw are part of the expectation, not verdicts.
  function thrown(fn) {
    call("hold", true);
    try { fn(); } catch (e) { return { error: e }; } finally { call("hold", false); }
    return null;
  }
  function throwsAs(fn, wanted, message) {
    var t = typeof fn === "function" ? thrown(fn) : null;
    if (!t) return false;
    var said = t.error instanceof Error ? t.error.message : String(t.error);
    function says(part) { return part instanceof RegExp ? part.test(said) : said.indexOf(part) >= 0; }
    if (typeof wanted === "function") {
      return t.error instanceof wanted && (message === undefined || says(message));
    }
    return wanted === undefined || says(wanted);
  }

  // Each row: what must hold of the arguments, how many of them are compared, and the words for a failure.
  // Its negation is the row under the name after the bar.
  var rows = {
    "ok|notOk": [1, function (a) { return a; }, "truthy"],
    "isOk|isNotOk": [1, function (a) { return a; }, "truthy"],
    "equal|notEqual": [2, function (a, b) { return a == b; }, "equal to"],
    "strictEqual|notStrictEqual": [2, function (a, b) { return a === b; }, "strictly equal to"],
    "deepEqual|notDeepEqual": [2, deepEqual, "deeply equal to"],
    "deepStrictEqual|notDeepStrictEqual": [2, deepEqual, "deeply equal to"],
    "isTrue|isNotTrue": [1, function (a) { return a === true; }, "true"],
    "isFalse|isNotFalse": [1, function (a) { return a === false; }, "false"],
    "isNull|isNotNull": [1, function (a) { return a === null; }, "null"],
    "isNaN|isNotNaN": [1, function (a) { return a !== a; }, "NaN"],
    "isUndefined|isDefined": [1, function (a) { return a === undefined; }, "undefined"],
    "exists|notExists": [1, function (a) { return a !== null && a !== undefined; }, "there"],
    "isEmpty|isNotEmpty": [1, isEmpty, "empty"],
    "isFinite|isNotFinite": [1, function (a) { return typeof a === "number" && isFinite(a); }, "a finite number"],
    "isArray|isNotArray": [1, Array.isArray, "an array"],
    "isObject|isNotObject": [1, function (a) { return typeName(a) === "object"; }, "an object"],
    "isString|isNotString": [1, function (a) { return typeof a === "string"; }, "a string"],
    "isNumber|isNotNumber": [1, function (a) { return typeof a === "number"; }, "a number"],
    "isBoolean|isNotBoolean": [1, function (a) { return typeof a === "boolean"; }, "a boolean"],
    "isFunction|isNotFunction": [1, function (a) { return typeof a === "function"; }, "a function"],
    "isAbove|": [2, function (a, b) { return numbers(a, b) && a > b; }, "above"],
    "isAtLeast|": [2, function (a, b) { return numbers(a, b) && a >= b; }, "at least"],
    "isBelow|": [2, function (a, b) { return numbers(a, b) && a < b; }, "below"],
    "isAtMost|": [2, function (a, b) { return numbers(a, b) && a <= b; }, "at most"],
    "typeOf|notTypeOf": [2, function (a, b) { return typeName(a) === String(b).toLowerCase(); }, "of type"],
    "instanceOf|notInstanceOf": [2, function (a, b) { return a instanceof b; }, "an instance of"],
    "include|notInclude": [2, function (a, b) { return includes(a, b); }, "including"],
    "deepInclude|notDeepInclude": [2, function (a, b) { return includes(a, b, deepEqual); }, "including"],
    "property|notProperty": [2, has, "an object with the property"],
    "ownProperty|notOwnProperty": [2, function (a, b) { return has(a, b) && Object.prototype.hasOwnProperty.call(Object(a), b); }, "an object with the property"],
    "propertyVal|notPropertyVal": [3, function (a, b, c) { return has(a, b) && a[b] === c; }, "an object with the property and value"],
    "lengthOf|": [2, function (a, b) { return lengthOf(a) === b; }, "of length"],
    "match|notMatch": [2, function (a, b) { return b.test(a); }, "matching"],
    "oneOf|": [2, function (a, b) { return b.indexOf(a) >= 0; }, "one of"],
    "closeTo|": [3, function (a, b, c) { return Math.abs(a - b) <= c; }, "close to"],
    "sameMembers|notSameMembers": [2, function (a, b) { return a.length === b.length && b.every(function (x) { return includes(a, x); }); }, "with the same members as"],
    "includeMembers|notIncludeMembers": [2, function (a, b) { return b.every(function (x) { return includes(a, x); }); }, "with the members"]
  };
  function assert(ok, message) { check(ok, message, "expected " + show(ok) + " to be truthy"); }
  Object.keys(rows).forEach(function (names) {
    var row = rows[names];
    names.split("|").forEach(function (name, negated) {
      if (!name) return;
      assert[name] = function () {
        var args = Array.prototype.slice.call(arguments, 0, row[0]);
        var words = (negated ? " not to be " : " to be ") + row[2] + " " + args.slice(1).map(show).join(", ");
        check(!!row[1].apply(null, args) !== !!negated, arguments[row[0]], "expected " + show(args[0]) + words);
      };
    });
  });
  assert.fail = function (actual, expected, message) {
    check(false, arguments.length === 1 ? actual : message, "assert.fail()");
  };
  assert.throws = assert.throw = assert.Throw = function (fn, wanted, part, message) {
    check(throwsAs(fn, wanted, part), message, "expected the function to throw");
  };
  assert.doesNotThrow = function (fn, message) {
    check(typeof fn === "function" && !thrown(fn), typeof message === "string" ? message : undefined, "expected the function not to throw");
  };
  function guarded(object, prefix) {
    return new Proxy(object, {
      get: function (target, name) {
        if (typeof name === "symbol" || name in target) return target[name];
        unsupported(prefix + name);
      }
    });
  }
  define("assert", guarded(assert, "assert."));

  // ---- expect(…).to.… ----

  var words = "to be been is that which and has have with at of same but does still also".split(" ");
  var properties = {
    ok: function (a) { return a; }, "true": function (a) { return a === true; }, "false": function (a) { return a === false; },
    "null": function (a) { return a === null; }, "undefined": function (a) { return a === undefined; },
    NaN: function (a) { return a !== a; }, exist: function (a) { return a !== null && a !== undefined; }, empty: isEmpty
  };
  var methods = {
    equal: function (a, b) { return this.deep ? deepEqual(a, b) : a === b; },
    eql: deepEqual,
    above: function (a, b) { return this.length ? lengthOf(a) > b : numbers(a, b) && a > b; },
    least: function (a, b) { return this.length ? lengthOf(a) >= b : numbers(a, b) && a >= b; },
    below: function (a, b) { return this.length ? lengthOf(a) < b : numbers(a, b) && a < b; },
    most: function (a, b) { return this.length ? lengthOf(a) <= b : numbers(a, b) && a <= b; },
    within: function (a, b, c) { return typeof a === "number" && a >= b && a <= c; },
    a: function (a, b) { return typeName(a) === String(b).toLowerCase(); },
    include: function (a, b) { return includes(a, b, this.deep ? deepEqual : undefined); },
    "instanceof": function (a, b) { return a instanceof b; },
    match: function (a, b) { return b.test(a); },
    string: function (a, b) { return typeof a === "string" && a.indexOf(b) >= 0; },
    keys: function (a) {
      var wanted = Array.isArray(arguments[1]) ? arguments[1] : Array.prototype.slice.call(arguments, 1), own = Object.keys(a);
      if (this.any) return wanted.some(function (k) { return own.indexOf(k) >= 0; });
      return own.length === wanted.length && wanted.every(function (k) { return own.indexOf(k) >= 0; });
    },
    members: function (a, b) {
      var equal = this.deep ? deepEqual : undefined;
      return a.length === b.length && b.every(function (x) { return includes(a, x, equal); });
    },
    oneOf: function (a, b) { return b.indexOf(a) >= 0; },
    closeTo: function (a, b, c) { return Math.abs(a - b) <= c; },
    lengthOf: function (a, b) { return lengthOf(a) === b; },
    satisfy: function (a, fn) { return fn(a); },
    "throw": throwsAs
  };
  var aliases = {
    an: "a", equals: "equal", eq: "equal", eqls: "eql", gt: "above", greaterThan: "above", gte: "least", lt: "below",
    lessThan: "below", lte: "most", includes: "include", contain: "include", contains: "include", instanceOf: "instanceof",
    matches: "match", key: "keys", throws: "throw", Throw: "throw", length: "lengthOf", approximately: "closeTo"
  };
  // Chai lets these stand as words too: to.be.a.string, to.include.keys.
  var wordsToo = ["a", "include", "lengthOf"];

  function expectation(actual, given, flags) {
    function verdict(ok, name, args) {
      var expected = (flags.not ? " not" : "") + " " + name + (args.length ? " " + args.map(show).join(", ") : "");
      check(!!ok !== !!flags.not, given, "expected " + show(actual) + expected);
      return expectation(actual, given, {});
    }
    function flagged(name) {
      var next = {};
      for (var key in flags) next[key] = flags[key];
      next[name] = true;
      return expectation(actual, given, next);
    }
    function property(own) {
      return function (name, value) {
        var ok = own || flags.own ? Object.prototype.hasOwnProperty.call(Object(actual), name) : has(actual, name);
        if (ok && arguments.length > 1) ok = flags.deep ? deepEqual(actual[name], value) : actual[name] === value;
        verdict(ok, "property", Array.prototype.slice.call(arguments));
        return expectation(ok ? actual[name] : undefined, given, {});
      };
    }
    function member(name) {
      if (words.indexOf(name) >= 0) return expectation(actual, given, flags);
      if (["not", "deep", "any", "all", "own"].indexOf(name) >= 0) return flagged(name);
      if (Object.prototype.hasOwnProperty.call(properties, name)) return verdict(properties[name](actual), name, []);
      if (name === "property" || name === "ownProperty") return property(name === "ownProperty");
      var method = Object.prototype.hasOwnProperty.call(aliases, name) ? aliases[name] : name;
      if (!Object.prototype.hasOwnProperty.call(methods, method)) unsupported("expect(…)." + name);
      var run = function () {
        var args = Array.prototype.slice.call(arguments);
        return verdict(methods[method].apply(flags, [actual].concat(args)), name, args);
      };
      if (wordsToo.indexOf(method) < 0) return run;
      return new Proxy(run, {
        get: function (target, next) {
          if (typeof next === "symbol") return target[next];
          if (method === "lengthOf") return flagged("length")[next];
          if (method === "include" && next === "keys") unsupported("expect(…).include.keys");
          return member(next);
        }
      });
    }
    return new Proxy({}, { get: function (target, name) { return typeof name === "symbol" ? undefined : member(name); } });
  }
  define("expect", function (actual, message) { return expectation(actual, message, {}); });
  global.expect.fail = assert.fail;
  define("chai", guarded({ assert: global.assert, expect: global.expect, should: function () {} }, "chai."));
  Object.defineProperty(Object.prototype, "should", {
    configurable: true, enumerable: false,
    get: function () { return expectation(this, undefined, {}); },
    set: function (value) { Object.defineProperty(this, "should", { value: value, writable: true, configurable: true, enumerable: true }); }
  });
})(globalThis);
