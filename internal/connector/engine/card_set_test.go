package engine

var people = list{object{"name": "Bo", "age": 3.0}, object{"name": "Al", "age": 20.0}, object{"name": "Cy"}, object{"name": "Di", "age": 3.0}}

// few makes a run's lists short.
func few(m *Machine) { m.Limits.Items = 3 }

var setRows = []row{
	{says: "keeps the first of items that are alike", op: "list/uniqueBy", in: fields("list", people, "path", "age"), want: gives{"unique list": list{people[0], people[1], people[2]}}},
	{says: "compares the items themselves without a path", op: "list/uniqueBy", in: fields("list", list{1.0, "1", 1.0, int64(1), object{"a": list{}}, object{"a": list{}}}), want: gives{"unique list": list{1.0, "1", object{"a": list{}}}}},
	{says: "refuses what is no list", op: "list/uniqueBy", in: fields("list", "abc"), fails: "list is no list."},
	{says: "refuses a list that is too long", op: "list/uniqueBy", in: fields("list", list{1.0, 2.0, 3.0, 4.0}), set: few, fails: "list has 4 items, more than 3.", kind: Limit},
	{says: "sorts numbers by size, and what has none last", op: "list/sortBy", in: fields("list", people, "path", "age"), want: gives{"sorted list": list{people[0], people[3], people[1], people[2]}}},
	{says: "sorts texts by their letters", op: "list/sortBy", in: fields("list", list{"b", "10", "9", "a"}), want: gives{"sorted list": list{"10", "9", "a", "b"}}},
	{says: "sorts an empty list", op: "list/sortBy", want: gives{"sorted list": list{}}},
	{says: "groups by what is at the path", op: "list/groupBy", in: fields("list", people, "path", "age"), want: gives{"groups": object{"3": list{people[0], people[3]}, "20": list{people[1]}, "": list{people[2]}}}},
	{says: "takes each item once", op: "list/union", in: fields("list1", list{1.0, 2.0, 1.0}, "list2", list{2.0, 3.0}), want: gives{"union": list{1.0, 2.0, 3.0}}},
	{says: "does not become longer than a list may be", op: "list/union", in: fields("list1", list{1.0, 2.0}, "list2", list{3.0, 4.0}), set: few, fails: "The union has 4 items, more than 3.", kind: Limit},
	{says: "takes what all have", op: "list/intersection", in: fields("list1", list{1.0, 2.0, 2.0, 3.0}, "list2", list{3.0, 2.0}, "list3", list{2.0}), want: gives{"intersection": list{2.0}}},
	{says: "is empty where one list is", op: "list/intersection", in: fields("list1", list{1.0}, "list2", nil), want: gives{"intersection": list{}}},
	{says: "takes what only the first has", op: "list/difference", in: fields("list1", list{1.0, 2.0, 3.0, 1.0}, "list2", list{3.0}, "list3", 2.0), want: gives{"list": list{1.0, 1.0}}},
	{says: "opens the lists in a list, one level", op: "list/flatten", in: fields("lists", list{list{1.0, list{2.0}}, 3.0, list{}}), want: gives{"list": list{1.0, list{2.0}, 3.0}}},
	{says: "does not become longer than a list may be", op: "list/flatten", in: fields("lists", list{list{1.0, 2.0}, list{3.0, 4.0}}), set: few, fails: "more than 3 items", kind: Limit},
	{says: "merges objects, the last wins", op: "list/collapse", in: fields("list", list{object{"a": 1.0, "b": 1.0}, object{"b": 2.0}}), want: gives{"output": object{"a": 1.0, "b": 2.0}}},
	{says: "names the item that is no object", op: "list/collapse", in: fields("list", list{object{}, 5.0}), fails: "Item 1 of the list is no object"},
	{says: "takes some, none twice", op: "list/sample", in: fields("list", numbers, "amount", 2.0), want: gives{"samples": list{2.0, 1.0}}},
	{says: "takes all where more are asked for", op: "list/sample", in: fields("list", list{7.0}, "amount", 9.0), want: gives{"samples": list{7.0}}},
	{says: "refuses an amount that cannot be", op: "list/sample", in: fields("list", numbers, "amount", -1.0), fails: "amount: -1 is not from 0 to 100000."},
}
