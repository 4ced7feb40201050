"""Splits CoNLL files into sentences, and into the lines between them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.blocks import Block
from arabic_mtl.formats.conll.boundaries import Boundaries
from arabic_mtl.formats.conll.layout import Layout
from arabic_mtl.formats.conll.tags import ColumnTags
from arabic_mtl.formats.lines import require_line_ends
from arabic_mtl.formats.notices import CRLF, MARK, NO_END, Notices

EXTRA, LAST = "extra blank line", "blank line at the end of the file"
SPACES, DOCSTART = "blank line of spaces", "-DOCSTART- line with another number of columns"
COMMENT = "comment line"
WORDLIKE = "comment line with as many columns as a word"
_DOCSTART = "-DOCSTART-"
_MANY = 1000  # lines between sentences that are kept together


@dataclass(slots=True)
class SentenceLines:
    """Successive lines of a file: a sentence, or what stands between two sentences.

    Args:
        line: The number of the first line.
        texts: The lines without LF; of a sentence that is too long, only the first ones.
        is_between: True if none of the lines has a word.
        is_cut: True if no blank line stands before the sentence.
        group: The document.
        block: The block of lines in which it begins.
        tags: The tags of all columns of the file.
        has_returns: True if lines may end with CR.
        surplus: The number of further lines of a sentence that is too long.
        error: The error of a line that cannot be decoded.
    """

    line: int
    texts: list[str]
    is_between: bool
    is_cut: bool
    group: str
    block: Block
    tags: list[ColumnTags]
    has_returns: bool = False
    surplus: int = 0
    error: InputError | None = None

    def rows(self, comments: str | None, longest: int) -> tuple[list[str], Sequence[int]]:
        """Returns the lines with a word, without line ends, and their numbers.

        Args:
            comments: The beginning of lines that are comments; None if there are none.
            longest: The largest number of words.

        Raises:
            InputError: If there are more words.
        """
        texts, size = self.texts, len(self.texts) + self.surplus
        numbers: Sequence[int] = range(self.line, self.line + len(texts))
        if self.has_returns:
            texts = [text.removesuffix("\r") for text in texts]
        if size > longest:
            raise InputError(
                "a sentence must not be longer than `longest`",
                found=f"{size} words, longest: {longest}",
                expected='lines that are blank between sentences; or `sentences: {after: [".", '
                '"؟", "!"]}` or `{every: 128}` if the file has none; or a higher `longest`',
                line=self.line,
            )
        if comments is not None:
            kept = [n for n, text in enumerate(texts) if not text.startswith(comments)]
            return [texts[n] for n in kept], [numbers[n] for n in kept]
        return texts, numbers


class Splitter:
    """Splits the lines of a file.

    Args:
        layout: The columns.
        boundaries: Where sentences begin without a blank line; None if they never do.
        comments: The beginning of lines that are comments; None if there are none.
        header: The number of the line with the names of the columns; 0 if there is none.
        longest: The largest number of words of a sentence.
        group: The document of all sentences; None for the number of their ``-DOCSTART-`` line.
        tags: The tags of all columns of the file.
        notices: The counts of tolerated irregularities.
    """

    def __init__(
        self,
        layout: Layout,
        boundaries: Boundaries | None,
        comments: str | None,
        header: int,
        longest: int,
        group: str | None,
        tags: list[ColumnTags],
        notices: Notices,
    ) -> None:
        self._layout, self._boundaries, self._comments = layout, boundaries, comments
        self._header, self._longest, self._tags, self._notices = header, longest, tags, notices
        self._blank = f" \t\r{layout.delimiter}"
        self._marks = [f"\n{mark}" for mark in (*self._blank, _DOCSTART, comments) if mark]
        self._group, self._documents, self._blanks = group, 0, range(0)

    def split(self, blocks: Iterable[Block]) -> Iterator[SentenceLines]:
        """Yields the sentences, and between them the other lines."""
        current: SentenceLines | None = None
        for block in blocks:
            if block.line == 1 and "\r" in block.content:
                require_line_ends(block.content)
            has_returns = self._count_ends(block)
            current = current or SentenceLines(1, [], True, False, "", block, self._tags)
            current.has_returns |= has_returns
            for line, texts, is_word in self._runs(block):
                is_new = is_word is current.is_between
                if is_word and self._boundaries is not None:
                    is_new = self._boundaries.begins(texts[0], is_first=is_new)
                if is_new or (current.is_between and len(current.texts) > _MANY):
                    if current.texts:
                        yield current
                    current = self._next(current, line, block, is_between=not is_word)
                    current.has_returns = has_returns
                self._extend(current, texts)
                if block.errors:
                    errors = (block.errors.get(line + n) for n in range(len(texts)))
                    current.error = current.error or next(filter(None, errors), None)
        if current is not None:
            self._count_end(current)
            yield current

    def _runs(self, block: Block) -> Iterator[tuple[int, list[str], bool | None]]:
        """Yields successive lines with words, and each other line.

        The first line number, the lines, and False for a line without a word or None for a
        comment.
        """
        content, texts = f"\n{block.content}", block.texts
        is_plain = self._boundaries is None and not any(mark in content for mark in self._marks)
        if not is_plain or block.line <= self._header:
            for line, text in enumerate(texts, block.line):
                yield line, [text], self._is_word(text, line)
            return
        start = 0
        blanks = [n for n, text in enumerate(texts) if not text]
        for end in (*blanks, len(texts)):
            if end > start:
                yield block.line + start, texts[start:end], True
            if end < len(texts):
                yield block.line + end, [""], self._is_word("", block.line + end)
            start = end + 1

    def _extend(self, current: SentenceLines, texts: Sequence[str]) -> None:
        """Adds lines to a sentence; of one that is too long, only the number is kept."""
        room = len(texts) if current.is_between else self._longest + 1 - len(current.texts)
        current.texts += texts[:room]
        current.surplus += max(len(texts) - room, 0)

    def _next(
        self, current: SentenceLines, line: int, block: Block, *, is_between: bool
    ) -> SentenceLines:
        """Returns what begins with a line."""
        if not is_between:
            self._end_blanks()
        is_cut = not (is_between or current.is_between)
        numbered = f"document {self._documents}" if self._documents else ""
        group = numbered if self._group is None else self._group
        return SentenceLines(line, [], is_between, is_cut, group, block, self._tags)

    def _is_word(self, text: str, line: int) -> bool | None:
        """Returns False for a line without a word, and None for a comment."""
        if not text.strip(self._blank):
            if text not in ("", "\r"):
                self._notices.count(SPACES, line)
            self._blanks = range(self._blanks.start if self._blanks else line, line + 1)
            return False
        self._end_blanks()
        if self._comments and text.startswith(self._comments):
            self._notices.count(WORDLIKE if self._has_columns(text) else COMMENT, line)
            return None
        if line == self._header:
            return False
        size = len(_DOCSTART)
        if text[:size] != _DOCSTART or text[size : size + 1] not in {"", *self._blank}:
            return True
        self._documents += 1
        if not self._has_columns(text):
            self._notices.count(DOCSTART, line)
        return False

    def _has_columns(self, text: str) -> bool:
        """Returns True if a line has as many columns as one with a word."""
        return len(text.split(self._layout.delimiter or None)) == len(self._layout.columns)

    def _end_blanks(self) -> None:
        """Counts the blank lines before a line that is not blank, if they are too many."""
        extra = self._blanks if self._blanks.start == 1 else self._blanks[1:]
        if extra:
            self._notices.count(EXTRA, extra[0], len(extra))
        self._blanks = range(0)

    def _count_ends(self, block: Block) -> bool:
        """Counts a byte order mark and lines that end with CR LF; returns True if any may do."""
        if block.line == 1 and block.mark:
            self._notices.count(MARK, 1)
        if "\r" not in block.content:
            return False
        found = [line for line, text in enumerate(block.texts, block.line) if text[-1:] == "\r"]
        if found:
            self._notices.count(CRLF, found[0], len(found))
        return True

    def _count_end(self, last: SentenceLines) -> None:
        """Counts blank lines at the end of the file, or the lack of a line end."""
        line = last.line + len(last.texts) + last.surplus - 1
        if last.texts[-1] or last.surplus:
            self._notices.count(NO_END, line)
        blanks = self._blanks if last.texts[-1] else self._blanks[:-1]
        if blanks:
            self._notices.count(LAST, blanks[0], len(blanks))
