# Two commands on a bare machine with Python 3.11: `make up` and `make test`.
PYTHON ?= python3.11
BIN := .venv/bin
RUN_LOCKS := requirements/serving.txt requirements/registry.txt requirements/monitoring.txt
# Where this is set, as many images of Python do, each process compiles each library anew: half of its start.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes

.PHONY: up test lint bench growth proofs faults lock clean
up: .venv/.run ## train what is missing, start MLflow and the service, run until Ctrl-C
	@exec $(BIN)/ballast up

test: lint ## linters, types, import rules, all tests but the long ones (make proofs, make faults), in two processes
	$(BIN)/pytest -n 2 -m "not slow"

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev ## measure Ballast, its floors and its peers in one run (about 8 minutes; an idle machine)
	$(BIN)/python -m tests.bench

growth: .venv/.dev ## what work costs as it grows: connections, experiments, decisions (about 15 minutes)
	$(BIN)/python -m tests.growth --out growth.json

proofs: .venv/.dev ## the statistics by simulation at full size (about half an hour)
	$(BIN)/python -m tests.proofs.proofs 2000
	$(BIN)/python -m tests.proofs.flights_value 200
	$(BIN)/python -m tests.proofs.rolling 1000
	$(BIN)/python -m tests.proofs.large
	$(BIN)/pytest -m slow tests/experiments

faults: .venv/.dev ## planted faults and healthy retrains on the flights (about an hour and a half)
	$(BIN)/pytest -m slow tests/faults tests/serve --timeout 3600

lock: .venv/.bootstrap ## renew the locks in requirements/ from the .in files
	cd requirements && for group in bootstrap serving registry monitoring dev; do \
	  ../$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --python-version 3.11 -o $$group.txt $$group.in || exit 1; done
	cd requirements && ../$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 -c serving.txt -c registry.txt -c monitoring.txt \
	  -o bento.txt serving.in registry.in monitoring.in  # BentoML adds itself to it, which hashes would refuse

clean: ## forget the environment; state in var/ stays
	rm -rf .venv

.venv/.bootstrap: requirements/bootstrap.txt
	@test -d .venv || $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "error: $(PYTHON) with its venv module is needed (Debian: python3-venv); set PYTHON=…" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.run: .venv/.bootstrap $(RUN_LOCKS) pyproject.toml
	@echo "installing what serves, trains and monitors (about 1.5 GB; once)…"
	@$(INSTALL) $(RUN_LOCKS:%=-r %)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@$(INSTALL) -r requirements/dev.txt
	@touch $@
