"""The special tokens that a tokenizer puts round a text, or round two."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, Self

from tokenizers import Encoding as RustEncoding
from tokenizers import Tokenizer

from arabic_mtl.text.encoding import NO_WORD, Encoding, Pieces

SPECIAL = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
"""Those of learned vocabularies, by what they stand for."""


class Slot(NamedTuple):
    """A special token, or the place of a text.

    Args:
        text: 0 or 1 for a text, None for a special token.
        number: The special token's id.
        type_id: What the model is told of its segment.
    """

    text: int | None
    number: int
    type_id: int


class Template:
    """Puts texts between special tokens as a tokenizer's post-processor does.

    Args:
        single: The slots of one text.
        pair: Those of two.
    """

    def __init__(self, single: list[Slot], pair: list[Slot]) -> None:
        self.single, self.pair = single, pair

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self:
        """Reads the template off what a tokenizer makes of short texts."""
        return cls(_slots(tokenizer.encode("1")), _slots(tokenizer.encode("1", "1")))

    def fill(self, text: Pieces, pair: Pieces | None, marks: list[int]) -> Encoding:
        """One encoding; only the first text's tokens have words and raw places.

        Args:
            text: The tokens of the first text.
            pair: Those of the second, if there is one.
            marks: Where the first text's marks stand.
        """
        slots = self.single if pair is None else self.pair
        parts = [_columns(slot, (text, pair)) for slot in slots]
        joined = {name: list(chain.from_iterable(p[name] for p in parts)) for name in parts[0]}
        return Encoding(**joined, marks=marks)


def _columns(slot: Slot, texts: tuple[Pieces, Pieces | None]) -> dict[str, Sequence[int]]:
    """The fields of a slot's tokens."""
    text = None if slot.text is None else texts[slot.text]
    ids = [slot.number] if text is None else text.ids
    nothing = [0] * len(ids)
    placed = text if slot.text == 0 else None  # raw places are those of the first text
    return {
        "input_ids": ids,
        "token_type_ids": [slot.type_id] * len(ids),
        "starts": placed.starts if placed else nothing,
        "ends": placed.ends if placed else nothing,
        "words": placed.words if placed else [NO_WORD] * len(ids),
        "sizes": (text and text.sizes) or nothing,
        "letters": text.letters if text else (),
    }


def _slots(encoded: RustEncoding) -> list[Slot]:
    slots: list[Slot] = []
    for text, number, type_id in zip(
        encoded.sequence_ids, encoded.ids, encoded.type_ids, strict=True
    ):
        if text is None or all(slot.text != text for slot in slots):
            slots.append(Slot(text, number, type_id))
    return slots
