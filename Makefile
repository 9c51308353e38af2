# The README's two commands need Go alone; these targets add to them.

GO      ?= go
OBJECTS ?= 1000000
DIR     ?=

export CGO_ENABLED = 0

.PHONY: run test bench lint realdata build

run: ## a coalition of four members, playing and serving
	$(GO) run ./cmd/entente demo

test: ## everything that CI runs
	./.ci/run

build:
	$(GO) build -trimpath -o entente ./cmd/entente

bench: build ## the table of docs/performance.md, measured here
	./entente bench --objects $(OBJECTS)

realdata: ## import, serve and read back a folder of real STIX: make realdata DIR=...
	@test -n "$(DIR)" || { echo "say where the data is: make realdata DIR=..." >&2; exit 2; }
	ENTENTE_REALDATA="$(abspath $(DIR))" $(GO) test -count=1 -run TestRealData -v ./internal/node | \
		awk '/^=== |--- PASS/ {next} {print} /^FAIL/ {bad = 1} END {exit bad}'

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	$(GO) vet ./...
	$(GO) tool -modfile=tools/go.mod staticcheck ./...
