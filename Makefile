# A newcomer needs Python 3.11 or newer and make. `make demo` shows the product, `make test` proves it.
SHELL := /bin/sh
PYTHON ?= python3
RUN := .venv/bin/python
LOCK := requirements-dev.lock
STAMPS := var/stamps
INSTALLED := .venv/.lock-$(shell cksum < $(LOCK) | tr -d ' ')
CATALOGUES := $(wildcard */locale/*/LC_MESSAGES/*.po)
JOBS ?= 2
ARGS ?=

# As root, the embedded PostgreSQL needs a system user; these commands may make it, and say so.
export SCRM_POSTGRES_CREATE_USER ?= 1
export SCRM_SHARED ?= ../shared

.PHONY: help setup demo test coverage check lint types contracts templates migrations translations system bench chaos fuzz lock clean
help: ## show these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1: /p' $(MAKEFILE_LIST) | expand -t 18

setup: $(INSTALLED) $(STAMPS)/translations ## make the environment

demo: setup ## everything with a sample brand on http://127.0.0.1:8000 (SCRM_PORT)
	@exec $(RUN) manage.py demo

test: setup ## the whole suite (ARGS="tests/core -k roles" for a part)
	@$(RUN) -m pytest -n $(JOBS) --dist worksteal $(ARGS)

coverage: setup ## the suite once more, line by line: 92 % of the branches at least (slower by two fifths)
	@$(RUN) -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term

check: setup lint types contracts templates migrations translations system ## all of these; `make -k check` goes on

lint: setup
	@$(RUN) -m ruff check --quiet .
	@$(RUN) -m ruff format --quiet --check .

types: setup
	@$(RUN) -m mypy --no-error-summary

contracts: setup
	@.venv/bin/lint-imports --no-cache

templates: setup
	@git ls-files '*.html' | xargs --no-run-if-empty $(RUN) -m djlint --quiet --lint

migrations: setup
	@$(RUN) manage.py makemigrations --check --dry-run

translations: setup
	@$(RUN) manage.py translations --check

system: setup
	@$(RUN) manage.py check --fail-level WARNING

bench: setup ## ratios against the bare statement and peers
	@$(RUN) manage.py bench $(ARGS)

chaos: setup ## kills, restarts, races
	@SCRM_T9_BOOKINGS=100000 SCRM_T20_KILLS=20 SCRM_T1_SENDS=100000 SCRM_T1_KILLS=50 SCRM_T2_RESTARTS=5 SCRM_T6_WITHDRAWALS=1000 \
		$(RUN) -m pytest -m chaos -n 0 --timeout 0 $(ARGS)
	@SCRM_T19_ROWS=10000 SCRM_T19_CHANGES=200 SCRM_T24_GUESSES=1000000 \
		$(RUN) -m pytest -n 0 --timeout 0 tests/audit/test_seals.py tests/members/test_guessing.py $(ARGS)

lock: setup ## pin the dependencies of pyproject.toml with hashes
	$(RUN) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --group dev --output-file $(LOCK) pyproject.toml

clean: ## remove what make made; the data under var/ stay, apart from the suite's own
	rm -rf .venv $(STAMPS) var/test .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.mo' -delete

$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; PYTHON=python3.12 make … names another."; exit 1; }
	@test -x $(RUN) || $(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python's venv module is needed (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Installing what $(LOCK) pins …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(LOCK)
	@rm -f .venv/.lock-* && touch $@

$(STAMPS)/translations: $(INSTALLED) $(CATALOGUES)
	@mkdir -p $(STAMPS)
	@test ! -e core/management/commands/translations.py || $(RUN) manage.py translations --compile
	@touch $@

fuzz: setup ## 10,000 cases of a fuzzer against the API, and 200 keys of the idempotency test
	@SCRM_FUZZ_CASES=10000 SCRM_T5_KEYS=200 SCRM_T5_DEATHS=20 $(RUN) -m pytest -n 0 --timeout 0 tests/scrm/test_api_fuzz.py tests/scrm/test_api_idempotency.py $(ARGS)
