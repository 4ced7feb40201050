"""The contract of a corpus format."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Literal

from arabic_mtl.documents import Example

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True, kw_only=True)
class Corpus(ABC):
    """Files of one format, and how their bytes become examples.

    A new format is one subclass with `parse`, `label_layers` and `span_layers`; the YAML names
    it by its import path.

    Args:
        train: The file to learn from, relative to ``data.root``.
        validation: The file to choose by; without it, some groups of ``train`` are held out.
        test: The file to report on.
    """

    schema: ClassVar[int] = 1
    """Raised whenever `parse` gives other examples for the same bytes: outdates caches."""

    train: Path | None = None
    validation: Path | None = None
    test: Path | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """What decides `parse`, but for the bytes: outdates the cache when it changes."""
        paths = ("train", "validation", "test")
        settings = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in paths}
        return {"format": type(self).__qualname__, "schema": self.schema, **settings}

    @property
    def paired(self) -> bool:
        """Whether examples are pairs of a sentence and the target of an opinion on it."""
        return False

    @abstractmethod
    def parse(self, path: Path) -> Iterator[Example]:
        """Streams the examples of a file.

        Raises:
            InputError: If the file breaks a rule of the format.
        """

    @property
    @abstractmethod
    def label_layers(self) -> frozenset[str]:
        """The layers of `Example.labels` that this corpus fills."""

    @property
    @abstractmethod
    def span_layers(self) -> frozenset[str]:
        """The layers of `Example.spans` that this corpus fills."""
