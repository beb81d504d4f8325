# Omny Console. `make help` lists what can be done.

PYTHON ?= python3
PORT ?= 8000
# Processes that share the tests; 0 runs them in one.
WORKERS ?= 2
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
INSTALLED := $(VENV)/installed.stamp
# The last file that infra/generate/assets.py copies.
ASSETS := chalicelib/console/static/vendor/inter.LICENSE.txt
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard chalicelib/console/locale/*/LC_MESSAGES/*.po))
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --no-emit-index-url $(ARGS)

# checkov pins packages of its own: it has its own environment.
CHECKOV := $(VENV)/checkov/installed.stamp
# The stage that `make deploy` deploys.
STAGE ?= dev

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run reset clean test test-fast chromium lint format contract mutants licences bench lifecycle \
	verify-journal verify-closings recompute-usage lock messages package deploy check-template rehearse \
	samples check-pdfa verify-documents verify-sales bench-run

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# --- Installing ------------------------------------------------------------------------------

setup: $(INSTALLED) $(ASSETS) $(CATALOGUES) ## Make .venv, the front-end assets and the catalogues (PYTHON=python3.12)

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Omny Console needs Python 3.11 or later, and '$(PYTHON)' is not." \
			"Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make $(VENV). On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }

# uv comes out of the lock, with its hashes, and installs the rest in seconds. It does not read
# pip's own configuration (a mirror, a certificate): where it fails, pip has a try.
$(INSTALLED): requirements-dev.txt | $(PY)
	@echo "Installing the Python packages"
	@awk '/^[^ ]/ { uv = /^uv==/ } uv' requirements-dev.txt > $(VENV)/uv.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements-dev.txt \
		|| $(PY) -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

$(ASSETS): package-lock.json infra/generate/assets.py | $(INSTALLED)
	@$(PY) -m infra.generate.assets

%.mo: %.po | $(INSTALLED)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

# --- Running ---------------------------------------------------------------------------------

run: setup ## Start the console and everything behind it (PORT=8100)
	@exec $(PY) -m infra.local.run --port $(PORT) $(ARGS)

reset: ## Forget the local data: the next `make run` starts from nothing
	rm -rf .local

clean: reset ## Undo `make setup` and `make run`
	rm -rf $(VENV) node_modules chalicelib/console/static/vendor chalicelib/paper/fonts
	rm -rf dist .mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name '*.mo' -type f -exec rm -f {} +

# --- Checking --------------------------------------------------------------------------------

test: setup chromium ## Run every test (ARGS="-k invoice", WORKERS=0)
	@$(PY) -m pytest -n $(WORKERS) --dist loadscope $(ARGS)

test-fast: setup ## Run the tests of the rules and the dated stories, under a minute
	@$(PY) -m pytest tests/unit tests/scenarios $(ARGS)

chromium:
	@if command -v chromium > /dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "Installing chromium for the browser tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium > /dev/null; \
	fi; \
	if command -v chromium > /dev/null; then exit 0; fi; \
	echo "chromium is missing, which the browser tests need. On Debian and Ubuntu:" \
		"sudo apt-get install chromium" >&2; \
	if [ "$(CI)" = true ]; then exit 1; fi; \
	echo "The browser tests are skipped." >&2

lint: setup ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## Put the code in its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

contract: setup ## Print each requirement with the tests that prove it
	@$(PY) -m infra.checks.contract

mutants: setup ## Break the rules one fault at a time: what no test notices (ARGS="--seed 2")
	@$(PY) -m infra.checks.mutants $(ARGS)

licences: setup ## List the licences of what ships; fails on one that nobody allowed
	@$(PY) -m infra.checks.licences

bench: setup ## Measure what the project promises: measured, goal, met
	@$(PY) -m infra.bench

bench-run: setup ## A full invoice run on the local DynamoDB (ARGS="2000": so many accounts)
	@$(PY) -m infra.bench.run $(ARGS)

verify-journal: setup ## Check the hash chain of the local accounts' journals
	@$(PY) -m infra.operate verify-journal $(ARGS)

verify-closings: setup ## Check the closings of receipts of the local stack
	@$(PY) -m infra.operate verify-closings

verify-sales: setup ## Check the closings of the local stack's sales journal
	@$(PY) -m infra.operate verify-sales

verify-documents: setup ## Check the stored invoices and credit notes against their digests
	@$(PY) -m infra.operate verify-documents $(ARGS)

recompute-usage: setup ## Compare recorded usage with the desktops' histories (every month, or ARGS=2026-11)
	@$(PY) -m infra.operate recompute-usage $(ARGS)

# --- Deploying -------------------------------------------------------------------------------

package: setup ## Write dist/deployment.zip, dist/template.yaml, dist/sbom.json (PYTHON_VERSION=3.13)
	@$(PY) -m infra.deploy.package $(if $(PYTHON_VERSION),--python $(PYTHON_VERSION)) $(ARGS)

deploy: package ## Deploy a stage: shows what will change and asks (STAGE=dev)
	@$(PY) -m infra.deploy $(STAGE) $(ARGS)

rehearse: setup ## Deploy the package on this machine, play the main job, run every handler (ARGS=--keep)
	@$(PY) -m infra.rehearsal $(ARGS)

check-template: package $(CHECKOV) ## Check the template with cfn-lint and checkov
	@$(BIN)/cfn-lint --regions eu-west-3 -t dist/template.yaml
	@$(VENV)/checkov/bin/checkov --config-file infra/checks/checkov.yaml -f dist/template.yaml

$(CHECKOV): infra/checks/requirements-checkov.txt | $(INSTALLED)
	@$(PY) -m venv --clear $(VENV)/checkov
	@VIRTUAL_ENV=$(VENV)/checkov $(BIN)/uv pip sync --quiet --require-hashes $< \
		|| $(VENV)/checkov/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@

samples: setup ## Write real invoices and credit notes of the demo accounts to .local/samples
	@$(PY) -m infra.checks.samples

check-pdfa: samples ## Check the samples against PDF/A-3B with veraPDF, where Java is there
	@$(PY) -m infra.checks.pdfa $(ARGS)

lifecycle: setup ## Draw docs/desktop-lifecycle.md from the state machine
	@$(PY) -m infra.generate.lifecycle

# --- Maintaining -----------------------------------------------------------------------------

lock: $(INSTALLED) ## Compile the locks from pyproject.toml and package.json (ARGS=--upgrade)
	@$(COMPILE) pyproject.toml -o requirements.txt
	@$(COMPILE) pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt
	@$(COMPILE) --group node -o infra/generate/requirements-node.txt
	@$(COMPILE) --group checkov -o infra/checks/requirements-checkov.txt
	@$(COMPILE) --no-deps --group rehearsal -o infra/rehearsal/requirements.txt
	@$(COMPILE) --no-deps --group verapdf -o infra/checks/requirements-verapdf.txt
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm install --package-lock-only --ignore-scripts \
		--omit-lockfile-registry-resolved --no-audit --no-fund

messages: setup ## Collect the French texts into the English catalogue and compile it
	@$(PY) -m infra.generate.messages
	@$(MAKE) --no-print-directory setup
