"""The contract of a file format: one class cuts, reads and, if it can, writes its files."""

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
from arabic_mtl.formats.identity import code_identity
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record

Split = Literal["train", "validation", "test"]

Check = Callable[[str], object]
"""Raises `InputError` for a text that cannot be annotated."""

OnError = Callable[[InputError], None]
"""Gets the error of a part that cannot be read: returns to skip the part, or raises to stop."""


def stop(error: InputError) -> NoReturn:
    """Raises an error: the default of `Format.stream`."""
    raise error


class WrongFile(InputError):  # noqa: N818 - a kind of InputError
    """An error in one part that concerns the file as a whole: no part of it can be skipped."""


class Located(Protocol):
    """A part of a file, such as a line, a row, a sentence of several lines or an element."""

    @property
    def line(self) -> int | None:
        """The line that it starts on, from 1; None if it is not known."""


P = TypeVar("P", bound=Located, default=Any)


@dataclass(frozen=True, kw_only=True)
class Format(ABC, Generic[P]):
    """Files of one format, and how their bytes become examples.

    A new format is one subclass with `parts` and `records`, and `layers` to be trained from; YAML
    names it by its import path. One that can be written inherits `Writer` as well.

    Args:
        train: The file to learn from, relative to ``data.root``.
        validation: The file to choose by; without it, some groups of ``train`` are held out.
        test: The file to report on.
    """

    schema: ClassVar[int] = 1
    """Raised whenever `read` gives other examples for the same bytes: outdates caches.

    The source code of formats from elsewhere is part of `identity`, but for what it imports.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    """The endings of its files' names."""

    streams: ClassVar[bool] = True
    """True if files are read from beginning to end, part by part, so that a pipe will do."""

    _code: ClassVar[Mapping[str, str]] = {}

    train: Path | None = None
    validation: Path | None = None
    test: Path | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Takes the code's hash now: the file may be edited while its classes are in use."""
        super().__init_subclass__(**options)
        cls._code = code_identity(cls)

    @property
    def identity(self) -> dict[str, Any]:
        """All that decides `read`, but for the bytes: outdates caches when it changes."""
        paths = ("train", "validation", "test")
        settings = {k: v for k, v in vars(self).items() if k not in paths and k[:1] != "_"}
        code = {"code": dict(self._code)} if self._code else {}
        return {"format": type(self).__qualname__, "schema": self.schema, **settings, **code}

    @property
    def layers(self) -> Layers | None:
        """The layers that examples have; None if they are known only from the files."""
        return Layers()

    @property
    def pair_is(self) -> Literal["", "text", "target"]:
        """The second text of its examples: none, a text of its own, or an opinion's target."""
        return ""

    @abstractmethod
    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[P]:
        """Cuts a file into parts, whether they can be read or not.

        A part is asked for when the records of the one before have been read. Parts of a file may
        therefore share an object that collects facts about it, such as ids or unknown labels, and
        this generator may raise at the end.

        Args:
            file: Read once, and no further than needed; its ``name`` is its path, if it has one.
            notices: Counts tolerated oddities.

        Raises:
            InputError: If the file as a whole is not of this format.
        """

    @abstractmethod
    def records(self, part: P, notices: Notices, *, gold: bool) -> Sequence[Record]:
        """Reads the texts of a part, and whatever else must be written back.

        Args:
            part: One of `parts`.
            notices: Counts tolerated oddities.
            gold: Whether to read the annotations. If not, they are not looked at: files whose
                annotations are missing or broken can be annotated.

        Raises:
            InputError: If the part breaks a rule of the format; the other parts can still be
                read. `WrongFile`, if that makes no sense.
        """

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns the options for a file, or None if it does not look like this format.

        Args:
            head: The first bytes.
            name: The file's name.
        """
        return Guess({}, 0.5) if Path(name).suffix.lower() in cls.suffixes else None

    @final
    def read(self, path: Path, notices: Notices | None = None) -> Iterator[Example]:
        """Streams the annotated examples of a file.

        Args:
            path: The file.
            notices: Gets those of the file when it has been read.

        Raises:
            InputError: If the file breaks a rule of the format, or an id stands in it twice;
                names file, line and id.
        """
        own, ids = Notices(path), set[str]()
        try:
            with path.open("rb") as file:
                for part in self.parts(file, own):
                    for example in self._examples(part, own):
                        _require_new_id(example, ids)
                        yield example if example.group else _alone(example)
        except InputError as error:
            raise error.locate(path) from None
        finally:
            if notices is not None:
                notices.add(own)

    @final
    def stream(
        self,
        file: BinaryIO,
        check: Check = len,
        on_error: OnError = stop,
        notices: Notices | None = None,
    ) -> Iterator[Record]:
        """Streams the records of a file without its annotations, in little memory.

        Args:
            file: Read once, and no further than asked for: a pipe will do, if the format
                `streams`.
            check: Looks at each text; by default any will do.
            on_error: Gets the error of each part that cannot be read, which is then left out; by
                default it is raised.
            notices: Counts tolerated oddities.

        Raises:
            InputError: If the file as a whole cannot be read.
        """
        self._require_seekable(file)
        own = Notices() if notices is None else notices
        for part in self.parts(file, own):
            try:
                records = self.records(part, own, gold=False)
            except WrongFile as error:
                raise error.locate(None, part.line) from None
            except InputError as error:
                on_error(error.locate(None, part.line))
                continue
            yield from (record for record in records if _is_fit(record, part, check, on_error))

    def _examples(self, part: P, notices: Notices) -> Iterator[Example]:
        """Yields the examples of a part; errors know its line."""
        try:
            records = self.records(part, notices, gold=True)
        except InputError as error:
            raise error.locate(None, part.line) from None
        yield from (record.example for record in records if record.example is not None)

    def _require_seekable(self, file: BinaryIO) -> None:
        """Raises `InputError` for a pipe if the format needs the whole file."""
        if not self.streams and not file.seekable():
            raise InputError(
                f"{type(self).__name__} must be read from a file: it is not read line by line",
                found="a pipe",
                expected="the name of a file",
            )


def _is_fit(record: Record, part: Located, check: Check, on_error: OnError) -> bool:
    """Returns whether the texts of a record can be annotated, once its error has been handled."""
    if record.example is None:
        return True
    try:
        check(record.example.text)
        check(record.example.pair or "")
    except InputError as error:
        on_error(error.locate(None, record.line or part.line))
        return False
    return True


def _alone(example: Example) -> Example:
    """Returns a text in the group of all equal texts, whatever their files and places are."""
    content = f"{example.text}\0{example.pair or ''}".encode(errors="surrogatepass")
    return replace(example, group=OWN_GROUP + hashlib.sha256(content).hexdigest()[:16])


def _require_new_id(example: Example, ids: set[str]) -> None:
    """Raises `InputError` if an id is among those of the file, to which it is added."""
    if example.id in ids:
        raise InputError(
            "each text of a file must have an id of its own",
            found=f"a second one with id {example.id}",
            expected="ids that are unique in the file",
            line=example.line,
            sentence=example.id,
        )
    ids.add(example.id)
