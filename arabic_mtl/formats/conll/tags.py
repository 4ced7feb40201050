"""The tags of a column in a CoNLL file, and the spans that they stand for."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from arabic_mtl.formats.notices import Notices

Scheme = Literal["bio", "io", "bioes", "bilou", "words"]

WordSpan = tuple[int, int, str]
"""The index of a span's first word, that after its last word, and its label."""

Tag = tuple[str, str | None]
"""B (opens a span), I (continues or opens one), E (ends one) or S (a span); and the label."""

SCHEMES: dict[Scheme, str] = {
    "bio": "O, or B- or I- before a label",
    "io": "O, or a label without B- or I-",
    "bioes": "O, or B-, I-, E- or S- before a label",
    "bilou": "O, or B-, I-, L- or U- before a label",
    "words": "O or a label",
}
"""Scheme to a description of its tags."""

OPENED = "span that opens with I-"
"""The rule of the notice about an I- that continues no span of its label."""

_OPENED_BY_END = "span that opens with E- or L-"
_UNENDED = "span that ends without E- or L-"
_CUT = "span cut at the end of a sentence"

_OUTSIDE: Tag = ("I", None)  # continues what is outside of spans
_PREFIXED = {scheme: re.compile(r"([BIESLU])-((?!-).+)") for scheme in ("bio", "bioes", "bilou")}
_PREFIXED["bio"] = re.compile(r"([BI])-((?!-).+)")
_KINDS = {"L": "E", "U": "S"}


class ColumnTags:
    """The tags of one column of a file: their meaning, their counts and first lines.

    Args:
        layer: The layer; further levels of an open column have the same tags.
        scheme: The scheme.
        outside: The tags of words outside of spans.
        names: Tag, or label of a tag, to its new name; to None for outside.
        is_trimmed: True if tags can have blanks at their edges.
    """

    def __init__(
        self,
        layer: str,
        scheme: Scheme,
        outside: Iterable[str],
        names: Mapping[str, str | None],
        *,
        is_trimmed: bool,
    ) -> None:
        self.layer, self.scheme = layer, scheme
        self.unknown: set[str] = set()
        self._counts: Counter[str | None] = Counter({None: 0})
        self._first: dict[str | None, int] = {None: 0}
        self._outside, self._names, self._is_trimmed = frozenset(outside), names, is_trimmed
        self._blanks: set[str] = set()
        self._known: dict[str | None, Tag] = {None: _OUTSIDE}
        self._last: str | None = None

    def add(self, tags: Sequence[str | None], numbers: Sequence[int], notices: Notices) -> None:
        """Counts the tags of words, and remembers the first lines of new ones.

        Args:
            tags: The tags; None for a level that a word lacks.
            numbers: The numbers of their lines.
            notices: The counts of tolerated irregularities.
        """
        self._counts.update(tags)
        if len(self._counts) > len(self._first):
            for tag, number in zip(tags, numbers, strict=True):
                if tag is not None and tag not in self._first:
                    self._first[tag] = number
                    self._learn(tag)
        if not self._blanks.isdisjoint(tags):
            for tag, number in zip(tags, numbers, strict=True):
                if tag in self._blanks:
                    notices.count("label trimmed of blanks", number)

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Returns tag to its count and first line, ordered by first lines."""
        found = ((tag, (self._counts[tag], line)) for tag, line in self._first.items())
        return {tag: counted for tag, counted in found if tag is not None}

    def spans(
        self, tags: Sequence[str | None], numbers: Sequence[int], notices: Notices
    ) -> list[WordSpan]:
        """Returns the spans that the tags of a sentence stand for.

        Args:
            tags: The tags, which have been added; None for a level that a word lacks.
            numbers: The numbers of their lines.
            notices: The counts of tolerated irregularities.
        """
        meanings = [self._known[tag] for tag in tags]
        if self.scheme == "words":
            return [(n, n + 1, label) for n, (_, label) in enumerate(meanings) if label is not None]
        if self.scheme in ("bioes", "bilou"):
            return _ended(meanings, lambda rule, index: notices.count(rule, numbers[index]))
        spans, opened = _runs(meanings)
        for index in opened if self.scheme == "bio" else ():
            notices.count(OPENED, numbers[index])
        return spans

    def count_cut(self, tags: Sequence[str], line: int, notices: Notices, *, is_cut: bool) -> None:
        """Counts a span that goes on in the next sentence; for a scheme without B-.

        Args:
            tags: The tags of a sentence.
            line: The number of its first line.
            notices: The counts of tolerated irregularities.
            is_cut: True if no blank line stands before the sentence.
        """
        label = self._known[tags[0]][1]
        if is_cut and label is not None and label == self._last:
            notices.count(_CUT, line)
        self._last = self._known[tags[-1]][1]

    def _learn(self, raw: str) -> None:
        """Finds out the meaning of a tag."""
        tag = raw.strip(" \t") if self._is_trimmed else raw
        if tag != raw:
            self._blanks.add(raw)
        if tag in self._names:
            meaning = self._meaning(self._names[tag], {})
        else:
            meaning = self._meaning(tag, self._names)
        if meaning is None:
            self.unknown.add(raw)
        self._known[raw] = meaning or _OUTSIDE

    def _meaning(self, tag: str | None, names: Mapping[str, str | None]) -> Tag | None:
        """Returns the meaning of a tag without blanks; None if it does not fit the scheme."""
        if tag is None or tag in self._outside:
            return _OUTSIDE
        prefixed = _PREFIXED.get(self.scheme)
        match = (prefixed or _PREFIXED["bioes"]).fullmatch(tag)
        if prefixed is None:
            is_wrong = not tag or (match is not None and self.scheme == "io")
            return None if is_wrong else ("I", tag)
        if match is None:
            return None
        label = names.get(match[2], match[2])
        return _OUTSIDE if label is None else (_KINDS.get(match[1], match[1]), label)


def _runs(tags: Sequence[Tag]) -> tuple[list[WordSpan], list[int]]:
    """Returns the spans of B and I tags, and the indices of those I that open a span."""
    spans, opened = [], []
    start, current = 0, None
    for index, (kind, label) in enumerate(tags):
        if label == current and kind == "I":
            continue
        if current is not None:
            spans.append((start, index, current))
        start, current = index, label
        if label is not None and kind == "I":
            opened.append(index)
    if current is not None:
        spans.append((start, len(tags), current))
    return spans, opened


def _ended(tags: Sequence[Tag], count: Callable[[str, int], None]) -> list[WordSpan]:
    """Returns the spans of B, I, E and S tags, as seqeval's lenient mode finds them.

    Args:
        tags: The tags.
        count: Counts an irregularity at the index of a word.
    """
    spans: list[WordSpan] = []
    start, current = 0, None
    for index, (kind, label) in enumerate([*tags, _OUTSIDE]):
        if label != current or kind in "BS":
            if current is not None:
                spans.append((start, index, current))
                count(_UNENDED, index - 1)
            start, current = index, label
            if label is not None and kind in "IE":
                count(OPENED if kind == "I" else _OPENED_BY_END, index)
        if kind in "ES" and label is not None:
            spans.append((start, index + 1, label))
            current = None
    return spans
