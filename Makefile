# One command per habit. `make help` lists them.
PYTHON ?= python3
CONFIG ?= config.dev.yaml
export PIP_DISABLE_PIP_VERSION_CHECK = 1

BIN := .venv/bin
READY := .venv/.ready

.PHONY: help demo test check bench sandbox stage build deploy keys clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(READY): requirements.lock
	@echo "Setting up .venv with $(PYTHON) (once; about a minute)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, {sys.executable} is {sys.version.split()[0]}: make PYTHON=/path/to/python3.12")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --requirement requirements.lock
	@touch $(READY)

demo: $(READY) ## stage, deploy with the real cdf CLI into a local CDF, run, report
	@$(BIN)/python -m sandbox demo $(ARGS)

test: $(READY) ## the whole test suite
	@$(BIN)/python -m pytest -q -n 2 --dist loadscope $(ARGS)

check: $(READY) ## format, lint, strict types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy shared sandbox tools benchmarks
	@for f in functions/*/ tests/*/; do echo "mypy $$f"; MYPYPATH=.:shared$$(printf ':%s' functions/*/):$$f $(BIN)/mypy $$f || exit 1; done

bench: $(READY) ## side by side with the SDK's upsert and a bare floor; what imports cost
	@$(BIN)/python -m benchmarks.race $(ARGS)
	@$(BIN)/python -m benchmarks.imports

sandbox: $(READY) ## local Plex and CDF, until Ctrl-C
	@$(BIN)/python -m sandbox up $(ARGS)

stage: $(READY) ## assemble cognite_modules + functions + shared into .build_src
	@$(BIN)/python -m tools.stage

build: stage ## cdf build for CONFIG, with the gate before and after
	@$(BIN)/python -m tools.deploy build $(CONFIG)

deploy: stage ## build, preflight and cdf deploy for CONFIG
	@$(BIN)/python -m tools.deploy deploy $(CONFIG) $(ARGS)

keys: $(READY) ## make the PLEX_KEYS secret from a JSON file: make keys FILE=keys.json
	@$(BIN)/python -m tools.keys $(FILE)

clean: ## remove everything that was generated
	rm -rf .build_src build .sandbox logs .mypy_cache .pytest_cache .ruff_cache .hypothesis
