# Two commands set up everything on a fresh machine: `make demo` and `make test`.
# Needed: Python 3.11 or later (PYTHON=... names another one), make, a package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint types tests validate-long bench bench-fleet bench-timing pictures clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "qtrace needs Python 3.11 or later; name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $(STAMP)

# The folder of an earlier demo goes first: the demo wants a new or empty one.
demo: $(STAMP)
	rm -rf demo
	$(BIN)/qtrace demo demo

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry .

types: $(STAMP)
	$(BIN)/mypy

# One file stays with one worker, so that what a file sets up is set up once.
tests: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile

test: lint types tests

# Long simulations in full; `make tests` runs a part of them. The outcomes are committed.
validate-long: $(STAMP)
	PYTHONPATH=tests $(BIN)/python tests/long/never_too_long.py
	PYTHONPATH=tests $(BIN)/python tests/long/offset_pull.py
	PYTHONPATH=tests $(BIN)/python tests/long/interval_coverage_run.py
	PYTHONPATH=tests $(BIN)/python tests/long/detector_intervals.py
	PYTHONPATH=tests $(BIN)/python tests/long/sync_75km_points.py
	PYTHONPATH=tests $(BIN)/python tests/long/offset_coverage_run.py
	PYTHONPATH=tests $(BIN)/python tests/long/advantage_rate_run.py
	PYTHONPATH=tests $(BIN)/python tests/long/fidelity_coverage_run.py
	PYTHONPATH=tests $(BIN)/python tests/long/tomography_coverage_run.py

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/fleet.py

# Sets of results at fleet scale, against peers in an environment of their own.
bench-fleet: $(STAMP)
	$(BIN)/python benchmarks/fleet.py --large

# Stability, correlation, PTU files and streams larger than memory; a quiet machine tells more.
bench-timing: $(STAMP)
	$(BIN)/python benchmarks/timing_stability.py
	$(BIN)/python benchmarks/timing_correlation.py
	$(BIN)/python benchmarks/timing_ptu.py
	$(BIN)/python benchmarks/timing_large.py

# Draws the pictures of the README again, from a fresh demo.
pictures: demo
	cp demo/chain/d1-efficiency.svg docs/pictures/d1-chain.svg

clean:
	rm -rf $(VENV) demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
