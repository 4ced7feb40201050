"""JSON lines: one JSON object per line."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import BinaryIO, ClassVar

from arabic_mtl.documents import Annotation, Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.writer import Annotated, Model, Writer


@dataclass(frozen=True, kw_only=True)
class Records(Format[Line], Writer):
    """A file with one JSON object per line; one field of the object is the text.

    The output has the same objects with the fields ``spans``, ``labels`` and, for tasks that
    predict numbers, ``values``. Fields of the input with these names are overwritten.

    Args:
        text: The name of the field with the text.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")

    text: str = "text"

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        """Yields the lines that are not blank."""
        return (line for line in lines(file, self.encoding) if line.content.strip())

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a JSON object.

        Raises:
            InputError: If the line is not a JSON object, or has no string in the text's field.
        """
        value = _parsed(part.text())
        fields = value if isinstance(value, dict) else {}
        text = fields.get(self.text)
        if not isinstance(text, str):
            raise InputError(
                f"each line must be a JSON object with the text in the field {self.text}",
                found=_shown(value, self.text),
                expected=f'{{"{self.text}": "…"}}; --field sets another name',
            )
        example = Example(id=f"line:{part.line}", text=text, line=part.line)
        return [Record(example=example, line=part.line, fields=fields)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns a guess for files whose first line starts like a JSON object."""
        return Guess({}, 0.8) if head.lstrip().startswith(b"{") else super().sniff(head, name)

    def names(self, model: Model) -> Collection[str]:
        """Returns the names of the fields with predictions."""
        return ("spans", "labels", "values")

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes one JSON object for each text."""
        for record, annotation in annotated:
            if annotation is not None:
                line = as_json({**record.named_fields(), **_annotation_fields(annotation)}) + "\n"
                # Lone surrogates occur only in strings, where JSON allows to escape them.
                file.write(line.encode(errors="backslashreplace"))


def as_json(value: object) -> str:
    """Returns a value as JSON on one line; letters outside of ASCII are not escaped."""
    return json.dumps(value, ensure_ascii=False)


def _annotation_fields(annotation: Annotation) -> Mapping[str, object]:
    fields = annotation.as_dict()
    return {name: value for name, value in fields.items() if name != "text"}


def _parsed(line: str) -> object:
    try:
        value: object = json.loads(line, parse_float=_finite, parse_constant=_finite)
        return value
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at character {error.pos}"
    except (ValueError, RecursionError) as error:
        problem = str(error)
    raise InputError(
        "each line must be valid JSON",
        found=f"{problem}: {_beginning(line)}",
        expected="one JSON object per line",
    )


def _finite(number: str) -> float:
    """Returns a number; raises `ValueError` for infinity and NaN, which JSON does not have."""
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"{number} is not a finite number")
    return value


def _shown(value: object, field: str) -> str:
    """Describes a value that is not an object with a string in the text's field."""
    if not isinstance(value, dict):
        return f"a {type(value).__name__}: {_beginning(as_json(value))}"
    if field in value:
        return f"{field}: {_beginning(as_json(value[field]))}"
    return f"fields {', '.join(value) or 'none'}"


def _beginning(text: str, length: int = 60) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
