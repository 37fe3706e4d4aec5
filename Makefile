# Needs python3 (3.11 or newer, with venv), make and git; everything else is installed into .venv from the locked lists.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test lint format slow browser screenshots chromium bench lock migrate clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-11s %s\n' "$$name" "$$text"; done

run: $(VENV)/.run ## set up what is missing, prepare the database and serve on http://127.0.0.1:8080
	@$(BIN)/refgate init --demo
	@exec $(BIN)/refgate serve

test: lint ## run all gates: ruff, mypy, import rules, tests on SQLite and PostgreSQL; with COVERAGE=1 also how much they reach
ifdef COVERAGE
	$(BIN)/pytest -k "not postgresql" --cov --cov-report=term $(PYTEST_ARGS)
	$(BIN)/pytest -k postgresql $(PYTEST_ARGS)
else
	$(BIN)/pytest $(PYTEST_ARGS)
endif

lint: $(VENV)/.test ## run ruff, mypy --strict and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test ## lay out the code and sort the imports
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

slow: $(VENV)/.test ## run the proofs that kill and load servers
	$(BIN)/pytest -m slow -n 0 $(PYTEST_ARGS)

browser: chromium $(VENV)/.test ## run the proofs in a real browser, which needs Chromium (on Debian: apt-get install chromium)
	$(BIN)/pytest -m browser tests/browser $(PYTEST_ARGS)

screenshots: chromium $(VENV)/.test ## take pictures of all pages into build/screenshots, with Chromium likewise
	$(BIN)/python -m tests.browser.screenshots build/screenshots

chromium:
	@command -v chromium > /dev/null || { echo 'This needs Chromium; on Debian: apt-get install chromium' >&2; exit 1; }

bench: $(VENV)/.test ## measure the gateway beside what it can be at most, on both databases, with wrk (on Debian: apt-get install wrk)
	$(BIN)/python -m benchmarks --json benchmarks/results/grid.json $(BENCH_ARGS)

migrate: $(VENV)/.run ## bring the database to the newest schema
	@$(BIN)/refgate migrate

lock: $(VENV)/.test ## write requirements*.txt anew from requirements*.in
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

clean: ## remove what can be made again; var/ with the database stays
	rm -rf $(VENV) build refgate.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find app tests migrations benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

$(VENV)/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Refgate needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
