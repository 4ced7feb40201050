"""The options that all formats have: files, encoding, renamed labels, treatment of errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from arabic_mtl.documents import Example, Span
from arabic_mtl.formats.encodings import require_encoding
from arabic_mtl.formats.identity import changed_options, code_identity

Split = Literal["train", "validation", "test"]

Files = Path | list[Path]
"""A file, a folder of files, or several of them."""

_NOT_READ = ("train", "validation", "test", "rows", "annotates", "slices", "source", "license")
"""The options that do not change the examples of a file."""


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """The files of a corpus, and the options of reading them that do not depend on the format.

    Args:
        train: The training file, relative to ``data.root``; or a list of files; or a folder,
            whose files with one of the format's endings are read in the order of their names.
        validation: The validation files; without them, some groups of ``train`` are held out.
        test: The test files.
        rows: Split to a file with line numbers, from 1: the split has only the examples that
            begin on these lines. A split without files of its own takes them from ``train``.
        encoding: The character encoding; a byte order mark of UTF-8 or UTF-16 takes precedence.
        rename: Layer to labels as they are in the file, each with its new name, or with null for
            no label.
        on_error: The treatment of an example that cannot be read: ``stop``, or ``skip`` to leave
            it out and count it.
        annotates: The labels that the corpus annotates, if its tasks declare more: where a label
            is not annotated, its absence says nothing, so that loss and scores leave it out. The
            list holds for each task that declares one of its labels; by default, all labels are
            annotated.
        slices: The columns, or fields of records, by whose values reports divide the scores, such
            as a dialect.
        source: The origin of the corpus, such as a paper or an address, for reports and cards.
        license: The license of the corpus, for reports and cards.
    """

    schema: ClassVar[int] = 1
    """The version of the reader, to be increased whenever `read` returns different examples.

    That includes a changed default of an option. It invalidates caches. For a format defined
    outside of this package the source code of the class is part of `identity` as well, but not
    the modules that the class imports.
    """

    _code: ClassVar[Mapping[str, str]] = {}

    train: Files | None = None
    validation: Files | None = None
    test: Files | None = None
    rows: dict[Split, Files] = field(default_factory=dict)
    encoding: str = "utf-8"
    rename: dict[str, dict[str, str | None]] = field(default_factory=dict)
    on_error: Literal["stop", "skip"] = "stop"
    annotates: tuple[str, ...] | None = None
    slices: tuple[str, ...] = ()
    source: str | None = None
    license: str | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Hashes the class's source code now: its file may be edited while the class is in use."""
        super().__init_subclass__(**options)
        cls._code = code_identity(cls)

    def __post_init__(self) -> None:
        """Checks the encoding."""
        require_encoding(self.encoding)

    @property
    def identity(self) -> dict[str, Any]:
        """Returns everything besides a file's bytes that `read` depends on; keys of the cache.

        Options at their defaults are left out, so that a new option changes no existing key.
        """
        options = changed_options(self, exclude=_NOT_READ)
        code = {"code": dict(self._code)} if self._code else {}
        return {"format": type(self).__qualname__, "schema": self.schema, **options, **code}

    def renamed(self, example: Example) -> Example:
        """Returns an example with the new names of `rename`.

        A label that is renamed to None is removed. A text whose only label in a layer is removed
        is not labelled in that layer. A span whose label is removed is no span.
        """
        labels, spans = dict(example.labels), dict(example.spans)
        for layer, names in self.rename.items():
            if kept := _renamed_labels(labels.pop(layer, ()), names):
                labels[layer] = kept
            elif layer in example.labels and not example.labels[layer]:
                labels[layer] = ()
            if layer in spans:
                spans[layer] = _renamed_spans(spans[layer], names)
        return replace(example, labels=labels, spans=spans)


def _renamed_labels(labels: tuple[str, ...], names: Mapping[str, str | None]) -> tuple[str, ...]:
    """Returns labels with new names, each once; a label that is renamed to None is removed."""
    renamed = (names.get(label, label) for label in labels)
    return tuple(dict.fromkeys(label for label in renamed if label is not None))


def _renamed_spans(spans: tuple[Span, ...], names: Mapping[str, str | None]) -> tuple[Span, ...]:
    """Returns spans with new labels; a span whose label is renamed to None is removed."""
    renamed = ((span, names.get(span.label, span.label)) for span in spans)
    return tuple(replace(span, label=label) for span, label in renamed if label is not None)
