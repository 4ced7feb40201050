"""Do probabilities tell how often a system is right: a picture."""

import numpy as np
from matplotlib.figure import Figure

from arabic_mtl.dashboard.calibration import BINS, Confidences, binned, calibration_error
from arabic_mtl.dashboard.style import BLUE, INK, ORANGE, canvas, grid


def reliability_picture(name: str, given: Confidences) -> Figure:
    """The part that is right among what has like probabilities, and below how much that is.

    Where probabilities can be trusted, the bars end on the diagonal.

    Args:
        name: The task's.
        given: At least one.
    """
    bins, width = binned(given), 1 / BINS
    places = (np.arange(BINS) + 0.5) * width
    figure, (axes, below) = canvas(4.8, 4.8, rows=(3, 1))
    axes.bar(places, bins.accuracy, width=0.92 * width, color=BLUE, label="part that is right")
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(
        bins.confidence, bins.accuracy, "o", color=ORANGE, markersize=4, label="mean probability"
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_ylabel("right")
    axes.legend(loc="upper left")
    axes.set_title(f"{name}: ECE {100 * calibration_error(given):.1f} %")
    below.bar(places, bins.sizes, width=0.92 * width, color=BLUE)
    below.set_yscale("symlog", linthresh=1)
    below.set_ylabel("items")
    below.set_xlabel("probability")
    for each in (axes, below):
        grid(each)
    return figure
