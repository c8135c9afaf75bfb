package manifest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	was := acme()
	before := string(was.Encode())
	is := was.With("scim.auth.mode", "basic").With("name", nil).With("supportContacts", nil)
	is.Rows("scim.variables")[0]["label"] = "changed"
	is.List("useCases")[0] = "changed"
	if got := string(was.Encode()); got != before {
		t.Errorf("the original changed:\n%s\n%s", before, got)
	}
	if is.Text("scim.auth.mode") != "basic" || is.Text("name") != "" || is.Text("scim.version") != "2.0" {
		t.Errorf("the copy: %s", is.Encode())
	}
}

func TestAnEmptyValueIsAbsent(t *testing.T) {
	c := Content{}.With("name", "").With("scim.auth.mode", "bearer").With("scim.auth.mode", "").With("useCases", []string{})
	if len(c) != 0 {
		t.Errorf("left over: %s", c.Encode())
	}
}

func TestAccessorsForgiveOtherShapes(t *testing.T) {
	var c Content
	if err := json.Unmarshal([]byte(`{"name":["a"],"useCases":"b","scim":"c","supportContacts":[{"type":"email","value":7}],"existing":true}`), &c); err != nil {
		t.Fatal(err)
	}
	if c.Text("name") != "" || c.List("useCases") != nil || c.Text("scim.auth.mode") != "" || c.Text("existing") != "" {
		t.Errorf("a value of another shape is not read: %v", c)
	}
	if rows := c.Rows("supportContacts"); len(rows) != 1 || rows[0]["type"] != "email" {
		t.Errorf("rows as encoding/json reads them: %v", rows)
	}
	if n := len(Validate(c, Env{})); n == 0 {
		t.Error("a content of other shapes is valid")
	}
}

func TestEncodeKeepsWhatWasTyped(t *testing.T) {
	c := acme().With("scim.groupPatchMax", "abc").With("existing", No).With("existingName", "typed before the answer changed").
		With("useCases", []string{"zero_trust", ""}).With("supportContacts", []map[string]string{{"type": "email"}, {}})
	got, err := Decode(c.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Errorf("after a round trip (-typed +read):\n%s", diff)
	}
}

func TestDecodeLeavesOutWhatIsNotDeclared(t *testing.T) {
	got, err := Decode([]byte(`{"name":"Acme","status":"published","testAccount":{"password":"hunter22"},"useCases":"no list",
		"supportContacts":[{"type":"email","note":"x"}],"scim":{"enabled":"yes","verified":"yes"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Content{}.With("name", "Acme").With("supportContacts", []map[string]string{{"type": "email"}}).With("scim.enabled", Yes)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := Decode([]byte(`[]`)); err == nil {
		t.Error("a list was decoded as a content")
	}
}

// Covers R-036: what a changed answer hides is kept in the draft and is not part of what is submitted.
func TestSubmittedHoldsWhatTheFormShows(t *testing.T) {
	c := acme().With("existingName", "Old").With("changeSummary", "typed before").With("scim.baseUrl", "https://left.example").
		With("scim.auth.tokenUrl", "https://left.example").With("supportContacts", []map[string]string{{}, {"type": "email", "value": "faq@acme.example", "note": "x"}}).
		With("useCases", []string{"", LifecycleManagement}).With("scim.specEvidence", "https://results.example").With("status", "published")
	got := c.Submitted()
	for _, key := range []string{"existingName", "changeSummary", "scim.baseUrl", "scim.auth.tokenUrl", "scim.specEvidence", "status"} {
		if got.Get(key) != nil {
			t.Errorf("%s is submitted: %v", key, got.Get(key))
		}
	}
	if diff := cmp.Diff([]map[string]string{{"type": "email", "value": "faq@acme.example"}}, got.Rows("supportContacts")); diff != "" {
		t.Errorf("contacts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{LifecycleManagement}, got.List("useCases")); diff != "" {
		t.Errorf("use cases (-want +got):\n%s", diff)
	}
}

//
func TestAnEmptyFieldWithADefaultIsSubmittedWithIt(t *testing.T) {
	got := acme().With("scim.groupPatchMax", nil).Submitted()
	if got.Text("scim.groupPatchMax") != "100" || got.Text("connector.enabled") != No {
		t.Errorf("submitted: %s", got.Encode())
	}
}

func TestOverlayTakesWhatThePartNames(t *testing.T) {
	part := Content{"name": "", "scim": map[string]any{"version": "1.1"}, "supportContacts": []map[string]string(nil), "status": "published"}
	got := acme().Overlay(part)
	want := acme().With("name", nil).With("scim.version", "1.1").With("supportContacts", nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSwitchingSCIMOnChoosesItsUseCase(t *testing.T) {
	on := Content{}.With("scim.enabled", Yes)
	full := []string{"automation", "zero_trust", "directory_hr_sync", "identity_governance", "risk_signal_sharing"}
	for _, tt := range []struct {
		name string
		was  Content
		part Content
		want []string
	}{
		{"it is chosen when the switch goes on", Content{}, on, []string{LifecycleManagement}},
		{"it joins what is chosen", Content{}.With("useCases", []string{"zero_trust"}), on, []string{"zero_trust", LifecycleManagement}},
		{"it is not chosen twice", Content{}.With("useCases", []string{LifecycleManagement}), on, []string{LifecycleManagement}},
		{"it takes nobody's place", Content{}.With("useCases", full), on, full},
		{"who takes it out again is obeyed", on.With("useCases", []string{LifecycleManagement}), Content{"useCases": []string{"zero_trust"}}, []string{"zero_trust"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.was.Overlay(tt.part).List("useCases"); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
