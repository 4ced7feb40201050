"""YAML with comments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import yaml
from yaml.reader import Reader

_LINE_ENDS = "\n\r\x85\u2028\u2029"


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


def comment_line(text: str) -> str:
    """Returns a text on one line, without the characters that YAML forbids even in comments."""
    edge = text[: len(text) - len(text.lstrip(" "))]
    return edge + " ".join(Reader.NON_PRINTABLE.sub(" ", text).split())


def _lines(values: Mapping[str, object], indent: str) -> Iterator[str]:
    """Yields the lines of a mapping."""
    for key, entry in values.items():
        value, note, above = entry if isinstance(entry, Noted) else Noted(entry)
        yield from (f"{indent}# {comment_line(comment)}" for comment in above)
        suffix = _suffix(note)
        name = _scalar(key)
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}:{suffix}"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, Sequence) and any(isinstance(item, Noted) for item in value):
            yield f"{indent}{name}:{suffix}"
            for item in value:
                yield f"{indent}  - {_scalar(item.value)}{_suffix(item.note)}"
        else:
            yield f"{indent}{name}: {_scalar(value)}{suffix}"


def _suffix(note: str) -> str:
    """Returns a comment for the end of a line; nothing for an empty one."""
    return f"  # {comment_line(note)}" if note else ""


def _scalar(value: object) -> str:
    """Returns a value on one line of YAML."""
    text = yaml.dump(
        value,
        Dumper=_LineDumper,
        allow_unicode=True,
        default_flow_style=True,
        sort_keys=False,
        width=2**20,
    )
    return str(text).removesuffix("\n").removesuffix("\n...")


class _LineDumper(yaml.SafeDumper):
    """A dumper of texts with line ends on one line: quoted and escaped."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Returns a scalar, in double quotes if the text has a line end."""
    style = '"' if any(char in text for char in _LINE_ENDS) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_LineDumper.add_representer(str, _represent_text)
