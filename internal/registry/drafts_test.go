package registry

import (
	"errors"
	"testing"

	"slipway/internal/fault"
)

//
func TestLimitAndDeletion(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	var last Submission
	for range 10 {
		last = start(t, s)
	}
	_, err := s.StartSubmission(ctx, ann)
	wantCode(t, "an eleventh", err, fault.TooMany)
	if open, limit, err := s.Room(ctx, ann); open != 10 || limit != 10 || err != nil {
		t.Errorf("room: %d of %d, %v", open, limit, err)
	}
	if _, err := s.StartSubmission(ctx, eve); err != nil {
		t.Errorf("another org's limit is its own: %v", err)
	}
	wantCode(t, "unconfirmed", s.DeleteDraft(ctx, ann, last.ID, last.Version, false), fault.Conflict)
	if err := s.DeleteDraft(ctx, ann, last.ID, last.Version, true); err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(ctx, ann, last.ID)
	wantCode(t, "a deleted draft", err, fault.NotFound)
	if len(m.mails) != 0 {
		t.Errorf("a deletion sent %v", kinds(m.mails))
	}
	start(t, s)
}

// Covers R-044: a file that is refused leaves the earlier logo in place.
func TestRefusedLogoKeepsTheEarlierOne(t *testing.T) {
	s, _ := inMemory()
	sub := start(t, s)
	sub = must(s.UploadLogo(t.Context(), ann, sub.ID, logo(t)))(t)
	for name, data := range map[string][]byte{"an SVG": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "a PDF": []byte("%PDF-1.7"), "nothing": nil, "a megabyte": make([]byte, 1_000_000)} {
		_, err := s.UploadLogo(t.Context(), ann, sub.ID, data)
		wantCode(t, name, err, fault.Invalid)
	}
	d := must(s.Get(t.Context(), ann, sub.ID))(t)
	if got := must(s.Logo(t.Context(), rita, sub.ID))(t); d.Submission.LogoHash() != sub.LogoHash() || len(got.Served) == 0 {
		t.Error("the earlier logo is gone")
	}
	if _, err := s.Logo(t.Context(), eve, sub.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another org's logo: %v", err)
	}
	after := must(s.RemoveLogo(t.Context(), ann, sub.ID))(t)
	if after.LogoHash() != "" {
		t.Error("the logo was not removed")
	}
}

// A verb that meets somebody faster looks again; it gives up only if that never ends.
func TestLostRacesAreTriedAgain(t *testing.T) {
	s, m := inMemory()
	sub := toReview(t, s)
	m.fail = tries - 1
	if _, err := s.Claim(t.Context(), rita, sub.ID); err != nil {
		t.Errorf("after %d lost races: %v", tries-1, err)
	}
	m.fail = tries
	_, err := s.Claim(t.Context(), rita, sub.ID)
	wantCode(t, "a race that never ends", err, fault.Conflict)
	if errors.Is(err, fault.New(fault.Internal, "")) {
		t.Errorf("%v", err)
	}
}

// Covers R-115: of two who start an update at the same moment, the second one opens the first one's.
func TestUpdateThatSomebodyElseHasJustStarted(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	sub := toReview(t, s)
	sub = must(s.PassInitial(ctx, rita, sub.ID, sub.Version, allChecked()))(t)
	sub = must(s.PassQA(ctx, quinn, sub.ID, sub.Version))(t)
	var first Submission
	m.meddle = func() { first = must(s.StartUpdate(ctx, bob, sub.IntegrationID))(t) }
	second := must(s.StartUpdate(ctx, ann, sub.IntegrationID))(t)
	if second.ID != first.ID || first.ID == "" {
		t.Errorf("opened %q beside %q", second.ID, first.ID)
	}
}
