"""JSON values: parsed strictly, written, shown in errors, and found by their keys."""

import json
from collections import Counter
from collections.abc import Mapping
from math import isfinite

from arabic_mtl.errors import InputError


def as_json(value: object) -> str:
    """Returns a value as JSON on one line; letters outside of ASCII are not escaped."""
    return json.dumps(value, ensure_ascii=False)


def parsed(text: str) -> object:
    """Returns a JSON value.

    Raises:
        InputError: If the text is not JSON, or has what programs read differently: a key that is
            twice in an object, NaN, or an infinite number.
    """
    try:
        value: object = _DECODER.decode(text)
        return value
    except (ValueError, RecursionError) as error:
        found = shown_error(error, text)
    raise InputError(
        "each record must be valid JSON",
        found=found,
        expected="one JSON object per line, or one array of objects"
        + ("; `jq -c .` writes each object on one line" if _is_open(text) else ""),
    )


def shown_error(error: ValueError | RecursionError, text: str) -> str:
    """Returns a description of the error in a JSON text."""
    problem = str(error)
    if isinstance(error, json.JSONDecodeError):
        problem = f"{error.msg} at character {error.pos}"
    return f"{problem}: {beginning(text)}" if text else problem


def shown(value: object, length: int = 60) -> str:
    """Returns a value as JSON, shortened, for an error message."""
    return beginning(as_json(value), length)


def beginning(text: str, length: int = 60) -> str:
    """Returns a text, shortened, for an error message; lone surrogates are escaped."""
    start = text[:length].encode(errors="backslashreplace").decode()
    return start if len(text) <= length else f"{start}…"


def quoted(text: str, length: int = 30) -> str:
    """Returns a text in quotes, shortened, with escaped line ends, for an error message."""
    return f"«{beginning(as_json(text)[1:-1], length)}»"


def find(fields: Mapping[str, object], key: str) -> object:
    """Returns the value of a key; None if it is absent.

    Args:
        fields: An object.
        key: A key of the object, or a dotted key of an object in it, such as ``meta.text``.

    >>> find({"meta": {"text": "a"}}, "meta.text")
    'a'
    """
    if key in fields:
        return fields[key]
    name, dot, rest = key.partition(".")
    inner = fields.get(name)
    return find(inner, rest) if dot and isinstance(inner, dict) else None


def _is_open(text: str) -> bool:
    """Returns True if a line seems to be the first of an object of several lines."""
    return text.strip().startswith("{") and not text.rstrip().endswith("}")


def _finite(number: str) -> float:
    """Returns a number; raises `ValueError` for infinity and NaN, which JSON does not have."""
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"{number} is not a finite number")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Returns an object; raises `ValueError` if a key is in it twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        double = next(key for key, number in Counter(key for key, _ in pairs).items() if number > 1)
        raise ValueError(f"the key {shown(double)} is in the object twice")
    return fields


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite, object_pairs_hook=_unique)
