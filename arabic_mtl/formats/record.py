"""Records: the texts of a file, and the content between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError

S = TypeVar("S")


def is_visible(text: str) -> bool:
    """Returns True if a text has a visible character, not only blanks and invisible marks."""
    return text[:1].isalnum() or any(char.isprintable() and char != " " for char in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A text of a file, or other content, which is written back unchanged.

    Args:
        example: The text; None for other content, such as a header or an XML root.
        line: The line number where the record starts, from 1; None if unknown.
        fields: Field name to value, the text included, for the writers of other formats. If
            None, they write the id, the text and the pair of the example.
        source: An object for the writer of the same format only, such as an XML element.
    """

    example: Example | None
    line: int | None = None
    fields: Mapping[str, object] | None = None
    source: object = None

    def named_fields(self) -> Mapping[str, object]:
        """Returns `fields`, or by default the id, the text and the pair of the example."""
        if self.fields is not None or self.example is None:
            return self.fields or {}
        pair = {} if self.example.pair is None else {"pair": self.example.pair}
        return {"id": self.example.id, "text": self.example.text, **pair}

    def require_source(self, kind: type[S], name: str) -> S:
        """Returns `source`.

        Args:
            kind: The type that the writer of the format needs.
            name: The format's name with its article, such as ``an XML``.

        Raises:
            InputError: If the record was read from a file of another format.
        """
        if not isinstance(self.source, kind):
            raise InputError(
                f"the input of {name} output must be {name.split()[-1]}, too",
                found=f"a record with a {type(self.source).__name__} as its source",
                expected=f"records of {name} file",
                line=self.line,
            )
        return self.source
