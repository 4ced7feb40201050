"""The text of a sentence whose words a CoNLL file gives one by one."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from operator import add
from unicodedata import category

from arabic_mtl.documents import Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.tags import WordSpan
from arabic_mtl.formats.notices import Notices

INVISIBLE, TRIMMED = "word without a visible letter", "span trimmed of blanks"
"""The rules of notices about words."""

_UNSEEN = ("Zs", "Zl", "Zp", "Cc", "Cf")
_SIGNS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u08e2"  # visible, though of category Cf
_NO_SPACE = "SpaceAfter=No"


class Words:
    """The words of a sentence, and what stands between them.

    Args:
        words: The words.
        numbers: The numbers of their lines.
        gaps: What follows each word but the last one; None if it is always ``join``.
        join: What stands between words that are not attached to each other.
    """

    def __init__(
        self, words: Sequence[str], numbers: Sequence[int], gaps: Sequence[str] | None, join: str
    ) -> None:
        self.words, self.numbers = words, numbers
        self._gaps, self._join = gaps, join
        self.text = join.join(words) if gaps is None else "".join(map(add, words, [*gaps, ""]))
        """The text."""

    @property
    def starts(self) -> list[int]:
        """Returns the offset of the first character of each word."""
        if self._gaps is None:
            ends = accumulate(map(len, self.words), initial=0)
            gap = len(self._join)
            return [end + gap * n for n, end in enumerate(ends)][:-1]
        sizes = map(len, map(add, self.words, [*self._gaps, ""]))
        return [*accumulate(sizes, initial=0)][:-1]

    def located(
        self, layers: Mapping[str, Sequence[WordSpan]], notices: Notices, *, has_blanks: bool
    ) -> dict[str, tuple[Span, ...]]:
        """Returns layer to spans of the text.

        Args:
            layers: Layer to spans of words.
            notices: The counts of tolerated irregularities.
            has_blanks: True if words can have blanks at their edges, or be nothing else.

        Raises:
            InputError: If a span has no word that can be seen.
        """
        if not self.text.isprintable() or (has_blanks and any(map(str.isspace, self.words))):
            self._require_visible(layers, notices)
        if not any(layers.values()):
            return dict.fromkeys(layers, ())
        starts = self.starts
        return {
            layer: tuple(self._span(span, starts, notices, has_blanks=has_blanks) for span in spans)
            for layer, spans in layers.items()
        }

    def _span(
        self, span: WordSpan, starts: Sequence[int], notices: Notices, *, has_blanks: bool
    ) -> Span:
        """Returns a span of the text, without blanks at its edges."""
        first, end, label = span
        start, stop = starts[first], starts[end - 1] + len(self.words[end - 1])
        if has_blanks:
            head, tail = self.words[first], self.words[end - 1]
            lead, trail = len(head) - len(head.lstrip(" \t")), len(tail) - len(tail.rstrip(" \t"))
            if lead or trail:
                notices.count(TRIMMED, self.numbers[first])
            start, stop = start + lead, stop - trail
        return Span(start, stop, label)

    def _require_visible(self, layers: Mapping[str, Sequence[WordSpan]], notices: Notices) -> None:
        """Counts words that cannot be seen; raises `InputError` if a span has no others."""
        unseen = {n for n, word in enumerate(self.words) if is_invisible(word)}
        for first, end, label in chain(*layers.values()) if unseen else ():
            if unseen.issuperset(range(first, end)):
                raise InputError(
                    "a span must have a visible letter",
                    found=f"{label} on {' '.join(map(ascii, self.words[first:end]))}",
                    expected="the tag O for words that cannot be seen",
                    line=self.numbers[first],
                )
        for index in sorted(unseen):
            notices.count(INVISIBLE, self.numbers[index])


def gaps_of(
    words: Sequence[str], attached: frozenset[str], spaces: Sequence[str] | None, join: str
) -> list[str] | None:
    """Returns what follows each word but the last one; None if it is always ``join``.

    Args:
        words: The words.
        attached: The words that are attached to the next one.
        spaces: The cells that say so by SpaceAfter=No; None if no column does.
        join: What stands between all other words.
    """
    if spaces is None:
        if attached.isdisjoint(words):
            return None
        return ["" if word in attached else join for word in words[:-1]]
    pairs = zip(words[:-1], spaces[:-1], strict=True)
    return [
        "" if word in attached or _NO_SPACE in cell.split("|") else join for word, cell in pairs
    ]


def is_invisible(word: str) -> bool:
    """Returns True if no character of a word can be seen."""
    return all(category(char) in _UNSEEN and char not in _SIGNS for char in word)
