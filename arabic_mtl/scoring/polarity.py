"""Slot 3 of SemEval-2016 Task 5 (Pontiki et al., 2016): the polarity of given opinions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from arabic_mtl.documents import Opinion
from arabic_mtl.scoring.overlap import Overlap

POLARITIES = ("positive", "negative", "neutral", "conflict")
"""What the task's schema allows; it has ``conflict`` for whole reviews (SB2) alone."""


class Verdict(NamedTuple):
    """What a system says of one gold opinion.

    Args:
        gold: The right polarity.
        found: The system's; None where it does not answer.
        is_null: Whether the opinion names no target.
        is_mixed: Whether the opinions of its text differ in polarity.
    """

    gold: str
    found: str | None
    is_null: bool
    is_mixed: bool


def judge(found: Iterable[Opinion], gold: Sequence[Opinion]) -> list[Verdict]:
    """Looks up what a system says of each gold opinion of one text.

    An opinion is answered by one on the same category and target. Where several gold ones are
    on the same, the n-th is answered by the system's n-th, or by its last if it has fewer; what
    it says beyond is not looked at, so that nothing is gained by saying everything.

    Args:
        found: What the system says.
        gold: What is right, in the order of the file.
    """
    answers: defaultdict[tuple[str, int, int], list[str]] = defaultdict(list)
    for opinion in found:
        answers[_aspect(opinion)].append(opinion.polarity)
    is_mixed = len({opinion.polarity for opinion in gold}) > 1
    verdicts = []
    for opinion in gold:
        given = answers[_aspect(opinion)]
        polarity = (given.pop(0) if len(given) > 1 else given[0]) if given else None
        verdicts.append(Verdict(opinion.polarity, polarity, opinion.is_null, is_mixed))
    return verdicts


def accuracies(verdicts: Mapping[Verdict, int]) -> dict[str, Overlap]:
    """The parts of all opinions whose recall is an accuracy; none without an opinion.

    ``accuracy`` is over all, ``named_accuracy`` over those with a target, ``mixed_accuracy``
    over those of texts whose opinions differ in polarity.

    Args:
        verdicts: How often each was given.
    """
    parts = {
        "accuracy": verdicts,
        "named_accuracy": {v: n for v, n in verdicts.items() if not v.is_null},
        "mixed_accuracy": {v: n for v, n in verdicts.items() if v.is_mixed},
    }
    return {name: _total(part) for name, part in parts.items() if part}


def polarity_overlaps(verdicts: Mapping[Verdict, int]) -> dict[str, Overlap]:
    """Each polarity that occurs in gold opinions or in answers to them.

    Args:
        verdicts: How often each was given.
    """
    pairs: Counter[tuple[str, str | None]] = Counter()
    for verdict, times in verdicts.items():
        pairs[verdict.gold, verdict.found] += times
    return {
        polarity: Overlap(
            correct=pairs[polarity, polarity],
            found=sum(times for (_, found), times in pairs.items() if found == polarity),
            gold=sum(times for (gold, _), times in pairs.items() if gold == polarity),
        )
        for polarity in sorted({label for pair in pairs for label in pair if label is not None})
    }


def polarity_scores(verdicts: Mapping[Verdict, int]) -> dict[str, float]:
    """The `accuracies`, ``macro_f1`` over the polarities that occur, and ``POLARITY_f1`` of each.

    Args:
        verdicts: How often each was given, at least one.
    """
    f1 = {polarity: of.f1 for polarity, of in polarity_overlaps(verdicts).items()}
    return {
        **{name: of.recall for name, of in accuracies(verdicts).items()},
        "macro_f1": fmean(f1.values()),
        **{f"{polarity}_f1": value for polarity, value in f1.items()},
    }


def _aspect(opinion: Opinion) -> tuple[str, int, int]:
    return opinion.category, opinion.start, opinion.end


def _total(verdicts: Mapping[Verdict, int]) -> Overlap:
    return Overlap(
        correct=sum(times for verdict, times in verdicts.items() if verdict.gold == verdict.found),
        found=sum(times for verdict, times in verdicts.items() if verdict.found is not None),
        gold=sum(verdicts.values()),
    )
