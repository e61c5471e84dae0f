# make demo       the shortest way to see it work: sandbox, prompt, model in a scene (LIVE=1 asks the real service,
#                 BLENDER=/path uses that Blender)
# make test       tests/unit, then tests/blender with the built ZIP in the newest and in the oldest bpy wheel
# make test-gui   tests/gui in a real window: BLENDER=/path, or a Debian trixie root that is built once (needs root)
# make build      dist/tripo_generator-<version>.zip
# make bench      the measurements in tests/bench (rule below)
# make lint       ruff, pyright, Blender's manifest check
# make clean      what the above leave behind; `make distclean` removes the environments too
#
# ARGS="-k name -x" is handed to pytest. Needs Python 3.11 and pip; everything else is fetched.

PYTHON ?= python3.11
ARGS ?=

export PYTHONDONTWRITEBYTECODE := 1
export RUFF_NO_CACHE := true
ifdef LIVE
export LIVE
endif
ifdef BLENDER
export BLENDER
endif
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VERSION := $(shell sed -n 's/^version *= *"\(.*\)"/\1/p' blender_manifest.toml)
ZIP := dist/tripo_generator-$(VERSION).zip

DEV := .venv
NEWEST := build/venv-bpy-newest
OLDEST := build/venv-bpy-oldest
PY := $(DEV)/bin/python

.PHONY: help demo test test-unit test-blender test-gui build bench lint clean distclean environments

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/q'

# An environment is brought up to date when pyproject.toml is newer; tools/venv.py does nothing if its list is the same.
$(DEV)/.made: pyproject.toml tools/venv.py
	@$(PYTHON) tools/venv.py $(DEV) dev && touch $@

$(NEWEST)/.made $(OLDEST)/.made: build/venv-bpy-%/.made: pyproject.toml tools/venv.py tools/bpy_libs.py
	@$(PYTHON) tools/venv.py $(@D) bpy-$* && $(@D)/bin/python tools/bpy_libs.py && touch $@

environments: $(DEV)/.made $(NEWEST)/.made $(OLDEST)/.made

build: $(NEWEST)/.made
	@$(NEWEST)/bin/python tools/package.py build $(NEWEST) $(ZIP)

test: export TRIPO_ZIP := $(abspath $(ZIP))
test: environments build
	@$(PY) tools/run_tests.py \
	    --suite "tests/unit" $(PY) tests/unit \
	    --suite "tests/blender, newest bpy" $(NEWEST)/bin/python tests/blender \
	    --suite "tests/blender, oldest bpy" $(OLDEST)/bin/python tests/blender \
	    -- $(ARGS)

# Parts of `make test`, for quick turns.
test-unit: $(DEV)/.made
	@$(PY) tools/run_tests.py --suite "tests/unit" $(PY) tests/unit -- $(ARGS)

test-blender: export TRIPO_ZIP := $(abspath $(ZIP))
test-blender: $(NEWEST)/.made build
	@$(PY) tools/run_tests.py --suite "tests/blender, newest bpy" $(NEWEST)/bin/python tests/blender -- $(ARGS)

# What bounds times has the machine for itself; the others run two at a time.
TIMED := tests/gui/test_main_thread.py tests/gui/test_drawing.py
test-gui: export TRIPO_ZIP := $(abspath $(ZIP))
test-gui: $(DEV)/.made build
	@PYTHONPATH=tests $(PY) tools/gui_root.py
	@$(PY) tools/run_tests.py --at-a-time 1 \
	    --suite "tests/gui, timed" $(PY) "$(TIMED)" \
	    --suite "tests/gui" $(PY) "tests/gui -n 2 $(TIMED:%=--ignore=%)" \
	    -- $(ARGS)

demo: export TRIPO_ZIP := $(abspath $(ZIP))
demo: $(NEWEST)/.made build
	@$(NEWEST)/bin/python tools/demo.py

# A measurement is a script tests/bench/bench_*.py that prints its table and fails by its exit status. It runs in .venv;
# with a line "# bench: bpy" it runs once in each bpy environment instead. `support` and `client` can be imported.
bench: export TRIPO_ZIP := $(abspath $(ZIP))
bench: export PYTHONPATH := $(CURDIR):$(CURDIR)/tests
bench: environments build
	@$(PY) tools/bench.py $(PY) $(NEWEST)/bin/python $(OLDEST)/bin/python

lint: environments
	@$(PY) -m ruff check --quiet --output-format concise .
	@$(PY) -m ruff format --check --quiet . || { $(PY) -m ruff format --check .; exit 1; }
	@$(PY) -m pyright
	@$(PY) tools/package.py validate $(NEWEST) $(OLDEST)

clean:
	@rm -rf dist demo-output build/gui build/bench .ruff_cache .pytest_cache
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './build/*' -prune -exec rm -rf {} +

distclean: clean
	@rm -rf build .venv
