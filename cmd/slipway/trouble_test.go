package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/browser"
	"slipway/internal/require"
)

// A form in trouble: bad input, a wrong file, an expired sign-in, and a second person. Nothing typed is lost.
//
func TestFormInTrouble(t *testing.T) {
	t.Parallel() // a browser, or somebody else, is waited for most of the time
	require.Slow(t)
	s := newSite(t)
	chromium := browser.Start(t)
	open := func(email string) *browser.Tab {
		s.actor(t, "acme", email, access.Vendor)
		tab := chromium.Open(s.url)
		tab.Join("/join/"+s.link(t, email), testPassword)
		tab.See("Your password is set")
		return tab
	}
	v := open("vera@example.com")
	v.Go("/submissions")
	v.Click("Add new submission")
	draft := strings.Split(v.Path(), "?")[0]

	v.See("General settings 0%")
	v.Fill("App name", "Acme Rota")
	v.Gone("General settings 0%") // without a reload
	v.Go("/submissions")          // left without pressing Save
	v.Go(draft)
	if got := v.Value("App name"); got != "Acme Rota" {
		t.Errorf("a form that was left without saving has the name %q", got)
	}
	v.Fill("App website", "not an address")
	v.Click("Save and continue")
	v.See("There is a problem")
	if got := v.Value("App website"); got != "not an address" {
		t.Errorf("the form kept %q of what was typed", got)
	}
	v.Shot("form-problem")

	svg := filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(svg, []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	v.Upload("Choose a file", svg)
	v.See("The icon was not taken over")

	v.Go(draft)
	v.ForgetCookies()
	v.Fill("App description", "Typed after the sign-in had expired.")
	v.See("Your sign-in has expired")
	v.Click("Save and continue")
	v.See("what you typed is kept")
	v.Shot("sign-in-again")
	v.Fill("E-mail address", "vera@example.com")
	v.Fill("Password", testPassword)
	v.Near("Password").Click("Sign in")
	v.See("There is a problem") // the interrupted form was saved, its bad address included
	v.Go(draft)
	if got := v.Value("App description"); got != "Typed after the sign-in had expired." {
		t.Errorf("after signing in again the form has %q", got)
	}

	second := open("vito@example.com")
	second.Go(draft)
	v.Fill("App name", "Vera's name")
	v.See("Saved")
	second.Fill("App name", "Vito's name")
	second.See("Somebody else changed the same field")
	second.See("Vera's name")
	second.Shot("form-conflict")
	second.Near("Somebody else changed").Click("Use mine Vito's name")
	second.Click("Save my choice")
	second.Gone("Somebody else changed the same field")
	second.Go("/submissions")
	second.Shot("submissions")
	second.Click("Delete Vito's name, Version 1")
	second.See("It cannot be brought back")
	second.Shot("delete-confirm")
	second.Click("Cancel")
	if got := second.Value("App name"); got != "Vito's name" {
		t.Errorf("after the choice the name is %q", got)
	}
}

// A slow save is answered after something else was chosen: the answer draws new fields, and must not take that back; nor
// is one's own earlier save taken for somebody else's. It runs alone, for it counts in tenths of a second.
//
func TestFormOnASlowLine(t *testing.T) {
	require.Slow(t)
	s := newIdleSite(t)
	var slow atomic.Int32
	line := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("auto") {
			slow.Add(1)
			<-time.After(600 * time.Millisecond)
		}
		s.pages.ServeHTTP(w, r)
	}))
	t.Cleanup(line.Close)
	s.actor(t, "acme", "vera@example.com", access.Vendor)
	v := browser.Start(t).Open(line.URL)
	v.Join("/join/"+s.link(t, "vera@example.com"), testPassword)
	v.See("Your password is set")
	v.Go("/submissions")
	v.Click("Add new submission")
	before := slow.Load()
	v.Hurry(`document.querySelector('[name="existing"][value="yes"]').click();
		setTimeout(() => {
			const select = document.querySelector('[name="useCases.0"]');
			select.selectedIndex = 4;
			select.dispatchEvent(new Event("change", { bubbles: true }));
			const text = document.querySelector('[name="website"]');
			text.value = "https://rota.example.com";
			text.dispatchEvent(new Event("input", { bubbles: true }));
			document.querySelector('[name="name"]').focus();
		}, 400)`)
	v.See("Existing app name")
	v.See("Saved")
	if got := v.Value("App website"); got != "https://rota.example.com" {
		t.Errorf("the answer of an earlier save took back what was typed after it: %q", got)
	}
	if got := v.Value("Use cases 1"); got != "Lifecycle Management" {
		t.Errorf("the answer of an earlier save took back what was chosen after it: %q", got)
	}
	// Save is pressed while a save is under way that knows of an earlier choice.
	v.Hurry(`const select = document.querySelector('[name="useCases.0"]'), choose = (index) => {
			select.selectedIndex = index;
			select.dispatchEvent(new Event("change", { bubbles: true }));
		};
		choose(1);
		setTimeout(() => { choose(2); document.querySelector("#draft .btn-primary").click(); }, 400)`)
	v.See("Turns this section on")
	v.Click("General settings")
	if got := v.Value("Use cases 1"); got != "Centralized Logging" || slow.Load()-before < 3 {
		t.Errorf("after a reload it is %q, with %d slow saves", got, slow.Load()-before)
	}
}
