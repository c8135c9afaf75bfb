// Package connectors measures what the connector engine carries: cards, requests, files and accounts, each beside what it
// takes without the engine.
//
// Its one rule is that of all measurements here: what is compared meets the same server, in the same run. The server is the
// worked example of the docs, and SCIM's beside it.
package connectors

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"

	"slipway/examples/acmehr"
	"slipway/internal/bench/provisioning"
	"slipway/internal/connector"
	"slipway/internal/connector/driver"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/program"
	"slipway/internal/egress"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
	"slipway/scimtest"
)

// Figure is one row, as everywhere in the benchmark.
type Figure = provisioning.Figure

// Measure measures the engine. example is the folder of the worked example.
func Measure(ctx context.Context, example string) ([]Figure, error) {
	var figures []Figure
	for _, measure := range []func(context.Context, string) ([]Figure, error){cards, overhead, files, accounts} {
		measured, err := measure(ctx, example)
		if err != nil {
			return nil, err
		}
		figures = append(figures, measured...)
	}
	return figures, nil
}

// cards runs a flow that only computes: a loop over a thousand items, eight cards each.
func cards(ctx context.Context, _ string) ([]Figure, error) {
	helper := flopacktest.NewFlow("Greet")
	name := helper.Start(flopacktest.In("name", "")).Out("name", "string")
	text := name
	for range 6 {
		text = helper.Add("string/concat", "Concatenate", flopacktest.From("string1", text), flopacktest.In("string2", ".")).Out("output", "string")
	}
	helper.Add("control/return", "Return", flopacktest.From("greeting", text))
	main := flopacktest.NewFlow("Main")
	list := main.Start(flopacktest.In("people", []any{}).List()).Out("people", "string")
	main.Add("list/map", "Map", flopacktest.From("list", list).List(), flopacktest.Calls(helper), flopacktest.In("name", "").Item(""))
	p, _ := flopack.Link(flopack.Read("cards.flow", flopacktest.New(main, helper).Bytes()))
	m := &engine.Machine{Program: p}
	people := make([]any, 1000)
	for i := range people {
		people[i] = fmt.Sprintf("person %d", i)
	}
	ran, began := 0, time.Now()
	for range 50 {
		result, err := m.Run(ctx, p.Named("Main"), engine.Values{program.Key{Name: "people"}: people})
		if err != nil {
			return nil, err
		}
		ran += result.Steps
	}
	return []Figure{{Name: "connector.cards", Value: float64(ran) / time.Since(began).Seconds(), Unit: "cards/s"}}, nil
}

const requests = 1000

// overhead runs an action of one request beside the request alone, through the same client.
func overhead(ctx context.Context, example string) ([]Figure, error) {
	_, m, base, stop, err := start(example)
	if err != nil {
		return nil, err
	}
	defer stop()
	action := m.Program.Named("List Users")
	bare := engine.Request{Method: http.MethodGet, URL: base + "/api/v2/users?limit=100", Header: http.Header{"Authorization": {"Bearer " + acmehr.Token}}}
	began := time.Now()
	for range requests {
		if _, err := m.API.Call(ctx, bare); err != nil {
			return nil, err
		}
	}
	alone := time.Since(began)
	began = time.Now()
	for range requests {
		if _, err := m.Run(ctx, action, nil); err != nil {
			return nil, err
		}
	}
	ours := time.Since(began)
	return []Figure{{Name: "connector.action", Value: ours.Seconds() / requests * 1e6, Unit: "µs", Limit: 0.5, Ratio: alone.Seconds() / ours.Seconds()}}, nil
}

// start reads the worked example, and runs its API.
func start(example string) (*connector.Connector, *engine.Machine, string, func(), error) {
	c, err := connector.Load(os.DirFS(example))
	if err != nil {
		return nil, nil, "", nil, err
	}
	base, stop := acmehr.New().Start()
	client := egress.New(egress.AllowPrivate(), egress.Options{})
	m, _, err := c.Machine(connector.Setting{
		Entered: map[string]string{"address": base, "api_token": acmehr.Token}, API: engine.Live{Client: client}, HTTP: true,
	})
	if err != nil {
		stop()
		return nil, nil, "", nil, err
	}
	return c, m, base, func() { client.CloseIdle(); stop() }, nil
}

// thirty is a flow of thirty cards.
func thirty(i int) *flopacktest.Flow {
	f := flopacktest.NewFlow(fmt.Sprintf("Flow %d", i))
	out := f.Start(flopacktest.In("a", "")).Out("a", "string")
	for range 30 {
		out = f.Add("string/concat", "Concatenate", flopacktest.From("string1", out), flopacktest.In("string2", "and so on")).Out("output", "string")
	}
	return f
}

// files reads a file of 2 MB.
func files(context.Context, string) ([]Figure, error) {
	var flows []*flopacktest.Flow
	for i := range 2 << 20 / len(flopacktest.New(thirty(0)).Bytes()) {
		flows = append(flows, thirty(i))
	}
	text := flopacktest.New(flows...).Bytes()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	read := flopack.Read("large.folder", text)
	_, found := flopack.Link(read)
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if n := len(read.Findings) + len(found); n > 0 {
		return nil, fmt.Errorf("measure files: %d findings in a sound file", n)
	}
	megabytes := float64(len(text)) / (1 << 20)
	allocated := float64(after.TotalAlloc-before.TotalAlloc) / (1 << 20)
	return []Figure{
		{Name: "connector.import", Value: took.Seconds() * 1000 / megabytes, Unit: "ms/MB", Limit: 500},
		{Name: "connector.import.allocated", Value: allocated / megabytes, Unit: "MB/MB", Limit: 50},
	}, nil
}

const people = 1000

// accounts creates people through the example connector, and as many in a SCIM server.
func accounts(ctx context.Context, example string) ([]Figure, error) {
	c, m, _, stop, err := start(example)
	if err != nil {
		return nil, err
	}
	defer stop()
	m.Limits.Requests = 2 * people
	connected, err := create(ctx, driver.New(c, m))
	if err != nil {
		return nil, err
	}
	server := scimtest.New(scimtest.WithToken("bench"))
	base, stopServer := server.Start()
	defer stopServer()
	client, err := scim.NewClient(base, egress.New(egress.AllowPrivate(), egress.Options{}), scim.Bearer(secret.NewText("bench")))
	if err != nil {
		return nil, err
	}
	spoken, err := create(ctx, target.NewSCIM(client, target.Dialect{}, time.Now))
	if err != nil {
		return nil, err
	}
	return []Figure{{Name: "connector.accounts", Value: people / connected.Seconds(), Unit: "accounts/s", Limit: 0.5, Ratio: spoken.Seconds() / connected.Seconds()}}, nil
}

func create(ctx context.Context, t target.Target) (time.Duration, error) {
	began := time.Now()
	for i := range people {
		name := fmt.Sprintf("person-%d@example.com", i)
		profile := target.Profile{"userName": name, "name.givenName": "Sample", "name.familyName": "Person", "emails[primary eq true].value": name}
		if _, err := t.CreateUser(ctx, profile, secret.Text{}); err != nil {
			return 0, fmt.Errorf("create account %d: %w", i, err)
		}
	}
	return time.Since(began), nil
}
