"""Tokenization with raw offsets, chunk by chunk: each distinct chunk is tokenized once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import NO_WORD, TokenizedText
from arabic_mtl.text.offsets import (
    CharRange,
    Integers,
    Ragged,
    add_marks,
    blank_boundaries,
    disjoint_tokens,
    punctuation_boundaries,
    trim_blanks,
    widen,
)

Units = Callable[[str], list[tuple[CharRange, str]]]
"""Splits a text into words: the raw range of each, and the form to tokenize, such as its stem."""

# A chunk ends at white space. A tag may contain spaces, because cleaning replaces it as a whole.
_CHUNK = re.compile(r"(?:<[^<>\n]*>|[^ \t\r\n])+")
_PROBE = "فندق جميل، والغرفة (3.5) في http://a.bc/d @me و\u064eثلاث wi-fi نجوم!"
_TWO_WORDS, _PUNCTUATED = "فندق جميل", "فندق،جميل"
_CACHE_SIZE = 50_000  # chunks
_RECENT_SIZE = 1_000  # chunks


class _ChunkCache(NamedTuple):
    """An immutable cache of tokenized chunks.

    Adding chunks creates a new cache, so that threads read it without a lock. Only the small
    mapping of recent chunks is copied each time.

    Args:
        older: Chunk to its row in ``tokens``, for most chunks.
        recent: Chunk to its row in ``tokens``, for the chunks added last.
        tokens: One row per chunk, with four columns: the id of each token, its start and end
            within the chunk, and 1 if it begins a word.
    """

    older: Mapping[str, int]
    recent: Mapping[str, int]
    tokens: Ragged

    @classmethod
    def empty(cls) -> Self:
        """Returns a cache without chunks."""
        return cls({}, {}, Ragged.from_counts([[], [], [], []], []))

    def extend(self, chunks: Sequence[str], tokens: Ragged) -> Self:
        """Returns a cache that also contains other chunks, one row of ``tokens`` for each."""
        new = {chunk: row for row, chunk in enumerate(chunks, len(self.tokens))}
        recent = {**self.recent, **new}
        combined = self.tokens + tokens
        if len(recent) > _RECENT_SIZE:
            return type(self)({**self.older, **recent}, {}, combined)
        return type(self)(self.older, recent, combined)

    def missing(self, chunks: Iterable[str]) -> list[str]:
        """Returns the chunks that are not in the cache, sorted."""
        return sorted(
            chunk for chunk in chunks if chunk not in self.older and chunk not in self.recent
        )

    def rows(self, chunks: Iterable[str]) -> Integers:
        """Returns the row of each chunk; all chunks must be in the cache."""
        older, recent = self.older, self.recent
        return np.array(
            [older[chunk] if chunk in older else recent[chunk] for chunk in chunks], int
        )


class ChunkTokenizer:
    """A tokenizer with raw offsets that caches each chunk; threads may share an instance.

    Args:
        tokenizer: The tokenizer, whose normalizer includes the cleaning.
        cleaning: The cleaning in the tokenizer's normalizer.
        units: Splits a chunk into words; without it, the tokenizer's pre-tokenizer does.
    """

    def __init__(
        self, tokenizer: Tokenizer, cleaning: Cleaning, units: Units | None = None
    ) -> None:
        self._tokenizer, self._cleaning, self._units = tokenizer, cleaning, units
        self._splits_punctuation = units is not None or self._separates_punctuation()
        self._cache = _ChunkCache.empty()
        self._reads_whole_texts = units is None and not self._is_separable()

    def tokenize(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Returns the tokens of each text."""
        chunks_per_text = [list(self._chunks(text)) for text in texts]
        chunks = list(chain.from_iterable(chunks_per_text))
        cache = self._cache_with({chunk for _, chunk in chunks})
        rows = cache.rows(chunk for _, chunk in chunks)
        chunk_starts = np.array([start for start, _ in chunks], int)
        (ids, starts, ends, begins_word), counts = cache.tokens.take(rows)
        shift = np.repeat(chunk_starts, counts)
        text_bounds = np.append(0, np.cumsum(counts))[[0, *accumulate(map(len, chunks_per_text))]]
        word_ids = np.cumsum(begins_word)
        words_before = np.append(0, word_ids)[text_bounds[:-1]]  # in the preceding texts
        word_ids -= np.repeat(words_before + 1, np.diff(text_bounds))
        word_ids[starts == ends] = NO_WORD
        columns = [column.tolist() for column in (ids, starts + shift, ends + shift, word_ids)]
        return [
            TokenizedText(*(column[first:last] for column in columns))
            for first, last in pairwise(text_bounds.tolist())
        ]

    def _chunks(self, text: str) -> Iterator[tuple[int, str]]:
        """Yields the offset and the characters of each chunk of a text."""
        if self._reads_whole_texts:
            yield 0, text
        else:
            for match in _CHUNK.finditer(text):
                yield match.start(), match.group()

    def _cache_with(self, chunks: Iterable[str]) -> _ChunkCache:
        """Returns a cache that contains at least the given chunks, and keeps it for the next call.

        If two threads add chunks at the same time, the cache of the later one is kept. The new
        chunks of the earlier one are tokenized again when they occur again.
        """
        if self._reads_whole_texts:  # whole texts rarely occur again
            texts, empty = sorted(chunks), _ChunkCache.empty()
            parts = (self._tokenize_chunks([text]) for text in texts)
            return empty.extend(texts, sum(parts, empty.tokens))
        cache = self._cache  # read once: another thread may replace it
        if len(cache.tokens) > _CACHE_SIZE:
            cache = _ChunkCache.empty()
        if new := cache.missing(chunks):
            cache = cache.extend(new, self._tokenize_chunks(new))
            self._cache = cache
        return cache

    def _tokenize_chunks(self, chunks: list[str]) -> Ragged:
        """Tokenizes chunks as the lines of one text, which is far faster than one by one."""
        text = "\n".join(chunks)
        chunk_starts = np.array([0, *accumulate(len(chunk) + 1 for chunk in chunks)][:-1])
        tokenize = self._tokenize_text if self._units is None else self._tokenize_stems
        ids, offsets, word_ids = tokenize(text)
        chunk = np.searchsorted(chunk_starts, offsets[:, 0], side="right") - 1
        begins_word = _begins_word(word_ids, offsets)
        columns = [ids, *(offsets - chunk_starts[chunk, None]).T, begins_word]
        return Ragged.from_counts(columns, np.bincount(chunk, minlength=len(chunks)))

    def _tokenize_text(self, text: str) -> tuple[list[int], Integers, Integers]:
        """Returns the id, the raw offsets and the word index of each token."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        offsets = np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2)
        word_ids = np.array(encoded.word_ids, dtype=np.int64)
        trim_blanks(offsets, text)
        widen(offsets, self._cleaning.replaced_ranges(text))
        add_marks(offsets, text)
        trim_blanks(offsets, text)  # replaced or dropped characters can end with white space
        boundary = (np.diff(word_ids, prepend=0) != 0) | blank_boundaries(offsets, text)
        if not self._splits_punctuation:
            boundary |= punctuation_boundaries(offsets, text)
        return encoded.ids, offsets, np.cumsum(boundary)

    def _tokenize_stems(self, text: str) -> tuple[list[int], Integers, Integers]:
        """Returns the id, the raw offsets and the word index of each token of the stems.

        The letters of a stem have no raw offsets: its tokens get the range of the whole word.
        """
        units = self._units(text) if self._units else []
        stems = [stem for _, stem in units]
        encoded = self._tokenizer.encode(stems, is_pretokenized=True, add_special_tokens=False)
        word_ids = np.array(encoded.word_ids, dtype=np.int64)
        offsets = np.array([span for span, _ in units], dtype=np.int64).reshape(-1, 2)
        trim_blanks(offsets, text)
        return encoded.ids, offsets[word_ids], word_ids

    def _separates_punctuation(self) -> bool:
        """Returns whether the tokenizer itself separates words from punctuation.

        BERT's tokenizer does. XLM-R's separates words at white space alone, and a tokenizer without
        pre-tokenizer, such as Gemma's, gives all tokens of a text the same word index.

        Raises:
            InputError: If the tokenizer does not even separate words at white space.
        """
        encoded = self._tokenizer.encode(_TWO_WORDS, add_special_tokens=False)
        offsets = np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2)
        trim_blanks(offsets, _TWO_WORDS)
        if not blank_boundaries(offsets, _TWO_WORDS).any():
            raise InputError(
                "a tokenizer must not have tokens that span white space",
                found=f"«{_TWO_WORDS}» as {len(offsets)} tokens, none of which begins after it",
                expected="a tokenizer for Arabic that separates words at white space",
            )
        word_ids = self._tokenizer.encode(_PUNCTUATED, add_special_tokens=False).word_ids
        return len(set(word_ids)) >= 3

    def _is_separable(self) -> bool:
        """Returns whether tokenizing chunk by chunk, or as lines, gives the tokens of the text."""

        def tokens(text: str, offset: int = 0) -> list[tuple[int, int]]:
            encoded = self._tokenizer.encode(text, add_special_tokens=False)
            starts = [offset + start for start, _ in encoded.offsets]
            return list(zip(encoded.ids, starts, strict=True))

        separate = [tokens(chunk.group(), chunk.start()) for chunk in _CHUNK.finditer(_PROBE)]
        joined = list(chain.from_iterable(separate))
        return tokens(_PROBE) == tokens(_PROBE.replace(" ", "\n")) == joined


def _begins_word(word_ids: Integers, offsets: Integers) -> NDArray[np.bool_]:
    """Returns for each token whether it begins a word.

    Tokens without letters separate words and belong to no word.
    """
    begins = np.zeros(len(word_ids), dtype=bool)
    filled = offsets[:, 0] < offsets[:, 1]
    separated = np.append(False, ~filled)[:-1][filled]
    new_index = np.diff(word_ids[filled], prepend=-1) != 0
    begins[filled] = (new_index | separated) & disjoint_tokens(offsets[filled])
    return begins
