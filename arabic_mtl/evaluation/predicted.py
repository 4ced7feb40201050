"""A system's predictions for a text next to the gold labels, as JSON lines."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
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
from arabic_mtl.errors import InputError, program
from arabic_mtl.files import atomic_write


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedExample:
    """A text with the gold labels and a system's predictions of all tasks.

    Args:
        corpus: The corpus of the text.
        number: The text's row in the corpus's table, by which examples are joined.
        id: The text's id in its file.
        group: The group that the text belongs to.
        text: The raw text, whose characters the offsets count.
        pair: The second text of a text pair, else None.
        gold: Task to the gold prediction; None if the text is not labelled for the task.
        predicted: Task to the system's prediction. Predictions for gold spans keep the order of
            the spans.
        slices: Column to its value, for each of the corpus's `slices`.
    """

    corpus: str
    number: int
    id: str
    group: str
    text: str
    pair: str | None
    gold: dict[str, Prediction | None]
    predicted: dict[str, Prediction]
    slices: dict[str, str] = field(default_factory=dict)


def write_predictions(path: Path, examples: Iterable[PredictedExample]) -> None:
    """Writes examples as JSON lines in full precision, atomically."""
    with atomic_write(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(_as_dict(example), ensure_ascii=False) + "\n")


def read_predictions(path: Path) -> Iterator[PredictedExample]:
    """Yields the examples of a file that `write_predictions` wrote, without the tags of words.

    Raises:
        InputError: If a line is not such an example.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise InputError(
                    f"a run's predictions must be a file written by `{program()} fit`",
                    found=f"{type(error).__name__}: {error}",
                    expected="the unchanged file; or the file of a new run",
                    file=path,
                    line=number,
                ) from None


def to_json(prediction: Prediction) -> dict[str, object]:
    """Returns a prediction as JSON values, without empty fields.

    The keys depend on the form of the prediction: ``labels`` (and ``distribution``), ``spans`` or
    ``value``.
    """
    if isinstance(prediction, ValuePrediction):
        return {"value": prediction.value}
    if isinstance(prediction, TextPrediction):
        return _without_empty(asdict(prediction), keep="labels")
    return {"spans": [_without_empty(asdict(span)) for span in prediction.spans]}


def from_json(facts: Mapping[str, Any]) -> Prediction:
    """Returns the prediction from the JSON values that `to_json` returned."""
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


def _from_dict(facts: dict[str, Any]) -> PredictedExample:
    gold = {name: value and from_json(value) for name, value in facts.pop("gold").items()}
    predicted = {name: from_json(value) for name, value in facts.pop("predicted").items()}
    return PredictedExample(**facts, gold=gold, predicted=predicted)


def _as_dict(example: PredictedExample) -> dict[str, object]:
    gold = {name: value and to_json(value) for name, value in example.gold.items()}
    predicted = {name: to_json(value) for name, value in example.predicted.items()}
    names = ("corpus", "number", "id", "group", "text", "pair")
    facts = {name: getattr(example, name) for name in names}
    slices = {"slices": example.slices} if example.slices else {}
    return {**facts, "gold": gold, "predicted": predicted, **slices}


def _without_empty(facts: Mapping[str, object], keep: str = "") -> dict[str, object]:
    return {k: v for k, v in facts.items() if k == keep or not (v is None or v == ())}
