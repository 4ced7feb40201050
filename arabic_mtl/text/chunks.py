"""Texts as tokens with raw places, by way of their chunks, each of which is tokenized once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import NO_WORD, Pieces
from arabic_mtl.text.offsets import (
    Integers,
    Place,
    Ragged,
    add_marks,
    after_blanks,
    are_apart,
    at_punctuation,
    trim_blanks,
    widen,
)

Units = Callable[[str], list[tuple[Place, str]]]
"""Splits a text into raw places and the words to put there, such as stems."""

# What stands between spaces; a tag with spaces inside stays whole, for cleaning takes it as one.
_CHUNK = re.compile(r"(?:<[^<>\n]*>|[^ \t\r\n])+")
_PROBE = "فندق جميل، والغرفة (3.5) في http://a.bc/d @me و\u064eثلاث wi-fi نجوم!"
_TWO_WORDS, _PUNCTUATED = "فندق جميل", "فندق،جميل"
_REMEMBERED = 50_000  # chunks
_FEW = 1_000  # chunks


class _Memory(NamedTuple):
    """The tokens of chunks that have been tokenized.

    It is replaced by a larger one and never changed: threads may read it without a lock. Few chunks
    are copied each time.

    Args:
        many: Chunk to the row of its tokens.
        few: The same for the last chunks.
        tokens: Ids, first and last characters, and whether each begins a word.
    """

    many: Mapping[str, int]
    few: Mapping[str, int]
    tokens: Ragged

    @classmethod
    def empty(cls) -> Self:
        """Returns a memory of no chunks."""
        return cls({}, {}, Ragged.of([[], [], [], []], []))

    def extended(self, chunks: Sequence[str], tokens: Ragged) -> Self:
        """Returns a memory of more chunks."""
        few = {**self.few, **{chunk: row for row, chunk in enumerate(chunks, len(self.tokens))}}
        together = self.tokens + tokens
        if len(few) > _FEW:
            return type(self)({**self.many, **few}, {}, together)
        return type(self)(self.many, few, together)

    def lacking(self, chunks: Iterable[str]) -> list[str]:
        """Returns the chunks that are not remembered, in order."""
        return sorted(chunk for chunk in chunks if chunk not in self.many and chunk not in self.few)

    def rows(self, chunks: Iterable[str]) -> Integers:
        """Returns the rows of chunks, all of them remembered."""
        many, few = self.many, self.few
        return np.array([many[chunk] if chunk in many else few[chunk] for chunk in chunks], int)


class ChunkTokenizer:
    """Tokenizes texts chunk by chunk and remembers each chunk; threads may share one.

    Args:
        tokenizer: Cleaning and vocabulary.
        cleaning: The cleaning that is inside of it.
        units: Splits a chunk into words; without it the tokenizer does that.
    """

    def __init__(
        self, tokenizer: Tokenizer, cleaning: Cleaning, units: Units | None = None
    ) -> None:
        self._tokenizer, self._cleaning, self._units = tokenizer, cleaning, units
        self._minds_punctuation = units is not None or self._parts_words()
        self._memory = _Memory.empty()
        self._whole = units is None and not self._is_separable()

    def tokenize(self, texts: Sequence[str]) -> list[Pieces]:
        """The tokens of each text."""
        chunks = [list(self._chunks(text)) for text in texts]
        memory = self._recall({chunk for of_text in chunks for _, chunk in of_text})
        rows = memory.rows(chunk for of_text in chunks for _, chunk in of_text)
        bases = np.array([start for of_text in chunks for start, _ in of_text], int)
        (ids, starts, ends, begins_word), counts = memory.tokens.take(rows)
        shift = np.repeat(bases, counts)
        bounds = np.append(0, np.cumsum(counts))[[0, *accumulate(map(len, chunks))]]  # of texts
        words = np.cumsum(begins_word)
        before = np.append(0, words)[bounds[:-1]]  # words of the texts before
        words -= np.repeat(before + 1, np.diff(bounds))
        words[starts == ends] = NO_WORD
        columns = [each.tolist() for each in (ids, starts + shift, ends + shift, words)]
        return [Pieces(*(column[a:b] for column in columns)) for a, b in pairwise(bounds.tolist())]

    def _chunks(self, text: str) -> Iterator[tuple[int, str]]:
        if self._whole:
            yield 0, text
        else:
            for match in _CHUNK.finditer(text):
                yield match.start(), match.group()

    def _recall(self, chunks: Iterable[str]) -> _Memory:
        """Returns a memory of some chunks at least, and keeps it for the next call.

        Of two threads that learn at the same time the later one's memory is kept: the other's new
        chunks are tokenized again when they come again.
        """
        if self._whole:  # whole texts do not come again
            texts, nothing = sorted(chunks), _Memory.empty()
            parts = (self._tokens_of([text]) for text in texts)
            return nothing.extended(texts, sum(parts, nothing.tokens))
        memory = self._memory  # read once: another thread may replace it
        if len(memory.tokens) > _REMEMBERED:
            memory = _Memory.empty()
        if new := memory.lacking(chunks):
            memory = memory.extended(new, self._tokens_of(new))
            self._memory = memory
        return memory

    def _tokens_of(self, chunks: list[str]) -> Ragged:
        """Tokenizes chunks as the lines of one text: far faster than one by one."""
        text = "\n".join(chunks)
        bases = np.array([0, *accumulate(len(chunk) + 1 for chunk in chunks)][:-1])
        ids, places, words = self._words(text) if self._units is None else self._stems(text)
        chunk = np.searchsorted(bases, places[:, 0], side="right") - 1
        begins_word = _begins_word(words, places)
        columns = [ids, *(places - bases[chunk, None]).T, begins_word]
        return Ragged.of(columns, np.bincount(chunk, minlength=len(chunks)))

    def _words(self, text: str) -> tuple[list[int], Integers, Integers]:
        """Ids, raw places and words of the tokens."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        places = np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2)
        words = np.array(encoded.word_ids, dtype=np.int64)
        trim_blanks(places, text)
        widen(places, self._cleaning.replaced(text))
        add_marks(places, text)
        trim_blanks(places, text)  # what is replaced or dropped can end with white space
        parted = (np.diff(words, prepend=0) != 0) | after_blanks(places, text)
        if not self._minds_punctuation:
            parted |= at_punctuation(places, text)
        return encoded.ids, places, np.cumsum(parted)

    def _stems(self, text: str) -> tuple[list[int], Integers, Integers]:
        """A stem's letters have no raw places of their own: its tokens get the whole word's."""
        found = self._units(text) if self._units else []
        stems = [stem for _, stem in found]
        encoded = self._tokenizer.encode(stems, is_pretokenized=True, add_special_tokens=False)
        words = np.array(encoded.word_ids, dtype=np.int64)
        places = np.array([place for place, _ in found], dtype=np.int64).reshape(-1, 2)
        trim_blanks(places, text)
        return encoded.ids, places[words], words

    def _parts_words(self) -> bool:
        """Returns whether the tokenizer's own word numbers part words at punctuation.

        Those of BERT do; one like XLM-R's parts words by white space alone, and one without
        pre-tokenizer, as Gemma's, gives all tokens of a text one number.

        Raises:
            InputError: If not even white space parts its tokens.
        """
        offsets = self._tokenizer.encode(_TWO_WORDS, add_special_tokens=False).offsets
        places = np.array(offsets, dtype=np.int64).reshape(-1, 2)
        trim_blanks(places, _TWO_WORDS)
        if not after_blanks(places, _TWO_WORDS).any():
            raise InputError(
                "a tokenizer must have tokens that end at white space",
                found=f"«{_TWO_WORDS}» as {len(places)} tokens, none of which begins after it",
                expected="a tokenizer that knows Arabic and parts its words",
            )
        words = self._tokenizer.encode(_PUNCTUATED, add_special_tokens=False).word_ids
        return len(set(words)) >= 3

    def _is_separable(self) -> bool:
        """Whether a text's tokens are those of its chunks, alone and as lines of one text."""

        def tokens(text: str, base: int = 0) -> list[tuple[int, int]]:
            encoded = self._tokenizer.encode(text, add_special_tokens=False)
            starts = [base + start for start, _ in encoded.offsets]
            return list(zip(encoded.ids, starts, strict=True))

        alone = [tokens(chunk.group(), chunk.start()) for chunk in _CHUNK.finditer(_PROBE)]
        together = list(chain.from_iterable(alone))
        return tokens(_PROBE) == tokens(_PROBE.replace(" ", "\n")) == together


def _begins_word(words: Integers, places: Integers) -> NDArray[np.bool_]:
    """Returns whether each token begins a word.

    Tokens without letters part words and belong to none.
    """
    begins = np.zeros(len(words), dtype=bool)
    filled = places[:, 0] < places[:, 1]
    parted = np.append(False, ~filled)[:-1][filled]
    other = np.diff(words[filled], prepend=-1) != 0
    begins[filled] = (other | parted) & are_apart(places[filled])
    return begins
