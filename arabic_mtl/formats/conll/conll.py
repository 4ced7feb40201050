"""CoNLL files: a word per line with its tags, sentences parted by blank lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.conll.blocks import blocks
from arabic_mtl.formats.conll.boundaries import Sentences, boundaries
from arabic_mtl.formats.conll.form import (
    ConllForm,
    Documents,
    column_of,
    form_of,
    require_options,
)
from arabic_mtl.formats.conll.layout import layout_of
from arabic_mtl.formats.conll.sentences import SentenceLines, Splitter
from arabic_mtl.formats.conll.sniff import sniff
from arabic_mtl.formats.conll.spans import read_spans
from arabic_mtl.formats.conll.tags import ColumnTags, Scheme, WordSpan
from arabic_mtl.formats.conll.unknown import unknown_tags
from arabic_mtl.formats.conll.word_rows import Rows, read_rows
from arabic_mtl.formats.conll.words import Words, gaps_of
from arabic_mtl.formats.conll.writer import ConllSource, ConllWriter
from arabic_mtl.formats.facts import Guess, Layers
from arabic_mtl.formats.groups import own_group
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record


@dataclass(frozen=True, kw_only=True)
class Conll(Format[SentenceLines], ConllWriter):
    """Words in lines, each with its tags in further columns: named entities and other spans.

    Each named column but ``word`` is a layer of spans. The text of a sentence is its words with
    a space between them, which `attach` and `space_after` can leave out.

    Args:
        columns: The names of the columns. ``word`` is the word, ``_`` a column that is not read.
            The last name can end in ``...``: of ``ner...`` the further columns are the layers
            ``ner``, ``ner_2`` and so on, a level of nested spans each.
        delimiter: What stands between columns: ``blanks`` for runs of spaces and tabs, ``tab``,
            ``space``, or another string such as ``,``.
        quoting: ``csv`` if cells can stand in quotes.
        header: True if the first line has the names of the columns.
        sentences: Where a sentence ends: ``blank`` for blank lines only; or also where the value
            of a ``column`` changes, ``after`` certain words, or after ``every`` so many words.
        scheme: The tags: ``bio`` (an I- without a B- opens a span, too), ``io`` for labels
            without B- and I-, ``bioes`` or ``bilou``, or ``words`` if each word is a span; or
            column to scheme.
        outside: The tags of words outside of spans.
        attach: Words that no space parts from the next one, such as proclitics.
        join: What stands between all other words.
        space_after: The column in which ``SpaceAfter=No`` says that no space follows.
        comments: The beginning of lines that are comments.
        documents: The group of a sentence: the number of its ``-DOCSTART-`` line, its ``file``,
            the value of a ``column``, or ``none``.
        longest: The largest number of words of a sentence.
    """

    suffixes: ClassVar[tuple[str, ...]] = (
        ".conll",
        ".conllu",
        ".bio",
        ".iob",
        ".txt",
        ".tsv",
        ".csv",
    )

    columns: list[str]
    delimiter: str = "blanks"
    quoting: Literal["none", "csv"] = "none"
    header: bool = False
    sentences: Sentences = "blank"
    scheme: Scheme | dict[str, Scheme] = "bio"
    outside: list[str] = field(default_factory=lambda: ["O"])
    attach: list[str] = field(default_factory=list)
    join: str = " "
    space_after: str | None = None
    comments: str | None = None
    documents: Documents = "docstart"
    longest: int = 1000

    def __post_init__(self) -> None:
        """Checks the options.

        Raises:
            InputError: If an option is invalid, or contradicts another one.
        """
        super().__post_init__()
        require_options(self.sentences, self.documents, self.comments, self.longest)
        layers = {*self._form.layout.tags}
        for name, keys in (("scheme", self._schemes), ("rename", self.rename)):
            if unknown := [key for key in keys if key not in layers]:
                raise InputError(
                    f"`{name}` must name columns that are read",
                    found=", ".join(unknown),
                    expected=f"one of {', '.join(sorted(layers)) or 'no columns'}",
                )

    @property
    def layers(self) -> Layers | None:
        """Returns the named columns as layers; None if the last column has levels."""
        layout = self._form.layout
        return None if layout.level else Layers(spans=frozenset(layout.tags))

    @property
    def has_local_groups(self) -> bool:
        """Returns True if documents are numbered, or named by their file."""
        return self.documents in ("docstart", "file")

    def renamed(self, example: Example) -> Example:
        """Returns the example: its tags have been renamed already."""
        return example

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[SentenceLines]:
        """Yields the sentences, and between them the other lines.

        Raises:
            InputError: If tags do not fit their scheme; all of them are named.
        """
        layout = self._form.layout
        tags = [self._column(layer) for layer in layout.tags]
        group = {"docstart": None, "file": _name(file)}.get(str(self.documents), "")
        splitter = Splitter(
            layout,
            boundaries(layout, self.sentences, column_of(self.documents)),
            self.comments,
            int(self.header),
            self.longest,
            group,
            tags,
            notices,
        )
        yield from splitter.split(blocks(file, self.encoding))
        if self.on_error == "stop" and (error := unknown_tags(tags)):
            raise error

    def records(self, part: SentenceLines, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a sentence.

        Raises:
            InputError: If a line cannot be decoded or has too many or too few columns, if the
                sentence is too long, or if a tag stands in the place of a word. With ``on_error:
                skip``, also if a tag does not fit its scheme.
        """
        if part.error is not None:
            raise part.error
        if part.is_between:
            source = ConllSource(part, None, self._form)
            return [Record(example=None, line=part.line, source=source)]
        texts, numbers = part.rows(self.comments, self.longest)
        rows = read_rows(texts, numbers, self._form.layout, notices)
        words = self._words(rows, numbers)
        if not gold:
            return [self._record(part, rows, words, notices)]
        skips = self.on_error == "skip"
        spans = read_spans(part, rows, numbers, self._form.layout, notices, skips=skips)
        if spans is None:
            return []
        return [Record(example=self._example(part, rows, words, notices, spans), line=part.line)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns the options that the columns, tags and blank lines of the file suggest."""
        return sniff(head, name)

    @cached_property
    def _form(self) -> ConllForm:
        """Returns the columns and their tags, which files are read and written by."""
        joint = (column_of(self.sentences), column_of(self.documents), self.space_after)
        names = [name for name in joint if name is not None]
        layout = layout_of(self.columns, self.delimiter, self.quoting, names)
        return form_of(layout, self.scheme, self.outside)

    @property
    def _schemes(self) -> dict[str, Scheme]:
        return self.scheme if isinstance(self.scheme, dict) else {}

    def _column(self, layer: str) -> ColumnTags:
        """Returns the tags of a column, none of which has been read yet."""
        return ColumnTags(
            layer,
            self._form.schemes[layer],
            self.outside,
            self.rename.get(layer, {}),
            is_trimmed=bool(self._form.layout.delimiter),
        )

    def _words(self, rows: Rows, numbers: Sequence[int]) -> Words:
        """Returns the words of a sentence."""
        layout = self._form.layout
        words = [row[layout.word] for row in rows]
        spaces = None
        if self.space_after is not None:
            index = layout.columns.index(self.space_after)
            spaces = [row[index] for row in rows]
        return Words(words, numbers, gaps_of(words, self._attached, spaces, self.join), self.join)

    @cached_property
    def _attached(self) -> frozenset[str]:
        return frozenset(self.attach)

    def _example(
        self,
        part: SentenceLines,
        rows: Rows,
        words: Words,
        notices: Notices,
        spans: dict[str, list[WordSpan]],
    ) -> Example:
        """Returns the example of a sentence."""
        group, column = part.group, column_of(self.documents)
        if column is not None:
            group = rows[0][self._form.layout.columns.index(column)]
        return Example(
            id=f"line:{part.line}",
            group=group or own_group(words.text),
            text=words.text,
            spans=words.located(spans, notices, has_blanks=bool(self._form.layout.delimiter)),
            line=part.line,
        )

    def _record(self, part: SentenceLines, rows: Rows, words: Words, notices: Notices) -> Record:
        """Returns a sentence without spans, with the content of its columns."""
        layout = self._form.layout
        example = self._example(part, rows, words, notices, {})
        cells = {name: [row[index] for row in rows] for name, index in layout.named.items()}
        fields = {"id": example.id, "text": example.text, "words": list(words.words), **cells}
        source = ConllSource(part, words, self._form)
        return Record(example=example, line=part.line, fields=fields, source=source)


def _name(file: BinaryIO) -> str:
    """Returns the name of a file, without its folder; empty if it has none, like a pipe."""
    name = getattr(file, "name", "")
    return Path(name).name if isinstance(name, str | Path) else ""
