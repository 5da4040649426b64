# Two commands: `make run` (from nothing to a serving product) and `make test` (all that CI does).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export OMP_NUM_THREADS := 1
export MALLOC_ARENA_MAX := 2

.PHONY: run test check fast extras browser trials sbom audit clean

run: $(VENV)/.installed
	@$(BIN)/countersign knowledge index
	@exec $(BIN)/countersign serve

# CI calls this one. Parts that cannot be had on a machine are skipped, and the reason is printed at the end.
test: $(VENV)/.tested extras browser check
	$(BIN)/python -m pytest -rs

fast: $(VENV)/.tested check
	$(BIN)/python -m pytest -m "not browser and not transformers"

check: $(VENV)/.tested
	$(BIN)/ruff check app models knowledge_base scripts tests
	$(BIN)/ruff format --check app models knowledge_base scripts tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/countersign knowledge check

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Countersign needs Python 3.11 or newer; set PYTHON=python3.11")'
	@echo "countersign: making the virtual environment"
	@$(PYTHON) -m venv $(VENV) || { echo "countersign: Python's venv module is missing (on Debian: apt-get install python3-venv)"; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "countersign: installing (about a minute)"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	@echo "countersign: installing what the tests need"
	@$(PIP) install --constraint constraints.txt --editable '.[test,postgres,pictures]'
	@touch $@

extras: $(VENV)/.tested
	@test -e $(VENV)/.extras || { echo "countersign: installing the extra 'transformers' (some minutes)"; \
	  $(PIP) install --constraint constraints.txt --editable '.[transformers]' && touch $(VENV)/.extras || echo "countersign: the extra 'transformers' could not be installed; its tests are skipped"; }

browser: $(VENV)/.tested
	@$(BIN)/python scripts/find_browser.py --install || echo "countersign: no Chromium could be had; the browser tests are skipped"

# Faults and attacks at length (hours); their short forms are part of `make test`.
trials: $(VENV)/.tested
	$(BIN)/python -m scripts.trials --page docs/results/trials.md

# All parts of what `make run` installs, as CycloneDX, in build/sbom.json.
sbom: $(VENV)/.installed $(VENV)/.audit
	@mkdir -p build
	$(VENV)/audit/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json $(BIN)/python

# Known faults of those parts; asks a public list over the network.
audit: $(VENV)/.installed $(VENV)/.audit
	$(VENV)/audit/bin/pip-audit --path $$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))") --skip-editable

$(VENV)/.audit: pyproject.toml constraints.txt
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt $$($(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['audit'])")
	@touch $@

clean:
	rm -rf $(VENV) data build
