"""An evaluation, written to TensorBoard."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch.utils.tensorboard import SummaryWriter

from arabic_mtl.callbacks.dashboard.page import page
from arabic_mtl.callbacks.dashboard.style import styled
from arabic_mtl.evaluation import Answer
from arabic_mtl.tasks import Task


def show(
    writer: SummaryWriter,
    tasks: Mapping[str, Task],
    answers: Sequence[Answer],
    step: int,
) -> None:
    """Writes each task's pictures, its calibration error and its worst mistakes.

    Args:
        writer: Of the run.
        tasks: By name.
        answers: To the validation texts. Mistakes on test texts are nobody's to look at: who
            learns from them has no test any more.
        step: Where training is.
    """
    for name, task in tasks.items():
        if seen := page(task, name, answers):
            tag = f"val/{name}"
            for kind, figure in seen.pictures.items():
                writer.add_image(f"{tag}/{kind}", drawn(figure), step, dataformats="HWC")
            writer.add_text(f"{tag}/mistakes", seen.mistakes, step)
            if seen.calibration is not None:
                writer.add_scalar(f"{tag}/ece", seen.calibration, step)


@styled
def drawn(figure: Figure) -> NDArray[np.uint8]:
    """A figure's pixels (height, width, 3), without pyplot, which would keep the figure."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]
