"""The special tokens that a tokenizer puts round a text, or round two."""

from typing import NamedTuple, Self

from tokenizers import Encoding as RustEncoding
from tokenizers import Tokenizer

from arabic_mtl.text.chunks import Pieces
from arabic_mtl.text.encoding import NO_WORD, Encoding


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
        ids: list[int] = []
        types: list[int] = []
        words: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        sizes: list[int] = []
        letters: list[int] = []
        for slot in self.single if pair is None else self.pair:
            part = None if slot.text is None else text if slot.text == 0 else pair
            numbers = [slot.number] if part is None else part.ids
            ids += numbers
            types += [slot.type_id] * len(numbers)
            first = slot.text == 0
            words += text.words if first else [NO_WORD] * len(numbers)
            starts += text.starts if first else [0] * len(numbers)
            ends += text.ends if first else [0] * len(numbers)
            sizes += (part and part.sizes) or [0] * len(numbers)
            letters += part.letters if part else ()
        return Encoding(
            input_ids=ids,
            token_type_ids=types,
            starts=starts,
            ends=ends,
            words=words,
            marks=marks,
            sizes=sizes,
            letters=letters,
        )


def _slots(encoded: RustEncoding) -> list[Slot]:
    slots: list[Slot] = []
    for text, number, type_id in zip(
        encoded.sequence_ids, encoded.ids, encoded.type_ids, strict=True
    ):
        if text is None or all(slot.text != text for slot in slots):
            slots.append(Slot(text, number, type_id))
    return slots
