"""Guesses which keys of JSON records have spans or tags, and in which unit offsets are."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.records.file_offsets import fits
from arabic_mtl.formats.records.json_columns import Columns
from arabic_mtl.formats.records.key_labels import LabelReader
from arabic_mtl.formats.records.places import find_places
from arabic_mtl.formats.records.span_forms import GivenSpan, spans_by_words, spans_with_offsets
from arabic_mtl.formats.records.span_keys import SpanKeys
from arabic_mtl.formats.records.units import UNITS, Offsets, Unit
from arabic_mtl.formats.records.word_tags import TAG

_FEW = 0.1  # share of records whose spans may be invalid

_LABEL_KEYS = ("", "type", "entity_group", "entity_type", "category", "tag", "class", "entity")
_WORD_KEYS = ("text", "word", "words", "span", "mention", "entity", "name", "value")

Given = list[tuple[str, GivenSpan]]
"""Texts and their spans."""


def guess_tags(columns: Columns, doubts: list[str]) -> dict[str, Any]:
    """Returns the keys of words and of their BIO tags, if there are some.

    Args:
        columns: The first records.
        doubts: Receives a sentence about each uncertain option.
    """
    lists = [key for key in columns.names() if columns.has(key, lambda v: isinstance(v, list))]
    for tokens in lists:
        if not columns.has(tokens, _is_words) or columns.has(tokens, _is_tags):
            continue
        tags = {}
        for key in lists:
            if key == tokens or not _are_parallel(columns, tokens, key):
                continue
            name = key.removesuffix("_tags")
            if columns.has(key, _is_tags):
                tags[name] = key
            elif columns.has(key, lambda v: isinstance(v, list) and all(type(t) is int for t in v)):
                doubts.append(
                    f"`{key}` has numbers, which need names: `tags: {{{name}: {key}}}` and "
                    f"`rename: {{{name}: {{'0': O, '1': B-PERS}}}}` read them"
                )
        if tags:
            doubts.append(f"the words in `{tokens}` are joined by spaces: that is the text")
            return {"tokens": tokens, "tags": tags}
        if not columns.texts():
            return {"tokens": tokens}
    return {}


def guess_spans(
    columns: Columns, used: set[str], options: dict[str, Any], doubts: list[str]
) -> None:
    """Adds the keys of spans, and the unit of offsets, to the options.

    Args:
        columns: The first records.
        used: Keys with another meaning; receives the keys of spans.
        options: The options, with the key of the text.
        doubts: Receives a sentence about each uncertain option.
    """
    text = options.get("text", "")
    texts = columns.items(text)
    layers, given = dict[str, Any](), Given()
    for key in columns.names():
        if key in used or text.startswith(f"{key}.") or not any(columns.values(key)):
            continue
        values = {index: v for index, v in columns.items(key).items() if index in texts}
        if found := _with_offsets(key, values, texts):
            option, spans = found
            _add_key(columns, layers, key, option)
            given += spans
        elif by_words := _by_words(key, values, texts, doubts):
            layers[key.replace(".", "_")] = by_words
        else:
            continue
        used.add(key)
    if layers:
        options["spans"] = layers
    _guess_unit(given, options, doubts)


def _add_key(columns: Columns, layers: dict[str, Any], key: str, option: str) -> None:
    """Adds a key to a layer whose other keys are in other records, or to a new layer."""
    for layer, keys in layers.items():
        known = [keys] if isinstance(keys, str) else keys
        if isinstance(known, list) and all(
            columns.are_exclusive(other.split(".")[0], key) for other in known
        ):
            layers[layer] = [*known, option]
            return
    layers[key.replace(".", "_")] = option


def _with_offsets(
    key: str, values: Mapping[int, object], texts: Mapping[int, object]
) -> tuple[str, Given] | None:
    """Returns the option and the spans of a key with offsets, or None.

    A few records may have invalid spans: reading the file names them, with their lines.
    """
    labels = LabelReader({}, Notices(), 0)
    for label_key in _LABEL_KEYS:
        spans: Given = []
        invalid = 0
        for index, value in values.items():
            try:
                found = spans_with_offsets(value, key, label_key, labels)
                spans += [(str(texts[index]), span) for span in found]
            except InputError:
                invalid += 1
        if spans and invalid <= _FEW * len(values):
            return f"{key}.{label_key}" if label_key else key, spans
    return None


def _by_words(
    key: str, values: Mapping[int, object], texts: Mapping[int, object], doubts: list[str]
) -> dict[str, str] | None:
    """Returns the option for a key whose spans have words and no offsets, or None."""
    labels = LabelReader({}, Notices(), 0)
    for word_key in _WORD_KEYS:
        for label_key in _LABEL_KEYS:
            with suppress(InputError):
                lists = {
                    str(texts[index]): [
                        span.words or ""
                        for span in spans_by_words(value, key, label_key, word_key, labels)
                    ]
                    for index, value in values.items()
                }
                words = [(word in text) for text, strings in lists.items() for word in strings]
                if 2 * sum(words) <= len(words):
                    return None
                option = {"key": f"{key}.{label_key}" if label_key else key, "by": word_key}
                return option | _treatments(key, lists, doubts)
    return None


def _treatments(key: str, lists: Mapping[str, list[str]], doubts: list[str]) -> dict[str, str]:
    """Returns the treatments without which the spans of a key would be refused."""
    treatments = dict[str, str]()
    for name, rules in (
        ("absent", SpanKeys(keys=[key], ambiguous="skip")),
        ("ambiguous", SpanKeys(keys=[key], absent="skip")),
    ):
        try:
            for text, words in lists.items():
                [*find_places(text, words, rules, Notices(), 0)]
        except InputError as error:
            treatments[name] = "skip"
            doubts.append(
                f"`{key}` has words of which the place is not clear ({error.found}); "
                f"`{name}: skip` leaves such spans out, `refuse` names their lines"
            )
    return treatments


def _guess_unit(given: Given, options: dict[str, Any], doubts: list[str]) -> None:
    """Adds the unit of offsets if it makes a difference."""
    fitting, cuts, differing = set(UNITS), Counter[Unit](), set[Unit]()
    for text, span in given:
        if span.start == span.end:
            continue
        offsets = Offsets(text)
        ranges = {unit: offsets.range(unit, span.start, span.end) for unit in UNITS}
        fitting &= {unit for unit in UNITS if fits(ranges[unit], span.words, text)}
        differing |= {unit for unit in UNITS if ranges[unit] != ranges["characters"]}
        cuts.update({unit: offsets.cuts(ranges[unit]) for unit in UNITS})
    if "bytes" not in fitting or cuts["bytes"] >= cuts["characters"]:
        differing.discard("bytes")  # which differ in all Arabic texts
    if not differing and "characters" in fitting:
        return
    known = [unit for unit in UNITS if unit != "bytes" or unit in differing]
    unit = min(known, key=lambda unit: (unit not in fitting, cuts[unit], known.index(unit)))
    options["offsets"] = unit
    if fitting - {unit} and (fitting & differing):
        doubts.append(
            f"`offsets: {unit}` cuts the fewest words; others are {', '.join(known)}, "
            "and they differ behind emojis or vowel signs"
        )


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)


def _is_tags(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(tag, str) and TAG.fullmatch(tag) for tag in value
    )


def _are_parallel(columns: Columns, first: str, second: str) -> bool:
    """Returns True if the lists of two keys have equal lengths in all records."""
    lengths = [
        {i: len(v) for i, v in columns.items(key).items() if isinstance(v, list)}
        for key in (first, second)
    ]
    return lengths[0] == lengths[1] and any(lengths[0].values())
