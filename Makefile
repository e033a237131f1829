# `make help` lists what there is. Only python3 (with venv), git and make are needed beforehand.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run test torture bench parity lint setup clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run:  ## set up, do the demo township's year, serve on http://127.0.0.1:8000 (SERVE=0: stop before serving, PORT=8001)
	@$(PYTHON) scripts/dev.py run

test:  ## the whole test suite (ARGS="-k name" for some)
	@$(PYTHON) scripts/dev.py test

torture:  ## processes killed at 200 random moments of a commit, an import, an apply; nothing may be lost or halved
	@$(PYTHON) scripts/dev.py torture

bench:  ## speed, as ratios to the bare limit
	@$(PYTHON) scripts/dev.py bench

parity:  ## every statement of every pack on DuckDB and on Spark (installs pyspark; needs Java 17)
	@$(PYTHON) scripts/dev.py parity

lint:  ## ruff, mypy, the rooms' import order, the packs
	@$(PYTHON) scripts/dev.py lint

setup:  ## only install: .venv and the front end
	@$(PYTHON) scripts/dev.py setup

clean:  ## remove what was built (not the instance)
	rm -rf .venv front/node_modules zhenwu/config/static/build .pytest_cache .ruff_cache .mypy_cache .hypothesis
