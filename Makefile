# `make test` is the one test command; `make help` lists the others.

LINT  := .tools/golangci-lint-2.15.0
# without the version, which would become the package's first sentence
TEMPL := go tool -modfile=tools.mod templ generate -include-version=false -log-level error
PHASE := @scripts/phase

# The race detector, but not in SQLite: that is C in the words of Go, and its memory, which is of its own allocator, lies
# where the detector does not look. Watching it found nothing and took half of the time. The driver above it is watched.
RACE  := -race -gcflags='modernc.org/sqlite/lib=-race=false -d=checkptr=0'

# The tests that could not run on this machine; see internal/require.
export SLIPWAY_SKIPPED := $(shell mktemp -u)

.DEFAULT_GOAL := help
.NOTPARALLEL:

.PHONY: test
test: bootstrap format vet lint proof race ## everything: what it needs, format, vet, lint, floors, the lab's proofs, every test with -race

.PHONY: quick
quick: ## the tests of a minute: no browser, no peers, no kills, SQLite only
	go test -short ./...

.PHONY: bootstrap
bootstrap: ## install what the tests need and this machine lacks
	$(PHASE) bootstrap scripts/bootstrap

.PHONY: format
format: ## gofmt finds nothing to change, and every view is generated from its template
	$(PHASE) format scripts/format $(TEMPL)

.PHONY: vet
vet:
	$(PHASE) vet go vet ./...

.PHONY: lint
lint: ## the rules of .golangci.yaml
	$(PHASE) lint $(LINT) run

# Each check and each case of a suite finds its defect, and nothing else; servers of others are judged as ever; the whole path is walked on two of
# them in a browser. These are hundreds of runs of the lab: the race detector, which makes them five times as long, sees a few.
.PHONY: proof
proof: ## the lab's checks and connectors' suites, each with its defect; servers of others; the whole path in a browser
	$(PHASE) proof go test -vet=off -count=1 -parallel=16 -timeout=15m -run 'Defects?|Found|Traps|Alone|Peer|TestWalk' ./internal/lab ./internal/lab/battery ./internal/connector/flopack ./examples/acmehr ./cmd/slipway

# Every test runs with the race detector: floors, units, the store on both databases, kills, browser. Most wait longer than
# they compute, for a target that is asked at a courteous pace or for a browser: so several are under way on one processor.
.PHONY: race
race:
	$(PHASE) test scripts/postgres go test $(RACE) -vet=off -count=1 -parallel=4 -timeout=20m ./...
	@if [ -s "$$SLIPWAY_SKIPPED" ]; then echo "== SKIPPED on this machine"; sort -u "$$SLIPWAY_SKIPPED"; rm "$$SLIPWAY_SKIPPED"; fi

# make soak RUN=TestKill N=50
RUN ?= Kill
N   ?= 20
.PHONY: soak
soak: fuzz ## the tests that match RUN, N times over, with -race and PostgreSQL, after each fuzz test for a while
	SLIPWAY_SOAK=1 scripts/postgres go test $(RACE) -count=$(N) -failfast -timeout=2h -run '$(RUN)' ./...

# make fuzz FUZZ=300
FUZZ ?= 20
.PHONY: fuzz
fuzz: ## each fuzz test for FUZZ seconds: importer, expressions, filters, PATCH, answers of targets, forms, images
	scripts/fuzz $(FUZZ)

.PHONY: bench
bench: ## what Slipway carries: prints a table and writes bench.json
	go run ./internal/bench -out bench.json

.PHONY: demo
demo: ## a network with sample orgs on http://127.0.0.1:8080
	go run ./cmd/slipway demo

.PHONY: generate
generate: ## the Go files of the views, from their templates
	$(TEMPL)

.PHONY: assets
assets: ## fetch the third-party files of the pages again (needs npm)
	scripts/assets

.PHONY: clean
clean: ## remove what bootstrap and the tests brought
	rm -rf .tools internal/peers/npm/node_modules internal/browser/npm/node_modules bench.json shots

.PHONY: help
help:
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 20
