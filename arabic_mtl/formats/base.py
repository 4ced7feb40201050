"""The base class of file formats: one class per format reads, and optionally writes, its files."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Generic, Literal, NoReturn, Protocol, final

from typing_extensions import TypeVar

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.facts import Guess, Layers
from arabic_mtl.formats.groups import Groups, require_new_id, with_own_group
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.options import FileOptions
from arabic_mtl.formats.record import Record

Check = Callable[[str], object]
"""A function that raises `InputError` for a text that cannot be annotated."""

OnError = Callable[[InputError], None]
"""A handler for the error of an unreadable part: returns to skip the part, raises to stop."""


def raise_error(error: InputError) -> NoReturn:
    """Raises the error: the default error handler of `Format.stream`."""
    raise error


class WrongFile(InputError):  # noqa: N818 - a kind of InputError
    """An error found in one part that makes the whole file unusable; it is never skipped."""


class Located(Protocol):
    """A part of a file: a line, a table row, a sentence of several lines or an XML element."""

    @property
    def line(self) -> int | None:
        """Returns the line number where the part starts, from 1; None if unknown."""


P = TypeVar("P", bound=Located, default=Any)


@dataclass(frozen=True, kw_only=True)
class Format(FileOptions, ABC, Generic[P]):
    """A corpus of files in one format, and the reader of that format.

    A new format is one subclass with `parts` and `records`. It defines `layers`, too, if models
    can be trained on it, and inherits `Writer`, too, if annotations can be written in it. A YAML
    configuration refers to the class by its import path.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    """The file name endings of the format, such as ``.txt``."""

    streams: ClassVar[bool] = True
    """True if files are read from beginning to end, part by part, so that pipes can be read."""

    def __post_init__(self) -> None:
        """Checks the options that all formats have.

        Raises:
            InputError: If the encoding is unknown, or `rename` names a layer that the format,
                whose other options define its layers, does not have.
        """
        super().__post_init__()
        layers = self.layers if self.rename else None
        if layers is None:
            return
        known = layers.labels | layers.spans
        if unknown := [layer for layer in self.rename if layer not in known]:
            raise InputError(
                "`rename` must name layers of the corpus",
                found=", ".join(unknown),
                expected=f"one of {', '.join(sorted(known))}"
                if known
                else "no `rename`: the options name no layers",
            )

    @property
    def joins_groups(self) -> bool:
        """Returns True if `Example.linked` can join groups, which only a whole file shows."""
        return False

    @property
    def has_local_groups(self) -> bool:
        """Returns True if groups are numbered within a file, so that other files repeat them."""
        return False

    @property
    def layers(self) -> Layers | None:
        """Returns the annotation layers of the examples; None if only the files define them."""
        return Layers()

    @property
    def pair_is(self) -> Literal["", "text", "target"]:
        """Returns the kind of `Example.pair`: none, a second text, or the target of an opinion."""
        return ""

    @abstractmethod
    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[P]:
        """Splits a file into parts, without checking their content.

        The next part is requested only after the records of the previous part have been read.
        The parts may therefore share an object that collects facts about the file, such as ids
        or unknown labels, and this generator may raise an error after the last part.

        Args:
            file: The file, read once and only as far as necessary; its ``name`` is its path, if
                it has one.
            notices: The counts of tolerated irregularities, to which the format adds.

        Raises:
            InputError: If the file as a whole is not of this format.
        """

    @abstractmethod
    def records(self, part: P, notices: Notices, *, gold: bool) -> Sequence[Record]:
        """Reads the texts of a part, and the content that must be written back unchanged.

        Args:
            part: A part of the file, from `parts`.
            notices: The counts of tolerated irregularities, to which the format adds.
            gold: True to read the gold annotations; False to ignore them, so that files with
                missing or broken annotations can be annotated.

        Raises:
            InputError: If the part breaks a rule of the format; the other parts can still be
                read. A `WrongFile` if reading the other parts makes no sense.
        """

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns options to read a file with, or None if it does not look like this format.

        Args:
            head: The first bytes of the file.
            name: The file's name.
        """
        return Guess({}, 0.5) if Path(name).suffix.lower() in cls.suffixes else None

    @final
    def read(self, path: Path, notices: Notices | None = None) -> Iterator[Example]:
        """Streams the annotated examples of a file.

        A file whose examples link groups is read twice, because only the whole file shows which
        groups are connected.

        Args:
            path: The file.
            notices: Receives the notices about the file at the end.

        Raises:
            InputError: If the file breaks a rule of the format, or two examples have the same
                id. The error names the file, the line and the id.
        """
        groups = Groups()
        if self.joins_groups:
            groups.add_all(self.scan(path))
        for example in self.scan(path, notices):
            yield groups.joined(example) if example.linked else example

    @final
    def scan(self, path: Path, notices: Notices | None = None) -> Iterator[Example]:
        """Streams the annotated examples of a file, read once, without joining their groups.

        The arguments and errors are those of `read`.
        """
        file_notices, ids = Notices(path), set[str]()
        try:
            with path.open("rb") as file:
                for part in self.parts(file, file_notices):
                    for example in self._examples(part, ids, file_notices):
                        renamed = self.renamed(example) if self.rename else example
                        yield renamed if example.group else with_own_group(renamed)
        except InputError as error:
            raise error.locate(path) from None
        finally:
            if notices is not None:
                notices.add(file_notices)

    @final
    def stream(
        self,
        file: BinaryIO,
        check: Check = len,
        on_error: OnError = raise_error,
        notices: Notices | None = None,
    ) -> Iterator[Record]:
        """Streams the records of a file, ignoring its annotations; memory use stays small.

        Args:
            file: The file, read once and only as far as records are consumed. It can be a pipe
                if the format `streams`.
            check: Checks each text; by default every text is accepted.
            on_error: Handles the error of each unreadable part, which is then skipped; by
                default the error is raised.
            notices: The counts of tolerated irregularities, to which the format adds.

        Raises:
            InputError: If the file as a whole cannot be read.
        """
        self._require_seekable(file)
        counts = Notices() if notices is None else notices
        for part in self.parts(file, counts):
            try:
                records = self.records(part, counts, gold=False)
            except WrongFile as error:
                raise error.locate(None, part.line) from None
            except InputError as error:
                on_error(error.locate(None, part.line))
                continue
            yield from (record for record in records if _is_valid(record, part, check, on_error))

    def _examples(self, part: P, ids: set[str], notices: Notices) -> Iterator[Example]:
        """Yields the examples of a part with new ids; adds the part's line number to errors."""
        try:
            records = self.records(part, notices, gold=True)
        except InputError as error:
            self._skip(error.locate(None, part.line), notices)
            return
        for record in records:
            if record.example is not None:
                try:
                    require_new_id(record.example, ids)
                except InputError as error:
                    self._skip(error, notices)
                else:
                    yield record.example

    def _skip(self, error: InputError, notices: Notices) -> None:
        """Counts an example that `on_error` leaves out; raises the error if it leaves out none."""
        if self.on_error == "stop" or isinstance(error, WrongFile):
            raise error
        notices.count(f"example skipped: {error.rule}", error.line)

    def _require_seekable(self, file: BinaryIO) -> None:
        """Raises `InputError` if the file is a pipe and the format needs a whole file."""
        if not self.streams and not file.seekable():
            raise InputError(
                f"a {type(self).__name__} file must not be a pipe: it is read as a whole",
                found="a pipe",
                expected="the path of a file",
            )


def _is_valid(record: Record, part: Located, check: Check, on_error: OnError) -> bool:
    """Returns True if the texts of a record can be annotated; handles the error otherwise."""
    if record.example is None:
        return True
    try:
        check(record.example.text)
        check(record.example.pair or "")
    except InputError as error:
        on_error(error.locate(None, record.line or part.line))
        return False
    return True
