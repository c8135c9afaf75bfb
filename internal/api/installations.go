package api

import (
	"context"
	"time"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/provision"
)

// Installation is a listing in one org.
type Installation struct {
	ID            string          `json:"id"`
	Label         string          `json:"label" doc:"How the org's people call it."`
	IntegrationID string          `json:"integration_id"`
	SubmissionID  string          `json:"submission_id" doc:"The version that it was made from."`
	Stage         provision.Stage `json:"stage" enum:"testing,active,paused"`
	Reason        string          `json:"reason,omitempty" doc:"Why it is paused."`
	Tested        bool            `json:"tested" doc:"The stored connection was tried, and works."`
	TestError     string          `json:"test_error,omitempty"`
	LeavingSince  time.Time       `json:"leaving_since,omitzero" doc:"It is being uninstalled since."`
	GoneSince     time.Time       `json:"gone_since,omitzero" doc:"It is uninstalled since: only its ledger is left."`
	CreatedAt     time.Time       `json:"created_at"`
	UpdatedAt     time.Time       `json:"updated_at"`
}

// InstallationList is a list of installations.
type InstallationList struct {
	Installations []Installation `json:"installations"`
}

func installationOf(i provision.Installation) Installation {
	return Installation{
		ID: i.ID, Label: i.Label, IntegrationID: i.IntegrationID, SubmissionID: i.SubmissionID, Stage: i.Stage, Reason: i.Reason,
		Tested: i.Tested(), TestError: i.TestError, LeavingSince: i.Leaving, GoneSince: i.Gone, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt,
	}
}

func (s *Server) listInstallations(ctx context.Context, who access.Actor, _ *struct{}) (*plain[InstallationList], error) {
	all, err := s.Provision.Installations(ctx, who)
	return &plain[InstallationList]{InstallationList{each(all, installationOf)}}, err
}

// OnInstallation is the path of what belongs to an installation.
type OnInstallation struct {
	ID string `path:"id" doc:"The installation's id."`
}

func (s *Server) getInstallation(ctx context.Context, who access.Actor, in *OnInstallation) (*plain[Installation], error) {
	i, err := s.Provision.Installation(ctx, who, in.ID)
	return &plain[Installation]{installationOf(i)}, err
}

type uninstallRequest struct {
	OnInstallation
	Accounts provision.Farewell `query:"accounts" enum:"deactivate,leave" default:"deactivate" doc:"What becomes of the accounts that we created or adopted."`
}

// uninstall answers with the installation as it then stands: gone, or on its way out until the accounts are deactivated.
func (s *Server) uninstall(ctx context.Context, who access.Actor, in *uninstallRequest) (*plain[Installation], error) {
	i, err := s.Provision.Uninstall(ctx, who, in.ID, in.Accounts)
	return &plain[Installation]{installationOf(i)}, err
}

// Person is somebody in the org's directory.
type Person struct {
	ID       string `json:"id"`
	UserName string `json:"user_name"`
	Name     string `json:"name"`
	Active   bool   `json:"active"`
}

// PersonList is a page of people.
type PersonList struct {
	People []Person `json:"people"`
	Next   string   `json:"next,omitempty" doc:"Send it as after for the next page; missing on the last one."`
}

func personOf(p directory.Person) Person { return Person{p.ID, p.UserName, p.Name(), p.Active} }

// Paged asks for a page of people.
type Paged struct {
	After string `query:"after" doc:"The next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type listPeopleRequest struct {
	Paged
	Search string `query:"search" doc:"The beginning of a name or an address."`
}

func (s *Server) listPeople(ctx context.Context, who access.Actor, in *listPeopleRequest) (*plain[PersonList], error) {
	people, err := s.Directory.People(ctx, who.OrgID, directory.Query{Prefix: in.Search, After: in.After, Limit: in.Limit})
	list := PersonList{People: each(people, personOf)}
	if len(people) == in.Limit {
		list.Next = people[len(people)-1].UserName
	}
	return &plain[PersonList]{list}, err
}

// Assignment says that a person shall have an installation.
type Assignment struct {
	Person     Person    `json:"person"`
	AssignedAt time.Time `json:"assigned_at"`
	AssignedBy string    `json:"assigned_by"`
	Account    *Account  `json:"account,omitempty" doc:"Missing before there is one."`
}

// Account is a person's record in the vendor's system.
type Account struct {
	RemoteID string           `json:"remote_id"`
	Origin   provision.Origin `json:"origin" enum:"created,adopted"`
	Active   provision.Switch `json:"active" enum:"on,off,unknown"`
	Gone     bool             `json:"gone" doc:"The vendor's system says that it is no more."`
}

// AssignmentList is a page of assignments.
type AssignmentList struct {
	Assignments []Assignment `json:"assignments"`
	Next        string       `json:"next,omitempty" doc:"Send it as after for the next page; missing on the last one."`
}

func assignmentOf(a provision.Assignment) Assignment {
	assignment := Assignment{Person: personOf(a.Person), AssignedAt: a.AssignedAt, AssignedBy: a.AssignedBy}
	if l := a.Link; l != nil {
		assignment.Account = &Account{l.RemoteID, l.Origin, l.Active, l.Gone}
	}
	return assignment
}

type listAssignmentsRequest struct {
	OnInstallation
	Paged
}

func (s *Server) listAssignments(ctx context.Context, who access.Actor, in *listAssignmentsRequest) (*plain[AssignmentList], error) {
	all, err := s.Provision.Assignments(ctx, who, in.ID, directory.Query{After: in.After, Limit: in.Limit})
	list := AssignmentList{Assignments: each(all, assignmentOf)}
	if len(all) == in.Limit {
		list.Next = all[len(all)-1].Person.UserName
	}
	return &plain[AssignmentList]{list}, err
}

type onAssignment struct {
	OnInstallation
	Person string `path:"person" doc:"The person's id."`
}

func (s *Server) assign(ctx context.Context, who access.Actor, in *onAssignment) (*struct{}, error) {
	return nil, s.Provision.Assign(ctx, who, in.ID, []string{in.Person})
}

func (s *Server) unassign(ctx context.Context, who access.Actor, in *onAssignment) (*struct{}, error) {
	return nil, s.Provision.Unassign(ctx, who, in.ID, []string{in.Person})
}
