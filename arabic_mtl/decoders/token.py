"""Decoding of span tagging: BIO tags on words and the trims at both ends of a span."""

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
from arabic_mtl.text.ragged import Integers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class TokenDecoder(LabelDecoder):
    """Spans from BIO tags on words and from trims, the letters that a span leaves out at its ends.

    Reads ``tags`` (rows, tokens, tags), ``trim_start`` and ``trim_end`` (rows, tokens, letters),
    and ``transitions`` (tags, tags) if the head is a CRF. Padding tokens are ignored.
    """

    kind: ClassVar[str] = "token"
    predicts: ClassVar[type[Prediction]] = SpansPrediction

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[SpansPrediction]:
        """Returns the spans of each row in order; the score is that of the least likely tag."""
        width = logits["tags"].shape[1]
        best, scores = decide(logits, np.array([_padded(row.word_ids, width) for row in rows]))
        starts, ends = (logits[name].argmax(axis=-1) for name in ("trim_start", "trim_end"))
        trims = zip(starts, ends, strict=True)
        return [
            self._prediction(row, *decided)
            for row, decided in zip(rows, zip(best, scores, trims, strict=True), strict=True)
        ]

    def _prediction(
        self, row: Encoding, tags: Integers, scores: Floats, trims: tuple[Integers, Integers]
    ) -> SpansPrediction:
        words = bio.words(row.starts, row.ends, row.word_ids)
        word_tags = [int(tags[word.token]) for word in words]
        spans = self._spans(word_tags, words, frozenset(row.mark_offsets), scores, trims)
        return SpansPrediction(tuple(spans), tuple(word_tags))

    def _spans(
        self,
        tags: Sequence[int],
        words: Sequence[bio.Word],
        marks: frozenset[int],
        scores: Floats,
        trims: tuple[Integers, Integers],
    ) -> Iterator[SpanPrediction]:
        for first, last, label in bio.decode(tags):
            inside = words[first : last + 1]
            trim_start, trim_end = trims[0][inside[0].token], trims[1][inside[-1].token]
            start, end = bio.trim(inside[0], inside[-1], int(trim_start), int(trim_end), marks)
            score = float(min(scores[word.token] for word in inside))
            yield SpanPrediction(start, end, self.labels[label], score)


def decide(logits: Arrays, word_ids: Integers) -> tuple[Integers, Floats]:
    """Returns the likeliest tags and their probabilities, both (rows, tokens).

    Only the values at the first token of each word have a meaning.

    Args:
        logits: ``tags`` and, for a CRF, ``transitions``.
        word_ids: The index of each token's word, or `NO_WORD` (rows, tokens).
    """
    tags = logits["tags"].astype(np.float64)
    if "transitions" not in logits or not tags.size:
        probabilities = softmax(tags)
        return probabilities.argmax(axis=-1), probabilities.max(axis=-1)
    positions, lengths = _positions(first_tokens(word_ids))
    scores = np.take_along_axis(tags, positions[..., None], axis=1)
    transitions = logits["transitions"].astype(np.float64)
    path = chain.best_path(scores, transitions, lengths)
    probabilities = chain.marginals(scores, transitions, lengths)
    best, certainty = np.zeros_like(word_ids), np.ones(word_ids.shape)
    inside = np.arange(path.shape[1]) < lengths[:, None]
    index = np.nonzero(inside)[0], positions[inside]
    best[index] = path[inside]
    certainty[index] = np.take_along_axis(probabilities, path[..., None], axis=-1)[..., 0][inside]
    return best, certainty


def first_tokens(word_ids: Integers) -> Flags:
    """Returns True for each token that is the first of its word (rows, tokens)."""
    previous = np.pad(word_ids, ((0, 0), (1, 0)), constant_values=NO_WORD)[:, :-1]
    begins: Flags = (word_ids != NO_WORD) & (word_ids != previous)
    return begins


def _positions(mask: Flags) -> tuple[Integers, Integers]:
    """Returns the positions where a mask is set (rows, words), and their number (rows,).

    The result has at least one column; the values after a row's last position are arbitrary.
    """
    lengths = mask.sum(axis=1)
    order = np.argsort(~mask, axis=1, kind="stable")
    return order[:, : max(int(lengths.max(initial=0)), 1)], lengths


def _padded(words: Sequence[int], width: int) -> list[int]:
    return [*words, *[NO_WORD] * (width - len(words))]
