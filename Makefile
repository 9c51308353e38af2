# The README's two commands need Go alone; these targets add to them.

GO      ?= go
VERSION ?= 0.0.0~$(shell git log -1 --format=%cd.%h --date=format:%Y%m%d)
OBJECTS ?= 1000000
DIR     ?=
ONLY    ?= 1

export CGO_ENABLED = 0

.PHONY: run test bench mutants lint realdata build deb

run: ## a coalition of four members, playing and serving
	$(GO) run ./cmd/entente demo

test: ## everything that CI runs
	./.ci/run

build:
	$(GO) build -trimpath -o entente ./cmd/entente

deb: ## the Debian package of this machine's architecture, in dist/
	rm -rf dist && mkdir -p dist/man dist/completion
	$(GO) build -trimpath -ldflags "-X entente/internal/node.version=$(VERSION)" -o dist/entente ./cmd/entente
	./dist/entente man dist/man
	gzip -9n dist/man/*.1
	./dist/entente completion bash > dist/completion/entente.bash
	./dist/entente completion zsh > dist/completion/_entente
	./dist/entente completion fish > dist/completion/entente.fish
	ARCH=$$($(GO) env GOARCH) VERSION=$(VERSION) $(GO) tool -modfile=tools/go.mod nfpm package -f packaging/nfpm.yaml -p deb -t dist/
	./packaging/check-deb dist/*.deb

bench: build ## the table of docs/performance.md, measured here
	./entente bench --objects $(OBJECTS)

mutants: ## break each hole into a copy of the product, and see that a test finds it
	ENTENTE_MUTANTS=$(ONLY) $(GO) test -count=1 -timeout 60m -run TestMutantsAreFound -v ./internal/node

realdata: ## import, serve and read back a folder of real STIX, and scan its logs: make realdata DIR=...
	@test -n "$(DIR)" || { echo "say where the data is: make realdata DIR=..." >&2; exit 2; }
	ENTENTE_REALDATA="$(abspath $(DIR))" $(GO) test -count=1 -run 'TestRealData|TestRealLogs' -v ./internal/node ./cmd/entente | \
		awk '/^=== |--- PASS/ {next} {print} /^FAIL/ {bad = 1} END {exit bad}'

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	$(GO) vet ./...
	$(GO) tool -modfile=tools/go.mod staticcheck ./...
