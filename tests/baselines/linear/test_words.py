"""The features of words."""

from __future__ import annotations

import pytest

from arabic_mtl.baselines.linear.words import shape, word_features


def test_features_of_a_word_with_neighbours() -> None:
    features = word_features(["و", "غرفه", "a2", "!"])[1]
    assert features == [
        "any",
        "0 shape ا",
        "0 word غرفه",
        *("0 prefix غ", "0 suffix ه", "0 prefix غر", "0 suffix فه"),
        *("0 prefix غرف", "0 suffix رفه", "0 prefix غرفه", "0 suffix غرفه"),
        "-1 word و",
        "-1 shape ا",
        "+1 word a2",
        "+1 shape a0",
        *("+1 prefix a2", "+1 suffix a2"),
        "-2 word ",
        "+2 word !",
        "-1 0 words و غرفه",
        "0 +1 words غرفه a2",
    ]


def test_a_single_word_has_edges_on_both_sides() -> None:
    (features,) = word_features(["!"])
    assert {"-1 word ", "+1 word ", "-2 word ", "+2 word ", "0 shape !"} <= set(features)


def test_no_words() -> None:
    assert word_features([]) == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [("١٢3", "0"), ("wifi", "a"), ("Wi-Fi", "a-a"), ("عدد2", "ا0"), ("...", "."), ("", "")],
)
def test_shape(word: str, expected: str) -> None:
    assert shape(word) == expected
