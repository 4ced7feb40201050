"""The letters of words, for encoders that read characters."""

from collections.abc import Callable
from functools import lru_cache

from arabic_mtl.text.encoding import TokenizedText

_CACHE_SIZE = 100_000  # words


class Spelling:
    """A cache from raw words to the letters of their cleaned form.

    Args:
        clean: Returns the cleaned form of a raw word, as the vocabulary contains it.
    """

    def __init__(self, clean: Callable[[str], str]) -> None:
        @lru_cache(maxsize=_CACHE_SIZE)
        def char_codes(word: str) -> tuple[int, ...]:
            return tuple(map(ord, clean(word)))

        self._char_codes = char_codes

    def __call__(self, text: str, tokens: TokenizedText) -> TokenizedText:
        """Returns the tokens of a text, which are whole words, with their letters added."""
        offsets = zip(tokens.starts, tokens.ends, strict=True)
        words = [self._char_codes(text[start:end]) for start, end in offsets]
        char_codes = [code for word in words for code in word]
        return tokens._replace(word_lengths=list(map(len, words)), char_codes=char_codes)
