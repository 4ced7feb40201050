"""The scores of one layer, as a table and as JSON values."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from rich.table import Table
from rich.text import Text

from arabic_mtl.markdown import percent
from arabic_mtl.scoring import LabelCounts, LayerCounts, Overlap, TextLabelCounts

Kind = Literal["spans", "label", "labels"]

_TITLES: dict[Kind, str] = {
    "spans": "exact spans, as in seqeval's default mode",
    "label": "one label per text",
    "labels": "several labels per text",
}


def layer_table(item: LayerCounts, files: str, scored: Sequence[str] = ()) -> Table:
    """Returns the table of a layer: the scores of all labels, then of each label.

    Args:
        item: The comparison of the layer.
        files: The names of the files, for the title.
        scored: The labels whose macro-F1 is shown, too.
    """
    counts, kind = item.counts, _kind(item.counts)
    renamed = "" if item.system == item.gold else f", {item.system.name} of the system"
    table = Table("label", title=Text(f"{item.gold.name}{renamed}: {_TITLES[kind]}; {files}"))
    for header in ("precision", "recall", "F1", "accuracy", "correct", "predicted", "gold"):
        if header != "accuracy" or kind == "label":
            table.add_column(header, justify="right")
    gap = [""] if kind == "label" else []
    if kind == "label":
        accuracy = percent(counts.total.recall)
        table.add_row("all texts", "", "", "", accuracy, *_numbers(counts.total))
    else:
        table.add_row("micro average", *_scores(counts.total.scores()), *_numbers(counts.total))
    table.add_row("macro average", *_scores(counts.macro_scores()))
    if scored:
        table.add_row(Text(f"… of {', '.join(scored)}"), *_scores(counts.macro_scores(scored)))
    table.add_section()
    for label, overlap in counts.labels.items():
        table.add_row(Text(label), *_scores(overlap.scores()), *gap, *_numbers(overlap))
    return table


def layer_content(
    item: LayerCounts, unlabelled: int, scored: Sequence[str] = ()
) -> dict[str, object]:
    """Returns the scores and counts of a layer, as JSON values.

    Args:
        item: The comparison of the layer.
        unlabelled: The number of texts on which only the system has the layer.
        scored: The labels whose macro-F1 is the score ``scored_f1``.
    """
    counts = item.counts
    return {
        "layer": item.gold.name,
        "system_layer": item.system.name,
        "kind": _kind(counts),
        "texts": counts.texts,
        "missing": item.missing,
        "unlabelled": unlabelled,
        "scores": all_scores(counts, scored),
        "counts": asdict(counts.total),
        "labels": {
            label: {"scores": overlap.scores(), "counts": asdict(overlap)}
            for label, overlap in counts.labels.items()
        },
    }


def all_scores(counts: LabelCounts, scored: Sequence[str]) -> dict[str, float]:
    """Returns the scores of a layer; with ``scored_f1`` if labels are named to be scored."""
    chosen = {"scored_f1": counts.macro_scores(scored)["f1"]} if scored else {}
    return counts.scores() | chosen


def _kind(counts: LabelCounts) -> Kind:
    """Returns the kind of a layer's items: spans, the label of each text, or several labels."""
    if isinstance(counts, TextLabelCounts):
        return "label" if counts.is_single else "labels"
    return "spans"


def _scores(scores: dict[str, float]) -> list[str]:
    """Returns the cells with precision, recall and F1."""
    return [percent(score) for score in scores.values()]


def _numbers(overlap: Overlap) -> list[str]:
    """Returns the cells with the counts."""
    return [str(overlap.correct), str(overlap.predicted), str(overlap.gold)]
