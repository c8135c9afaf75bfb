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

	stdout io.Writer // of a test; nil is the process's own
}

// Run says what was signed. Its exit status is 0 where the signature holds, whatever the verdict, and 1 where it does not.
func (c *verifyReportCmd) Run(ctx context.Context) error {
	if c.stdout == nil {
		c.stdout = os.Stdout
	}
	key, err := c.key(ctx)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(c.File)
	if err != nil {
		return because(err, c.File+" cannot be read")
	}
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

func (c *verifyReportCmd) key(ctx context.Context) (ed25519.PublicKey, error) {
	data, err := c.keyFile(ctx)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(data); block != nil {
		if public, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			if key, ok := public.(ed25519.PublicKey); ok {
				return key, nil
			}
		}
	}
	return nil, fault.New(fault.Invalid, c.Key+" holds no Ed25519 public key in PEM form.")
}

func (c *verifyReportCmd) keyFile(ctx context.Context) ([]byte, error) {
	if !strings.HasPrefix(c.Key, "http://") && !strings.HasPrefix(c.Key, "https://") {
		data, err := os.ReadFile(c.Key)
		if err != nil {
			return nil, because(err, c.Key+" cannot be read")
		}
		return data, nil
	}
	policy := egress.Closed()
	if c.AllowPrivate {
		policy = egress.AllowPrivate()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.Key, "/")+"/transcript-key.pem", nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The network's address must be a full one, such as https://network.example.com.")
	}
	response, err := egress.New(policy, egress.Options{}).Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fault.Newf(fault.Unavailable, "%s answered %s, and has no key for transcripts.", c.Key, response.Status)
	}
	return io.ReadAll(response.Body)
}
