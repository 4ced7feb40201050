"""``score``: a system's XML beside the gold one, by the rules of SemEval-2016 Task 5."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from arabic_mtl.cli.arguments import PlainParser, require_file, require_output
from arabic_mtl.cli.console import console, plain_console
from arabic_mtl.cli.opinion_files import Subtask, TextPair, read_pairs
from arabic_mtl.files import atomic_write
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

_HELP = """\
Scores a system's XML against a gold XML by the rules of SemEval-2016 Task 5.

  slot 1     F1 of the categories that each text speaks of
  slot 2     F1 of the targets, exact to the character; NULL is none
  slot 1+2   F1 of categories with their targets; NULL is a target
  slot 3     accuracy of the polarity of each gold opinion, which the system answers by an opinion
             on the same category and target

Opinions stand on sentences (SB1) or on whole reviews (SB2: slots 1 and 3 alone). The system's file
may leave out sentences, on which it then says nothing, and polarities, which leaves out slot 3.
What each figure means: docs/scoring.md.
"""
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
class Result:
    """What a comparison of two files comes to.

    Args:
        subtask: What they are of.
        overlaps: Slot to its counts.
        verdicts: How often the system said what of which polarity; empty without slot 3.
        left_out: The slots that are not scored, each with the reason.
    """

    subtask: Subtask
    overlaps: dict[Slot, Overlap]
    verdicts: Mapping[Verdict, int]
    left_out: dict[str, str]

    def scores(self) -> dict[str, float]:
        """``slot/score`` to its value, 0..1."""
        slots: dict[str, dict[str, float]] = {s: of.scores() for s, of in self.overlaps.items()}
        if self.verdicts:
            slots["slot3"] = polarity_scores(self.verdicts)
        return {f"{slot}/{name}": v for slot, of in slots.items() for name, v in of.items()}


def score(arguments: Sequence[str]) -> None:
    """Runs the command.

    Args:
        arguments: The words after ``score``.

    Raises:
        InputError: If options or files are not as they should be.
    """
    options = _parser().parse_args(arguments)
    require_file("GOLD", options.gold)
    require_file("SYSTEM", options.system)
    if options.json:
        require_output("--json", options.json)
    result = count(*read_pairs(options.gold, options.system))
    console().print(_table(result, f"{options.system.name} beside {options.gold.name}"))
    for slot, reason in result.left_out.items():
        plain_console().print(f"{_NAMES[slot]} is left out: {reason}")
    if options.json:
        _write(options.json, result)


def count(subtask: Subtask, texts: Sequence[TextPair]) -> Result:
    """Counts what a system says of all texts."""
    slots: list[Slot] = [*SLOTS] if subtask == "SB1" else ["slot1"]
    overlaps = {s: sum((slot_overlap(s, *text) for text in texts), Overlap()) for s in slots}
    verdicts = Counter(verdict for text in texts for verdict in judge(*text))
    left_out: dict[str, str] = {
        slot: "opinions on whole reviews have no targets" for slot in SLOTS if slot not in slots
    }
    without = [not opinion.polarity for text in texts for opinion in text.found]
    if any(without):
        left_out["slot3"] = f"{sum(without)} of the system's {len(without)} opinions lack polarity"
        verdicts.clear()
    return Result(subtask, overlaps, verdicts, left_out)


def _parser() -> PlainParser:
    parser = PlainParser("score", _HELP)
    parser.add_argument("gold", metavar="GOLD.xml", type=Path, help="what is right")
    parser.add_argument("system", metavar="SYSTEM.xml", type=Path, help="what a system says")
    parser.add_argument("--json", metavar="FILE", type=Path, help="where to write all figures, too")
    return parser


def _table(result: Result, title: str) -> Table:
    table = Table("slot", "", title=Text(f"{result.subtask}: {title}"))
    for header in ("precision", "recall", "F1", "accuracy", "correct", "found", "gold"):
        table.add_column(header, justify="right")
    for slot, of in result.overlaps.items():
        scores = map(percent, of.scores().values())
        table.add_row(_NAMES[slot], _COUNTED[slot], *scores, "", *_counts(of))
    table.add_section()
    for name, of in accuracies(result.verdicts).items():
        accuracy = percent(of.recall)
        table.add_row(_NAMES["slot3"], _COUNTED[name], "", "", "", accuracy, *_counts(of))
    for polarity, of in polarity_overlaps(result.verdicts).items():
        scores = map(percent, of.scores().values())
        table.add_row(_NAMES["slot3"], polarity, *scores, "", *_counts(of))
    if result.verdicts:
        macro = percent(polarity_scores(result.verdicts)["macro_f1"])
        table.add_row(_NAMES["slot3"], "mean of them", "", "", macro)
    return table


def _counts(of: Overlap) -> list[str]:
    return [str(of.correct), str(of.found), str(of.gold)]


def _write(path: Path, result: Result) -> None:
    counts: dict[str, Overlap] = {
        **{str(slot): of for slot, of in result.overlaps.items()},
        **{f"slot3/{name}": of for name, of in accuracies(result.verdicts).items()},
        **{f"slot3/{label}": of for label, of in polarity_overlaps(result.verdicts).items()},
    }
    content = {
        "subtask": result.subtask,
        "scores": result.scores(),
        "counts": {name: asdict(of) for name, of in counts.items()},
        "left_out": result.left_out,
    }
    with atomic_write(path) as unfinished:
        unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
