"""How well each label does: a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from arabic_mtl.dashboard.counts import label_scores
from arabic_mtl.dashboard.style import INK, ORANGE, PALE_BLUE, PARTS, canvas, grid


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
    figure, (axes,) = canvas(f"{name}: each label (times in gold)", 4.8, 1.2 + 0.24 * len(scored))
    axes.barh(places, [s.f1 for s in scores], color=PALE_BLUE, height=0.62, label="F1")
    for label, colour in (("precision", ORANGE), ("recall", INK)):
        values = [getattr(score, label) for score in scores]
        axes.plot(values, places, "o", color=colour, label=label, clip_on=False)
    axes.set_yticks(places, [f"{label}  ({score.support})" for label, score in scored])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(scored) - 0.4), xticks=PARTS)
    grid(axes, "x")
    figure.legend(loc="outside lower right", ncols=3)
    return figure
