"""The letters of words, for encoders that read how a word is written."""

from collections.abc import Callable
from functools import lru_cache

from arabic_mtl.text.encoding import Pieces

_REMEMBERED = 100_000  # words


class Spelling:
    """Spells words as the vocabulary has them; each distinct word is cleaned once.

    Args:
        clean: A raw word → what stands in its place when the vocabulary is asked.
    """

    def __init__(self, clean: Callable[[str], str]) -> None:
        @lru_cache(maxsize=_REMEMBERED)
        def letters(word: str) -> tuple[int, ...]:
            return tuple(map(ord, clean(word)))

        self._letters = letters

    def __call__(self, text: str, pieces: Pieces) -> Pieces:
        """Adds to the words of a text their letters, as Unicode code points."""
        places = zip(pieces.starts, pieces.ends, strict=True)
        words = [self._letters(text[start:end]) for start, end in places]
        letters = [letter for word in words for letter in word]
        return pieces._replace(sizes=list(map(len, words)), letters=letters)
