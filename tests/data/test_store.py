"""Splits and cached tables: held-out reviews, and inputs that tables depend on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.data.store import Store
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Located, Notices, SemEval2016
from arabic_mtl.tasks import MultiLabelClassification, SpanClassification, Task, TokenClassification
from arabic_mtl.text import TextSettings
from support.messages import assert_names

POLARITY = SpanClassification(corpus="reviews", layer="polarity", labels=("p", "n"))
CATEGORY = MultiLabelClassification(corpus="reviews", layer="category", labels=("A#X", "B#Y"))
NER = TokenClassification(corpus="reviews", layer="entity", labels=("A", "B"))
TASKS: dict[str, Task] = {"sentiment": POLARITY, "category": CATEGORY, "ner": NER}
TRAIN = SemEval2016(train=Path("train.xml"))
OPINIONS = [("الغرفة", "A#X", "p"), ("NULL", "B#Y", "n")]
REVIEWS = {str(rid): [(f"الغرفة {rid}", OPINIONS), ("جيد", [])] for rid in range(40)}
OTHER = {"x": [("الغرفة واسعة", OPINIONS)], "y": [("سيء", [])]}


def store(root: Path, corpus: Format = TRAIN, **settings: Any) -> Store:
    options: dict[str, Any] = {"validation_share": 0.2, "split_seed": 0, "cache": root / "cache"}
    text = settings.pop("text", None) or TextSettings(vocab_size=100)
    tasks = settings.pop("tasks", TASKS)
    return Store({"reviews": corpus}, tasks, text, root=root, **(options | settings))


def data(root: Path, corpus: Format = TRAIN, **settings: Any) -> MultiTaskData:
    defaults: dict[str, Any] = {
        "tasks": TASKS,
        "text": TextSettings(vocab_size=100),
        "validation_share": 0.2,
        "root": root,
        "cache": root / "cache",
    }
    return MultiTaskData({"reviews": corpus}, **(defaults | settings))


def tables(root: Path) -> dict[str, tuple[int, int]]:
    """Returns the names of the tables in the cache, each with its inode and time."""
    files = (root / "cache" / "tables").glob("*.arrow")
    return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}


def ids(store: Store, split: Any) -> list[str]:
    return [example.id for example in store.examples("reviews", split)]


@pytest.fixture
def root(tmp_path: Path, write_semeval: Callable[..., Path]) -> Path:
    """Returns a folder with train.xml (40 reviews) and other.xml (two reviews)."""
    write_semeval(REVIEWS)
    write_semeval(OTHER, name="other.xml")
    return tmp_path


def test_held_out_reviews_are_whole_and_not_trained_on(root: Path) -> None:
    splits = store(root)
    train, validation = (
        {example.group for example in splits.examples("reviews", split)}
        for split in ("train", "validation")
    )
    assert train & validation == set()
    assert train | validation == set(REVIEWS)
    assert 2 <= len(validation) <= 16
    together = ids(splits, "train") + ids(splits, "validation")
    assert sorted(together) == sorted(f"{rid}:{n}" for rid in REVIEWS for n in (0, 1))
    assert ids(splits, "test") == []


def test_named_validation_file_leaves_training_whole(root: Path) -> None:
    splits = store(root, replace(TRAIN, validation=Path("other.xml"), test=Path("other.xml")))
    assert ids(splits, "validation") == ids(splits, "test") == ["x:0", "y:0"]
    assert len(ids(splits, "train")) == 80


def test_held_out_reviews_depend_on_seed_and_share(root: Path) -> None:
    validation = ids(store(root), "validation")
    assert ids(store(root), "validation") == validation
    assert ids(store(root, split_seed=1), "validation") != validation
    assert set(validation) < set(ids(store(root, validation_share=0.6), "validation"))


def test_share_of_zero_holds_out_nothing(root: Path) -> None:
    splits = store(root, validation_share=0)
    assert len(ids(splits, "train")) == 80
    assert splits.corpora_with("validation") == ids(splits, "validation") == []
    module = data(root, validation_share=0)
    module.prepare_data()
    module.setup()
    assert set(module.tables) == {"train"}
    assert len(module.tables["train"]["reviews"]) == 80
    assert module.val_dataloader() == []


@pytest.mark.parametrize("share", [1.0, -0.1, 1.5])
def test_share_outside_its_range_is_refused(root: Path, share: float) -> None:
    with pytest.raises(InputError) as caught:
        store(root, validation_share=share)
    assert "data.validation_share" in caught.value.rule
    assert caught.value.found == share


def test_missing_file_is_named_by_its_key(root: Path) -> None:
    with pytest.raises(InputError) as caught:
        store(root, replace(TRAIN, test=Path("none.xml"))).files("reviews", "test")
    key, _, problem = str(caught.value.found).partition(": ")
    assert key == "data.corpora.reviews.test"
    assert problem.endswith(f" {root / 'none.xml'}")
    assert str(root) in str(caught.value.expected)


def test_corpora_of_a_split(root: Path) -> None:
    splits = store(root, replace(TRAIN, test=Path("other.xml")))
    has = {split: splits.corpora_with(split) for split in ("train", "validation", "test")}
    assert has == {split: ["reviews"] for split in has}
    assert splits.source("reviews", "validation") == root / "train.xml"
    assert splits.source("reviews", "test") == root / "other.xml"


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_missing_split_is_refused(root: Path, split: Any) -> None:
    with pytest.raises(InputError) as caught:
        store(root, SemEval2016()).require(split)
    assert_names(caught.value.found, f"`{split}`", "data.corpora.reviews")
    assert caught.value.expected == f"--data.corpora.reviews.{split}=FILE"


def test_training_needs_every_corpus_and_testing_one(root: Path) -> None:
    corpora = {"one": replace(TRAIN, test=Path("other.xml")), "two": SemEval2016()}
    settings: dict[str, Any] = {"root": root, "cache": root, "validation_share": 0.1}
    splits = Store(corpora, {}, TextSettings(), split_seed=0, **settings)
    splits.require("test")
    with pytest.raises(InputError) as caught:
        splits.require("train")
    assert_names(caught.value.found, "`train`", "data.corpora.two")


def test_tables_hold_their_split(root: Path) -> None:
    splits = store(root)
    splits.load_text()
    for split in ("train", "validation", "test"):
        splits.write("reviews", split)
    for split in ("train", "validation"):
        assert splits.read(split)["reviews"]["id"][:] == ids(splits, split)
    assert splits.read("test") == {}
    names = sorted(name.rsplit("-", 1)[0] for name in tables(root))
    assert names == ["reviews-train", "reviews-validation"]


def test_second_preparation_neither_reads_nor_writes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data(root).prepare_data()
    initial = tables(root)
    texts = sorted((root / "cache" / "text").iterdir())

    def parts(self: SemEval2016, file: BinaryIO, notices: Notices) -> Iterator[Located]:
        raise AssertionError("read again")
        yield

    monkeypatch.setattr(SemEval2016, "parts", parts)
    data(root).prepare_data()
    module = data(root)
    module.setup()
    assert tables(root) == initial
    assert sorted((root / "cache" / "text").iterdir()) == texts
    assert (
        len(module.tables["train"]["reviews"]) + len(module.tables["validation"]["reviews"]) == 80
    )


UNCHANGED: dict[str, dict[str, Any]] = {
    "weight": {"tasks": {**TASKS, "sentiment": replace(POLARITY, weight=3.0)}},
    "threshold": {"tasks": {**TASKS, "category": replace(CATEGORY, threshold=0.3)}},
    "spans_from": {"tasks": {**TASKS, "sentiment": replace(POLARITY, spans_from="ner")}},
    "order of tasks": {"tasks": dict(reversed(TASKS.items()))},
    "batch size": {"plan": SamplingPlan(batch_size=3, step="single", pool=1)},
    "seed": {"seed": 5},
    "window": {"text": TextSettings(vocab_size=100, max_length=9)},
    "workers": {"num_workers": 1},
    "test file": {"corpus": replace(TRAIN, test=Path("other.xml"))},
}
CHANGED: dict[str, dict[str, Any]] = {
    "labels": {"tasks": {**TASKS, "sentiment": replace(POLARITY, labels=("p", "n", "x"))}},
    "order of labels": {"tasks": {**TASKS, "sentiment": replace(POLARITY, labels=("n", "p"))}},
    "task": {"tasks": {"sentiment": POLARITY}},
    "cleaning": {"text": TextSettings(vocab_size=100, cleaning="none")},
    "vocabulary": {"text": TextSettings(vocab_size=90)},
    "stemming": {"text": TextSettings(vocab_size=100, stemming="snowball")},
    "proclitics": {"text": TextSettings(vocab_size=100, split_proclitics=False)},
    "trim": {"tasks": {**TASKS, "ner": replace(NER, trim=1)}},
    "unit": {"corpus": replace(TRAIN, unit="review")},
    "split seed": {"split_seed": 3},
    "share": {"validation_share": 0.3},
}


@pytest.mark.parametrize("settings", UNCHANGED.values(), ids=UNCHANGED)
def test_tables_do_not_depend_on_training_settings(root: Path, settings: dict[str, Any]) -> None:
    data(root).prepare_data()
    initial = tables(root)
    data(root, **settings).prepare_data()
    final = tables(root)
    assert {name: final[name] for name in initial} == initial
    assert all(name.startswith("reviews-test-") for name in set(final) - set(initial))


@pytest.mark.parametrize("settings", CHANGED.values(), ids=CHANGED)
def test_tables_depend_on_their_inputs(root: Path, settings: dict[str, Any]) -> None:
    data(root).prepare_data()
    initial = tables(root)
    data(root, **settings).prepare_data()
    new = set(tables(root)) - set(initial)
    assert sorted(name.rsplit("-", 1)[0] for name in new) == ["reviews-train", "reviews-validation"]


def test_tables_depend_on_the_bytes_of_their_file(root: Path) -> None:
    data(root).prepare_data()
    initial = tables(root)
    os.utime(root / "train.xml", (0, 0))  # the time of change is ignored
    data(root).prepare_data()
    assert tables(root) == initial
    source = root / "train.xml"
    source.write_text(source.read_text("utf-8").replace("جيد", "سيئ"), "utf-8")
    data(root).prepare_data()
    assert len(tables(root)) == 4


def test_bad_test_file_is_found_before_training(root: Path) -> None:
    (root / "bad.xml").write_text("<sentences/>")
    with pytest.raises(InputError) as caught:
        data(root, replace(TRAIN, test=Path("bad.xml"))).prepare_data()
    assert (caught.value.file, caught.value.line) == (root / "bad.xml", 1)
    assert_names(caught.value.found, "<sentences>")


def test_overlapping_splits_are_refused(root: Path, write_semeval: Callable[..., Path]) -> None:
    write_semeval({**OTHER, "7": REVIEWS["7"]}, name="shared.xml")
    corpus = replace(TRAIN, test=Path("shared.xml"))
    with pytest.raises(InputError) as caught:
        data(root, corpus).prepare_data()
    found = str(caught.value.found)
    assert_names(found, f"{root / 'shared.xml'} (test)")
    assert found.endswith(" 7")
    assert found.startswith(f"data.corpora.reviews: {root / 'train.xml'} (")
    data(root, corpus).store.check(["test"])  # a split by itself can be read


def test_saved_pipeline_is_used_unchanged(root: Path) -> None:
    first = store(root)
    first.load_text()
    first.text.save(root / "saved")
    second = store(root, text=TextSettings(saved=root / "saved", max_length=8))
    second.load_text()
    assert second.text.settings == replace(first.text.settings, max_length=8)
    assert second.text.tokenizer.to_str() == first.text.tokenizer.to_str()


def test_vocabulary_is_learned_from_training_texts_only(root: Path) -> None:
    splits = store(root, text=TextSettings(vocab_size=1000))
    splits.load_text()
    vocabulary = splits.text.tokenizer.get_vocab()
    numbers = {rid for rid in REVIEWS if len(rid) == 2 and rid in vocabulary}
    trained = {example.group for example in splits.examples("reviews", "train")}
    assert numbers == {rid for rid in trained if len(rid) == 2}
