"""The contract of a format: how its files are read, and written with what was found."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import BinaryIO, Generic, Protocol, TypeVar

from arabic_mtl.errors import InputError
from arabic_mtl.formats.record import Annotated, Model, Record

Check = Callable[[str], object]
"""Raises `InputError` for a text that cannot be annotated."""

Refuse = Callable[[InputError], None]
"""Is told of what cannot be read; if it returns, the rest of the file is read."""


class Part(Protocol):
    """What a file is cut into before it is looked at: a line, a row, an element."""

    @property
    def line(self) -> int | None:
        """Where it begins, from 1."""


P = TypeVar("P", bound=Part)


class Reader(ABC, Generic[P]):
    """How texts stand in a file."""

    def records(self, file: BinaryIO, check: Check, refuse: Refuse) -> Iterator[Record]:
        """Streams the pieces of a file, in order.

        Args:
            file: Is read but once, and no further than is asked for.
            check: Looks at each text.
            refuse: Is told of each piece that cannot be read, which is then left out.

        Raises:
            InputError: If the file as a whole cannot be read.
        """
        for part in self.parts(file):
            try:
                record = self.record(part)
                check(record.text or "")
            except InputError as error:
                refuse(error.locate(None, part.line))
            else:
                yield record

    @abstractmethod
    def parts(self, file: BinaryIO) -> Iterator[P]:
        """Cuts a file into pieces, whether they can be read or not.

        Raises:
            InputError: If it cannot be cut.
        """

    @abstractmethod
    def record(self, part: P) -> Record:
        """Reads a piece.

        Raises:
            InputError: If it breaks a rule of the format.
        """


class Writer(ABC):
    """How texts are written with what a model says of them."""

    def names(self, model: Model) -> Collection[str]:
        """The fields that are written in place of such that there are."""
        return ()

    @abstractmethod
    def write(self, file: BinaryIO, annotated: Iterable[Annotated], model: Model) -> None:
        """Writes as the annotations come.

        Args:
            file: To write to.
            annotated: In order, from a file that this format can be made from.
            model: What said it.

        Raises:
            InputError: If the model does not tell what the format has to say.
        """
