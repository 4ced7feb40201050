"""Character classes: letters, the marks that belong to them, punctuation."""

import regex
from pyarabic import araby

DIACRITICS = "".join(araby.DIACRITICS)
"""Arabic diacritics: short vowels, tanwin, shadda, dagger alef, Koranic signs."""

COMPOSING = araby.MADDA_ABOVE + araby.HAMZA_ABOVE + araby.HAMZA_BELOW
"""The diacritics that Unicode composes with a letter: ا and hamza above become أ."""

MARKS = rf"\p{{M}}\p{{Cf}}{araby.TATWEEL}"
"""The content of a regular expression's character class that matches every mark."""

MARK = regex.compile(f"[{MARKS}]")
"""Matches a mark, which belongs to a letter: combining marks, tatweel, invisible controls."""

PUNCTUATION = regex.compile(r"[\p{P}$+<=>^`|~]")
"""Matches punctuation that separates words in BERT's tokenizer: Unicode's, and ASCII symbols."""

_SURROGATE = regex.compile("[\ud800-\udfff]")


def replace_surrogates(text: str) -> str:
    """Replaces each lone surrogate (half a character) by U+FFFD; the length stays the same.

    >>> replace_surrogates("a" + chr(0xD800) + "b") == "a\N{REPLACEMENT CHARACTER}b"
    True
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def mark_offsets(text: str) -> list[int]:
    """Returns the offsets of the marks of a text.

    >>> mark_offsets("بَـ!")
    [1, 2]
    """
    return [match.start() for match in MARK.finditer(text)]


def offset_after(start: int, letters: int, marks: frozenset[int]) -> int:
    """Returns the offset after a number of letters and the marks that follow each of them.

    Args:
        start: The offset of the first letter.
        letters: The number of letters to skip.
        marks: The offsets of all marks of the text.

    >>> offset_after(0, 1, frozenset({1, 2}))
    3
    """
    while letters and start in marks:
        start += 1
    for _ in range(letters):
        start += 1
        while start in marks:
            start += 1
    return start


def offset_before(end: int, letters: int, marks: frozenset[int]) -> int:
    """Returns the offset before a number of letters, which are skipped with their marks.

    Args:
        end: The offset after the last letter and its marks.
        letters: The number of letters to skip backwards.
        marks: The offsets of all marks of the text.

    >>> offset_before(5, 1, frozenset({4}))
    3
    """
    for _ in range(letters):
        end -= 1
        while end in marks:
            end -= 1
    return end
