# Two commands on a fresh machine: `make run` opens the demo, `make test` runs every test that can run here.
# Needs Linux and Python >= 3.11 with venv; the rest comes from the Python package registry into .venv
# (and into .venv-dagger-0.19 what the tests of the older Dagger SDK need).

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
OLD := .venv-dagger-0.19
OLD_SDK := 0.19.4
WORKERS ?= 2

# Which SDK the tests of this environment speak with.
sdk = $(1)/python -c "from importlib.metadata import version; print('dagger-io', version('dagger-io'))"

.DEFAULT_GOAL := help
.PHONY: help run test check lint types layers unit dagger-old faults live bench pictures clean

help:  ## What can be made here.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/.run  ## Set up, then open the dashboard on two demo projects.
	@$(BIN)/hubtui demo

test: check unit dagger-old  ## Set up, then lint, types, layers and every test that can run here.

check: lint types layers  ## Without running a test.

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/mypy

layers: .venv/.dev
	$(BIN)/lint-imports

unit: .venv/.dev
	@$(call sdk,$(BIN))
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

dagger-old: $(OLD)/.test  ## The Dagger tests once more, with the oldest SDK that hubtui takes.
	@$(call sdk,$(OLD)/bin)
	$(OLD)/bin/python -m pytest -n $(WORKERS) --dist loadfile -p no:cacheprovider -m "not dagger" tests/unit/dagger tests/live/dagger

faults: .venv/.dev  ## The long ones of the fault suite: killed, or failed by the disk, at hundreds of system calls (8 minutes).
	$(BIN)/python -m pytest -n $(WORKERS) --dist load -m long tests/faults

live: .venv/.dev  ## The tests that want a real engine, on the one that is found; LIVE_MINUTES=10 adds the one that idles.
	@$(call sdk,$(BIN))
	$(BIN)/python -m pytest -m dagger tests/live

bench: .venv/.bench  ## Measure beside peers and limits, both sides in one run; it reports and never fails.
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

.venv/.bench: .venv/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@touch $@

$(OLD)/.test: pyproject.toml
	@test -n "$(PYTHON)" || { echo "hubtui needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(OLD)
	$(OLD)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' 'dagger-io==$(OLD_SDK)'
	@touch $@

clean:  ## Remove what was set up here; state folders stay.
	rm -rf .venv $(OLD) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
