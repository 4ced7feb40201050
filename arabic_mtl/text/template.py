"""The special tokens that a tokenizer adds to a text or a pair of texts."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, Self

from tokenizers import Encoding as RustEncoding
from tokenizers import Tokenizer

from arabic_mtl.text.encoding import NO_WORD, Encoding, TokenizedText

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

    @classmethod
    def from_tokenizer(cls, tokenizer: Tokenizer) -> Self:
        """Derives the template from the tokenizer's encodings of short texts."""
        return cls(_slots(tokenizer.encode("1")), _slots(tokenizer.encode("1", "1")))

    def fill(
        self, text: TokenizedText, pair: TokenizedText | None, mark_offsets: list[int]
    ) -> Encoding:
        """Creates an encoding; only tokens of the first text have words and raw offsets.

        Args:
            text: The tokens of the first text.
            pair: The tokens of the second text, or None.
            mark_offsets: The offsets of the first text's marks.
        """
        slots = self.single if pair is None else self.pair
        parts = [_columns(slot, (text, pair)) for slot in slots]
        fields = {
            name: list(chain.from_iterable(part[name] for part in parts)) for name in parts[0]
        }
        return Encoding(**fields, mark_offsets=mark_offsets)


def _columns(
    slot: Slot, texts: tuple[TokenizedText, TokenizedText | None]
) -> dict[str, Sequence[int]]:
    """Returns the fields of an `Encoding` for the tokens of one slot."""
    text = None if slot.text is None else texts[slot.text]
    ids = [slot.token_id] if text is None else text.ids
    zeros = [0] * len(ids)
    first = text if slot.text == 0 else None  # only the first text has raw offsets
    return {
        "input_ids": ids,
        "token_type_ids": [slot.type_id] * len(ids),
        "starts": first.starts if first else zeros,
        "ends": first.ends if first else zeros,
        "word_ids": first.word_ids if first else [NO_WORD] * len(ids),
        "word_lengths": (text and text.word_lengths) or zeros,
        "char_codes": text.char_codes if text else (),
    }


def _slots(encoded: RustEncoding) -> list[Slot]:
    """Returns the slots of an encoding, whose texts may have any number of tokens."""
    slots: list[Slot] = []
    for text, token_id, type_id in zip(
        encoded.sequence_ids, encoded.ids, encoded.type_ids, strict=True
    ):
        if text is None or all(slot.text != text for slot in slots):
            slots.append(Slot(text, token_id, type_id))
    return slots
