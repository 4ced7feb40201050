"""The pictures, mistakes and calibration of each task in an evaluation, for TensorBoard."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch.utils.tensorboard import SummaryWriter

from arabic_mtl.callbacks.dashboard.confusion import confusion_picture
from arabic_mtl.callbacks.dashboard.curves import curves_picture
from arabic_mtl.callbacks.dashboard.labels import labels_picture
from arabic_mtl.callbacks.dashboard.mistakes import mistakes
from arabic_mtl.callbacks.dashboard.reliability import reliability_picture
from arabic_mtl.callbacks.dashboard.style import styled
from arabic_mtl.evaluation import Answer, class_scores
from arabic_mtl.evaluation.calibration import calibration_error, confidences
from arabic_mtl.evaluation.decisions import confusion, decisions
from arabic_mtl.tasks import Task


class Page(NamedTuple):
    """A task's part of the dashboard.

    Args:
        pictures: By what they show.
        mistakes: The worst ones, in TensorBoard's Markdown.
        calibration: The expected calibration error; None where nothing has a probability.
    """

    pictures: dict[str, Figure]
    mistakes: str
    calibration: float | None


@styled
def page(task: Task, name: str, answers: Sequence[Answer]) -> Page | None:
    """Draws a task's pictures; None of a task without gold, or of an unknown kind.

    Args:
        task: Its kind decides on the pictures.
        name: What it is called in the answers, and in the pictures' titles.
        answers: Of one evaluation.
    """
    made = decisions(task, name, answers)
    if not made:
        return None
    labels, given = task.decoder.outputs, confidences(task, name, answers)
    pictures = {"labels": labels_picture(name, labels, class_scores(answers, name, task))}
    threshold = task.decoder.threshold
    if threshold is None:
        pictures["confusion"] = confusion_picture(name, labels, confusion(made, labels))
    else:
        pictures["curves"] = curves_picture(name, labels, threshold, given)
    if not len(given.values):
        return Page(pictures, mistakes(made), None)
    pictures["reliability"] = reliability_picture(name, given)
    return Page(pictures, mistakes(made), calibration_error(given))


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
