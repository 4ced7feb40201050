"""Labels of given pieces of texts, and which pieces are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from arabic_mtl.decoders.base import Arrays, Decoder, softmax
from arabic_mtl.errors import InputError
from arabic_mtl.text import Encoding
from arabic_mtl.text.offsets import Integers

UNKNOWN = -1
"""The number of what is given, where nothing is."""

_COPIES = 2**25  # numbers of the texts that are copied for the spans of one call

Found = Mapping[str, Any]
"""A label or a span that a decoder has found."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is told of each span besides its place, such as an opinion's category.

    Args:
        layer: The layer of spans that holds it: those of the task's own layer, in their order.
        labels: Every label there is; those of `found_by`.
        found_by: The task that tells it where there is no gold: of all its labels, a span is given
            the likeliest that is its own or belongs to it (to ROOMS, ROOMS#GENERAL); each label
            that it finds in a text and that no span is given becomes one of NULL
            (`arabic_mtl.decoders.SpanDecoder.places`). Without one, nothing is told there.
    """

    layer: str
    labels: tuple[str, ...]
    found_by: str | None = None

    def __post_init__(self) -> None:
        """Checks the labels."""
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise InputError(
                f"what layer {self.layer!r} tells of spans is declared, each label once",
                found=f"given.labels: {list(self.labels)}",
                expected="a list of distinct labels",
            )

    def of(self, label: str) -> int:
        """The number of a label.

        Raises:
            InputError: If the label is not declared.
        """
        if label not in self.labels:
            raise InputError(
                f"a label of layer {self.layer!r} is one that given.labels declares",
                found=f"«{label}»",
                expected=", ".join(self.labels),
            )
        return self.labels.index(label)

    def name(self, number: int) -> str:
        """The label of a number; empty for -1."""
        return "" if number == UNKNOWN else self.labels[number]


class SpanPlace(NamedTuple):
    """A piece of a text that a head is to label.

    Args:
        start: Its first raw character.
        end: One past its last; ``start == end`` for the text as a whole.
        first: Its first token.
        last: One past its last token.
        told: The number of what is told of it, or `UNKNOWN`.
        likely: How likely that is.
    """

    start: int
    end: int
    first: int
    last: int
    told: int = UNKNOWN
    likely: float = 1.0


Spans = Sequence[Sequence[SpanPlace]]
"""The pieces of each row."""


@dataclass(frozen=True, kw_only=True)
class SpanDecoder(Decoder):
    """One label for each piece of a text. Reads ``logits`` (spans, labels).

    Args:
        spans_from: The task that finds the pieces; without one they are whole texts.
        given: What is told of each piece besides.
    """

    kind = "span"

    spans_from: str | None = None
    given: Given | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Makes a decoder again from its fields as JSON values."""
        given = facts["given"]
        made = given and Given(**{**given, "labels": tuple(given["labels"])})
        return super().of({**facts, "given": made})

    @property
    def told_by(self) -> str | None:
        """The task that finds what is told."""
        return self.given.found_by if self.given else None

    def answers(self, logits: Arrays, rows: Sequence[Encoding]) -> list[Any]:
        """Those to whole texts."""
        return self.answers_of(logits, [[_place(row, 0, 0)] for row in rows])

    def answers_of(self, logits: Arrays, spans: Spans) -> list[Any]:
        """The likeliest label of each piece of each row, with what was told of it.

        Args:
            logits: (spans, labels), row after row.
            spans: The pieces.
        """
        likely = iter(softmax(logits["logits"]))
        return [[self._answer(place, next(likely)) for place in of_row] for of_row in spans]

    def places(
        self, row: Encoding, spans: Sequence[Found], told: Sequence[Found], found: Sequence[Found]
    ) -> list[SpanPlace]:
        """The pieces of a text, where none are given.

        A span is told the likeliest label that is its own or belongs to it. What was found in the
        text and is told of no span is said of NULL: of the text as a whole; if there are neither
        spans nor anything found, NULL is told nothing.

        Args:
            row: The text.
            spans: Those that `spans_from` has found.
            told: All labels of `told_by`, likeliest first.
            found: Those of them that it has found.
        """
        places = [_place(row, s["start"], s["end"], *self._told(s["label"], told)) for s in spans]
        taken = {place.told for place in places}
        left = [self._told(label["label"], [label]) for label in found]
        places += [_place(row, 0, 0, *each) for each in left if each[0] not in taken]
        return places or [_place(row, 0, 0)]

    def _told(self, label: str, ranked: Sequence[Found]) -> tuple[int, float]:
        """The number and the probability of the likeliest label that belongs to one."""
        if self.given is not None:
            for each in ranked:
                if f"{each['label']}#".startswith(f"{label}#"):  # but ROOMS_AMENITIES to ROOMS
                    return self.given.of(each["label"]), each["score"]
        return UNKNOWN, 1.0

    def _answer(self, place: SpanPlace, likely: Any) -> dict[str, Any]:
        answer = {
            "start": place.start,
            "end": place.end,
            "label": self.labels[likely.argmax()],
            "score": float(likely.max()),
        }
        if self.given is None or place.told == UNKNOWN:
            return answer
        return answer | {"told": {"label": self.given.name(place.told), "score": place.likely}}


def table_of(spans: Spans) -> Integers:
    """Pieces as a head reads them (spans, 6): row, start, end, first token, last + 1, told."""
    rows = [[row, *place[:5]] for row, of_row in enumerate(spans) for place in of_row]
    return np.array(rows, dtype=np.int64).reshape(-1, 6)


def in_parts(table: Integers, size: int) -> list[Integers]:
    """The table in parts, whose spans' copies of their texts fit into memory; one at least.

    Args:
        table: As a head reads it.
        size: Numbers of a text's hidden states.
    """
    most = max(_COPIES // max(size, 1), 1)
    return [table[start : start + most] for start in range(0, max(len(table), 1), most)]


def _place(
    row: Encoding, start: int, end: int, told: int = UNKNOWN, likely: float = 1.0
) -> SpanPlace:
    return SpanPlace(start, end, *row.tokens_within(start, end), told, likely)
