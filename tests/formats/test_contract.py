"""The base class `Format`: guesses, notices, identities, groups, and unknown layers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.check import check_tasks
from arabic_mtl.documents import Annotation, Example, LabelScore
from arabic_mtl.errors import InputError
from arabic_mtl.formats import (
    Format,
    Layers,
    Notice,
    Notices,
    Record,
    Records,
    SemEval2014,
    SemEval2016,
    Table,
    Text,
    WrongFile,
    annotate,
)
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.tasks import SequenceClassification, TokenClassification
from arabic_mtl.text import TextSettings

BLANK = "a blank line"


@dataclass(frozen=True, kw_only=True)
class Numbered(Format[Line]):
    """One text per line, blank lines counted; `#` makes a line invalid, `!` the whole file."""

    marks: tuple[str, ...] = ("#", "!")

    @property
    def layers(self) -> None:
        return None

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        return lines(file)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        text = part.text()
        if text.startswith(self.marks):
            kind = WrongFile if text.startswith(self.marks[1]) else InputError
            raise kind("a line must have no mark", found=text, expected="none")
        if not text:
            notices.count(BLANK, part.line)
            return []
        texts = text.split("|")
        return [
            Record(example=Example(id=text, group=text, text=text, line=part.line))
            for text in texts
        ]


@pytest.mark.parametrize(
    ("kind", "head", "name", "options"),
    [
        (Text, b"a", "a.txt", {}),
        (Text, b"a", "a.csv", None),
        (Records, b'\n{"a": 1}', "a", {}),
        (Records, b"a", "a.NDJSON", {}),
        (Records, b"[1]", "a.json", None),
        (Table, b"a", "a.csv", {"text": "a"}),
        (Table, b"a\tb", "a.TSV", {"text": "a"}),
        (Table, b"a", "a.txt", None),
        (SemEval2016, b"<?xml version='1.0'?><!-- <a> --><Reviews>", "a", {}),
        (SemEval2016, b"\xef\xbb\xbf<?xml version='1.0'?>\n<Reviews x='1'>", "a", {}),
        (SemEval2016, "<Reviews>".encode("utf-16"), "a", {}),
        (SemEval2016, b"<Reviewed>", "a.xml", None),
        (SemEval2014, b"<sentences>", "a.xml", {}),
        (SemEval2014, b"<Reviews>", "a.xml", None),
    ],
)
def test_sniff_guesses_from_head_and_name(
    kind: type[Format], head: bytes, name: str, options: dict[str, Any] | None
) -> None:
    guess = kind.sniff(head, name)
    assert (guess and guess.options) == options
    if guess is not None:
        kind(**guess.options)
        assert 0 < guess.certainty <= 1


def test_notices_are_summed_over_files(tmp_path: Path) -> None:
    notices = Notices()
    for name, content in (("a", "x\n\n\n"), ("b", "\ny\n"), ("c", "z\n")):
        (tmp_path / name).write_text(content)
        assert len(list(Numbered().read(tmp_path / name, notices))) == 1
    assert list(notices) == [Notice(BLANK, 3, 2, tmp_path / "a")]
    pipe_notices = Notices()
    assert len(list(Numbered().stream(io.BytesIO(b"\nx"), notices=pipe_notices))) == 1
    assert list(pipe_notices) == [Notice(BLANK, 1, 1, None)]


def test_stream_skips_broken_parts_but_raises_wrong_file() -> None:
    skipped: list[InputError] = []

    def check(text: str) -> None:
        if len(text) > 1:
            raise InputError("a text must be one letter", found=text, expected="one")

    source = io.BytesIO(b"a\n#b\nc|dd|e\n!f\ng\n")
    records = Numbered().stream(source, check, skipped.append)
    assert [next(records).example.text for _ in range(3)] == ["a", "c", "e"]
    with pytest.raises(WrongFile) as caught:
        next(records)
    assert [error.line for error in (*skipped, caught.value)] == [2, 3, 4]


def test_ids_are_unique_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\ny|x\n")
    examples = Numbered().read(tmp_path / "a")
    assert [next(examples).id, next(examples).id] == ["x", "y"]
    with pytest.raises(InputError) as caught:
        next(examples)
    error = caught.value
    assert (error.file, error.line, error.sentence) == (tmp_path / "a", 2, "x")


@pytest.mark.parametrize("kind", [Text, Records, Table, SemEval2014, SemEval2016])
def test_identity_of_package_formats_has_the_schema_only(kind: type[Format]) -> None:
    identity = kind(train=Path("a")).identity
    assert (identity["format"], identity["schema"]) == (
        kind.__name__,
        2 if kind is Records else 1,
    )
    assert identity.keys().isdisjoint({"code", "train", "validation", "test"})


def test_identity_of_user_formats_has_the_code_hash() -> None:
    identity = Numbered().identity
    assert [name.rpartition(".")[2] for name in identity["code"]] == ["Numbered"]


def test_identity_has_options_that_differ_from_their_defaults() -> None:
    assert "marks" not in Numbered().identity
    assert Numbered(marks=("#", "!")).identity == Numbered().identity
    assert Numbered(marks=("#",)).identity["marks"] == ("#",)


def test_identity_has_code_of_bases_but_not_of_interactive_classes() -> None:
    namespace: dict[str, Any] = {"__name__": "typed_in", "Numbered": Numbered}
    exec("class Mine(Numbered): pass", namespace)
    assert namespace["Mine"]().identity["code"] == Numbered().identity["code"]


def test_unknown_layers_are_not_checked_before_reading() -> None:
    task = TokenClassification(corpus="mine", layer="ner_2", labels=("A",))
    check_tasks({"mine": Numbered()}, {"ner": task})
    assert Text().layers == Layers()
    with pytest.raises(InputError):
        check_tasks({"mine": Text()}, {"ner": task})


def test_opinions_on_whole_reviews_are_never_skipped() -> None:
    content = b"<Reviews><Review rid='1'><Opinions/></Review></Reviews>"
    with pytest.raises(WrongFile):
        list(SemEval2016().stream(io.BytesIO(content), on_error=print))


@dataclass(frozen=True, kw_only=True)
class Ungrouped(Numbered):
    """One labelled text per line, without groups."""

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        text = part.text()
        labels = {"mood": ("good" if len(text) % 2 else "bad",)} if gold else {}
        return [Record(example=Example(id=f"line:{part.line}", text=text, labels=labels))]

    @property
    def layers(self) -> Layers:
        return Layers(labels=frozenset({"mood"}))


def groups(path: Path) -> dict[str, str]:
    return {example.text: example.group for example in Ungrouped().read(path)}


def test_examples_without_a_group_are_grouped_with_equal_texts(tmp_path: Path) -> None:
    for name, content in (("a.txt", "one\ntwo\n"), ("b.txt", "zero\ntwo\n")):
        (tmp_path / name).write_text(content)
    first, second = groups(tmp_path / "a.txt"), groups(tmp_path / "b.txt")
    assert len({*first.values(), *second.values()}) == 3
    assert first["two"] == second["two"]
    (tmp_path / "a.txt").rename(tmp_path / "renamed.txt")
    assert groups(tmp_path / "renamed.txt") == first


def test_splits_can_have_equal_file_names_and_texts(tmp_path: Path) -> None:
    texts = "".join(f"text number {n}\n" for n in range(30))
    for split, suffix in (("train", ""), ("test", "a new one\n")):
        (tmp_path / split).mkdir()
        (tmp_path / split / "data.txt").write_text(texts + suffix)
    corpus = Ungrouped(train=Path("train/data.txt"), test=Path("test/data.txt"))
    task = SequenceClassification(corpus="texts", layer="mood", labels=("good", "bad"))
    data = MultiTaskData(
        {"texts": corpus},
        {"mood": task},
        TextSettings(vocab_size=60),
        root=tmp_path,
        cache=tmp_path / "cache",
        validation_share=0.3,
    )
    data.prepare_data()
    data.setup()
    sizes = {split: len(table["texts"]) for split, table in data.tables.items()}
    assert sizes["train"] + sizes["validation"] == 30
    assert sizes["validation"] > 3
    assert sizes["test"] == 31


def test_table_writes_records_of_other_formats() -> None:
    class Mood:
        text_tasks = ("mood",)

        def __init__(self) -> None:
            self.roles: dict[str, str] = {}
            self.layers = {"mood": "mood"}

        def stream(self, inputs: Any, batch_size: int) -> Iterator[Annotation]:
            return (Annotation(text, (), {"mood": (LabelScore("good", 0.9),)}) for text in inputs)

    records = Records().stream(io.BytesIO(b'{"text": "a,b", "n": "1"}\n{"text": "c", "n": "2"}\n'))
    file, notices = io.BytesIO(), Notices()
    Table().write(file, annotate(records, Mood(), 8), Mood(), notices)
    assert file.getvalue().decode().splitlines() == [
        "text,n,mood,spans",
        '"a,b",1,good,[]',
        "c,2,good,[]",
    ]


def test_identity_has_options_of_formats_that_are_not_dataclasses() -> None:
    class Plain(Numbered):
        def __init__(self, mark: str) -> None:
            super().__init__()
            object.__setattr__(self, "mark", mark)

    assert Plain("a").identity != Plain("b").identity
    assert Plain("a").identity == Plain("a").identity
