package runscope

import "strings"

// Published are the suites that Okta has published for SCIM integrations, by hash: none of them is part of this
// project. Where only the file's hash is known, a copy that was exported anew is known by its name
// alone.
var Published = []Known{
	{"Okta SCIM 2.0 SPEC Test", "a118fed67320a226", "4e75a5591855b3c45c324e48207cab36da1cd35da8b473310e916565adc62f80"},
	{"Okta SCIM 2.0 SPEC Test", "f82e817ee3612a55", ""}, // of 2017
	{"Okta SCIM 2.0 CRUD Test", "d0fd19dab4fc0d4c", "ad716e03f287465afd9723bf9e86cfdb617eb8386a52ec05c773a421a3acc559"},
	{"Okta SCIM 2.0 with entitlements CRUD test", "218457f7637677ec", ""},
	{"Okta SCIM 2.0 Entitlements Test", "29ca0b65c7575e35", ""},
	{"Okta SCIM 1.1 SPEC Test", "c067be0ac2e692c1", ""},
	{"Okta SCIM 1.1 CRUD Test", "e08730bb075ef5a7", ""},
}

// CustomaryVars are the names under which published suites expect a SCIM server's base URL and the complete value
// of its Authorization header; "" leaves the latter out. Values that somebody gives outright belong over them.
func CustomaryVars(baseURL, authorization string) map[string]string {
	baseURL = strings.TrimRight(baseURL, "/") // suites go on with /Users
	out := map[string]string{"SCIMBaseURL": baseURL, "SCIMUrl": baseURL}
	if authorization != "" {
		out["auth"], out["SCIMAuth"] = authorization, authorization
	}
	return out
}
