"""Scores of opinions by the rules of SemEval-2016 Task 5, as a table and as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from arabic_mtl.cli.console import console, plain_console
from arabic_mtl.cli.opinion_files import Subtask, TextPair, read_pairs
from arabic_mtl.markdown import percent
from arabic_mtl.scoring import (
    SLOTS,
    Overlap,
    Slot,
    Verdict,
    accuracies,
    judge,
    polarity_overlaps,
    polarity_scores,
    slot_overlap,
)

_NAMES = {"slot1": "slot 1", "slot2": "slot 2", "slot12": "slot 1+2", "slot3": "slot 3"}
_COUNTED = {
    "slot1": "category",
    "slot2": "target",
    "slot12": "category and target",
    "accuracy": "polarity",
    "named_accuracy": "… of named targets",
    "mixed_accuracy": "… in mixed texts",
}


@dataclass(frozen=True)
class OpinionScores:
    """The result of scoring a system's file.

    Args:
        subtask: The subtask of both files.
        overlaps: Slot to its counts.
        verdicts: Counts of predicted polarities per gold polarity; empty without slot 3.
        left_out: Slot that is not scored to the reason.
    """

    subtask: Subtask
    overlaps: dict[Slot, Overlap]
    verdicts: Mapping[Verdict, int]
    left_out: dict[str, str]

    def scores(self) -> dict[str, float]:
        """Returns ``slot/score`` to its value, 0 to 1."""
        slots: dict[str, dict[str, float]] = {
            slot: overlap.scores() for slot, overlap in self.overlaps.items()
        }
        if self.verdicts:
            slots["slot3"] = polarity_scores(self.verdicts)
        return {f"{slot}/{name}": v for slot, own in slots.items() for name, v in own.items()}


def score_opinions(gold: Path, system: Path) -> dict[str, object]:
    """Prints the table of all slots.

    Args:
        gold: The file with the gold opinions.
        system: The file with the system's opinions.

    Returns:
        All scores and counts, as JSON values.

    Raises:
        InputError: If a file breaks a rule of the format, or their texts differ.
    """
    result = count(*read_pairs(gold, system))
    console().print(_table(result, f"{system.name} against {gold.name}"))
    for slot, reason in result.left_out.items():
        plain_console().print(f"{_NAMES[slot]} is not scored: {reason}")
    return _content(result)


def count(subtask: Subtask, texts: Sequence[TextPair]) -> OpinionScores:
    """Counts the predicted and gold opinions of all texts.

    Args:
        subtask: The subtask of both files.
        texts: The predicted and gold opinions of each text.
    """
    slots: list[Slot] = [*SLOTS] if subtask == "SB1" else ["slot1"]
    overlaps = {s: sum((slot_overlap(s, *text) for text in texts), Overlap()) for s in slots}
    verdicts = Counter(verdict for text in texts for verdict in judge(*text))
    left_out: dict[str, str] = {
        slot: "opinions on whole reviews have no targets" for slot in SLOTS if slot not in slots
    }
    lacking = [not opinion.polarity for text in texts for opinion in text.predicted]
    if any(lacking):
        left_out["slot3"] = f"{sum(lacking)} of the system's {len(lacking)} opinions lack polarity"
        verdicts.clear()
    return OpinionScores(subtask, overlaps, verdicts, left_out)


def _table(result: OpinionScores, title: str) -> Table:
    """Returns the table of all slots: their scores and counts."""
    table = Table("slot", "", title=Text(f"{result.subtask}: {title}"))
    for header in ("precision", "recall", "F1", "accuracy", "correct", "predicted", "gold"):
        table.add_column(header, justify="right")
    for slot, overlap in result.overlaps.items():
        scores = map(percent, overlap.scores().values())
        table.add_row(_NAMES[slot], _COUNTED[slot], *scores, "", *_counts(overlap))
    table.add_section()
    for name, overlap in accuracies(result.verdicts).items():
        accuracy = percent(overlap.recall)
        table.add_row(_NAMES["slot3"], _COUNTED[name], "", "", "", accuracy, *_counts(overlap))
    for polarity, overlap in polarity_overlaps(result.verdicts).items():
        scores = map(percent, overlap.scores().values())
        table.add_row(_NAMES["slot3"], polarity, *scores, "", *_counts(overlap))
    if result.verdicts:
        macro = percent(polarity_scores(result.verdicts)["macro_f1"])
        table.add_row(_NAMES["slot3"], "mean of polarities", "", "", macro)
    return table


def _counts(overlap: Overlap) -> list[str]:
    """Returns the cells with the counts of a slot."""
    return [str(overlap.correct), str(overlap.predicted), str(overlap.gold)]


def _content(result: OpinionScores) -> dict[str, object]:
    """Returns all scores and counts as JSON values."""
    slot3 = accuracies(result.verdicts) | polarity_overlaps(result.verdicts)
    counts: dict[str, Overlap] = {
        **{str(slot): overlap for slot, overlap in result.overlaps.items()},
        **{f"slot3/{name}": overlap for name, overlap in slot3.items()},
    }
    return {
        "subtask": result.subtask,
        "scores": result.scores(),
        "counts": {name: asdict(overlap) for name, overlap in counts.items()},
        "left_out": result.left_out,
    }
