# make demo | test | coverage | chaos | build | bench | lint | clean: see README.md. Each makes what it needs in $(VENV), once.
# PYTHON=/path/to/python3.12 chooses another Python than the newest that is complete; give it a VENV of its own.

VENV = .venv
PYTHON =
BIN = $(VENV)/bin
STAMPS = $(VENV)/stamps
INSTALL = $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet install --no-compile
SOURCES = pyproject.toml setup.py $(wildcard gateway/_fast/*.p[yx][xd] gateway/_fast/*/*.p[yx][xd])
DEBUG_LIB = build/debug/lib
COVERAGE_DIR = build/coverage

# Most tests wait more than they compute. Those of a file run in their order, one by one; the files that wait longest begin.
PYTEST = $(BIN)/pytest $(PYTEST_OPTIONS)
PYTEST_OPTIONS = --numprocesses=3 --dist=loadfile --no-loadscope-reorder

# They cover nothing that others do not, and take long or look at their own environment.
NOT_FOR_COVERAGE = _fast chaos benchmarks examples e2e/test_secrets.py

SEEDS = 20
MIX =

.PHONY: demo test coverage chaos build bench lint clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

demo: build
	@$(BIN)/python examples/demo.py

# C warnings are errors here and in CI; for users they are not.
test: export GATEWAY_WERROR = 1
test: lint build
	GATEWAY_DEBUG=1 $(BIN)/python setup.py --quiet build --build-lib $(DEBUG_LIB)
	GATEWAY_DEBUG=1 $(PYTEST) -q -o pythonpath="$(DEBUG_LIB) ." \
	  tests/chaos/test_deliberate_bugs.py tests/e2e/test_crash_boundaries.py tests/_fast
	$(PYTEST)

# The lines that the tests run, Cython and Python. Slow, so that some tests may fail here: they pass in `make test`.
coverage: build $(STAMPS)/dev
	GATEWAY_COVERAGE=1 $(BIN)/python setup.py --quiet build --build-lib $(COVERAGE_DIR)/lib
	find $(COVERAGE_DIR) \( -name '*.gcda' -o -name 'python*' \) -type f -delete
	-GATEWAY_DEBUG=1 $(PYTEST) -q -o pythonpath="$(COVERAGE_DIR)/lib ." tests/_fast
	-$(BIN)/coverage run -m pytest $(PYTEST_OPTIONS) -q --ignore-glob='tests/test_*.py' \
	  $(NOT_FOR_COVERAGE:%=--ignore=tests/%) tests
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage json --quiet -o $(COVERAGE_DIR)/python.json
	@$(BIN)/python .ci/coverage_table.py $(COVERAGE_DIR) $(COVERAGE_DIR)/python.json

# SEEDS: how many, or a range 7..9, or a list 7,8,12. MIX: some of the faults, docs/chaos.md.
chaos: build
	@$(BIN)/python -m tests.chaos --seeds $(SEEDS) $(if $(MIX),--mix $(MIX))

# cython-lint starts the pycodestyle that it finds in PATH.
lint: $(STAMPS)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	env PATH=$(BIN) $(BIN)/cython-lint gateway/_fast benchmarks

bench: build $(STAMPS)/bench
	@$(BIN)/python -m benchmarks

build: $(STAMPS)/built

$(STAMPS)/built: $(SOURCES) $(STAMPS)/needed
	@echo "building gateway/_fast"
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/needed: extras =
$(STAMPS)/dev: extras = dev
$(STAMPS)/bench: extras = bench
$(STAMPS)/needed $(STAMPS)/dev $(STAMPS)/bench: pyproject.toml .ci/requirements.py | $(STAMPS)/venv
	@echo "installing what pyproject.toml asks for" $(extras)
	@$(BIN)/python .ci/requirements.py $(extras) > $@.txt
	@$(INSTALL) --requirement $@.txt
	@touch $@

$(STAMPS)/venv:
	@python=$$(sh .ci/preflight.sh $(PYTHON)) && echo "making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find gateway/_fast \( -name '*.so' -o -name '*.c' -o -name '*.html' \) -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
