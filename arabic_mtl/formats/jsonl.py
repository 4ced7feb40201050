"""JSON lines: an object per line."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import BinaryIO, ClassVar

from arabic_mtl.documents import Annotation
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.lines import Line, lines, unlabelled
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.writer import Annotated, Model, Writer


@dataclass(frozen=True, kw_only=True)
class JsonLines(Format[Line], Writer):
    """An object per line, one field of which is the text.

    The same objects are written, with ``spans`` and ``labels`` in place of such that they had.

    Args:
        text: The name of the text's field.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")

    text: str = "text"

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        """Yields the lines that are not blank."""
        return (line for line in lines(file) if line.content.strip())

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads an object.

        Raises:
            InputError: If the line is none, or its field is no text.
        """
        value = _parsed(part.text())
        fields = value if isinstance(value, dict) else {}
        text = fields.get(self.text)
        if not isinstance(text, str):
            raise InputError(
                "each line is a JSON object, of which a field is the text",
                found=_shown(value, self.text),
                expected=f'{{"{self.text}": "…"}}; --field names another',
            )
        return [Record(example=unlabelled(text, part.line), line=part.line, fields=fields)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns a guess for files whose first line begins as an object."""
        return Guess({}, 0.8) if head.lstrip().startswith(b"{") else super().sniff(head, name)

    def names(self, model: Model) -> Collection[str]:
        """Returns the fields of an annotation."""
        return ("spans", "labels", "values")

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes an object for each text."""
        for record, annotation in annotated:
            if annotation is not None:
                line = as_json({**record.named(), **_annotation_fields(annotation)}) + "\n"
                # A lone surrogate stands in a string, where it is an escape.
                file.write(line.encode(errors="backslashreplace"))


def as_json(value: object) -> str:
    """Returns a value on one line, with its letters as they are."""
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
        "each line is JSON",
        found=f"{problem}: {_beginning(line)}",
        expected="an object on a line of its own",
    )


def _finite(number: str) -> float:
    """Returns a number; JSON has no infinity, and no NaN."""
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"{number} is no number")
    return value


def _shown(value: object, field: str) -> str:
    if not isinstance(value, dict):
        return f"a {type(value).__name__}: {_beginning(as_json(value))}"
    if field in value:
        return f"{field}: {_beginning(as_json(value[field]))}"
    return f"fields {', '.join(value) or 'none'}"


def _beginning(text: str, shown: int = 60) -> str:
    return text if len(text) <= shown else f"{text[:shown]}…"
