package acmehr

import "slices"

// Defect is one thing that such APIs do wrong.
type Defect string

const (
	CreateDropsLastName     Defect = "create-drops-last-name"
	CreateAcceptsDuplicates Defect = "create-accepts-duplicates"
	CreateAcceptsEmpty      Defect = "create-accepts-empty"
	CreateWithoutID         Defect = "create-without-id"
	DeactivateDoesNothing   Defect = "deactivate-does-nothing"
	DeactivateDeletes       Defect = "deactivate-deletes"
	DeactivateTwiceFails    Defect = "deactivate-twice-fails"
	ActivateDoesNothing     Defect = "activate-does-nothing"
	UpdateNotSaved          Defect = "update-not-saved"
	UpdateClearsOthers      Defect = "update-clears-others"
	EmptyValueIgnored       Defect = "empty-value-ignored"
	FindMatchesPrefix       Defect = "find-matches-prefix"
	FindIgnoresFilter       Defect = "find-ignores-filter"
	UnknownIDAsEmpty        Defect = "unknown-id-200-empty"
	ListSkipsOne            Defect = "list-skips-one"
	ListRepeatsCursor       Defect = "list-repeats-cursor"
	ListIgnoresLimit        Defect = "list-ignores-limit"
	TeamRenameLost          Defect = "team-rename-lost"
	TeamDeleteIgnored       Defect = "team-delete-ignored"
	TeamDeleteRemovesUsers  Defect = "team-delete-removes-users"
	TeamFindIgnoresFilter   Defect = "team-find-ignores-filter"
	MembersAddReplaces      Defect = "members-add-replaces"
	MemberRemoveIgnored     Defect = "member-remove-ignored"
	MembersListEmpty        Defect = "members-list-empty"
	PasswordEchoed          Defect = "password-echoed"
	TokenInError            Defect = "token-in-error"
	MeWithoutToken          Defect = "me-without-token"
	ErrorsAsHTML            Defect = "errors-as-html"
	ErrorsAs200             Defect = "errors-as-200"
	SchemaIncomplete        Defect = "schema-incomplete"
	LogoutIgnored           Defect = "logout-ignored"
	HooksSignedWrongly      Defect = "hooks-signed-wrongly"
	Slow                    Defect = "slow"
)

// catalogue is every defect with its sentence.
var catalogue = []struct {
	defect   Defect
	sentence string
}{
	{CreateDropsLastName, "A new user has no last name, whatever was sent."},
	{CreateAcceptsDuplicates, "Two users may have the same email."},
	{CreateAcceptsEmpty, "A user without email and name is created."},
	{CreateWithoutID, "The answer to a new user does not say which id they have."},
	{DeactivateDoesNothing, "Deactivation is answered with success, and the user stays active."},
	{DeactivateDeletes, "Deactivation deletes the user."},
	{DeactivateTwiceFails, "A user who is inactive already cannot be deactivated again."},
	{ActivateDoesNothing, "Activation is answered with success, and the user stays inactive."},
	{UpdateNotSaved, "A change is answered as if it were made, and is not."},
	{UpdateClearsOthers, "A change clears every optional attribute that it does not name."},
	{EmptyValueIgnored, "An empty value leaves the attribute as it is."},
	{FindMatchesPrefix, "A filter finds everything that begins with its value."},
	{FindIgnoresFilter, "The filter by email finds everybody."},
	{UnknownIDAsEmpty, "An unknown id is answered with 200 and an empty object."},
	{ListSkipsOne, "Every page but the last lacks its last item."},
	{ListRepeatsCursor, "From the second page on, next is the cursor that was just used."},
	{ListIgnoresLimit, "A page has up to 200 items, whatever limit says."},
	{TeamRenameLost, "A team's new name is answered, and not kept."},
	{TeamDeleteIgnored, "Deleting a team is answered with success, and the team stays."},
	{TeamDeleteRemovesUsers, "Deleting a team deletes its members too."},
	{TeamFindIgnoresFilter, "The filter by name finds every team."},
	{MembersAddReplaces, "A new member takes the place of all others."},
	{MemberRemoveIgnored, "Removing a member is answered with success, and the member stays."},
	{MembersListEmpty, "The list of a team's members is always empty."},
	{PasswordEchoed, "Answers show the password that was set."},
	{TokenInError, "The answer to a wrong token repeats it."},
	{MeWithoutToken, "GET /me answers without a token."},
	{ErrorsAsHTML, "Errors are web pages."},
	{ErrorsAs200, "Errors have the status 200."},
	{SchemaIncomplete, "The schema of users lacks most of their attributes."},
	{LogoutIgnored, "Ending sessions is answered with success for anybody, and ends none."},
	{HooksSignedWrongly, "Events are signed with another secret than that of their hook."},
	{Slow, "Every answer takes longer than anybody waits."},
}

// Defects lists every defect.
func Defects() []Defect {
	all := make([]Defect, len(catalogue))
	for i, row := range catalogue {
		all[i] = row.defect
	}
	return all
}

// Sentence says what goes wrong; "" for what is no defect.
func (d Defect) Sentence() string {
	for _, row := range catalogue {
		if row.defect == d {
			return row.sentence
		}
	}
	return ""
}

// spoiled is an answer after those defects that concern errors as such. That of the authorization server is not the API's.
func (s *Server) spoiled(x *exchange, a answer) answer {
	if a.status < 400 || x.URL.Path == BasePath+"/oauth/token" {
		return a
	}
	if s.has(ErrorsAsHTML) {
		a.body = "<!doctype html><title>Error</title><h1>Something went wrong</h1>"
	}
	if s.has(ErrorsAs200) && !slices.Contains([]int{401, 429}, a.status) {
		a.status = 200
	}
	return a
}
