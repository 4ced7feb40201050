"""Where a sentence of a CoNLL file begins without a blank line before it."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Literal

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.layout import Layout

Sentences = Literal["blank"] | dict[str, int | str | list[str]]
"""The option ``sentences``: blank lines, or one of ``column``, ``after`` and ``every``."""


class Boundary(ABC):
    """A rule by which the lines of words are cut into sentences."""

    @abstractmethod
    def begins(self, cells: Sequence[str]) -> bool:
        """Returns True if a row does not belong to the sentence of the row before it."""

    def restart(self) -> None:  # noqa: B027 - a change of a value needs no start
        """Begins a new sentence."""


class Change(Boundary):
    """A sentence begins where the value of a column changes.

    Args:
        index: The index of the column.
    """

    def __init__(self, index: int) -> None:
        self._index, self._value = index, ""

    def begins(self, cells: Sequence[str]) -> bool:
        """Returns True if the value is not that of the row before."""
        before, self._value = self._value, cells[self._index]
        return self._value != before


class After(Boundary):
    """A sentence begins after certain words.

    Args:
        index: The index of the column with the words.
        words: The words that end a sentence.
    """

    def __init__(self, index: int, words: Collection[str]) -> None:
        self._index, self._words, self._is_ended = index, frozenset(words), False

    def begins(self, cells: Sequence[str]) -> bool:
        """Returns True if the word before is one that ends a sentence."""
        is_ended, self._is_ended = self._is_ended, cells[self._index] in self._words
        return is_ended

    def restart(self) -> None:
        """Forgets the word before."""
        self._is_ended = False


class Every(Boundary):
    """A sentence begins after so many words.

    Args:
        number: The number of words of a sentence.
    """

    def __init__(self, number: int) -> None:
        self._number, self._count = number, 0

    def begins(self, cells: Sequence[str]) -> bool:
        """Returns True if the sentence has all of its words."""
        self._count += 1
        return self._count > self._number

    def restart(self) -> None:
        """Counts from the beginning."""
        self._count = 0


class Boundaries:
    """Several rules; a sentence begins where one of them begins one.

    Args:
        layout: The columns.
        rules: The rules.
    """

    def __init__(self, layout: Layout, rules: Sequence[Boundary]) -> None:
        self._layout, self._rules = layout, rules

    def begins(self, text: str, *, is_first: bool) -> bool:
        """Returns True if a sentence begins with a line; False if the line cannot be read.

        Args:
            text: The line.
            is_first: True if a sentence begins with the line in any case.
        """
        try:
            cells = self._layout.split(text.removesuffix("\r"))
        except InputError:
            return is_first
        if len(cells) < len(self._layout.columns):
            return is_first
        changes = [rule.begins(cells) for rule in self._rules]  # each of them sees each row
        is_begun = is_first or any(changes)
        if is_begun:
            for rule in self._rules:
                rule.restart()
                rule.begins(cells)
        return is_begun


def boundaries(layout: Layout, sentences: Sentences, document: str | None) -> Boundaries | None:
    """Returns the rules that options describe; None if only blank lines part sentences.

    Args:
        layout: The columns.
        sentences: The option ``sentences``.
        document: The column with the document's name, if there is one.
    """
    rules: list[Boundary] = []
    if document is not None:
        rules.append(Change(layout.columns.index(document)))
    for value in sentences.values() if isinstance(sentences, dict) else ():
        if isinstance(value, str):
            rules.append(Change(layout.columns.index(value)))
        elif isinstance(value, int):
            rules.append(Every(value))
        else:
            rules.append(After(layout.word, value))
    return Boundaries(layout, rules) if rules else None
