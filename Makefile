PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DATA ?= ../shared/mt
BENCH ?= ../shared/bench
TASKS ?= all

.DEFAULT_GOAL := help
.PHONY: help install build check test quality bench bench-peers model-pl-en encoder-adapter clean

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

install: $(STAMP) ## create the environment in VENV (default .venv) and install align into it

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $@

build: $(STAMP) ## build corpus.tsv from the five articles in seeds/
	$(BIN)/align build seeds --output corpus.tsv

check: $(STAMP) ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest

quality: $(STAMP) ## score the development set in BENCH, or TASKS of it, against the pinned floors
	$(BIN)/python tests/quality/quality.py $(BENCH) $(TASKS)

bench: $(STAMP) ## measure speed and memory
	$(BIN)/python tests/quality/bench.py --bench $(BENCH)

bench-peers: $(STAMP) ## run other aligners on the same documents, in an environment of their own
	$(BIN)/python tests/quality/peers.py $(BENCH)

model-pl-en: $(STAMP) ## train the Polish-English package from DATA, or the package START further (hours without a GPU)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group train
	$(BIN)/python -m models.train $(DATA) $(if $(START),--start $(START))

encoder-adapter: $(STAMP) ## train the encoder's adapter from DATA and CATALOGUES, or ADAPTER further (hours)
	$(BIN)/python -m models.adapter $(DATA) $(if $(CATALOGUES),--catalogues $(CATALOGUES)) $(if $(ADAPTER),--start $(ADAPTER))

clean: ## remove the environment and everything made but what was trained (build/)
	rm -rf $(VENV) corpus.tsv corpus.meta.json dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
