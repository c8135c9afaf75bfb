package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/report"
)

// verifyReportCmd checks that a network has signed a transcript as it stands.
type verifyReportCmd struct {
	File         string `arg:"" help:"Signed transcript of a lab run, from the run's page." placeholder:"FILE"`
	Key          string `help:"Public key of the network: a file, or the network's address, from which it is fetched." required:"" placeholder:"FILE|URL"`
	AllowPrivate bool   `help:"Fetch the key from a private address, over plain http too."`

	stdout, stderr io.Writer // of a test; nil is the process's own
}

// Exit statuses of verify-report; a wrong call is exitUsage.
const (
	exitForged    = 1 // the report is not what a network has signed
	exitUnchecked = 2 // nobody knows: the key could not be had
)

// Run says what was signed. Its exit status is 0 where the signature holds, whatever the verdict.
func (c *verifyReportCmd) Run(ctx context.Context) error {
	if c.stdout == nil {
		c.stdout, c.stderr = os.Stdout, os.Stderr
	}
	data, err := os.ReadFile(c.File)
	if err != nil {
		return c.ended(exitUsage, because(err, c.File+" cannot be read"))
	}
	key, status, err := c.key(ctx)
	if err != nil {
		return c.ended(status, err)
	}
	return c.ended(exitForged, c.check(ctx, data, key))
}

// ended says what is wrong, and ends with the status where something is.
func (c *verifyReportCmd) ended(status exitStatus, err error) error {
	if err == nil {
		return nil
	}
	if fault.CodeOf(err) == fault.Unavailable {
		status = exitUnchecked
	}
	_, _ = fmt.Fprintln(c.stderr, "slipway verify-report:", fault.Show(err).Message)
	return status
}

func (c *verifyReportCmd) check(ctx context.Context, data []byte, key ed25519.PublicKey) error {
	s, err := report.OpenTranscript(ctx, data, key)
	if err != nil {
		return err
	}
	id, err := report.KeyID(key)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "The signature holds: %s\nNetwork:  %s\nProved:   %s (%s), content %s\nRun:      %s, %s\nTarget:   %s, profile %s, %scatalogue %s\n%s\n",
		id, report.Printable(s.Network), report.Printable(s.Name), report.Printable(s.Submission), report.Printable(s.ContentHash), report.Printable(s.Run),
		s.Ended.Format("2006-01-02 15:04 MST"), report.Printable(s.Report.Target), s.Report.Profile, spoken(s.Report.SCIM), report.Printable(s.Report.CatalogueVersion), report.Printable(report.Summary(s.Report)))
	return err
}

// spoken names the version that was verified; a report from before there were two of them does not say.
func spoken(version string) string {
	if version == "" {
		return ""
	}
	return "SCIM " + report.Printable(version) + ", "
}

// key returns the network's public key, or why there is none and the status that this ends with.
func (c *verifyReportCmd) key(ctx context.Context) (ed25519.PublicKey, exitStatus, error) {
	read, status := c.keyFile, exitStatus(exitUsage)
	if strings.HasPrefix(c.Key, "http://") || strings.HasPrefix(c.Key, "https://") {
		read, status = c.fetchKey, exitUnchecked
	}
	data, err := read(ctx)
	if err != nil {
		return nil, status, err
	}
	if block, _ := pem.Decode(data); block != nil {
		if public, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			if key, ok := public.(ed25519.PublicKey); ok {
				return key, 0, nil
			}
		}
	}
	return nil, status, fault.New(fault.Invalid, c.Key+" holds no Ed25519 public key in PEM form.")
}

func (c *verifyReportCmd) keyFile(context.Context) ([]byte, error) {
	data, err := os.ReadFile(c.Key)
	if err != nil {
		return nil, because(err, c.Key+" cannot be read")
	}
	return data, nil
}

func (c *verifyReportCmd) fetchKey(ctx context.Context) ([]byte, error) {
	policy := egress.Closed()
	if c.AllowPrivate {
		policy = egress.AllowPrivate()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.Key, "/")+"/transcript-key.pem", nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The network's address must be a full one, such as https://network.example.com.")
	}
	response, err := egress.New(policy, egress.Options{}).Do(request)
	if kind := egress.KindOf(err); kind == egress.PrivateAddress || kind == egress.NotAllowed && strings.HasPrefix(c.Key, "http://") {
		return nil, fault.Wrap(err, fault.Invalid, fault.Show(err).Message+" For this command, --allow-private opens private networks, and plain http.")
	}
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fault.Newf(fault.Unavailable, "%s answered %s, and has no key for transcripts.", c.Key, response.Status)
	}
	return io.ReadAll(response.Body)
}
