"""A system's SemEval-2016 file beside the gold one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from arabic_mtl.documents import Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.formats.reviews import OpinionText, read_reviews
from arabic_mtl.scoring import POLARITIES

Subtask = Literal["SB1", "SB2"]

_PLACES: dict[Subtask, str] = {"SB1": "below <sentence>", "SB2": "directly below <Review>"}
_SHOWN = 20  # characters on either side of a difference


class TextPair(NamedTuple):
    """The opinions on one text: what a system says, and what is right."""

    found: list[Opinion]
    gold: list[Opinion]


def read_pairs(gold: Path, system: Path) -> tuple[Subtask, list[TextPair]]:
    """Reads both files; which subtask they are of is told by where <Opinions> stands.

    A system may leave out texts, on which it then says nothing, and polarities.

    Args:
        gold: The file with what is right.
        system: The file with what a system says.

    Returns:
        The subtask, and the gold file's texts in order: sentences (SB1) or reviews (SB2).

    Raises:
        InputError: If a file breaks a rule of the format, or they are not about the same texts.
    """
    right, found = _read(gold, with_polarity=True), _read(system, with_polarity=False)
    subtask = _subtask(right, gold)
    for other, texts in found.items():
        if other != subtask and any(of.opinions for of in texts.values()):
            raise InputError(
                f"opinions stand where they do in the gold file, {_PLACES[subtask]} ({subtask})",
                found=f"opinions {_PLACES[other]} ({other})",
                expected=f"<Opinions> {_PLACES[subtask]} alone",
                file=system,
            )
    for name, text in found[subtask].items():
        _require_same(text.text, right[subtask].get(name), system)
    nothing: list[Opinion] = []
    return subtask, [
        TextPair(found[subtask][name].opinions if name in found[subtask] else nothing, of.opinions)
        for name, of in right[subtask].items()
    ]


def _read(path: Path, *, with_polarity: bool) -> dict[Subtask, dict[str, OpinionText]]:
    """The texts of either subtask by id; a review's own text is not looked at."""
    sentences: dict[str, OpinionText] = {}
    reviews: dict[str, OpinionText] = {}
    for review in read_reviews(path, with_polarity=with_polarity):
        sentences |= {of.text.id: of for of in review.sentences}
        whole = Example(id=review.id, group=review.id, text="", line=review.line)
        known = reviews[review.id].opinions if review.id in reviews else []
        reviews[review.id] = OpinionText(whole, known + review.opinions)
    for text, opinions in [*sentences.values(), *reviews.values()]:
        for opinion in opinions:
            _require_polarity(opinion, text, path, with_polarity)
    return {"SB1": sentences, "SB2": reviews}


def _subtask(texts: Mapping[Subtask, Mapping[str, OpinionText]], gold: Path) -> Subtask:
    found = [subtask for subtask, of in texts.items() if any(t.opinions for t in of.values())]
    if len(found) != 1:
        raise InputError(
            "the gold file has opinions, on its sentences (SB1) or on its reviews (SB2)",
            found=" and ".join(f"opinions {_PLACES[subtask]}" for subtask in found) or "none",
            expected=" or ".join(f"<Opinions> {place}" for place in _PLACES.values()),
            file=gold,
        )
    return found[0]


def _require_polarity(opinion: Opinion, text: Example, path: Path, required: bool) -> None:
    if opinion.polarity not in POLARITIES and (required or opinion.polarity):
        raise InputError(
            "a polarity is one that the task knows",
            found=f"«{opinion.polarity}» on {opinion.category}, target «{opinion.target}»",
            expected=", ".join(POLARITIES),
            file=path,
            line=text.line,
            sentence=text.id,
        )


def _require_same(text: Example, gold: OpinionText | None, system: Path) -> None:
    if gold is None:
        raise InputError(
            "a system's texts are texts of the gold file",
            found=f"an id that the gold file lacks: {text.id}",
            expected="the ids of the gold file, all or some",
            file=system,
            line=text.line,
            sentence=text.id,
        )
    if text.text != gold.text.text:
        place = _difference(text.text, gold.text.text)
        around = slice(max(place - _SHOWN, 0), place + _SHOWN)
        raise InputError(
            "a sentence has the same text in both files, for offsets count its characters",
            found=f"«{text.text[around]}», which differs from character {place} on",
            expected=f"«{gold.text.text[around]}»",
            file=system,
            line=text.line,
            sentence=text.id,
        )


def _difference(one: str, other: str) -> int:
    """The first character in which two different texts differ."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
