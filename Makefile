# The commands of this project. All they need is Python 3.11 or newer, make and git.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check \
	--require-hashes --only-binary :all:
MANAGE = $(BIN)/python manage.py

# Safe settings for a site on this machine only; a public one is told what it is (README).
export LOCAL := 1

.PHONY: help run dev test bench check lock messages

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1@/p' Makefile | awk -F@ '{ printf "%-18s%s\n", $$1, $$2 }'

run: $(VENV)/installed  ## Set the site up where needed and serve it (PORT=8000)
	@PARENT_PID=$$PPID exec $(MANAGE) start --port $(PORT)

dev: export DEBUG := 1
dev: $(VENV)/installed  ## The same for developers: reloads on change, shows errors in full
	@$(MANAGE) setup
	@$(MANAGE) worker --clock & exec $(MANAGE) runserver $(PORT)

# Half of their time the tests wait for processes that they have started: two runs fill it.
test: $(VENV)/installed-dev  ## Run the tests on SQLite and, at the same time, on PostgreSQL
	@$(BIN)/python -m tests.postgres $(BIN)/python -m pytest > $(VENV)/postgresql.log 2>&1 & \
	other=$$!; trap "kill $$other; wait $$other; exit 1" INT TERM HUP; \
	env -u DATABASE_URL $(BIN)/python -m pytest; sqlite=$$?; \
	wait $$other; postgresql=$$?; \
	cat $(VENV)/postgresql.log; exit $$((sqlite || postgresql))

bench: $(VENV)/installed-dev  ## Measure pages, posting and memory (FULL=1: in a million replies too)
	@env -u DATABASE_URL $(BIN)/python -m bench $(if $(FULL),--full)

check: export DJANGO_SETTINGS_MODULE := tests.settings
check: $(VENV)/installed-dev  ## Look for faults without running the tests
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/djlint --quiet --lint templates
	@$(BIN)/mypy --no-error-summary .
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports || { cat $(VENV)/lint-imports; exit 1; }
	@$(MANAGE) makemigrations --check --dry-run --verbosity 1
	@$(MANAGE) catalogue --check
	@! grep -nvE '^([A-Za-z0-9._-]+==[^ :/@]+( ; [^:/@]+)? \\|    --hash=sha256:[0-9a-f]+( \\)?)$$' \
		requirements.txt requirements-dev.txt || { echo 'A lock holds more than names and hashes.'; exit 1; }
	@env -u LOCAL SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz ALLOWED_HOSTS=example.org \
		DJANGO_SETTINGS_MODULE=cmdebate.settings $(MANAGE) check --deploy --fail-level WARNING > /dev/null
	@echo 'All checks passed.'

lock: $(VENV)/installed  ## Write the locks anew, with the newest versions allowed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-annotate --no-header --no-emit-index-url \
			$$name.in -o $$name.txt || exit 1; \
	done

messages: $(VENV)/installed  ## Bring the source's new strings into the French catalogue
	@$(MANAGE) catalogue

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
		"cmdebate needs Python 3.11 or newer, and this is %d.%d. " % v[:2] + \
		"Name another one: make PYTHON=python3.12")'
	@echo 'Installing what the site needs…'
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo 'Installing what the tests and checks need…'
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@
