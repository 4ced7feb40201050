"""The readings of small files of many formats, as `examples/expected.json` states them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl import formats
from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices

FOLDER = Path(__file__).parent / "examples"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def cases() -> Iterator[Any]:
    """Yields the file, the format, its options and the expected reading of each example."""
    for name, entry in EXPECTED.items():
        ((kind, options),) = entry["reader"].items()
        if hasattr(formats, kind):  # else the format is still to be written
            path = FOLDER / entry["files"][0]
            readings = [{"options": {}, "reading": entry["reading"]}, *entry.get("instead", ())]
            for number, other in enumerate(readings):
                values = (path, kind, options | other["options"], other["reading"])
                yield pytest.param(*values, id=f"{name}-{number}")


def facts(example: Example) -> dict[str, Any]:
    """Returns an example as `expected.json` writes it."""
    spans = {k: [[s.start, s.end, s.label] for s in own] for k, own in example.spans.items()}
    labels = {layer: list(own) for layer, own in example.labels.items()}
    names = ("text", "pair", "group", "line", "id")
    return {name: getattr(example, name) for name in names} | {"spans": spans, "labels": labels}


def test_formats_have_examples() -> None:
    numbers: dict[str, set[str]] = {}
    for number, entry in EXPECTED.items():
        numbers.setdefault(next(iter(entry["reader"])), set()).add(number)
    assert numbers["Conll"] == {"01", "02", "03", "04", "05", "07", "08", "10", "11"}
    assert numbers["Table"] == {"13", "14", "16", "18", "19"}
    assert numbers["Records"] == {"22"}


@pytest.mark.parametrize(("path", "kind", "options", "reading"), cases())
def test_examples_are_read_as_expected(
    path: Path, kind: str, options: dict[str, Any], reading: Any
) -> None:
    form = getattr(formats, kind)(**options)
    if isinstance(reading, dict):
        with pytest.raises(InputError) as caught:
            list(form.read(path))
        assert caught.value.line in reading["refused"]["lines"]
        message = str(caught.value)
        for part in (*reading["refused"]["lines"], *reading["refused"]["found"]):
            assert str(part) in message
        return
    examples = [facts(example) for example in form.read(path)]
    groups = [example.get("group") for example in reading]
    assert len(examples) == len(reading)
    for example, expected in zip(examples, reading, strict=True):
        own = {name: value for name, value in expected.items() if name != "group"}
        assert {name: example[name] for name in own} == own
    if any(groups):
        found = [example["group"] for example in examples]
        assert len({*zip(groups, found, strict=True)}) == len({*groups}) == len({*found})
        assert found == groups or kind == "Table"  # whose groups have other names


@pytest.mark.parametrize("name", [n for n, entry in EXPECTED.items() if "notices" in entry])
def test_oddities_of_examples_are_counted(name: str) -> None:
    entry = EXPECTED[name]
    ((kind, options),) = entry["reader"].items()
    path, notices = FOLDER / entry["files"][0], Notices()
    list(getattr(formats, kind)(**options).read(path, notices))
    told = [f"{notice.number} {notice.rule}" for notice in notices]
    assert [any(own.startswith(n) for own in told) for n in entry["notices"]] == [True], told
