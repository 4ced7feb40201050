"""Lists of words with a list of BIO tags (Ramshaw & Marcus, 1995)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from arabic_mtl.documents import Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.records.json_values import shown

TAG = re.compile(r"O|([BI])-(.+)")
"""A BIO tag: the letter, and the label."""

_MOST_SHOWN = 20  # unknown tags that an error names


def joined_words(value: object, key: str) -> tuple[str, Sequence[int]]:
    """Returns the text of a list of words, joined by spaces, and the start of each word.

    Args:
        value: The list of words.
        key: The key of the list.

    Raises:
        InputError: If the value is no list of strings that are not empty.
    """
    is_list = isinstance(value, list)
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise InputError(
            "`tokens` must be the key of a list of words, none of them empty",
            found=f"{key}: {shown(value, 100)}" + ("" if is_list else ", which is no list"),
            expected=f'{{"{key}": ["word", "word"]}}',
        )
    starts, position = list[int](), 0
    for word in value:
        starts.append(position)
        position += len(word) + 1
    return " ".join(value), starts


class FileTags:
    """Reads BIO tags, and collects those of a file that are none.

    Args:
        at_once: True to raise the error about a tag at once, without the other tags of the file.
    """

    def __init__(self, *, at_once: bool) -> None:
        self._at_once = at_once
        self._numbers = Counter[tuple[str, str]]()
        self._lines: dict[tuple[str, str], int] = {}

    def spans(
        self,
        tags: Sequence[str],
        words: Sequence[tuple[int, int]],
        layer: str,
        notices: Notices,
        line: int,
    ) -> tuple[Span, ...]:
        """Returns the spans of a list of tags; unknown tags are an error later.

        Args:
            tags: A tag per word: ``O``, or ``B-`` or ``I-`` with a label.
            words: The offsets of each word.
            layer: The name of the layer.
            notices: The counts of tolerated irregularities.
            line: The line number of the record.

        Raises:
            InputError: If a tag is unknown, and errors are raised at once.
        """
        spans, is_open = list[Span](), False
        for tag, (start, end) in zip(tags, words, strict=True):
            match = TAG.fullmatch(tag)
            if match is None:
                self._add(tag, layer, line)
            label = match[2] if match else None
            if match is None or label is None:
                is_open = False
                continue
            continues = match[1] == "I" and is_open and spans[-1].label == label
            if match[1] == "I" and not continues:
                notices.count("span that opens with I-", line)
            if continues:
                start = spans.pop().start
            spans.append(Span(start, end, label))
            is_open = True
        return tuple(spans)

    def check(self) -> None:
        """Raises `InputError` if the file has unknown tags."""
        if self._numbers:
            raise self._error()

    def _add(self, tag: str, layer: str, line: int) -> None:
        """Counts an unknown tag."""
        self._numbers[layer, tag] += 1
        self._lines.setdefault((layer, tag), line)
        if self._at_once:
            error = self._error()
            self._numbers.clear()
            self._lines.clear()
            raise error

    def _error(self) -> InputError:
        """Returns the error about the unknown tags."""
        shown_tags = [
            f"{tag or 'an empty tag'} ({number} times, first in line {self._lines[layer, tag]})"
            for (layer, tag), number in self._numbers.most_common(_MOST_SHOWN)
        ]
        more = len(self._numbers) - len(shown_tags)
        (layer, tag), line = next(iter(self._lines.items()))
        return InputError(
            "each tag must be O, or B- or I- with a label",
            found=", ".join(shown_tags) + (f", and {more} more" if more else ""),
            expected=f"BIO tags; `rename: {{{layer}: {{{tag}: B-LABEL}}}}` names them anew",
            line=line,
        )


def tag_list(value: object, number: int, layer: str, names: Mapping[str, str | None]) -> list[str]:
    """Returns the tags of the words of a record.

    Args:
        value: The list of tags, strings or numbers.
        number: The number of words.
        layer: The name of the layer.
        names: Tag to its new name; None for ``O``.

    Raises:
        InputError: If the value is no list with a tag for each word.
    """
    if not isinstance(value, list) or len(value) != number:
        found = f"{len(value)} tags" if isinstance(value, list) else shown(value)
        raise InputError(
            "`tags` must be the key of a list with one tag per word",
            found=f"{layer}: {found}",
            expected=f"{number} tags",
        )
    tags = []
    for tag in value:
        if not isinstance(tag, str | int) or isinstance(tag, bool):
            raise InputError(
                "a tag must be a string, or a number that `rename` names",
                found=f"{layer}: {shown(tag)}",
                expected="O, B-LABEL or I-LABEL",
            )
        tags.append(names.get(str(tag), str(tag)) or "O")
    return tags
