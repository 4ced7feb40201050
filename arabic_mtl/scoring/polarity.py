"""Slot 3 of SemEval-2016 Task 5 (Pontiki et al., 2016): the polarity of given opinions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from arabic_mtl.documents import Opinion
from arabic_mtl.scoring.overlap import Overlap

POLARITIES = ("positive", "negative", "neutral", "conflict")
"""The polarities of the task's schema; only opinions on whole reviews (SB2) have ``conflict``."""


class Verdict(NamedTuple):
    """The gold and the predicted polarity of one gold opinion.

    Args:
        gold: The gold polarity.
        predicted: The predicted polarity; None if no predicted opinion matches.
        is_null: True if the opinion has no target in the text.
        is_mixed: True if the gold opinions of the text differ in polarity.
    """

    gold: str
    predicted: str | None
    is_null: bool
    is_mixed: bool


def judge(predicted: Iterable[Opinion], gold: Sequence[Opinion]) -> list[Verdict]:
    """Matches the gold opinions of one text with predicted ones, and compares the polarities.

    A predicted opinion matches a gold one if category and target are the same. If several gold
    opinions have the same category and target, the n-th is matched with the n-th predicted
    opinion, or with the last one if fewer are predicted. Surplus predictions are ignored, so that
    predicting every polarity does not raise the score.

    Args:
        predicted: The predicted opinions.
        gold: The gold opinions, in the order of the file.

    Returns:
        One verdict per gold opinion, in the same order.
    """
    polarities: defaultdict[tuple[str, int, int], list[str]] = defaultdict(list)
    for opinion in predicted:
        polarities[_aspect(opinion)].append(opinion.polarity)
    is_mixed = len({opinion.polarity for opinion in gold}) > 1
    verdicts = []
    for opinion in gold:
        matching = polarities[_aspect(opinion)]
        polarity = (matching.pop(0) if len(matching) > 1 else matching[0]) if matching else None
        verdicts.append(Verdict(opinion.polarity, polarity, opinion.is_null, is_mixed))
    return verdicts


def accuracies(verdicts: Mapping[Verdict, int]) -> dict[str, Overlap]:
    """Counts the correct polarities in subsets of the opinions; their recall is the accuracy.

    ``accuracy`` covers all opinions, ``named_accuracy`` opinions with a target in the text, and
    ``mixed_accuracy`` opinions of texts whose gold opinions differ in polarity.

    Args:
        verdicts: Verdict to its number of occurrences.

    Returns:
        Name to counts; without the subsets that have no opinion.
    """
    subsets = {
        "accuracy": verdicts,
        "named_accuracy": {v: n for v, n in verdicts.items() if not v.is_null},
        "mixed_accuracy": {v: n for v, n in verdicts.items() if v.is_mixed},
    }
    return {name: _total(subset) for name, subset in subsets.items() if subset}


def polarity_overlaps(verdicts: Mapping[Verdict, int]) -> dict[str, Overlap]:
    """Counts correct, predicted and gold opinions per polarity.

    Args:
        verdicts: Verdict to its number of occurrences.

    Returns:
        Polarity to counts, for each polarity that is gold or predicted at least once.
    """
    pairs: Counter[tuple[str, str | None]] = Counter()
    for verdict, count in verdicts.items():
        pairs[verdict.gold, verdict.predicted] += count
    return {
        polarity: Overlap(
            correct=pairs[polarity, polarity],
            predicted=sum(n for (_, predicted), n in pairs.items() if predicted == polarity),
            gold=sum(n for (gold, _), n in pairs.items() if gold == polarity),
        )
        for polarity in sorted({label for pair in pairs for label in pair if label is not None})
    }


def polarity_scores(verdicts: Mapping[Verdict, int]) -> dict[str, float]:
    """Returns the scores of slot 3.

    Args:
        verdicts: Verdict to its number of occurrences; at least one.

    Returns:
        The `accuracies`, ``macro_f1`` over the polarities that are gold or predicted, and
        ``POLARITY_f1`` for each of them.
    """
    f1 = {polarity: counts.f1 for polarity, counts in polarity_overlaps(verdicts).items()}
    return {
        **{name: counts.recall for name, counts in accuracies(verdicts).items()},
        "macro_f1": fmean(f1.values()),
        **{f"{polarity}_f1": value for polarity, value in f1.items()},
    }


def _aspect(opinion: Opinion) -> tuple[str, int, int]:
    return opinion.category, opinion.start, opinion.end


def _total(verdicts: Mapping[Verdict, int]) -> Overlap:
    return Overlap(
        correct=sum(n for verdict, n in verdicts.items() if verdict.gold == verdict.predicted),
        predicted=sum(n for verdict, n in verdicts.items() if verdict.predicted is not None),
        gold=sum(verdicts.values()),
    )
