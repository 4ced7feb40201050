"""Texts as tokens with raw places, by way of their chunks, each of which is tokenized once."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from tokenizers import Tokenizer

from arabic_mtl.text.characters import MARK, marks
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.ragged import Integers, Ragged

Place = tuple[int, int]
"""The first raw character of something, and one past its last."""

Units = Callable[[str], list[tuple[Place, str]]]
"""Splits a text into raw places and the words to put there, such as stems."""

# What stands between spaces; a tag with spaces inside stays whole, for cleaning takes it as one.
_CHUNK = re.compile(r"(?:<[^<>\n]*>|[^ \t\r\n])+")
_PROBE = "فندق جميل، والغرفة (3.5) في http://a.bc/d @me و\u064eثلاث wi-fi نجوم!"
_REMEMBERED = 50_000  # chunks


class Pieces(NamedTuple):
    """The tokens of a text, without special tokens.

    Args:
        ids: Vocabulary ids.
        starts: First raw character of each token.
        ends: One past its last.
        words: The word that each token belongs to, from 0.
    """

    ids: list[int]
    starts: list[int]
    ends: list[int]
    words: list[int]


class ChunkTokenizer:
    """Tokenizes texts chunk by chunk and remembers each chunk.

    Args:
        tokenizer: Cleaning and vocabulary.
        cleaning: The cleaning that is inside of it.
        units: Splits a chunk into words; without it the tokenizer does that.
    """

    def __init__(
        self, tokenizer: Tokenizer, cleaning: Cleaning, units: Units | None = None
    ) -> None:
        self._tokenizer, self._cleaning, self._units = tokenizer, cleaning, units
        self._forget()
        self._whole = units is None and not self._is_separable()

    def tokenize(self, texts: Sequence[str]) -> list[Pieces]:
        """The tokens of each text."""
        chunks = [list(self._chunks(text)) for text in texts]
        if len(self._known) > _REMEMBERED:
            self._forget()
        self._learn({chunk for of_text in chunks for _, chunk in of_text})
        rows = np.array([self._known[chunk] for of_text in chunks for _, chunk in of_text], int)
        bases = np.array([start for of_text in chunks for start, _ in of_text], int)
        bounds = np.array([0, *accumulate(len(of_text) for of_text in chunks)])
        (ids, starts, ends, words), counts = self._tokens.take(rows)
        words_before = np.append(0, np.cumsum(self._word_counts[rows]))
        own = np.repeat(words_before[bounds[:-1]], np.diff(bounds))
        words += np.repeat(words_before[:-1] - own, counts)
        shift = np.repeat(bases, counts)
        columns = [each.tolist() for each in (ids, starts + shift, ends + shift, words)]
        token_bounds = np.append(0, np.cumsum(counts))[bounds].tolist()
        return [Pieces(*(column[a:b] for column in columns)) for a, b in pairwise(token_bounds)]

    def _chunks(self, text: str) -> Iterator[tuple[int, str]]:
        if self._whole:
            yield 0, text
        else:
            for match in _CHUNK.finditer(text):
                yield match.start(), match.group()

    def _forget(self) -> None:
        self._known: dict[str, int] = {}
        self._tokens = Ragged.of([[], [], [], []], [])
        self._word_counts = np.zeros(0, dtype=np.int64)

    def _learn(self, chunks: Iterable[str]) -> None:
        new = sorted(chunk for chunk in chunks if chunk not in self._known)
        for group in [[chunk] for chunk in new] if self._whole else [new] * bool(new):
            self._remember(group)

    def _remember(self, chunks: list[str]) -> None:
        """Tokenizes chunks as the lines of one text: far faster than one by one."""
        text = "\n".join(chunks)
        bases = np.array([0, *accumulate(len(chunk) + 1 for chunk in chunks)][:-1])
        ids, places, words = self._words(text) if self._units is None else self._stems(text)
        chunk = np.searchsorted(bases, places[:, 0], side="right") - 1
        # Of what is one raw character, such as …, cleaning may make several words: they are one.
        apart = places[:, 0] >= np.append(0, np.maximum.accumulate(places[:, 1]))[:-1]
        begins_word = (np.diff(words, prepend=-1) != 0) & apart
        number = np.cumsum(begins_word) - 1
        word_counts = np.bincount(chunk[begins_word], minlength=len(chunks))
        number -= (np.cumsum(word_counts) - word_counts)[chunk]
        columns = [ids, *(places - bases[chunk, None]).T, number]
        self._known |= {each: len(self._known) + n for n, each in enumerate(chunks)}
        self._tokens += Ragged.of(columns, np.bincount(chunk, minlength=len(chunks)))
        self._word_counts = np.append(self._word_counts, word_counts)

    def _words(self, text: str) -> tuple[list[int], Integers, Integers]:
        """Ids, raw places and words of the tokens."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        places = np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2)
        starts, ends = places.T
        _widen(starts, ends, self._cleaning.replaced(text))
        following = np.append(starts[1:], len(text))
        letters = np.frombuffer((text + " ").encode("utf-32-le"), dtype=np.uint32)
        gap = (following > ends) & ~np.isin(letters[ends], [ord(space) for space in " \t\r\n"])
        for token in (gap | np.isin(places, marks(text)).any(axis=1)).nonzero()[0]:
            place = int(starts[token]), int(ends[token])
            places[token] = _with_marks(text, place, int(following[token]))
        return encoded.ids, places, np.array(encoded.word_ids, dtype=np.int64)

    def _stems(self, text: str) -> tuple[list[int], Integers, Integers]:
        """A stem's letters have no raw places of their own: its tokens get the whole word's."""
        found = self._units(text) if self._units else []
        stems = [stem for _, stem in found]
        encoded = self._tokenizer.encode(stems, is_pretokenized=True, add_special_tokens=False)
        words = np.array(encoded.word_ids, dtype=np.int64)
        places = np.array([place for place, _ in found], dtype=np.int64).reshape(-1, 2)
        return encoded.ids, places[words], words

    def _is_separable(self) -> bool:
        """Whether a text's tokens are those of its chunks."""
        whole = self._tokenizer.encode(_PROBE, add_special_tokens=False)
        parts = [
            (number, chunk.start() + start)
            for chunk in _CHUNK.finditer(_PROBE)
            for part in [self._tokenizer.encode(chunk.group(), add_special_tokens=False)]
            for number, (start, _) in zip(part.ids, part.offsets, strict=True)
        ]
        return parts == [(n, s) for n, (s, _) in zip(whole.ids, whole.offsets, strict=True)]


def _widen(starts: Integers, ends: Integers, replaced: Sequence[Place]) -> None:
    """Lets tokens that begin or end within what was replaced begin or end where that does."""
    if not replaced:
        return
    first, last = np.array(replaced).T
    before = np.searchsorted(first, starts, side="right") - 1
    starts[:] = np.where((before >= 0) & (starts < last[before]), first[before], starts)
    before = np.searchsorted(first, ends) - 1
    ends[:] = np.where((before >= 0) & (ends <= last[before]), last[before], ends)


def _with_marks(text: str, place: Place, following: int) -> Place:
    """Adds what belongs to a token's letters: their marks, and letters that cleaning dropped."""
    start, end = place
    while start > 0 and MARK.match(text[start]) and not text[start - 1].isspace():
        start -= 1
    letter = next((c for c in reversed(text[start:end]) if not MARK.match(c)), "")
    while MARK.match(text, end) or (end < following and text[end] == letter):
        end += 1
    return start, end
