# RLHFHub: `make` prints what there is to do. Needs python3 (3.11 or newer), pip and make; everything else it installs.
PYTHON ?= python3
PORT ?= 8000
SIZE ?= 100k
ARGS ?=
export PORT

PY := .venv/bin/python
INSTALLED := .venv/.stamp

.DEFAULT_GOAL := help
.PHONY: help demo run test bench lint types django check format servers stop locks clean distclean

help: ## print this
	@echo "RLHFHub"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
	@echo
	@echo "  PORT=8000     the port of demo and run      RESET=1    make demo starts over"
	@echo "  SIZE=100k     of make bench (10k is brief, 1m is whole)   ARGS=...   more arguments for pytest or bench"

$(INSTALLED): uv.txt requirements-dev.txt rlhfhub/devtools/install.py
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: on Debian run 'sudo apt-get install python3 python3-pip'"; exit 1; }
	@$(PYTHON) rlhfhub/devtools/install.py requirements-dev.txt

demo: $(INSTALLED) ## install, start everything, fill it with real data, simulate annotators; Ctrl-C stops
	@exec $(PY) -m rlhfhub.devtools.demo

run: $(INSTALLED) ## the site alone: servers, web, worker and scheduler; Ctrl-C stops
	@exec $(PY) -m rlhfhub.devtools.supervisor

# A module stays on one worker, for its tests may share a running site. (loadgroup has no effect under pytest 9.2.)
test: $(INSTALLED) ## all tests, with servers of their own
	@$(PY) -m rlhfhub.devtools.browser --install || true
	@exec $(PY) -m rlhfhub.devtools.test_run $(PY) -m pytest -n auto --dist loadfile $(if $(FAST),--fast) $(ARGS)

bench: $(INSTALLED) ## measure imports, claims, submits, exports against plain SQL
	@exec $(PY) -m rlhfhub.devtools.bench --size $(SIZE) $(ARGS)

lint: $(INSTALLED) ## style of code and templates, import directions, hosts in locks
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m djlint --lint --check templates
	@.venv/bin/lint-imports
	@! grep -nE 'https?://|--(extra-)?index|--find-links' requirements.txt requirements-dev.txt uv.txt

types: $(INSTALLED) ## mypy
	@$(PY) -m mypy

django: $(INSTALLED) ## migrations complete, production settings sound
	@$(PY) -m rlhfhub.devtools.checks

check: lint types django ## lint, types and django

# All rules stay selected: with fewer, RUF100 would take away each noqa that the others need.
format: $(INSTALLED) ## let ruff and djLint format and sort
	@$(PY) -m ruff check --fix-only --fixable I,UP,RUF100 .
	@$(PY) -m ruff format .
	@$(PY) -m djlint --quiet --warn --reformat templates

servers: $(INSTALLED) ## the embedded PostgreSQL and broker alone, as daemons (for plain .venv/bin/pytest)
	@$(PY) -m rlhfhub.devtools.servers start
	@$(PY) -m rlhfhub.devtools.roles

stop: ## stop whatever of this checkout runs
	@[ ! -x $(PY) ] || $(PY) -m rlhfhub.devtools.stop

locks: $(INSTALLED) ## compile the locks anew (after changing requirements*.in)
	@$(PY) -m rlhfhub.devtools.locks $(ARGS)

clean: stop ## remove what running and testing made (the demo's data too)
	@[ ! -x $(PY) ] || $(PY) -m rlhfhub.devtools.stop --remove
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis staticfiles

distclean: clean ## also remove what was installed
	@rm -rf .venv .tools
