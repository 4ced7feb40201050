"""JSON records: an object per line, or the elements of an array."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, ClassVar, Literal

from arabic_mtl.documents import Annotation, Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess, Layers
from arabic_mtl.formats.groups import own_group
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record, is_visible
from arabic_mtl.formats.records.fields import groups, identifier, record_fields, required_text
from arabic_mtl.formats.records.guess import guess_records
from arabic_mtl.formats.records.json_stream import json_texts
from arabic_mtl.formats.records.json_values import as_json, find, parsed
from arabic_mtl.formats.records.read_layers import FileFacts, RecordPart, read_layers
from arabic_mtl.formats.records.span_keys import SpanOption, span_keys
from arabic_mtl.formats.records.units import Unit
from arabic_mtl.formats.records.word_tags import joined_words
from arabic_mtl.formats.writer import Annotated, Model, Writer


@dataclass(frozen=True, kw_only=True)
class Records(Format[RecordPart], Writer):
    """A file with one JSON object per line, or with one array of objects.

    Keys can be dotted: ``meta.text`` is the field ``text`` of the object ``meta``. A pair
    ``["a text", {"entities": []}]``, as spaCy has it, is read as an object with the text.

    The output has one object per line, with the fields ``spans``, ``labels`` and, for tasks that
    predict numbers, ``values``. Fields of the input with these names are overwritten and counted.

    Args:
        text: The key of the text.
        pair: The key of a second text that is read together with the first.
        id: The key of the id; by default the id is ``line:N``.
        group: The key of a group whose texts must stay in one split, or several keys: records
            with the same value of any key, or with equal texts, are one group.
        labels: Layer to the key of its labels: a label, a list of labels, or an object such as
            ``{good: 1, bad: 0}``. A number, true or false is a label as it is.
        spans: Layer to the key or keys of its spans: a list of triples
            ``[start, end, label]`` or of objects. ``entities.type`` names the field of the label
            in each object. ``{key: entities, by: text}`` reads spans that have words and no
            offsets; with ``ambiguous: refuse | first | skip`` for words that the text has more
            often, and ``absent: refuse | skip``.
        tokens: The key of a list of words, which joined by spaces are the text.
        tags: Layer to the key of a list with a BIO tag per word.
        offsets: The unit in which the file counts: ``characters`` (code points), ``utf-16``,
            ``graphemes`` or ``bytes`` (of UTF-8). It must be set if that makes
            a difference and no words decide.
        accept: Key to the values with which a record is read; records with others are left out.
    """

    schema: ClassVar[int] = 2
    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson", ".json")

    text: str = "text"
    pair: str | None = None
    id: str | None = None
    group: str | list[str] | None = None
    labels: dict[str, str] = field(default_factory=dict)
    spans: dict[str, SpanOption] = field(default_factory=dict)
    tokens: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    offsets: Unit | None = None
    accept: dict[str, list[Any]] = field(default_factory=lambda: {"answer": ["accept"]})

    def __post_init__(self) -> None:
        """Checks the encoding, and the options that depend on each other."""
        super().__post_init__()
        for layer, option in self.spans.items():
            span_keys(layer, option)
        if double := self.spans.keys() & self.tags.keys():
            raise InputError(
                "a layer must not be both in `spans` and in `tags`",
                found=", ".join(sorted(double)),
                expected="another name for one of them",
            )
        if self.tags and self.tokens is None:
            raise InputError(
                "`tokens` must be set if `tags` is",
                found=f"tags: {', '.join(self.tags)}",
                expected="tokens: the key of the list of words",
            )

    @property
    def joins_groups(self) -> bool:
        """Returns True if records have groups, which equal texts and further keys connect."""
        return bool(self._group_keys)

    @property
    def layers(self) -> Layers:
        """Returns the layers of the options `labels`, `spans` and `tags`."""
        return Layers(labels=frozenset(self.labels), spans=frozenset(self.spans | self.tags))

    @property
    def pair_is(self) -> Literal["", "text"]:
        """Returns ``"text"`` if a second text is read."""
        return "" if self.pair is None else "text"

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[RecordPart]:
        """Yields the objects, not parsed yet.

        Raises:
            InputError: If an array is not valid JSON; at the end, if tags are unknown or offsets
                do not fit.
        """
        keys = {layer: span_keys(layer, option) for layer, option in self.spans.items()}
        facts = FileFacts(keys, self._group_keys, self.offsets, at_once=self.on_error == "skip")
        for source in json_texts(file, self.encoding):
            yield RecordPart(source, facts)
        facts.check(notices)

    def records(self, part: RecordPart, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads an object; none if `accept` leaves it out.

        Raises:
            InputError: If it is no JSON object, has no text, or an annotation breaks a rule.
        """
        fields = record_fields(parsed(part.source.text()), self.text)
        if gold and not self._is_accepted(fields, part, notices):
            return []
        if self.tokens is None:
            text = required_text(fields, self.text)
        else:
            text, _ = joined_words(find(fields, self.tokens), self.tokens)
        pair = None if self.pair is None else required_text(fields, self.pair)
        group, *linked = self._groups(fields, text, pair)
        example = Example(
            id=part.name if self.id is None else identifier(fields, self.id),
            group=group,
            linked=tuple(linked),
            text=text,
            pair=pair,
            line=part.line,
        )
        if gold:
            part.facts.groups.add(fields)
            labels, spans = read_layers(self, part, fields, text, notices)
            example = replace(example, labels=labels, spans=spans)
            _require_visible(example)
        named = fields if self.tokens is None else {**fields, "text": text}
        return [Record(example=example, line=part.line, fields=named)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns a guess for files that begin with JSON objects."""
        guess = guess_records(head)
        return guess or (None if name.lower().endswith(".json") else super().sniff(head, name))

    def names(self, model: Model) -> Collection[str]:
        """Returns the names of the fields with predictions."""
        return ("spans", "labels", "values")

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes one JSON object for each text."""
        for record, annotation in annotated:
            if annotation is not None:
                fields, predictions = record.named_fields(), _annotation_fields(annotation)
                for name in predictions.keys() & fields.keys():
                    notices.count(f"field `{name}` overwritten by predictions", record.line)
                line = as_json({**fields, **predictions}) + "\n"
                # Lone surrogates occur only in strings, where JSON allows to escape them.
                file.write(line.encode(errors="backslashreplace"))

    @property
    def _group_keys(self) -> list[str]:
        """Returns the keys of groups."""
        return [self.group] if isinstance(self.group, str) else self.group or []

    def _groups(self, fields: Mapping[str, object], text: str, pair: str | None) -> list[str]:
        """Returns the groups of a record, the last of which only equal texts have."""
        if not self._group_keys:
            return [""]
        texts = (self.text if self.tokens is None else None, self.pair)
        names = groups(fields, self._group_keys, texts)
        return [*dict.fromkeys([*names, own_group(text, pair)])]

    def _is_accepted(
        self, fields: Mapping[str, object], part: RecordPart, notices: Notices
    ) -> bool:
        """Returns False for a record that `accept` leaves out, which is counted."""
        for key, values in self.accept.items():
            value = find(fields, key)
            if value is not None and value not in values:
                notices.count(f"record left out by its field `{key}` (option `accept`)", part.line)
                return False
        return True


def _annotation_fields(annotation: Annotation) -> Mapping[str, object]:
    fields = annotation.as_dict()
    return {name: value for name, value in fields.items() if name != "text"}


def _require_visible(example: Example) -> None:
    """Raises `InputError` if an empty text has a label or a span."""
    annotations = [*example.labels.values(), *example.spans.values()]
    if not is_visible(example.text) and any(annotations):
        raise InputError(
            "a text with labels must have a visible character",
            found=f"a text of {len(example.text)} invisible characters"
            if example.text
            else "an empty text",
            expected="a text, or no labels; `on_error: skip` leaves such records out",
        )
