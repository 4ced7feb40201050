"""Optional stemming, word by word, each word keeping its place in the raw text."""

from collections.abc import Callable
from importlib import import_module
from typing import Literal

import regex

from arabic_mtl.errors import InputError
from arabic_mtl.text.characters import MARKS

Stemming = Literal["none", "snowball", "lemma", "isri"]

# Marks belong to what they stand on, though `\w` leaves them out.
_WORD = regex.compile(rf"[\w{MARKS}]+|[^\w\s][{MARKS}]*")

_PACKAGES = {"snowball": "snowballstemmer", "lemma": "simplemma", "isri": "nltk.stem.isri"}


def words(text: str) -> list[tuple[int, int]]:
    """The raw character ranges of the words and punctuation marks of a text.

    >>> words("فندق جميل!")
    [(0, 4), (5, 9), (9, 10)]
    """
    return [match.span() for match in _WORD.finditer(text)]


def stemmer(kind: Stemming) -> Callable[[str], str]:
    """A function from a word without marks to its stem.

    Args:
        kind: ``none``; ``snowball``, the light stemmer of the Snowball project; ``lemma``,
            simplemma's dictionary form; ``isri``, the root-like stem of Taghva et al. (2005).

    Raises:
        InputError: If the package that does it is not installed.
    """
    if kind == "none":
        return str
    try:
        package = import_module(_PACKAGES[kind])
    except ImportError:
        raise InputError(
            f"data.text.stemming: {kind} is done by a package that is installed",
            found=f"no {_PACKAGES[kind].split('.')[0]}",
            expected="pip install 'arabic_mtl[stemming]'",
        ) from None
    if kind == "snowball":
        return package.stemmer("arabic").stemWord  # type: ignore[no-any-return]
    if kind == "isri":
        return package.ISRIStemmer().stem  # type: ignore[no-any-return]
    return lambda word: str(package.lemmatize(word, lang="ar"))
