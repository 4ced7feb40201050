"""Labels that a corpus never has: the user says whether it annotates them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.data.check import check_tasks
from arabic_mtl.data.label_sets import check_label_sets
from arabic_mtl.data.sources import Sources
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Conll, Format, Table
from arabic_mtl.tasks import SequenceClassification, Task, TokenClassification

FEW = "محمد B-PERS\nفي O\nمصر B-LOC\n"
MANY = "محمد B-PERS\nأمس B-DATE\nفي O\nمصر B-LOC\n"
LABELS = ("PERS", "LOC", "DATE")


def check(folder: Path, labels: tuple[str, ...] = LABELS, **annotates: Any) -> None:
    """Checks a task on the corpora ``few`` and ``many``, with their `annotates`."""
    for name, content in (("few", FEW), ("many", MANY)):
        (folder / f"{name}.txt").write_text(content, encoding="utf-8")
    corpora: dict[str, Format] = {
        name: Conll(
            train=Path(f"{name}.txt"), columns=("word", "ner"), annotates=annotates.get(name)
        )
        for name in ("few", "many")
    }
    tasks: dict[str, Task] = {
        "ner": TokenClassification(corpus=("few", "many"), layer="ner", labels=labels)
    }
    check_tasks(corpora, tasks)
    source = Sources(corpora, root=folder, validation_share=0, split_seed=0, cache=folder / "cache")
    check_label_sets(corpora, tasks, {name: source.all_censuses(name) for name in corpora})


def test_a_label_that_one_corpus_never_has_needs_a_statement(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check(tmp_path)
    error = caught.value
    assert error.found == "data.tasks.ner: few never has DATE, which its other corpora have"
    assert "`annotates: [PERS, LOC]` in data.corpora.few" in str(error.expected)
    assert "`annotates: [PERS, LOC, DATE]`" in str(error.expected)


@pytest.mark.parametrize("annotates", [("PERS", "LOC"), LABELS])
def test_both_statements_are_accepted(tmp_path: Path, annotates: tuple[str, ...]) -> None:
    check(tmp_path, few=annotates)


def test_a_label_that_no_corpus_has_needs_no_statement(tmp_path: Path) -> None:
    check(tmp_path, labels=(*LABELS, "MISC"), few=("PERS", "LOC"))


def test_a_label_that_is_said_to_be_missing_must_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check(tmp_path, few=("PERS", "LOC"), many=("PERS", "LOC"))
    error = caught.value
    assert (error.file, error.line) == (tmp_path / "many.txt", 1)
    assert error.found == "«DATE» (once, first in line 1) in layer ner"
    assert "annotates with DATE" in str(error.expected)


@pytest.mark.parametrize("annotates", [("PER", "LOC"), ()])
def test_labels_that_no_task_declares_are_refused(
    tmp_path: Path, annotates: tuple[str, ...]
) -> None:
    with pytest.raises(InputError) as caught:
        check(tmp_path, few=annotates)
    found = ", ".join(annotates[:1]) or "no label"
    assert caught.value.found == f"data.corpora.few.annotates: {found}"
    assert "PERS, LOC, DATE" in str(caught.value.expected)


def test_annotates_holds_for_the_tasks_that_declare_one_of_its_labels() -> None:
    form = Table(text="text", labels={"mood": "mood", "dialect": "dialect"}, annotates=("msa",))
    tasks: dict[str, Task] = {
        name: SequenceClassification(corpus="tweets", layer=name, labels=labels)
        for name, labels in (("mood", ("good", "bad")), ("dialect", ("msa", "gulf")))
    }
    check_tasks({"tweets": form}, tasks)


def test_annotates_is_no_part_of_what_is_cached() -> None:
    form = Conll(columns=("word", "ner"))
    stated = Conll(columns=("word", "ner"), annotates=("PERS",))
    assert stated.identity == form.identity
