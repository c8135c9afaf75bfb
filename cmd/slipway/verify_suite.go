package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"

	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/lab"
	"slipway/internal/lab/runscope"
	"slipway/internal/report"
	"slipway/internal/scim"
)

// runscopeFlags are the options of verify that only a suite has use for.
type runscopeFlags struct {
	CleanUp    bool   `help:"At the end, delete the users and groups that the suite has created on the server."`
	ClientCert string `help:"Certificate in PEM form that is shown to a server that asks for one." placeholder:"FILE"`
	ClientKey  string `help:"Private key of that certificate, in PEM form." placeholder:"FILE"`
	DryRun     bool   `help:"Say what the suite asks, needs and cannot run, and send nothing."`
}

// runSuite imports and runs a suite.
func (c *verifyCmd) runSuite(ctx context.Context, subject lab.Subject, p *progress) (report.Report, error) {
	suites, options, err := c.load(subject)
	if err != nil {
		return report.Report{}, err
	}
	certificate, err := c.certificate()
	if err != nil {
		return report.Report{}, err
	}
	options.Client, options.Certificate = egress.New(subject.Policy, egress.Options{Certificate: certificate}), certificate != nil
	result := runscope.Run(ctx, suites[0], options, func(step runscope.StepResult, done, total int) {
		p.show(done, total, step.Title)
	})
	return result.Report(c.URL, subject.Profile), nil
}

// dryRun says what runSuite would do.
func (c *verifyCmd) dryRun() error {
	if c.Suite == "builtin" {
		return fault.New(fault.Invalid, "--dry-run belongs to a suite: give one with --suite FILE.json.")
	}
	if c.Format != "text" && c.Format != "json" || c.Out != "" || c.Compare != "" {
		return fault.New(fault.Invalid, "--dry-run writes text or JSON to standard output. Leave out --out, --compare and other formats.")
	}
	subject, err := c.subject()
	if err != nil {
		return err
	}
	suites, options, err := c.load(subject)
	if err != nil {
		return err
	}
	options.Certificate = c.ClientCert != ""
	preview := suites[0].Preview(options)
	if c.Format == "json" {
		e := json.NewEncoder(c.stdout)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(preview)
	}
	return preview.WriteText(c.stdout)
}

// load reads the files and hosts of the call. The base URL and the credentials go into the variables that the published
// suites use for them; they outweigh the environment's, and --var outweighs all.
func (c *verifyCmd) load(subject lab.Subject) (suites []runscope.Suite, o runscope.Options, err error) {
	if suites, o, err = c.files(); err != nil {
		return nil, o, err
	}
	o.Vars = runscope.CustomaryVars(c.URL, authorization(subject.Auth))
	maps.Copy(o.Vars, c.Var)
	o.Target, o.CleanUp = c.URL, c.CleanUp
	o.PauseScale, o.Seed, o.Subtests = c.PauseScale, subject.Seed, suites
	if subject.Auth != nil {
		o.Redact = subject.Auth.Secrets()
	}
	return suites, o, nil
}

// files reads the files and hosts of the call.
func (c *verifyCmd) files() (suites []runscope.Suite, o runscope.Options, err error) {
	data, err := readFile(c.Suite)
	if err != nil {
		return nil, o, err
	}
	if suites, err = runscope.Import(data); err != nil {
		return nil, o, err
	}
	if o.Environment, err = c.environment(); err != nil {
		return nil, o, err
	}
	if c.InitialScript != "" {
		code, err := readFile(c.InitialScript)
		if err != nil {
			return nil, o, err
		}
		o.InitialScript = string(code)
	}
	o.Hosts, err = c.hosts()
	return suites, o, err
}

// certificate is nil where none was given.
func (c *verifyCmd) certificate() (*tls.Certificate, error) {
	if c.ClientCert == "" && c.ClientKey == "" {
		return nil, nil
	}
	if c.ClientCert == "" || c.ClientKey == "" {
		return nil, fault.New(fault.Invalid, "--client-cert and --client-key go together.")
	}
	public, err := readFile(c.ClientCert)
	if err != nil {
		return nil, err
	}
	private, err := readFile(c.ClientKey)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(public, private)
	if err != nil {
		return nil, fault.New(fault.Invalid, "--client-cert and --client-key are no certificate and its key in PEM form, without a passphrase.")
	}
	return &pair, nil
}

// environment is nil where none was given: then the suite's own counts, if it brings one along.
func (c *verifyCmd) environment() (*runscope.Environment, error) {
	if c.Environment == "" {
		return nil, nil
	}
	data, err := readFile(c.Environment)
	if err != nil {
		return nil, err
	}
	e, err := runscope.ImportEnvironment(data)
	return &e, err
}

// hosts refuses what could never match: a misspelt host would else be found out minutes later.
func (c *verifyCmd) hosts() ([]string, error) {
	for _, host := range c.Host {
		address := host
		if !strings.Contains(address, "://") {
			address = "https://" + address
		}
		if u, err := url.Parse(address); err != nil || u.Hostname() == "" || address != host && u.Host != host || strings.ContainsAny(host, ",*") {
			return nil, fault.Newf(fault.Invalid, "--host takes one host, such as people.example.com or people.example.com:8443, and %q is none.", host)
		}
	}
	return c.Host, nil
}

func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, because(err, path+" cannot be read")
	}
	return data, nil
}

// authorization is the value that the credentials put into the Authorization header, "" if they use another one.
func authorization(auth scim.Authorizer) string {
	r := &http.Request{Header: http.Header{}}
	if auth != nil {
		auth.Authorize(r)
	}
	return r.Header.Get("Authorization")
}
