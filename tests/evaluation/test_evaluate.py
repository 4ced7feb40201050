"""Answers beside gold: of any system, in the order of the files, the same from a Trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.baselines.majority import Majority
from arabic_mtl.callbacks.answers import AnswerCollector
from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation import Answer, evaluate, read_answers, write_answers
from support.systems import gold_logits
from support.training import hotel_data, quiet_trainer, still_module


@pytest.fixture
def data(tmp_path: Path) -> MultiTaskData:
    made = hotel_data(tmp_path)
    made.prepare_data()
    made.setup()
    return made


def bare(value: Any) -> Any:
    """An answer without its scores."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key != "score"}
    return value


def test_a_system_that_is_right_answers_with_gold(data: MultiTaskData) -> None:
    scores, answers = evaluate(gold_logits(data), data, "validation")
    assert [scores[f"{n}/{t.main_metric}"] for n, t in data.tasks.items()] == [1.0] * 4
    assert scores["mean"] == 1.0
    assert [(a.corpus, a.id) for a in answers][:2] == [("texts", "h0-0:0"), ("texts", "h0-0:1")]
    assert [a.corpus for a in answers] == ["texts"] * 36 + ["pairs"] * 18
    for answer in answers:
        found = {name: bare(value) for name, value in answer.found.items()}
        found["category"] = sorted(found.get("category", []), key=lambda c: str(c["label"]))
        gold = dict(answer.gold)
        gold["category"] = sorted(gold.get("category", []), key=lambda c: str(c["label"]))
        assert found == gold


def test_an_answer_holds_text_gold_and_probabilities(data: MultiTaskData) -> None:
    _, answers = evaluate(gold_logits(data), data, "validation")
    first = answers[0]
    assert first.text == "كانت الغرفة ممتازة جدا في الليلة 0"
    assert (first.group, first.pair) == ("validation-r0", None)
    assert first.gold == {
        "span": [{"start": 5, "end": 11, "label": "positive"}],
        "ner": [{"start": 5, "end": 11, "label": "ROOMS"}],
        "category": [{"label": "ROOMS#GENERAL"}],
    }
    likely, unlikely = 0.9998, 0.0001  # softmax of 9, 0, 0
    assert first.probabilities["span"] == [[likely, unlikely, unlikely]]
    assert sorted(first.probabilities["category"])[-2:] == [0.0001, 0.9999]
    assert first.probabilities["ner"] is None
    pair = answers[36]
    assert (pair.id, pair.pair, pair.gold) == (
        "h0-0:0/0",
        "الغرفة",
        {"pair": {"label": "positive"}},
    )
    assert pair.probabilities["pair"] == [likely, unlikely, unlikely]


def test_a_trainer_collects_the_same_answers(data: MultiTaskData, tmp_path: Path) -> None:
    collector, module = AnswerCollector(), still_module(data)
    trainer = quiet_trainer(tmp_path, collector, limit_val_batches=1.0)
    for split, run in (("validation", trainer.validate), ("test", trainer.test)):
        collector.ask()
        (logged,) = run(module, datamodule=data, verbose=False)
        scores, answers = evaluate(module.eval(), data, split)  # type: ignore[arg-type]
        assert collector.answers(trainer, data, split) == answers  # type: ignore[arg-type]
        stage = {"validation": "val", "test": "test"}[split]
        assert {f"{stage}/{name}": value for name, value in scores.items()} == pytest.approx(logged)
    trainer.validate(module, datamodule=data, verbose=False)  # nobody has asked
    assert collector.answers(trainer, data, "validation") == []


def test_the_majority_is_a_system(data: MultiTaskData) -> None:
    _, answers = evaluate(Majority(data), data, "validation")
    assert all(answer.found.get("ner") in ([], None) for answer in answers)
    labels = {span["label"] for answer in answers for span in answer.found.get("span", [])}
    assert labels == {"positive"}


def test_answers_are_read_as_they_were_written(data: MultiTaskData, tmp_path: Path) -> None:
    _, answers = evaluate(Majority(data), data, "validation")
    write_answers(tmp_path / "answers.jsonl", answers)
    again: list[Answer] = list(read_answers(tmp_path / "answers.jsonl"))
    assert again == answers
    assert (tmp_path / "answers.jsonl").read_text(encoding="utf-8").count("كانت") == 18 + 9
