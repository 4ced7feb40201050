"""Annotating a file without labels: order, offsets, whole files or none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from local_models import (
    CATEGORIES,
    POLARITIES,
    ROOT,
    SAMPLE,
    SHRUNK,
    TINY_ENCODER,
    Outcome,
    Run,
    files_under,
    hotel_xml,
    places,
    plain_xml,
    reviews,
    run,
    sentence,
    settings,
    write_hotels,
    write_yaml,
)

from arabic_mtl.callbacks import PredictionWriter


@pytest.fixture
def without_sources(trained: Run) -> Iterator[Run]:
    """The run, while neither its training files nor its cache can be found."""
    place = trained.folder.parents[2]
    moved = [place / "xml", place / "cache"]
    for folder in moved:
        folder.rename(folder.with_suffix(".away"))
    yield trained
    for folder in moved:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(".away").rename(folder)


def predict(checkpoint: Path, source: str | Path, output: str, *options: str) -> Outcome:
    given = ["--ckpt_path", checkpoint, f"--input={source}", f"--output={output}"]
    return run("predict", *given, *options)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_lines_follow_the_file_without_the_training_files(
    project: Path, without_sources: Run
) -> None:
    texts = plain_xml(SAMPLE / "test.xml", project / "new.xml", 40)
    outcome = predict(without_sources.best, "new.xml", "out.jsonl")
    assert outcome.code == 0, outcome.err
    assert "40 texts annotated in out.jsonl" in outcome.out
    found = lines(project / "out.jsonl")
    assert [(line["id"], line["text"]) for line in found] == texts
    keys = ["corpus", "id", "text", "sentiment", "ner", "category"]
    assert {tuple(line) for line in found} == {tuple(keys)}
    assert files_under(project) == ["new.xml", "out.jsonl"]


def test_spans_are_pieces_of_the_raw_text(project: Path) -> None:
    best = small_run(project, "--model.lr=0")  # random weights find targets everywhere
    plain_xml(SAMPLE / "validation.xml", project / "new.xml", 120)
    assert predict(best, "new.xml", "out.jsonl").code == 0
    found = lines(project / "out.jsonl")
    spans = [(line["text"], span) for line in found for span in line["ner"]]
    assert len(spans) > 20
    for text, span in spans:
        assert text[span["start"] : span["end"]] == span["text"] != ""
        assert 0 < span["score"] <= 1
    for line in found:
        places_of = [(span["start"], span["end"]) for span in line["ner"]]
        assert places_of == sorted(places_of)
        targets = [(span["start"], span["end"]) for span in line["sentiment"]]
        assert targets == (places_of or [(0, 0)])


def test_null_sentiment_where_no_target_is_found(project: Path, trained: Run) -> None:
    texts = [*(sentence(f"n:{n}", text) for n, text in enumerate(["؟", "!!", "😍", "و", " ", ""]))]
    (project / "new.xml").write_text(reviews(texts), encoding="utf-8")
    outcome = predict(trained.best, "new.xml", "out.jsonl")
    assert outcome.code == 0, outcome.err
    found = lines(project / "out.jsonl")
    assert [line["text"] for line in found] == ["؟", "!!", "😍", "و", " ", ""]
    untargeted = [line for line in found if not line["ner"]]
    assert len(untargeted) >= 2  # an empty text has no target at all
    for line in untargeted:
        (null,) = line["sentiment"]
        assert (null["start"], null["end"], null["text"]) == (0, 0, None)
        assert null["label"] in POLARITIES


def test_gold_labels_make_no_difference(project: Path, trained: Run) -> None:
    strange = hotel_xml(1).replace("positive", "conflict")
    (project / "gold.xml").write_text(strange, encoding="utf-8")
    plain_xml(project / "gold.xml", project / "plain.xml")
    assert predict(trained.best, "plain.xml", "plain.jsonl").code == 0
    assert predict(trained.best, "gold.xml", "gold.jsonl").code == 0
    plain, gold = lines(project / "plain.jsonl"), lines(project / "gold.jsonl")
    assert gold == plain
    assert len(gold) == 18


def test_from_another_folder_with_relative_names(
    project: Path, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_xml(SAMPLE / "test.xml", project / "new.xml", 5)
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")
    outcome = predict(trained.best, "../new.xml", "out.jsonl")
    assert outcome.code == 0, outcome.err
    assert len(lines(project / "deep" / "out.jsonl")) == 5


def test_run_folder_may_be_moved(project: Path, without_sources: Run) -> None:
    moved = shutil.copytree(without_sources.folder, project / "elsewhere")
    plain_xml(SAMPLE / "test.xml", project / "new.xml", 5)
    checkpoint = moved / "checkpoints" / "best.ckpt"
    outcome = predict(checkpoint, "new.xml", "out.jsonl", *places(project))
    assert outcome.code == 0, outcome.err
    assert len(lines(project / "out.jsonl")) == 5


def test_output_is_replaced_as_a_whole(project: Path, trained: Run) -> None:
    plain_xml(SAMPLE / "test.xml", project / "new.xml", 3)
    (project / "out.jsonl").write_text("old\n" * 99)
    assert predict(trained.best, "new.xml", "out.jsonl").code == 0
    assert len(lines(project / "out.jsonl")) == 3


def test_recipe_form(project: Path) -> None:
    root = f"--data.root={write_hotels(project / 'xml')}"
    config = ROOT / "configs" / "recipe.yaml"
    given = ["--config", config, TINY_ENCODER, *SHRUNK, *places(project), root]
    assert run("fit", *given).code == 0
    texts = plain_xml(SAMPLE / "test.xml", project / "new.xml", 12)
    best = project / "runs" / "recipe" / "version_0" / "checkpoints" / "best.ckpt"
    outcome = predict(best, "new.xml", "out.jsonl")
    assert outcome.code == 0, outcome.err
    found = lines(project / "out.jsonl")
    by_corpus = {
        name: [line for line in found if line["corpus"] == name]
        for name in ("opinions", "sentences")
    }
    assert found == [*by_corpus["opinions"], *by_corpus["sentences"]]
    for name, task in (("opinions", "sentiment"), ("sentences", "ner")):
        assert [(line["id"], line["text"]) for line in by_corpus[name]] == texts
        assert {tuple(line) for line in by_corpus[name]} == {("corpus", "id", "text", task)}
    assert {line["sentiment"]["label"] for line in by_corpus["opinions"]} <= set(POLARITIES)


def small_run(project: Path, *options: str) -> Path:
    """A model of a few words; gives back its checkpoint."""
    (project / "train.xml").write_text(hotel_xml(2), encoding="utf-8")
    config = write_yaml(project / "config.yaml", settings())
    outcome = run("fit", "--config", config, *SHRUNK, *places(project), *options)
    assert outcome.code == 0, outcome.err
    return project / "runs" / "config" / "version_0" / "checkpoints" / "best.ckpt"


def test_categories_come_likeliest_first(project: Path) -> None:
    best = small_run(project, "--data.tasks.category.threshold=0")
    assert predict(best, "train.xml", "out.jsonl").code == 0
    assert len(lines(project / "out.jsonl")) == 36
    for line in lines(project / "out.jsonl"):
        scores = [category["score"] for category in line["category"]]
        assert scores == sorted(scores, reverse=True)
        assert {category["label"] for category in line["category"]} == set(CATEGORIES)


def assert_nothing_written(project: Path, outcome: Outcome, *fragments: str) -> None:
    assert outcome.code == 2, outcome.out
    assert "Traceback" not in outcome.err
    for fragment in fragments:
        assert fragment in outcome.err
    assert [name for name in files_under(project) if "jsonl" in name] == []


def test_output_folder_must_exist(project: Path, trained: Run) -> None:
    plain_xml(SAMPLE / "test.xml", project / "new.xml", 3)
    outcome = predict(trained.best, "new.xml", "absent/out.jsonl")
    assert_nothing_written(project, outcome, "--output", "absent")


def test_output_must_not_be_a_folder(project: Path, trained: Run) -> None:
    plain_xml(SAMPLE / "test.xml", project / "new.xml", 3)
    (project / "folder").mkdir()
    outcome = predict(trained.best, "new.xml", "folder")
    assert_nothing_written(project, outcome, "--output", "folder")


INPUTS = {
    "missing": (None, "absent"),
    "truncated": (hotel_xml(1)[:-40], "well-formed"),
    "empty": ("<Reviews/>", "at least one"),
    "not XML": ("text", "well-formed"),
}


@pytest.mark.parametrize(("content", "fragment"), INPUTS.values(), ids=INPUTS)
def test_bad_input_file(project: Path, trained: Run, content: str | None, fragment: str) -> None:
    name = "absent.xml" if content is None else "new.xml"
    if content is not None:
        (project / name).write_text(content, encoding="utf-8")
    assert_nothing_written(project, predict(trained.best, name, "out.jsonl"), name, fragment)


def test_input_must_be_given(project: Path, trained: Run) -> None:
    outcome = run("predict", "--ckpt_path", trained.best, "--output=out.jsonl")
    assert_nothing_written(project, outcome, "predict", "data.corpora.reviews")


def test_failing_midway_leaves_the_old_output(
    project: Path, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_xml(SAMPLE / "test.xml", project / "new.xml", 3)
    (project / "out.jsonl").write_text("old\n")

    given = chain(['{"id": 1}'], repeat(OSError("no space left")))

    def line(*_: object) -> str:
        item = next(given)
        if isinstance(item, OSError):
            raise item
        return item

    monkeypatch.setattr("arabic_mtl.callbacks.predictions._line", line)
    with pytest.raises(OSError, match="no space left"):
        predict(trained.best, "new.xml", "out.jsonl")
    assert (project / "out.jsonl").read_text() == "old\n"
    assert files_under(project) == ["new.xml", "out.jsonl"]


def test_writer_writes_once_at_the_end() -> None:
    assert PredictionWriter(Path("a.jsonl")).interval.on_epoch
    assert not PredictionWriter(Path("a.jsonl")).interval.on_batch
