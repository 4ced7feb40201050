"""How well each label does: a picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from arabic_mtl.dashboard.counts import label_scores
from arabic_mtl.dashboard.style import BLUE, INK, ORANGE, canvas, grid


def labels_picture(name: str, labels: Sequence[str], counts: NDArray[np.int64]) -> Figure:
    """A bar per label, as long as its F1, between its precision and its recall.

    The most frequent label is on top; how often it is gold stands beside it.

    Args:
        name: The task's.
        labels: The labels.
        counts: Of `confusion` (labels + 1, labels + 1).
    """
    scored = sorted(zip(labels, label_scores(counts), strict=True), key=lambda s: s[1].support)
    places, scores = np.arange(len(scored)), [score for _, score in scored]
    figure, (axes,) = canvas(6.2, 1.6 + 0.3 * len(scored))
    axes.barh(places, [s.f1 for s in scores], color=BLUE, height=0.62, label="F1")
    marks: dict[str, Any] = {
        "linestyle": "",
        "markersize": 7,
        "markeredgecolor": "white",
        "clip_on": False,
    }
    axes.plot([s.precision for s in scores], places, "|", color=ORANGE, label="precision", **marks)
    axes.plot([s.recall for s in scores], places, "|", color=INK, label="recall", **marks)
    axes.set_yticks(places, [f"{label}  ({score.support})" for label, score in scored])
    axes.set_xlim(0, 1)
    axes.set_title(f"{name}: each label (times in gold)")
    grid(axes, "x")
    figure.legend(loc="outside lower right", ncols=3)
    return figure
