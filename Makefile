# make demo       the shortest way to see it work: sandbox, prompt, model in a scene (LIVE=1 asks the real service,
#                 BLENDER=/path uses that Blender)
# make test       tests/unit, then tests/blender with the built ZIP in every bpy wheel that there is a CPython for:
#                 3.13 for 5.2, 3.11 for 5.0 and 4.2
# make test-gui   tests/gui in a real window: BLENDER=/path, or a Debian trixie root that is built once (needs root);
#                 GUI_SUITE=sid takes the Blender of Debian sid instead, 5.2
# make test-windows  what differs on Windows, and one model end to end: a Windows Python with bpy under Wine, made once
# make build      dist/tripo_generator-<version>.zip
# make bench      the measurements in tests/bench (rule below)
# make lint       ruff, pyright, Blender's manifest check
# make clean      what the above leave behind; `make distclean` removes the environments too
#
# ARGS="-k name -x" is handed to pytest. Needs CPython 3.11 or 3.13 and pip; everything else is fetched.

ARGS ?=

export PYTHONDONTWRITEBYTECODE := 1
export RUFF_NO_CACHE := true
ifdef LIVE
export LIVE
endif
ifdef BLENDER
export BLENDER
endif
ifdef GUI_SUITE
export GUI_SUITE
endif
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VERSION := $(shell sed -n 's/^version *= *"\(.*\)"/\1/p' blender_manifest.toml)
ZIP := dist/tripo_generator-$(VERSION).zip

PY := .venv/bin/python
# What runs first: any CPython that works and that an environment can be made from.
PYTHON ?= $(shell for name in python3.11 python3.13 python3; do $$name -c "" >/dev/null 2>&1 && echo $$name && break; done)

.PHONY: help demo test test-unit test-blender test-gui test-windows build bench lint clean distclean environments gui-root

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/q'

# Quick when they are up to date. tools/environments.py says which there are.
environments:
	@$(PYTHON) -B tools/environments.py

build: environments
	@$(PY) tools/package.py build $(ZIP)

# What speaks HTTP is tested with the oldest requests and urllib3 too: Blender 4.2 carries its own.
HTTP_TESTS := $(addprefix tests/unit/service/test_,api.py transport.py download.py download_wire.py wire_faults.py \
    wire_ways.py)
# Tests mostly wait for processes and for the sandbox's rate limit, so there are more of them than processors.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
test: export TRIPO_ZIP := $(abspath $(ZIP))
test: build
	@$(PY) tools/run_tests.py --suite "tests/unit" $(PY) "tests/unit $(PARALLEL)" \
	    --blender "tests/blender $(PARALLEL)" --oldest "HTTP as in Blender 4.2" "$(HTTP_TESTS) $(PARALLEL)" -- $(ARGS)

# Parts of `make test`, for quick turns.
test-unit: environments
	@$(PY) tools/run_tests.py --suite "tests/unit" $(PY) "tests/unit $(PARALLEL)" -- $(ARGS)

test-blender: export TRIPO_ZIP := $(abspath $(ZIP))
test-blender: build
	@$(PY) tools/run_tests.py --suite "tests/blender" "$$($(PY) tools/environments.py python)" "tests/blender $(PARALLEL)" -- $(ARGS)

# What differs on Windows: files in use, locks, processes that end or are ended, certificates; and one model from the
# words to the scene. Starting a process takes a second there. Others with WINDOWS_TESTS="unit/store blender/…".
WINDOWS_TESTS ?= $(addprefix unit/store/test_,result_cache.py claims.py copied_store.py migrations.py earlier_version.py press.py \
    blender_sessions.py record_charge.py store.py store_closing.py) $(addprefix unit/files/test_,disk.py unneeded_files.py own_files.py) \
    $(addprefix unit/service/test_,download.py transport.py wire_ways.py) \
    $(addprefix unit/agent/test_,crash_matrix.py windows_ways.py) \
    blender/generate/test_generate.py::test_text_becomes_a_model
test-windows: export TRIPO_ZIP := $(abspath $(ZIP))
test-windows: build
	@$(PY) tools/windows_python.py test $(WINDOWS_TESTS) $(ARGS)

# What bounds times has the machine for itself; the others run three at a time: they mostly wait for a window.
TIMED := tests/gui/test_main_thread.py tests/gui/test_drawing.py
test-gui: export TRIPO_ZIP := $(abspath $(ZIP))
test-gui: build gui-root
	@$(PY) tools/run_tests.py --at-a-time 1 \
	    --suite "tests/gui, timed" $(PY) "$(TIMED)" \
	    --suite "tests/gui" $(PY) "tests/gui -n 3 $(TIMED:%=--ignore=%)" \
	    -- $(ARGS)

gui-root:
	@PYTHONPATH=. $(PYTHON) -B tools/gui_root.py

demo: export TRIPO_ZIP := $(abspath $(ZIP))
demo: build
	@"$$($(PY) tools/environments.py python)" tools/demo.py

# A measurement is a script tests/bench/bench_*.py that prints its table and fails by its exit status. It runs in .venv;
# with a line "# bench: bpy" it runs in the oldest and the newest bpy instead. `support` and `client` can be imported.
bench: export TRIPO_ZIP := $(abspath $(ZIP))
bench: export PYTHONPATH := $(CURDIR):$(CURDIR)/tests
bench: build
	@$(PY) tools/bench.py

lint: environments
	@$(PY) -m ruff check --quiet --output-format concise .
	@$(PY) -m ruff format --check --quiet . || { $(PY) -m ruff format --check .; exit 1; }
	@$(PY) -m pyright
	@$(PY) tools/package.py validate

clean:
	@rm -rf dist demo-output build/gui build/bench .ruff_cache .pytest_cache
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './build/*' -prune -exec rm -rf {} +

distclean: clean
	@rm -rf build .venv
