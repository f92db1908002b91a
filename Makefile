# make demo     try Baton in the browser        make test     all tests
# make check    what the CI does                make help     the rest
SHELL := /bin/bash
BIN := .venv/bin
PORT ?= 3000
PAGE_PORT ?= 4000
JOBS ?= 2
ROUNDS ?= 200
HANDOFFS ?= 1000
WALKS := $(filter-out %/test_page.py,$(wildcard tests/browser/test_*.py))

# The tests start the bot a hundred times: it is compiled once, also where somebody wants no compiled files.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-everywhere faults simulation bench-scale lint types contracts check bench pictures browser clean

help:
	@echo "make demo       try Baton in the browser: a local Slack workspace, nothing leaves this machine"
	@echo "                (PORT=3000 and PAGE_PORT=4000 can be changed)"
	@echo "make test       all tests (BROWSER=no leaves out those that need Chromium; JOBS=2 at once)"
	@echo "make test-everywhere  every story on SQLite and on PostgreSQL"
	@echo "make faults     kills the bot 200 times on each database and looks whether anything was lost (ROUNDS=200)"
	@echo "make simulation six months of many handoffs, four times: three fixed seeds and a fresh one (HANDOFFS=1000)"
	@echo "make lint       style        make types      type checks        make contracts  who may import whom"
	@echo "make check      all of these, as the CI does"
	@echo "make bench      how fast it is: ten minutes, and for a territory of 2,000 accounts forty more (Ctrl-C leaves them out)"
	@echo "make bench-scale  with 100,000 handoffs (ten minutes, 15 GB of disk)"
	@echo "make pictures   takes the pictures in the README anew"
	@echo "make browser    installs Chromium for the tests, if it is missing (Debian, as root)"
	@echo "make clean      removes what tests and demo left behind"

# Everything for the tests contains everything for the demo, so its stamp is both.
.venv/demo.stamp: pyproject.toml constraints.txt .ci/install
	@.ci/install demo
	@touch $@

.venv/test.stamp: pyproject.toml constraints.txt .ci/install
	@.ci/install demo,test
	@touch .venv/demo.stamp $@

demo: .venv/demo.stamp
	@$(BIN)/baton demo --port $(PORT) --page-port $(PAGE_PORT)

ifeq ($(BROWSER),no)
test: .venv/test.stamp
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal -m "not browser"
	@echo "The tests in the browser were left out (BROWSER=no)."
else
test: .venv/test.stamp browser
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal
endif

test-everywhere: .venv/test.stamp
	@BATON_EVERYWHERE=1 $(BIN)/python -m pytest -q -n $(JOBS) tests/store tests/flows

faults: .venv/test.stamp
	@$(BIN)/python -m tests.faults --rounds $(ROUNDS)

simulation: .venv/test.stamp
	@$(BIN)/python -m tests.simulation --ci --handoffs $(HANDOFFS)

lint: .venv/test.stamp
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/test.stamp
	@$(BIN)/mypy

contracts: .venv/test.stamp
	@$(BIN)/lint-imports

check: lint types contracts test
	@$(MAKE) --no-print-directory simulation HANDOFFS=60

bench: .venv/test.stamp
	@$(BIN)/python -m bench clicks nudges start import territory

bench-scale: .venv/test.stamp
	@$(BIN)/python -m bench scale

pictures: .venv/test.stamp browser
	@BATON_PICTURES=1 $(BIN)/python -m pytest -q $(WALKS)

browser:
	@.ci/browser

clean:
	@rm -rf var build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
