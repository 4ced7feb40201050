"""The first records of a JSON file, and the values of each of their keys."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from itertools import islice

from arabic_mtl.errors import InputError
from arabic_mtl.formats.records.fields import record_fields
from arabic_mtl.formats.records.json_stream import json_texts
from arabic_mtl.formats.records.json_values import parsed

_MOST = 1000  # records that are looked at
_LEAST = 0.8  # share of records that a text must be in
IDS = ("id", "ID", "_id", "uid", "guid", "tweet_id")
"""Names of keys that have ids."""

_ENCODINGS = ("utf-8", "windows-1256", "utf-16")


def first_records(head: bytes) -> tuple[list[Mapping[str, object]], str]:
    """Returns the records at the beginning of a file, and the encoding.

    Args:
        head: The first bytes, which may end within a record.
    """
    for encoding in _ENCODINGS:
        if records := _records(head, encoding):
            return records, encoding
    return [], _ENCODINGS[0]


def _records(head: bytes, encoding: str) -> list[Mapping[str, object]]:
    """Returns the records before the first one that cannot be read."""
    records = list[Mapping[str, object]]()
    try:
        for source in islice(json_texts(BytesIO(head), encoding), _MOST):
            records.append(record_fields(parsed(source.text()), "text"))
    except InputError:
        pass
    return records


class Columns:
    """The values of each key, of which null is none.

    Args:
        records: The records. The keys of an object within a record are dotted.
    """

    def __init__(self, records: Sequence[Mapping[str, object]]) -> None:
        self.number = len(records)
        self._values: dict[str, dict[int, object]] = {}
        for index, record in enumerate(records):
            self._add(index, record, "")

    def _add(self, index: int, record: Mapping[str, object], prefix: str) -> None:
        for key, value in record.items():
            if value is not None and "." not in key:
                self._values.setdefault(prefix + key, {})[index] = value
                if isinstance(value, dict) and not prefix:
                    self._add(index, value, f"{key}.")

    def names(self) -> list[str]:
        """Returns the keys in the order of their first appearance."""
        return [*self._values]

    def values(self, key: str) -> list[object]:
        """Returns the values of a key, without null."""
        return [*self._values.get(key, {}).values()]

    def items(self, key: str) -> Mapping[int, object]:
        """Returns record number to the value of a key, without null."""
        return self._values.get(key, {})

    def has(self, key: str, check: Callable[[object], bool]) -> bool:
        """Returns True if all values of a key, of which there are some, pass a check."""
        return bool(self.values(key)) and all(map(check, self.values(key)))

    def are_exclusive(self, first: str, second: str) -> bool:
        """Returns True if no record has both keys."""
        return self.items(first).keys().isdisjoint(self.items(second))

    def texts(self) -> list[str]:
        """Returns the keys of strings that nearly all records have, the longest Arabic first."""
        keys = [
            key
            for key in self.names()
            if key not in IDS
            and sum(isinstance(value, str) for value in self.values(key)) >= _LEAST * self.number
        ]
        return sorted(keys, key=self.length, reverse=True)

    def length(self, key: str) -> tuple[int, int]:
        """Returns the numbers of Arabic letters and of all characters in the values of a key."""
        text = "".join(value for value in self.values(key) if isinstance(value, str))
        return sum("\u0621" <= char <= "\u064a" for char in text), len(text)
