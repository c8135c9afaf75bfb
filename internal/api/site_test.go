package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/api"
	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/report"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
	"slipway/internal/worker"
)

// site is a network with the API on a real server and a real database.
type site struct {
	*testing.T
	store     *store.Store
	people    *access.Service
	tokens    *access.Tokens
	registry  *registry.Service
	runs      *runs.Service
	directory *directory.Directory
	provision *provision.Service
	api       *api.Server
	url       string
	start     time.Time
	frozen    atomic.Bool  // the API's clock stands still; otherwise a second goes by with each request
	seconds   atomic.Int64 // that went by since start
	log       journal
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{T: t, store: storetest.Open(t, storetest.SQLite(t)), start: store.Now()}
	env := manifest.Env{AllowHTTP: true, AllowPrivate: true}
	log := slog.New(slog.NewTextHandler(&s.log, nil))
	s.people = access.NewService(s.store, store.Now)
	s.tokens = &access.Tokens{Store: s.store, People: s.people}
	s.registry = &registry.Service{Store: s.store.Registry(), Clock: store.Now, NewID: access.NewID, Env: env, Address: "https://network.example.com", Contact: "team@example.com"}
	s.runs = &runs.Service{Store: s.store, Clock: store.Now}
	s.directory = directory.New(s.store)
	s.provision = &provision.Service{
		Store: s.store.Provisioning(), Versions: versions{s.registry}, Dialer: provision.Dialer{Policy: egress.AllowPrivate(), Now: store.Now},
		Env: env, Clock: store.Now, Spread: rand.Float64, Process: access.NewID("proc"), Log: log,
	}
	s.api = api.New(api.Config{
		Tokens: s.tokens, Registry: s.registry, Runs: s.runs, Directory: s.directory, Provision: s.provision, Clock: s.clock, Log: log,
	})
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// clock lets no test run into the limit of requests but the one that means to.
func (s *site) clock() time.Time {
	if !s.frozen.Load() {
		s.seconds.Add(1)
	}
	return s.start.Add(time.Duration(s.seconds.Load()) * time.Second)
}

// work starts the workers.
func (s *site) work() {
	s.Helper()
	rooms := worker.Rooms{Registry: s.registry, Runs: s.runs, Provision: s.provision, Policy: egress.AllowPrivate(), Profile: report.ProfileNetwork, Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	stop, err := s.store.Work(context.Background(), worker.Workers(rooms), 4, rooms.Log)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := stop(grace); err != nil {
			s.Errorf("stop workers: %v", err)
		}
	})
}

// versions lets installations find what the registry has published.
type versions struct{ registry *registry.Service }

func (v versions) Offered(ctx context.Context, slug string) (provision.Version, error) {
	listing, err := v.registry.CatalogEntry(ctx, slug)
	if err != nil {
		return provision.Version{}, err
	}
	return v.Version(ctx, listing.SubmissionID)
}

func (v versions) Version(ctx context.Context, submissionID string) (provision.Version, error) {
	r, err := v.registry.Release(ctx, submissionID)
	return provision.Version{IntegrationID: r.IntegrationID, SubmissionID: r.SubmissionID, Content: r.Content}, err
}

// caller is a program with a token, or without one.
type caller struct {
	*site
	actor access.Actor
	token string
}

// as returns a program of somebody who has these roles in the org, which is made if it does not exist.
func (s *site) as(slug string, roles ...access.Role) *caller {
	s.Helper()
	ctx := s.Context()
	org, err := s.store.OrgBySlug(ctx, slug)
	if err != nil {
		if org, err = s.people.CreateOrg(ctx, slug, "Org "+slug, roles[0].OfTeam()); err != nil {
			s.Fatal(err)
		}
	}
	user, _, err := s.people.Invite(ctx, string(roles[0])+"@"+slug+".example.com", "", org, roles...)
	if err != nil {
		s.Fatal(err)
	}
	_, text, err := s.tokens.Issue(ctx, user, access.NewID("t"), time.Hour)
	if err != nil {
		s.Fatal(err)
	}
	who, err := s.people.ActorFor(ctx, user.ID)
	if err != nil {
		s.Fatal(err)
	}
	return &caller{s, who, text.Reveal()}
}

func (s *site) visitor() *caller { return &caller{site: s} }

// answer is what came back.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// do sends a request. A body that is text is sent as it is, anything else as JSON; headers come in pairs.
func (c *caller) do(method, path string, body any, header ...string) answer {
	c.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	case []byte:
		content = bytes.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			c.Fatal(err)
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(c.Context(), method, c.url+path, content)
	if err != nil {
		c.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// must sends a request that is expected to do well, and reads its answer.
func (c *caller) must(method, path string, body any, into any, header ...string) answer {
	c.Helper()
	got := c.do(method, path, body, header...)
	if got.Status >= 300 {
		c.Fatalf("%s %s: %d %s", method, path, got.Status, got.Body)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(got.Body), into); err != nil {
			c.Fatalf("%s %s: %v in %s", method, path, err, got.Body)
		}
	}
	return got
}

// problem reads a refusal.
func (a answer) problem(t *testing.T) api.Problem {
	t.Helper()
	var p api.Problem
	if a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d is no problem but %s: %s", a.Status, a.Header.Get("Content-Type"), a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil || p.Status != a.Status || p.Detail == "" || p.Code == "" {
		t.Errorf("the problem is not whole: %v in %d %s", err, a.Status, a.Body)
	}
	return p
}

func fieldsOf(p api.Problem) []string {
	var keys []string
	for _, f := range p.Errors {
		keys = append(keys, f.Key)
	}
	return keys
}

// draft starts a submission and returns its path.
func (c *caller) draft() (path string, sub api.Submission) {
	c.Helper()
	got := c.must("POST", "/v1/submissions", nil, &sub)
	if got.Status != http.StatusCreated || got.Header.Get("Location") != "/v1/submissions/"+sub.ID || got.Header.Get("ETag") != `"1"` {
		c.Errorf("started: %d at %q, ETag %s", got.Status, got.Header.Get("Location"), got.Header.Get("ETag"))
	}
	return got.Header.Get("Location"), sub
}

// etag returns the newest version, as If-Match wants it.
func (c *caller) etag(path string) string {
	c.Helper()
	return c.must("GET", path, nil, nil).Header.Get("ETag")
}

// stored is a submission as the database has it: the content byte by byte, and the version.
func (s *site) stored(path string) (content string, version int64) {
	s.Helper()
	d, err := s.registry.Get(s.Context(), access.System, strings.TrimPrefix(path, "/v1/submissions/"))
	if err != nil {
		s.Fatal(err)
	}
	return string(d.Submission.Content.Encode()), d.Submission.Version
}

// sample is a content with nothing missing; base is the address of the vendor's server.
func sample(base string) map[string]any {
	return map[string]any{
		"existing": false, "name": "Acme Rota", "website": "https://rota.example.com", "useCases": []string{"lifecycle_management"},
		"description":       "Acme Rota plans shifts for crews. This integration creates an account for everybody who is assigned and deactivates it when they leave.",
		"supportContacts":   []map[string]string{{"type": "email", "value": "help@rota.example.com"}},
		"escalationContact": "network-escalations@rota.example.com",
		"testAccount":       map[string]any{"url": "https://rota.example.com/login", "username": "network-review@rota.example.com"},
		"scim": map[string]any{
			"enabled": true, "version": "2.0", "guideUrl": "https://rota.example.com/guide", "features": []string{"create_users", "update_users", "deactivate_users"},
			"perTenant": false, "baseUrl": base, "auth": map[string]any{"mode": "bearer"}, "patch": true, "usernameIsEmail": true, "attributesCleaned": true,
		},
	}
}

// icon is a PNG that the rules accept.
func icon(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for y := range 200 {
		for x := range 200 {
			if (x-100)*(x-100)+(y-100)*(y-100) < 90*90 {
				img.SetNRGBA(x, y, color.NRGBA{uint8(x), 92, uint8(y), 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// verdict lets the lab have spoken on the submission's present content.
func (s *site) verdict(path string, outcome registry.Outcome, failed ...registry.FailedCheck) {
	s.Helper()
	s.record(path, registry.Verdict{Outcome: outcome, Failed: failed})
}

// record takes in a verdict about the submission's present content.
func (s *site) record(path string, v registry.Verdict) {
	s.Helper()
	d, err := s.registry.Get(s.Context(), access.System, strings.TrimPrefix(path, "/v1/submissions/"))
	if err != nil {
		s.Fatal(err)
	}
	v.RunID, v.SubmissionID, v.Hash, v.Profile, v.At = access.NewID("run"), d.Submission.ID, d.Submission.Hash, "network", store.Now()
	if err := s.registry.RecordVerdict(s.Context(), v); err != nil {
		s.Fatal(err)
	}
}

// filled is a draft at 100 %.
func (c *caller) filled(base, token, password string) (path string) {
	c.Helper()
	path, _ = c.draft()
	c.must("PUT", path+"/logo", icon(c.T), nil, "Content-Type", "image/png")
	c.must("PUT", path+"/content", sample(base), nil, "If-Match", c.etag(path))
	c.must("PUT", path+"/secrets/testAccount.password", map[string]string{"value": password}, nil)
	c.must("PUT", path+"/connection", map[string]any{"values": map[string]string{"connection.token": token}}, nil)
	var progress api.Progress
	c.must("GET", path+"/progress", nil, &progress)
	if !progress.Complete || len(progress.Missing) > 0 || len(progress.Sections) != 2 || progress.Sections[1].Percent != 100 {
		c.Fatalf("a filled draft is not complete: %+v", progress)
	}
	return path
}

// journal is a log that many write.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
