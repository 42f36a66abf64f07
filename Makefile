# What is done often, in one word each. "make help" lists it.
# build, run and test need only Go; check, differential, fuzz, bench and examples
# what "make deps" brings.

GO       ?= go
FUZZTIME ?= 10s
RACE     ?= ./...

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: guest ## build bin/weir, its own filters within
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags=-w -o bin/weir ./cmd/weir

.PHONY: guest
guest: ## compile the built-in filters to WebAssembly
	$(GO) generate ./filters/builtin

# Which calls the guest's compiler should inline: the filters' native benchmarks
# tell. It pays 8 % of a chain's time and need not be renewed with each change.
.PHONY: guest-profile
guest-profile: ## renew the profile that the built-in filters are compiled by
	dir=$$(mktemp -d) && for f in $$(ls -d filters/*/testdata | cut -d/ -f2); do \
		$(GO) test -run '^$$' -bench Stream -benchtime 1s -o $$dir/$$f.test -cpuprofile $$dir/$$f.prof ./filters/$$f || exit 1; \
	done && $(GO) tool pprof -proto -output filters/builtin/guest/default.pgo $$dir/*.prof && rm -r $$dir

.PHONY: run
run: build ## build, then show the gateway of proxy.toml before a demo service
	bin/weir demo

.PHONY: run-mesh
run-mesh: build ## build, then show a mesh of proxy.toml: a gateway, and two services with a sidecar each
	bin/weir demo --mesh

.PHONY: test
test: guest ## run the tests
	$(GO) test -timeout 20m ./...
	cd interop && $(GO) test ./...
	cd cmd/weir-consul && $(GO) test ./...
	cd cmd/weir-redis && $(GO) test ./...

.PHONY: consul
consul: ## build bin/weir-consul, the provider for Consul
	cd cmd/weir-consul && CGO_ENABLED=0 $(GO) build -trimpath -ldflags=-w -o ../../bin/weir-consul .

.PHONY: redis
redis: ## build bin/weir-redis, the provider that keeps limits of a fleet in Redis
	cd cmd/weir-redis && CGO_ENABLED=0 $(GO) build -trimpath -ldflags=-w -o ../../bin/weir-redis .

.PHONY: test-consul
test-consul: guest ## run the provider for Consul, and Weir with it, against a real Consul (minutes to build, once)
	.ci/deps.sh consul
	cd cmd/weir-consul && WEIR_CONSUL=required $(GO) test -count=1 .

.PHONY: test-mesh
test-mesh: guest ## the mesh of five services whose parts die, with 10,000 requests while a replica is dead
	WEIR_MESH_REQUESTS=10000 $(GO) test -count=1 -v -run '^TestMeshOfFive$$' ./cmd/weir

.PHONY: interop
interop: ## run gRPC's own test client and server through the binary; MIB=10240 for long streams
	cd interop && $(GO) vet . && $(GO) test -count=1 . $(if $(MIB),-mib $(MIB) -run Long -v)

.PHONY: race
race: guest ## run the tests under the race detector
	$(GO) test -race -timeout 20m $(RACE)

.PHONY: differential
differential: ## compare what filters see and do in Weir with Envoy
	cd core/abi/proxywasm/differential && WEIR_DIFFERENTIAL=1 $(GO) test -count=1

.PHONY: h2spec
h2spec: guest ## run the conformance test of HTTP/2 against the gateway, with TLS and in clear
	WEIR_H2SPEC=required $(GO) test -count=1 -v -run '^TestH2spec$$' ./cmd/weir

.PHONY: test-jaeger
test-jaeger: guest ## send traces through a gateway and a sidecar to a real Jaeger, and look them up there
	.ci/deps.sh jaeger
	WEIR_JAEGER=required $(GO) test -count=1 -v -run '^TestJaeger$$' ./cmd/weir

.PHONY: examples
examples: ## build the filters of wasm-examples in all their languages
	$(MAKE) --no-print-directory -C wasm-examples --jobs=$$(nproc)

.PHONY: examples-test
examples-test: examples ## build all examples and run them in Weir and in Envoy; build and run what "weir new" writes
	WEIR_EXAMPLES=required $(GO) test ./wasm-examples
	WEIR_TEST_NEW=all $(GO) test -count=1 -timeout 30m -run '^TestNew$$' ./cmd/weir

.PHONY: check
check: ## look for unformatted, suspicious or stale files
	.ci/check.sh

.PHONY: fuzz
fuzz: guest ## fuzz each target for FUZZTIME (10s)
	.ci/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: build ## measure beside nginx, HAProxy and Envoy; QUICK=1, JSON=FILE, BENCHFLAGS=... for the first table alone
	$(GO) build -o bin/bench ./bench
	bin/bench compare $(if $(QUICK),--quick) $(if $(JSON),--json '$(JSON)') $(BENCHFLAGS)
	$(if $(BENCHFLAGS),,$(MAKE) --no-print-directory bench-mesh)

.PHONY: bench-mesh
bench-mesh: build ## measure pairs of sidecars beside nginx and Envoy, each filter in process, changes of endpoints; QUICK=1
	$(GO) build -o bin/bench ./bench
	bin/bench compare --over mtls $(if $(QUICK),--rounds 1 --seconds 1)
	$(GO) test -run '^$$' -bench 'Wasm$$' $(if $(QUICK),-benchtime 100x) ./filters
	$(GO) test -run '^$$' -bench 'Update' $(if $(QUICK),-benchtime 1x) ./core/cluster
	$(GO) test -run '^$$' -bench 'Guests$$' $(if $(QUICK),-benchtime 1x) -timeout 10m ./core/wasm/meter

.PHONY: bench-protocols
bench-protocols: build ## measure HTTP/2 and TLS beside the peers, abuse, and memory; QUICK=1
	$(GO) build -o bin/bench ./bench
	bin/bench compare --over http2 $(if $(QUICK),--rounds 1 --seconds 1)
	bin/bench compare --over tls $(if $(QUICK),--rounds 1 --seconds 1)
	bin/bench handshakes $(if $(QUICK),--rounds 1 --seconds 1)
	bin/bench abuse $(if $(QUICK),--rounds 1)
	bin/bench streams

.PHONY: bench-alone
bench-alone: build ## measure of Weir alone: memory, starts, stalls, loads, calls, a Go filter
	$(GO) build -o bin/bench ./bench
	bin/bench idle
	bin/bench stall
	bin/bench collector
	bin/bench handshakes
	$(GO) test -run '^$$' -bench 'Load$$' -benchtime 3s ./core/wasm
	$(GO) test -run '^$$' -bench 'HTTPCall$$' -benchtime 5s ./core/proxy

.PHONY: bench-results
bench-results: build ## measure the scenarios of bench/scenarios, write bench/RESULTS.md; at most 25 minutes
	bin/weir bench run bench/scenarios/*.toml --rounds 7 --limit 25m --markdown bench/RESULTS.md $(BENCHFLAGS)

.PHONY: bench-micro
bench-micro: guest ## run the packages' own benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: deps
deps: ## bring what checks, benchmarks and examples need: packages, toolchains, Envoy
	.ci/deps.sh

.PHONY: clean
clean: ## remove what was built, but not what "make deps" brought
	rm -rf bin filters/builtin/builtin.wasm
	$(MAKE) --no-print-directory -C wasm-examples clean
