package lab

import (
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/internal/scim"
)

func TestAValueThatComesBackChanged(t *testing.T) {
	sent := namesFrom(1).plainUser("Grace", "GraCe", "Lovelace")
	lower := strings.ToLower(sent.UserName())
	for _, tt := range []struct {
		name   string
		change func(stored scim.Resource)
		want   report.Outcome
	}{
		{"everything as sent", func(scim.Resource) {}, report.Pass},
		{"the address in its canonical form", func(r scim.Resource) { r["emails"] = mail(lower) }, report.Deviation},
		{"another address", func(r scim.Resource) { r["emails"] = mail("other@example.com") }, report.Fail},
		{"no address", func(r scim.Resource) { delete(r, "emails") }, report.Fail},
		{"the userName in lower case", func(r scim.Resource) { r["userName"] = lower }, report.Fail},
		{"the address and the userName in lower case", func(r scim.Resource) { r["emails"], r["userName"] = mail(lower), lower }, report.Fail},
		{"a given name in order", func(r scim.Resource) { r["name"] = map[string]any{"givenName": "Grace", "familyName": "Lovelace"} }, report.Fail},
	} {
		stored := sent.Clone()
		tt.change(stored)
		if f := dialects[SCIM20].sameValues(sent, stored); f.Outcome != tt.want {
			t.Errorf("%s: %s %s; want %s", tt.name, f.Outcome, f.Message, tt.want)
		}
	}
}

func mail(address string) []any { return []any{map[string]any{"value": address, "type": "work"}} }
