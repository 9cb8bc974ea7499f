# LineLab for people at a terminal: `make run`, `make test`. Everything happens in .venv, nothing outside this folder.
#
#   make run          set up, then start one bench on the reference line       (ARGS="--benches 3" adds options)
#   make test         set up, then the tests of at most ten minutes
#   make test-long    the long ones: eight-hour runs, statistics, interoperability
#   make check        format, lint, types, import contracts, shipped content
#   make bench        measure the figures that the README quotes
#   make web          build the web page (needs node 20 or later and npm)
#   make clean        remove what was made here, .venv as well
#
# PYTHON=python3.12 make run     takes that interpreter (3.11 or later)

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3.14 python3,$(if $(shell command -v $(p) 2>/dev/null),$(p))))
WORKERS ?= 2
ARGS ?=

BIN := .venv/bin
STAMP := .venv/.ready
NPM ?= npm

# Relative paths alone, so that a folder with spaces in its name is no different
.PHONY: setup run test test-long check bench web clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo 'Python is missing. Install it: sudo apt-get install python3 python3-venv'; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'LineLab needs Python 3.11 or later; this is' "$$("$(PYTHON)" --version). Choose one: make PYTHON=python3.11"; exit 2; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo 'Python has no venv here. Install it: sudo apt-get install python3-venv'; exit 2; }
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || { echo 'Making .venv'; "$(PYTHON)" -m venv --clear .venv; }
	@echo 'Installing pinned packages (the first time takes a minute)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

run: setup
	@$(BIN)/linelab up $(ARGS)

test: setup
	@$(BIN)/python -m pytest -n $(WORKERS) -m 'not long' $(ARGS)

test-long: setup
	@$(BIN)/python -m pytest -n $(WORKERS) -m long --timeout 1800 $(ARGS)

check: setup
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/linelab check

bench: setup
	@$(BIN)/python -m benchmarks $(ARGS)

web:
	@command -v $(NPM) >/dev/null || { echo 'npm is missing. Install Node.js 20 or later: https://nodejs.org, or sudo apt-get install nodejs npm'; exit 2; }
	@cd api/web && $(NPM) ci --no-fund --no-audit && $(NPM) run build

clean:
	rm -rf .venv build dist api/static .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
