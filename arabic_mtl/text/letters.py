"""The letters of words, for encoders that read characters."""

from collections.abc import Callable, Sequence

import numpy as np

from arabic_mtl.text.offsets import Ragged

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
    codes = np.frombuffer("".join(spellings).encode("utf-32-le"), dtype=np.uint32)
    distinct = Ragged.from_counts(
        [codes.astype(np.int64)], [len(spelling) for spelling in spellings]
    )
    return distinct.take(np.array([rows[word] for word in words], dtype=np.int64))
