# Two commands set a fresh machine up: `make demo` and `make test`. Everything else is a step of these.
SHELL := /bin/bash
NODE_BIN := $(CURDIR)/node_modules/.bin
export PATH := $(NODE_BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help browser setup demo test unit attack check fix docs golden engine engine-down mirror mirror-down aws aws-down bench-bench bench-build bench-cli bench-faults bench-models bench-nodes bench-push bench-runtime bench-test bench-tokenizer first-minutes clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## build a real model's Lambda image for arm64 Alpine, test it, show its answer
	@test/demo

test: setup browser ## set up what is missing, then every test
	@vitest run

setup: dist engine mirror ## packages, engine and base images; does only what is missing

unit: node_modules ## the tests that need no engine
	@vitest run --project unit

check: node_modules ## lint, types, dead code, imports, linear regular expressions, current documentation
	@biome check . && tsc && knip && node test/regular-expressions.ts && node build/docs/index.ts --check && vitest run --project unit test/unit/architecture.test.ts

fix: node_modules ## format, and mend what the linter can mend
	@biome check --write .

docs: node_modules ## generate the command line reference, field tables and schemas
	@node build/docs/index.ts && vitest run --project unit test/unit/runtime/docs.test.ts --update

golden: node_modules ## write the golden files of plan and bake anew
	@UPDATE_GOLDEN=1 vitest run --project unit test/unit/build

bench-build: setup ## figures of the build, each against the usual Dockerfile in one run
	@node test/bench/build.ts

bench-runtime: setup ## figures of the program inside the image, each against the usual way or the bare minimum
	@node test/bench/runtime.ts

bench-tokenizer: setup ## figures of a large vocabulary's start, against the tokenizer that was there before
	@node test/bench/tokenizer.ts

bench-cli: setup ## figures of the command line, against `node -e 0` and `docker buildx bake`
	@node test/bench/cli.ts

bench-bench: setup ## how right `mkimage bench` is: a known program, and whether two runs name the same cell
	@node test/bench/bench.ts

bench-table: setup ## the README's table: a real model on every system, in three number formats, beside its baselines
	@node test/bench/table.ts

bench-push: setup ## bytes that a push sends: the eighth image after seven, and in another repository
	@node test/bench/push.ts

bench-test: setup ## `mkimage test` of the matrix, against `docker run`, `curl` and `docker rm` of each image
	@node test/bench/test.ts

bench-faults: setup ## kills and faults at every point of a push and a deployment: the table of docs/deploy.md
	@FAULTS=all vitest run --project integration test/integration/half-done.test.ts

first-minutes: setup ## docs/first-minutes.md, from a real run of a packed mkimage in an empty folder
	@node test/bench/first-minutes.ts

bench-nodes: setup ## quantizing four models on two nodes of a builder, against one; each node has a core of its own
	@node test/bench/nodes.ts

bench-models: setup ## figures of quantized models against fp32, both in one run
	@node test/bench/models.ts

attack: setup ## hostile inputs, projects and kills against the function and the tool; one part: PART=inputs
	@node test/attack/index.ts

engine: ## a Docker engine with buildx where there is none (Debian and Ubuntu, as root)
	@test/env/engine/up

engine-down: ## undo `make engine`
	@test/env/engine/down

mirror: engine ## base images where no container registry can be reached
	@test/env/mirror/up

mirror-down: ## stop the mirror
	@test/env/mirror/down

browser: ## a headless browser for the tests of the page of `mkimage up`
	@test/env/browser/up

aws: node_modules ## an emulator of ECR and Lambda on this machine
	@test/env/aws/up

aws-down: ## stop the emulator
	@test/env/aws/down

dist: node_modules $(shell find build models -name '*.ts')
	@rm -rf dist && npm run --silent build && chmod +x dist/build/cli.js
	@ln -sf ../../dist/build/cli.js node_modules/.bin/mkimage # npx has its own idea of this package, and keeps it from before there was dist

node_modules: package.json package-lock.json runtime/package-lock.json
	@test/env/engine/node
	@npm ci --no-audit --no-fund --loglevel=error
	@npm ci --no-audit --no-fund --loglevel=error --ignore-scripts --prefix runtime
	@touch node_modules

clean: ## remove what was generated in this folder
	@rm -rf dist node_modules runtime/node_modules test/.report
