package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestShowHidesTheCause(t *testing.T) {
	cause := errors.New("pq: password authentication failed for user slipway")
	for _, tt := range []struct {
		name string
		err  error
		code Code
	}{
		{"a plain error is our breakdown", cause, Internal},
		{"a fault keeps its code through wrapping", fmt.Errorf("load draft: %w", Wrap(cause, Conflict, "It changed.")), Conflict},
		{"no error has no code", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := CodeOf(tt.err); got != tt.code {
				t.Errorf("CodeOf = %q, want %q", got, tt.code)
			}
			if tt.err != nil && strings.Contains(Show(tt.err).Message, "password") {
				t.Errorf("the cause reached the sentence: %s", Show(tt.err).Message)
			}
		})
	}
}

func TestIsComparesCodes(t *testing.T) {
	err := fmt.Errorf("get: %w", New(NotFound, "No such draft."))
	if !errors.Is(err, New(NotFound, "")) || errors.Is(err, New(Conflict, "")) {
		t.Errorf("Is compares codes: %v", err)
	}
}

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	base := New(Invalid, "There is a problem.")
	_ = base.With(Field{Key: "name", Message: "Enter a name."})
	if len(base.Fields) != 0 {
		t.Errorf("With changed its receiver: %v", base.Fields)
	}
}
