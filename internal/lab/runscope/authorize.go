package runscope

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// certificateAuth is the type of authorization by a certificate of the client. It belongs to the connection.
const certificateAuth = "client_certificate"

// authorize adds the Authorization that the step's auth object asks for. A header that the suite writes itself stays.
// False means that there is none to add, and out says why.
func (r *run) authorize(ctx context.Context, d *draft, out *StepResult) bool {
	if (d.auth.Type == certificateAuth || r.environment.wantsCertificate()) && !r.options.Certificate {
		out.end(Blocked, "Nothing was sent: the suite wants to show a client certificate. Give it with --client-cert FILE and --client-key FILE.")
		return false
	}
	switch d.auth.Type {
	case "basic":
		r.redactor.learn(d.auth.Password)
		d.setDefault("Authorization", basic(d.auth.User, d.auth.Password))
	case "oauth2":
		token, ok := r.token(ctx, d.auth, out)
		if !ok {
			return false
		}
		d.setDefault("Authorization", "Bearer "+token)
	}
	return true
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// token fetches an access token with the client credentials grant (RFC 6749 §4.4), once for each client of a run.
func (r *run) token(ctx context.Context, a Auth, out *StepResult) (string, bool) {
	key := strings.Join([]string{a.TokenURL, a.ClientID, a.Scope, a.Audience}, "\n")
	if token, ok := r.tokens[key]; ok {
		return token, true
	}
	r.redactor.learn(a.Secret)
	r.redactor.learn(url.QueryEscape(a.Secret))
	d := draft{method: http.MethodPost, url: a.TokenURL, form: []Field{{"grant_type", "client_credentials"}}, headers: []Field{
		// RFC 6749 §2.3.1: the two parts are form-encoded before they are joined.
		{"Authorization", basic(url.QueryEscape(a.ClientID), url.QueryEscape(a.Secret))}, {"Accept", "application/json"},
	}}
	if a.Scope != "" {
		d.form = append(d.form, Field{"scope", a.Scope})
	}
	if a.Audience != "" {
		d.form = append(d.form, Field{"audience", a.Audience})
	}
	answer, ok := r.send(ctx, &d, out)
	if !ok {
		out.Message = "No access token was fetched. " + out.Message
		return "", false
	}
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(answer.body, &body); err != nil || answer.status != http.StatusOK || body.Token == "" {
		out.end(Failed, "The token endpoint answered %d without an access token.", answer.status)
		return "", false
	}
	r.redactor.learn(body.Token)
	r.tokens[key] = body.Token
	return body.Token, true
}
