package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/web/views"
)

// maxForm is the largest form that is read; a logo comes by its own route.
const maxForm = 1 << 20

// showSignIn handles GET /sign-in.
func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request) error {
	next := ownPath(r.URL.Query().Get("next"))
	if actor(r).SignedIn() {
		return redirect(w, r, next)
	}
	return s.render(w, r, views.SignIn(views.SignInPage{Page: s.page(r, "Sign in"), Next: next}))
}

// signIn handles POST /sign-in. If the form carries what an expired sign-in had interrupted, that is done now.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	kept := keptFrom(r.PostForm)
	user, err := s.Access.SignIn(r.Context(), r.PostForm.Get("email"), r.PostForm.Get("password"))
	if err != nil {
		shown := fault.Show(err)
		s.write(w, r, statuses[shown.Code], views.SignIn(views.SignInPage{
			Page: s.page(r, "Error: Sign in"), Next: ownPath(r.PostForm.Get("next")), Email: r.PostForm.Get("email"), Fault: shown, Kept: kept,
		}))
		return nil
	}
	if err := s.begin(r.Context(), user); err != nil {
		return err
	}
	if kept.Action != "" {
		return s.replay(w, r, kept)
	}
	return s.land(w, r, user, ownPath(r.PostForm.Get("next")))
}

// land leads whoever has just signed in to where they were going, or else to where their work begins. Where there is a
// tour, that begins with the tour.
func (s *Server) land(w http.ResponseWriter, r *http.Request, user access.User, next string) error {
	if next != "/" || s.Tour != nil {
		return redirect(w, r, next)
	}
	who, err := s.Access.ActorFor(r.Context(), user.ID)
	if err != nil {
		return err
	}
	return redirect(w, r, views.Page{Actor: who}.Own())
}

// begin makes the session the user's, under a new token, so that a planted one is worth nothing (H-54).
func (s *Server) begin(ctx context.Context, user access.User) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, access.SessionUser, user.ID)
	return nil
}

// askToSignIn answers a request without a sign-in. A page is shown again after signing in; a form that was
// sent is kept in the sign-in page, because nothing typed may be lost.
func (s *Server) askToSignIn(w http.ResponseWriter, r *http.Request, status int) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	page := views.SignInPage{Page: s.page(r, "Sign in again"), Next: "/"}
	if readForm(w, r) == nil {
		page.Kept = views.Kept{Action: r.URL.RequestURI(), Values: r.PostForm}
		page.Fault = fault.New(fault.Unauthenticated, "Your sign-in has expired. Sign in again: what you typed is kept and will be saved.")
	}
	s.write(w, r, status, views.SignIn(page))
}

// keptPrefix marks the hidden inputs that carry an interrupted form through the sign-in page.
const keptPrefix = views.KeptPrefix

func keptFrom(form url.Values) views.Kept {
	kept := views.Kept{Action: form.Get("kept_action"), Values: url.Values{}}
	if ownPath(kept.Action) != kept.Action {
		return views.Kept{}
	}
	for name, values := range form {
		if original, ok := strings.CutPrefix(name, keptPrefix); ok {
			kept.Values[original] = values
		}
	}
	return kept
}

// replay does what the expired sign-in had interrupted, as the person who has just signed in. The request came
// from our own page (cross-site posts are refused before), and the guard asks for the role again.
func (s *Server) replay(w http.ResponseWriter, r *http.Request, kept views.Kept) error {
	again := r.Clone(r.Context())
	target, err := url.Parse(kept.Action)
	if err != nil {
		return redirect(w, r, "/")
	}
	again.URL, again.RequestURI = target, kept.Action
	again.PostForm, again.Form = kept.Values, kept.Values
	s.mux.ServeHTTP(w, again)
	return nil
}

// signOut handles POST /sign-out.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	return redirect(w, r, "/")
}

// showJoin handles GET /join/{token}: the page of a one-time link. Looking does not use it up.
func (s *Server) showJoin(w http.ResponseWriter, r *http.Request) error {
	user, err := s.Access.Peek(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.render(w, r, views.Join(views.JoinPage{Page: s.page(r, "Set your password"), Token: r.PathValue("token"), User: user}))
}

// join handles POST /join/{token}: sets the password and signs in.
func (s *Server) join(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	token := r.PathValue("token")
	user, err := s.Access.Redeem(r.Context(), token, r.PostForm.Get("password"))
	if fault.CodeOf(err) == fault.Invalid {
		peeked, peekErr := s.Access.Peek(r.Context(), token)
		if peekErr != nil {
			return peekErr
		}
		s.write(w, r, http.StatusUnprocessableEntity, views.Join(views.JoinPage{
			Page: s.page(r, "Error: Set your password"), Token: token, User: peeked, Fault: fault.Show(err),
		}))
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.begin(r.Context(), user); err != nil {
		return err
	}
	s.flash(r, "Welcome. Your password is set.")
	return s.land(w, r, user, "/")
}

// readForm parses the posted form, at most maxForm bytes of it.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(err, fault.TooLarge, "This form is too large or broken. Shorten the longest field and try again.")
	}
	return nil
}

// ownPath returns the path if it is one of ours, else the first page: a sign-in must not lead to another site.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
