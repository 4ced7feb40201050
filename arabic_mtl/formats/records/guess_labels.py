"""Guesses which keys of JSON records have labels."""

from typing import Any

from arabic_mtl.formats.records.json_columns import Columns

_NAMES = {
    *("label", "labels", "category", "categories", "class", "cats", "sentiment", "polarity"),
    *("emotion", "emotions", "topic", "topics", "dialect", "sarcasm", "stance", "intent"),
    *("accept", "target", "gold", "tag", "tags", "hate", "offensive", "rating"),
}
_LONGEST = 40  # characters of a label
_MOST_LABELS = 30  # of a layer whose name does not show that it is one
_MOST_NUMBERS = 10
_FEWEST_TIMES = 3  # that such a label occurs on average


def guess_labels(
    columns: Columns, used: set[str], options: dict[str, Any], doubts: list[str]
) -> None:
    """Adds the keys of labels to the options, and sentences about uncertain ones to the doubts.

    Args:
        columns: The first records.
        used: Keys that have another meaning.
        options: The options.
        doubts: The doubts.
    """
    layers = dict[str, str]()
    for key in columns.names():
        parent, _, name = key.rpartition(".")
        if key in used or parent in used or parent in layers.values() or name[:1] == "_":
            continue
        if name == "answer" or not _are_labels(columns, key, known=name.lower() in _NAMES):
            continue
        layers[key.replace(".", "_")] = key
        if name.lower() not in _NAMES:
            doubts.append(
                f"`{key}` has few different values, so it was taken for labels; "
                "remove it from `labels` if it has none"
            )
    if layers:
        options["labels"] = layers


def _are_labels(columns: Columns, key: str, *, known: bool) -> bool:
    """Returns True if the values of a key look like labels.

    Args:
        columns: The first records.
        key: The key.
        known: Whether the name of the key shows that it has labels.
    """
    if known and columns.has(key, _is_choice):
        return True
    if not columns.has(key, _is_label_list):
        return False
    values = columns.values(key)
    labels = [
        label for value in values for label in (value if isinstance(value, list) else [value])
    ]
    kinds = {str(label) for label in labels}
    if known or not labels:
        return bool(labels)
    most = _MOST_LABELS if all(isinstance(label, str | bool) for label in labels) else _MOST_NUMBERS
    return 1 < len(kinds) <= most and len(labels) >= _FEWEST_TIMES * len(kinds)


def _is_choice(value: object) -> bool:
    """Returns True for an object with 0, 1, true or false for each label."""
    values = [*value.values()] if isinstance(value, dict) else []
    return bool(values) and all(isinstance(v, bool | int | float) and v in (0, 1) for v in values)


def _is_label_list(value: object) -> bool:
    """Returns True for a label or a list of labels."""
    items = value if isinstance(value, list) else [value]
    return all(
        isinstance(item, bool | int)
        or (isinstance(item, str) and 0 < len(item.strip()) <= _LONGEST)
        for item in items
    )
