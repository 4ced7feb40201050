"""A record: a text of a file, or a part of the file that is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from arabic_mtl.documents import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A text of a file, or a part that is written back as it stands.

    Args:
        example: The text; None for what is not a text, such as a header or an XML root.
        line: The line that it starts on, from 1; None if it is not known.
        fields: The text and everything beside it, by name, for writers of other formats; if
            None, they write id, text and pair of the example.
        source: An object for the writer of the same format alone, such as cells or an element.
    """

    example: Example | None
    line: int | None = None
    fields: Mapping[str, object] | None = None
    source: object = None

    def named(self) -> Mapping[str, object]:
        """Returns the fields of a text, or those that its example makes."""
        if self.fields is not None or self.example is None:
            return self.fields or {}
        pair = {} if self.example.pair is None else {"pair": self.example.pair}
        return {"id": self.example.id, "text": self.example.text, **pair}
