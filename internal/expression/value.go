package expression

func kindOf(v any) string             { return "null" }
func someKind(kinds ...string) string { return "" }
