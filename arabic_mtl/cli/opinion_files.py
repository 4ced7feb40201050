"""Reading of a system's SemEval-2016 file together with the gold file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from arabic_mtl.documents import Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.formats.xml.reviews import OpinionText, read_reviews
from arabic_mtl.scoring import POLARITIES, require_same_text

Subtask = Literal["SB1", "SB2"]

_PARENTS: dict[Subtask, str] = {"SB1": "below <sentence>", "SB2": "directly below <Review>"}


class TextPair(NamedTuple):
    """The predicted and the gold opinions of one text."""

    predicted: list[Opinion]
    gold: list[Opinion]


def read_pairs(gold: Path, system: Path) -> tuple[Subtask, list[TextPair]]:
    """Reads both files; the position of <Opinions> in the gold file decides the subtask.

    The system's file may leave out texts, which then have no predicted opinions, and polarities.

    Args:
        gold: The file with the gold opinions.
        system: The file with the predicted opinions.

    Returns:
        The subtask, and the opinions of each text in the order of the gold file. The texts are
        sentences (SB1) or reviews (SB2).

    Raises:
        InputError: If a file breaks a rule of the format, or their texts differ.
    """
    expected, predicted = _read(gold, with_polarity=True), _read(system, with_polarity=False)
    subtask = _subtask(expected, gold)
    for other, texts in predicted.items():
        if other != subtask and any(text.opinions for text in texts.values()):
            raise InputError(
                f"opinions must be {_PARENTS[subtask]} ({subtask}), as in the gold file",
                found=f"opinions {_PARENTS[other]} ({other})",
                expected=f"<Opinions> {_PARENTS[subtask]} only",
                file=system,
            )
    for name, text in predicted[subtask].items():
        match = expected[subtask].get(name)
        require_same_text(text.text, match and match.text, system)
    no_opinions: list[Opinion] = []
    texts = predicted[subtask]
    return subtask, [
        TextPair(texts[name].opinions if name in texts else no_opinions, text.opinions)
        for name, text in expected[subtask].items()
    ]


def _read(path: Path, *, with_polarity: bool) -> dict[Subtask, dict[str, OpinionText]]:
    """Returns, per subtask, text id to the text and its opinions; reviews have no text."""
    sentences: dict[str, OpinionText] = {}
    reviews: dict[str, OpinionText] = {}
    for review in read_reviews(path, with_polarity=with_polarity):
        sentences |= {sentence.text.id: sentence for sentence in review.sentences}
        whole = Example(id=review.id, group=review.id, text="", line=review.line)
        known = reviews[review.id].opinions if review.id in reviews else []
        reviews[review.id] = OpinionText(whole, known + review.opinions)
    for text, opinions in [*sentences.values(), *reviews.values()]:
        for opinion in opinions:
            _require_polarity(opinion, text, path, with_polarity)
    return {"SB1": sentences, "SB2": reviews}


def _subtask(texts: Mapping[Subtask, Mapping[str, OpinionText]], gold: Path) -> Subtask:
    """Returns the subtask of the gold file: the only one that has opinions."""
    found = [subtask for subtask, own in texts.items() if any(t.opinions for t in own.values())]
    if len(found) != 1:
        raise InputError(
            "the gold file must have opinions on its sentences (SB1) or on its reviews (SB2)",
            found=" and ".join(f"opinions {_PARENTS[subtask]}" for subtask in found) or "none",
            expected=" or ".join(f"<Opinions> {parent}" for parent in _PARENTS.values()),
            file=gold,
        )
    return found[0]


def _require_polarity(opinion: Opinion, text: Example, path: Path, required: bool) -> None:
    """Raises `InputError` if a polarity is unknown, or is missing although required."""
    if opinion.polarity not in POLARITIES and (required or opinion.polarity):
        raise InputError(
            "a polarity must be one of the task's polarities",
            found=f"«{opinion.polarity}» on {opinion.category}, target «{opinion.target}»",
            expected=", ".join(POLARITIES),
            file=path,
            line=text.line,
            sentence=text.id,
        )
