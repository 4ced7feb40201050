"""Do probabilities tell how often a system is right: a picture."""

import numpy as np
from matplotlib.figure import Figure

from arabic_mtl.callbacks.dashboard.style import BLUE, INK, ORANGE, PARTS, canvas, grid
from arabic_mtl.evaluation.calibration import BINS, Confidences, binned, calibration_error
from arabic_mtl.markdown import percent


def reliability_picture(name: str, given: Confidences) -> Figure:
    """The part that is right among what has like probabilities, and below how much that is.

    Where probabilities can be trusted, bars end on the diagonal; what they are off by is orange.

    Args:
        name: The task's.
        given: At least one.
    """
    bins, width = binned(given), 1 / BINS
    places = (np.arange(BINS) + 0.5) * width
    title = f"{name}: expected calibration error {percent(calibration_error(given))} %"
    figure, (axes, below) = canvas(title, 4.8, 4.8, rows=(3, 1))
    axes.bar(places, bins.accuracy, width=0.92 * width, color=BLUE)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (4, 3)))
    middles = bins.confidence
    axes.vlines(middles, bins.accuracy, middles, color=ORANGE, linewidth=2)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="part that is right")
    axes.set(xticks=PARTS, yticks=PARTS)
    below.bar(places, bins.sizes, width=0.92 * width, color=BLUE)
    below.set_yscale("symlog", linthresh=1)
    below.yaxis.set_major_formatter("{x:.0f}")  # by default it is one of mathtext
    below.set(xlabel="probability", ylabel="items")
    for each in (axes, below):
        grid(each)
    return figure
