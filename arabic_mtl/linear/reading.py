"""The rows of a batch as words: what the encoder reads, for those who read letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from tokenizers import Tokenizer

from arabic_mtl.tasks import bio
from arabic_mtl.text import Tokens
from arabic_mtl.text.encoding import NO_WORD

_REMEMBERED = 100_000  # words


@dataclass(frozen=True, slots=True)
class Text:
    """A row of a batch.

    Args:
        words: Those of its text as the text pipeline leaves them: cleaned, split, stemmed.
        places: The first token and the raw characters of each.
        pair: The words of its second text, if it has one.
    """

    words: list[str]
    places: list[bio.Word]
    pair: list[str]


class Reader:
    """Puts the tokens of batches together again.

    Args:
        tokenizer: Has made the tokens.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        @lru_cache(maxsize=_REMEMBERED)
        def word(ids: tuple[int, ...]) -> str:
            decoded: str = tokenizer.decode(ids, skip_special_tokens=False)  # unknown ones, too
            return decoded.strip()

        self._tokenizer, self._word = tokenizer, word

    def __call__(self, tokens: Tokens) -> list[Text]:
        """One text per row."""
        names = ("input_ids", "token_type_ids", "starts", "ends", "words")
        columns = (getattr(tokens, name).tolist() for name in names)
        return [self._text(*row) for row in zip(*columns, strict=True)]

    def _text(
        self,
        ids: Sequence[int],
        types: Sequence[int],
        starts: Sequence[int],
        ends: Sequence[int],
        numbers: Sequence[int],
    ) -> Text:
        pieces: Any = groupby(zip(numbers, ids, strict=True), key=lambda token: token[0])
        words = [tuple(n for _, n in piece) for number, piece in pieces if number != NO_WORD]
        second = [n for n, of_pair in zip(ids, types, strict=True) if of_pair]
        return Text(
            words=[self._word(word) for word in words],
            places=bio.words(starts, ends, numbers),
            pair=self._tokenizer.decode(second).split(),
        )
