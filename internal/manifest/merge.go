package manifest

// Conflict is a field that two people have changed to different values.
type Conflict struct {
	Key    string `json:"field"`
	Label  string `json:"label"`
	Mine   string `json:"mine"`   // as a person reads it
	Theirs string `json:"theirs"` // what is saved
}

// Merge joins two changes of one content, field by field: mine was made on base while theirs was saved. Where only
// one of the two changed a field, that change stands. Where both did, and differently, the result keeps theirs and
// the field is among the conflicts, so that nothing typed is lost by either.
func Merge(base, mine, theirs Content) (Content, []Conflict) {
	merged := theirs
	var conflicts []Conflict
	for _, f := range fields {
		was, my, their := f.bytes(base), f.bytes(mine), f.bytes(theirs)
		switch {
		case my == was || my == their:
		case their == was:
			merged = merged.With(f.Key, mine.Get(f.Key))
		default:
			conflicts = append(conflicts, Conflict{f.Key, f.Label, f.Display(mine), f.Display(theirs)})
		}
	}
	return merged, conflicts
}

// bytes returns the field's value in a form that can be compared.
func (f Field) bytes(c Content) string {
	if value := f.shaped(c.Get(f.Key)); value != nil {
		return string(appendValue(nil, value))
	}
	return ""
}
