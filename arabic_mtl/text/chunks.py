"""Tokenization with raw offsets, chunk by chunk: each distinct chunk is tokenized once."""

import re
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.errors import InputError
from arabic_mtl.text.characters import mark_offsets
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.known import KnownChunks
from arabic_mtl.text.letters import Spell, spell
from arabic_mtl.text.offsets import (
    CharRange,
    add_marks,
    blank_boundaries,
    disjoint_tokens,
    punctuation_boundaries,
    trim_blanks,
    widen,
)
from arabic_mtl.text.ragged import Integers, Ragged, bounds_of
from arabic_mtl.text.segments import END, START, WORD, Segments, empty

Units = Callable[[str], list[tuple[CharRange, str]]]
"""Splits a text into words: the raw range of each, and the form to tokenize, such as its stem."""

# A chunk ends at white space. A tag may contain spaces, because cleaning replaces it as a whole.
# Possessive repetition is faster: no part of a chunk could be read in another way.
_CHUNK = re.compile(r"((?:[^ \t\r\n<]++|<[^<>\n]*+>|<)++)")
_PROBE = "فندق جميل، والغرفة (3.5) في http://a.bc/d @me و\u064eثلاث wi-fi نجوم!"
_TWO_WORDS, _PUNCTUATED = "فندق جميل", "فندق،جميل"


class Encoded(Protocol):
    """The tokens of a text, as `tokenizers.Encoding` has them."""

    @property
    def ids(self) -> list[int]:
        """Returns the id of each token."""

    @property
    def offsets(self) -> list[CharRange]:
        """Returns the raw range of each token."""

    @property
    def word_ids(self) -> list[int | None]:
        """Returns the word index of each token."""


class Vocabulary(Protocol):
    """A tokenizer: `tokenizers.Tokenizer`, or an `OpenVocabulary` while one is learned."""

    def encode(
        self, sequence: str | list[str], /, *, is_pretokenized: bool = ..., add_special_tokens: bool
    ) -> Encoded:
        """Returns the tokens of a text."""


class ChunkTokenizer:
    """A tokenizer with raw offsets that caches each chunk; threads may share an instance.

    Args:
        tokenizer: The tokenizer, whose normalizer includes the cleaning.
        cleaning: The cleaning in the tokenizer's normalizer.
        units: Splits a chunk into words; without it, the tokenizer's pre-tokenizer does.
        clean_words: Returns the cleaned form of words, whose letters the tokens get; without it,
            tokens have no letters.
    """

    def __init__(
        self,
        tokenizer: Vocabulary,
        cleaning: Cleaning,
        units: Units | None = None,
        clean_words: Spell | None = None,
    ) -> None:
        self._tokenizer, self._cleaning, self._units = tokenizer, cleaning, units
        self._clean_words = clean_words
        self._splits_punctuation = units is not None or self._separates_punctuation()
        self.known = KnownChunks.of([], empty())
        self._reads_whole_texts = units is None and not self._is_separable()

    def tokenize(self, texts: Sequence[str]) -> Segments:
        """Returns the tokens of each text."""
        chunks, starts, bounds = self._chunks(texts)
        segments = self._cache_with(set(chunks)).take(chunks)
        _shift(segments.tokens, [START, END], starts)
        _shift(segments.marks, [0], starts)
        segments = segments.join(bounds)
        _number_words(segments.tokens)
        return segments

    def _chunks(self, texts: Sequence[str]) -> tuple[Sequence[str], Integers, Integers]:
        """Splits texts into chunks.

        Returns:
            The chunks of all texts; the offset of each in its text; and the first chunk of each
            text, with the number of chunks at the end.
        """
        if self._reads_whole_texts:
            return texts, np.zeros(len(texts), dtype=np.int64), np.arange(len(texts) + 1)
        parts = _CHUNK.split("\n".join(texts))  # spaces and chunks in turn
        starts = bounds_of(list(map(len, parts)))[1:-1:2]
        text_starts = bounds_of([len(text) + 1 for text in texts])
        bounds = np.searchsorted(starts, text_starts)
        return parts[1::2], starts - np.repeat(text_starts[:-1], np.diff(bounds)), bounds

    def _cache_with(self, chunks: Collection[str]) -> KnownChunks:
        """Returns a cache that contains at least the given chunks, and keeps it for the next call.

        If two threads add chunks at the same time, the cache of the later one is kept. The new
        chunks of the earlier one are tokenized again when they occur again.
        """
        if self._reads_whole_texts:  # whole texts rarely occur again
            parts = [self._tokenize_chunks([text]) for text in chunks]
            return KnownChunks.of(chunks, Segments.concatenate([empty(), *parts]))
        cache = self.known.bounded()  # read once: another thread may replace it
        if new := cache.missing(chunks):
            cache = cache.extend(new, self._tokenize_chunks(new))
            self.known = cache
        return cache

    def _tokenize_chunks(self, chunks: list[str]) -> Segments:
        """Tokenizes chunks as the lines of one text, which is far faster than one by one."""
        text = "\n".join(chunks)
        bounds = bounds_of([len(chunk) + 1 for chunk in chunks])
        tokenize = self._tokenize_text if self._units is None else self._tokenize_stems
        ids, offsets, word_ids = tokenize(text)
        letters = spell([text[a:b] for a, b in offsets.tolist()], self._clean_words)
        marks = np.array(mark_offsets(text), dtype=np.int64)
        chunk, marked = (np.searchsorted(bounds, n, "right") - 1 for n in (offsets[:, 0], marks))
        token_bounds = bounds_of(np.bincount(chunk, minlength=len(chunks)))
        columns = [
            ids,
            *(offsets - bounds[chunk, None]).T,
            _begins_word(word_ids, offsets),
            letters.counts,
            np.zeros_like(ids),
        ]
        return Segments(
            Ragged(np.stack(columns), token_bounds),
            letters.join(token_bounds),
            Ragged.from_counts(
                [marks - bounds[marked]], np.bincount(marked, minlength=len(chunks))
            ),
        )

    def _tokenize_text(self, text: str) -> tuple[Integers, Integers, Integers]:
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
        return np.array(encoded.ids, dtype=np.int64), offsets, np.cumsum(boundary)

    def _tokenize_stems(self, text: str) -> tuple[Integers, Integers, Integers]:
        """Returns the id, the raw offsets and the word index of each token of the stems.

        The letters of a stem have no raw offsets: its tokens get the range of the whole word.
        """
        units = self._units(text) if self._units else []
        stems = [stem for _, stem in units]
        encoded = self._tokenizer.encode(stems, is_pretokenized=True, add_special_tokens=False)
        word_ids = np.array(encoded.word_ids, dtype=np.int64)
        offsets = np.array([span for span, _ in units], dtype=np.int64).reshape(-1, 2)
        trim_blanks(offsets, text)
        return np.array(encoded.ids, dtype=np.int64), offsets[word_ids], word_ids

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


def _shift(rows: Ragged, columns: list[int], distances: Integers) -> None:
    """Adds a distance to some columns of each row, in place."""
    rows.values[columns] += np.repeat(distances, rows.counts)


def _number_words(tokens: Ragged) -> None:
    """Replaces the beginnings of words by the index of each word in its text, in place."""
    words = np.cumsum(tokens.values[WORD])
    words_before = np.append(0, words)[tokens.bounds[:-1]]  # in the preceding texts
    words -= np.repeat(words_before + 1, tokens.counts)
    words[tokens.values[START] == tokens.values[END]] = NO_WORD
    tokens.values[WORD] = words
