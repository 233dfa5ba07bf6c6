# Telewave: `make demo` shows the main job on a simulated city; `make test` proves everything.
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv || echo .venv/bin/uv)
LANGUAGE_OPTION := $(if $(LANG_CHOICE),--lang $(LANG_CHOICE),)

# Some images set it; then each of some hundred processes of the tests and of the demo compiles everything that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo serve test prove site bench lock install develop lint web web-for-tests wheel clean

help:  ## Show what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install:  ## Install what the demo needs into .venv
	@$(PYTHON) scripts/setup.py

develop: ## Install also what the tests need
	@$(PYTHON) scripts/setup.py --dev

web:  ## Install the chart library of the reports
	@$(PYTHON) scripts/web_assets.py

web-for-tests:
	@$(PYTHON) scripts/web_assets.py --dev

wheel: develop web  ## Build the wheel and the source distribution into dist, the chart library inside
	@$(BIN)/hatchling build

demo: install web  ## Simulate a city, find the likely takers of its handset offer, write the report (LANG_CHOICE=zh or en)
	@$(BIN)/telewave $(LANGUAGE_OPTION) demo --folder demo

serve: install web  ## Open the demo's campaign in a browser, as it stood in its third week (after `make demo`)
	@TELEWAVE_HOME=demo/telewave-home $(BIN)/telewave $(LANGUAGE_OPTION) serve --simulated --demo-people --at "2026-07-20 10:00"

lint: develop
	$(BIN)/ruff check src tests bench scripts
	$(BIN)/ruff format --check src tests bench scripts
	$(BIN)/mypy
	$(BIN)/lint-imports

test: develop web-for-tests lint  ## Lint, types, import contracts, documentation checks and all tests
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --randomly-seed=1 --durations 20 --durations-min 5

prove: develop web-for-tests  ## What is statistical or long: many seeds, the simulator's truth, kills at every step, every test in another order
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -m prove
	OMP_WAIT_POLICY=PASSIVE TELEWAVE_EXAMPLES=prove $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

bench: develop web  ## Measure speed and memory (about twenty minutes on two cores; not a test)
	$(BIN)/python -m bench

site: develop  ## Build the documentation site, in both languages, into site
	@$(BIN)/python scripts/documentation_site.py site

lock:  ## Renew the locks to the newest versions that work together
	$(UV) pip compile --upgrade -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
	  --group build pyproject.toml -o requirements/runtime.lock
	$(UV) pip compile --upgrade -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
	  --group dev --all-extras pyproject.toml -o requirements/dev.lock
	cd web && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean:  ## Remove what was installed and made
	rm -rf .venv web/node_modules demo site telewave-home
