"""Labelled spans of JSON records, placed in their texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arabic_mtl.documents import Span
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.records.file_offsets import FileOffsets
from arabic_mtl.formats.records.key_labels import LabelReader
from arabic_mtl.formats.records.places import find_places
from arabic_mtl.formats.records.span_forms import GivenSpan, spans_by_words, spans_with_offsets
from arabic_mtl.formats.records.span_keys import SpanKeys
from arabic_mtl.formats.records.units import Offsets


@dataclass(frozen=True, slots=True)
class SpanReader:
    """Reads the spans of one record.

    Args:
        offsets: The text of the record, with its offsets in all units.
        file_offsets: The offsets of the file so far.
        labels: The reader of labels.
        notices: The counts of tolerated irregularities.
        line: The line number of the record.
    """

    offsets: Offsets
    file_offsets: FileOffsets
    labels: LabelReader
    notices: Notices
    line: int

    def spans(
        self, fields: Mapping[str, object], layer: str, keys: SpanKeys
    ) -> tuple[Span, ...] | None:
        """Returns the spans of a layer in the order of the text; None if it is not labelled.

        Raises:
            InputError: If a value is no list of spans, or a span breaks a rule.
        """
        given, is_labelled = list[GivenSpan](), False
        for value, label_key in keys.items(fields):
            is_labelled = True
            given += (
                spans_with_offsets(value, layer, label_key, self.labels)
                if keys.words_key is None
                else spans_by_words(value, layer, label_key, keys.words_key, self.labels)
            )
        if not is_labelled:
            return None
        if keys.words_key is None:
            places: Iterable[tuple[int, int] | None] = map(self._place, given)
        else:
            words = [span.words or "" for span in given]
            places = find_places(self.offsets.text, words, keys, self.notices, self.line)
        return self._unique(zip(given, places, strict=True))

    def _unique(
        self, placed: Iterable[tuple[GivenSpan, tuple[int, int] | None]]
    ) -> tuple[Span, ...]:
        """Returns the spans that have a place, sorted; of equal ones only predicted ones stay."""
        spans, seen = list[Span](), set[Span]()
        for given, place in placed:
            if place is None:
                continue
            span = Span(*place, given.label)
            if span in seen and not given.is_predicted:
                self.notices.count("span that is in its record twice", self.line)
                continue
            seen.add(span)
            spans.append(span)
        return tuple(sorted(spans, key=lambda span: (span.start, span.end)))

    def _place(self, given: GivenSpan) -> tuple[int, int] | None:
        """Returns the offsets of a span in the text; None if it is left out, or does not fit."""
        start, end = given.start, given.end
        if start == end:
            if given.is_predicted and start == 0:
                return 0, 0
            self.notices.count("span of length zero, left out", self.line)
            return None
        place = self.file_offsets.locate(self.offsets, start, end, given.words, self.line)
        if place is None:
            return None
        words = self.offsets.text[slice(*place)]
        if given.words not in (None, words):
            self.notices.count("words whose blanks differ from the text", self.line)
        return place if given.is_predicted else self._trimmed(*place)

    def _trimmed(self, start: int, end: int) -> tuple[int, int] | None:
        """Returns the offsets of a span without the blanks at its edges; None if it has no more."""
        words = self.offsets.text[start:end]
        bare = words.strip()
        if not bare:
            self.notices.count("span of blanks, left out", self.line)
            return None
        if bare != words:
            self.notices.count("span trimmed of blanks", self.line)
        start += len(words) - len(words.lstrip())
        return start, start + len(bare)
