"""The fields of a JSON record that are not annotations: text, pair, id and groups."""

from collections.abc import Collection, Mapping, Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.formats.groups import group_kind, own_group
from arabic_mtl.formats.records.json_values import find, shown


def record_fields(value: object, text: str) -> Mapping[str, object]:
    """Returns the fields of a record: of an object, or of a pair as spaCy has them.

    Args:
        value: The JSON value; the pair ``["a", {"cats": {}}]`` is read as
            ``{"text": "a", "cats": {}}``.
        text: The key of the text.

    Raises:
        InputError: If the value is neither of them.
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and len(value) == 2:
        string, fields = value
        if isinstance(string, str) and isinstance(fields, dict) and text not in fields:
            return {text: string, **fields}
    raise InputError(
        f"each record must be a JSON object with the text in the field {text}",
        found=f"a {type(value).__name__}: {shown(value)}",
        expected=f'{{"{text}": "…"}}, or the pair ["…", {{}}] without another text in the object',
    )


def required_text(fields: Mapping[str, object], key: str) -> str:
    """Returns a string of a record.

    Args:
        fields: The record.
        key: The key, which may be dotted.

    Raises:
        InputError: If the record has no string there.
    """
    value = find(fields, key)
    if isinstance(value, str):
        return value
    found = f"fields {', '.join(fields) or 'none'}"
    raise InputError(
        f"each record must be a JSON object with a text in the field {key}",
        found=f"{key}: {shown(value)}" if value is not None or key in fields else found,
        expected=f'{{"{key}": "…"}}; the option `text`, in predict --field, names another one',
    )


def identifier(fields: Mapping[str, object], key: str) -> str:
    """Returns the id of a record: a string or a whole number.

    Raises:
        InputError: If the record has none.
    """
    value = find(fields, key)
    if value == "" or type(value) not in (str, int):
        raise InputError(
            "the id of a record must be a string or a whole number",
            found=f"{key}: {shown(value)}",
            expected=f'{{"{key}": "…"}}, or no option `id`: ids are line numbers then',
        )
    return str(value)


def groups(
    fields: Mapping[str, object], keys: Sequence[str], texts: Collection[str | None]
) -> list[str]:
    """Returns the groups that a record has in the fields with some keys; null is none.

    Values of different keys are different groups, unless the keys differ in digits only.

    Args:
        fields: The record.
        keys: The keys of groups.
        texts: The keys of the texts, whose groups are those of equal texts.

    Raises:
        InputError: If a group is no string, number, true or false.
    """
    values = [(key, find(fields, key)) for key in keys]
    for key, value in values:
        if not isinstance(value, str | int | float | None):
            raise InputError(
                "a group must be a string or a number",
                found=f"{key}: {shown(value)}",
                expected=f'{{"{key}": "…"}}',
            )
    return [
        own_group(str(value)) if key in texts else f"{group_kind(key)}:{value}"
        for key, value in values
        if value not in (None, "")
    ]


class FileGroups:
    """The keys of a file's groups, of which each must be in one of its records at least.

    Args:
        keys: The keys.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._missing = set(keys)
        self._first: list[str] | None = None

    def add(self, fields: Mapping[str, object]) -> None:
        """Notes which keys a record has, also with the value null."""
        if self._first is None:
            self._first = list(fields)
        self._missing = {key for key in self._missing if not _has(fields, key)}

    def check(self) -> None:
        """Raises `InputError` if no record of the file has a key."""
        if self._missing and self._first is not None:
            raise InputError(
                "`group` must name keys of the file's records",
                found=f"no {' and no '.join(sorted(self._missing))} in any record",
                expected=f"one of the first record's keys: {', '.join(self._first)}",
            )


def _has(fields: Mapping[str, object], key: str) -> bool:
    """Returns whether an object has a key, which can be dotted."""
    name, dot, rest = key.partition(".")
    inner = fields.get(name)
    return key in fields or (bool(dot) and isinstance(inner, dict) and _has(inner, rest))
