package provision

import (
	"time"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// Authorizer returns how requests to a target are authorised, and every text that must not be recorded.
// A missing value is fault.Invalid; OAuth is fault.Unavailable until it comes.
func Authorizer(s manifest.SCIM, values manifest.Connection) (scim.Authorizer, []secret.Text, error) {
	token, user, password := values[manifest.ConnectionToken], values[manifest.ConnectionUsername], values[manifest.ConnectionPassword]
	var auth scim.Authorizer
	switch s.AuthMode {
	case manifest.AuthBearer, manifest.AuthHeader:
		if token.IsZero() {
			return nil, nil, errNoCredentials
		}
		auth = scim.Token(s.HeaderName, s.HeaderFormat, token)
	case manifest.AuthBasic:
		if user.IsZero() || password.IsZero() {
			return nil, nil, errNoCredentials
		}
		auth = scim.Basic(user.Reveal(), password)
	default:
		return nil, nil, fault.New(fault.Unavailable, "Signing in by OAuth 2.0 comes with a later version. Ask the vendor for a token or a user name.")
	}
	return auth, append(auth.Secrets(), token, password), nil
}

var errNoCredentials = fault.New(fault.Invalid, "The credentials are missing. Enter them, then test the connection.")

// Dialer opens connections to targets under one policy.
type Dialer struct {
	Policy  egress.Policy
	Timeout time.Duration // of an exchange; egress's default unless set
	Now     func() time.Time
}

// open returns a connection of its own: what it exchanges goes to record and nowhere else.
func (d Dialer) open(s settings, values manifest.Connection, record func(egress.Exchange)) (target.Target, func(), error) {
	base, err := s.BaseURL(values.Variables())
	if err != nil {
		return nil, nil, err
	}
	auth, secrets, err := Authorizer(s.SCIM, values)
	if err != nil {
		return nil, nil, err
	}
	// No retry here: each try is the ledger's to count, to show and to put off.
	wire := egress.New(d.Policy, egress.Options{Timeout: d.Timeout, Redact: secrets, Record: record})
	client, err := scim.NewClient(base, wire, auth)
	if err != nil {
		return nil, nil, err
	}
	return target.NewSCIM(client, s.dialect, d.Now), wire.CloseIdle, nil
}

// testSentence says what a test connection has shown, for people.
func testSentence(err error) string {
	f := target.FailureOf(err)
	switch {
	case f.Kind == target.Denied && f.Status != 0:
		return "The app refused the credentials (" + f.Error() + "). Enter them again."
	case f.Status == 404:
		return "There is no SCIM service at this address (404). Check the values that make up the address."
	case f.Kind == target.Suspicious:
		return "The address answers, but not with a list of users (" + f.Error() + "). Check the values that make up the address."
	case f.Status != 0:
		return "The app answered with an error: " + f.Error() + "."
	}
	return f.Detail
}
