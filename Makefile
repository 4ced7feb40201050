# `make quickstart` trains on the bundled sample; `make test` runs the tests.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: quickstart test test-fast test-slow soak lint bench clean

# One thread: the model is so small that several would mostly wait for each other.
quickstart: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python train.py fit --config configs/quickstart.yaml

# One of each guarantee; twelve CPU minutes.
test: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile -m "not slow and not soak"

# From raw text to tasks, without training: about a minute.
test-fast: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --hypothesis-profile=fast \
	    -m "not slow and not soak and not runs" tests/text tests/formats tests/scoring \
	    tests/decoders tests/tasks tests/test_layers.py

# The rest, and random examples in larger numbers.
test-slow: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --hypothesis-profile=thorough \
	    -m "(slow or hypothesis) and not soak"

# Sweeps that no run of the checks waits for.
soak: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile -m soak

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Half an hour, on one core that does nothing else: make bench DATA=FOLDER_OF_THE_HOTEL_REVIEWS
bench: export OMP_NUM_THREADS = 1
bench: .venv/installed
	test -d "$(DATA)"  # give the folder: DATA=…
	rm -rf build/bench
	$(BIN)/python benchmarks/step.py
	$(BIN)/python benchmarks/prepare.py --root $(DATA)
	$(BIN)/python train.py fit --config configs/fast.yaml --data.root=$(DATA) \
	    --trainer.default_root_dir=build/bench
	$(BIN)/python benchmarks/evaluate.py --run build/bench/fast/version_0 --root $(DATA)
	$(BIN)/python benchmarks/epoch.py --root $(DATA)

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# Touched last, so that an interrupted installation is taken up again.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $@
