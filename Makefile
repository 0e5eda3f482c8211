# Needs make and Python 3.11 or newer, nothing else; see `make help`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .local/uv
PIP_INSTALL := -m pip install --quiet --no-input --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install install-dev install-bench run stop test test-faults test-browser frontend \
	bench-ingest bench-refresh bench-dashboard lint lock clean

help:
	@echo 'Run'
	@echo '  make run       start everything on http://127.0.0.1:8000 (PORT=8001, PYTHON=python3.12)'
	@echo '                 with a DATABASE_URL and a SECRET_KEY of your own also for others: HOST=0.0.0.0'
	@echo '  make stop      stop it from another terminal, and what a killed run has left'
	@echo
	@echo 'Develop'
	@echo '  make test      run the tests (T=tests/config for a part, ARGS="-x -k name" for pytest)'
	@echo '                 POSTGRES=15: what depends on the database, on an installed PostgreSQL 15'
	@echo '  make test-faults'
	@echo '                 kill and cut everything: all tests of that, also those that take minutes'
	@echo '  make test-browser'
	@echo '                 everything that is tried in Chromium, also what takes minutes'
	@echo '  make lint      check style, types, SQL, layers and missing migrations'
	@echo '  make frontend  build the dashboard and the telemetry client, whose files are committed'
	@echo '  make lock      pin the requirements anew (ARGS=--upgrade for newer versions)'
	@echo '  make bench-ingest'
	@echo '                 measure pulses per second (SOAK=600 for ten minutes of it, ARGS=--help)'
	@echo '  make bench-refresh'
	@echo '                 measure refreshes and manager endpoints (SIZE=10k, 100k or 1m, ARGS=--help)'
	@echo '  make bench-dashboard'
	@echo '                 measure what a manager waits for, in Chromium (SIZE=10k or 100k, ARGS=--help)'
	@echo
	@echo 'Set up'
	@echo '  make install   create .venv with what run needs; run and test do it by themselves'
	@echo '  make clean     stop everything; remove .venv, caches and the local data'

# --- The virtual environment -----------------------------------------------------------------
#
# .venv/made-for   where and by which Python it was made; a moved checkout or another PYTHON makes
#                  it anew. A PYTHON that was not asked for by name does not: the environment works.
# .venv/<set>.lock a copy of the requirements that were installed to the end
# .venv/unfinished is there while pip works; one that was interrupted makes it anew

ASKED := $(if $(filter file default undefined,$(origin PYTHON)),,yes)

define check_python
	command -v "$(PYTHON)" >/dev/null 2>&1 || { \
		echo "error: there is no $(PYTHON); install Python 3.11 or newer, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; }; \
	version=`"$(PYTHON)" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'` || { \
		echo "error: $(PYTHON) does not work; name another one: make run PYTHON=python3.12" >&2; exit 1; }; \
	"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || { \
		echo "error: $(PYTHON) is Python $$version, but Pulseboard needs 3.11 to 3.14; name another one: make run PYTHON=python3.12" >&2; exit 1; }; \
	"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "error: $(PYTHON) has no venv module; install it (Debian, Ubuntu: apt install python3-venv), or name another one: make run PYTHON=python3.12" >&2; exit 1; }
endef

# $(1) is the name of a file in requirements/.
define install_requirements
	set -e; \
	made_for=`cat $(VENV)/made-for 2>/dev/null || true`; \
	usable=no; \
	if [ ! -e $(VENV)/unfinished ] && $(BIN)/python -c '' 2>/dev/null; then \
		case "$$made_for" in \
		*" in $$PWD") if [ -z "$(ASKED)" ]; then usable=yes; else \
			asked=`"$(PYTHON)" -c 'import sys; print("%s %s" % (sys.base_prefix, sys.version.split()[0]))' 2>/dev/null || true`; \
			if [ "$$made_for" = "$$asked in $$PWD" ]; then usable=yes; fi; fi;; \
		esac; \
	fi; \
	if [ $$usable = yes ] && cmp -s requirements/$(1).txt $(VENV)/$(1).lock; then exit 0; fi; \
	if [ $$usable = no ]; then \
		$(check_python); \
		{ [ -w . ] && rm -rf $(VENV) && mkdir $(VENV); } 2>/dev/null || { \
			echo "error: cannot write to $$PWD; make it writable, or work in a copy of your own" >&2; exit 1; }; \
		echo "Creating $(VENV) with Python $$version ..."; \
		touch $(VENV)/unfinished; \
		"$(PYTHON)" -m venv $(VENV) || { \
			echo "error: $(PYTHON) could not create $(VENV); its message stands above" >&2; exit 1; }; \
		"$(PYTHON)" -c 'import sys; print("%s %s" % (sys.base_prefix, sys.version.split()[0]))' \
			| sed "s|\$$| in $$PWD|" >$(VENV)/made-for; \
	fi; \
	touch $(VENV)/unfinished 2>/dev/null || { \
		echo "error: cannot write to $$PWD/$(VENV); make it writable, or work in a copy of your own" >&2; exit 1; }; \
	echo "Installing requirements/$(1).txt ..."; \
	$(BIN)/python $(PIP_INSTALL) --only-binary :all: --require-hashes -r requirements/$(1).txt || { \
		echo "error: the requirements could not be installed; pip's message stands above" >&2; exit 1; }; \
	cp requirements/$(1).txt $(VENV)/$(1).lock; \
	rm -f $(VENV)/unfinished
endef

install:
	@$(call install_requirements,run)

install-dev:
	@$(call install_requirements,dev)

install-bench:
	@$(call install_requirements,bench)

# --- Run -------------------------------------------------------------------------------------

# exec, so that a signal to the recipe reaches the stack and not a shell around it.
run: install
	@exec $(BIN)/python -m config.stack

stop:
	@if [ -x $(BIN)/python ]; then exec $(BIN)/python -m config.stack stop; fi

# --- Develop ---------------------------------------------------------------------------------

# With POSTGRES=15 those tests whose result depends on the database, on a cluster of their own made
# by the programs of an installed PostgreSQL 15; none that the package has made or started is used.
POSTGRES_BINARIES ?= $(if $(POSTGRES),/usr/lib/postgresql/$(POSTGRES)/bin)
DEPEND_ON_THE_DATABASE := $(wildcard $(addprefix tests/,tracking analytics sql faults))

define find_postgres
	set -e; \
	if [ ! -x "$(POSTGRES_BINARIES)/postgres" ] && [ `id -u` = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing postgresql-$(POSTGRES) ..."; \
		{ apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends postgresql-$(POSTGRES); } >/dev/null 2>&1 || true; \
	fi; \
	[ -x "$(POSTGRES_BINARIES)/postgres" ] || { \
		echo "error: there is no PostgreSQL $(POSTGRES) in $(POSTGRES_BINARIES); install it (Debian, Ubuntu: apt install postgresql-$(POSTGRES)), or name where its programs are: make test POSTGRES=$(POSTGRES) POSTGRES_BINARIES=/path/to/bin" >&2; exit 1; }; \
	unset DATABASE_URL; \
	export POSTGRES_BINARIES="$(POSTGRES_BINARIES)"
endef

# Two processes, each with servers of its own, share the tests; a part of them is quicker in one, and
# servers that were given cannot be shared.
JOBS ?= $(if $(T)$(DATABASE_URL)$(REDIS_URL),0,2)

test: install-dev
ifdef POSTGRES
	@$(find_postgres); exec $(BIN)/python -m pytest -n $(JOBS) $(or $(T),$(DEPEND_ON_THE_DATABASE)) $(ARGS)
else
	@exec $(BIN)/python -m pytest -n $(JOBS) $(T) $(ARGS)
endif

# An empty -m takes the place of the one in pytest's addopts, which leaves out the long tests.
test-faults: install-dev
	@exec $(BIN)/python -m pytest tests/faults -m '' $(ARGS)

test-browser: install-dev
	@exec $(BIN)/python -m pytest tests/browser -m '' $(ARGS)

# Node.js is one of the requirements; what is built is committed, so that `make run` needs none.
frontend: install-dev
	@exec $(BIN)/python -m frontend build

# On a machine that does nothing else; all its servers are its own.
bench-ingest: install-bench
	@exec $(BIN)/python -m bench.ingest $(if $(SOAK),--soak $(SOAK)) $(ARGS)

bench-refresh: install-bench
	@exec $(BIN)/python -m bench.refresh $(if $(SIZE),--size $(SIZE)) $(ARGS)

bench-dashboard: install-bench
	@exec $(BIN)/python -m bench.dashboard $(if $(SIZE),--size $(SIZE)) $(ARGS)

lint: install-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy .
	@$(BIN)/sqlfluff lint sql
	@$(BIN)/lint-imports
	@$(BIN)/python -m frontend check
	@$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

# The versions of requirements/run.txt hold for development and benchmarks, too.
lock:
	@$(check_python)
	@[ -x $(UV)/bin/uv ] || { "$(PYTHON)" -m venv $(UV) && $(UV)/bin/python $(PIP_INSTALL) --only-binary :all: uv; }
	@$(UV)/bin/uv pip compile --quiet --system-certs --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(ARGS) pyproject.toml -o requirements/run.txt
	@$(UV)/bin/uv pip compile --quiet --system-certs --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(ARGS) --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	@$(UV)/bin/uv pip compile --quiet --system-certs --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(ARGS) --group bench -c requirements/run.txt pyproject.toml -o requirements/bench.txt

clean: stop
	@if [ -x $(BIN)/python ]; then \
		$(BIN)/python -m config.embedded remove >/dev/null; \
		$(BIN)/python -m config.embedded remove --test >/dev/null; \
	fi
	@rm -rf $(VENV) .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . \( -name __pycache__ -o -name node_modules \) -type d -prune -exec rm -rf {} +
