"""The special tokens that a tokenizer adds to a text or a pair of texts."""

from collections.abc import Collection, Sequence
from itertools import count
from typing import NamedTuple, Self

import numpy as np
from tokenizers import Encoding as RustEncoding
from tokenizers import Tokenizer

from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.ragged import Ragged, bounds_of
from arabic_mtl.text.segments import COLUMNS, END, ID, START, TYPE, WORD, Segments

SPECIAL = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
"""Kind to special token, in learned vocabularies."""


class Slot(NamedTuple):
    """A special token, or a placeholder for a text.

    Args:
        text: 0 for the first text, 1 for the second, None for a special token.
        token_id: The id of the special token; ignored for a text.
        type_id: The token type id of the special token, or of all tokens of the text.
    """

    text: int | None
    token_id: int
    type_id: int


class Template:
    """A template that adds special tokens as a tokenizer's post-processor does.

    Args:
        single: The slots for one text.
        pair: The slots for a pair of texts.
    """

    def __init__(self, single: list[Slot], pair: list[Slot]) -> None:
        self.single, self.pair = single, pair
        self._rows = {slot: row for row, slot in enumerate(dict.fromkeys([*single, *pair]))}
        self._special = _special(self._rows)

    @classmethod
    def from_tokenizer(cls, tokenizer: Tokenizer) -> Self:
        """Derives the template from the tokenizer's encodings of short texts."""
        return cls(_slots(tokenizer.encode("1")), _slots(tokenizer.encode("1", "1")))

    def fill(self, first: Segments, second: Segments, paired: Sequence[bool]) -> Segments:
        """Adds special tokens; only tokens of the first text have words and raw offsets.

        Args:
            first: The tokens of the first text of each input.
            second: The tokens of the second text of each pair.
            paired: Whether each input is a pair.
        """
        slots = [slot for pair in paired for slot in (self.pair if pair else self.single)]
        texts = count(len(self._rows)), count(len(self._rows) + len(first))
        rows = [self._rows[s] if s.text is None else next(texts[s.text]) for s in slots]
        parts = [self._special, first] + ([_without_offsets(second)] if len(second) else [])
        inputs = Segments.concatenate(parts).take(np.array(rows, dtype=np.int64))
        types = [slot.type_id for slot in slots]
        inputs.tokens.values[TYPE] = np.repeat(
            np.array(types, dtype=np.int64), inputs.tokens.counts
        )
        sizes = [len(self.pair if pair else self.single) for pair in paired]
        return inputs.join(bounds_of(sizes))


def _special(slots: Collection[Slot]) -> Segments:
    """Returns a segment of one token for each slot."""
    size = len(slots)
    tokens = np.zeros((len(COLUMNS), size), dtype=np.int64)
    tokens[ID], tokens[WORD] = [slot.token_id for slot in slots], NO_WORD
    nothing = Ragged.from_counts([[]], [0] * size)
    return Segments(Ragged(tokens, np.arange(size + 1)), nothing, nothing)


def _without_offsets(texts: Segments) -> Segments:
    """Returns second texts without words, raw offsets and marks."""
    values = texts.tokens.values.copy()
    values[[START, END]], values[WORD] = 0, NO_WORD
    nothing = Ragged.from_counts([[]], [0] * len(texts))
    return Segments(Ragged(values, texts.tokens.bounds), texts.letters, nothing)


def _slots(encoded: RustEncoding) -> list[Slot]:
    """Returns the slots of an encoding, whose texts may have any number of tokens."""
    slots: list[Slot] = []
    for text, token_id, type_id in zip(
        encoded.sequence_ids, encoded.ids, encoded.type_ids, strict=True
    ):
        if text is None or all(slot.text != text for slot in slots):
            slots.append(Slot(text, token_id, type_id))
    return slots
