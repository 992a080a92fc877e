# Everything a person or a machine starts here. `make` alone lists it.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: bootstrap demo test lint molecule matrix lab lab-down soak bench procedures release lock clean help

# The checkout is the collection, its environment and its Ansible home: nothing installed elsewhere can shadow it.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_HOME := $(CURDIR)/.ansible
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Ansible wants UTF-8, and a fresh Debian has no locale but this one.
export LC_ALL := C.UTF-8
unexport ANSIBLE_COLLECTIONS_PATH ANSIBLE_INVENTORY VIRTUAL_ENV PYTHONHOME PYTHONPATH

python := .venv/bin/python

bootstrap:
	@tools/bootstrap

demo: bootstrap  ## start the lab and run the main job on it: adopt, deploy, a bad release, roll back
	@$(python) -m lab.demo

test: bootstrap  ## run every test that needs no container (ARGS="tests/unit -k plan" runs fewer)
	@$(python) -m tools.make_test $(ARGS)

lint: bootstrap  ## check style, types, YAML, Ansible's production profile and ansible-test sanity
	@tools/lint

molecule: bootstrap  ## run the scenarios on machines with systemd, in containers (ARGS=NAME runs one)
	@$(python) -m tools.molecule $(ARGS)

matrix: bootstrap  ## run the tests on the newest ansible-core and Python 3.13 (ARGS=unit runs a part)
	@$(python) -m tools.matrix $(ARGS)

lab: bootstrap  ## start the lab: real servers on this machine
	@$(python) -m lab up

lab-down: bootstrap  ## stop the lab and leave nothing behind
	@$(python) -m lab down

soak: bootstrap  ## run every counted criterion in full and record the results (hours; ARGS=NAME runs one)
	@$(python) -m tests.soak.run $(ARGS)

bench: bootstrap  ## measure, both sides interleaved, with a null benchmark beside each (ARGS=NAME runs one)
	@$(python) -m tests.benchmarks.run $(ARGS)

procedures: bootstrap  ## say which of the 378 procedures are live, proved by a recorded test
	@$(python) -m tools.procedures

release: bootstrap  ## build the last commit, try it out of an empty place, write it into build/release
	@$(python) -m tools.release

lock: bootstrap  ## compile requirements.lock from pyproject.toml anew
	@$(python) -m uv pip compile pyproject.toml --python-version 3.11 --upgrade --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements.lock

clean:  ## stop the lab, remove what was built (.venv, .cache, .ansible, build)
	@if [ -d .lab ] && [ -x $(python) ]; then $(python) -m lab down; fi
	@rm -rf .venv .cache .ansible build dist

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'
