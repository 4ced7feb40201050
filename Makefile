# `make quickstart` trains on the bundled sample; `make test` runs every check.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: quickstart test lint clean

# One thread: the model is so small that several would mostly wait for each other.
quickstart: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python train.py fit --config configs/quickstart.yaml

test: .venv/installed
	$(BIN)/pytest --numprocesses=2
	$(MAKE) lint

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache

# Touched last, so that an interrupted installation is taken up again.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $@
