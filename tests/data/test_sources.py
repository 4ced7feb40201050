"""The files of splits: lists, folders, line numbers, connected groups, and the census of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from arabic_mtl.data.census import take_census
from arabic_mtl.data.oddities import oddities
from arabic_mtl.data.sources import Sources
from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Layers, Notices, Record
from arabic_mtl.formats.lines import Line, lines
from support.messages import assert_names


@dataclass(frozen=True, kw_only=True)
class Objects(Format[Line]):
    """A JSON object per line with the fields of an example."""

    suffixes = (".obj",)

    joined: bool = False
    local: bool = False

    @property
    def layers(self) -> Layers | None:
        return None

    @property
    def joins_groups(self) -> bool:
        return self.joined

    @property
    def has_local_groups(self) -> bool:
        return self.local

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        return lines(file, self.encoding)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        value: dict[str, Any] = {"id": f"line:{part.line}", **json.loads(part.text())}
        if value.get("text") == "odd":
            notices.count("odd text", part.line)
        value["labels"] = {k: tuple(v) for k, v in value.get("labels", {}).items()}
        value["spans"] = {
            k: tuple(Span(*span) for span in v) for k, v in value.get("spans", {}).items()
        }
        value["linked"] = tuple(value.get("linked", ()))
        return [Record(example=Example(line=part.line, **value), line=part.line)]


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def sources(root: Path, form: Format, share: float = 0.5) -> Sources:
    return Sources(
        {"texts": form}, root=root, validation_share=share, split_seed=0, cache=root / "cache"
    )


def texts(source: Sources, split: Any) -> list[str]:
    return [example.text for example in source.examples("texts", split)]


def test_a_split_is_a_list_of_files_in_the_given_order(tmp_path: Path) -> None:
    write(tmp_path / "b.obj", {"text": "1"}, {"text": "2"})
    write(tmp_path / "a.obj", {"text": "3"})
    form = Objects(train=[Path("b.obj"), Path("a.obj")], validation=Path("a.obj"))
    source = sources(tmp_path, form)
    examples = list(source.examples("texts", "train"))
    assert [(e.id, e.text, e.line) for e in examples] == [
        ("b.obj:line:1", "1", 1),
        ("b.obj:line:2", "2", 2),
        ("a.obj:line:1", "3", 1),
    ]
    assert [e.id for e in source.examples("texts", "validation")] == ["line:1"]
    assert source.files("texts", "test") == []


def test_a_folder_has_the_files_with_the_endings_of_the_format(tmp_path: Path) -> None:
    for name in ("2.obj", "1.OBJ", ".3.obj", "readme.md"):
        write(tmp_path / "train" / name, {"text": name})
    source = sources(tmp_path, Objects(train=Path("train")), share=0)
    assert texts(source, "train") == ["1.OBJ", "2.obj"]


def test_a_folder_without_files_of_the_format_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "train" / "readme.md", {"text": "a"})
    with pytest.raises(InputError) as caught:
        texts(sources(tmp_path, Objects(train=Path("train"))), "train")
    assert_names(caught.value, "data.corpora.texts.train", "readme.md", ".obj")


def test_rows_choose_examples_by_their_lines(tmp_path: Path) -> None:
    write(tmp_path / "all.obj", *({"text": str(number)} for number in range(1, 6)))
    (tmp_path / "train.txt").write_bytes(b"\xef\xbb\xbf1\r\n4\r\n")
    (tmp_path / "dev.txt").write_text("5\n\n2", encoding="utf-8")
    rows: Any = {"train": Path("train.txt"), "validation": Path("dev.txt")}
    source = sources(tmp_path, Objects(train=Path("all.obj"), rows=rows))
    assert texts(source, "train") == ["1", "4"]
    assert texts(source, "validation") == ["2", "5"]
    assert texts(source, "test") == []
    assert "texts, all.obj: 1 × text in no split, by `rows`" in list(oddities(source))


@pytest.mark.parametrize("names", [["train", "test"], ["test"], ["validation"], ["train"]])
def test_splits_by_lines_are_disjoint(tmp_path: Path, names: list[str]) -> None:
    write(tmp_path / "all.obj", *({"text": str(number)} for number in range(1, 41)))
    lines = {"train": range(1, 29), "validation": range(29, 35), "test": range(35, 41)}
    for name, numbers in lines.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(map(str, numbers)), encoding="utf-8")
    rows: Any = {name: Path(f"{name}.txt") for name in names}
    source = sources(tmp_path, Objects(train=Path("all.obj"), rows=rows), share=0.3)
    splits = {split: texts(source, split) for split in ("train", "validation", "test")}
    together = [text for split in splits.values() for text in split]
    assert len(together) == len(set(together))
    for name in names:
        allowed = set(map(str, lines[name]))
        if name == "train":
            assert set(splits["train"] + splits["validation"]) == allowed
        else:
            assert set(splits[name]) == allowed
    assert min(len(splits[split]) for split in ("train", "validation")) > 0


def test_a_line_in_two_splits_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "all.obj", *({"text": str(number)} for number in range(1, 6)))
    for name, numbers in (("train", "1\n2"), ("test", "2\n3")):
        (tmp_path / f"{name}.txt").write_text(numbers, encoding="utf-8")
    rows: Any = {"train": Path("train.txt"), "test": Path("test.txt")}
    with pytest.raises(InputError) as caught:
        texts(sources(tmp_path, Objects(train=Path("all.obj"), rows=rows)), "test")
    assert_names(caught.value.found, "data.corpora.texts.rows", "line 2")


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path / folder / "d.obj", {"text": folder, "group": "document 1"})
    form = Objects(train=[Path("one"), Path("two")], local=True)
    examples = list(sources(tmp_path, form, share=0).examples("texts", "train"))
    assert [(e.id, e.group) for e in examples] == [
        ("one/d.obj:line:1", "one/d.obj:document 1"),
        ("two/d.obj:line:1", "two/d.obj:document 1"),
    ]


def test_a_file_is_named_once(tmp_path: Path) -> None:
    write(tmp_path / "one" / "d.obj", {"text": "a"})
    form = Objects(train=[Path("one"), Path("one/d.obj")])
    with pytest.raises(InputError) as caught:
        texts(sources(tmp_path, form), "train")
    assert_names(caught.value, "data.corpora.texts.train", "d.obj")


@pytest.mark.parametrize(
    ("content", "parts"),
    [("1\nx\n", ["rows.train", "line 2", "«x»"]), ("0", ["rows.train", "«0»"]), ("3", [" 3"])],
)
def test_wrong_line_numbers_are_refused(tmp_path: Path, content: str, parts: list[str]) -> None:
    write(tmp_path / "all.obj", {"text": "1"}, {"text": "2"})
    (tmp_path / "train.txt").write_text(content, encoding="utf-8")
    rows: Any = {"train": Path("train.txt")}
    with pytest.raises(InputError) as caught:
        texts(sources(tmp_path, Objects(train=Path("all.obj"), rows=rows)), "train")
    assert_names(caught.value, *parts)


def chain(length: int) -> list[dict[str, Any]]:
    """Returns pairs of questions of which each has one in common with the next pair."""
    return [
        {"text": f"{number}", "group": f"q{number}", "linked": [f"q{number + 1}"]}
        for number in range(length)
    ]


def test_connected_groups_stay_together(tmp_path: Path) -> None:
    others = [{"text": f"x{n}", "group": f"x{n}", "linked": [f"y{n}"]} for n in range(30)]
    rows = [*chain(20)[::2], *others, *chain(20)[1::2]]
    path = write(tmp_path / "pairs.obj", *rows)
    form = Objects(train=Path("pairs.obj"), joined=True)
    source = sources(tmp_path, form)
    splits = {split: set(texts(source, split)) for split in ("train", "validation")}
    connected = {str(number) for number in range(20)}
    assert [connected <= split or not connected & split for split in splits.values()] == [True] * 2
    assert splits["train"] | splits["validation"] == {row["text"] for row in rows}
    assert not splits["train"] & splits["validation"]
    assert min(map(len, splits.values())) > 5
    groups = {example.group for example in form.read(path) if example.text in connected}
    assert groups == {"q0"}


def test_groups_that_are_numbered_by_file_differ_between_files(tmp_path: Path) -> None:
    for name in ("a.obj", "b.obj"):
        write(tmp_path / name, {"text": name, "group": "document 1"})
    form = Objects(train=Path("a.obj"), test=Path("b.obj"), local=True)
    source = sources(tmp_path, form, share=0)
    assert source.group_names("texts", "train") == {"a.obj:document 1"}
    assert source.group_names("texts", "test") == {"b.obj:document 1"}


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.obj", {"text": "odd", "labels": {"x": ["p"]}}, {"text": "b"})
    read: list[str] = []

    def track(items: Any) -> Any:
        read.append("file")
        return items

    first = take_census(Objects(), path, tmp_path / "rows.arrow", track)
    again = take_census(Objects(), path, tmp_path / "rows.arrow", track)
    assert read == ["file"]
    assert first == again
    assert list(again.rows.examples(lambda _, __: True)) == list(Objects().read(path))
    assert [str(notice) for notice in again.notices] == ["1 × odd text; first in line 1"]
    facts = again.facts.labels["x"]
    assert (again.facts.texts, facts.labelled, facts.empty, facts.most) == (2, 1, 0, 1)
    assert {label: (own.count, own.line) for label, own in facts.labels.items()} == {"p": (1, 1)}


def test_oddities_name_texts_of_two_splits_and_equal_texts(tmp_path: Path) -> None:
    write(
        tmp_path / "a.obj",
        {"text": "same", "labels": {"x": ["p"]}},
        {"text": "same", "labels": {"x": ["n"]}},
        {"text": "odd"},
    )
    write(tmp_path / "b.obj", {"text": "new"}, {"text": "same"})
    form = Objects(train=Path("a.obj"), test=Path("b.obj"))
    assert list(oddities(sources(tmp_path, form, share=0))) == [
        "texts, a.obj: 1 × odd text; first in line 3",
        "texts, a.obj: 1 × text equal to an earlier one; first in line 2",
        "texts, a.obj: 1 × text equal to an earlier one, with other annotations",
        "texts, b.obj: 1 × text of test that is also in train; first in line 2 and in a.obj, "
        "line 1: «same»",
    ]


def test_oddities_name_evaluation_texts_that_another_corpus_trains_on(tmp_path: Path) -> None:
    write(tmp_path / "a.obj", {"text": "one"}, {"text": "two"})
    write(tmp_path / "b.obj", {"text": "two"}, {"text": "three"}, {"text": "one"})
    write(tmp_path / "c.obj", {"text": "four"}, {"text": "three"})
    corpora: dict[str, Format] = {
        "first": Objects(train=Path("a.obj"), test=Path("c.obj")),
        "second": Objects(train=Path("c.obj"), validation=Path("b.obj"), test=Path("a.obj")),
    }
    source = Sources(
        corpora, root=tmp_path, validation_share=0, split_seed=0, cache=tmp_path / "cache"
    )
    assert list(oddities(source)) == [
        "first, c.obj: 2 × text of test that is also in train of second; first in line 1 and in "
        "c.obj, line 1: «four»",
        "second, b.obj: 1 × text of validation that is also in train; first in line 2 and in "
        "c.obj, line 2: «three»",
        "second, a.obj: 2 × text of test that is also in validation; first in line 1 and in "
        "b.obj, line 3: «one»",
        "second, b.obj: 2 × text of validation that is also in train of first; first in line 1 "
        "and in a.obj, line 2: «two»",
        "second, a.obj: 2 × text of test that is also in train of first; first in line 1 and in "
        "a.obj, line 1: «one»",
    ]


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.obj"
    path.write_text('{"text": "a"}\n{"text": "\\ud83d"}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        take_census(Objects(), path, tmp_path / "rows.arrow")
    assert (caught.value.file, caught.value.line) == (path, 2)
    assert_names(caught.value.found, "U+D83D")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.obj"]
