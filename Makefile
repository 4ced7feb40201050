# `make quickstart` trains on the bundled sample; `make test` runs the tests.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: quickstart test test-fast test-slow test-all soak lint bench pages figures configuration sample clean

# One thread: the model is so small that several threads would mostly wait for each other.
quickstart: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/arabic-mtl fit --config configs/quickstart.yaml

# Two workers run the tests; the threads of torch, BLAS and ONNX Runtime would wait for each other.
test test-fast test-slow test-all soak: export OMP_NUM_THREADS = 1

# The default tests: each guarantee at least once, in about twelve CPU minutes.
test: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile -m "not slow and not soak"

# The tests from raw text to tasks, without training: about a minute.
test-fast: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --hypothesis-profile=fast \
	    -m "not slow and not soak and not runs" tests/text tests/formats tests/scoring \
	    tests/decoders tests/tasks tests/test_layers.py

# The slow tests, and more random examples.
test-slow: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --hypothesis-profile=thorough \
	    -m "(slow or hypothesis) and not soak"

# The tests of `make test` and `make test-slow` at once: they are collected once, the tests of a
# file share their trained models, and random examples are drawn once.
test-all: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --hypothesis-profile=thorough -m "not soak"

# Long sweeps over many cases, which are not part of the regular checks.
soak: .venv/installed
	$(BIN)/pytest --numprocesses=2 --dist=loadfile -m soak

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Half an hour on one idle core; figures are saved in build/bench:
# make bench DATA=FOLDER_OF_THE_HOTEL_REVIEWS
bench: export OMP_NUM_THREADS = 1
bench: .venv/installed
	test -d "$(DATA)"  # DATA must be an existing folder
	rm -rf build/bench
	mkdir -p build/bench
	$(BIN)/python benchmarks/step.py --save build/bench/step.json
	$(BIN)/python benchmarks/prepare.py --root $(DATA) --save build/bench/prepare.json
	$(BIN)/arabic-mtl fit --config configs/fast.yaml --data.root=$(DATA) \
	    --trainer.default_root_dir=build/bench
	$(BIN)/python benchmarks/evaluate.py --run build/bench/fast/version_0 --root $(DATA) \
	    --save build/bench/evaluate.json
	$(BIN)/python benchmarks/epoch.py --root $(DATA) --save build/bench/epoch.json

# Runs the commands of the pages and writes their outputs into the pages: minutes.
pages: .venv/installed
	$(BIN)/python -m tools.pages

# Writes the tables of figures in the pages from the measurements in docs/figures/.
figures: .venv/installed
	$(BIN)/python -m tools.figures

# Writes docs/configuration.md from signatures and docstrings.
configuration: .venv/installed
	$(BIN)/python -m tools.configuration

# Writes the files of arabic_mtl/sample from tools/sample/lexicon.yaml and frames.yaml.
sample: .venv/installed
	$(BIN)/python -m tools.sample

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# The file is touched last, so that an interrupted installation is repeated.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $@
