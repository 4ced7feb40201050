"""The numbers of examples, words, spans and labels in real files, as `counts.json` states them."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.formats import Conll, Format, Notices, SemEval2016, Table

pytestmark = pytest.mark.slow

COLUMNS = ("sarcasm", "sentiment", "dialect")
TWEETS = Table(text="tweet", labels={name: name for name in COLUMNS})
READERS: dict[str, Format] = {
    "anercorp_camel": Conll(columns=["word", "ner"]),
    "wojood_sample": Conll(columns=["word", "ner..."]),
    "arsarcasm_v2": TWEETS,
}
FILES = [
    "anercorp_camel/ANERCorp_CamelLab_train.txt",
    "anercorp_camel/ANERCorp_CamelLab_test.txt",
    "wojood_sample/train.txt",
    "wojood_sample/val.txt",
    "wojood_sample/test.txt",
    "arsarcasm_v2/training_data.csv",
    "arsarcasm_v2/testing_data.csv",
]
XML = [
    "semeval2016_hotels/AR_Hotels_Train_SB1.xml",
    "semeval2016_hotels/AR_HOTE_SB1_TEST.xml.A",
    "semeval2016_hotels/AR_Hotels_Train_SB2.xml",
]


@pytest.fixture(scope="module")
def root() -> Path:
    """Returns the folder of the real files."""
    if "ARABIC_MTL_DATA" not in os.environ:
        pytest.skip("set ARABIC_MTL_DATA to read the real files")
    return Path(os.environ["ARABIC_MTL_DATA"])


@pytest.fixture(scope="module")
def expected(root: Path) -> Any:
    return json.loads((root / "counts.json").read_text(encoding="utf-8"))


def count(form: Format, path: Path) -> dict[str, Any]:
    """Returns the counts of a file, in the form of `counts.json`."""
    notices, examples = Notices(), 0
    words, spans = 0, Counter[str]()
    labels: dict[str, Counter[str]] = {name: Counter() for name in COLUMNS}
    for example in form.read(path, notices):
        examples += 1
        words += len(example.text.split(" "))
        for own in example.spans.values():
            spans.update(span.label for span in own)
        for layer, names in example.labels.items():
            labels[layer].update(names)
    if form is TWEETS:
        return {"examples": examples, **labels, "notices": {n.rule: n.number for n in notices}}
    opened = sum(notice.number for notice in notices if "I-" in notice.rule)
    first = next((notice.line for notice in notices if "I-" in notice.rule), None)
    return {
        "examples": examples,
        "words": words,
        "labels": spans,
        "opened_by_I": opened,
        "first": first,
    }


@pytest.mark.parametrize("name", FILES)
def test_counts_of_words_in_columns_and_tables(root: Path, expected: Any, name: str) -> None:
    counted = count(READERS[name.partition("/")[0]], root / name)
    known = expected[name]
    if name == "wojood_sample/train.txt":  # there `counts.json` lacks the span that I- opens
        assert (counted["opened_by_I"], counted["first"]) == (1, 12377)
        known["labels"]["FAC"] += 1
        known["spans"]["ner, all levels"] += 1
    if "spans" in known:
        known.setdefault("opened_by_I", int(name == "wojood_sample/train.txt"))
        assert sum(counted["labels"].values()) == sum(known["spans"].values())
    shared = {key: value for key, value in known.items() if key != "spans"}
    assert {key: counted[key] for key in shared} == shared
    if "notices" in counted:
        crlf = {"line with CR LF end": 3000, "last line without line end": 1}
        assert counted["notices"] == (crlf if name.endswith("testing_data.csv") else {})


def test_guess_of_a_table_of_tweets(root: Path) -> None:
    with (root / "arsarcasm_v2/training_data.csv").open("rb") as file:
        guess = Table.sniff(file.read(2**16), "training_data.csv")
    assert guess is not None
    assert guess.options == {"text": "tweet", "labels": {layer: layer for layer in COLUMNS}}
    assert guess.certainty > 0.8


@pytest.mark.parametrize("name", XML)
def test_counts_of_opinions(root: Path, expected: Any, name: str) -> None:
    unit: Any = "review" if name.endswith("SB2.xml") else "sentence"
    examples = list(SemEval2016(unit=unit).read(root / name))
    polarities = Counter(span.label for e in examples for span in e.spans["polarity"])
    known = expected[name]
    assert polarities == known["polarities"]
    assert sum(polarities.values()) == known["opinions"]
    assert len({example.group for example in examples}) == known["reviews"]
    assert len(examples) == known["reviews" if unit == "review" else "sentences"]
