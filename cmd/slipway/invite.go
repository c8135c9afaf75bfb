package main

import (
	"context"
	"fmt"
	"strings"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/store"
)

// inviteCmd prints a one-time link. It works on the database directly, so it needs the same place as serve.
type inviteCmd struct {
	place
	Email   string   `arg:"" help:"Address that will sign in."`
	Org     string   `required:"" help:"Short name of the org; a new one is made if it does not exist." placeholder:"ORG"`
	Role    []string `required:"" help:"vendor, customer_admin, end_user; in the network's own org: reviewer, qa, operator. May be repeated." placeholder:"ROLE"`
	Name    string   `help:"The person's name." placeholder:"NAME"`
	Address string   `help:"Where people reach this network." default:"http://127.0.0.1:8080" env:"SLIPWAY_ADDRESS" placeholder:"URL"`
}

// Run prints the link and nothing else, so that a script can use it.
func (c inviteCmd) Run(ctx context.Context) error {
	roles, err := parseRoles(c.Role)
	if err != nil {
		return err
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	people := access.NewService(s, store.Now)
	org, err := s.OrgBySlug(ctx, c.Org)
	if fault.CodeOf(err) == fault.NotFound {
		org, err = people.CreateOrg(ctx, c.Org, c.Org, roles[0].OfTeam())
	}
	if err != nil {
		return err
	}
	_, token, err := people.Invite(ctx, c.Email, c.Name, org, roles...)
	if err != nil {
		return err
	}
	fmt.Printf("%s/join/%s\n", strings.TrimSuffix(c.Address, "/"), token)
	return nil
}

func parseRoles(names []string) ([]access.Role, error) {
	var roles []access.Role
	for _, name := range names {
		role, ok := access.ParseRole(name)
		if !ok {
			return nil, fault.Newf(fault.Invalid, "There is no role %q. Use one of %v.", name, access.Roles())
		}
		roles = append(roles, role)
	}
	return roles, nil
}
