"""The options that the first lines of CoNLL files suggest."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.formats import Conll
from support.conll import read

EXAMPLES = Path(__file__).parent / "examples"
WORDS = "قال O\nعدن B-LOC\nالكبرى I-LOC\n. O\n"
DEFAULTS = {
    "columns": ["word", "ner"],
    "delimiter": "blanks",
    "quoting": "none",
    "header": False,
    "scheme": "bio",
    "sentences": "blank",
}
SEGMENTS = "Fold\tSentID\tOrder\tWord\tPOS\n1\t1\t1\tقال\tV\n1\t1\t2\tعن\tPART\n1\t2\t1\tهذا\tDET\n"
UNIVERSAL = (
    "# sent_id = 1\n1\tقال\tقال\tVERB\t_\t_\t0\t_\t_\t_\n2\tعدن\t_\tPROPN\t_\t_\t0\t_\t_\t_\n"
)


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.txt", WORDS, {}),
        ("a.txt", WORDS.replace(" ", "\t"), {"delimiter": "tab"}),
        ("a.csv", WORDS.replace(" ", ","), {"delimiter": ","}),
        ("a", WORDS.replace("LOC\nا", "LOC B-GPE\nا"), {"columns": ["word", "ner..."]}),
        ("a", WORDS.replace(" ", " N "), {"columns": ["word", "_", "ner"]}),
        ("a", WORDS.replace(" ", " -X- _ "), {"columns": ["word", "_", "_", "ner"]}),
        ("a", WORDS.replace("B-", "S-"), {"scheme": "bioes"}),
        ("a", WORDS.replace("B-", "U-"), {"scheme": "bilou"}),
        ("a", WORDS.replace("B-", "").replace("I-", ""), {"scheme": "io"}),
        ("a", f"w t\n{WORDS}", {"header": True}),
        ("a", f"-DOCSTART- O\n\n{WORDS}", {"documents": "none"}),
        ("a", f"-DOCSTART- O\n\n{WORDS}\n" * 2, {}),
        ("a", f"# id = 1\n{WORDS}", {"comments": "# "}),
        ("a", f"# a comment of words\n{WORDS}", {"comments": "# "}),
        ("a", f"{WORDS}# O\n", {}),
        ("a", WORDS * 100, {"sentences": {"after": [".", "؟", "!"]}}),
        ("a", WORDS.replace(".", "و") * 100, {"sentences": {"every": 128}}),
        ("a.bio", "قال\nعدن\n\nزار\n", {"columns": ["word"]}),
        ("a", SEGMENTS, {"columns": ["_", "sentence", "_", "word", "pos"], "delimiter": "tab",
            "header": True, "scheme": "words", "sentences": {"column": "sentence"}}),
        ("a", UNIVERSAL, {"columns": ["_", "word", "_", "pos", *"_____", "misc"],
            "delimiter": "tab", "scheme": "words", "outside": ["_"], "space_after": "misc",
            "comments": "#"}),
    ],
)  # fmt: skip
def test_options_are_guessed(name: str, content: str, options: dict[str, Any]) -> None:
    guess = Conll.sniff(content.encode(), name)
    assert guess is not None
    assert guess.options == DEFAULTS | options
    examples, _ = read(content, **guess.options)
    assert examples
    unusual = {"header", "encoding", "documents"} & options.keys() or options.get("sentences")
    assert bool(guess.doubts) >= bool(unusual)


def test_a_wrong_tag_does_not_turn_comments_into_words() -> None:
    content = f"# a comment of words\n{WORDS * 20}زار Q\n"
    guess = Conll.sniff(content.encode(), "a")
    assert guess is not None
    assert guess.options["comments"] == "# "


@pytest.mark.parametrize(
    "encoding", ["windows-1256", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-16"]
)
def test_encodings_are_guessed(encoding: str) -> None:
    guess = Conll.sniff(WORDS.encode(encoding), "a.txt")
    assert guess is not None
    examples, _ = read(WORDS.encode(encoding), **guess.options)
    assert [example.text for example in examples] == ["قال عدن الكبرى ."]


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("[0-9]*")))
def test_examples_of_other_formats_are_not_taken(name: str) -> None:
    numbers = json.loads((EXAMPLES / "expected.json").read_text("utf-8"))
    is_conll = "Conll" in numbers[name[:2]]["reader"]
    guess = Conll.sniff((EXAMPLES / name).read_bytes(), name)
    assert (guess is not None) == is_conll


@pytest.mark.slow
def test_public_corpora_are_guessed() -> None:
    if "ARABIC_MTL_DATA" not in os.environ:
        pytest.skip("set ARABIC_MTL_DATA to run on the real corpora")
    guesses = {}
    for path in Path(os.environ["ARABIC_MTL_DATA"]).glob("*/*.*"):
        with path.open("rb") as file:
            guesses[path] = Conll.sniff(file.read(2**18), path.name)
    names = {path.parent.name for path, guess in guesses.items() if guess is not None}
    assert names - {"format_examples"} == {"anercorp_camel", "wojood_sample"}
    for path, guess in guesses.items():
        if path.parent.name == "wojood_sample" and path.suffix == ".txt":
            assert guess is not None
            assert guess.options == DEFAULTS | {"columns": ["word", "ner..."]}


@given(st.one_of(st.binary(max_size=80), st.text('اB-O \t\n",#', max_size=60).map(str.encode)))
def test_guessed_options_are_valid(head: bytes) -> None:
    for name in ("a.txt", "a.conll"):
        guess = Conll.sniff(head, name)
        if guess is not None:
            Conll(**guess.options)
            assert 0.5 <= guess.certainty <= 1
