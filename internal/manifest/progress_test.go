package manifest

import (
	"testing"

	"pgregory.net/rapid"
)

func percent(c Content, env Env) map[Tab]int {
	shown := map[Tab]int{}
	for _, s := range Progress(c, env) {
		shown[s.Tab] = s.Percent
	}
	return shown
}

//
func TestASectionCountsOnlyWhileItIsOn(t *testing.T) {
	empty := percent(Content{}, Env{})
	if len(empty) != 1 || empty[TabGeneral] != 0 {
		t.Errorf("an empty draft shows %v", empty)
	}
	both := percent(acme(), stored())
	if len(both) != 2 || both[TabGeneral] != 100 || both[TabSCIM] != 100 {
		t.Errorf("a complete draft shows %v", both)
	}
	general := acme().With("scim.enabled", No)
	if got := percent(general, stored()); len(got) != 1 || got[TabGeneral] != 100 {
		t.Errorf("with SCIM off: %v", got)
	}
	if Complete(general, stored()) {
		t.Error("100 % without any protocol is complete")
	}
}

//
func TestProgressGrowsFieldByField(t *testing.T) {
	env := stored()
	env.Stored["testAccount.password"] = false
	steps := []struct {
		key   string
		value any
	}{
		{"existing", Yes}, {"existingName", "Acme"}, {"changeSummary", "A new guide."}, {"name", "Acme"}, {"website", "https://acme.example"},
		{"useCases", []string{"zero_trust"}}, {"description", "Acme creates users."}, {"logo", acme().Text("logo")},
		{"supportContacts", acme().Rows("supportContacts")}, {"escalationContact", "oncall@acme.example"},
		{"testAccount.url", "https://acme.example"}, {"testAccount.username", "reviewer"},
	}
	c, before := Content{}, Progress(Content{}, env)[0]
	for i, step := range steps {
		c = c.With(step.key, step.value)
		now := Progress(c, env)[0]
		if now.Done != i+1 || i > 0 && now.Percent <= before.Percent {
			t.Errorf("after %s: %+v, before %+v", step.key, now, before)
		}
		before = now
	}
	if before.Percent == 100 || before.Total-before.Done != 1 {
		t.Errorf("without a password: %+v", before)
	}
	env.Stored["testAccount.password"] = true
	if got := Progress(c, env)[0]; got.Percent != 100 {
		t.Errorf("with everything: %+v", got)
	}
	if got := Progress(c.With("existing", No), env)[0]; got.Total != before.Total-2 {
		t.Errorf("the two questions are gone: %+v", got)
	}
}

func TestAnInvalidOptionalFieldKeepsTheSectionBelow100(t *testing.T) {
	c := acme().With("scim.demoUrl", "see mail")
	if got := percent(c, stored())[TabSCIM]; got >= 100 {
		t.Errorf("%d %%", got)
	}
	if Complete(c, stored()) {
		t.Error("complete with an invalid field")
	}
}

//
func TestAHundredPercentMeansThatNothingBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := typed(t)
		blocking := map[Tab]bool{}
		for _, p := range Validate(c, stored()) {
			if f, ok := Find(p.Key); !ok {
				t.Fatalf("a problem at no field: %+v", p)
			} else if p.Severity == SeverityError {
				blocking[f.Tab] = true
			}
		}
		complete := TabSCIM.On(c)
		for _, s := range Progress(c, stored()) {
			if s.Done > s.Total || s.Total == 0 || s.Percent != 100*s.Done/s.Total || (s.Percent == 100) == blocking[s.Tab] {
				t.Fatalf("%+v, blocking: %v", s, blocking[s.Tab])
			}
			complete = complete && s.Percent == 100
		}
		if Complete(c, stored()) != (complete && !blocking[TabConnector]) {
			t.Fatalf("complete: %v", Complete(c, stored()))
		}
	})
}
