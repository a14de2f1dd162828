# Every developer command.  `make help` prints them.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

VENV := .venv
FLOOR_VENV := .venv-floor
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
# Three tests at a time, since many wait for a deadline; JOBS=0 runs them in one process, for the debugger.
JOBS ?= 3
# FLOOR=required (CI): fail where there is no Python 3.9.  Otherwise its tests are left out, and that is said.
FLOOR ?= wanted
SOURCES := drboot tests docs packaging setup.py
PIP := -m pip --quiet --disable-pip-version-check install

.PHONY: help demo test check lint types spell recordings unit facts steps sim scenarios property house root crash cover faults mutants bench docs gate floor prepare bff rpm man sdist clean

help:  ## this list
	@sed -n 's/^\([a-z ]*\):.*  ## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-52s %s\n", $$1, $$2 }'

demo: $(VENV)/.demo  ## play the main job: an LPAR at home, its replica started at the DR site
	@$(BIN)/python -m drboot.sim demo

test: prepare lint types spell floor  ## set everything up; every check and every test (what CI runs)
	$(PYTEST) -n $(JOBS) --dist worksteal

check: lint types spell unit facts house  ## what to run before a commit: checks and the fast tests

lint: $(VENV)/.dev  ## ruff: findings and format; shellcheck
	$(BIN)/ruff check --quiet $(SOURCES)
	$(BIN)/ruff format --quiet --check $(SOURCES)
	@if command -v shellcheck >/dev/null; then shellcheck --norc .ci/run .ci/prepare .ci/find-python $(wildcard inittab/drboot-boot bin/drboot packaging/lifecycle/*.sh packaging/smit/drboot-smit); fi

types: $(VENV)/.dev  ## mypy --strict
	$(BIN)/mypy

spell: $(VENV)/.dev  ## codespell
	$(BIN)/codespell

unit facts steps sim scenarios property house: $(VENV)/.dev  ## one directory of tests, by its name
	$(PYTEST) -n $(JOBS) tests/$@

scenarios: .cache/ansible/.done

recordings: $(VENV)/.dev  ## DIR=...: the parsers over recordings of AIX that are kept elsewhere (docs/design.md section 6)
	$(PYTEST) -q tests/facts --transcripts "$(DIR)"

root: prepare $(VENV)/.dev  ## the boots under a real SysV init (as root)
	$(PYTEST) -m root tests

crash: prepare $(VENV)/.dev  ## drboot dies at every point of a run; as root also under a real init
	@if [ "$$(id -u)" = 0 ]; then $(BIN)/python -m tests.crash.kills; else echo "make crash: not root, no kills under a real init"; fi
	$(BIN)/python -m tests.crash

gate: $(VENV)/.dev  ## what the gate imports, and its decision table
	$(PYTEST) tests/house/test_gate_modules.py tests/unit/test_gate.py

cover: $(VENV)/.dev .cache/ansible/.done  ## branch coverage of all tests, child processes included; htmlcov/
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage html --quiet
	$(BIN)/coverage report

mutants: $(VENV)/.dev .cache/mutants-venv/.done  ## mutation testing of gate and decision (half an hour); ONLY=gate: of one file
	@.cache/mutants-venv/bin/python tests/mutants/run.py --jobs $(JOBS) --only "$(ONLY)"

faults: $(VENV)/.dev  ## the fault matrix: every command of drboot x every fault, on all estates (half an hour); its table
	@$(BIN)/python -m tests.faults

bench: $(VENV)/.dev  ## what drboot costs, against the scripts it replaces (ten minutes); build/bench.json
	@.ci/prepare all
	@$(BIN)/python -m tests.bench

docs: $(VENV)/.dev  ## write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

floor: $(VENV)/.dev  ## unit and facts tests, those of packaging/bff, and one boot per estate, on Python 3.9
	@if python=$$(.ci/find-python floor 2>/dev/null); then \
	    $(MAKE) $(FLOOR_VENV)/.done FLOOR_PYTHON="$$python" && \
	    $(FLOOR_VENV)/bin/python -m pytest -n $(JOBS) tests/unit tests/facts packaging/bff/tests && \
	    $(FLOOR_VENV)/bin/python -m pytest -n $(JOBS) -m floor tests/scenarios; \
	elif [ "$(FLOOR)" = required ]; then \
	    echo "make floor: no Python 3.9 here; install one, for example: pyenv install 3.9" >&2; exit 1; \
	else \
	    echo "make floor: no Python 3.9 here, its tests are left out (FLOOR=required makes this an error)"; \
	fi

prepare:  # what is missing of Debian's packages, when root; and what the tests need from PyPI
	@.ci/prepare all
	@$(MAKE) $(VENV)/.dev .cache/ansible/.done .cache/vendored/.done

$(VENV)/bin/python:
	@.ci/prepare python
	python=$$(.ci/find-python) && "$$python" -m venv $(VENV)

$(VENV)/.demo: requirements/runtime.txt requirements/constraints.txt | $(VENV)/bin/python
	$(BIN)/python $(PIP) -r requirements/runtime.txt -r requirements/optional.txt -c requirements/constraints.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/test.txt requirements/runtime.txt requirements/constraints.txt | $(VENV)/bin/python
	$(BIN)/python $(PIP) -r requirements/dev.txt -c requirements/constraints.txt
	@touch $@ $(VENV)/.demo

$(FLOOR_VENV)/.done: requirements/test.txt requirements/runtime.txt requirements/constraints.txt
	"$(FLOOR_PYTHON)" -m venv $(FLOOR_VENV)
	$(FLOOR_VENV)/bin/python $(PIP) -r requirements/test.txt -c requirements/constraints.txt
	@touch $@

.cache/mutants-venv/.done: requirements/mutants.txt requirements/constraints.txt | $(VENV)/.dev
	$(BIN)/python -m venv .cache/mutants-venv
	.cache/mutants-venv/bin/python $(PIP) -r requirements/mutants.txt -c requirements/constraints.txt
	@touch $@

# Ansible's AIX modules, as they are on PyPI: only the files of them that the test runs are unpacked.
.cache/ansible/.done: requirements/ansible.txt tests/scenarios/unpack_ansible.py | $(VENV)/.dev
	rm -rf .cache/ansible .cache/ansible-wheels
	$(BIN)/python -m pip --quiet --disable-pip-version-check download --no-deps --require-hashes -r requirements/ansible.txt -d .cache/ansible-wheels
	$(BIN)/python tests/scenarios/unpack_ansible.py .cache/ansible-wheels .cache/ansible
	rm -rf .cache/ansible-wheels
	@touch $@

# What the packages carry inside, by hash; a wheel that fits every build machine, since only the Python of it is used.
.cache/vendored/.done: requirements/vendored.txt packaging/stage/vendored.py | $(VENV)/bin/python
	rm -rf .cache/vendored .cache/vendored-wheels
	$(BIN)/python -m pip --quiet --disable-pip-version-check download --no-deps --require-hashes --only-binary :all: \
	    --platform manylinux2014_x86_64 --implementation cp --python-version 3.9 --abi cp39 --abi none \
	    -r requirements/vendored.txt -d .cache/vendored-wheels
	PYTHONPATH=packaging $(BIN)/python -m stage.vendored .cache/vendored-wheels .cache/vendored
	rm -rf .cache/vendored-wheels
	@touch $@

bff rpm: .cache/vendored/.done $(VENV)/.demo  ## an installp image, rpm packages for AIX; in dist/
	@.ci/prepare rpm
	@$(BIN)/python packaging/build.py $@ --build build/packages/$@

man: | $(VENV)/bin/python  ## the manual pages, below build/man: man -l build/man/man/man1/drboot.1
	@$(BIN)/python packaging/man/make.py build/man

sdist: $(VENV)/.dev  ## source archive in dist/
	$(BIN)/python setup.py --quiet sdist

clean:  ## remove everything that can be made again
	rm -rf $(VENV) $(FLOOR_VENV) .cache build dist *.egg-info htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
