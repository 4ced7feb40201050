"""The options of CoNLL files that belong together, and their checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.boundaries import Sentences
from arabic_mtl.formats.conll.layout import Layout
from arabic_mtl.formats.conll.tags import Scheme

Documents = Literal["docstart", "file", "none"] | dict[str, str]
"""The option ``documents``."""


@dataclass(frozen=True, slots=True)
class ConllForm:
    """The columns of a file and their tags.

    Args:
        layout: The columns.
        schemes: Layer to its scheme.
        scheme: The scheme of columns that the file lacks.
        outside: The tag of words outside of spans.
    """

    layout: Layout
    schemes: Mapping[str, Scheme]
    scheme: Scheme
    outside: str


def form_of(
    layout: Layout, scheme: Scheme | dict[str, Scheme], outside: Sequence[str]
) -> ConllForm:
    """Returns the form that options describe."""
    if isinstance(scheme, dict):
        schemes = {layer: scheme.get(layer, "bio") for layer in layout.tags}
        return ConllForm(layout, schemes, "bio", next(iter(outside), "O"))
    return ConllForm(layout, dict.fromkeys(layout.tags, scheme), scheme, next(iter(outside), "O"))


def column_of(option: Sentences | Documents) -> str | None:
    """Returns the column that an option names; None if it names none."""
    name = option.get("column") if isinstance(option, dict) else None
    return name if isinstance(name, str) else None


def require_options(
    sentences: Sentences, documents: Documents, comments: str | None, longest: int
) -> None:
    """Raises `InputError` if an option of `arabic_mtl.formats.Conll` is invalid."""
    if sentences != "blank" and not _is_rule(sentences):
        raise InputError(
            "`sentences` must be `blank`, or one of `column`, `after` and `every`",
            found=f"sentences: {sentences}",
            expected='blank, {column: NAME}, {after: [".", "؟", "!"]} or {every: 128}',
        )
    if isinstance(documents, dict) and documents.keys() != {"column"}:
        raise InputError(
            "`documents` must be `docstart`, `file`, `none` or a `column`",
            found=f"documents: {documents}",
            expected="docstart, file, none or {column: NAME}",
        )
    if comments == "" or longest < 1:
        raise InputError(
            "`comments` must not be empty, and `longest` must be at least 1",
            found=f"comments: {comments!r}, longest: {longest}",
            expected='such as comments: "# ", longest: 1000',
        )


def _is_rule(sentences: Sentences) -> bool:
    """Returns True if an option is one rule by which sentences are parted."""
    if not isinstance(sentences, dict) or len(sentences) != 1:
        return False
    ((kind, value),) = sentences.items()
    if kind == "every":
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    kinds: dict[str, type] = {"column": str, "after": list}
    return isinstance(value, kinds.get(kind, type(None))) and bool(value)
