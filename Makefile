# Everything below is idempotent and installs what it needs. `make help` lists the targets.

SHELL := /bin/bash
# Without compiled files each of the many processes that tests start compiles the whole package again.
unexport PYTHONDONTWRITEBYTECODE
VENV := .dev/venv
PYTHON := $(VENV)/bin/python
BOOTSTRAP ?= python3
PHPUNIT ?= phpunit

.DEFAULT_GOAL := help
.PHONY: help packages venv wordpress site up down demo test test-php test-python bench lint format generate clean distclean

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

packages: ## Distribution packages (PHP, MariaDB, PHPUnit, Chromium, npm)
	@$(BOOTSTRAP) -m dev.packages

$(VENV)/.installed: pyproject.toml
	@$(BOOTSTRAP) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Error: Python 3.11 or later is needed (BOOTSTRAP=python3.12 make ...)"; exit 1; }
	@test -x $(PYTHON) || $(BOOTSTRAP) -m venv $(VENV)
	@echo "Installing Python packages ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --use-pep517 --editable '.[dev]'
	@touch $@

venv: packages $(VENV)/.installed ## The virtual environment

wordpress: venv ## The pinned WordPress and WP-CLI
	@$(PYTHON) -c 'from dev import wordpress; wordpress.ensure()'

site: wordpress ## A WordPress site with the plugin, joined with the sidecar
	@$(PYTHON) -m dev site

up: wordpress ## Start database, site and sidecar, and leave them running
	@$(PYTHON) -m dev up

down: ## Stop everything `up` or `demo` started
	@if test -x $(PYTHON); then $(PYTHON) -m dev down; fi

demo: wordpress ## Run the main job on real input and show what happened (DEMO_EXIT=1 stops by itself)
	@$(PYTHON) -m dev demo

lint: wordpress ## ruff, mypy, php -l, generated files
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@git ls-files -z --cached --others --exclude-standard '*.php' | xargs -0 -r -n 1 -P 2 php -l | { grep -v '^No syntax errors' || true; }
	@$(PYTHON) -m tools.generate --check

test: lint test-php test-python ## All checks and tests

test-php: wordpress
	@$(PHPUNIT) --configuration phpunit.xml.dist --fail-on-risky --fail-on-warning --fail-on-skipped --fail-on-incomplete --fail-on-empty-test-suite

# Most tests wait for real processes, so a few more than the machine has cores run at once.
test-python: wordpress
	@$(PYTHON) -m pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder

bench: wordpress ## The performance figures (ONLY=hooks,page,queue,steps,engine,lists ...)
	@$(PYTHON) -m tests.bench $(if $(ONLY),--only=$(ONLY))

generate: venv ## Write the generated files again
	@$(PYTHON) -m tools.generate

format: venv ## Format the Python files
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

clean: ## Stop and delete the development instance
	@if test -x $(PYTHON); then $(PYTHON) -m dev clean; fi
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis

distclean: clean ## Also delete downloads and the virtual environment
	@rm -rf .dev
