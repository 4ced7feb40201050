"""Reads the words of a batch's rows back from its tokens."""

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

_CACHED = 100_000  # words


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a row of a batch.

    Args:
        words: The words of its text after the text pipeline: cleaned, split, stemmed.
        word_offsets: The first token and the raw offsets of each word.
        pair: The words of its second text; empty without one.
    """

    words: list[str]
    word_offsets: list[bio.Word]
    pair: list[str]


class Reader:
    """Joins the tokens of batches into words.

    Tokens that are whole words are read from their letters, so that unknown words are kept.

    Args:
        tokenizer: The tokenizer that produced the tokens.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        @lru_cache(maxsize=_CACHED)
        def word(ids: tuple[int, ...]) -> str:
            decoded: str = tokenizer.decode(ids, skip_special_tokens=False)  # keeps [UNK]
            return decoded.strip()

        self._tokenizer, self._word = tokenizer, word

    def __call__(self, tokens: Tokens) -> list[Text]:
        """Returns a text for each row."""
        return [self._text(encoding) for encoding in tokens.encodings()]

    def _text(self, row: Encoding) -> Text:
        spellings = _spellings(row)
        words = bio.words(row.starts, row.ends, row.word_ids)
        return Text(
            words=[
                spellings[word.token] or self._word(ids)
                for word, ids in zip(words, _word_tokens(row), strict=True)
            ],
            word_offsets=words,
            pair=self._pair(row, spellings),
        )

    def _pair(self, row: Encoding, spellings: Sequence[str]) -> list[str]:
        if row.char_codes:
            tokens = zip(row.word_ids, spellings, strict=True)
            return [word for index, word in tokens if index == NO_WORD and word]
        ids = zip(row.input_ids, row.token_type_ids, strict=True)
        return self._tokenizer.decode([token for token, in_pair in ids if in_pair]).split()


def _word_tokens(row: Encoding) -> list[tuple[int, ...]]:
    """Returns the token ids of each word."""
    tokens = zip(row.word_ids, row.input_ids, strict=True)
    words = groupby(tokens, key=itemgetter(0))
    return [tuple(token for _, token in word) for index, word in words if index != NO_WORD]


def _spellings(row: Encoding) -> list[str]:
    """Returns the letters of each token, empty if the token is not a whole word."""
    text = "".join(map(chr, row.char_codes))
    return [text[start:end] for start, end in pairwise(accumulate(row.word_lengths, initial=0))]
