package peers

import (
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

// Elimity starts an empty elimity-com/scim in this process. The library routes, validates, and evaluates filters;
// storing resources and applying PATCH operations is left to its host (shelf.go, patch.go). It panics on some
// filters (emails eq): net/http then closes the connection, which is for the client to cope with, and would print the
// stack into the tests' output, where it reads like a failure of ours.
func Elimity(t testing.TB) Peer {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	baseURL := "http://" + server.Listener.Addr().String() + "/scim/v2"
	protocol, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{
			MaxResults:       1000,
			SupportFiltering: true,
			SupportPatch:     true,
			AuthenticationSchemes: []scim.AuthenticationScheme{{
				Type:        scim.AuthenticationTypeOauthBearerToken,
				Name:        "Bearer token",
				Description: "A token in the Authorization header",
				Primary:     true,
			}},
		},
		ResourceTypes: []scim.ResourceType{userType(), groupType()},
	}, scim.WithBaseURL(baseURL))
	if err != nil {
		t.Fatalf("start elimity-com/scim: %v", err)
	}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Config.Handler = withToken(http.StripPrefix("/scim", protocol))
	server.Start()
	t.Cleanup(server.Close)
	return Peer{BaseURL: baseURL, Token: token}
}

func userType() scim.ResourceType {
	enterprise := schema.ExtensionEnterpriseUser()
	return scim.ResourceType{
		ID:               optional.NewString("User"),
		Name:             "User",
		Endpoint:         "/Users",
		Schema:           schema.CoreUserSchema(),
		SchemaExtensions: []scim.SchemaExtension{{Schema: enterprise}},
		Handler:          newShelf("user", "userName", schema.CoreUserSchema(), enterprise),
	}
}

func groupType() scim.ResourceType {
	return scim.ResourceType{
		ID:       optional.NewString("Group"),
		Name:     "Group",
		Endpoint: "/Groups",
		Schema:   schema.CoreGroupSchema(),
		Handler:  newShelf("group", "", schema.CoreGroupSchema()),
	}
}

// withToken answers 401 to whoever does not bring the token, as RFC 7644 §2 asks; the library has no notion of it.
func withToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(credentials), []byte(token)) == 1 {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/scim+json")
		w.Header().Set("WWW-Authenticate", `Bearer realm="scim"`)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],` +
			`"status":"401","detail":"The token is missing or not valid."}`))
	})
}
