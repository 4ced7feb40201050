"""Spans, found by tags on words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.decoders import bio, chain
from arabic_mtl.decoders.base import Arrays, Floats, LabelDecoder, Queries, softmax
from arabic_mtl.documents import Prediction, SpanPrediction, SpansPrediction
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.offsets import Integers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class TokenDecoder(LabelDecoder):
    """Spans by BIO tags on words, without the letters that a span leaves out at its ends.

    Reads ``tags`` (rows, tokens, tags), ``before`` and ``behind`` (rows, tokens, letters), and,
    where the words of a text are tagged together, ``transitions`` (tags, tags); of the tokens
    behind a row's last nothing counts.
    """

    kind: ClassVar[str] = "token"
    predicts: ClassVar[type[Prediction]] = SpansPrediction

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[SpansPrediction]:
        """Returns the spans of each row in order, each as probable as its least certain word."""
        width = logits["tags"].shape[1]
        best, scores = decide(logits, np.array([_padded(row.words, width) for row in rows]))
        letters = zip(*(logits[end].argmax(axis=-1) for end in ("before", "behind")), strict=True)
        return [
            self._prediction(row, *of_row)
            for row, of_row in zip(rows, zip(best, scores, letters, strict=True), strict=True)
        ]

    def _prediction(
        self, row: Encoding, tags: Integers, scores: Floats, letters: tuple[Integers, Integers]
    ) -> SpansPrediction:
        words = bio.words(row.starts, row.ends, row.words)
        of_words = [int(tags[word.token]) for word in words]
        spans = self._spans(of_words, words, frozenset(row.marks), scores, letters)
        return SpansPrediction(tuple(spans), tuple(of_words))

    def _spans(
        self,
        tags: Sequence[int],
        words: Sequence[bio.Word],
        marks: frozenset[int],
        scores: Floats,
        letters: tuple[Integers, Integers],
    ) -> Iterator[SpanPrediction]:
        for first, last, label in bio.decode(tags):
            inside = words[first : last + 1]
            before, behind = letters[0][inside[0].token], letters[1][inside[-1].token]
            start, end = bio.trimmed(inside[0], inside[-1], int(before), int(behind), marks)
            score = float(min(scores[word.token] for word in inside))
            yield SpanPrediction(start, end, self.labels[label], score)


def decide(logits: Arrays, words: Integers) -> tuple[Integers, Floats]:
    """The tags and their probabilities, both (rows, tokens); of first tokens alone they count.

    Args:
        logits: ``tags``, and ``transitions`` if there are any.
        words: The word of each token (rows, tokens).
    """
    tags = logits["tags"].astype(np.float64)
    if "transitions" not in logits or not tags.size:
        likely = softmax(tags)
        return likely.argmax(axis=-1), likely.max(axis=-1)
    places, lengths = _in_order(first_tokens(words))
    scores = np.take_along_axis(tags, places[..., None], axis=1)
    transitions = logits["transitions"].astype(np.float64)
    path = chain.best_path(scores, transitions, lengths)
    likely = chain.marginals(scores, transitions, lengths)
    best, certain = np.zeros_like(words), np.ones(words.shape)
    inside = np.arange(path.shape[1]) < lengths[:, None]
    at = np.nonzero(inside)[0], places[inside]
    best[at] = path[inside]
    certain[at] = np.take_along_axis(likely, path[..., None], axis=-1)[..., 0][inside]
    return best, certain


def first_tokens(words: Integers) -> Flags:
    """Whether each token is the first of its word (rows, tokens)."""
    before = np.pad(words, ((0, 0), (1, 0)), constant_values=NO_WORD)[:, :-1]
    begins: Flags = (words != NO_WORD) & (words != before)
    return begins


def _in_order(mask: Flags) -> tuple[Integers, Integers]:
    """The tokens where a mask is set (rows, words), and how many there are (rows,).

    There is one or more; behind a row's last they are any others.
    """
    lengths = mask.sum(axis=1)
    order = np.argsort(~mask, axis=1, kind="stable")
    return order[:, : max(int(lengths.max(initial=0)), 1)], lengths


def _padded(words: Sequence[int], width: int) -> list[int]:
    return [*words, *[NO_WORD] * (width - len(words))]
