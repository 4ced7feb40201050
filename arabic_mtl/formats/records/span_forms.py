"""The forms in which JSON records have spans: triples, objects, and words with a label."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from arabic_mtl.errors import InputError
from arabic_mtl.formats.records.json_values import find, shown
from arabic_mtl.formats.records.key_labels import LabelReader

_OFFSETS = (("start", "end"), ("start_offset", "end_offset"))
_EXPECTED = '[[0, 2, "a label"]] or [{"start": 0, "end": 2, "label": "a label"}]'


@dataclass(frozen=True, slots=True)
class GivenSpan:
    """A span as it is in a file.

    Args:
        label: The label.
        words: The characters of the span, if the file has them.
        start: The offset of the first character, in the unit of the file.
        end: The offset after the last one.
        is_predicted: True for a prediction of this product, in which 0–0 is NULL.
    """

    label: str
    words: str | None = None
    start: int = 0
    end: int = 0
    is_predicted: bool = False


def spans_with_offsets(
    value: object, layer: str, label_key: str, labels: LabelReader
) -> Iterator[GivenSpan]:
    """Yields the spans of a list of triples or objects with offsets.

    Args:
        value: The list.
        layer: The name of the layer.
        label_key: The key of the label in each object; by default `label` or `labels`.
        labels: The reader of labels.

    Raises:
        InputError: If the value has another form.
    """
    if not isinstance(value, list):
        raise _error(layer, value, _EXPECTED)
    for item in value:
        if isinstance(item, list):
            if len(item) != 3:
                raise _error(layer, item, _EXPECTED)
            yield GivenSpan(labels.label(item[2], layer), None, *_offsets(item[:2], layer, item))
        elif isinstance(item, dict):
            yield from _object_spans(item, layer, label_key, labels)
        else:
            raise _error(layer, item, _EXPECTED)


def spans_by_words(
    value: object, layer: str, label_key: str, key: str, labels: LabelReader
) -> Iterator[GivenSpan]:
    """Yields the spans of a list of objects or pairs, or of an object with a list per label.

    Args:
        value: The list or object.
        layer: The name of the layer.
        label_key: The key of the label in each object; by default `label` or `labels`.
        key: The key of the words in each object.
        labels: The reader of labels.

    Raises:
        InputError: If the value has another form, or a span has no words.
    """
    expected = f'[{{"{key}": "words", "label": "a label"}}] or {{"a label": ["words"]}}'
    items = value
    if isinstance(value, dict):
        lists = {label: v if isinstance(v, list) else [v] for label, v in value.items()}
        items = [[words, label] for label, strings in lists.items() for words in strings]
    if not isinstance(items, list):
        raise _error(layer, value, expected)
    for item in items:
        if isinstance(item, dict):
            words, names = find(item, key), _labels(item, layer, label_key, labels)
        elif isinstance(item, list) and len(item) == 2:
            words, names = item[0], [labels.label(item[1], layer)]
        else:
            raise _error(layer, item, expected)
        if not isinstance(words, str) or not words.strip():
            raise _error(layer, item, f"{expected}, with words that are not empty")
        yield from (GivenSpan(name, words) for name in names)


def _object_spans(
    item: Mapping[str, object], layer: str, label_key: str, labels: LabelReader
) -> Iterator[GivenSpan]:
    """Yields the spans of an object with offsets: one per label."""
    is_predicted = isinstance(item.get("labels"), dict)
    if is_predicted:
        value = find(item, label_key or f"labels.{layer}")
        if value is None:  # only other tasks have labelled the span
            return
        names = [labels.label(value, layer)]
    else:
        names = _labels(item, layer, label_key, labels)
    keys = next((keys for keys in _OFFSETS if item.keys() >= {*keys}), None)
    if keys is None:
        raise _error(layer, item, f"{_EXPECTED}; {{by: KEY}} if a key has the words of spans")
    start, end = _offsets([item[key] for key in keys], layer, item)
    words = item.get("text")
    if not isinstance(words, str | None):
        raise _error(layer, item, "a string as `text`")
    yield from (GivenSpan(name, words, start, end, is_predicted) for name in names)


def _labels(
    item: Mapping[str, object], layer: str, label_key: str, labels: LabelReader
) -> list[str]:
    """Returns the labels of a span that is an object."""
    value = find(item, label_key) if label_key else item.get("label", item.get("labels"))
    values = value if isinstance(value, list) else [value]
    if not values or value is None:
        keys = "`entities.type`: the key of the list, and of the label in each span"
        raise _error(
            layer, item, f"a label in the field {label_key or 'label'}; or, such as {keys}"
        )
    return [labels.label(value, layer) for value in values]


def _offsets(values: list[object], layer: str, item: object) -> tuple[int, int]:
    """Returns two offsets, after checking their types and order."""
    start, end = values
    if type(start) is not int or type(end) is not int:
        raise _error(layer, item, "whole numbers as offsets")
    if start > end:
        raise _error(layer, item, "offsets of which the first is less than the second")
    return start, end


def _error(layer: str, found: object, expected: str) -> InputError:
    return InputError(
        "a span must have offsets or words, and a label",
        found=f"{layer}: {shown(found, 100)}",
        expected=expected,
    )
