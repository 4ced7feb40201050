"""Places of words in a text, for spans that are given by their words alone."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.records.json_values import quoted
from arabic_mtl.formats.records.span_keys import SpanKeys

Place = tuple[int, int]


def find_places(
    text: str, words: Sequence[str], rules: SpanKeys, notices: Notices, line: int
) -> Iterator[Place | None]:
    """Yields the place of each string of a list in a text.

    The n-th of equal strings is the n-th place. If the text has only one place, all of them are
    there, since a place can have several labels.

    Args:
        text: The text.
        words: The strings.
        rules: The treatment of strings that the text has more often than the list, or not at all.
        notices: The counts of tolerated irregularities.
        line: The line number of the list.

    Yields:
        The offsets of the string; None if it is left out.

    Raises:
        InputError: If a string is in the text more often than in the list, or is not there, and
            ``rules`` refuse it.
    """
    keys = [" ".join(string.split()) for string in words]
    numbers, seen = Counter(keys), Counter[str]()
    known: dict[str, list[Place]] = {}
    for key, string in zip(keys, words, strict=True):
        if key not in known:
            known[key] = _all_places(text, string)
        places = known[key]
        index = 0 if len(places) == 1 else seen[key]
        seen[key] += 1
        if index >= len(places):
            _refuse_absent(string, len(places), rules, notices, line)
            yield None
        elif len(places) > numbers[key] and rules.ambiguous != "first":
            _refuse_ambiguous(string, len(places), numbers[key], rules, notices, line)
            yield None
        else:
            place = places[index]
            if text[slice(*place)] != string:
                notices.count("words whose blanks differ from the text", line)
            yield place


def _all_places(text: str, string: str) -> list[Place]:
    """Returns the places of a string, without overlaps; blanks may differ if it has none else."""
    parts = string.split()
    if not parts:
        return []
    exact = re.compile(re.escape(string.strip()))
    places = [match.span() for match in exact.finditer(text)]
    if places or len(parts) == 1:
        return places
    lenient = re.compile(r"\s+".join(re.escape(part) for part in parts))
    return [match.span() for match in lenient.finditer(text)]


def _refuse_absent(string: str, number: int, rules: SpanKeys, notices: Notices, line: int) -> None:
    """Counts a string that the text has not, or not so often; raises if `rules` refuse it."""
    if rules.absent == "skip":
        notices.count("span left out: its words are not in the text", line)
        return
    times = f"only {number} times " if number else "not "
    raise InputError(
        "the words of a span must be in the text",
        found=f"{quoted(string)}, which is {times}in the text",
        expected="words of the unchanged text; `absent: skip` leaves such a span out",
    )


def _refuse_ambiguous(
    string: str, places: int, number: int, rules: SpanKeys, notices: Notices, line: int
) -> None:
    """Counts a string that the text has more often; raises if `rules` refuse it."""
    if rules.ambiguous == "skip":
        notices.count("span left out: its words are in the text several times", line)
        return
    raise InputError(
        "the words of a span must be in the text as often as in the list of spans",
        found=f"{quoted(string)}: {places} times in the text, {number} times as a span",
        expected="offsets, or as many spans; `ambiguous: first` takes the first places, "
        "`ambiguous: skip` leaves such a span out",
    )
