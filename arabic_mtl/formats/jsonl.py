"""JSON lines: an object per line."""

import json
from collections.abc import Collection, Iterable, Iterator
from math import isfinite
from typing import Any, BinaryIO

from arabic_mtl.documents import Annotation
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Annotated, Model, Reader, Record, Writer
from arabic_mtl.formats.lines import Line, lines


class JsonLines(Reader[Line], Writer):
    """An object per line, one field of which is the text.

    The same objects are written, with ``spans`` and ``labels`` in place of such that they had.

    Args:
        field: The name of the text's field.
    """

    def __init__(self, field: str = "text") -> None:
        self.field = field

    def parts(self, file: BinaryIO) -> Iterator[Line]:
        """The lines that are not blank."""
        return (line for line in lines(file) if line.content.strip())

    def record(self, part: Line) -> Record:
        """Reads an object.

        Raises:
            InputError: If the line is none, or its field is no text.
        """
        fields = _parsed(part.text())
        text = fields.get(self.field) if isinstance(fields, dict) else None
        if not isinstance(text, str):
            raise InputError(
                "each line is a JSON object, of which a field is the text",
                found=_told(fields, self.field),
                expected=f'{{"{self.field}": "…"}}; --field names another',
            )
        return Record(text=text, fields=fields)

    def names(self, model: Model) -> Collection[str]:
        """What is found in a text, and what is said of it as a whole."""
        return ("spans", "labels")

    def write(self, file: BinaryIO, annotated: Iterable[Annotated], model: Model) -> None:
        """Writes an object for each text."""
        for record, annotation in annotated:
            if annotation is not None:
                line = as_json({**record.fields, **_said(annotation)}) + "\n"
                # What is half a character stands in a string, where it is an escape.
                file.write(line.encode(errors="backslashreplace"))


def as_json(value: Any) -> str:
    """The value on one line, with its letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def _said(annotation: Annotation) -> dict[str, Any]:
    said = annotation.as_dict()
    return {"spans": said["spans"], "labels": said["labels"]}


def _parsed(line: str) -> Any:
    try:
        return json.loads(line, parse_float=_finite, parse_constant=_finite)
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
    """JSON has no infinity, and no NaN."""
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"{number} is no number")
    return value


def _told(value: Any, field: str) -> str:
    if not isinstance(value, dict):
        return f"a {type(value).__name__}: {_beginning(as_json(value))}"
    if field in value:
        return f"{field}: {_beginning(as_json(value[field]))}"
    return f"fields {', '.join(value) or 'none'}"


def _beginning(text: str, shown: int = 60) -> str:
    return text if len(text) <= shown else f"{text[:shown]}…"
