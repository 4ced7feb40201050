"""The rows of a batch as words: what the encoder reads, for those who read letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from operator import itemgetter

from tokenizers import Tokenizer

from arabic_mtl.decoders import bio
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import Encoding
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

    Tokens that are whole words are read by their letters, known to the vocabulary or not.

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
        return [self._text(encoding) for encoding in tokens.encodings()]

    def _text(self, row: Encoding) -> Text:
        spelt = _spelt(row)
        first = bio.words(row.starts, row.ends, row.words)
        return Text(
            words=[
                spelt[word.token] or self._word(ids)
                for word, ids in zip(first, _ids(row), strict=True)
            ],
            places=first,
            pair=self._pair(row, spelt),
        )

    def _pair(self, row: Encoding, spelt: Sequence[str]) -> list[str]:
        if row.letters:
            outside = zip(row.words, spelt, strict=True)
            return [word for number, word in outside if number == NO_WORD and word]
        ids = zip(row.input_ids, row.token_type_ids, strict=True)
        return self._tokenizer.decode([n for n, of_pair in ids if of_pair]).split()


def _ids(row: Encoding) -> list[tuple[int, ...]]:
    """The tokens of each word."""
    tokens = zip(row.words, row.input_ids, strict=True)
    pieces = groupby(tokens, key=itemgetter(0))
    return [tuple(n for _, n in piece) for number, piece in pieces if number != NO_WORD]


def _spelt(row: Encoding) -> list[str]:
    """The letters of each token, none where it is a piece of a word."""
    text = "".join(map(chr, row.letters))
    return [text[start:end] for start, end in pairwise(accumulate(row.sizes, initial=0))]
