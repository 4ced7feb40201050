"""Writes the tables of figures into README.md and docs/, or stores a measurement.

    python -m tools.figures                                    write all tables
    python -m tools.figures --store metrics.json --as NAME     also store the scores of a run
    python -m tools.figures --store scores.csv --as NAME       … of a comparison

Benchmarks store their figures themselves: ``benchmarks/step.py --save docs/figures/step.json``.
"""

import argparse
from pathlib import Path

from benchmarks.saving import save
from tools.figures.stored import FOLDER, read_figures
from tools.figures.tables import read_tables, with_tables
from tools.paths import all_pages


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", type=Path, help="metrics.json of a run, scores.csv of `compare`")
    parser.add_argument("--as", dest="name", help="name of the measurement")
    parser.add_argument("--command", default="", help="the command that measured it")
    arguments = parser.parse_args()
    if arguments.store is not None:
        figures = read_figures(arguments.store)
        save(FOLDER / f"{arguments.name}.json", figures, command=arguments.command)
    for page in all_pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(with_tables(text, read_tables()), encoding="utf-8")


if __name__ == "__main__":
    main()
