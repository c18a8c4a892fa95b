# Two commands on a fresh machine: `make run` opens the demo, `make test` runs every test that can run here.
# Needs Linux and Python >= 3.11 with venv; the rest comes from the Python package registry into .venv.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test check lint types layers unit bench pictures clean

help:  ## What can be made here.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/.run  ## Set up, then open the dashboard on two demo projects.
	@$(BIN)/hubtui demo

test: check unit  ## Set up, then lint, types, layers and every test that can run here.

check: lint types layers  ## Without running a test.

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/mypy

layers: .venv/.dev
	$(BIN)/lint-imports

unit: .venv/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

bench: .venv/.dev  ## Measure beside peers and limits, both sides in one run; it reports and never fails.
	$(BIN)/python -m benchmarks

pictures: .venv/.dev  ## Let the app draw the pictures of the README again.
	$(BIN)/python docs/draw.py

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "hubtui needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/.run

clean:  ## Remove what was set up here; state folders stay.
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
