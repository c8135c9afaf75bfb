package engine

import (
	"slipway/internal/connector/value"
)

var booleanRows = []row{
	{says: "compares", op: "boolean/compare", in: operands(of{value.Num, 12.0}, "%", 5.0), want: gives{"result": false}},
	{says: "holds for a multiple", op: "boolean/compare", in: operands(of{value.Num, 10.0}, "%", 5.0), want: gives{"result": true}},
	{says: "finds an item in a list", op: "boolean/compare", in: operands("b", "in", list{"a", "b"}), want: gives{"result": true}},
	{says: "finds a text in a text", op: "boolean/compare", in: operands("b", "not in", "abc"), want: gives{"result": false}},
	{says: "finds a member", op: "boolean/compare", in: operands(object{"a": nil}, "has", "a"), want: gives{"result": true}},
	{says: "finds none", op: "boolean/compare", in: operands(object{"a": nil}, "doesn't have", "b"), want: gives{"result": true}},
	{says: "takes an empty list for empty", op: "boolean/compare", in: operands(list{}, "is empty", nil), want: gives{"result": true}},
	{says: "holds where all do", op: "boolean/and", in: fields("a", true, "b", "yes", "c", 1.0), want: gives{"output": true}},
	{says: "does not hold where one does not", op: "boolean/and", in: fields("a", true, "b", "false"), want: gives{"output": false}},
	{says: "holds where one does", op: "boolean/or", in: fields("a", false, "b", 1.0), want: gives{"output": true}},
	{says: "holds where an odd number does", op: "boolean/xor", in: fields("a", true, "b", true, "c", true), want: gives{"output": true}},
	{says: "turns it round", op: "boolean/not", in: fields("a", "false"), want: gives{"output": true}},
}
