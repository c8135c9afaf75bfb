// Command slipway is the whole network in one program: it serves the pages, works the jobs, and verifies
// SCIM servers from the command line. One file a command; what they share stands in network.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"slipway/internal/fault"
)

var commands struct {
	Demo         demoCmd         `cmd:"" help:"Start a network with sample orgs and a demo vendor, for trying it out."`
	Serve        serveCmd        `cmd:"" help:"Start a network."`
	Verify       verifyCmd       `cmd:"" help:"Verify a SCIM server, without a database or an account."`
	VerifyReport verifyReportCmd `cmd:"" help:"Check that a network has signed a transcript as it stands."`
	Connector    connectorCmd    `cmd:"" help:"Define, check, run and test a Workflows connector, without a database or an account."`
	Invite       inviteCmd       `cmd:"" help:"Print a one-time sign-in link for an address."`
	Token        tokenCmd        `cmd:"" help:"Print a token for a program that acts for a user."`
	Keyset       keysetCmd       `cmd:"" help:"Print a fresh sealing keyset, for a network on PostgreSQL."`
}

// exitUsage is the exit status of a wrong call (EX_USAGE of sysexits.h).
const exitUsage = 64

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	os.Exit(exitCode(err))
}

// run parses the arguments and runs the command they name.
func run(ctx context.Context, args []string) error {
	parser, err := kong.New(&commands, kong.Name("slipway"), kong.UsageOnError(),
		kong.Description("A self-hosted integration network for lifecycle management."),
		kong.Vars{"data": "slipway-data"},
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	call, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%s", err)
		return exitStatus(exitUsage)
	}
	return call.Run()
}

// exitStatus ends the program with a status of its own, without a further word.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if status, ok := errors.AsType[exitStatus](err); ok {
		return int(status)
	}
	shown := fault.Show(err)
	if shown.Code == fault.Internal {
		fmt.Fprintln(os.Stderr, "slipway:", err)
	} else {
		fmt.Fprintln(os.Stderr, "slipway:", shown.Message)
	}
	return 1
}
