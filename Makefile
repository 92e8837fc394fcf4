# `make demo` and `make test` need nothing but make and Python 3.12 or newer.
# They build .venv once, with the tested versions of constraints.txt, and again when those files change.

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXTRAS := solvers,h3,networks,raster,test
WORKERS := -n 2 --dist worksteal

export PIP_ROOT_USER_ACTION := ignore
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test lint bench slow torture clean

help:
	@echo "make demo    the North American study end to end, into out/north-america"
	@echo "make test    the tests, without the slow ones"
	@echo "make slow    the slow tests"
	@echo "make torture files damaged at random and runs killed at every step, many thousand times"
	@echo "make lint    style, types, the floors and the order of the house"
	@echo "make bench   the benchmarks (BENCH_QUICK=1 for a short run)"
	@echo "make clean   remove .venv, out and caches"

demo: $(STAMP)
	@$(BIN)/evsiting demo --out out/north-america

# Tests run in two processes: so no library takes more than one thread by itself.
test slow torture: export OMP_NUM_THREADS := 1

test: $(STAMP)
	@$(BIN)/python -m pytest $(WORKERS)

# pytest leaves with 5 when nothing carries the mark, which is no failure.
slow: $(STAMP)
	@$(BIN)/python -m pytest $(WORKERS) -m slow || [ $$? -eq 5 ]

torture: $(STAMP)
	@$(BIN)/python -m pytest $(WORKERS) -m torture || [ $$? -eq 5 ]

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/house.py

bench: $(STAMP)
	@for script in benchmarks/bench_*.py; do \
	    [ -e "$$script" ] || { echo "no benchmarks/bench_*.py"; break; }; \
	    name=$${script#benchmarks/}; echo "== $${name%.py}"; \
	    $(BIN)/python -m "benchmarks.$${name%.py}" || exit 1; \
	done
	@echo "== backtest" && $(BIN)/python -m benchmarks.backtest
	@echo "== benchmarks/RESULTS.md" && $(BIN)/python -m benchmarks.results_page

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment whose Python has been removed since is built anew.
$(STAMP): pyproject.toml constraints.txt
	@if ! $(BIN)/python -c 'import pip' >/dev/null 2>&1; then \
	    python=$$(sh tools/find_python.sh "$(PYTHON)") || exit 1; \
	    "$$python" -m venv --clear $(VENV) || exit 1; \
	fi
	@echo "Installing evsiting into $(VENV) (once; a minute or two) ..."
	@$(BIN)/python -m pip install -qq -c constraints.txt -e ".[$(EXTRAS)]" \
	    || { echo "The installation into $(VENV) failed; the lines above say why." >&2; exit 1; }
	@touch $@
