"""The tables of figures in the pages are those that `make figures` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.figures.stored import as_text, read_figures, read_measurement
from tools.figures.tables import (
    Table,
    read_tables,
    unknown_numbers,
    used_tables,
    with_tables,
)
from tools.paths import ROOT, all_pages

TABLE = Table("comparison", {"linear": "linear"}, {"accuracy": "validation/slot3/accuracy"})
PAGE = "before\n<!-- figures: small -->\nold\n<!-- end -->\nafter\n"


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.stem)
def test_tables_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert with_tables(text, read_tables()) == text, "run `make figures`"


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.stem)
def test_numbers_of_tables_are_stored(page: Path) -> None:
    assert unknown_numbers(page.read_text(encoding="utf-8")) == []


def test_tables_and_measurements_are_used() -> None:
    tables = read_tables()
    pages = [page.read_text(encoding="utf-8") for page in all_pages()]
    assert {name for page in pages for name in used_tables(page)} == set(tables)
    files = {path.stem for path in (ROOT / "docs" / "figures").glob("*.json")}
    assert {name for table in tables.values() for name in table.files()} == files


def test_measurements_have_an_origin() -> None:
    for path in (ROOT / "docs" / "figures").glob("*.json"):
        measurement = read_measurement(path.stem)
        assert measurement.processor
        assert measurement.commit
        assert measurement.date


def test_a_table_is_written_between_its_markers() -> None:
    written = with_tables(PAGE, {"small": TABLE})
    assert "| accuracy | 87.9 |" in written
    assert "Measured on one core" in written
    assert written.startswith("before\n<!-- figures: small -->\n| | linear |\n")
    assert written.endswith("\n<!-- end -->\nafter\n")
    assert with_tables(written, {"small": TABLE}) == written


def test_a_typed_number_is_reported() -> None:
    written = with_tables(PAGE, {"small": TABLE})
    assert unknown_numbers(written) == []
    assert unknown_numbers(written.replace("87.9", "97.3")) == ["97.3"]


def test_a_row_without_figures_is_refused() -> None:
    table = Table("comparison", {"linear": "linear"}, {"accuracy": "no/such"})
    with pytest.raises(ValueError, match="no/such"):
        with_tables(PAGE, {"small": table})


def test_a_key_may_name_another_file() -> None:
    table = Table(
        "step", {"ms": "bare loop"}, {"a": "step_bert.json: quickstart with BERT 2×128"}, by="rows"
    )
    assert "| a | 13.6 |" in list(table.lines())


def test_scores_of_a_run_and_of_a_comparison_are_read(tmp_path: Path) -> None:
    metrics, table = tmp_path / "metrics.json", tmp_path / "scores.csv"
    scores = {"validation": {"ner/f1": 0.92214}}
    metrics.write_text(json.dumps({"scores": scores, "majority": {"validation": {"ner/f1": 0.0}}}))
    table.write_text("split,metric,hotels\nvalidation,ner/f1,58.9 ± 0.2\n,seeds,3\n")
    assert read_figures(metrics) == {
        "validation": {"ner/f1": 92.2},
        "validation: majority": {"ner/f1": 0.0},
    }
    assert read_figures(table) == {"hotels": {"validation/ner/f1": "58.9 ± 0.2", "seeds": "3"}}


def test_negative_numbers_have_a_minus_sign() -> None:
    assert as_text(-1.6) == "−1.6"
