"""Tables of the shared examples, and the counts of real ones."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices, Table
from support.messages import assert_names

EXAMPLES = Path(__file__).parent / "examples"
TABLES = {
    number: case
    for number, case in json.loads((EXAMPLES / "expected.json").read_text("utf-8")).items()
    if "Table" in case["reader"]
}
READINGS = [
    (number, {**case["reader"]["Table"], **other.get("options", {})}, other["reading"])
    for number, case in TABLES.items()
    for other in (case, *case.get("instead", []))
]


def assert_reading(examples: list[Example], reading: list[dict[str, Any]]) -> None:
    """Compares the fields that are stated; groups are compared by which examples share them."""
    for example, expected in zip(examples, reading, strict=True):
        found = {name: getattr(example, name) for name in expected if name != "group"}
        labels = {layer: tuple(names) for layer, names in expected["labels"].items()}
        stated = {name: value for name, value in expected.items() if name != "group"}
        assert found == {**stated, "labels": labels}
    groups = [item["group"] for item in reading if "group" in item]
    pairs = {*zip(groups, (example.group for example in examples), strict=bool(groups))}
    assert len(pairs) == len({*groups})


def test_examples_of_tables_exist() -> None:
    assert {*TABLES} == {"13", "14", "16", "18", "19"}


@pytest.mark.parametrize(("number", "options", "reading"), READINGS)
def test_examples_are_read_as_expected(number: str, options: dict[str, Any], reading: Any) -> None:
    path = EXAMPLES / TABLES[number]["files"][0]
    if isinstance(reading, list):
        assert_reading(list(Table(**options).read(path)), reading)
        return
    with pytest.raises(InputError) as caught:
        list(Table(**options).read(path))
    refused = reading["refused"]
    assert_names(str(caught.value), *refused["found"], *map(str, refused["lines"]))


@pytest.fixture(scope="module")
def tweets() -> Path:
    """Returns the folder of ArSarcasm-v2."""
    if "ARABIC_MTL_DATA" not in os.environ:
        pytest.skip("set ARABIC_MTL_DATA to read ArSarcasm-v2")
    return Path(os.environ["ARABIC_MTL_DATA"]) / "arsarcasm_v2"


LAYERS = ("sarcasm", "sentiment", "dialect")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["training_data.csv", "testing_data.csv"])
def test_counts_of_arsarcasm(tweets: Path, name: str) -> None:
    expected = json.loads((tweets.parent / "counts.json").read_text())[f"arsarcasm_v2/{name}"]
    notices = Notices()
    table = Table(text="tweet", labels={layer: layer for layer in LAYERS})
    examples = list(table.read(tweets / name, notices))
    counts = {
        layer: dict(Counter(example.labels[layer][0] for example in examples)) for layer in LAYERS
    }
    assert {"examples": len(examples), **counts} == expected
    told = {notice.rule: notice.number for notice in notices}
    crlf = {"line with CR LF end": 3000, "last line without line end": 1}
    assert told == (crlf if name.startswith("test") else {})


@pytest.mark.slow
def test_guess_of_arsarcasm(tweets: Path) -> None:
    with (tweets / "training_data.csv").open("rb") as file:
        guess = Table.sniff(file.read(2**16), "training_data.csv")
    assert guess is not None
    assert guess.options == {"text": "tweet", "labels": {layer: layer for layer in LAYERS}}
    assert guess.certainty > 0.8
