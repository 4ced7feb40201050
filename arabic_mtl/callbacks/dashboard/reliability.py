"""The reliability diagram of a task's probabilities (Guo et al., 2017)."""

import numpy as np
from matplotlib.figure import Figure

from arabic_mtl.callbacks.dashboard.style import BLUE, INK, ORANGE, UNIT_TICKS, canvas, grid
from arabic_mtl.evaluation.calibration import BINS, Confidences, bin_confidences, calibration_error
from arabic_mtl.markdown import percent


def reliability_picture(name: str, items: Confidences) -> Figure:
    """Draws the accuracy of items by their probability, and below it the number of items.

    The bars of calibrated probabilities end on the diagonal; orange lines show the gap.

    Args:
        name: The task's name.
        items: The probabilities, at least one.
    """
    bins, width = bin_confidences(items), 1 / BINS
    centres = (np.arange(BINS) + 0.5) * width
    title = f"{name}: expected calibration error {percent(calibration_error(items))} %"
    figure, (axes, lower_axes) = canvas(title, 4.8, 4.8, rows=(3, 1))
    axes.bar(centres, bins.accuracy, width=0.92 * width, color=BLUE)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (4, 3)))
    means = bins.confidence
    axes.vlines(means, bins.accuracy, means, color=ORANGE, linewidth=2)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy")
    axes.set(xticks=UNIT_TICKS, yticks=UNIT_TICKS)
    lower_axes.bar(centres, bins.sizes, width=0.92 * width, color=BLUE)
    lower_axes.set_yscale("symlog", linthresh=1)
    lower_axes.yaxis.set_major_formatter("{x:.0f}")  # the default formatter writes mathtext
    lower_axes.set(xlabel="probability", ylabel="items")
    for part in (axes, lower_axes):
        grid(part)
    return figure
