package provisioning

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/internal/scim"
)

// target is the fastest SCIM server that can still be looked into by user name: what it costs, both sides pay.
type target struct {
	base     string
	latency  time.Duration
	requests atomic.Int64

	mu     sync.Mutex
	byName map[string][]byte
	serial int
}

func startTarget(latency time.Duration) (*target, func(), error) {
	t := &target{latency: latency, byName: map[string][]byte{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: t, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.base = "http://" + listener.Addr().String()
	return t, func() { _ = server.Close() }, nil
}

func (t *target) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byName)
}

func (t *target) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byName = map[string][]byte{}
}

func (t *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.requests.Add(1)
	if t.latency > 0 {
		<-time.After(t.latency)
	}
	w.Header().Set("Content-Type", scim.MediaType)
	if r.Method == http.MethodPost {
		t.create(w, r)
		return
	}
	t.find(w, r)
}

func (t *target) find(w http.ResponseWriter, r *http.Request) {
	name := strings.Trim(strings.TrimPrefix(r.URL.Query().Get("filter"), "userName eq "), `"`)
	t.mu.Lock()
	user, ok := t.byName[name]
	t.mu.Unlock()
	n := 0
	if ok {
		n = 1
	}
	_, _ = fmt.Fprintf(w, `{"schemas":["%s"],"totalResults":%d,"startIndex":1,"itemsPerPage":%d,"Resources":[%s]}`, scim.SchemaListResponse, n, n, user)
}

func (t *target) create(w http.ResponseWriter, r *http.Request) {
	var user scim.Resource
	if err := json.NewDecoder(r.Body).Decode(&user); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, taken := t.byName[user.UserName()]; taken {
		w.WriteHeader(http.StatusConflict)
		return
	}
	t.serial++
	user["id"] = fmt.Sprint("u", t.serial)
	stored, err := json.Marshal(user)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	t.byName[user.UserName()] = stored
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(stored)
}

// bare sends a lookup and a POST for each person, and looks at nothing but the status.
func bare(ctx context.Context, t *target, people int) (time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}}
	defer client.CloseIdleConnections()
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for n := range people {
		group.Go(func() error {
			query := url.Values{"filter": {`userName eq "` + userName(n) + `"`}, "startIndex": {"1"}, "count": {"100"}}
			if err := send(ctx, client, http.MethodGet, t.base+"/Users?"+query.Encode(), nil); err != nil {
				return err
			}
			return send(ctx, client, http.MethodPost, t.base+"/Users", body(n))
		})
	}
	err := group.Wait()
	return time.Since(start), err
}

// body is what the engine sends for such a person.
func body(n int) []byte {
	name := userName(n)
	return fmt.Appendf(nil, `{"active":true,"displayName":"Jane Doe","emails":[{"primary":true,"type":"work","value":%q}],`+
		`"externalId":"per_%020d","name":{"familyName":"Doe","givenName":"Jane"},"schemas":[%q,%q],"title":"Clerk",`+
		`%q:{"department":"Sales"},"userName":%q}`, name, n, scim.SchemaUser, scim.SchemaEnterpriseUser, scim.SchemaEnterpriseUser, name)
}

func send(ctx context.Context, client scim.Doer, method, address string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer bench-token")
	r.Header.Set("Content-Type", scim.MediaType)
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s answered %d", method, resp.StatusCode)
	}
	return nil
}
