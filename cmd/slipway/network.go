package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"slipway/internal/access"
	"slipway/internal/api"
	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/report"
	"slipway/internal/secret"
	"slipway/internal/store"
	"slipway/internal/web"
	"slipway/internal/web/views"
	"slipway/internal/worker"
)

// place is where a network keeps its things; demo, serve and invite share these flags.
type place struct {
	Data     string `help:"Folder of the database and the sealing keyset." default:"${data}" type:"path" env:"SLIPWAY_DATA" placeholder:"DIR"`
	Database string `help:"Database: sqlite:FILE (in the data folder unless said otherwise) or postgres://…" env:"SLIPWAY_DATABASE" placeholder:"URL"`
	Keyset   string `help:"File with the sealing keyset; with PostgreSQL this or SLIPWAY_KEYSET must be given." type:"path" env:"SLIPWAY_KEYSET_FILE" placeholder:"FILE"`
}

// url is the database's address: a file in the data folder unless --database says otherwise.
func (p place) url() string {
	if p.Database != "" {
		return p.Database
	}
	return "sqlite:" + filepath.Join(p.Data, "slipway.db")
}

// keys finds the sealing keyset. Beside an embedded database it is made on first use; with PostgreSQL it must
// come from the environment or a file, because several nodes share the database and must share the key.
func (p place) keys() (*secret.Keyset, error) {
	if text := os.Getenv("SLIPWAY_KEYSET"); text != "" {
		return secret.ParseKeyset([]byte(text))
	}
	if p.Keyset != "" {
		data, err := os.ReadFile(p.Keyset)
		if err != nil {
			return nil, fmt.Errorf("read keyset: %w", err)
		}
		return secret.ParseKeyset(data)
	}
	if store.IsPostgres(p.url()) {
		return nil, fault.New(fault.Invalid, "With PostgreSQL the sealing keyset must be given: set SLIPWAY_KEYSET or --keyset. `slipway keyset` makes one.")
	}
	return secret.LoadOrCreate(filepath.Join(p.Data, "keyset.json"))
}

// open opens the store in its place.
func (p place) open(ctx context.Context) (*store.Store, error) {
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	keys, err := p.keys()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, p.url(), keys)
}

// own keeps the engine away from our own doors and our own database, whatever a vendor writes into an address (H-14).
func (p place) own(policy egress.Policy, listener net.Listener) egress.Policy {
	policy.Own = []string{listener.Addr().String()}
	if u, err := url.Parse(p.url()); err == nil && store.IsPostgres(p.url()) {
		host, port := u.Hostname(), u.Port()
		if port == "" {
			port = "5432"
		}
		policy.Own = append(policy.Own, net.JoinHostPort(host, port))
	}
	return policy
}

// network is one running deployment: the store, the rooms above it, and the doors.
type network struct {
	store     *store.Store
	access    *access.Service
	registry  *registry.Service
	runs      *runs.Service
	directory *directory.Directory
	provision *provision.Service
	pages     *web.Server
	api       *api.Server
	settings
}

// settings are what differs between demo, serve and tests.
type settings struct {
	Address     string        // where people reach it, for links in mails
	Contact     string        // mail address of the network's team, in mails
	TestAccount string        // user name that the form suggests for the test account; "" for none
	Policy      egress.Policy // which addresses the operator has opened
	Banner      string
	Tour        func(context.Context) ([]views.TourStep, error) // steps on the first page; nil for none
	Log         *slog.Logger
}

// workers is how many jobs one process works at a time.
const workers = 16

// assemble hands the store to the rooms, and the rooms to the doors.
func assemble(s *store.Store, set settings) *network {
	env := manifest.Env{AllowHTTP: set.Policy.AllowHTTP, AllowPrivate: len(set.Policy.Private) > 0, TestAccount: set.TestAccount}
	n := &network{store: s, settings: set, access: access.NewService(s, store.Now), runs: &runs.Service{Store: s, Clock: store.Now}, directory: directory.New(s)}
	n.registry = &registry.Service{Store: s.Registry(), Clock: store.Now, NewID: access.NewID, Env: env, Address: set.Address, Contact: set.Contact}
	n.provision = &provision.Service{
		Store: s.Provisioning(), Versions: versions{n.registry}, Dialer: provision.Dialer{Policy: set.Policy, Now: store.Now}, Env: env,
		Clock: store.Now, Spread: rand.Float64, Process: access.NewID("proc"), Log: set.Log,
	}
	n.pages = web.New(web.Config{
		Access: n.access, Places: s, Operators: access.Operators{Store: s, Clock: store.Now}, Registry: n.registry, Runs: n.runs, Directory: n.directory, Provision: n.provision,
		Sessions: s.Sessions(), Healthy: s.Ping, Clock: store.Now, Log: set.Log, Address: set.Address, SignWith: s.TranscriptKey, Contact: set.Contact, Banner: set.Banner, Tour: set.Tour,
	})
	n.api = api.New(api.Config{
		Tokens: &access.Tokens{Store: s, People: n.access}, Registry: n.registry, Runs: n.runs, Directory: n.directory, Provision: n.provision,
		Clock: store.Now, Log: set.Log,
	})
	return n
}

// work starts the workers; stop lets the jobs in flight finish or hand themselves back.
func (n *network) work(ctx context.Context) (stop func(), err error) {
	jobs := worker.Workers(worker.Rooms{
		Registry: n.registry, Runs: n.runs, Provision: n.provision, Policy: n.Policy, Profile: report.ProfileNetwork, Log: n.Log,
	})
	end, err := n.store.Work(ctx, jobs, workers, n.Log)
	if err != nil {
		return nil, err
	}
	return func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := end(grace); err != nil {
			n.Log.Error("stop workers", "error", err)
		}
	}, nil
}

// doors are the pages for people and, below /v1/, the API for programs, which knows no cookies.
func (n *network) doors() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/", n.api)
	mux.Handle("/", n.pages)
	return mux
}

// serve works jobs and answers on the listener until ctx ends, then lets what is in flight finish.
func (n *network) serve(ctx context.Context, listener net.Listener) error {
	stop, err := n.work(ctx)
	if err != nil {
		return err
	}
	defer stop()
	server := &http.Server{
		Handler: n.doors(), ErrorLog: slog.NewLogLogger(n.Log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}
