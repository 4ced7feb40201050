"""The annotation layers of JSON records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from arabic_mtl.documents import Span
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.records.fields import FileGroups
from arabic_mtl.formats.records.file_offsets import FileOffsets
from arabic_mtl.formats.records.json_stream import JsonText
from arabic_mtl.formats.records.json_values import find
from arabic_mtl.formats.records.key_labels import LabelReader
from arabic_mtl.formats.records.read_spans import SpanReader
from arabic_mtl.formats.records.span_keys import SpanKeys
from arabic_mtl.formats.records.units import Offsets, Unit
from arabic_mtl.formats.records.word_tags import FileTags, joined_words, tag_list

SpanLayers = dict[str, tuple[Span, ...]]
LabelLayers = dict[str, tuple[str, ...]]


class LayerOptions(Protocol):
    """The options of `Records` that layers are read by."""

    @property
    def rename(self) -> Mapping[str, Mapping[str, str | None]]:
        """Returns layer to renamed labels."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Returns layer to the key of its labels."""

    @property
    def tokens(self) -> str | None:
        """Returns the key of the words."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Returns layer to the key of its tags."""


class FileFacts:
    """What the records of a file share: the keys of spans, and errors that need the whole file.

    Args:
        keys: Layer to the keys of its spans.
        groups: The keys of groups.
        offsets: The unit of offsets; None if it was not set.
        at_once: True to raise errors about offsets and tags at once.
    """

    def __init__(
        self,
        keys: Mapping[str, SpanKeys],
        groups: Sequence[str],
        offsets: Unit | None,
        *,
        at_once: bool,
    ) -> None:
        self.keys = keys
        self.groups = FileGroups(groups)
        self.offsets = FileOffsets(offsets, at_once=at_once)
        self.tags = FileTags(at_once=at_once)
        self._without_spans: dict[str, int] = {}
        self._with_spans = set[str]()

    def add(self, layer: str, fields: Mapping[str, object], line: int, *, has_spans: bool) -> None:
        """Notes whether the lists of a layer have spans with a label of the layer."""
        if has_spans:
            self._with_spans.add(layer)
        elif any(value for value, _ in self.keys[layer].items(fields)):
            self._without_spans.setdefault(layer, line)

    def check(self, notices: Notices) -> None:
        """Raises the errors about the whole file; counts layers that are in none of its spans."""
        self.tags.check()
        self.offsets.check()
        self.groups.check()
        for layer, line in self._without_spans.items():
            if layer not in self._with_spans:
                notices.count(f"file with spans, but none of the layer {layer}", line)


@dataclass(frozen=True, slots=True)
class RecordPart:
    """A record of a file, not parsed yet.

    Args:
        source: The JSON text.
        facts: What the records of the file share.
    """

    source: JsonText
    facts: FileFacts

    @property
    def line(self) -> int:
        """Returns the line number where the record starts, from 1."""
        return self.source.line

    @property
    def name(self) -> str:
        """Returns the id of a record without an id of its own: ``line:1``, then ``line:1.2``."""
        number = self.source.number
        return f"line:{self.line}.{number + 1}" if number else f"line:{self.line}"


def read_layers(
    options: LayerOptions,
    part: RecordPart,
    fields: Mapping[str, object],
    text: str,
    notices: Notices,
) -> tuple[LabelLayers, SpanLayers]:
    """Returns the label layers and the span layers of a record.

    A layer whose field is absent or null is left out: the record is not labelled in it.

    Args:
        options: The options of the format.
        part: The record's part.
        fields: The record.
        text: Its text.
        notices: The counts of tolerated irregularities.

    Raises:
        InputError: If an annotation breaks a rule.
    """
    reader = LabelReader(options.rename, notices, part.line)
    labels: LabelLayers = {}
    for layer, key in options.labels.items():
        values = reader.labels(find(fields, key), layer)
        if values is not None:
            labels[layer] = values
    offsets = Offsets(text)
    span_reader = SpanReader(offsets, part.facts.offsets, reader, notices, part.line)
    spans: SpanLayers = {}
    for layer, keys in part.facts.keys.items():
        layer_spans = span_reader.spans(fields, layer, keys)
        if layer_spans is not None:
            spans[layer] = layer_spans
            part.facts.add(layer, fields, part.line, has_spans=bool(layer_spans))
    return labels, spans | _tagged(options, part, fields, notices)


def _tagged(
    options: LayerOptions, part: RecordPart, fields: Mapping[str, object], notices: Notices
) -> SpanLayers:
    """Returns the span layers that are given as a tag per word."""
    if options.tokens is None:
        return {}
    tokens = find(fields, options.tokens)
    text, starts = joined_words(tokens, options.tokens)
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    words = [*zip(starts, ends[: len(starts)], strict=True)]
    spans: SpanLayers = {}
    for layer, key in options.tags.items():
        value = find(fields, key)
        if value is not None:
            tags = tag_list(value, len(words), layer, options.rename.get(layer, {}))
            spans[layer] = part.facts.tags.spans(tags, words, layer, notices, part.line)
    return spans
