"""Pairs of a system's examples with the gold examples of the same texts."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError

_NUMBERED = re.compile(r"line:\d+")  # the id of a text whose file has no ids
_CONTEXT = 20  # characters shown on either side of a difference


class ExamplePair(NamedTuple):
    """A gold example and the system's example of the same text; None if the system lacks it."""

    predicted: Example | None
    gold: Example


def pair_examples(
    gold: Iterable[Example], system: Iterable[Example], file: Path | None = None
) -> Iterator[ExamplePair]:
    """Streams pairs of examples, joined by their ids if both files have ids, else by position.

    A system that has ids may leave out texts, which are yielded at the end. The ids
    ``line:NUMBER`` stand for the position in a file without ids.

    Args:
        gold: The gold examples. They are kept in memory if they are joined by ids.
        system: The system's examples.
        file: The system's file, for error messages.

    Raises:
        InputError: If a text of the system is not the gold text, or texts without ids are more or
            fewer than the gold texts.
    """
    gold, system = iter(gold), iter(system)
    first_gold, first_system = next(gold, None), next(system, None)
    heads = [example for example in (first_gold, first_system) if example is not None]
    all_gold = gold if first_gold is None else chain([first_gold], gold)
    all_system = system if first_system is None else chain([first_system], system)
    has_ids = len(heads) == 2 and not any(_NUMBERED.fullmatch(head.id) for head in heads)
    join = _join_by_id if has_ids else _join_by_position
    yield from join(all_gold, all_system, file)


def require_same_text(text: Example, gold: Example | None, file: Path | None = None) -> None:
    """Raises `InputError` if the gold file lacks a system's text, or has it with another text.

    Args:
        text: The system's text.
        gold: The gold text with the same id or position; None if there is none.
        file: The system's file.
    """
    if gold is None:
        raise InputError(
            "the system's texts must be texts of the gold file",
            found=f"an id that the gold file lacks: {text.id}",
            expected="all or some of the ids in the gold file",
            file=file,
            line=text.line,
            sentence=text.id,
        )
    for own, other in ((text.text, gold.text), (text.pair or "", gold.pair or "")):
        if own == other:
            continue
        position = _first_difference(own, other)
        context = slice(max(position - _CONTEXT, 0), position + _CONTEXT)
        raise InputError(
            "a sentence must have the same text in both files, because offsets refer to it",
            found=f"«{own[context]}», which differs from character {position} on",
            expected=f"«{other[context]}»",
            file=file,
            line=text.line,
            sentence=text.id,
        )


def _join_by_id(
    gold: Iterable[Example], system: Iterable[Example], file: Path | None
) -> Iterator[ExamplePair]:
    remaining = {example.id: example for example in gold}
    for example in system:
        match = remaining.pop(example.id, None)
        require_same_text(example, match, file)
        if match is not None:
            yield ExamplePair(example, match)
    yield from (ExamplePair(None, example) for example in remaining.values())


def _join_by_position(
    gold: Iterable[Example], system: Iterable[Example], file: Path | None
) -> Iterator[ExamplePair]:
    numbers = [0, 0]
    for predicted, expected in zip_longest(system, gold):
        numbers = [numbers[0] + (predicted is not None), numbers[1] + (expected is not None)]
        if predicted is not None and expected is not None:
            require_same_text(predicted, expected, file)
            yield ExamplePair(predicted, expected)
    if numbers[0] != numbers[1]:
        raise InputError(
            "files without ids must have the same texts in the same order",
            found=f"{numbers[0]} texts, but {numbers[1]} in the gold file",
            expected="all texts of the gold file; or ids of the texts in both files",
            file=file,
        )


def _first_difference(one: str, other: str) -> int:
    """Returns the index of the first character in which two different texts differ."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
