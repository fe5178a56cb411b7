# The whole project in two words: `make demo` shows it, `make test` proves it. `make help` lists the parts.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
# core 2.21 needs Python >= 3.12; tested beside 2.19 where such a Python exists
PYTHON221 := $(shell for python in $$(command -v python3.13) $(HOME)/.pyenv/versions/3.13*/bin/python3.13; do \
	$$python -c '' 2>/dev/null && echo $$python && break; done; true)
VENV221 := .venv-core221
NEWEST := $(if $(PYTHON221),$(VENV221),$(VENV))
INSTALLED := meta/ playbooks/ plugins/ roles/
COLLECTIONS := $(CURDIR)/.build/collections
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export PYTHONPATH := $(COLLECTIONS):$(CURDIR)/tests/tools/compiled
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help demo test test-core221 lint unit integration sanity molecule bench docs build clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

$(COLLECTIONS): ## (internal) the checkout, where Python and Ansible look for a collection
	@mkdir -p $@/ansible_collections/iot_site && ln -sfn ../../../.. $@/ansible_collections/iot_site/checklist

.PHONY: venv-demo venv
venv-demo: | $(COLLECTIONS)
	@[ -e $(VENV)/.dev ] || .ci/venv $(VENV) requirements-demo.txt
venv: | $(COLLECTIONS)
	@.ci/venv $(VENV) requirements-dev.txt && touch $(VENV)/.dev

demo bench: export PYTHONPATH := $(COLLECTIONS)
demo: venv-demo ## audit and fix an emulated site on loopback, and show the reports
	@$(BIN)/python -m tests.devices.demo

test: packages ## everything: lint, unit, integration, sanity, build, molecule; also on core 2.21 where Python 3.13 is
	$(MAKE) -j2 --output-sync=line venv venv-core221 # pip does one thing at a time
	$(MAKE) -j3 --output-sync=line integration molecule beside # two wait for devices, what is beside them calculates

lint: venv ## ruff, mypy, yamllint, ansible-lint production, documentation, changelog, shellcheck
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	cd $(COLLECTIONS) && MYPYPATH=. $(BIN)/mypy --config-file $(CURDIR)/pyproject.toml -p ansible_collections.iot_site.checklist.plugins.plugin_utils
	$(BIN)/yamllint --strict .
	cd "$$(.ci/copy lint)" && PATH=$(BIN):$$PATH ansible-lint --offline --profile production --strict
	cd .build/lint/ansible_collections/iot_site/checklist && \
	PATH=$(BIN):$$PATH antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self .
	$(BIN)/antsibull-changelog lint
	@if command -v shellcheck >/dev/null; then shellcheck $(filter-out %.py,$(wildcard .ci/*)); \
	else echo "shellcheck is not installed: .ci was not checked"; fi

unit: venv ## pure functions, contract, reports, emulated devices
	$(BIN)/pytest -n 2 tests/unit

.PHONY: beside
beside:
	MAKEFLAGS= $(MAKE) lint unit sanity build test-core221 # one after the other, the quickest to tell first

.PHONY: packages
packages:
	@.ci/system-packages

integration: venv packages ## against real software on loopback and in namespaces
	$(BIN)/pytest -n 3 --dist loadfile --durations=15 tests/integration # a file keeps its lab to itself, and often waits

sanity: venv venv-core221 packages ## ansible-test sanity, no ignore entries
	.ci/sanity $(VENV) --skip-test pylint
	.ci/sanity $(NEWEST) --test pylint $(INSTALLED) # once: the newest knows most; ruff and mypy know the tests better

.PHONY: venv-core221
venv-core221: | $(COLLECTIONS)
	@[ -z '$(PYTHON221)' ] || .ci/venv $(VENV221) requirements-test.txt $(PYTHON221)

test-core221: venv-core221
ifeq ($(PYTHON221),)
	@echo "core 2.21 is not tested here: no Python 3.13 found"
else
	$(CURDIR)/$(VENV221)/bin/pytest -n 2 -m 'not once' tests/unit/plugins tests/unit/roles
	.ci/sanity $(VENV221) --skip-test pylint $(INSTALLED) # the tests are looked at by the older core
	$(CURDIR)/$(VENV221)/bin/python -m tests.devices.demo
endif

molecule: venv packages ## a real gateway, panel, office and stranger in containers
	.ci/molecule

bench: venv packages ## time of an audit against gathering facts
	$(BIN)/python -m tests.bench

docs: venv ## role READMEs, and the plugin documentation as HTML under .build/docs
	$(BIN)/python -m tests.tools.role_readmes
	.ci/docs

build: venv ## the collection's archive in dist/, checked as Galaxy would
	rm -rf dist && mkdir dist
	cd "$$(.ci/copy build)" && $(BIN)/ansible-galaxy collection build --force --output-path $(CURDIR)/dist
	cd .build && PATH=$(BIN):$$PATH $(BIN)/python -m galaxy_importer.main $(CURDIR)/dist/iot_site-checklist-*.tar.gz

clean: ## remove everything that was built
	rm -rf .build .cache dist $(VENV) $(VENV221) demo-site
