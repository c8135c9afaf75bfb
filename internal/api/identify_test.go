package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/api"
)

// Covers H-56: a token works as it was printed, in one header, and in no other way.
func TestWrongTokens(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	vendor.must("GET", "/v1/me", nil, nil)
	good := vendor.token
	other := strings.ToLower(good)
	for name, header := range map[string]string{
		"cut short":          "Bearer " + good[:len(good)-1],
		"made longer":        "Bearer " + good + "A",
		"in other letters":   "Bearer " + other,
		"with two blanks":    "Bearer  " + good,
		"nothing":            "Bearer ",
		"only the word":      "Bearer",
		"without the word":   good,
		"as Basic":           "Basic " + good,
		"with a second word": "Bearer " + good + " " + good,
	} {
		visitor := vendor.visitor()
		got := visitor.do("GET", "/v1/me", nil, "Authorization", header)
		if p := got.problem(t); got.Status != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != `Bearer realm="Slipway", error="invalid_token"` || strings.Contains(p.Detail, good) {
			t.Errorf("%s: %d %q", name, got.Status, got.Header.Get("WWW-Authenticate"))
		}
		if got := visitor.do("GET", "/v1/catalog", nil, "Authorization", header); got.Status != http.StatusUnauthorized {
			t.Errorf("%s, where everybody may ask: %d, want to be told", name, got.Status)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, vendor.url+"/v1/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["Authorization"] = []string{"Bearer " + good, "Bearer " + good}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("two headers: %d, %v", res.StatusCode, err)
	}
	for _, path := range []string{"/v1/me?token=", "/v1/me?access_token=", "/v1/submissions?token="} {
		if got := vendor.visitor().do("GET", path+good, nil); got.Status != http.StatusUnauthorized {
			t.Errorf("in the address: %d", got.Status)
		}
	}
	if got := vendor.visitor().do("GET", "/v1/me", nil, "Cookie", "__Host-slipway="+good); got.Status != http.StatusUnauthorized {
		t.Errorf("as a cookie: %d", got.Status)
	}
}

// Covers H-28: a token ends with the next request after it expired, was revoked, or its user lost the role.
func TestTokenEnds(t *testing.T) {
	s := newSite(t)
	vendor := s.as("acme", access.Vendor)
	var tokens api.TokenList
	vendor.must("GET", "/v1/tokens", nil, &tokens)
	if len(tokens.Tokens) != 1 || tokens.Tokens[0].UsedAt.IsZero() || strings.Contains(vendor.do("GET", "/v1/tokens", nil).Body, vendor.token[4:]) {
		t.Fatalf("tokens: %+v", tokens)
	}
	mate := s.as("acme", access.CustomerAdmin)
	if got := mate.do("DELETE", "/v1/tokens/"+tokens.Tokens[0].ID, nil); got.Status != http.StatusNotFound {
		t.Errorf("somebody else revokes it: %d", got.Status)
	}
	user, err := s.store.UserByID(t.Context(), vendor.actor.PersonID)
	if err != nil {
		t.Fatal(err)
	}
	user.Roles = []access.Role{access.EndUser}
	if err := s.store.SaveUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if got := vendor.do("GET", "/v1/submissions", nil); got.Status != http.StatusForbidden {
		t.Errorf("the role was taken away: %d", got.Status)
	}
	vendor.must("DELETE", "/v1/tokens/"+tokens.Tokens[0].ID, nil, nil)
	if got := vendor.do("GET", "/v1/me", nil); got.Status != http.StatusUnauthorized {
		t.Errorf("revoked: %d", got.Status)
	}
	late := s.as("late", access.Vendor)
	late.must("GET", "/v1/me", nil, nil)
	s.people.Clock = func() time.Time { return time.Now().Add(time.Hour) }
	if got := late.do("GET", "/v1/me", nil); got.Status != http.StatusUnauthorized {
		t.Errorf("expired: %d", got.Status)
	}
}

// Covers H-49 where programs are concerned: a token has 50 requests at once and 25 a second, and no more for asking.
func TestTooManyRequests(t *testing.T) {
	s := newSite(t)
	vendor, mate, visitor := s.as("acme", access.Vendor), s.as("acme", access.CustomerAdmin), s.visitor()
	s.frozen.Store(true)
	for range 50 {
		vendor.must("GET", "/v1/me", nil, nil)
	}
	for range 3 {
		got := vendor.do("GET", "/v1/me", nil)
		if p := got.problem(t); got.Status != http.StatusTooManyRequests || p.Code != "too_many" || got.Header.Get("Retry-After") != "1" {
			t.Fatalf("the 51st request: %d, Retry-After %q", got.Status, got.Header.Get("Retry-After"))
		}
	}
	mate.must("GET", "/v1/me", nil, nil)
	for range 50 {
		if got := visitor.do("GET", "/v1/me", nil, "Authorization", "Bearer slw_guess"); got.Status != http.StatusUnauthorized {
			t.Fatalf("a guess: %d", got.Status)
		}
	}
	if got := visitor.do("GET", "/v1/me", nil, "Authorization", "Bearer slw_guess"); got.Status != http.StatusTooManyRequests {
		t.Errorf("the 51st guess: %d", got.Status)
	}
	if got := visitor.do("GET", "/v1/catalog", nil); got.Status != http.StatusTooManyRequests {
		t.Errorf("a visitor at the guesser's address: %d", got.Status)
	}
	s.seconds.Add(1)
	for i := range 25 {
		if got := vendor.do("GET", "/v1/me", nil); got.Status != http.StatusOK {
			t.Fatalf("a second later, request %d: %d", i+1, got.Status)
		}
	}
}
