"""Predictions as JSON lines train again: what is written is read, NULL spans included."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.documents import AnnotatedSpan, Annotation, Example, LabelScore, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices, Record, Records
from support.formats import ROOM, THANKS, Words, convert
from support.records import as_lines, read, read_noticing, refused

CHARACTERS = 'ا إb😍\ud800\r\n\u064b\u200d\u2028"\\'
SPAN_TASKS, TEXT_TASKS = ("ner", "mood"), ("kind", "mood")
SCORES = st.builds(LabelScore, st.sampled_from(["A", "ROOM#X", "إ"]), st.just(0.5))


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    """Draws the annotation of a text that is not empty."""
    text = draw(st.text(CHARACTERS, max_size=9)) + "x"
    spans = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        place = draw(st.sampled_from([(0, 0), (start, end)]))
        labels = draw(st.dictionaries(st.sampled_from(SPAN_TASKS), SCORES, min_size=1))
        spans.append(AnnotatedSpan(*place, text[slice(*place)], labels))
    scores = st.lists(SCORES, max_size=3, unique_by=lambda score: score.label).map(tuple)
    labels = draw(st.dictionaries(st.sampled_from(TEXT_TASKS), scores))
    return Annotation(text, tuple(spans), labels, draw(st.sampled_from([{}, {"stars": 2.5}])))


def written(items: list[Annotation]) -> bytes:
    file = io.BytesIO()
    records = (Record(example=Example(id=f"{n}", text=i.text)) for n, i in enumerate(items))
    Records().write(file, zip(records, items, strict=True), Words(), Notices())
    return file.getvalue()


def expected_spans(item: Annotation, task: str) -> tuple[Span, ...]:
    spans = [
        Span(span.start, span.end, span.labels[task].label)
        for span in item.spans
        if task in span.labels
    ]
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


@given(st.lists(annotations(), min_size=1, max_size=4))
def test_written_predictions_are_read(items: list[Annotation]) -> None:
    options: dict[str, Any] = {
        "spans": {task: f"spans.labels.{task}" for task in SPAN_TASKS},
        "labels": {task: f"labels.{task}" for task in TEXT_TASKS},
        "offsets": "characters",
    }
    content = written(items)
    examples, notices = read_noticing(content, **options)
    assert [example.text for example in examples] == [item.text for item in items]
    for example, item in zip(examples, items, strict=True):
        assert example.spans == {task: expected_spans(item, task) for task in SPAN_TASKS}
        assert example.labels == {
            task: tuple(score.label for score in scores) for task, scores in item.labels.items()
        }
    assert all(rule.startswith("file with spans, but none of the layer") for rule in notices)
    short = {
        "spans": dict.fromkeys(SPAN_TASKS, "spans"),
        "labels": dict.fromkeys(TEXT_TASKS, "labels"),
    }
    assert read(content, **{**options, **short}) == examples
    guess = Records.sniff(content, "predictions.jsonl")
    assert guess is not None
    guessed = read(content, **guess.options)
    for example, same in zip(examples, guessed, strict=True):
        assert {k: v for k, v in example.spans.items() if v} == {
            k: v for k, v in same.spans.items() if v
        }
        assert example.labels == same.labels


def test_annotated_files_train() -> None:
    content = convert(as_lines({"text": ROOM}, {"text": THANKS}), "jsonl")
    guess = Records.sniff(content.encode(), "a.jsonl")
    assert guess is not None
    assert guess.options == {
        "text": "text",
        "spans": {task: f"spans.labels.{task}" for task in ("ner", "kind", "mood")},
        "labels": {"kind": "labels.kind"},
        "offsets": "characters",
    }
    first, second = read(content, **guess.options)
    assert first.spans["ner"] == (Span(5, 11, "ROOMS"),)
    assert second.spans == {
        "ner": (),
        "kind": (Span(0, 0, "HOTEL#GENERAL"),),
        "mood": (Span(0, 0, "positive"),),
    }
    assert second.labels == {"kind": ("HOTEL#GENERAL",)}


def test_length_zero_is_null_only_in_predictions() -> None:
    def line(span: dict[str, Any]) -> str:
        return as_lines({"text": "a", "spans": [span]})

    label = {"ner": {"label": "A", "score": 0.5}}
    predicted = {"start": 0, "end": 0, "text": "", "labels": label}
    assert read(line(predicted), spans={"ner": "spans"})[0].spans == {"ner": (Span(0, 0, "A"),)}
    for other in ({**predicted, "start": 1, "end": 1}, {"start": 0, "end": 0, "label": "A"}):
        (example,), notices = read_noticing(line(other), spans={"ner": "spans"})
        assert example.spans == {"ner": ()}
        assert notices["span of length zero, left out"] == (1, 1)


def test_task_that_no_span_has_is_counted() -> None:
    content = convert(as_lines({"text": "a"}, {"text": ROOM}), "jsonl")
    examples, notices = read_noticing(content, spans={"nre": "spans", "mood": "spans"})
    assert [len(example.spans["nre"]) for example in examples] == [0, 0]
    assert [*notices.items()] == [("file with spans, but none of the layer nre", (1, 2))]


def test_wrong_words_of_predictions_are_refused() -> None:
    content = convert(as_lines({"text": ROOM}), "jsonl").replace('"end": 11', '"end": 10')
    assert refused(content, spans={"ner": "spans"}).line == 1


def test_overwritten_fields_are_counted() -> None:
    lines = as_lines({"text": ROOM}, {"text": ROOM, "labels": ["A"]}, {"text": ROOM, "labels": 1})
    records = Records().stream(io.BytesIO(lines.encode()))
    annotated = ((record, Words().annotation(ROOM)) for record in records)
    file, notices = io.BytesIO(), Notices()
    Records().write(file, annotated, Words(), notices)
    assert [(n.rule, n.number, n.line) for n in notices] == [
        ("field `labels` overwritten by predictions", 2, 2)
    ]
    assert json.loads(file.getvalue().splitlines()[1])["labels"].keys() == {"kind"}


def test_words_are_written_with_their_text() -> None:
    records = Records(tokens="w").stream(io.BytesIO(as_lines({"w": ROOM.split()}).encode()))
    file = io.BytesIO()
    annotated = ((record, Words().annotation(ROOM)) for record in records)
    Records().write(file, annotated, Words(), Notices())
    value = json.loads(file.getvalue())
    assert (value["text"], value["w"]) == (ROOM, ROOM.split())
    (span,) = value["spans"]
    assert value["text"][span["start"] : span["end"]] == span["text"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.text("ا a😍", max_size=4),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(["start", "end", "label", "labels", "text"]), inside)
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(["text", "x", "y", "w", "t", "id"])
ANY = st.lists(st.dictionaries(KEYS, VALUES, min_size=1), max_size=4)
OPTIONS: list[dict[str, Any]] = [
    {"labels": {"m": "x"}, "spans": {"s": ["y", "x.labels"]}, "id": "id"},
    {"tokens": "w", "tags": {"n": "t"}, "group": ["x", "y"]},
    {"spans": {"s": {"key": "x", "by": "text", "ambiguous": "first"}}, "pair": "y"},
]


def examples_or_error(content: bytes, options: dict[str, Any]) -> Iterator[Example | InputError]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(content)
        try:
            yield from Records(**options).read(path)
        except InputError as error:
            yield error


@given(
    ANY.map(lambda records: as_lines(*records).encode())
    | ANY.map(lambda records: json.dumps(records, indent=1).encode())
    | st.binary(max_size=30),
    st.sampled_from(OPTIONS),
    st.sampled_from(["stop", "skip"]),
)
def test_any_bytes_end_in_examples_or_one_error(
    content: bytes, options: dict[str, Any], on_error: str
) -> None:
    results = [*examples_or_error(content, {**options, "on_error": on_error})]
    for result in results[:-1]:
        assert isinstance(result, Example)
    if results and isinstance(results[-1], InputError):
        assert results[-1].line is not None
        assert results[-1].file is not None
    guess = Records.sniff(content, "a.json")
    assert guess is None or Records(**guess.options) is not None
