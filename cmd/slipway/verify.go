package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"strings"

	"github.com/mattn/go-isatty"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/lab"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
)

// Exit statuses of verify; a wrong call is exitUsage.
const (
	exitFailed = 1 // the target is at fault; a refused token is this
	exitNotRun = 2 // nobody knows: it could not be reached, or the run did not come to its end
)

// verifyCmd proves a SCIM server without a database or an account.
type verifyCmd struct {
	URL            string            `arg:"" help:"Base URL of the SCIM server: the address before /Users."`
	SCIM           string            `name:"scim" help:"Version of SCIM that the server speaks: 2.0 or 1.1." enum:"2.0,1.1" default:"2.0"`
	Bearer         string            `help:"Send Authorization: Bearer TOKEN; where the call gives no credentials, that of SLIPWAY_BEARER." placeholder:"TOKEN" xor:"credentials"`
	Basic          string            `help:"Send HTTP basic authentication." placeholder:"USER:PASS" xor:"credentials"`
	Header         string            `help:"Send this header as the credentials." placeholder:"'Name: value'" xor:"credentials"`
	OtherBearer    string            `help:"Token of a second tenant, to see that it sees nothing of the first." placeholder:"TOKEN" env:"SLIPWAY_OTHER_BEARER"`
	ReadOnlyBearer string            `help:"Token that may only read, to see how its writing is refused." placeholder:"TOKEN" env:"SLIPWAY_READ_ONLY_BEARER"`
	EmailDomain    string            `help:"Domain of the addresses of test users, where the server takes only some; example.com unless said." placeholder:"DOMAIN"`
	UserAttribute  map[string]string `help:"Attribute that every test user must have, as JSON or text; may be repeated." placeholder:"NAME=VALUE" mapsep:"none"`
	Profile        string            `help:"What blocks: network (what provisioning needs) or rfc (that, and the letter of the RFCs)." enum:"network,rfc" default:"network"`
	Only           []string          `help:"Run one check or one family, by its name in docs/checks.md, and what it needs; may be repeated." placeholder:"NAME" sep:"none"`
	Expensive      bool              `help:"Also run checks that take many or large requests."`
	ReadOnly       bool              `help:"Send nothing that could change the server; what would is left out."`
	Rate           *float64          `help:"Send at most this many requests a second; 200 unless given." placeholder:"N"`
	Seed           *uint64           `help:"Send the names and values of the run whose report has this seed; what it made must be gone." placeholder:"N"`
	Suite          string            `help:"builtin, or a suite in the Runscope format." placeholder:"FILE.json" default:"builtin"`
	InitialScript  string            `help:"Script that runs once before the suite's first step." placeholder:"FILE"`
	Environment    string            `help:"Environment for the suite, in the Runscope format: variables, headers, script." placeholder:"FILE.json"`
	Var            map[string]string `help:"Initial variable of the suite; may be repeated." placeholder:"NAME=VALUE" mapsep:"none"`
	Host           []string          `help:"Another host that the suite may call, with your credentials; may be repeated." placeholder:"HOST" sep:"none"`
	PauseScale     float64           `help:"Multiply the suite's pauses; 0 leaves them out." placeholder:"N" default:"1"`
	Format         string            `help:"text, json, junit, sarif or html." enum:"text,json,junit,sarif,html" default:"text"`
	Compare        string            `help:"Say what has changed since this earlier report, written with --format json." placeholder:"FILE.json"`
	Out            string            `help:"Write the report to this file instead of standard output." placeholder:"FILE"`
	AllowPrivate   bool              `help:"Also reach private addresses, over plain http too."`
	runscopeFlags

	stdout, stderr io.Writer // of a test; nil is the process's own
}

// Run verifies, writes the report, and ends with the verdict as exit status.
func (c *verifyCmd) Run(ctx context.Context) error {
	if c.stdout == nil {
		c.stdout, c.stderr = os.Stdout, os.Stderr
	}
	before, err := c.earlier()
	rep := report.Report{}
	if err == nil && c.DryRun {
		if err = c.dryRun(); err == nil {
			return nil
		}
	}
	if err == nil {
		rep, err = c.verified(ctx)
	}
	if err == nil {
		err = c.sayChanges(before, rep)
	}
	if err != nil {
		_, _ = fmt.Fprintln(c.stderr, "slipway verify:", fault.Show(err).Message)
		return exitStatus(exitUsage)
	}
	switch rep.Verdict {
	case report.Passed:
		return nil
	case report.Failed:
		return exitStatus(exitFailed)
	}
	if c.Format != "text" || c.Out != "" { // else the report has said so already
		_, _ = fmt.Fprintln(c.stderr, "slipway verify: not run:", rep.Reason)
	}
	return exitStatus(exitNotRun)
}

// earlier reads the report to compare with, before the run: a run of minutes must not end in a typing error.
func (c *verifyCmd) earlier() (before report.Report, err error) {
	if c.Compare == "" {
		return report.Report{}, nil
	}
	data, err := os.ReadFile(c.Compare)
	if err != nil {
		return report.Report{}, because(err, c.Compare+" cannot be read")
	}
	if json.Unmarshal(data, &before) != nil || len(before.Checks) == 0 {
		return report.Report{}, fault.New(fault.Invalid, c.Compare+" is no report that --format json has written.")
	}
	if was := cmp.Or(before.SCIM, string(lab.SCIM20)); c.Suite == "builtin" && before.Suite == "" && was != c.SCIM {
		return report.Report{}, fault.Newf(fault.Invalid, "%s is about SCIM %s; this run is about SCIM %s.", c.Compare, was, c.SCIM)
	}
	return before, nil
}

// sayChanges names the checks that ended otherwise than before. They stand below a report in text, and on standard error
// where the report is for a program.
func (c *verifyCmd) sayChanges(before, after report.Report) error {
	switch {
	case c.Compare == "":
		return nil
	case c.Format == "text" && c.Out == "":
		return report.WriteChanges(c.stdout, before, after)
	}
	return report.WriteChanges(c.stderr, before, after)
}

// verified writes the report that it returns. The file is made first: a run of minutes must not end in a typing error.
func (c *verifyCmd) verified(ctx context.Context) (report.Report, error) {
	if c.Out == "" {
		rep, err := c.report(ctx)
		if err != nil {
			return rep, err
		}
		return rep, formats[c.Format](c.stdout, rep)
	}
	f, err := os.Create(c.Out)
	if err != nil {
		return report.Report{}, because(err, c.Out+" cannot be written")
	}
	rep, err := c.report(ctx)
	if err != nil {
		return rep, errors.Join(err, f.Close(), os.Remove(c.Out))
	}
	_, _ = fmt.Fprintln(c.stderr, report.Summary(rep))
	return rep, errors.Join(formats[c.Format](f, rep), f.Close())
}

// report runs the catalogue or the suite. Its errors are wrong usage; whatever the target does is in the report.
func (c *verifyCmd) report(ctx context.Context) (report.Report, error) {
	subject, err := c.subject()
	if err != nil {
		return report.Report{}, err
	}
	progress := newProgress(c.stderr)
	defer progress.clear()
	rep := report.Report{}
	if c.Suite == "builtin" {
		if c.InitialScript != "" || c.Environment != "" || len(c.Var)+len(c.Host) > 0 || c.runscopeFlags != (runscopeFlags{}) {
			return report.Report{}, fault.New(fault.Invalid, "--initial-script, --environment, --var, --host, --clean-up and --client-cert belong to a suite: give one with --suite FILE.json.")
		}
		rep = lab.Run(ctx, subject, progress)
	} else if len(c.Only) > 0 || c.Expensive || c.ReadOnly || c.Rate != nil || lab.Version(c.SCIM) != lab.SCIM20 || c.EmailDomain != "" || len(c.UserAttribute) > 0 {
		return report.Report{}, fault.New(fault.Invalid, "--scim, --only, --expensive, --read-only, --rate, --email-domain and --user-attribute belong to the built-in catalogue, not to a suite.")
	} else if rep, err = c.runSuite(ctx, subject, progress); err != nil {
		return report.Report{}, err
	}
	if rep.Verdict == report.NotRun && strings.Contains(rep.Reason, "private or reserved") {
		rep.Reason += " For this command, --allow-private opens private networks."
	}
	return rep, nil
}

func (c *verifyCmd) subject() (lab.Subject, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return lab.Subject{}, fault.New(fault.Invalid, "The URL must be a full address, such as https://example.com/scim/v2.")
	}
	if u.User != nil {
		return lab.Subject{}, fault.New(fault.Invalid, "The URL must not hold a user name or a password. Give them with --basic USER:PASS.")
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" { // it may hold a secret, so it is not repeated
		return lab.Subject{}, fault.New(fault.Invalid, "The URL must end before the question mark: paths are put after it. Give credentials with --bearer, --basic or --header.")
	}
	auth, err := c.credentials()
	if err != nil {
		return lab.Subject{}, err
	}
	if c.PauseScale < 0 {
		return lab.Subject{}, fault.New(fault.Invalid, "--pause-scale takes 0 or more.")
	}
	if c.Rate != nil && (*c.Rate <= 0 || math.IsNaN(*c.Rate)) {
		return lab.Subject{}, fault.New(fault.Invalid, "--rate takes requests per second, such as 20 or 0.5.")
	}
	if err := lab.Selectable(lab.Version(c.SCIM), c.Only); err != nil {
		return lab.Subject{}, err
	}
	attributes := map[string]any{}
	for name, text := range c.UserAttribute {
		attributes[name] = jsonOrText(text)
	}
	subject := lab.Subject{
		Domain: strings.TrimPrefix(c.EmailDomain, "@"), Attributes: attributes,
		BaseURL: c.URL, Version: lab.Version(c.SCIM), Auth: auth, Policy: egress.Closed(), Profile: report.Profile(c.Profile), Seed: newSeed(),
		Only: c.Only, Expensive: c.Expensive, ReadOnly: c.ReadOnly,
		Other: bearerOrNone(c.OtherBearer), Reader: bearerOrNone(c.ReadOnlyBearer),
	}
	if c.Rate != nil {
		subject.Rate = *c.Rate
	}
	if c.Seed != nil {
		subject.Seed = *c.Seed
	}
	if c.AllowPrivate {
		subject.Policy = egress.AllowPrivate()
	}
	return subject, nil
}

// credentials are nil where none were given. Errors never repeat what was typed.
func (c *verifyCmd) credentials() (scim.Authorizer, error) {
	switch {
	case c.Basic != "":
		user, password, ok := strings.Cut(c.Basic, ":")
		if !ok {
			return nil, fault.New(fault.Invalid, "--basic takes USER:PASS, with a colon between the two.")
		}
		return scim.Basic(user, secret.NewText(password)), nil
	case c.Header != "":
		name, value, ok := strings.Cut(c.Header, ":")
		if !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(c.Header, "\r\n") || strings.ContainsAny(strings.TrimSpace(name), " \t") {
			return nil, fault.New(fault.Invalid, "--header takes 'Name: value', with a colon between the two.")
		}
		return scim.Header(strings.TrimSpace(name), secret.NewText(strings.TrimSpace(value))), nil
	}
	return bearerOrNone(cmp.Or(c.Bearer, os.Getenv("SLIPWAY_BEARER"))), nil // not by kong, which would refuse it beside --basic
}

// bearerOrNone is nil, and no Authorizer of nothing, where no token was given.
func bearerOrNone(token string) scim.Authorizer {
	if token == "" {
		return nil
	}
	return scim.Bearer(secret.NewText(token))
}

// jsonOrText is the value that a text writes down, or the text itself.
func jsonOrText(text string) (value any) {
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	return value
}

// newSeed makes the names of one run differ from those of every other.
func newSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}

// because names the operating system's reason without its name of the call.
func because(err error, what string) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return fault.Newf(fault.Invalid, "%s: %v.", what, path.Err)
	}
	return fault.Wrap(err, fault.Invalid, what+".")
}

var formats = map[string]func(io.Writer, report.Report) error{
	"text": report.WriteText, "json": report.WriteJSON, "junit": report.WriteJUnit, "sarif": report.WriteSARIF, "html": report.WriteHTML,
}

// progress shows on a terminal how far a run is, in one line that is written over; in a pipe it says nothing.
type progress struct {
	lab.Unwatched
	out    io.Writer // nil: nobody looks
	failed int
}

func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return &progress{out: f}
	}
	return &progress{}
}

func (p *progress) Finished(r report.Result, done, total int) {
	if r.Verdict == report.Failed {
		p.failed++
	}
	p.show(done, total, r.ID)
}

const (
	clearLine     = "\r\x1b[2K"
	terminalWidth = 78 // a line that wraps could not be written over
)

func (p *progress) show(done, total int, what string) {
	if p.out == nil {
		return
	}
	text := fmt.Sprintf("%d/%d  %s", done, total, what)
	if p.failed > 0 {
		text = fmt.Sprintf("%d/%d  %d failed  %s", done, total, p.failed, what)
	}
	runes := []rune(report.Printable(text))
	_, _ = fmt.Fprint(p.out, clearLine+string(runes[:min(len(runes), terminalWidth)]))
}

func (p *progress) clear() {
	if p.out != nil {
		_, _ = fmt.Fprint(p.out, clearLine)
	}
}
