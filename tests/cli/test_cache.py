"""``cache``: the listing of a cache folder, and the deletion of its entries."""

from __future__ import annotations

import inspect
import json
import os
import re
import time
from pathlib import Path

import pytest

from arabic_mtl.data import MultiTaskData
from arabic_mtl.files import CACHE
from support.messages import assert_names, error_fields
from support.paths import files_under
from support.processes import process
from support.runs import run
from support.training import hotel_data

KEY = "0123456789abcdef01234567"
DAY = 86_400


def write(path: Path, size: int, *, age: float = 0, used: float | None = None) -> Path:
    """Writes a file of some bytes, last written and used some days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return set_times(path, age, used)


def set_times(path: Path, age: float, used: float | None = None) -> Path:
    now = time.time()
    os.utime(path, (now - DAY * (age if used is None else used), now - DAY * age))
    return path


def write_text(
    folder: Path, *, age: float = 0, used: float | None = None, **settings: object
) -> Path:
    """Writes the folder of a text pipeline, of 500 bytes and its settings."""
    write(folder / "tokenizer.json", 500, age=age, used=used)
    facts = folder / "text.json"
    facts.write_text(json.dumps({"settings": settings}), encoding="utf-8")
    set_times(facts, age)
    set_times(folder, age)
    return folder


def rows(out: str) -> list[list[str]]:
    """Returns the cells of a printed table."""
    lines = [line for line in out.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache of two tables, a text pipeline, and what two processes have left unfinished."""
    folder = tmp_path / "cache"
    write(folder / "tables" / f"reviews-train-{KEY}.arrow", 1_500_000, age=40, used=5)
    write(folder / "tables" / f"old-test-{KEY}.arrow", 2000, age=40)
    unfinished = f"reviews-test-{KEY}.arrow.0123456789abcdef.unfinished"
    write(folder / "tables" / unfinished, 70, age=0.5 / 24)
    text = {"form": "pieces", "vocab_size": 200, "pretrained": None, "cleaning": "recipe"}
    write_text(folder / "text" / KEY, age=3, **text)
    left = folder / "text" / f"{KEY}.fedcba9876543210.unfinished"
    write(left / "tokenizer.json", 30, age=2 / 24)
    set_times(left, 2 / 24)
    return folder


def test_a_listing_names_content_size_age_and_last_use(cache: Path) -> None:
    size = 500 + (cache / "text" / KEY / "text.json").stat().st_size
    outcome = run("cache", "--cache", cache)
    assert (outcome.code, outcome.err) == (0, "")
    assert rows(outcome.out) == [
        ["table", "old, test", "01234567", "2.0 kB", "40 days", "unknown"],
        ["unfinished", "a table", "", "70 B", "30 min", "unknown"],
        ["table", "reviews, train", "01234567", "1.5 MB", "40 days", "5 days ago"],
        [
            *("text pipeline", "vocabulary of up to 200 word pieces; cleaning: recipe"),
            *("01234567", f"{size} B", "3 days", "unknown"),
        ],
        ["unfinished", "a text pipeline", "", "30 B", "2 h", "unknown"],
    ]
    assert outcome.out.endswith(f"5 entries (1.5 MB) in {cache}\n")


@pytest.mark.parametrize(
    ("settings", "content"),
    [
        (
            {"form": "words", "vocab_size": 8000, "cleaning": ["tashkeel", "digits"]},
            "vocabulary of up to 8000 words; cleaning: tashkeel, digits",
        ),
        (
            {"form": "pieces", "pretrained": "a/[b]", "cleaning": "arabert"},
            "tokenizer of a/[b]; cleaning: arabert",
        ),
        ({}, "vocabulary; cleaning: unknown"),
    ],
)
def test_a_text_pipeline_is_described_by_its_settings(
    tmp_path: Path, settings: dict[str, object], content: str
) -> None:
    write_text(tmp_path / "text" / KEY, **settings)
    (row,) = rows(run("cache", "--cache", tmp_path).out)
    assert row[1] == content


def test_clear_deletes_all_entries_but_young_unfinished_ones(cache: Path) -> None:
    size = 1_500_000 + 2000 + 500 + (cache / "text" / KEY / "text.json").stat().st_size + 30
    outcome = run("cache", "clear", "--cache", cache)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"deleted 4 entries ({size / 1e6:.1f} MB) of {cache}; kept 1\n"
    unfinished = f"tables/reviews-test-{KEY}.arrow.0123456789abcdef.unfinished"
    assert files_under(cache) == [unfinished]
    assert list((cache / "text").iterdir()) == []


@pytest.mark.parametrize(
    ("days", "count"), [("0", 4), ("1", 3), ("4", 2), ("5.5", 1), ("41", 0), ("inf", 0)]
)
def test_older_than_counts_from_the_last_use(cache: Path, days: str, count: int) -> None:
    before = files_under(cache)
    outcome = run("cache", "clear", "--cache", cache, "--older-than", days)
    noun = "entry" if count == 1 else "entries"
    assert outcome.out.startswith(f"deleted {count} {noun} (")
    assert outcome.out.endswith(f"; kept {5 - count}\n")
    kept = files_under(cache)
    assert (f"tables/old-test-{KEY}.arrow" in kept) is (count == 0)
    assert (kept == before) is (count == 0)


def test_a_dry_run_lists_and_deletes_nothing(cache: Path) -> None:
    before = files_under(cache)
    outcome = run("cache", "clear", "--cache", cache, "--older-than=4", "--dry-run")
    assert [row[1] for row in rows(outcome.out)] == ["old, test", "reviews, train"]
    assert outcome.out.endswith(f"would delete 2 entries (1.5 MB) of {cache}; kept 3\n")
    assert files_under(cache) == before


def test_a_listing_does_not_count_as_use(cache: Path) -> None:
    first, second = run("cache", "--cache", cache), run("cache", "--cache", cache)
    assert rows(first.out) == rows(second.out)
    assert "unknown" in rows(second.out)[3]


def test_other_files_are_ignored_and_named(cache: Path, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "precious.arrow", 10)
    others = [
        write(cache / "notes.md", 1),
        write(cache / "tables" / "reviews-train.arrow", 1),
        write(cache / "tables" / f"reviews-dev-{KEY}.arrow", 1),
        write(cache / "text" / "mine" / "text.json", 1),
        write(cache / "text" / KEY[::-1] / "tokenizer.json", 1),  # no text.json
        write(write_text(cache / "text" / ("f" * 24)) / "notes.md", 1),
    ]
    links = [
        (cache / "tables" / f"link-train-{KEY}.arrow", outside),
        (cache / "text" / ("a" * 24), cache / "text" / ("f" * 24)),
        (write_text(cache / "text" / ("b" * 24)) / "vocab.txt", outside),
    ]
    for link, target in links:
        link.symlink_to(target)
    outcome = run("cache", "clear", "--cache", cache)
    assert outcome.code == 0, outcome.err
    assert "ignored, since arabic_mtl has not written them: notes.md, link-train-" in outcome.out
    assert outcome.out.endswith(" and 6 more\n")
    assert all(path.exists() for path in [*others, outside, *(link for link, _ in links)])
    assert not (cache / "tables" / f"old-test-{KEY}.arrow").exists()


@pytest.mark.parametrize("name", ["tables", "text"])
def test_a_linked_subfolder_is_not_followed(cache: Path, tmp_path: Path, name: str) -> None:
    moved = (cache / name).rename(tmp_path / "moved")
    (cache / name).symlink_to(moved)
    before = files_under(moved)
    assert run("cache", "clear", "--cache", cache).code == 0
    assert files_under(moved) == before


def test_folders_that_are_no_cache_are_refused(tmp_path: Path) -> None:
    run_folder = tmp_path / "version_0"  # which has a folder `text`, too
    write(run_folder / "text" / "text.json", 1)
    write(run_folder / "model.json", 1)
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "text").symlink_to(write_text(tmp_path / "text" / KEY).parent)
    for folder in (run_folder, linked):
        before = files_under(tmp_path)
        error = error_fields(run("cache", "clear", "--cache", folder))
        assert_names(error.rule, "--cache")
        assert_names(error.found, folder)
        assert_names(error.expected, "data.cache")
        assert files_under(tmp_path) == before
    assert_names(
        error_fields(run("cache", "--cache", tmp_path / "absent")).found, tmp_path / "absent"
    )
    assert_names(
        error_fields(run("cache", "--cache", run_folder / "model.json")).found, "model.json"
    )


def test_an_empty_cache_has_no_entries(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    assert run("cache", "--cache", tmp_path).out.endswith(f"0 entries (0 B) in {tmp_path}\n")
    assert (
        run("cache", "clear", "--cache", tmp_path).out
        == f"deleted 0 entries (0 B) of {tmp_path}; kept 0\n"
    )


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--older-than=3"], ["no action"]),
        (["--dry-run"], ["no action"]),
        (["clear", "--older-than=-1"], ["--older-than", "-1"]),
        (["clear", "--older-than=nan"], ["--older-than", "nan"]),
        (["clear", "--older-than=week"], ["--older-than", "week"]),
        (["delete"], ["delete"]),
    ],
)
def test_wrong_options_are_refused(cache: Path, words: list[str], parts: list[str]) -> None:
    before = files_under(cache)
    assert_names(error_fields(run("cache", *words, "--cache", cache)).found, *parts)
    assert files_under(cache) == before


def test_the_default_folder_is_that_of_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inspect.signature(MultiTaskData).parameters["cache"].default == CACHE
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".cache" / "arabic_mtl"
    assert (
        run("cache").out == run("cache", "clear").out == f"nothing is cached: no folder {folder}\n"
    )
    write(folder / "tables" / f"reviews-train-{KEY}.arrow", 10)
    assert run("cache").out.endswith(f"1 entry (10 B) in {folder}\n")
    assert run("cache", "clear").out == f"deleted 1 entry (10 B) of {folder}; kept 0\n"


def test_all_that_runs_cache_is_known_and_is_derived_again(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)
    data.prepare_data()
    folder = tmp_path / "cache"
    found = files_under(folder)
    outcome = run("cache", "--cache", folder)
    kinds = [row[0] for row in rows(outcome.out) if row[0]]
    tables = [f"{corpus}, {split}" for corpus in ("pairs", "texts") for split in SPLITS]
    assert sorted(row[1] for row in rows(outcome.out) if row[0] == "table") == sorted(tables)
    files = ["examples", "facts", "facts", "table"]
    assert sorted(kinds) == sorted([*files * 6, "text pipeline"])
    assert "ignored" not in outcome.out
    cleared = run("cache", "clear", "--cache", folder).out
    assert re.fullmatch(r"deleted 25 entries \(.* kB\) of .*; kept 0\n", cleared)
    assert files_under(folder) == []
    again = hotel_data(tmp_path)
    again.prepare_data()
    assert files_under(folder) == found


SPLITS = ("train", "validation", "test")


def test_the_command_imports_neither_torch_nor_datasets(tmp_path: Path) -> None:
    code = (
        "import sys; from arabic_mtl.cli import main\n"
        f"code = main(['cache', '--cache', {str(tmp_path)!r}])\n"
        "heavy = {'torch', 'lightning', 'transformers', 'datasets', 'pandas'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy), 'CODE', code)"
    )
    done = process(["-c", code], tmp_path, 60)
    assert done.stdout.endswith("HEAVY [] CODE 0\n"), done.stderr
