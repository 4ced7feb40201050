"""The base class of file formats: one class per format reads, and optionally writes, its files."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Generic, Literal, NoReturn, Protocol, final

from typing_extensions import TypeVar

from arabic_mtl.documents import OWN_GROUP, Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.facts import Guess, Layers
from arabic_mtl.formats.identity import changed_options, code_identity
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record

Split = Literal["train", "validation", "test"]

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
class Format(ABC, Generic[P]):
    """A corpus of files in one format, and the reader of that format.

    A new format is one subclass with `parts` and `records`. It defines `layers`, too, if models
    can be trained on it, and inherits `Writer`, too, if annotations can be written in it. A YAML
    configuration refers to the class by its import path.

    Args:
        train: The training file, relative to ``data.root``.
        validation: The validation file; without one, some groups of ``train`` are held out.
        test: The test file.
    """

    schema: ClassVar[int] = 1
    """The version of the reader, to be increased whenever `read` returns different examples.

    That includes a changed default of an option. It invalidates caches. For a format defined
    outside of this package the source code of the class is part of `identity` as well, but not
    the modules that the class imports.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    """The file name endings of the format, such as ``.txt``."""

    streams: ClassVar[bool] = True
    """True if files are read from beginning to end, part by part, so that pipes can be read."""

    _code: ClassVar[Mapping[str, str]] = {}

    train: Path | None = None
    validation: Path | None = None
    test: Path | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Hashes the class's source code now: its file may be edited while the class is in use."""
        super().__init_subclass__(**options)
        cls._code = code_identity(cls)

    @property
    def identity(self) -> dict[str, Any]:
        """Returns everything besides a file's bytes that `read` depends on; keys of the cache.

        Options at their defaults are left out, so that a new option changes no existing key.
        """
        options = changed_options(self, exclude=("train", "validation", "test"))
        code = {"code": dict(self._code)} if self._code else {}
        return {"format": type(self).__qualname__, "schema": self.schema, **options, **code}

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

        Args:
            path: The file.
            notices: Receives the notices about the file at the end.

        Raises:
            InputError: If the file breaks a rule of the format, or two examples have the same
                id. The error names the file, the line and the id.
        """
        file_notices, ids = Notices(path), set[str]()
        try:
            with path.open("rb") as file:
                for part in self.parts(file, file_notices):
                    for example in self._examples(part, file_notices):
                        _require_new_id(example, ids)
                        yield example if example.group else _with_own_group(example)
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

    def _examples(self, part: P, notices: Notices) -> Iterator[Example]:
        """Yields the examples of a part; adds the part's line number to errors."""
        try:
            records = self.records(part, notices, gold=True)
        except InputError as error:
            raise error.locate(None, part.line) from None
        yield from (record.example for record in records if record.example is not None)

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


def _with_own_group(example: Example) -> Example:
    """Returns the example with a group shared only by equal texts, in whatever file they are."""
    content = f"{example.text}\0{example.pair or ''}".encode(errors="surrogatepass")
    return replace(example, group=OWN_GROUP + hashlib.sha256(content).hexdigest()[:16])


def _require_new_id(example: Example, ids: set[str]) -> None:
    """Adds an example's id to the ids of the file; raises `InputError` if it is among them."""
    if example.id in ids:
        raise InputError(
            "the ids of texts must be unique in a file",
            found=f"a second text with id {example.id}",
            expected="a different id for each text",
            line=example.line,
            sentence=example.id,
        )
    ids.add(example.id)
