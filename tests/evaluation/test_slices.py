"""Scores by slice, and the labels that are scored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from arabic_mtl.data.slices import check_slices, slice_values
from arabic_mtl.data.sources import Sources
from arabic_mtl.documents import LabelScore, TextPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import PredictedExample, read_predictions, write_predictions
from arabic_mtl.evaluation.slices import slices_table
from arabic_mtl.formats import Conll, Format, Records, Table
from arabic_mtl.scoring import length_slice
from arabic_mtl.tasks import SequenceClassification

LABELS = ("POS", "NEG", "NEU")
TASK = SequenceClassification(corpus="tweets", layer="mood", labels=LABELS, scored=("POS", "NEG"))


def example(gold: str | None, found: str, **slices: str) -> PredictedExample:
    return PredictedExample(
        corpus="tweets",
        number=0,
        id="1",
        group="1",
        text="كلمة " * 9,
        pair=None,
        gold={"mood": None if gold is None else TextPrediction((LabelScore(gold),))},
        predicted={"mood": TextPrediction((LabelScore(found),))},
        slices=slices,
    )


def test_scored_labels_select_checkpoints() -> None:
    assert TASK.selection_metric == "scored_f1"
    assert list(TASK.metrics()) == ["accuracy", "macro_f1", "scored_f1"]
    plain = replace(TASK, scored=())
    assert (plain.selection_metric, list(plain.metrics())) == ("macro_f1", ["accuracy", "macro_f1"])
    assert plain.identity == TASK.identity
    for scored in (("POS", "POS"), ("pos",)):
        with pytest.raises(InputError, match="`scored` of the task on layer 'mood'"):
            replace(TASK, scored=scored)


@given(st.lists(st.tuples(*[st.sampled_from(LABELS)] * 2), min_size=1, max_size=30))
def test_scored_f1_is_that_of_sklearn(pairs: list[tuple[str, str]]) -> None:
    gold, found = (list(side) for side in zip(*pairs, strict=True))
    for scored in (("POS", "NEG"), ("NEU",)):
        metric = replace(TASK, scored=scored).metrics()["scored_f1"]
        predictions = [[TextPrediction((LabelScore(x),)) for x in side] for side in (gold, found)]
        metric.update([0] * len(pairs), *predictions)
        occurring = [label for label in scored if label in {*gold, *found}]
        expected = f1_score(gold, found, labels=occurring, average="macro") if occurring else 0.0
        assert metric.compute()[0].item() == pytest.approx(expected, abs=1e-6)


def test_a_slice_has_the_texts_with_its_value() -> None:
    examples = [
        example("POS", "POS", dialect="gulf"),
        example("NEG", "NEG", dialect="gulf"),
        example("NEG", "POS", dialect="egypt"),
        example("NEU", "POS", dialect="gulf"),
        example(None, "POS", dialect="other"),
        replace(example("NEG", "NEG", dialect=""), text="قصير"),
    ]
    rows = slices_table(examples, {"mood": TASK}).to_numpy().tolist()
    assert [row[:5] for row in rows] == [
        ["mood/scored_f1", "dialect", "gulf", 3, "83.3"],
        ["mood/scored_f1", "dialect", "egypt", 1, "0.0"],
        ["mood/scored_f1", "dialect", "(empty)", 1, "100.0"],
        ["mood/scored_f1", "length", "1–8 words", 1, "100.0"],
        ["mood/scored_f1", "length", "9–16 words", 4, "58.3"],
    ]
    assert rows[2][5] == "100.0 to 100.0"


def test_rare_values_are_one_slice() -> None:
    examples = [example("POS", "POS", source=f"s{n}") for n in range(25)]
    rows = slices_table([*examples, *examples[:20]], {"mood": TASK}).to_numpy().tolist()
    assert [row[3] for row in rows if row[2] == "5 others"] == [5]
    assert len(rows) == 20 + 1 + 1


def test_lengths() -> None:
    found = [length_slice("ا " * words) for words in (1, 8, 9, 64, 65, 900)]
    shown = ["1–8 words", "1–8 words", "9–16 words", "33–64 words"]
    assert found == [*shown, *["65 words or more"] * 2]


def test_predictions_keep_their_slices(tmp_path: Path) -> None:
    examples = [example("POS", "NEG", dialect="gulf"), example("POS", "NEG")]
    write_predictions(tmp_path / "answers.jsonl", examples)
    assert list(read_predictions(tmp_path / "answers.jsonl")) == examples
    assert '"slices"' not in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()[1]


def sources(folder: Path, form: Format[Any]) -> Sources:
    return Sources(
        {"a": form}, root=folder, validation_share=0.2, split_seed=0, cache=folder / "cache"
    )


def test_values_of_columns(tmp_path: Path) -> None:
    rows = "".join(f"نص رقم {n},{'ab'[n % 2]},{n}\n" for n in range(40))
    (tmp_path / "a.csv").write_text(f"text,dialect,n\n{rows}", encoding="utf-8")
    (tmp_path / "b.csv").write_text("text,dialect\nنص,\n", encoding="utf-8")
    form = Table(train=Path("a.csv"), test=Path("b.csv"), slices=("dialect",))
    data = sources(tmp_path, form)
    check_slices(data)
    assert slice_values(data, "a", "test") == {"line:2": {"dialect": ""}}
    held_out = slice_values(data, "a", "validation")
    for each in data.examples("a", "validation"):
        number = int(each.text.split()[-1])
        assert held_out[each.id] == {"dialect": "ab"[number % 2]}
    assert slice_values(sources(tmp_path, replace(form, slices=())), "a", "test") == {}
    assert replace(form, slices=()).identity == form.identity
    with pytest.raises(InputError, match="a slice must be a column of the file") as caught:
        check_slices(sources(tmp_path, replace(form, slices=("n",))))
    assert (caught.value.found, caught.value.expected) == ("n", "one of text, dialect")
    assert caught.value.file == tmp_path / "b.csv"


def test_keys_of_records_and_files_without_columns(tmp_path: Path) -> None:
    line = '{"text": "نص", "meta": {"dialect": "gulf", "year": 2020}}\n'
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    form = Records(test=Path("a.jsonl"), slices=("meta.dialect", "meta.year"))
    found = slice_values(sources(tmp_path, form), "a", "test")
    assert found == {"line:1": {"meta.dialect": "gulf", "meta.year": "2020"}}
    (tmp_path / "a.conll").write_text("نص O\n", encoding="utf-8")
    conll = Conll(test=Path("a.conll"), columns=["word", "ner"], slices=("domain",))
    with pytest.raises(InputError, match="a slice must be a column of the file"):
        check_slices(sources(tmp_path, conll))
