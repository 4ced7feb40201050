"""Optional stemming, word by word, each word keeping its place in the raw text."""

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

import snowballstemmer
from pyarabic import araby

Stemming = Literal["none", "snowball"]

# Marks and tatweel belong to the word they stand in, though `\w` leaves them out.
_WORD = re.compile(rf"[\w{''.join(araby.TASHKEEL)}{araby.MINI_ALEF}{araby.TATWEEL}]+|[^\w\s]")


def words(text: str) -> list[tuple[int, int]]:
    """The raw character ranges of the words and punctuation marks of a text.

    >>> words("فندق جميل!")
    [(0, 4), (5, 9), (9, 10)]
    """
    return [match.span() for match in _WORD.finditer(text)]


def stemmer(kind: Stemming, clean: Callable[[str], str]) -> Callable[[str], str]:
    """A function from a word to its stem; each distinct word is stemmed once.

    Args:
        kind: ``snowball``, the Arabic stemmer of the Snowball project.
        clean: Applied to the word first, so that marks do not hide an affix.
    """
    snowball = snowballstemmer.stemmer("arabic")

    @cache
    def stem(word: str) -> str:
        cleaned = clean(word)
        return str(snowball.stemWord(cleaned)) or cleaned

    return stem
