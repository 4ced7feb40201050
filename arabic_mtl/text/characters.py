"""Classes of characters that belong to the letter before them."""

import regex
from pyarabic import araby

DIACRITICS = "".join(araby.DIACRITICS)
"""Short vowels, tanwin, shadda, dagger alef, Koranic signs."""

COMPOSING = araby.MADDA_ABOVE + araby.HAMZA_ABOVE + araby.HAMZA_BELOW
"""The diacritics that Unicode composes with a letter: ا and hamza above are أ."""

MARKS = rf"\p{{M}}\p{{Cf}}{araby.TATWEEL}"
"""What stands in a character class for all marks."""

MARK = regex.compile(f"[{MARKS}]")
"""A character that is no letter of its own: combining marks, tatweel, invisible controls."""

PUNCTUATION = regex.compile(r"[\p{P}$+<=>^`|~]")
"""A character that parts words, by the rule of BERT's tokenizer: Unicode's, and ASCII symbols."""

_SURROGATE = regex.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """The text with a replacement character for each lone surrogate, which is half a character.

    >>> readable("a" + chr(0xD800) + "b") == "a\N{REPLACEMENT CHARACTER}b"
    True
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def marks(text: str) -> list[int]:
    """Where the marks of a text stand.

    >>> marks("بَـ!")
    [1, 2]
    """
    return [match.start() for match in MARK.finditer(text)]


def after_letters(start: int, letters: int, marks: frozenset[int]) -> int:
    """The position behind some letters and the marks on them.

    Args:
        start: Where the first of the letters stands.
        letters: How many to pass over.
        marks: The positions of all marks.

    >>> after_letters(0, 1, frozenset({1, 2}))
    3
    """
    while letters and start in marks:
        start += 1
    for _ in range(letters):
        start += 1
        while start in marks:
            start += 1
    return start


def before_letters(end: int, letters: int, marks: frozenset[int]) -> int:
    """The position before the last letters, whose marks go with them.

    >>> before_letters(5, 1, frozenset({4}))
    3
    """
    for _ in range(letters):
        end -= 1
        while end in marks:
            end -= 1
    return end
