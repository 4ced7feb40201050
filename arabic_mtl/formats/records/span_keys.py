"""The option `spans` of records: where the spans of a layer are in an object."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from arabic_mtl.errors import InputError
from arabic_mtl.formats.records.json_values import find, shown

Ambiguous = Literal["refuse", "first", "skip"]
Absent = Literal["refuse", "skip"]

SpanOption = str | list[str] | dict[str, Any]
"""A key, several keys, or an object with the fields of `SpanKeys`."""

_FIELDS = {"key", "by", "ambiguous", "absent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanKeys:
    """Where the spans of a layer are, and how they are given.

    Args:
        keys: The keys of the lists of spans. A dotted key that leads through a list continues
            with the key of the label in each span: ``entities.type``.
        words_key: The key of the words in each span, if its place in the text is given by its
            words; None if it is given by offsets. In the option it is ``by``.
        ambiguous: The treatment of words that are in the text more often than in the list.
        absent: The treatment of words that are not in the text.
    """

    keys: Sequence[str]
    words_key: str | None = None
    ambiguous: Ambiguous = "refuse"
    absent: Absent = "refuse"

    def items(self, fields: Mapping[str, object]) -> Iterator[tuple[object, str]]:
        """Yields the value of each key that is not null, and the key of its spans' labels.

        Args:
            fields: The object.

        Yields:
            The value, which should be a list, and the rest of a key that leads through it.
        """
        for key in self.keys:
            value, label = find(fields, key), ""
            head = key
            while value is None and "." in head:
                head = head.rpartition(".")[0]
                inner = find(fields, head)
                if isinstance(inner, list):
                    value, label = inner, key[len(head) + 1 :]
            if value is not None:
                yield value, label


def span_keys(layer: str, option: object) -> SpanKeys:
    """Returns the keys of a layer's spans.

    Args:
        layer: The name of the layer.
        option: The value in the option `spans`.

    Raises:
        InputError: If the value is of another type, or has unknown names or values.
    """
    fields: Mapping[str, Any] = option if isinstance(option, Mapping) else {"key": option}
    keys = [fields["key"]] if isinstance(fields.get("key"), str) else fields.get("key")
    words_key = fields.get("by")
    ambiguous, absent = fields.get("ambiguous", "refuse"), fields.get("absent", "refuse")
    is_valid = (
        isinstance(keys, list | tuple)
        and bool(keys)
        and all(isinstance(key, str) and key for key in keys)
        and (words_key is None or (isinstance(words_key, str) and bool(words_key)))
        and ambiguous in get_args(Ambiguous)
        and absent in get_args(Absent)
        and fields.keys() <= _FIELDS
    )
    if not is_valid:
        raise InputError(
            "`spans` must have a key, a list of keys, or an object for each layer",
            found=f"{layer}: {shown(option)}",
            expected="entities; [entities, spans]; or {key: entities, by: text, "
            "ambiguous: refuse, first or skip, absent: refuse or skip}",
        )
    return SpanKeys(keys=tuple(keys or ()), words_key=words_key, ambiguous=ambiguous, absent=absent)
