"""The predictions of a system for a text, beside gold."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arabic_mtl.documents import (
    LabelScore,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)
from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that is needed to score a system on one text, or to look at its mistakes.

    Args:
        corpus: The corpus that the text is from.
        number: The text's row in the corpus's table, by which answers are joined.
        id: Its name in its file.
        group: The review that it belongs to.
        text: As it stands in the file: offsets count its characters.
        pair: Its second text, if it has one.
        gold: Task to the right prediction, None where the text is not labelled.
        predicted: Task to the system's prediction: of given spans in their order.
    """

    corpus: str
    number: int
    id: str
    group: str
    text: str
    pair: str | None
    gold: dict[str, Prediction | None]
    predicted: dict[str, Prediction]


def write_answers(path: Path, answers: Iterable[Answer]) -> None:
    """Writes JSON lines in full precision, whole or not at all."""
    with atomic_write(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for answer in answers:
            file.write(json.dumps(_as_dict(answer), ensure_ascii=False) + "\n")


def read_answers(path: Path) -> Iterator[Answer]:
    """Streams the answers that `write_answers` wrote, without the tags of words.

    Raises:
        InputError: If a line is none of them.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise InputError(
                    "a finished run must have its answers as `train.py fit` writes them",
                    found=f"{type(error).__name__}: {error}",
                    expected="the file as it was written; or the run again",
                    file=path,
                    line=number,
                ) from None


def to_json(prediction: Prediction) -> dict[str, object]:
    """Returns a prediction as JSON values; its key tells its form.

    ``labels`` (and ``distribution``), ``spans`` or ``value``; fields that are empty are left out.
    """
    if isinstance(prediction, ValuePrediction):
        return {"value": prediction.value}
    if isinstance(prediction, TextPrediction):
        return _without_empty(asdict(prediction), keep="labels")
    return {"spans": [_without_empty(asdict(span)) for span in prediction.spans]}


def from_json(facts: Mapping[str, Any]) -> Prediction:
    """Returns the prediction that `to_json` was given."""
    if "value" in facts:
        return ValuePrediction(facts["value"])
    if "labels" in facts:
        labels = tuple(LabelScore(**label) for label in facts["labels"])
        return TextPrediction(labels, tuple(facts.get("distribution", ())))
    return SpansPrediction(tuple(_span(span) for span in facts["spans"]))


def _span(facts: Mapping[str, Any]) -> SpanPrediction:
    condition = facts.get("condition")
    return SpanPrediction(
        **{
            **facts,
            "condition": condition and LabelScore(**condition),
            "distribution": tuple(facts.get("distribution", ())),
        }
    )


def _from_dict(facts: dict[str, Any]) -> Answer:
    gold = {name: each and from_json(each) for name, each in facts.pop("gold").items()}
    predicted = {name: from_json(each) for name, each in facts.pop("predicted").items()}
    return Answer(**facts, gold=gold, predicted=predicted)


def _as_dict(answer: Answer) -> dict[str, object]:
    gold = {name: each and to_json(each) for name, each in answer.gold.items()}
    predicted = {name: to_json(each) for name, each in answer.predicted.items()}
    names = ("corpus", "number", "id", "group", "text", "pair")
    facts = {name: getattr(answer, name) for name in names}
    return {**facts, "gold": gold, "predicted": predicted}


def _without_empty(facts: Mapping[str, object], keep: str = "") -> dict[str, object]:
    return {k: v for k, v in facts.items() if k == keep or not (v is None or v == ())}
