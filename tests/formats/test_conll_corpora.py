"""Public corpora of named entities in CoNLL: their counts."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from arabic_mtl.formats import Conll, Notices
from support.conll import counts

OPENED = "span that opens with I-"
FILES = {
    "anercorp_camel/ANERCorp_CamelLab_train.txt": ["word", "ner"],
    "anercorp_camel/ANERCorp_CamelLab_test.txt": ["word", "ner"],
    "wojood_sample/train.txt": ["word", "ner..."],
    "wojood_sample/val.txt": ["word", "ner..."],
    "wojood_sample/test.txt": ["word", "ner..."],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_public_corpora_have_the_known_counts(name: str) -> None:
    if "ARABIC_MTL_DATA" not in os.environ:
        pytest.skip("set ARABIC_MTL_DATA to run on the real corpora")
    folder = Path(os.environ["ARABIC_MTL_DATA"])
    expected = json.loads((folder / "counts.json").read_text("utf-8"))[name]
    notices = Notices()
    examples = list(Conll(columns=FILES[name]).read(folder / name, notices))
    labels = Counter(s.label for e in examples for found in e.spans.values() for s in found)
    opened, first = counts(notices).get(OPENED, (0, None))
    assert len(examples) == expected["examples"]
    assert sum(example.text.count(" ") + 1 for example in examples) == expected["words"]
    if name == "wojood_sample/train.txt":  # its counts leave out the I-FAC of line 12377
        assert (opened, first) == (1, 12377)
        labels["FAC"] -= 1
    else:
        assert opened == expected.get("opened_by_I", 0)
    assert labels == expected["labels"]
    assert labels.total() == sum(expected["spans"].values())
