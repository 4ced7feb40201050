"""YAML with comments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import yaml


class Noted(NamedTuple):
    """A value with comments.

    Args:
        value: The value.
        note: A comment at the end of the line; empty for none.
        above: Comments on the lines above.
    """

    value: object
    note: str = ""
    above: Sequence[str] = ()


def write_yaml(values: Mapping[str, object]) -> str:
    """Returns a mapping in YAML, with the comments of `Noted` values.

    Sequences of `Noted` values have an item per line, all others are written on one line.

    >>> print(write_yaml({"a": {"b": Noted("NO", "a string"), "c": [1, "x"]}}), end="")
    a:
      b: 'NO'  # a string
      c: [1, x]
    """
    return "".join(f"{line}\n" for line in _lines(values, ""))


def _lines(values: Mapping[str, object], indent: str) -> Iterator[str]:
    """Yields the lines of a mapping."""
    for key, entry in values.items():
        value, note, above = entry if isinstance(entry, Noted) else Noted(entry)
        yield from (f"{indent}# {comment}" for comment in above)
        suffix = f"  # {note}" if note else ""
        name = _scalar(key)
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}:{suffix}"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, Sequence) and any(isinstance(item, Noted) for item in value):
            yield f"{indent}{name}:{suffix}"
            for item in value:
                yield f"{indent}  - {_scalar(item.value)}" + (
                    f"  # {item.note}" if item.note else ""
                )
        else:
            yield f"{indent}{name}: {_scalar(value)}{suffix}"


def _scalar(value: object) -> str:
    """Returns a value on one line of YAML."""
    text = yaml.safe_dump(
        value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=2**20
    )
    return text.removesuffix("\n").removesuffix("\n...")
