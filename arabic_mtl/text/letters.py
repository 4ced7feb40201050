"""The letters of words, for encoders that read characters."""

from collections.abc import Callable, Sequence

import numpy as np

from arabic_mtl.text.ragged import Ragged

Spell = Callable[[Sequence[str]], list[str]]
"""Returns the cleaned form of raw words, as the vocabulary contains them."""


def spell(words: Sequence[str], clean: Spell | None) -> Ragged:
    """Returns the letters of each word as Unicode code points; each distinct word is cleaned once.

    Args:
        words: The raw words.
        clean: Returns the cleaned form of words; without it, no word has letters.
    """
    if clean is None:
        return Ragged.from_counts([[]], [0] * len(words))
    rows = {word: row for row, word in enumerate(dict.fromkeys(words))}
    spellings = clean(list(rows))
    letters = "".join(spellings).encode("utf-32-le")
    codes = np.frombuffer(letters, dtype=np.uint32).astype(np.int64)
    distinct = Ragged.from_counts([codes], [len(spelling) for spelling in spellings])
    return distinct.take(np.array([rows[word] for word in words], dtype=np.int64))
