"""How well each label does: a picture."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from arabic_mtl.callbacks.dashboard.style import INK, ORANGE, PALE_BLUE, PARTS, canvas, grid
from arabic_mtl.evaluation.classes import Row

_NEVER: Row = {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0}
"""Of a label that is neither gold nor found."""


def labels_picture(name: str, labels: Sequence[str], scores: Mapping[str, Row]) -> Figure:
    """A bar per label, as long as its F1, between its precision and its recall.

    The most frequent label is on top; how often it is gold stands beside it.

    Args:
        name: The task's.
        labels: The labels.
        scores: Of `class_scores`.
    """
    rows = {label: scores.get(label, _NEVER) for label in labels}
    rows = dict(sorted(rows.items(), key=lambda row: row[1]["support"]))
    places = np.arange(len(rows))
    figure, (axes,) = canvas(f"{name}: each label (times in gold)", 4.8, 1.2 + 0.24 * len(rows))
    f1 = [row["f1-score"] for row in rows.values()]
    axes.barh(places, f1, color=PALE_BLUE, height=0.62, label="F1")
    for label, colour in (("precision", ORANGE), ("recall", INK)):
        values = [row[label] for row in rows.values()]
        axes.plot(values, places, "o", color=colour, label=label, clip_on=False)
    axes.set_yticks(places, [f"{label}  ({row['support']})" for label, row in rows.items()])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4), xticks=PARTS)
    grid(axes, "x")
    figure.legend(loc="outside lower right", ncols=3)
    return figure
