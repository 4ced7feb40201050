"""The option `rename`: its layers must be those of the corpus."""

from __future__ import annotations

from typing import Any

import pytest

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Conll, Format, Records, SemEval2016, Table


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        (Table, {"labels": {"mood": "m", "tone": "t"}}, "one of mood, tone"),
        (Table, {}, "no `rename`: the options name no layers"),
        (Records, {"labels": {"mood": "m"}, "spans": {"ner": "e"}}, "one of mood, ner"),
        (SemEval2016, {"unit": "opinion"}, "one of category, entity, polarity"),
        (Conll, {"columns": ["word", "ner"]}, "one of ner"),
    ],
)
def test_renamed_layers_must_be_known(
    kind: type[Format], options: dict[str, Any], expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        kind(**options, rename={"moood": {"a": "b"}})
    error = caught.value
    assert (error.rule, error.found) == ("`rename` must name layers of the corpus", "moood")
    assert error.expected == expected
    levels = Conll(columns=["word", "ner..."], rename={"ner": {"A": "B"}})
    assert levels.layers is None
