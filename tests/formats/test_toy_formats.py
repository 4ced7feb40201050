"""Two unusual user-defined formats: training, annotation and writing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal, NamedTuple

import pytest

from arabic_mtl import load
from arabic_mtl.documents import AnnotatedSpan, Annotation, Example, LabelScore, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats import (
    Annotated,
    Format,
    Layers,
    Model,
    Notices,
    Record,
    Records,
    Writer,
    annotate,
)
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.inference import Annotator
from support.configurations import settings
from support.runs import folder_options, run, write_yaml

SNAPPED = "a span that begins or ends inside a word is written as whole words"


class Block(NamedTuple):
    """The lines of a sentence, or the lines between two sentences."""

    line: int
    lines: list[Line]
    is_sentence: bool


class Word(NamedTuple):
    start: int
    end: int
    cells: list[str]


@dataclass(frozen=True, kw_only=True)
class Columns(Format[Block], Writer):
    """One word per line with a BIO tag; ``+`` if no space separates it from the next word."""

    layers: ClassVar[Layers] = Layers(spans=frozenset({"entity"}))

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Block]:
        for is_sentence, group in groupby(lines(file), _is_word):
            block = list(group)
            yield Block(block[0].line, block, is_sentence)

    def records(self, part: Block, notices: Notices, *, gold: bool) -> list[Record]:
        if not part.is_sentence:
            return [Record(example=None, line=part.line, source=part.lines)]
        text, words = _join(part)
        spans = {"entity": _spans(words, part)} if gold else {}
        name = f"line:{part.line}"
        example = Example(id=name, group=name, text=text, spans=spans, line=part.line)
        return [Record(example=example, line=part.line, source=words)]

    def require(self, model: Model) -> None:
        if "entity" not in model.layers.values():
            raise InputError(
                "a word must have a tag", found="no task for it", expected="layer entity"
            )

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        (task,) = (name for name, layer in model.layers.items() if layer == "entity")
        for record, annotation in annotated:
            if annotation is None:
                file.writelines(line.content for line in record.source)
                continue
            tags = _tags(record, annotation, task, notices)
            file.writelines(
                "\t".join([*word.cells[:2], tag]).encode() + b"\n"
                for word, tag in zip(record.source, tags, strict=True)
            )


def _is_word(line: Line) -> bool:
    return bool(line.content.strip()) and not line.content.startswith(b"#")


def _join(block: Block) -> tuple[str, list[Word]]:
    text, words = "", []
    for line in block.lines:
        cells = line.text().split("\t")
        if len(cells) < 2:
            raise InputError(
                "a word must have columns", found=len(cells), expected="at least 2", line=line.line
            )
        words.append(Word(len(text), len(text) + len(cells[0]), cells))
        text += cells[0] + ("" if cells[1] == "+" else " ")
    return text.removesuffix(" "), words


def _spans(words: list[Word], block: Block) -> tuple[Span, ...]:
    spans: list[Span] = []
    for number, (start, end, cells) in enumerate(words, block.line):
        prefix, _, label = (cells[2] if len(cells) > 2 else "?").partition("-")
        if prefix == "B":
            spans.append(Span(start, end, label))
        elif prefix == "I" and spans:
            spans[-1] = Span(spans[-1].start, end, label)
        elif prefix != "O":
            raise InputError("a tag must be B-, I- or O", found=prefix, expected="O", line=number)
    return tuple(spans)


def _tags(record: Record, annotation: Annotation, task: str, notices: Notices) -> list[str]:
    words: list[Word] = list(record.source)  # type: ignore[call-overload]
    tags = ["O"] * len(words)
    for span in annotation.spans:
        inside = [n for n, w in enumerate(words) if w.start < span.end and span.start < w.end]
        if inside and (words[inside[0]].start, words[inside[-1]].end) != (span.start, span.end):
            notices.count(SNAPPED, record.line)
        for n in inside:
            tags[n] = f"{'B' if n == inside[0] else 'I'}-{span.labels[task].label}"
    return tags


class Item(NamedTuple):
    """A pair of questions, or the other fields of the file."""

    value: dict[str, Any]
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Questions(Format[Item], Writer):
    """One JSON object with pairs of questions, equal or not, and overlapping names in the first."""

    streams: ClassVar[bool] = False
    layers: ClassVar[Layers] = Layers(frozenset({"same"}), frozenset({"names"}))
    pair_is: ClassVar[Literal["text"]] = "text"

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Item]:
        try:
            content = json.load(file)
        except ValueError as error:
            raise InputError("the file must be JSON", found=error, expected="{…}") from None
        yield Item({name: value for name, value in content.items() if name != "pairs"})
        yield from map(Item, content["pairs"])

    def records(self, part: Item, notices: Notices, *, gold: bool) -> list[Record]:
        value = part.value
        if "first" not in value:
            return [Record(example=None, source=value)]
        if gold and not isinstance(value.get("names"), list):
            raise InputError(
                "names must be a list",
                found=value.get("names"),
                expected="[]",
                sentence=value["id"],
            )
        layers: dict[str, Any] = {}
        if gold:
            layers["labels"] = {"same": (value["same"],)} if "same" in value else {}
            layers["spans"] = {"names": tuple(Span(*name) for name in value["names"])}
        texts = {"text": value["first"], "pair": value["second"]}
        return [Record(example=Example(id=value["id"], group=value["id"], **texts, **layers))]

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        tasks = {layer: name for name, layer in model.layers.items()}
        head, *rest = annotated
        pairs = []
        for record, annotation in rest:
            example = record.example
            spans = [
                [s.start, s.end, s.labels[tasks["names"]].label]
                for s in annotation.spans
                if not s.is_null
            ]
            same = annotation.labels[tasks["same"]][0].label
            texts = {"id": example.id, "first": example.text, "second": example.pair}
            pairs.append({**texts, "same": same, "names": spans})
        content = {**head[0].source, "pairs": pairs}
        file.write(json.dumps(content, ensure_ascii=False).encode())


GLUED = "# {0}\nو\t+\tO\nالغرفة\t_\tB-ROOM\nرقم\t_\tI-ROOM\n{0}\t_\tO\n\n"
WORDS = "".join(GLUED.format(n) for n in range(40))
BARE = "# 1\nو\t+\nالغرفة\t_\tX?\n\n# 2\nرقم\t_\n"
QUESTIONS = {
    "title": "أسئلة",
    "pairs": [
        {
            "id": str(n),
            "first": f"ما اسم جامعة القاهرة {n}",
            "second": "ما اسم الجامعة" if n % 2 else "كم عدد السكان",
            "same": "yes" if n % 2 else "no",
            "names": [[7, 20, "ORG"], [13, 20, "LOC"]],
        }
        for n in range(40)
    ],
}


class Fixed:
    """A model that predicts the annotations of known examples."""

    text_tasks, roles = ("same",), {}

    def __init__(self, layers: dict[str, str], examples: Iterable[Example]) -> None:
        self.layers = layers
        self.known = {(e.text, e.pair) if e.pair else e.text: e for e in examples}

    def stream(self, inputs: Iterable[Any], batch_size: int) -> Iterator[Annotation]:
        for text in inputs:
            example = self.known[text]
            spans = tuple(
                AnnotatedSpan(
                    s.start, s.end, example.text[s.start : s.end], {layer: LabelScore(s.label, 1)}
                )
                for layer, spans in example.spans.items()
                for s in spans
            )
            labels = {
                layer: tuple(LabelScore(label, 1) for label in names)
                for layer, names in example.labels.items()
            }
            yield Annotation(example.text, spans, labels)


def read(kind: Format, folder: Path, content: str) -> list[Example]:
    path = folder / "file"
    path.write_text(content, encoding="utf-8")
    return list(kind.read(path))


def convert(kind: Any, content: str, model: Any, notices: Notices | None = None) -> str:
    target, source = io.BytesIO(), io.BytesIO(content.encode())
    annotated = annotate(kind.stream(source), model, 8)
    kind.write(target, annotated, model, notices or Notices())
    return target.getvalue().decode()


class Pipe(io.BytesIO):
    """Bytes that can be read once."""

    def seekable(self) -> bool:
        return False


def trained(project: Path, kind: type[Format], content: str, tasks: dict[str, Any]) -> Annotator:
    """Trains a model for one epoch on a file in the format, and loads it."""
    (project / "train").write_text(content, encoding="utf-8")
    corpus = {"class_path": f"{kind.__module__}.{kind.__name__}", "init_args": {"train": "train"}}
    value = settings()
    value["data"] |= {"corpora": {"mine": corpus}, "tasks": tasks, "root": str(project)}
    outcome = run(
        "fit", "--config", write_yaml(project / "toy.yaml", value), *folder_options(project)
    )
    assert outcome.code == 0, outcome.err
    return load(project / "runs" / "toy" / "version_0")


def task(kind: str, layer: str, *labels: str) -> dict[str, Any]:
    arguments = {"corpus": "mine", "layer": layer, "labels": list(labels)}
    return {"class_path": f"arabic_mtl.tasks.{kind}", "init_args": arguments}


def test_glued_words_can_contain_spans(tmp_path: Path) -> None:
    first, *_ = read(Columns(), tmp_path, WORDS)
    assert (first.text, first.line) == ("والغرفة رقم 0", 2)
    assert first.spans == {"entity": (Span(1, 11, "ROOM"),)}


def test_broken_tags_are_rejected_only_with_gold(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(Columns(), tmp_path, BARE)
    assert (caught.value.file, caught.value.line) == (tmp_path / "file", 2)
    records = Columns().stream(Pipe(BARE.encode()))
    texts = [record.example and record.example.text for record in records]
    assert texts == [None, "والغرفة", None, "رقم"]


def test_only_broken_sentences_are_skipped() -> None:
    errors: list[InputError] = []
    source = io.BytesIO(f"ا\n\n{BARE}".encode())
    records = Columns().stream(source, on_error=errors.append)
    assert [record.example.text for record in records if record.example] == ["والغرفة", "رقم"]
    assert [error.line for error in errors] == [1]


def test_words_are_unchanged(tmp_path: Path) -> None:
    model = Fixed({"entity": "entity"}, read(Columns(), tmp_path, WORDS))
    assert convert(Columns(), WORDS, model) == WORDS


def test_spans_inside_words_are_extended_and_counted() -> None:
    spans = {"entity": (Span(3, 6, "ROOM"),)}
    model = Fixed({"entity": "entity"}, [Example(id="", group="", text="والغرفة", spans=spans)])
    notices = Notices()
    assert convert(Columns(), BARE.split("\n\n")[0], model, notices) == (
        "# 1\nو\t+\tO\nالغرفة\t_\tB-ROOM\n"
    )
    assert [(n.rule, n.number, n.line) for n in notices] == [(SNAPPED, 1, 2)]


@pytest.mark.runs
def test_model_for_glued_words(project: Path) -> None:
    tasks = {"ner": task("TokenClassification", "entity", "ROOM")}
    model = trained(project, Columns, WORDS, tasks)
    Columns().require(model)
    target = io.BytesIO()
    annotated = annotate(Columns().stream(Pipe(BARE.encode())), model, 2)
    Columns().write(target, annotated, model, Notices())
    lines = target.getvalue().decode().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["# 1", "و", "الغرفة", "", "# 2", "رقم"]
    assert {line.split("\t")[2] for line in lines if "\t" in line} <= {"O", "B-ROOM", "I-ROOM"}


def test_pairs_and_overlapping_spans(tmp_path: Path) -> None:
    content = json.dumps(QUESTIONS)
    first, *_ = examples = read(Questions(), tmp_path, content)
    assert (first.text, first.pair) == ("ما اسم جامعة القاهرة 0", "كم عدد السكان")
    assert first.spans == {"names": (Span(7, 20, "ORG"), Span(13, 20, "LOC"))}
    model = Fixed({"same": "same", "names": "names"}, examples)
    assert json.loads(convert(Questions(), content, model)) == QUESTIONS


def test_pipe_is_rejected_if_the_format_does_not_stream() -> None:
    with pytest.raises(InputError) as caught:
        next(Questions().stream(Pipe(b"{}")))
    assert caught.value.found == "a pipe"


def test_duplicate_ids_are_rejected(tmp_path: Path) -> None:
    pairs = [QUESTIONS["pairs"][0]] * 2
    with pytest.raises(InputError) as caught:
        read(Questions(), tmp_path, json.dumps({"pairs": pairs}))
    assert (caught.value.file, caught.value.sentence) == (tmp_path / "file", "0")


@pytest.mark.runs
def test_model_for_pairs(project: Path) -> None:
    tasks = {
        "same": task("SequenceClassification", "same", "yes", "no"),
        "names": task("SpanClassification", "names", "ORG", "LOC"),
    }
    model = trained(project, Questions, json.dumps(QUESTIONS), tasks)
    bare = [{name: pair[name] for name in ("id", "first", "second")} for pair in QUESTIONS["pairs"]]
    content = json.dumps({"title": 1, "pairs": [*bare, {**bare[0], "id": "x", "names": 3}]})
    output = json.loads(convert(Questions(), content, model))
    assert (output["title"], len(output["pairs"])) == (1, 41)
    assert {pair["same"] for pair in output["pairs"]} <= {"yes", "no"}
    target = io.BytesIO()
    Records().write(
        target,
        annotate(Questions().stream(io.BytesIO(content.encode())), model, 8),
        model,
        Notices(),
    )
    line = json.loads(target.getvalue().splitlines()[0])
    assert [*line] == ["id", "text", "pair", "spans", "labels"]
    first, second = model.stream(
        [(line["text"], "كم عدد السكان"), (line["text"], "ما اسم الجامعة")]
    )
    assert first.labels["same"][0].score != second.labels["same"][0].score
