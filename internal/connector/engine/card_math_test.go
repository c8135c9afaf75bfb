package engine

import (
	"strings"
)

const long = int64(9007199254740993) // 2^53+1

var mathRows = []row{
	{says: "adds all", op: "math/add", in: fields("a", 1.0, "b", "2", "c", list{3.0, 4.0}), want: gives{"output": 10.0}},
	{says: "adds to an id without losing digits", op: "math/add", in: fields("a", long, "b", 1.0), want: gives{"output": int64(9007199254740994)}},
	{says: "names what is no number", op: "math/add", in: fields("a", 1.0, "b", "two"), fails: `b: "two" is no number.`},
	{says: "refuses a result that is no number", op: "math/add", in: fields("a", 1.7e308, "b", 1.7e308), fails: "too large for a number"},
	{says: "subtracts", op: "math/subtract", in: fields("a", 1.0, "b", 3.0), want: gives{"output": -2.0}},
	{says: "multiplies", op: "math/multiply", in: fields("a", 1.5, "b", 3.0), want: gives{"output": 4.5}},
	{says: "multiplies what no int64 holds", op: "math/multiply", in: fields("a", long, "b", long), want: gives{"output": float64(long) * float64(long)}},
	{says: "takes nothing for 0", op: "math/multiply", in: fields("a", 1.5, "b", nil), want: gives{"output": 0.0}},
	{says: "divides", op: "math/divide", in: fields("a", 1.0, "b", 4.0), want: gives{"output": 0.25, "percentage": 25.0}},
	{says: "does not divide by 0", op: "math/divide", in: fields("a", 1.0, "b", 0.0), fails: "b is 0, and nothing can be divided by 0."},
	{says: "does not divide by nothing", op: "math/divide", in: fields("a", 1.0), fails: "b is 0"},
	{says: "keeps the sign of a", op: "math/modulo", in: fields("a", -7.0, "b", 3.0), want: gives{"output": -1.0}},
	{says: "does not divide by 0", op: "math/modulo", in: fields("a", 1.0, "b", 0.0), fails: "b is 0"},
	{says: "rounds up", op: "math/ceil", in: fields("a", 1.2), want: gives{"output": 2.0}},
	{says: "leaves an id as it is", op: "math/ceil", in: fields("a", -long), want: gives{"output": -long}},
	{says: "rounds down", op: "math/floor", in: fields("a", -1.2), want: gives{"output": -2.0}},
	{says: "drops the sign", op: "math/abs", in: fields("a", -1.5), want: gives{"output": 1.5}},
	{says: "drops the sign of an id", op: "math/abs", in: fields("a", -long), want: gives{"output": long}},
	{says: "rounds to decimals as it is written", op: "math/round", in: fields("a", 1.005, "decimals", 2.0), want: gives{"output": 1.01}},
	{says: "rounds a half away from zero", op: "math/round", in: fields("a", -2.5), want: gives{"output": -3.0}},
	{says: "rounds to hundreds", op: "math/round", in: fields("a", 1251.0, "decimals", -2.0), want: gives{"output": 1300.0}},
	{says: "refuses decimals that no number has", op: "math/round", in: fields("a", 1.0, "decimals", 1e9), fails: "decimals: 1000000000 is not from -15 to 15."},
	{says: "takes the smallest", op: "math/min", in: fields("a", 3.0, "b", "-1", "c", 2.0), want: gives{"output": -1.0}},
	{says: "takes the largest", op: "math/max", in: fields("a", 3.0, "b", list{7.0, 2.0}), want: gives{"output": 7.0}},
	{says: "draws from a to b", op: "math/random", in: fields("a", 5.0, "b", 5.0), want: gives{"output": 5.0}},
	{says: "refuses a range the wrong way round", op: "math/random", in: fields("a", 5.0, "b", 1.0), fails: "b is 1, less than a, which is 5."},
	{says: "computes products before sums, and powers from the right", op: "math/expression", in: fields("_text_", "1 + 2 * 3 ^ 2 ^ 0 - 8 / 4 % 3 # so it is", "x", nil), want: gives{"output": 5.0}},
	{says: "fills in its placeholders", op: "math/expression", in: fields("_text_", "({{{n}}} + 11644473600000) * 10000", "n", "1769860800250"), want: gives{"output": 134143344002500000.0}},
	{says: "keeps the sign of what it fills in", op: "math/expression", in: fields("_text_", "{{{n}}}^2 - -{{{n}}}", "n", -3.0), want: gives{"output": 6.0}},
	{says: "knows functions", op: "math/expression", in: fields("_text_", "max(1, min(9, 2), abs(-3)) + round(2.5) + floor(1.9) + ceil(0.1) + sqrt(16) + pow(2, 3) + 3! + 0 * random(5) + 0 * (pi + exp(0) + log(1) + log10(1))", "x", 0.0), want: gives{"output": 3.0 + 3 + 1 + 1 + 4 + 8 + 6}},
	{says: "does not divide by 0", op: "math/expression", in: fields("_text_", "1 / (2 - 2)"), fails: "The formula cannot be computed: it divides by 0"},
	{says: "says where it stops", op: "math/expression", in: fields("_text_", "1 + "), fails: "it ends where a number should stand (at character 5)"},
	{says: "runs nothing", op: "math/expression", in: fields("_text_", "constructor(1)"), fails: `there is no function "constructor" with 1 arguments`},
	{says: "takes no text for a number", op: "math/expression", in: fields("_text_", "1 + {{{n}}}", "n", "two"), fails: `"two" is no number, and the formula computes with it`},
	{says: "refuses brackets that are too deep", op: "math/expression", in: fields("_text_", strings.Repeat("(", 4000)+"1"+strings.Repeat(")", 4000)), fails: "more than 100 brackets"},
	{says: "refuses a formula that is too long", op: "math/expression", in: fields("_text_", strings.Repeat("1+", 6000)+"1"), fails: "more than 10000", kind: Limit},
	{says: "refuses a result that is no number", op: "math/expression", in: fields("_text_", "9^9^9"), fails: "too large for a number"},
}
