"""The figure of the scores of each label."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from arabic_mtl.callbacks.dashboard.style import INK, ORANGE, PALE_BLUE, UNIT_TICKS, canvas, grid
from arabic_mtl.evaluation.classes import ClassScores

_NEVER: ClassScores = {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0}
"""The scores of a label that is neither gold nor predicted."""


def labels_picture(name: str, labels: Sequence[str], scores: Mapping[str, ClassScores]) -> Figure:
    """Draws a bar of F1 for each label, with dots at its precision and its recall.

    Labels are sorted by support (the number of gold items), the most frequent on top.

    Args:
        name: The task's name.
        labels: The labels.
        scores: Label to its scores, from `class_scores`.
    """
    rows = {label: scores.get(label, _NEVER) for label in labels}
    rows = dict(sorted(rows.items(), key=lambda row: row[1]["support"]))
    heights = np.arange(len(rows))
    figure, (axes,) = canvas(f"{name}: each label (gold items)", 4.8, 1.2 + 0.24 * len(rows))
    f1 = [row["f1-score"] for row in rows.values()]
    axes.barh(heights, f1, color=PALE_BLUE, height=0.62, label="F1")
    for label, colour in (("precision", ORANGE), ("recall", INK)):
        values = [row[label] for row in rows.values()]
        axes.plot(values, heights, "o", color=colour, label=label, clip_on=False)
    axes.set_yticks(heights, [f"{label}  ({row['support']})" for label, row in rows.items()])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4), xticks=UNIT_TICKS)
    grid(axes, "x")
    figure.legend(loc="outside lower right", ncols=3)
    return figure
